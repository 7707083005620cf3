"""What of a person's profile is chosen for a question, and how many tokens that takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from metier.encoder import Encoder
from metier.evaluation.profile._judge import stems
from metier.evaluation.profile._turns import Person
from metier.model import Fact
from metier.profile import select

BUDGET = 300
"""Tokens of profile in a plan."""
_PIECE = re.compile(r"[^\W\d_]+|\S")
_HAN = re.compile("[\u3400-\u9fff]")


def at_most(text: str) -> int:
    """A bound of a text's tokens that rests on no tokenizer.

    One for every three letters begun, for every digit and for every other sign, two for every
    Han character. English takes about four letters a token in byte-pair vocabularies.
    """
    return sum(
        2 * len(piece) if _HAN.match(piece) else -(-len(piece) // 3)
        for piece in _PIECE.findall(text)
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """The facts chosen for one question."""

    facts: tuple[Fact, ...]
    tokens: int
    bound: int


@dataclass(slots=True)
class Planner:
    """Chooses facts as the pipeline does, with vectors where an encoder is there."""

    encoder: Encoder | None
    _known: dict[str, list[float]] = field(default_factory=dict)

    def plan(self, person: Person, question: str) -> Plan:
        """What of the person's profile goes into the plan for `question`."""
        vector, vectors = None, None
        if self.encoder is not None:
            self._encode([question, *(f.value for f in person.known)])
            vector = self._known.get(question)
            vectors = {f.id: self._known[f.value] for f in person.known if f.value in self._known}
        chosen = select(
            person.known, question, person.now, vector=vector, vectors=vectors, budget=BUDGET
        )
        facts = (*chosen.constraints, *chosen.facts)
        worded = [chosen.wording.get(fact, fact.value) for fact in facts]
        return Plan(facts, chosen.tokens, sum(at_most(text) for text in worded))

    def likeness(self, one: str, other: str) -> float:
        """Cosine of two texts' vectors; without an encoder, the share of words in common."""
        if self.encoder is not None:
            self._encode([one, other])
            if one in self._known and other in self._known:
                pairs = zip(self._known[one], self._known[other], strict=True)
                return sum(a * b for a, b in pairs)
        words = stems(one)
        return len(words & stems(other)) / len(words) if words else 0.0

    def _encode(self, texts: Sequence[str]) -> None:
        assert self.encoder is not None
        new = [t for t in dict.fromkeys(texts) if t not in self._known and self.encoder.supports(t)]
        if new:
            rows = self.encoder.encode(new).tolist()
            self._known.update(zip(new, rows, strict=True))
