"""Merging what a message says with what is known: changes, corrections, contradictions.

Merging is a pure function of its arguments once the found facts have ids
(`identified`): a turn that finds that somebody else has written meanwhile
merges the same facts again, on top of what was written, and neither loses nor
doubles anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from metier.model import Fact, Provenance
from metier.profile._exclusive import DENIABLE, excludes
from metier.profile._fold import fold
from metier.profile._history import doubted, successor
from metier.profile._net import changes, explicit, key_of, meet, net, same_turn, taken_back, twins
from metier.profile._questions import Contradiction, Reason
from metier.profile._rivals import (
    before,
    began,
    dispute,
    excluded,
    fuller,
    future,
    later,
    one_script,
    rivals,
)
from metier.profile._same import sense
from metier.profile._slots import AGAINST, DENIED, FOR, UNSURE, opposed, safety
from metier.profile._times import maybe, utc

_CERTAIN = 0.99
"""The most that repetition gives to what was inferred."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome of merging: what is known now, and what changed."""

    facts: tuple[Fact, ...]
    """What stays stored as known; `current` tells which of it holds at a moment."""
    changed: tuple[Fact, ...]
    """Facts to be written, new ones and strengthened ones."""
    retired: tuple[str, ...]
    """Ids of facts to be removed from what is current."""
    ended: tuple[Fact, ...] = ()
    """What goes to history: the retired facts, with the end of their time, and facts of the past
    that were told now. Nothing else is known of them afterwards."""
    questions: tuple[Contradiction, ...] = ()
    """What the person should be asked, once."""


