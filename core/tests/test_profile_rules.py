"""What the core's rules find, and what they must leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metier.model import Fact, Provenance, Turn
from metier.profile import current, decode_fact, encode_fact, extract, merge

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def turn(message: str) -> Turn:
    return Turn("t", "acme", "s", "education", "c", message, NOW)


def found(message: str) -> set[tuple[str, str]]:
    facts = extract(turn(message))
    return {(f.slot, f.value) for f in facts if not f.retracts and not f.about}


@pytest.mark.parametrize(
    ("message", "slot", "value"),
    [
        ("Hello, my name is Clara Weiss.", "name", "Clara Weiss"),
        ("你好，我叫王小明，今年十二岁。", "name", "王小明"),
        ("I'm allergic to penicillin and peanuts.", "allergy", "peanuts"),
        ("I am severely allergic to shellfish, what can I take?", "allergy", "shellfish"),
        ("I have a peanut allergy.", "allergy", "peanut"),
        ("我对青霉素过敏，能吃什么药？", "allergy", "青霉素"),
        ("I'm a beginner in algebra", "level", "beginner"),
        ("我是初二的学生", "level", "初二"),
        ("My goal is to pass the B2 exam.", "goal", "pass the B2 exam"),
        ("我的目标是考上大学。", "goal", "考上大学"),
        ("I prefer short answers.", "answer_length", "short"),
        ("Please never mention my weight.", "never", "mention my weight"),
        ("请用英文回答", "answer_language", "en"),
        ("I live in Lyon.", "home", "Lyon"),
        ("I'm a strict vegan.", "diet", "vegan"),
    ],
)
def test_a_statement_about_oneself_becomes_a_fact(message: str, slot: str, value: str) -> None:
    assert (slot, value) in found(message)


@pytest.mark.parametrize(
    "message",
    [
        "My mother is allergic to penicillin.",
        'She said "I am allergic to nuts" to the waiter.',
        "> I am allergic to nuts",
        "```\nmy name is Bob Stone\n```",
        "If I am allergic to nuts, what then?",
        "I'm not allergic to nuts.",
        "What does it mean to be allergic to nuts?",
        "Maybe I am allergic to cats.",
        "如果我对花生过敏怎么办？",
        "我对花生不过敏。",
        "妈妈对花生过敏。",
    ],
)
def test_quotes_conditions_hedges_and_other_people_yield_nothing(message: str) -> None:
    assert found(message) == set()


def test_an_allergy_is_a_constraint() -> None:
    assert all(f.constraint for f in extract(turn("I'm allergic to latex.")))


def test_nothing_is_extracted_where_several_people_speak() -> None:
    assert extract(replace(turn("I'm allergic to latex."), private=True)) == ()


def fact(slot: str, value: str, **more: object) -> Fact:
    return Fact(slot, value, "preference", 0.8, Provenance("turn", "core:test"), **more)  # type: ignore[arg-type]


def test_a_single_valued_slot_takes_the_new_value() -> None:
    first = merge((), [fact("level", "beginner")], NOW)
    second = merge(first.facts, [fact("level", "advanced")], NOW)
    assert [f.value for f in second.facts] == ["advanced"]
    assert second.retired == (first.facts[0].id,)


def test_a_multiple_slot_keeps_both_and_a_retraction_retires_one() -> None:
    first = merge(
        (), [fact("likes", "tea", multiple=True), fact("likes", "rain", multiple=True)], NOW
    )
    second = merge(first.facts, [fact("likes", "Tea", retracts=True)], NOW)
    assert [f.value for f in second.facts] == ["rain"]


def test_a_repeated_fact_grows_in_confidence() -> None:
    first = merge((), [fact("likes", "tea", multiple=True)], NOW)
    second = merge(first.facts, [fact("likes", "tea", multiple=True)], NOW + timedelta(days=1))
    assert len(second.facts) == 1
    assert second.facts[0].confidence == pytest.approx(0.96)


def test_what_was_set_by_hand_is_not_overridden_by_a_weaker_inference() -> None:
    stated = Fact("level", "expert", "level", 1.0, Provenance("settings", "settings"))
    first = merge((), [stated], NOW)
    second = merge(first.facts, [fact("level", "beginner")], NOW)
    assert [f.value for f in current(second.facts, NOW)] == ["expert"]


def test_a_fact_survives_its_stored_form() -> None:
    stored = merge((), [fact("likes", "雨", multiple=True)], NOW).facts[0]
    assert decode_fact(encode_fact(stored)) == stored
