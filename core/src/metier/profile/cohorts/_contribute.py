"""One person's part in what is told of a group: only what may be learned, and bounded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from metier.model import Fact
from metier.profile.cohorts._types import ANY, Contribution, Kind, Learn

FIGURE = 1.25
"""The most that one figure of a person changes what is told, as a sum of squares: one person
more, and for a rating half a point more in its sum."""
_LONGEST = 80
"""A longer value is a sentence of somebody, not a value that a group shares."""
_Cell = tuple[Kind, str, str | float]


def holds(fact: Fact, now: datetime) -> bool:
    """Whether a fact is about the person, believed, and true at a moment."""
    begun = fact.valid_from is None or fact.valid_from <= now
    lasting = fact.valid_to is None or now < fact.valid_to
    mine = not fact.about and not fact.retracts and fact.unlearned_at is None
    return mine and begun and lasting


def plain(text: str) -> str:
    """A value as it is compared: small letters, single spaces."""
    return " ".join(text.casefold().split())


def contribution(
    subject: str,
    facts: Sequence[Fact],
    learn: Learn,
    now: datetime,
    *,
    strategies: Mapping[str, tuple[float, float]] | None = None,
    content: Mapping[str, float] | None = None,
    skills: Mapping[str, float] | None = None,
) -> Contribution:
    """What of one person is counted, of what may be learned.

    Where it is more than `learn.most`, a part that is chosen by a hash of the subject and
    the key, so that what is rare in one person is as likely to be left out as what is common.

    Args:
        strategies: sum of rewards (each from 0 to 1) and number of tries, by strategy.
        content, skills: ratings from 0 to 1, by tag or passage, and by skill.
    """
    rates = {key: won / tries for key, (won, tries) in (strategies or {}).items() if tries > 0}
    cells: list[_Cell] = [
        *_values(facts, learn, now),
        *_ratings("strategy", rates, learn),
        *_ratings("content", content or {}, learn),
        *_ratings("skill", skills or {}, learn),
    ]
    chosen = sorted(cells, key=lambda cell: _order(subject, cell))[: learn.most]
    return Contribution(
        tuple(sorted((key, str(said)) for kind, key, said in chosen if kind == "slot")),
        tuple(sorted((kind, key, float(said)) for kind, key, said in chosen if kind != "slot")),
    )


def figures(part: Contribution) -> int:
    """In how many figures a person is; at most `learn.most` where `contribution` made it."""
    return len(part.values) + len(part.ratings)


def _values(facts: Sequence[Fact], learn: Learn, now: datetime) -> Iterator[_Cell]:
    best: dict[str, Fact] = {}
    for fact in facts:
        fits = learn.slots.get(fact.slot) == fact.category and fact.value.strip()
        if not fits or not holds(fact, now) or len(fact.value) > _LONGEST:
            continue
        known = best.get(fact.slot)
        if known is None or (fact.confidence, fact.value) > (known.confidence, known.value):
            best[fact.slot] = fact
    for slot, fact in best.items():
        yield "slot", slot, plain(fact.value)


def _ratings(kind: Kind, rated: Mapping[str, float], learn: Learn) -> Iterator[_Cell]:
    wanted = learn.keys(kind)
    for key, rating in rated.items():
        if ANY in wanted or key in wanted:
            yield kind, key, min(1.0, max(0.0, rating))


def _order(subject: str, cell: _Cell) -> bytes:
    return hashlib.sha256("\0".join((subject, cell[0], cell[1])).encode()).digest()