def identified(found: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts, each with an id; to be called once, before a merge that may be repeated.

    Ids are random: one that came from the value would tell it to who can try values.
    """
    return tuple(f if f.id else replace(f, id=secrets.token_hex(12)) for f in found)


def merge(known: Sequence[Fact], found: Sequence[Fact], now: datetime) -> Merge:
    """Merges the facts of one turn into what is known.

    Each domain has facts of its own, besides those stated in settings, which are
    of none: what is said in one domain neither strengthens nor retires what was
    learnt in another, while a retraction and a statement in settings hold for all.
    Nor do facts about different people meet.

    What a found fact does:

    - A value that is known is confirmed: `times` and confidence grow, once a turn.
      `fold` says when two wordings are one value.
    - A new value of a single-valued slot replaces the old one, which ends. With
      `corrects` the old one was never so (its time is empty) and the new one takes
      its place from the beginning.
    - A slot with several values keeps both. With `corrects` the new value replaces
      the one that was said last, unless a retraction beside it names which, and
      except where that is a matter of safety.
    - A retraction ends its value, or all values if it has none.
    - A fact with a `valid_to` to come does not replace a lasting one: it hides it
      for its time (`current`). One whose time is over goes to history.
    - What contradicts settings, differs in a slot that doesn't change, is liked and
      disliked at once, can't be true beside what is known (`excludes`), or denies a
      constraint of health, is a `Contradiction`.
    - What is denied and was not known is kept as denied, where that may matter.

    A found fact with `valid_from` or `corrects` carries a word of change ("now", "no
    longer", "since May", "actually"), so that a difference is no contradiction: except
    with settings, which what was inferred never replaces.

    Args:
        known: the facts that are stored as current.
        found: in the order of the text; with ids if the merge may be repeated.
        now: of the turn. What was said later than that is not overridden.
    """
    if not found:
        return Merge(tuple(known), (), ())
    book = _Book(known, utc(now))
    book.sweep()
    book.read(net([_proper(_dated(f)) for f in identified(found)]))
    return book.merged()


def settle(
    known: Sequence[Fact], question: Contradiction, keep: Literal["old", "new"], now: datetime
) -> Merge:
    """Ends a contradiction as the person answered it; the other value was never so.

    Either value counts as stated in settings afterwards: they were asked and said so.
    """
    moment, book = utc(now), _Book(known, utc(now))
    old, new = book.get(question.old), book.get(question.new.id)
    kept, gone = (old, new) if keep == "old" else (new, old)
    if gone is not None:
        book.end(gone, moment, never=not question.new.retracts)
    if kept is not None:
        book.write(
            replace(
                kept,
                confidence=1.0,
                confirmed_at=moment,
                provenance=replace(kept.provenance, source="settings", domain=""),
            )
        )
    return book.merged()


class _Book:
    """What is known while it is being merged, and what has to be written of it."""

    def __init__(self, known: Sequence[Fact], now: datetime) -> None:
        self._now = now
        self._known = {fact.id for fact in known}
        self._current = {fact.id: fact for fact in known}
        self._changed: dict[str, None] = {}
        self._retired: list[str] = []
        self._ended: list[Fact] = []
        self._questions: list[Contradiction] = []
        self._restated: frozenset[tuple[str, str, str]] = frozenset()

    def read(self, said: Sequence[Fact]) -> None:
        """Takes over what a message says."""
        lasting = [f for f in said if not f.retracts and f.valid_to is None]
        self._restated = frozenset(key_of(f) for f in lasting)
        for fact in said:
            if fact.retracts:
                self._retract(fact)
            else:
                self._state(fact)

    def merged(self) -> Merge:
        changed = tuple(self._current[i] for i in self._changed)
        return Merge(
            tuple(self._current.values()),
            changed,
            tuple(self._retired),
            tuple(self._ended),
            tuple(self._questions),
        )

    def get(self, fact_id: str) -> Fact | None:
        return self._current.get(fact_id)

    def write(self, fact: Fact) -> None:
        if self._current.get(fact.id) != fact:
            self._current[fact.id] = fact
            self._changed[fact.id] = None

    def sweep(self) -> None:
        """What has lapsed leaves what is current."""
        for fact in list(self._current.values()):
            over = maybe(fact.valid_to)
            if over is not None and over <= self._now:
                # It is believed still, of the past; and was known to end then.
                self._leave(fact, replace(fact, unlearned_at=over))
        live = [f for f in self._current.values() if not future(f, self._now)]
        sure = [f for f in live if not doubted(f, live)]
        for fact in sure:
            if (taken := successor(fact, sure)) is not None and not explicit(fact):
                self.end(fact, began(taken))

    def end(self, old: Fact, at: datetime, *, never: bool = False) -> None:
        """A fact ceases to hold at a moment; `never`, where it was wrong from the beginning."""
        start = utc(old.valid_from or old.learned_at or at)
        over = start if never else max(start, at)
        if old.valid_to is not None:
            over = max(start, min(over, utc(old.valid_to)))
        if over > max(start, self._now):  # from next month on: until then it holds, or will
            self.write(replace(old, valid_to=over))
            return
        self._leave(old, replace(old, valid_to=over, unlearned_at=self._now))

    def _leave(self, old: Fact, ended: Fact) -> None:
        del self._current[old.id]
        self._changed.pop(old.id, None)
        if old.id in self._known:
            self._retired.append(old.id)
            self._ended.append(ended)

    def _retract(self, fact: Fact) -> None:
        if fact.valid_to is not None and utc(fact.valid_to) > self._now:
            self._suspend(fact)
            return
        known = [old for old in self._peers(fact) if taken_back(old, fact)]
        for old in known:
            if key_of(old) in self._restated or later(old, self._now):
                continue
            if explicit(old) and not explicit(fact):
                self._ask(old, fact, "settings")
            elif safety(old) and not explicit(fact) and not changes(fact):
                self._ask(old, fact, "safety")
            else:
                self.end(old, maybe(fact.valid_from) or self._now, never=fact.corrects)
        news = not known and not fact.about and not changes(fact)
        if news and fact.value and fact.slot in DENIABLE:
            # That there is none is worth knowing too: what says otherwise later contradicts it.
            slot = f"{DENIED}{fact.slot}"
            self._state(replace(fact, slot=slot, retracts=False, constraint=False, multiple=True))

    def _suspend(self, fact: Fact) -> None:
        """Taken back for a time ("off coffee this week"): its opposite holds for that time."""
        if fact.value and fact.slot in (FOR | AGAINST):
            slot = "dislikes" if fact.slot in FOR else "likes"
            self._state(replace(fact, slot=slot, retracts=False, corrects=False, multiple=True))

    def _state(self, fact: Fact) -> None:
        if fact.valid_to is not None and utc(fact.valid_to) <= self._now:
            self._tell(fact)
            return
        peers = self._peers(fact)
        twin = next((f for f in peers if twins(f, fact)), None) or fuller(peers, fact)
        if twin is not None and (twin.id == fact.id or same_turn(twin, fact)):
            self.write(self._confirmed(twin, fact, False))  # merged before
            return
        against = rivals(peers, fact, twin, self._now)
        reasons = [(f, dispute(f, fact, self._now)) for f in against]
        reasons += [(f, excluded(f, fact)) for f in self._exclusive(fact) if f not in against]
        beaten = [f for f, reason in reasons if reason is None]
        if said_later := [f for f in beaten if later(f, self._now)]:
            self._tell(replace(fact, valid_to=min(began(f) for f in said_later)))
            return
        start = maybe(fact.valid_from)
        if fact.corrects and start is None and beaten:
            start = maybe(beaten[-1].valid_from)
        for old in beaten:
            if old.id not in self._current:
                continue  # it was read from the words of one that has just left
            self.end(old, maybe(fact.valid_from) or self._now, never=fact.corrects)
            for other in self._of_same_words(old) if fact.corrects else ():
                self.end(other, self._now, never=True)
        disputes: list[tuple[Fact, Reason]] = [(f, r) for f, r in reasons if r is not None]
        # What must hold does so at once: until it is settled, that harms less.
        unsure = bool(disputes) and not fact.constraint and not safety(fact) and not explicit(fact)
        if twin is not None:
            self.write(self._confirmed(twin, fact, unsure))
            return
        fresh = replace(
            fact,
            id=fact.id if fact.id not in self._current else secrets.token_hex(12),
            confidence=min(fact.confidence, UNSURE) if unsure else fact.confidence,
            learned_at=self._now,
            confirmed_at=self._now,
            valid_from=before(start or self._now, fact.valid_to),
        )
        self.write(fresh)
        for old, reason in disputes:
            self._ask(old, fresh, reason)

    def _of_same_words(self, wrong: Fact) -> list[Fact]:
        """What others have read from the words that were wrong: a tutor's grade of "year 9"."""
        return [
            f
            for f in self._current.values()
            if f.provenance.extractor != wrong.provenance.extractor
            and _overlap(f.provenance, wrong.provenance)
            and sense(f.about) == sense(wrong.about)
        ]

    def _peers(self, fact: Fact) -> list[Fact]:
        """What is known of the same slot of the same person, and of what is opposed to it."""
        about = sense(fact.about)
        named = sense(fact.value) if fact.retracts else ""
        return [
            f
            for f in self._current.values()
            if (f.slot == fact.slot or opposed(f.slot, fact.slot) or f.slot == named)
            and sense(f.about) == about
            and meet(f, fact)
        ]

    def _exclusive(self, fact: Fact) -> list[Fact]:
        """What is known of any slot that can't be true beside the fact, in another message."""
        fact = replace(fact, learned_at=fact.learned_at or self._now)  # ages go by it
        return [
            f
            for f in self._current.values()
            if meet(f, fact)
            and not same_turn(f, fact)
            and (f.valid_to is None) == (fact.valid_to is None)
            and future(f, self._now) == future(fact, self._now)
            and excludes(f, fact)
        ]

    def _confirmed(self, twin: Fact, fact: Fact, unsure: bool) -> Fact:
        """A known fact that was said again; the same where it is the same statement."""
        constraint = twin.constraint or fact.constraint
        fuller = len(fold(fact.value)) > len(fold(twin.value)) and one_script(twin, fact)
        value = fact.value if fuller and not explicit(twin) else twin.value
        if explicit(fact) and not explicit(twin):
            return replace(
                twin,
                value=fact.value,
                provenance=fact.provenance,
                confidence=max(twin.confidence, fact.confidence),
                constraint=constraint,
                times=twin.times + 1,
                confirmed_at=self._now,
            )
        again = fact.id == twin.id or same_turn(twin, fact)
        said = maybe(twin.confirmed_at or twin.learned_at)
        if again or said == self._now:
            return replace(twin, value=value, constraint=constraint)
        stronger = round(1 - (1 - twin.confidence) * (1 - fact.confidence), 4)
        confidence = max(twin.confidence, min(_CERTAIN, stronger))
        if unsure:
            confidence = min(confidence, max(UNSURE, twin.confidence))
        return replace(
            twin,
            value=value,
            constraint=constraint,
            confidence=confidence,
            valid_from=None if twin.valid_from is None else before(began(twin), fact.valid_to),
            valid_to=fact.valid_to,
            times=twin.times + 1,
            confirmed_at=self._now if said is None else max(said, self._now),
        )

    def _tell(self, fact: Fact) -> None:
        """A fact of the past goes to history, and ends what is known of the same value."""
        over, start = maybe(fact.valid_to) or self._now, maybe(fact.valid_from)
        for old in self._peers(fact):
            if key_of(old) != key_of(fact) or old.valid_to is not None or explicit(old):
                continue
            if key_of(fact) in self._restated:
                break  # "I lived there until May, and do again"
            if safety(old):
                return
            if old.valid_from == old.learned_at:  # nobody had said since when
                old = replace(old, valid_from=None if start is None else before(start, over))
            elif began(old) >= over:
                continue  # it holds again
            self._leave(old, replace(old, valid_to=over, unlearned_at=self._now))
            return
        self._ended.append(
            replace(
                fact,
                valid_from=None if start is None else before(start, over),
                valid_to=over,
                learned_at=self._now,
                confirmed_at=self._now,
                unlearned_at=self._now,
            )
        )

    def _ask(self, old: Fact, new: Fact, reason: Reason) -> None:
        said = "taken-back" if new.retracts else new.id
        asked = Contradiction(f"{old.id}:{said}", old.slot, old.id, new, reason, old.value)
        if asked.id not in {q.id for q in self._questions}:
            self._questions.append(asked)


def _proper(fact: Fact) -> Fact:
    """What was stated on purpose is of no domain, and corrects nobody's words: it just holds."""
    if not explicit(fact):
        return fact
    return replace(fact, corrects=False, provenance=replace(fact.provenance, domain=""))


def _dated(fact: Fact) -> Fact:
    """The fact with dates that compare; of a period that ends before it begins, the end counts."""
    begins, over = maybe(fact.valid_from), maybe(fact.valid_to)
    if begins is not None and over is not None and begins > over:
        begins = None
    return replace(fact, valid_from=begins, valid_to=over)


def _overlap(one: Provenance, other: Provenance) -> bool:
    """Whether two facts were found in the same words of one message."""
    begin, end = max(one.start or 0, other.start or 0), min(one.end or 0, other.end or 0)
    return one.turn is not None and one.turn == other.turn and begin < end
