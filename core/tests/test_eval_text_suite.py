"""`metier eval text`: the sample and the public sets, each mark with a blind one beside it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from eval_kit import SETTINGS, Options

from metier.app import Metier
from metier.evaluation._scratch import in_scratch, scratch
from metier.evaluation.text import measure
from metier.evaluation.text._attribution import attribute, recalled, supports
from metier.evaluation.text._personal import adheres
from metier.evaluation.text._suite import sample
from metier.evaluation.text._talk import others, revision, untokenised
from metier.model import (
    Answer,
    BadRequest,
    Citation,
    Fact,
    Mark,
    Passage,
    Provenance,
    Why,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Metier]:
    async with scratch(tmp_path_factory.mktemp("home"), SETTINGS) as opened:
        yield opened


@pytest.fixture
def data(tmp_path: Path) -> Path:
    writing, health, education = (tmp_path / n for n in ("writing", "health", "education"))
    for folder in (writing, health, education):
        folder.mkdir()
    (writing / "jfleg_dev.src").write_text("She have a cat .\nWe was late .\n")
    (writing / "jfleg_dev.ref0").write_text("She has a cat .\nWe were late .\n")
    (writing / "jfleg_dev.ref1").write_text("She has a cat .\nWe were too late .\n")
    asked = {"question": "What helps against a sore throat?", "answer": "Gargle with salt water."}
    (health / "medquad.jsonl").write_text(json.dumps(asked) + "\n")
    dialogue = {
        "question": "Tom had 3 pens and got 4 more. How many has he?",
        "student_incorrect_solution": "He has 3 - 4 = -1 pens.",
        "ground_truth": "3 + 4 = 7\n7",
        "conversation": "Teacher: (probing)What does “got more” mean?|EOM|Student: I see.",
    }
    (education / "mathdial.jsonl").write_text(json.dumps(dialogue) + "\n")
    return tmp_path


def answered(text: str, *passages: Passage, used: tuple[Fact, ...] = ()) -> Answer:
    cited = tuple(
        Citation(n, p.id, p.title, p.source) for n, p in enumerate(passages, 1) if f"[{n}]" in text
    )
    why = Why(passages=passages, used=used)
    return Answer("a", "c", "d", text, "en", "stop", cited, why=why)


THROAT = Passage("t", "Gargle with warm salty water. Drink plenty of water.", "Throat", "NHS")
FEVER = Passage("f", "A fever is 38 degrees or more. Rest in a cool room.", "Fever", "NHS")


@pytest.mark.asyncio(loop_scope="module")
async def test_the_sample_alone_gives_every_kind_of_mark(app: Metier) -> None:
    name, count, marks = await measure(app, Options(limit=3))
    assert (name, count) == ("sample", 12)
    for metric in ("rouge_l", "chrf", "chrf++", "exact"):
        assert f"overall.{metric}" in marks
        for blind in ("longest", "shuffled", "question"):
            assert f"baseline.{blind}.{metric}" in marks
    assert marks["overall.rouge_l"].value > marks["baseline.shuffled.rouge_l"].value
    assert marks["attribution.citation_precision"].value == 1.0
    assert marks["baseline.shuffled.attribution.citation_precision"].value < 1.0
    assert "greedy_f1" not in " ".join(marks), "this home has no embedding model"
    for name, mark in marks.items():
        assert mark.low is None or mark.low <= mark.value <= (mark.high or 0.0), name


@pytest.mark.asyncio(loop_scope="module")
async def test_public_sets_are_read_where_they_are(app: Metier, data: Path) -> None:
    name, count, marks = await measure(app, Options(data, limit=1))
    assert name == "sample, jfleg, mathdial, medquad"
    assert count == 7
    assert marks["jfleg.exact"].value == 1.0
    assert marks["baseline.unchanged.jfleg.exact"].value == 0.0
    assert marks["medquad.answered"].value == 1.0
    assert marks["mathdial.revealed"].value == 0.0


def test_a_suite_that_needs_an_app_runs_from_outside_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "metier.toml").write_text('embeddings = "none"\n')
    monkeypatch.setenv("METIER_HOME", str(tmp_path))

    async def count_domains(app: Metier, options: Options) -> tuple[str, int, dict[str, Mark]]:
        return "none", len(app.domains()), {}

    name, count, marks = in_scratch(count_domains, Options())
    assert (name, count >= 4, marks) == ("none", True, {})


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("file", "content", "says"), [
    ("health/medquad.jsonl", '{"question": 3}\n', "medquad.jsonl, line 1"),
    ("education/mathdial.jsonl", "no json\n", "mathdial.jsonl, line 1"),
])  # fmt: skip
async def test_a_broken_set_is_named_with_its_line(
    app: Metier, data: Path, file: str, content: str, says: str
) -> None:
    (data / file).write_text(content)
    with pytest.raises(BadRequest, match=says):
        await measure(app, Options(data, limit=1))


@pytest.mark.asyncio(loop_scope="module")
async def test_a_folder_without_any_set_is_refused(app: Metier, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="None of the sets"):
        await measure(app, Options(tmp_path, limit=1))


def test_the_sample_asks_in_both_languages_and_in_every_shipped_domain() -> None:
    asked = {(c["domain"], c["language"]) for c in sample()["answers"]}
    assert len(asked) == 8
    assert all(c["reference"] for c in sample()["answers"])


@pytest.mark.parametrize(("sentence", "supported"), [
    ("Gargle with warm salty water.", True),
    ("Gargle with warm salty water and drink plenty of water.", True),
    ("Gargle with cold beer every hour.", False),
    ("Gargle with warm salty water 38 times.", False),
    ("Water salty warm with gargle.", False),
])  # fmt: skip
def test_a_sentence_is_supported_by_its_words_order_and_numbers(
    sentence: str, supported: bool
) -> None:
    assert supports(THROAT.text, sentence) is supported


def test_attribution_counts_wrong_marks_and_inventions() -> None:
    text = (
        "Gargle with warm salty water. [1] Rest in a cool room. [1] "
        "Take three red pills daily. Shall I go on?"
    )
    found = attribute(answered(text, THROAT, FEVER))
    assert (found.cited, found.cited_supported) == (2, 1)
    assert (found.statements, found.supported) == (3, 1)
    both = attribute(answered(text.replace("room. [1]", "room. [2]"), THROAT, FEVER))
    assert (both.cited_supported, both.supported) == (2, 2)


def test_evidence_counts_facts_and_memories_and_no_article() -> None:
    fact = Fact("allergy", "penicillin", "health", 1.0, Provenance("turn", "x"))
    memory = Passage("m", "I live in Kiel.", "", "", kind="memory")
    answer = answered("Yes.", memory, Passage("k", "Basel is a town.", "", ""), used=(fact,))
    assert recalled(answer, ["Penicillin", "Kiel", "Basel"]) == (2, 3)


@pytest.mark.parametrize(("case", "text", "kept"), [
    ({"never": ["ibuprofen"]}, "Take ibuprofen.", False),
    ({"never": ["ibuprofen"]}, "Do not take Ibuprofen. Rest.", True),
    ({"never": ["布洛芬"]}, "可以吃布洛芬。", False),
    ({"never": ["布洛芬"]}, "不要吃布洛芬。", True),
    ({"language": "zh"}, "多喝水。", True),
    ({"language": "zh"}, "Drink water.", False),
])  # fmt: skip
def test_adherence_is_read_from_the_answer(case: dict[str, object], text: str, kept: bool) -> None:
    assert adheres(case, answered(text)) is kept


def test_a_revision_is_what_stands_after_the_line_that_leads_to_it() -> None:
    text = "Revised text:\n\nShe has a cat.\n\nWhat I changed, and why:\n- have → has"
    assert revision(answered(text), "She have a cat.") == "She has a cat."
    assert revision(answered("I found nothing."), "Fine.") == "Fine."


def test_spaced_text_is_put_together() -> None:
    assert untokenised("I do n't know , he 's ( not ) here .") == "I don't know, he's (not) here."


@pytest.mark.parametrize("size", range(2, 8))
def test_nobody_gets_their_own_back(size: int) -> None:
    items = [str(n) for n in range(size)]
    turned = others(items)
    assert sorted(turned) == items
    assert all(a != b for a, b in zip(items, turned, strict=True))
