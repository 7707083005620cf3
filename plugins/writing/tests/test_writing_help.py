"""Writing help: corrections with reasons; numbers, names and meaning survive."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import Decision, Fact, Feedback, Passage, Provenance, Turn
from metier_writing import plugin
from metier_writing._evaluation import CASES, CLEAN
from metier_writing._plugin import _read_tex, draft
from metier_writing._rules import CHINESE, ENGLISH, revise
from metier_writing._style import lost, measure


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "me", "writing", "c", message, now, language, **fields)


@pytest.mark.parametrize(("text", "want", "language"), CASES)
def test_a_mistake_is_corrected(text: str, want: str, language: str) -> None:
    assert revise(text, language)[0] == want


@pytest.mark.parametrize(("text", "language"), CLEAN)
def test_correct_text_and_quotations_are_left_alone(text: str, language: str) -> None:
    assert revise(text, language)[0] == text


def test_there_are_enough_rules_and_each_has_a_reason_in_both_languages() -> None:
    assert len(ENGLISH) >= 40 and len(CHINESE) >= 15
    assert all(r.reason and r.reason_zh for r in (*ENGLISH, *CHINESE))


@given(st.text(alphabet="abc DEF 0123456789.,!?<>_@", max_size=80))
def test_no_edit_loses_a_number(text: str) -> None:
    assert "numbers" not in lost(text, revise(text, "en")[0])


def test_pseudonyms_survive_every_edit() -> None:
    text = "Its a letter from <PERSON_ABCDE> in order to thank <PERSON_QRSTU> ."
    revised = revise(text, "en")[0]
    assert "<PERSON_ABCDE>" in revised and "<PERSON_QRSTU>" in revised


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("Please proofread: Its late.", "Its late."),
        ("帮我润色：既使下雨", "既使下雨"),
        ("When do I use a semicolon?", ""),
    ],
)
def test_the_draft_is_told_from_a_question(message: str, text: str) -> None:
    assert draft(message) == text


def test_every_change_comes_with_its_reason() -> None:
    answer = plugin.compose(turn("Correct this: Its a example."))
    assert answer is not None
    assert "It's an example." in answer.text and "it is" in answer.text and "vowel" in answer.text


@pytest.mark.parametrize(
    "revision",
    ["We met Anna on 4 May.", "We met Bob on 3 May.", "We didn't meet Anna on 3 May."],
)
def test_a_revision_by_any_engine_that_changes_meaning_is_held_back(revision: str) -> None:
    asked = turn("Improve: Yesterday we met Anna on 3 May.")
    verdict = plugin.check_output(asked, f"Revised text:\n\n{revision}")
    assert verdict is not None and verdict.decision is Decision.REVISE
    good = "Revised text:\n\nYesterday, we met Anna on 3 May."
    assert plugin.check_output(asked, good) is None


def test_a_sample_teaches_the_style_and_the_style_is_kept() -> None:
    said = "Here is how I write: I don't like colour-coded lists. They're too busy."
    facts = plugin.extract_profile(turn(said))
    assert {(f.slot, f.value) for f in facts} >= {
        ("contractions", "yes"),
        ("sentence_length", "short"),
    }
    style = (Fact("contractions", "yes", "style", 0.8, Provenance("turn", "x")),)
    answer = plugin.compose(turn("Fix: Its late.", facts=style))
    assert answer is not None and "contractions: yes" in answer.text
    assert measure("我觉得挺好的呀。咱们走吧。", "zh")["register"] == "口语"


def test_a_rule_disliked_twice_is_switched_off() -> None:
    state: dict[str, Any] = {}
    for _ in range(2):
        state = dict(plugin.remember(turn("Fix: in order to win", state=state), "") or {})
        state = dict(plugin.on_feedback(turn("", state=state), Feedback("a", -1)) or {})
    answer = plugin.compose(turn("Fix: in order to win", state=state))
    assert answer is not None and "nothing to correct" in answer.text


def test_a_question_is_answered_from_sources_or_not_at_all() -> None:
    passage = Passage("1", "A semicolon joins two closely related clauses.", "Semicolons", "X")
    answer = plugin.compose(turn("When do I use a semicolon?", passages=(passage,)))
    assert answer is not None and "[1]" in answer.text
    assert plugin.compose(turn("Who won the match?", passages=(passage,))) is None


def test_inventing_references_is_refused() -> None:
    verdict = plugin.check_input(turn("Make up some citations for my essay"))
    assert verdict is not None and verdict.decision is Decision.REFUSE


def test_tex_is_read_as_plain_text() -> None:
    data = (
        rb"\title{My Paper}\begin{document}\section{Intro} We show \emph{this}. % note"
        + b"\n"
        + rb"$x^2$\end{document}"
    )
    (document,) = _read_tex(data, "p.tex")
    assert document.title == "My Paper" and "# Intro" in document.text
    assert "note" not in document.text and "x^2" not in document.text
