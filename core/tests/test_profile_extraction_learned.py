"""What a learned reader adds to the rules: where it is asked, and what becomes of its readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from metier.encoder import detect_language
from metier.model import Fact, Reading, Turn
from metier.profile import LEARNED, extract

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@dataclass
class Reader:
    """Takes every clause for a statement, and notes which it was asked about."""

    kind: str = "about"
    probability: float = 0.99
    asked: list[str] = field(default_factory=list)

    def read(self, clauses: Sequence[str]) -> Sequence[Reading]:
        self.asked += clauses
        return [Reading(self.kind, self.probability)] * len(clauses)


def turn(message: str) -> Turn:
    return Turn("t", "t", "me", "x", "c", message, NOW, detect_language(message))


def learned(message: str, reader: Reader) -> list[Fact]:
    return [f for f in extract(turn(message), reader) if f.provenance.extractor == LEARNED]


@pytest.mark.parametrize(
    ("message", "clause"),
    [
        ("half our kitchen is vinegar, which jars keep it fresh?", "half our kitchen is vinegar"),
        ("二手琴房里打工换课时，怎么跟老板谈加薪", "二手琴房里打工换课时"),
    ],
)
def test_a_clause_no_rule_reads_is_kept_in_the_persons_own_words(message: str, clause: str) -> None:
    (fact,) = learned(message, Reader())
    assert (fact.slot, fact.value, fact.category) == ("detail", clause, "identity")
    assert not fact.constraint
    assert fact.multiple
    assert fact.confidence < 0.5
    where = fact.provenance
    assert message[where.start : where.end] == clause


def test_without_a_reader_the_rules_alone_serve() -> None:
    assert extract(turn("half our kitchen is vinegar, which jars keep it fresh?")) == ()


@pytest.mark.parametrize(
    "message",
    [
        "I'm allergic to peanuts",  # a rule has read it
        "What do I do with half a kitchen of vinegar?",
        "if half our kitchen is vinegar, what then",
        "maybe half our kitchen is vinegar",
        "half our kitchen is vinegar I guess, not sure though",
        "half my sister's kitchen is vinegar",
        "my sister cooks a lot: half the kitchen is vinegar",
        "half our kitchen is vinegar, no wait, rice wine",
        "write a letter that says half our kitchen is vinegar",
        "half our kitchen is vinegar until tuesday",
        "I pray at the mosque by the river",
        "如果琴房里打工换课时",
        "我朋友琴房里打工换课时",
        "琴房里打工换课时吗？",
        "我在教会的琴房里换课时",
    ],
)
def test_what_its_frame_speaks_against_is_not_asked_about(message: str) -> None:
    reader = Reader()
    assert learned(message, reader) == []
    assert reader.asked == []


def test_what_the_reader_is_not_sure_of_is_not_kept() -> None:
    assert learned("half our kitchen is vinegar", Reader(probability=0.3)) == []
    assert learned("half our kitchen is vinegar", Reader(kind="")) == []


def test_who_leaves_themselves_out_must_be_read_with_more_certainty() -> None:
    sure = Reader(probability=0.7)
    assert learned("mostly copper pans here", sure) == []
    assert learned("mostly copper pans for me", sure)


def test_what_tells_of_health_needs_the_consent_for_health() -> None:
    (fact,) = learned("half our kitchen is vinegar", Reader(kind="health"))
    assert fact.category == "health"


def test_of_a_text_nothing_is_asked() -> None:
    reader = Reader()
    learned("half our kitchen is vinegar. " * 30, reader)
    learned("half our kitchen\nis\nvinegar\nand\nrice wine", reader)
    assert reader.asked == []


def test_few_clauses_of_a_message_are_asked_about() -> None:
    reader = Reader()
    learned("half our kitchen is vinegar. " * 12, reader)
    assert 0 < len(reader.asked) <= 8
