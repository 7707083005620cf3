"""What a learned link makes of the message before: what leaves, what comes, and what stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from metier.encoder import detect_language
from metier.model import Fact, Link, Message, Reading, Role, Turn
from metier.profile import Merge, current, extract, identified, merge

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LINKED = "core:learned-link"


@dataclass
class Reader:
    """Says of any two messages how they go together, and notes which it was asked about."""

    linked: Link = field(default_factory=lambda: Link(corrects=0.97))
    keep: float = 0.9
    of_the_person: float = 0.0
    asked: list[tuple[str, str]] = field(default_factory=list)

    def read(self, clauses: Sequence[str]) -> Sequence[Reading]:
        return [Reading("about", self.of_the_person)] * len(clauses)

    def link(self, earlier: str, later: str) -> Link:
        self.asked.append((earlier, later))
        return self.linked

    def keeps(self, earlier: str, clauses: Sequence[str]) -> Sequence[float]:
        return [self.keep] * len(clauses)


def said(*messages: str, reader: Reader) -> Merge:
    """What is known after messages a day apart."""
    known: tuple[Fact, ...] = ()
    history: list[Message] = []
    merged = Merge((), (), ())
    for number, message in enumerate(messages):
        now = NOW + timedelta(days=number)
        turn = Turn(
            f"t{number}", "t", "me", "x", "c", message, now, detect_language(message),
            tuple(history), known,
        )  # fmt: skip
        merged = merge(known, identified(extract(turn, reader)), now)
        known = current(merged.facts, now)
        history.append(Message(Role.USER, message))
    return merged


def values(merged: Merge) -> list[str]:
    return [f.value for f in merged.facts]


@pytest.mark.parametrize(
    ("earlier", "later", "gone", "holds"),
    [
        ("We keep six hives", "eleven, since the spring", "six", "eleven hives"),
        ("i'm a second year nursing student", "third, time flies", "second", "third year"),
        ("我每周三值夜班", "排班改了,这礼拜起固定周五", "周三", "周五"),
        ("存款目标十万", "五万,口气大了", "十万", "目标五万"),
    ],
)
def test_new_words_take_the_place_of_those_they_are_like(
    earlier: str, later: str, gone: str, holds: str
) -> None:
    reader = Reader(of_the_person=0.99)
    told = " ".join(values(said(earlier, later, reader=reader)))
    assert gone not in told
    assert holds in told


def test_words_that_are_like_none_are_kept_beside_what_they_are_about() -> None:
    merged = said("I have a stairlift at home", "The stairlift went back", reader=Reader())
    assert values(merged) == ["The stairlift went back"]
    assert {f.provenance.extractor for f in merged.facts} == {LINKED}
    assert not any(f.constraint for f in merged.facts)


@pytest.mark.parametrize(
    "link", [Link(adds=0.95), Link(clashes=0.95), Link(corrects=0.3, adds=0.3), Link()]
)
def test_nothing_leaves_where_the_link_is_not_sure_that_it_is_replaced(link: Link) -> None:
    merged = said("I keep bees", "the bees sleep all winter", reader=Reader(link))
    assert "keep bees" in " ".join(values(merged))
    assert not merged.retired


def test_what_is_about_something_else_is_no_correction() -> None:
    messages = ("I live in Lyon. Which train goes to Bath?", "sorry, I meant Ghent")
    assert values(said(*messages, reader=Reader(Link()))) == ["Lyon"]
    assert values(said(*messages, reader=Reader())) == ["Ghent"]


def test_what_cannot_be_true_beside_it_is_asked_about_and_not_replaced() -> None:
    merged = said("I'm an only child", "my sister is visiting us", reader=Reader())
    assert "only child" in values(merged)
    assert not merged.retired


def test_an_allergy_is_not_taken_back_by_a_link() -> None:
    merged = said("I'm allergic to penicillin", "penicillin, what a word", reader=Reader())
    assert [f.slot for f in merged.facts if f.constraint] == ["allergy"]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("What is the boiling point of water?", "82, sorry"),
        ("I live in Lyon", "82, sorry. " * 30),
        ("I live in Lyon\nand\nin Bath\nas you know", "82, sorry"),
    ],
)
def test_the_link_is_asked_only_where_something_was_said_in_short(earlier: str, later: str) -> None:
    reader = Reader()
    said(earlier, later, reader=reader)
    assert reader.asked == []


def test_what_needs_a_consent_of_its_own_is_not_kept_as_a_detail() -> None:
    merged = said("I sing in a choir", "the choir is of our church", reader=Reader())
    assert not any("church" in value for value in values(merged))


def test_a_private_turn_asks_nothing() -> None:
    reader = Reader()
    turn = Turn(
        "t", "t", "me", "x", "c", "82, sorry", NOW, "en",
        (Message(Role.USER, "I weigh 80 kilos"),), private=True,
    )  # fmt: skip
    assert extract(turn, reader) == ()
    assert reader.asked == []
