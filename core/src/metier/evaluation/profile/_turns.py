"""The long way: a preference, hundreds of ordinary turns after it, and then the question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from metier.encoder import detect_language
from metier.evaluation.profile._path import learned
from metier.evaluation.profile._prefeval import Preference
from metier.model import Fact, Message, Role, Turn
from metier.profile import merge

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
BETWEEN = timedelta(hours=1)
"""From turn to turn, so that 300 of them take twelve days."""
_HISTORY = 20
"""Messages of the conversation that a turn is given."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody after some turns."""

    known: tuple[Fact, ...]
    now: datetime

    def after(self, facts: Sequence[Fact], pause: timedelta = BETWEEN) -> Person:
        """The same person after a turn in which `facts` were found."""
        now = self.now + pause
        return Person(merge(self.known, facts, now).facts if facts else self.known, now)


@dataclass(frozen=True, slots=True)
class Ordinary:
    """One user message of an ordinary conversation, with what extraction makes of it."""

    text: str
    facts: tuple[Fact, ...]


def turn_of(
    name: str, text: str, now: datetime, known: Sequence[Fact], history: Sequence[Message]
) -> Turn:
    """A turn as hooks see it."""
    return Turn(
        name, "eval", "person", "eval", "conversation", text, now, detect_language(text),
        tuple(history[-_HISTORY:]), tuple(known),
    )  # fmt: skip


def ordinary(conversations: Iterable[Sequence[tuple[str, str]]]) -> tuple[Ordinary, ...]:
    """Every user message of the conversations with its facts.

    Each is extracted from once, with its own conversation as history and no facts known, and
    merged for every person anew.
    """
    found: list[Ordinary] = []
    for conversation in conversations:
        history: list[Message] = []
        for who, text in conversation:
            if who == "user":
                turn = turn_of(f"ordinary#{len(found)}", text, START, (), history)
                found.append(Ordinary(text, learned(turn)))
            history.append(Message(Role(who), text))
    return tuple(found)


def stated(preference: Preference, person: Person) -> tuple[Person, tuple[Fact, ...]]:
    """The person after the turns in which the preference came up, and the facts found there.

    The user's messages are extracted from; the assistant's are history.
    """
    history: list[Message] = []
    found: list[Fact] = []
    for number, (who, text) in enumerate(preference.said):
        if who == "user":
            name = f"{preference.key}#{number}"
            facts = learned(turn_of(name, text, person.now, person.known, history))
            person = person.after(facts)
            found += facts
        history.append(Message(Role(who), text))
    return person, tuple(found)


def pass_time(
    person: Person, turns: Sequence[Ordinary], stops: Sequence[int], first: int = 0
) -> Iterator[tuple[int, Person]]:
    """The person after each number of ordinary turns in `stops`, cycling from turn `first`.

    Args:
        stops: ascending.
    """
    passed = 0
    for stop in stops:
        while passed < stop:
            person = person.after(turns[(first + passed) % len(turns)].facts)
            passed += 1
        yield stop, person


def from_turns_of(preference: Preference, facts: Iterable[Fact]) -> list[Fact]:
    """Those of `facts` that came from the turns in which the preference came up."""
    return [f for f in facts if (f.provenance.turn or "").startswith(f"{preference.key}#")]
