"""The shipped domains: what they contribute is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier.pipeline import CoreDefaults
from metier.plugins import discover

COLLECTED = (
    "strategies", "views", "importers", "evaluation_suites", "recognizers", "policies",
    "knowledge_packs", "commands", "routes",
)  # fmt: skip


@pytest.mark.parametrize("domain", ["education", "healthcare", "support", "writing"])
def test_every_contribution_of_a_shipped_domain_can_be_read(domain: str) -> None:
    registry = discover(defaults=(CoreDefaults(),))
    host = registry.host(domain)
    found = {hook: host.collect(hook) for hook in COLLECTED}
    assert registry.breakers() == []
    packs = [pack for c in found["knowledge_packs"] for pack in c.value]
    assert packs and all(len(list(Path(p.path).glob("*.md"))) >= 12 for p in packs)
    assert found["evaluation_suites"]
