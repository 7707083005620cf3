"""Health advice: emergencies first, constraints always, doses from sources, no diagnosis."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from metier.model import Decision, Fact, Passage, Provenance, Turn
from metier_healthcare import plugin
from metier_healthcare._evaluation import CALM, EMERGENCIES
from metier_healthcare._medicines import MEDICINES, allergic, mentioned
from metier_healthcare._red_flags import red_flag

WHERE = Provenance("turn", "test")


def turn(message: str, language: str = "en", **fields: Any) -> Turn:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return Turn("t", "t", "me", "healthcare", "c", message, now, language, **fields)


def fact(slot: str, value: str) -> Fact:
    return Fact(slot, value, "health", 0.9, WHERE, constraint=True)


FEVER = Passage(
    "1",
    "Take paracetamol or ibuprofen for a fever. Rest and drink water when you have a fever.",
    "Fever",
    "MOH",
)


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_is_found(text: str) -> None:
    assert red_flag(text) is not None


@pytest.mark.parametrize("text", CALM)
def test_what_is_denied_past_or_general_raises_no_alarm(text: str) -> None:
    assert red_flag(text) is None


@pytest.mark.parametrize(
    ("text", "language", "number"), [("I have chest pain", "en", "112"), ("我胸口痛", "zh", "120")]
)
def test_an_emergency_is_answered_before_anything_else(
    text: str, language: str, number: str
) -> None:
    verdict = plugin.check_input(turn(text, language))
    assert (
        verdict is not None and verdict.decision is Decision.ESCALATE and number in verdict.message
    )


def test_thoughts_of_suicide_get_a_line_to_people() -> None:
    verdict = plugin.check_input(turn("I want to end my life"))
    assert verdict is not None and "988" in verdict.message


@pytest.mark.parametrize(
    ("text", "slot", "value"),
    [("I'm pregnant", "pregnant", "yes"), ("I take warfarin every day", "medicine", "warfarin"), ("我每天吃华法林", "medicine", "warfarin"),
     ("I am 15 years old", "age", "15"), ("我今年70岁", "age", "70"), ("I have kidney disease", "kidney_disease", "yes")],
)  # fmt: skip
def test_what_matters_for_safety_becomes_a_constraint(text: str, slot: str, value: str) -> None:
    facts = plugin.extract_profile(turn(text))
    assert [(f.slot, f.value) for f in facts] == [(slot, value)] and facts[0].constraint


def test_somebody_elses_medicine_is_not_the_persons() -> None:
    assert plugin.extract_profile(turn("My mother takes warfarin and she is 80")) == []


def test_an_allergy_covers_its_class() -> None:
    amoxicillin = next(m for m in MEDICINES if m.name == "amoxicillin")
    assert allergic(amoxicillin, ("penicillin",)) and allergic(amoxicillin, ("青霉素",))
    assert not allergic(amoxicillin, ("peanuts",))


@pytest.mark.parametrize(
    ("facts", "answer"),
    [((fact("allergy", "aspirin"),), "You can take ibuprofen."), ((fact("pregnant", "yes"),), "Try naproxen for the pain."),
     ((fact("age", "12"),), "You could take aspirin."), ((fact("medicine", "warfarin"),), "Take ibuprofen with food."),
     ((fact("allergy", "青霉素"),), "可以吃阿莫西林。")],
)  # fmt: skip
def test_an_unsuitable_medicine_is_taken_out_of_any_answer(
    facts: tuple[Fact, ...], answer: str
) -> None:
    language = "zh" if "吃" in answer else "en"
    verdict = plugin.check_output(turn("What helps?", language, facts=facts), answer)
    assert verdict is not None and verdict.reason.startswith("unsuitable.")
    assert not mentioned(verdict.message)
    assert plugin.check_output(turn("What helps?", language), answer) is None


def test_a_dose_must_stand_in_a_source() -> None:
    said = "Take paracetamol 500 mg."
    assert plugin.check_output(turn("dose?"), said) is not None
    source = Passage("1", "Adults take paracetamol 500mg.", "P", "NHS")
    assert plugin.check_output(turn("dose?", passages=(source,)), said) is None


@pytest.mark.parametrize(
    "text", ["You have pneumonia.", "You definitely have a stomach ulcer.", "您得了肺炎。"]
)
def test_a_diagnosis_is_not_given(text: str) -> None:
    verdict = plugin.check_output(turn("what is it"), text)
    assert verdict is not None and verdict.reason == "diagnosis"


def test_a_pair_that_is_not_listed_is_never_called_safe() -> None:
    answer = plugin.compose(turn("Can I take paracetamol with doxycycline?"))
    assert answer is not None and "does not mean it is safe" in answer.text
    verdict = plugin.check_output(turn("x"), "There is no known interaction between them.")
    assert verdict is not None


def test_a_listed_pair_is_named() -> None:
    answer = plugin.compose(turn("Can I take ibuprofen?", facts=(fact("medicine", "warfarin"),)))
    assert answer is not None and "bleeding" in answer.text


def test_advice_is_cited_and_leaves_out_what_the_person_may_not_have() -> None:
    answer = plugin.compose(
        turn("What helps against fever?", passages=(FEVER,), facts=(fact("allergy", "ibuprofen"),))
    )
    assert answer is not None and "drink water" in answer.text and "[1]" in answer.text
    assert "do not take" in answer.text and "Take paracetamol or ibuprofen" not in answer.text


def test_nothing_is_said_where_no_source_answers() -> None:
    assert plugin.compose(turn("Who won the match?", passages=(FEVER,))) is None
