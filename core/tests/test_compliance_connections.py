"""What else metier connects to stands in the report, and no target is shown better than it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from compliance_kit import findings, target

from metier import config
from metier.app import Metier, make_keys
from metier.compliance import Connection, connections, gather, to_dpia, to_html

POLICY = """
name: house
version: "3"
description: Rules of the house.
allow_targets: [local, cloud]
targets:
  local:
    operator: ourselves
    region: on premises
    base_url: http://10.0.0.7:8000/v1
    base_urls: ["https://index.example:6333"]
    private: true
  cloud: {operator: Example Ltd, region: EU, base_url: "https://api.example.com/v1"}
entities: {DATE_TIME: {"*": redact}}
domains:
  writing: {entities: {DATE_TIME: {"*": keep}}, parts: {audio: local}}
  support: {parts: {image: refuse}}
"""
ENGINE = """
[engine]
kind = "openai"
target = "local"
model = "m"
base_url = "http://10.0.0.7:8000/v1"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "house.yaml").write_text(POLICY)
    (folder / "metier.toml").write_text(
        f'embeddings = "none"\npolicies = ["house.yaml"]\n[privacy]\nnames = "rules"\n{ENGINE}'
    )
    make_keys(folder)
    return folder


def test_every_other_server_that_is_configured_is_told_with_what_it_gets() -> None:
    settings = config.Settings.model_validate(
        {
            "index": {"url": "https://index.example:6333/path?key=s3cret"},
            "store": {"url_env": "STORE"},
            "keys": {"url_env": "KEYS"},
            "root": {"kind": "vault", "address": "https://vault.example:8200", "key": "metier"},
            "telemetry": {"otlp_endpoint": "https://collector.example:4318"},
            "access": {"issuers": [
                {"issuer": "https://id.example", "audience": "metier",
                 "jwks_url": "https://id.example/s3cret"},
            ]},
            "audit": {"sinks": [
                {"kind": "file", "path": "log.jsonl"},
                {"kind": "syslog", "address": "tls://log.example:6514"},
                {"kind": "webhook", "url": "https://siem.example/s3cret", "secret_env": "S",
                 "events": True},
            ]},
        }
    )  # fmt: skip
    found = {c.address: c for c in connections(settings, "postgresql://metier:s3cret@db.example/m")}
    assert set(found) == {
        "https://index.example:6333", "postgresql://db.example", "the variable KEYS",
        "https://vault.example:8200", "https://id.example", "tls://log.example:6514",
        "https://siem.example", "https://collector.example:4318",
    }  # fmt: skip
    assert "not pseudonymised" in found["https://index.example:6333"].gets
    assert "no event" in found["tls://log.example:6514"].gets
    assert "ids of actors and people" in found["https://siem.example"].gets
    assert "s3cret" not in str(found)


def test_an_installation_that_is_all_in_one_place_connects_to_nothing_else() -> None:
    assert connections(config.Settings(), "sqlite+aiosqlite:////home/store.db") == ()


def test_an_index_elsewhere_is_in_the_picture_of_what_leaves() -> None:
    index = Connection("index", "Qdrant", "https://index.example", "terms, not pseudonymised")
    alone = findings(targets=(target("local", local=True),))
    shared = replace(alone, connections=(index,))
    for told in (to_html, to_dpia):
        assert "https://index.example" in told(shared)
        assert "https://index.example" not in told(alone)
    assert "Text of turns stays in here" in to_html(alone)
    assert "Text of turns stays in here" not in to_html(shared)
    assert "no words leave this installation" in to_dpia(alone)
    assert "no words leave this installation" not in to_dpia(shared)


async def test_a_server_of_the_target_local_is_not_said_to_be_in_the_process(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        found = await gather(app)
    local = next(t for t in found.targets if t.local)
    assert local.address == "http://10.0.0.7:8000"
    assert "in this process" not in to_html(found)


async def test_a_target_sees_what_the_loosest_domain_shows_it(home: Path) -> None:
    async with Metier.open(home, config.load(home)) as app:
        found = await gather(app)
    local = next(t for t in found.targets if t.local)
    kept = {(e.name, e.domain) for e in found.entities if e.actions[0].action == "keep"}
    assert kept == {("DATE_TIME", "writing")}
    assert local.sees["keep"] == 1
    assert sum(local.sees.values()) == len({e.name for e in found.entities})
    assert local.parts["audio"] == "refuse (in writing: pass)"
    assert local.parts["image"] == "redact (in healthcare: pass; in support: refuse)"
