"""What kind of thing a slot holds, as far as merging and choosing must know.

The vocabulary of slots is open: plugins bring theirs. A slot that is not named
here is taken to change with life, so that what is said last counts.
"""

from __future__ import annotations

from metier.model import Fact
from metier.profile._fold import words

STABLE = words(
    "name birthday birth_date date_of_birth birthplace blood_group blood_type mother_tongue "
    "native_language height star_sign zodiac dominant_hand handedness"
)
"""What a person has once: two values of it are a contradiction and not a change."""
NAMES = words("name home birthplace employer school job")
"""Where a value that contains the other tells it in full: "Clara" and "Clara Weiss"."""
FOR = words("likes preference favorite favourite")
AGAINST = words("dislikes avoid avoids never")
"""Slots of which one value can't be in both: what is liked, and what is not wanted."""
DENIED = "not_"
"""What the slot of a denial begins with."""
UNSURE = 0.4
"""The most confidence that is given to a value which contradicts another, until it is settled."""
_SAFETY = words("allergy intolerance contraindication pregnant medicine")


def opposed(one: str, other: str) -> bool:
    """Whether two slots say the opposite of the same value."""
    return (one in FOR and other in AGAINST) or (one in AGAINST and other in FOR)


def safety(fact: Fact) -> bool:
    """Whether leaving the fact out could harm: what is of health and must always hold."""
    return fact.slot in _SAFETY or (fact.constraint and fact.category == "health")


def must_hold(fact: Fact) -> bool:
    """Whether every answer to the person must keep it; what is about somebody else need not."""
    return fact.constraint and not fact.about
