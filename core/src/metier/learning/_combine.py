"""Several personalizers as one: those the policy lets run, in its order, with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from metier.learning._types import (
    Change,
    Hint,
    Personalization,
    Personalizer,
    PersonView,
    Restated,
    Withheld,
    bounded,
)
from metier.policy import PolicySet

MOST_HINTS = 6
"""Hints in one plan. More of them than a reader would keep in mind help nobody."""


def personalize(
    personalizers: Sequence[Personalizer], view: PersonView, policy: PolicySet
) -> Personalization:
    """Asks every personalizer that the policy lets run, and joins what they say.

    Each sees only facts of the categories that it may use in this domain; what is kept from it
    is in `withheld`, with the rule. Scores are weighed and added so that none goes past 1 or is
    lost. Of hints on one topic the first counts, in the policy's order; a constraint is restated
    once. The same view gives the same answer, whatever order the personalizers come in.

    Args:
        personalizers: those that there are, each with its own name.
        view: of one turn, narrowed already to what this domain may see of the person.
        policy: what is in force.

    Raises:
        Whatever a personalizer raises: the caller decides whether a turn goes on without.
    """
    by_name = {p.name: p for p in personalizers}
    allowed = policy.personalizing(view.domain, by_name)
    parts: list[tuple[Personalization, float]] = []
    withheld: list[Withheld] = []
    for name in allowed.order:
        own, kept = narrowed(view, name, policy)
        parts.append((by_name[name].personalize(own), allowed.weights[name]))
        withheld += kept
    return replace(combine(parts), withheld=tuple(withheld))


def narrowed(
    view: PersonView, name: str, policy: PolicySet
) -> tuple[PersonView, tuple[Withheld, ...]]:
    """What one personalizer sees of a turn, and what policy keeps from it."""
    facts, withheld = [], []
    for fact in view.facts:
        said = policy.may_personalize(name, view.domain, fact.category)
        if said.allowed:
            facts.append(fact)
        else:
            withheld.append(Withheld(name, fact.id, said.rule))
    own = replace(view, facts=tuple(facts))
    if not policy.may_use_groups(name, view.domain).allowed:
        own = replace(own, cohorts=(), priors=())
    return own, tuple(withheld)


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
