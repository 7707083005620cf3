"""What holds at a moment, and what was believed at another.

Two times are kept of each fact: when it holds in the world (`valid_from`,
`valid_to`) and when it was believed (`learned_at`, `unlearned_at`). Both are
half-open, [from, to).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from metier.model import Fact
from metier.profile._exclusive import excludes
from metier.profile._same import sense
from metier.profile._slots import UNSURE, opposed, safety
from metier.profile._times import maybe, utc


def current(facts: Iterable[Fact], now: datetime) -> tuple[Fact, ...]:
    """The facts that hold at `now`, in their order.

    What has lapsed or is yet to begin is left out, and so is a lasting fact while
    one for a time takes its place: "I'm in Berlin until Friday" hides "I live in
    Lyon", and "no coffee this week" hides "I love coffee". A constraint of health
    is never hidden. Of two that contradict each other, the one in doubt is left out
    until the person has settled it (`Contradiction`).
    """
    moment = utc(now)
    live = [f for f in facts if _holds_now(f, moment)]
    sure = [f for f in live if not doubted(f, live)]
    passing = [f for f in sure if f.valid_to is not None]
    return tuple(
        f
        for f in sure
        if f.valid_to is not None
        or safety(f)
        or not (any(_hides(p, f) for p in passing) or successor(f, sure))
    )


def last_learned(facts: Iterable[Fact]) -> datetime | None:
    """When the newest of the facts was learned; None where there is none."""
    return max((utc(f.learned_at) for f in facts if f.learned_at is not None), default=None)


def successor(fact: Fact, facts: Iterable[Fact]) -> Fact | None:
    """The fact that has taken the place of a lasting one, by having begun later."""
    if fact.multiple or fact.valid_to is not None or fact.valid_from is None:
        return None
    begins = utc(fact.valid_from)
    for other in facts:
        if other.slot != fact.slot or other.multiple or other.valid_to is not None:
            continue
        later = other.valid_from is not None and utc(other.valid_from) > begins
        if later and _same_person_and_domain(other, fact):
            return other
    return None


def doubted(fact: Fact, live: Iterable[Fact]) -> bool:
    """Whether it contradicts what holds, and waits for the person to settle it."""
    return fact.confidence <= UNSURE and any(
        other.confidence > fact.confidence and _contradict(other, fact) for other in live
    )


def _contradict(one: Fact, other: Fact) -> bool:
    if (one.valid_to is None) != (other.valid_to is None) or not _same_domain(one, other):
        return False
    if excludes(one, other):
        return True
    if sense(one.about) != sense(other.about):
        return False
    same = sense(one.value) == sense(other.value)
    if one.slot == other.slot:
        return not same and not (one.multiple or other.multiple)
    return same and opposed(one.slot, other.slot)


def _same_person_and_domain(one: Fact, other: Fact) -> bool:
    return sense(one.about) == sense(other.about) and _same_domain(one, other)


def _same_domain(one: Fact, other: Fact) -> bool:
    domains = {one.provenance.domain, other.provenance.domain}
    return "" in domains or len(domains) == 1


def as_of(
    known: Sequence[Fact],
    ended: Sequence[Fact],
    *,
    valid: datetime | None = None,
    believed: datetime | None = None,
) -> tuple[Fact, ...]:
    """What history tells of a moment, by the time of the world, of belief, or both.

    - `valid` alone: "where did she live in May?", by all that is known today.
    - `believed` alone: "what did we believe in May?": what was current then.
    - both: what we believed in one month of another.
    - neither: what is believed now.

    A fact that was believed at a moment is told as it was then: without the end
    that was learnt later. One of which only one holds at a time ends where the next
    one begins: "I'm moving to Genoa on 1 April" ends Turin then.

    Args:
        known: what is current; what has lapsed may be among it.
        ended: the history.
    """
    facts = [*known, *ended]
    if believed is not None:
        moment = utc(believed)
        told = [_as_believed(f, moment) for f in facts if _learned_by(f, moment)]
        if valid is None:
            told = [f for f in told if f.unlearned_at is None]
            return tuple(f for f, c in zip(told, _closed(told), strict=True) if _holds(c, moment))
        facts = told
    elif valid is None:
        return tuple(f for f in facts if f.unlearned_at is None)
    return tuple(f for f in _closed(facts) if _holds(f, utc(valid)))


def _closed(facts: Sequence[Fact]) -> list[Fact]:
    """The facts, each that has or will have a successor with its end.

    It isn't stored with the fact: who calls a move off has not moved.
    """
    sure = [f for f in facts if f.confidence > UNSURE]
    return [replace(f, valid_to=_taken_over(f, sure)) if f.valid_to is None else f for f in facts]


def _taken_over(fact: Fact, facts: Sequence[Fact]) -> datetime | None:
    """When the first of its successors begins; None where it has none."""
    if (last := successor(fact, facts)) is None:
        return None
    same = [
        (utc(f.valid_from), f.valid_to)
        for f in facts
        if f.slot == fact.slot and not f.multiple and f.valid_from is not None
        and _same_person_and_domain(f, fact)
    ]  # fmt: skip
    assert fact.valid_from is not None and last.valid_from is not None
    began = utc(fact.valid_from)
    first = min(start for start, over in same if over is None and start > began)
    # "Genoa in April, then Oslo in June": what ends just where the next begins was a step to it.
    while steps := [s for s, over in same if over and utc(over) == first and began < s < first]:
        first = min(steps)
    return first


def _holds(fact: Fact, moment: datetime) -> bool:
    start, over = maybe(fact.valid_from), maybe(fact.valid_to)
    return (start is None or start <= moment) and (over is None or moment < over)


def _holds_now(fact: Fact, now: datetime) -> bool:
    """What was said without a beginning holds since, by whatever clock it was said.

    That of another server may be ahead, and ours may have been set back: that must hide nothing.
    """
    if fact.valid_from is not None and fact.valid_from == fact.learned_at:
        fact = replace(fact, valid_from=None)
    return _holds(fact, now)


def _learned_by(fact: Fact, moment: datetime) -> bool:
    return fact.learned_at is None or utc(fact.learned_at) <= moment


def _as_believed(fact: Fact, moment: datetime) -> Fact:
    """The fact as it stood: still believed and without an end, where that came later.

    An end that is also the moment at which it was believed no longer was known before.
    """
    if fact.unlearned_at is None or utc(fact.unlearned_at) <= moment:
        return fact
    known = fact.valid_to is not None and utc(fact.valid_to) == utc(fact.unlearned_at)
    return replace(fact, valid_to=fact.valid_to if known else None, unlearned_at=None)


def _hides(passing: Fact, lasting: Fact) -> bool:
    if not _same_person_and_domain(passing, lasting):
        return False
    if passing.slot == lasting.slot:
        return not (passing.multiple or lasting.multiple)
    same = sense(passing.value) == sense(lasting.value)
    return same and opposed(passing.slot, lasting.slot)
