"""How sure a fact still is: confidence falls with the time since it was last said.

A fact that isn't said again becomes doubtful at the pace at which such things
change, which is what the half-lives are: after one, half of the confidence is
left. They are our own estimates, kept coarse on purpose, and the order between
them matters more than the numbers. What must never be forgotten (constraints),
what doesn't change (identity, language) and what the person set themselves
(settings) does not fall. Being said several times slows the fall, since what is
said on several days is a habit: the half-life grows with the logarithm of how
often.
"""

from __future__ import annotations

from datetime import datetime
from math import log2

from metier.model import Fact
from metier.profile._times import utc

_DAYS: dict[str, float | None] = {
    "identity": None,  # a name or a birthday
    "language": None,
    "contact": 4 * 365.0,  # people move house every few years
    "preference": 2 * 365.0,  # tastes last, and change slowly
    "style": 365.0,
    "health": 365.0,  # conditions last, and treatments change; allergies are constraints
    "goal": 180.0,  # an examination, a season of training
    "level": 120.0,  # somebody who learns does not stay a beginner
    "commerce": 90.0,  # an order, a basket
}
_SLOTS: dict[str, float | None] = {
    "mood": 1.0,
    "feeling": 1.0,
    "symptom": 7.0,
    "plan": 30.0,
    "medicine": 180.0,
    "age": 365.0,  # true for a year at most
    "job": 3 * 365.0,
    "employer": 3 * 365.0,
}
_OTHER = 365.0
"""Categories that a plugin brings, and slots of none."""


def half_life(fact: Fact) -> float | None:
    """Days after which half of its confidence is left; None where it doesn't fall."""
    if fact.constraint or fact.provenance.source == "settings":
        return None
    days = _SLOTS.get(fact.slot, _DAYS.get(fact.category, _OTHER))
    return None if days is None else days * (1 + log2(max(1, fact.times)))


def confidence_now(fact: Fact, now: datetime) -> float:
    """The confidence that is left of a fact's at `now`, between 0 and 1.

    What has no date keeps its confidence, as does what was said later than `now`
    (two clocks never agree).
    """
    said, days = fact.confirmed_at or fact.learned_at, half_life(fact)
    if said is None or days is None:
        return fact.confidence
    age = max(0.0, (utc(now) - utc(said)).total_seconds() / 86400)
    return float(fact.confidence * 0.5 ** (age / days))
