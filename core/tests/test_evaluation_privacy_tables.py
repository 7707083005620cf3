"""The tables of the documentation come from a run and keep the rest of a page."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def mark(value: float, target: float | None = None) -> dict[str, float | None]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "target": target}


def count(value: float) -> dict[str, float | None]:
    return {"value": value, "low": None, "high": None, "target": None}


REPORT: dict[str, Any] = {
    "suite": "privacy",
    "dataset": "presidio-research, sample",
    "n": 1234,
    "seconds": 1.0,
    "metrics": {
        "overall.f2": mark(0.9, 0.88),
        "PERSON.recall": mark(0.7),
        "PERSON.spans": count(1051.0),
        "PERSON.leaks": count(3.0),
        "secrets.negatives_flagged": mark(0.2, 0.03),
        "sample.overall.f2": mark(0.8),
        "presidio_blank.overall.f2": mark(0.4),
        "presidio_blank.texts_per_second": mark(900),
        "speed.names.texts_per_second": mark(1800),
        "speed.identifiers.texts_per_second": mark(9000),
        "speed.names.ratio": mark(2.0, 0.5),
    },
}


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "benchmarks" / "privacy.py"))


def test_figures_stand_beside_presidios_and_name_no_machine(tables: dict[str, Any]) -> None:
    text = tables["pages"](REPORT)["privacy-comparison.md"]
    assert "| presidio-research generated_large, F2 | 0.900 (0.800 to 1.000) | 0.400" in text
    assert "1,800" in text
    assert "spaCy model" not in text  # none was measured
    assert "1,234 texts of presidio-research, sample" in text
    assert "presidio-analyzer 2" in text


def test_a_mark_is_reached_from_its_own_side(tables: dict[str, Any]) -> None:
    text = tables["targets"](REPORT["metrics"])
    assert "| `overall.f2` | 0.900 (0.800 to 1.000) | at least 0.88 | yes |" in text
    assert "| `secrets.negatives_flagged` | 0.200 (0.100 to 0.300) | at most 0.03 | no |" in text


def test_leaks_are_listed_by_set_and_type(tables: dict[str, Any]) -> None:
    text = tables["limits"](REPORT["metrics"])
    assert "| presidio-research generated_large | PERSON | 1,051 | 3 | 0.700 " in text


def test_only_what_lies_between_the_marks_of_a_page_is_replaced(
    tables: dict[str, Any], tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{tables['START']}old\n{tables['END']}\nafter\n", "utf-8")
    tables["write"]("page.md", "new\n", tmp_path)
    assert page.read_text("utf-8") == f"before\n{tables['START']}new\n{tables['END']}\nafter\n"
    page.write_text("no marks", "utf-8")
    with pytest.raises(SystemExit, match="lacks its marks"):
        tables["write"]("page.md", "new\n", tmp_path)
    assert page.read_text("utf-8") == "no marks"


def test_the_command_prints_both_tables_of_an_earlier_run(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(json.dumps(REPORT), "utf-8")
    command = [sys.executable, "-m", "benchmarks.privacy", "--report", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "privacy-comparison.md" in done.stdout
    assert "at least 0.88" in done.stdout


@pytest.mark.parametrize("page", ["privacy-comparison.md", "privacy-limits.md"])
def test_the_pages_have_a_place_for_the_figures(tables: dict[str, Any], page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert text.index(tables["START"]) < text.index(tables["END"])
