"""The suite `memory`: what it reads, what it counts, what it is compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from metier.evaluation.memory import TARGETS, measure
from metier.evaluation.memory._means import mean_mark
from metier.evaluation.memory._talks import locomo, shipped
from metier.model import BadRequest


def talk(name: str, **changes: Any) -> dict[str, Any]:
    """A talk in the form of the published file."""
    lines = [
        ("Ada", "I sold my red kayak yesterday."), ("Bo", "To whom?"), ("Ada", "To my dentist."),
        ("Bo", "My brother Carl paints ships."), ("Ada", "Does he sell them?"), ("Bo", "Never."),
        ("Ada", "I am reading about volcanoes."),
    ]  # fmt: skip
    said = [
        {"speaker": who, "dia_id": f"D1:{n}", "text": text}
        for n, (who, text) in enumerate(lines, 1)
    ]
    said[6]["blip_caption"] = "a photo of lava"
    return {
        "sample_id": name,
        "conversation": {
            "speaker_a": "Ada", "speaker_b": "Bo", "session_1": said,
            "session_1_date_time": "1:56 pm on 8 May, 2023", "session_2_date_time": "no session",
        },
        "session_summary": {"session_1_summary": "Ada sold a kayak to a dentist."},
        "qa": [
            {"question": "Who bought Ada's kayak?", "evidence": ["D1:1; D1:3"], "category": 1},
            {"question": "When was the kayak sold?", "evidence": ["D1:1"], "category": 2},
            {"question": "What does Carl do?", "evidence": ["D:1:4", "D9:9"], "category": 4},
            {"question": "What is Bo's job?", "evidence": [], "category": 4},
            {"question": "What does Bo row?", "evidence": ["D1:1"], "category": 5},
        ],
        **changes,
    }  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "locomo.json").write_text(json.dumps([talk("one"), talk("two")]))
    return tmp_path


def test_the_published_form_is_read(data: Path) -> None:
    first, _ = locomo(data)
    assert [m.id for m in first.memories] == [f"D1:{n}" for n in range(1, 8)]
    assert first.memories[6].text == "I am reading about volcanoes. [shares a photo of lava]"
    assert first.memories[0].at.isoformat() == "2023-05-08T13:56:00+00:00"
    # Two ids in one string, a slip of the pen, one that is nowhere: as they stand in the set.
    assert [(q.category, sorted(q.evidence)) for q in first.questions] == [
        ("multi_hop", ["D1:1", "D1:3"]), ("temporal", ["D1:1"]), ("single_hop", ["D1:4"]),
    ]  # fmt: skip
    assert locomo(data / "memory") == locomo(data / "memory" / "locomo.json") == locomo(data)


@pytest.mark.parametrize("text", ["", "[1]", '[{"conversation": {}}]', "{}x"])
def test_a_file_of_another_form_is_refused(data: Path, text: str) -> None:
    (data / "memory" / "locomo.json").write_text(text)
    with pytest.raises(BadRequest):
        locomo(data)


def test_a_folder_without_the_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest):
        measure(tmp_path)


def test_marks_carry_targets_intervals_and_baselines(data: Path) -> None:
    title, count, marks = measure(data, limit=2)
    assert title == "locomo, sample" and count > 6
    assert {n: m.target for n, m in marks.items() if m.target} == dict(TARGETS)
    for name, mark in marks.items():
        assert mark.low is not None and mark.high is not None, name
        assert 0 <= mark.low <= mark.value <= mark.high <= 1, name
    for way in ("bm25", "bm25_window", "shuffled"):
        assert f"baseline.{way}.overall.recall@10" in marks
    assert "summary.recall" in marks and "baseline.first.summary.recall" in marks


def test_the_limit_counts_conversations_and_baselines_can_be_left_out(data: Path) -> None:
    _, count, marks = measure(data, limit=1, compare=False)
    assert count == 3 + len(shipped()[0].questions)
    assert not any(name.startswith("baseline.bm25") for name in marks)


def test_without_sets_the_shipped_sample_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    title, _, marks = measure(compare=False)
    assert title.startswith("sample")
    assert marks["overall.recall@10"].value > 0.75


def test_the_sample_s_evidence_is_there_in_english_and_chinese() -> None:
    talks = shipped()
    assert len(talks) == 3
    for each in talks:
        assert {q.category for q in each.questions} == {
            "single_hop", "temporal", "multi_hop", "open_domain",
        }  # fmt: skip
        known = {m.id for m in each.memories}
        assert all(q.evidence and q.evidence <= known for q in each.questions)


def test_questions_of_one_conversation_do_not_count_as_independent() -> None:
    values = [1.0] * 50 + [0.0] * 50
    apart = mean_mark(values, [str(n) for n in range(100)])
    together = mean_mark(values, ["a"] * 50 + ["b"] * 50)
    assert apart.low is not None and together.low is not None
    assert together.low < apart.low < 0.5
    assert mean_mark([], []) == mean_mark([], []) and mean_mark([1.0], ["a"]).high == 1.0
