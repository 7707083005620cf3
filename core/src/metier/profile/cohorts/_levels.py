"""What the groups of a person tell of one quantity, and how far noise lets it be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metier.profile.cohorts._shrink import Level
from metier.profile.cohorts._types import TENANT, Kind, Release

UNKNOWN = ""
"""In place of a value: none is known, or it is one that too few share to tell."""
_ADDED = 4.0
"""People of whom nothing is known, added to a rate before its spread is worked out: what all of a
few share is not known for certain (Agresti and Coull, Approximate Is Better than "Exact" for
Interval Estimation of Binomial Proportions, The American Statistician 52, 1998)."""


def levels(
    kind: Kind,
    key: str,
    cohorts: Sequence[str],
    releases: Mapping[str, Release],
    domain: Release | None = None,
) -> tuple[Level, ...]:
    """What the groups of a person tell of one quantity: for `shrink`, nearest first.

    Args:
        key: a slot, strategy, tag or skill.
        cohorts: the person's, by id; the smallest counts first, being the most particular.
        releases: by cohort, and by `TENANT`.
        domain: what the domain itself expects; nobody's data.
    """
    own = [(f"cohort:{each}", releases[each]) for each in cohorts if each in releases]
    own.sort(key=lambda pair: pair[1].size or 0.0)
    wider = [("tenant", releases.get(TENANT)), ("domain", domain)]
    chain = [*own, *((name, release) for name, release in wider if release is not None)]
    found = (_level(name, kind, key, release) for name, release in chain)
    return tuple(level for level in found if level is not None)


def _level(name: str, kind: Kind, key: str, release: Release) -> Level | None:
    if kind == "slot":
        counts = release.values.get(key)
        if not counts or release.size is None:
            return None
        size = max(release.size, sum(counts.values()))
        shares = {value: count / size for value, count in counts.items()}
        shares[UNKNOWN] = max(0.0, 1 - sum(shares.values()))
        return Level(name, worth(size, list(shares.values()), release.scale), shares)
    rated = release.ratings.get(kind, {}).get(key)
    if rated is None:
        return None
    return Level(name, worth(rated.people, [rated.mean], release.scale), rated.mean)


def worth(people: float, rates: Sequence[float], scale: float) -> float:
    """How many people without noise tell as much as these do with it.

    A rate of n people varies by p (1 - p) / n, and by s^2 (1 + p^2) / n^2 more where the
    counts it is the ratio of have noise of a standard deviation s; so noisy figures of few
    give way to those of wider groups.

    Args:
        rates: one, or several that are weighed together.
    """
    if people <= 0:
        return 0.0
    even = 1 / max(2, len(rates))
    likely = [(people * p + _ADDED * even) / (people + _ADDED) for p in rates]
    chance = sum(p * (1 - p) for p in likely)
    added = scale**2 * sum(1 + p * p for p in rates)
    return people / (1 + added / (chance * people))
