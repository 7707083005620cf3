"""What is told of a group: counts with noise, of k people at least, paid from a budget.

The guarantee is (epsilon, delta) differential privacy for adding or removing one person
(Dwork and Roth, The Algorithmic Foundations of Differential Privacy, 2014, definition 2.4),
together with k-anonymity of every figure. Withholding what fewer than k share depends on
the true count, which noise alone would not cover: a figure is told only if with its noise it
is also above `threshold`, which k people pass with a chance below delta (pre-thresholding, as
in Google's differential privacy library, common_docs/pre_thresholding.md). So whether a
fifth person has something can't be told from whether the figure is there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from metier.policy import Groups
from metier.profile.cohorts._contribute import FIGURE, figures
from metier.profile.cohorts._ledger import Ledger
from metier.profile.cohorts._noise import UNIT, Gaussian, Mechanism
from metier.profile.cohorts._types import Contribution, Kind, Learn, Rated, Release

EVERY = timedelta(days=30)
"""How often figures are made anew."""
SHARE = 0.5
"""The part of the budget that one release takes where nothing else is said."""
_SIZE = ("size", "", "")
_GAUSSIAN = Gaussian()
_Cell = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """A release, the ledger that paid for it, and whether it is a new one."""

    release: Release
    ledger: Ledger
    new: bool


def refresh(
    cohort: str,
    parts: Sequence[Contribution],
    learn: Learn,
    groups: Groups,
    ledger: Ledger,
    now: datetime,
    *,
    previous: Release | None = None,
    every: timedelta = EVERY,
    epsilon: float | None = None,
    noise: Mechanism = _GAUSSIAN,
) -> Refreshed:
    """Makes the figures of a group, or gives those that are still good.

    Between refreshes the same figures are given again, so that asking often averages
    no noise away. The budget is charged whatever comes out, also where nothing can be
    told: what was charged would otherwise tell how many there are. Store the ledger and
    the release together, and drop the release where that fails.

    Args:
        cohort: the group's id, or `TENANT`.
        parts: one a member, as `contribution` makes them; those of former members, and
            of members who were erased, are simply not there any more.
        groups: what policy decides.
        previous: the last release, if there is one; one that policy no longer allows is
            made anew.
        every: how long a release is good.
        epsilon: what this one may cost; half the budget by default.
        noise: the mechanism; another one only in tests.

    Raises:
        BudgetSpent: the ledger refuses; go on using what was released before.
        MetierError: the noise can't be made (see `Gaussian`).
        ValueError: a part is larger than `learn.most`.
    """
    fresh = previous is not None and now < previous.at + every
    if previous is not None and fresh and still_allowed(previous, groups):
        return Refreshed(previous, ledger, False)
    if any(figures(part) > learn.most for part in parts):
        raise ValueError("a part is larger than learn.most; make parts with contribution()")
    pays = groups.epsilon * SHARE if epsilon is None else epsilon
    delta = groups.delta * pays / groups.epsilon
    charged = ledger.charge(cohort, pays, delta, groups, now)
    # Half of delta is for the noise, half for what passes the threshold.
    scale = noise.scale(sensitivity_of(learn.most), pays, delta / 2)
    threshold = threshold_of(groups.k, scale, delta / 2, learn.most)
    told = _noisy(*_tally(parts), groups.k, threshold, scale, noise)
    nothing = Release(
        cohort, now, k=groups.k, epsilon=pays, delta=delta, scale=scale, threshold=threshold,
        mechanism=noise.name,
    )  # fmt: skip
    size = told.get(_SIZE)
    if size is None:
        return Refreshed(nothing, charged, True)
    values: dict[str, dict[str, float]] = {}
    ratings: dict[Kind, dict[str, Rated]] = {}
    for (kind, key, value), (count, total) in sorted(told.items()):
        if kind == "slot":
            values.setdefault(key, {})[value] = count
        elif kind in ("strategy", "content", "skill"):
            mean = min(1.0, max(0.0, 0.5 + total / count))
            ratings.setdefault(kind, {})[key] = Rated(count, mean)  # type: ignore[arg-type]
    kept = {
        slot: _complementary(counts, size[0], groups.k, scale) for slot, counts in values.items()
    }
    shown = {slot: counts for slot, counts in kept.items() if counts}
    release = replace(nothing, size=size[0], values=shown, ratings=ratings)
    return Refreshed(release, charged, True)


def still_allowed(release: Release, groups: Groups) -> bool:
    """Whether policy would still let a release be made as it was; use none that it wouldn't."""
    if release.mechanism == "declared":
        return True
    return (
        release.k >= groups.k
        and release.epsilon <= groups.epsilon
        and release.delta <= groups.delta
    )


def sensitivity_of(most: int) -> float:
    """What one person changes the figures by at most: their own, and one in the group's size."""
    return math.sqrt(1 + FIGURE * most)


def threshold_of(k: int, scale: float, delta: float, most: int) -> float:
    """The fewest that a figure with its noise may be, to be told.

    A person is in `most` + 1 figures. Of each that has k people only with them, the chance
    of passing must be below delta / (most + 1); noise of a standard deviation s passes t
    with a chance below exp(-t^2 / 2 s^2), as a subgaussian variable does.
    """
    return k + scale * math.sqrt(2 * math.log((most + 1) / delta))


def _tally(parts: Sequence[Contribution]) -> tuple[Counter[_Cell], Counter[_Cell]]:
    """People by figure, and the sums of ratings around one half, in tenths."""
    people: Counter[_Cell] = Counter({_SIZE: len(parts)})
    sums: Counter[_Cell] = Counter()
    for part in parts:
        for slot, value in part.values:
            people["slot", slot, value] += 1
        for kind, key, rating in part.ratings:
            people[kind, key, ""] += 1
            sums[kind, key, ""] += round((rating - 0.5) * UNIT)
    return people, sums


def _noisy(
    people: Mapping[_Cell, int],
    sums: Mapping[_Cell, int],
    k: int,
    threshold: float,
    scale: float,
    noise: Mechanism,
) -> dict[_Cell, tuple[float, float]]:
    cells = sorted(cell for cell, count in people.items() if count >= k)
    exact = [people[cell] * UNIT for cell in cells] + [sums.get(cell, 0) for cell in cells]
    made = [value / UNIT for value in noise.add(exact, scale * UNIT)] if exact else []
    counts, totals = made[: len(cells)], made[len(cells) :]
    return {
        cell: (count, total)
        for cell, count, total in zip(cells, counts, totals, strict=True)
        if count >= threshold
    }


def _complementary(
    counts: Mapping[str, float], size: float, k: int, scale: float
) -> dict[str, float]:
    """Withholds one more figure where what the told ones leave over is a figure of too few.

    Else the size less the told figures would be the withheld one (complementary cell
    suppression). It looks only at figures that have their noise, and so costs nothing. Where
    the noise is of k people or more, what is left over says nothing of a few.
    """
    rest = size - sum(counts.values())
    if scale >= k or not 0 < rest < k:
        return dict(counts)
    least = min(counts, key=lambda value: (counts[value], value))
    return {value: count for value, count in counts.items() if value != least}
