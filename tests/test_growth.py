"""The curves of docs/serving.md: what is drawn is what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from benchmarks._serving.chart import Panel, draw
from benchmarks._serving.load import Target, in_turn
from benchmarks.growth import panels, printed

POINTS = [{"at": 1.0, "p50_ms": 9.0, "cpu_ms": 8.0}, {"at": 100.0, "p50_ms": 30.0, "cpu_ms": 24.0}]
WORKERS = [
    {
        "at": n,
        "requests_s": 90.0 * n,
        "requests_s_each": 90.0,
        "cpu_ms": 9.0,
        "database_cpu_ms": 3.0,
    }
    for n in (1.0, 2.0)
]


def told(drawn: str) -> list[str]:
    """What hovering over each point says."""
    return [each.text or "" for each in ElementTree.fromstring(drawn).iter() if "title" in each.tag]


def test_each_point_is_drawn_once_and_says_its_figure() -> None:
    figures = {"history": POINTS, "people": {"first": POINTS, "again": POINTS}, "workers": WORKERS}
    found = told(draw(panels(figures), ""))
    assert found.count("a request, 1: 8.0") == 1
    assert {"first since start, 100: 24.0", "again, 100: 24.0", "all, 2: 180.0"} <= set(found)
    assert len(found) == 2 + 4 + 4 + 4


def test_what_several_runs_printed_is_drawn_together(tmp_path: Path) -> None:
    for name, figures in (("a", {"history": POINTS}), ("b", {"message": POINTS})):
        (tmp_path / name).write_text(f"a table\n{json.dumps({'figures': figures})}\n")
    figures = printed([tmp_path / "a", tmp_path / "b"])
    assert figures == {"history": POINTS, "message": POINTS}
    assert len(panels(figures)) == 2


def test_what_was_not_measured_is_not_drawn() -> None:
    assert panels({"workers": "not installed"}) == []


@pytest.mark.parametrize("logarithmic", [False, True])
def test_points_lie_within_their_panel_and_the_scale_begins_at_nothing(logarithmic: bool) -> None:
    panel = Panel("a", "b", {"c": [(1, 0.0), (10, 5.0), (100_000, 17.5)]}, logarithmic)
    drawn = draw([panel], "<said>")
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn)]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    bottom, *_, top = (y for _, y in places)
    assert top < bottom == 180.0  # where the panel's ground is
    assert min(y for _, y in places) >= 48.0
    assert ">100k<" in drawn and "&lt;said&gt;" in drawn


def test_a_single_point_is_drawn() -> None:
    assert told(draw([Panel("a", "b", {"c": [(1, 2.0)]}, logarithmic=True)], ""))


def test_processes_of_one_metier_are_asked_in_turn() -> None:
    target = Target("http://a", "plain", others=("http://b", "http://c"))
    asked = in_turn(target)
    assert [next(asked).base for _ in range(4)] == ["http://a", "http://b", "http://c", "http://a"]
