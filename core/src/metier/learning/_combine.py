"""Several personalizers as one: in the policy's order, with its weights, bounded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from metier.learning._types import (
    Change,
    Hint,
    Personalization,
    Personalizer,
    PersonView,
    Restated,
    bounded,
)
from metier.model import EMPTY

MOST_HINTS = 6
"""Hints in one plan. More of them than a reader would keep in mind help nobody."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a policy lets personalizers do in a domain.

    The same as `metier.policy.Personalizing`, taken apart: rooms of this level don't need
    to know how a policy decides.

    Args:
        order: names of those that run, the most trusted first.
        weights: by name, in [0, 1]; 1 where not named.
    """

    order: tuple[str, ...]
    weights: Mapping[str, float] = field(default_factory=lambda: EMPTY)


def personalize(
    personalizers: Sequence[Personalizer], view: PersonView, allowed: Allowed
) -> Personalization:
    """Asks every personalizer that may run, and joins what they say.

    Scores are weighed and added so that none goes past 1 or is lost. Of hints on one
    topic the first counts, in the policy's order; a constraint is restated once. The same
    view gives the same answer, whatever order the personalizers come in.

    Args:
        personalizers: those that there are; what `allowed` doesn't name doesn't run.
        view: narrowed already to the facts that policy and consent let them see.

    Raises:
        Whatever a personalizer raises: the caller decides whether a turn goes on without.
    """
    by_name = {p.name: p for p in personalizers}
    parts = []
    for name in allowed.order:
        weight = allowed.weights.get(name, 1.0)
        if name in by_name and weight > 0:
            parts.append((by_name[name].personalize(view), weight))
    return combine(parts)


def combine(parts: Sequence[tuple[Personalization, float]]) -> Personalization:
    """Joins personalizations, the most trusted first, each with its weight in [0, 1]."""
    changes: list[Change] = []
    hints: dict[str, Hint] = {}
    restated: dict[str, Restated] = {}
    for part, weight in parts:
        for change in part.changes:
            by = bounded(change.by * max(0.0, min(1.0, weight)))
            if by:
                changes.append(replace(change, by=by))
        for hint in part.hints:
            hints.setdefault(hint.topic, hint)
        for each in part.restated:
            restated.setdefault(each.fact, each)
    return Personalization(
        tuple(changes), tuple(hints.values())[:MOST_HINTS], tuple(restated.values())
    )
