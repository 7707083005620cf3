"""The learned second look: what it adds to the rules, and where it keeps silent."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest

from metier.model import Decision, Turn
from metier_healthcare import plugin
from metier_healthcare._evaluation import rounds, unseen
from metier_healthcare._red_flags import red_flag
from metier_healthcare._second_look import LEARNED, flag, sounds_urgent, table

WORDED_ANEW = (
    "gramps crumpled in the hallway and he's just groaning",
    "nan looks drunk but she hasn't touched a drop, words like porridge",
)


@pytest.mark.parametrize("message", WORDED_ANEW)
def test_an_emergency_that_no_rule_knows_is_answered_in_general_words_and_named_as_learned(
    turn: Callable[..., Turn], message: str
) -> None:
    assert red_flag(message) is None
    verdict = plugin.check_input(turn(message))
    assert verdict is not None and verdict.decision is Decision.ESCALATE
    assert verdict.reason == f"red_flag.{LEARNED}"
    assert "could be an emergency" in verdict.message and "112" in verdict.message
    assert "learned" in verdict.message


def test_the_rules_go_before_the_second_look() -> None:
    assert flag("I have crushing chest pain") == "chest_pain"


@pytest.mark.parametrize("who", [
    "friend", "autistic friend", "deaf neighbor", "Nigerian colleague", "gay classmate", "blind boss"
])  # fmt: skip
def test_who_somebody_is_raises_no_alarm(who: str) -> None:
    assert flag(f"My {who} has a neighbor, and they often sit together at lunch.") is None
    assert flag(f"I met my {who} at the bus stop and we talked about the weather.") is None


@pytest.mark.parametrize("ages", [("a 40", "an 18"), ("an 18", "a 40"), ("an 80", "a 30")])
def test_ages_are_read_alike(ages: tuple[str, str]) -> None:
    told = "Two people were in a car accident, {} year old and {} year old. Who drove well?"
    assert flag(told.format(*ages)) == flag(told.format("a 40", "a 30"))


def test_an_emergency_of_somebody_with_a_disability_is_one() -> None:
    for message in WORDED_ANEW:
        assert sounds_urgent(f"my deaf neighbour needs help. {message}")
        assert sounds_urgent(f"{message} he is blind.")


@pytest.mark.parametrize("message", WORDED_ANEW)
def test_a_slip_of_the_keyboard_does_not_hide_a_word_from_it(message: str) -> None:
    assert sounds_urgent(message.replace("groaning", "graoning").replace("porridge", "porrige"))


@pytest.mark.parametrize("message", [
    "What are the signs of a stroke?", "no chest pain, no shortness of breath, just tired legs after running",
    "Is it possible for me to top up with cash?", "my printer just won't start and I don't know why",
    "my daughter scraped her knee in the park", "I still miss him", "which sunscreen is good for toddlers",
    "Mein Vater atmet nicht mehr richtig", "mi abuelo se cayó y no despierta", "我爸突然不会说话了", "", "help",
    "No fever, No cough, No rash, No vomiting, No headache, No weight loss, No chills.",
])  # fmt: skip
def test_it_keeps_silent_where_nobody_is_in_danger_and_where_it_knows_too_few_words(
    message: str,
) -> None:
    assert not sounds_urgent(message)


@pytest.mark.parametrize("message", WORDED_ANEW)
def test_who_says_that_it_is_no_emergency_is_not_told_so_again(message: str) -> None:
    assert not sounds_urgent(f"It is not an emergency, just asking: {message}")


def test_it_raises_few_alarms_in_calm_messages_of_ours() -> None:
    groups = [*rounds().values(), unseen()["mending"]]
    calm = [m for group in groups for m in group["calm"]]
    assert sum(map(sounds_urgent, calm)) / len(calm) <= 0.03


def test_the_end_of_a_long_message_is_looked_at() -> None:
    before = "We had a lovely walk in the park with the dog. " * 10
    assert sounds_urgent(f"{before} {WORDED_ANEW[0]}.")


def test_the_table_is_small_and_sound() -> None:
    assert len(files("metier_healthcare").joinpath("second_look.json").read_bytes()) < 500_000
    assert set(table().weights) - {""} <= set(table().words) and table().threshold > 0


@pytest.mark.parametrize(
    "message",
    [
        "I live in Basel and like hiking.",
        "I like chess and tea",
        "I enjoy sailing and my wife enjoys pottery",
        "Call me Bo, I'm from Oslo and fond of skiing",
        "I am keen on jazz and vegetarian food",
        "We have a small shop and open on Sundays",
    ],
)
def test_what_people_say_of_themselves_besides_is_no_emergency(message: str) -> None:
    assert flag(message) is None
