"""The control map is honest: what it names exists, and a status says what it says everywhere."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from compliance_kit import commands
from pydantic import ValidationError

from metier.compliance import Control, Evidence, Framework, controls
from metier.compliance._controls import _FrameworkModel

ROOT = Path(__file__).parents[2]
EVERY = [(framework, control) for framework in controls() for control in framework.controls]
NAMED = sorted({evidence for _, control in EVERY for evidence in control.evidence}, key=str)
ASKED = {
    "hipaa": ("164.308(", "164.312(", "164.514("),
    "gdpr": (
        "5(1)(a)", "5(1)(b)", "5(1)(c)", "5(1)(d)", "5(1)(e)", "5(1)(f)", "5(2)", "6", "9",
        *(str(n) for n in range(12, 23)), "25(1)", "25(2)", "30", "32(1)(a)", "32(1)(b)",
        "32(1)(c)", "32(1)(d)", "35(7)(a)", "35(7)(b)", "35(7)(c)", "35(7)(d)",
    ),
    "pipl": ("Art. 6", "Art. 13", "Art. 28", "Art. 44", "Art. 47", "Art. 51", "Art. 55"),
    "nist-ai-rmf": ("GOVERN ", "MAP ", "MEASURE ", "MANAGE "),
    "owasp-asvs": tuple(f"V{n}" for n in (1, 2, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16)),
    "owasp-llm": tuple(f"LLM{n:02}:2025" for n in range(1, 11)),
}  # fmt: skip


@cache
def functions_of(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_text("utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    found = (node for node in ast.walk(tree) if isinstance(node, kinds))
    return frozenset(node.name for node in found)


@pytest.mark.parametrize("evidence", NAMED, ids=lambda e: e.name)
def test_each_test_and_command_that_is_named_exists(evidence: Evidence) -> None:
    if evidence.kind == "command":
        assert evidence.name in commands()
        return
    file, name = evidence.name.split("::")
    assert (ROOT / file).is_file()
    assert name in functions_of(ROOT / file)


@pytest.mark.parametrize("framework", controls(), ids=lambda f: f.id)
def test_the_whole_of_what_was_asked_for_is_there(framework: Framework) -> None:
    ids = [control.id for control in framework.controls]
    assert len(set(ids)) == len(ids)
    for wanted in ASKED[framework.id]:
        whole = not wanted.endswith((" ", "("))
        assert any(i == wanted if whole else i.startswith(wanted) for i in ids), wanted


@pytest.mark.parametrize(("_", "control"), EVERY, ids=lambda x: getattr(x, "id", ""))
def test_what_is_covered_is_shown_and_what_is_missing_is_said(_: object, control: Control) -> None:
    if control.status == "covered":
        assert control.evidence
        assert any(e.kind == "test" for e in control.evidence)
        assert not control.missing
    else:
        assert control.missing
    if control.status == "partly":
        assert control.evidence
        assert control.does


@pytest.mark.parametrize(
    "control",
    [
        {"status": "covered", "does": "All of it."},
        {"status": "covered", "does": "All.", "evidence": ["metier config"], "missing": "A bit."},
        {"status": "partly", "does": "Half.", "evidence": ["metier config"]},
        {"status": "partly", "missing": "Half.", "evidence": ["metier config"]},
        {"status": "not covered"},
        {"status": "mostly", "does": "A lot.", "evidence": ["metier config"]},
        {"status": "covered", "does": "All of it.", "evidence": ["somebody says so"]},
    ],
)
def test_a_status_that_is_not_borne_out_is_refused(control: dict[str, object]) -> None:
    whole = {
        "name": "A law", "edition": "1", "publisher": "Somebody", "source": "https://example.org",
        "scope": "All.", "controls": [{"id": "1", "title": "One", **control}],
    }  # fmt: skip
    with pytest.raises(ValidationError):
        _FrameworkModel.model_validate(whole)
