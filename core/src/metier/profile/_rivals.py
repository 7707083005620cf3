"""What of what is known can't hold beside a new fact, and when the person is asked which is so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from metier.encoder import han_share
from metier.model import Fact
from metier.profile._ages import BIRTH, ages_differ, same_age, same_birth
from metier.profile._exclusive import changed_since, excludes
from metier.profile._fold import fold
from metier.profile._net import changes, explicit, same_turn
from metier.profile._questions import Reason
from metier.profile._same import sense
from metier.profile._slots import NAMES, STABLE, opposed, safety
from metier.profile._times import maybe, utc
from metier.profile.constraints import breaks

_SOON = timedelta(days=180)
"""Who was single or retired this long ago may have married or found work, and need not say so."""


def rivals(peers: Sequence[Fact], fact: Fact, twin: Fact | None, now: datetime) -> list[Fact]:
    """What can't hold beside the fact."""
    alike = [
        f
        for f in peers
        if f is not twin
        and (f.valid_to is None) == (fact.valid_to is None)
        # "In May I move to Oslo" leaves what holds until then, and the other way round.
        and (fact.corrects or future(f, now) == future(fact, now))
    ]
    same = [f for f in alike if f.slot == fact.slot]
    found = [f for f in alike if opposed(f.slot, fact.slot) and sense(f.value) == sense(fact.value)]
    if not fact.multiple:
        return found + same
    said = [f for f in peers if f.slot == fact.slot and not same_turn(f, fact)]
    last = max(reversed(said), key=said_at, default=None)
    if fact.corrects and last in same:
        found.append(last)
    return found


def dispute(old: Fact, fact: Fact, now: datetime) -> Reason | None:
    """Why the two are left to the person; None where the new one counts."""
    if explicit(fact):
        return None
    if explicit(old):
        return "settings"
    if ages_differ(old, replace(fact, learned_at=now)) and not fact.corrects:
        return "excludes"  # nobody grows so much older meanwhile
    if fact.multiple and safety(old) and old.slot == fact.slot:
        return "safety"  # a correction that doesn't say of what
    if safety(old) and not changes(fact):
        return "safety"
    if changes(fact):
        return None
    if old.slot != fact.slot:
        return "opposed"
    if excludes(old, fact) and now - said_at(old) < _SOON:
        return "excludes"
    # A name in another script is the name by which the person goes in that language.
    # "Born in" and "from" are two things that one slot holds.
    alike = old.provenance.extractor == fact.provenance.extractor
    lasting = fact.slot in STABLE or (fact.slot == "origin" and alike)
    return "stable" if lasting and one_script(old, fact) else None


def excluded(old: Fact, fact: Fact) -> Reason | None:
    """Why the person is asked which of two exclusive facts is so; None where the new one is."""
    if explicit(old):
        return "excludes" if explicit(fact) else "settings"
    if explicit(fact):
        return None
    if safety(old):
        return "safety"
    # That something narrow is new does not say that a diet is over.
    # nor does what somebody does say that they have come to be.
    if breaks(old, fact) or fact.about != old.about or not changed_since(old, fact):
        return "excludes"
    return None


def fuller(peers: Sequence[Fact], fact: Fact) -> Fact | None:
    """The known value that the new one tells in full or in short."""
    if fact.slot in BIRTH and not fact.multiple:
        return next(
            (f for f in peers if f.slot == fact.slot and same_birth(f.value, fact.value)), None
        )
    if fact.slot == "age":
        return next((f for f in peers if f.slot == "age" and same_age(f.value, fact.value)), None)
    if fact.slot not in NAMES or fact.multiple:
        return None
    words = set(fold(fact.value).split())
    for old in peers:
        known = set(fold(old.value).split())
        if _told_apart(known, words, fact.slot):
            continue
        lasting = (old.valid_to is None) == (fact.valid_to is None)
        # "Just Clarke, I dropped the Nguyen" is no short form.
        in_short = words <= known and not changes(fact)
        if old.slot == fact.slot and lasting and words and known and (in_short or known <= words):
            return old
    return None


def future(fact: Fact, now: datetime) -> bool:
    """Whether it was said by now and begins after it."""
    ahead = fact.valid_from is not None and utc(fact.valid_from) > now
    return ahead and not later(fact, now)


def later(fact: Fact, now: datetime) -> bool:
    """Whether it was said after this turn, by a writer who came first to the store."""
    said = maybe(fact.confirmed_at or fact.learned_at)
    return said is not None and said > now


def one_script(one: Fact, other: Fact) -> bool:
    return bool(han_share(one.value)) == bool(han_share(other.value))


def _told_apart(one: set[str], other: set[str], slot: str) -> bool:
    """Whether a number, letter or sign tells two values apart: Flat 7 and 17, Plan and Plan A."""
    numbers = [{w for w in each if any(c.isdigit() for c in w)} for each in (one, other)]
    if all(numbers) and numbers[0] != numbers[1]:
        return True
    more = (one ^ other) - numbers[0] - numbers[1]
    signs = {w for w in more if w == "minus" or len(w) == 1}
    # Somebody's initial belongs to their name.
    return bool(signs) and signs == more and slot != "name"


def before(start: datetime, over: datetime | None) -> datetime:
    return start if over is None else min(start, over)


def began(fact: Fact) -> datetime:
    moment = fact.valid_from or fact.learned_at or datetime.min
    return utc(moment)


def said_at(fact: Fact) -> datetime:
    """When it was last said; the earliest moment for what has no date."""
    moment = fact.confirmed_at or fact.learned_at or datetime.min
    return utc(moment)
