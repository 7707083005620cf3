"""Facts that hold the words of a stricter category belong to it.

"I prefer evenings because of my chemo" is a preference, and it tells of health. Kept as a
preference it would need no consent, and would stay when consent to health is taken back.
So what a policy withholds under one category is not kept in the same words under another,
whichever plugin found it there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import IntEnum

from metier.model import Fact
from metier.pipeline._consent import consent_in_force
from metier.pipeline._state import State
from metier.profile import fold


class Strictness(IntEnum):
    """How hard it is for a category to be kept."""

    FREE = 0
    AGREED = 1
    """It wants consent, and the person has given it."""
    WITHHELD = 2
    """It wants consent, and there is none."""
    FORBIDDEN = 3


def strictness(state: State, category: str) -> Strictness:
    """How hard it is for a category to be kept of this person in this domain."""
    policy, domain = state.parts.policy, state.turn.domain
    # First: what is merely of other domains takes no fact from a category of this one.
    if policy.consent(category, domain).kind == "none":
        return Strictness.FREE
    if not policy.may_learn(category, domain, state.manifest.purposes).allowed:
        return Strictness.FORBIDDEN
    agreed = consent_in_force(state, category).allowed
    return Strictness.AGREED if agreed else Strictness.WITHHELD


def in_their_categories(
    facts: Sequence[Fact], earlier: Sequence[Fact], strict: Callable[[str], Strictness]
) -> list[Fact]:
    """The facts of a message, each in the strictest category whose words it holds.

    Words are the same where spans in the message overlap, or where a value holds the other.
    A retraction stays what it is: what it ends is not kept.

    Args:
        earlier: facts of other messages that count as well, by their values.
    """
    keys = [fold(fact.value) for fact in facts]
    before = [(fold(fact.value), fact.category) for fact in earlier]
    found = []
    for fact, key in zip(facts, keys, strict=True):
        categories = [fact.category]  # its own first, which stays among equals
        categories += [
            other.category
            for other, part in zip(facts, keys, strict=True)
            if _overlap(other, fact) or _holds(key, part)
        ]
        categories += [category for part, category in before if _holds(key, part)]
        strictest = max(dict.fromkeys(categories), key=strict)
        found.append(fact if fact.retracts else replace(fact, category=strictest))
    return found


def _overlap(one: Fact, other: Fact) -> bool:
    """Whether both stand in the same place of one message."""
    a, b = one.provenance, other.provenance
    if a.start is None or a.end is None or b.start is None or b.end is None:
        return False
    same = a.turn is None or b.turn is None or a.turn == b.turn
    return same and a.start < b.end and b.start < a.end


def _holds(whole: str, part: str) -> bool:
    """Whether a value holds the words of another; both are the keys of `fold`."""
    # Words of Chinese have no spaces between them.
    held = f" {part} " in f" {whole} " if part.isascii() else part in whole
    return bool(part) and held
