"""The tutor: mathematics read safely, hints in order, answers held back."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import Decision, Turn
from metier_education import plugin
from metier_education._algebra import Unreadable, find_claims, find_problem, parse, states_answer
from metier_education._tutor import mastery, mistake


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "s", "education", "c", message, now, language, **fields)


@pytest.mark.parametrize(
    ("text", "skill", "answer"),
    [
        ("Solve 2x + 3 = 11 please", "linear equations", "4"),
        ("x² - 9 = 0", "quadratic equations", "3"),
        ("what's 1/2 + 1/3", "fractions", "5/6"),
        ("20% of 45", "percentages", "9"),
        ("4 + 3 × 6", "order of operations", "22"),
        ("解方程 ５ｘ－４＝１６", "linear equations", "4"),
        ("60 的 15% 是多少", "percentages", "9"),
        ("3 加 4 是多少", "arithmetic", "7"),
    ],
)
def test_a_problem_is_found_and_solved(text: str, skill: str, answer: str) -> None:
    import sympy

    problem = find_problem(text)
    assert problem is not None
    assert problem.skill == skill
    assert sympy.Rational(answer) in problem.answers


@pytest.mark.parametrize(
    "text", ["I live at 12 Main Street", "call 020-7946", "how do plants eat?", "今天星期一"]
)
def test_ordinary_text_is_no_problem(text: str) -> None:
    problem = find_problem(text)
    assert problem is None or problem.kind == "expression"


@given(st.text(max_size=60))
def test_no_text_makes_the_parser_do_anything_but_parse(text: str) -> None:
    with contextlib.suppress(Unreadable):
        parse(text)


@pytest.mark.parametrize("text", ["9^9^9^9", "__import__('os')", "1/0", "x^99", "(" * 70])
def test_what_is_dangerous_or_huge_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        parse(text)


@pytest.mark.parametrize(
    ("problem", "claim", "name"),
    [
        ("2x + 3 = 11", "x = 7", "sign"),
        ("2x + 3 = 11", "x = 8", "not_divided"),
        ("1/2 + 1/3", "2/5", "denominators_added"),
        ("4 + 3 * 6", "42", "left_to_right"),
        ("20% of 45", "900", "hundred"),
    ],
)
def test_a_mistake_is_named_by_the_rule_that_makes_it(problem: str, claim: str, name: str) -> None:
    found = find_problem(problem)
    assert found is not None
    (value, *_) = find_claims(claim, found)
    assert mistake(found, value) == name


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_first_answer_is_a_hint_and_never_the_result(language: str) -> None:
    asked = {"en": "Solve 2x + 3 = 11", "zh": "解方程 2x + 3 = 11"}[language]
    answer = plugin.compose(turn(asked, language))
    assert answer is not None
    problem = find_problem(asked)
    assert problem is not None and not states_answer(answer.text, problem)


def test_hints_climb_and_a_right_answer_is_confirmed() -> None:
    state = plugin.remember(turn("Solve 2x + 3 = 11"), "")
    assert state is not None
    first = plugin.compose(turn("Solve 2x + 3 = 11"))
    second = plugin.compose(turn("I'm stuck", state=state))
    assert first and second and first.text != second.text
    right = plugin.compose(turn("x = 4", state=state))
    assert right and "right" in right.text
    after = plugin.remember(turn("x = 4", state=state), "")
    assert after and after["solved"] == 1 and after["mastery"]["linear equations"] > 0.3


@pytest.mark.parametrize(
    "leak", ["The answer is 4.", "So x = 4.", "x=8/2", "You get x = 4.0", "答案是4。"]
)
def test_a_final_answer_in_any_form_is_held_back(leak: str) -> None:
    verdict = plugin.check_output(turn("Solve 2x + 3 = 11"), leak)
    assert verdict is not None and verdict.decision is Decision.REVISE
    problem = find_problem("2x + 3 = 11")
    assert problem is not None and not states_answer(verdict.message, problem)


def test_the_answer_may_be_said_once_the_learner_has_found_it() -> None:
    assert plugin.check_output(turn("2x + 3 = 11, so x = 4"), "Yes, x = 4.") is None


def test_help_during_an_exam_is_refused() -> None:
    verdict = plugin.check_input(turn("I'm taking my exam, quick, what is 3*4?"))
    assert verdict is not None and verdict.decision is Decision.REFUSE


def test_mastery_rises_with_right_answers_and_falls_with_wrong_ones() -> None:
    assert mastery(0.5, True) > 0.5 > mastery(0.5, False)
