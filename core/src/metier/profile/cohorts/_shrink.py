"""From person to cohort to tenant to domain: each level leans on the next, less the more it knows.

The posterior mean of a Dirichlet-multinomial, a Beta-binomial and a normal-normal
model are one formula: own mean and prior mean, weighted n : s, where s is the number
of observations that the prior is worth (Gelman, Carlin, Stern, Dunson, Vehtari and
Rubin, Bayesian Data Analysis, 3rd edition 2013, sections 2.4, 2.5 and 3.4).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

STRENGTH = 9.0
"""How many observations a level's prior is worth: the tenth of a person begins to outweigh it."""
_MOST = 1e6

Value = float | Mapping[str, float]
"""A mean, or shares by value that sum to one."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one level knows of a quantity.

    Args:
        name: "person", "cohort:physics-2", "tenant", "domain" ...
        n: how many observations (or people) the value rests on.
        value: their mean, or the shares of each value.
        strength: how many observations all further levels together are worth here;
            see `strength_of_rates` and `strength_of_means` to estimate it.
    """

    name: str
    n: float
    value: Value
    strength: float = STRENGTH


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is expected of a person.

    Args:
        value: the mean, or the shares by value.
        weights: how much each level counted, by name; they sum to one.
    """

    value: Value
    weights: Mapping[str, float]

    @property
    def mean(self) -> float:
        """The value, where it is a number."""
        assert isinstance(self.value, float)
        return self.value

    @property
    def shares(self) -> Mapping[str, float]:
        """The value, where it is shares."""
        assert not isinstance(self.value, float)
        return self.value


def shrink(person: Level | None, levels: Sequence[Level]) -> Estimate:
    """What is expected of a person, from what they and their groups show.

    One function for slots (shares by value), strategies, content and skills (means).

    Args:
        person: their own observations; None or `n` 0 for none.
        levels: from the nearest group to the widest, which takes the weight that is left.

    Raises:
        ValueError: no level knows anything, or shares and means are mixed.
    """
    known = [each for each in ([person] if person else []) + list(levels) if each.n > 0]
    if not known:
        raise ValueError("no level knows anything; give one that does, such as the domain's")
    if len({isinstance(each.value, Mapping) for each in known}) > 1:
        raise ValueError("some levels have shares and some a mean; they can't be joined")
    left = 1.0
    weights: dict[str, float] = {}
    for level in known[:-1]:
        own = level.n / (level.n + max(level.strength, 0.0))
        weights[level.name] = weights.get(level.name, 0.0) + left * own
        left *= 1 - own
    last = known[-1].name
    weights[last] = weights.get(last, 0.0) + left
    return Estimate(_joined(known), weights)


def _joined(known: Sequence[Level]) -> Value:
    value = known[-1].value
    for level in reversed(known[:-1]):
        own = level.n / (level.n + max(level.strength, 0.0))
        value = _mixed(level.value, value, own)
    return value


def _mixed(near: Value, far: Value, own: float) -> Value:
    if isinstance(near, Mapping) and isinstance(far, Mapping):
        keys = dict.fromkeys((*near, *far))
        return {k: own * near.get(k, 0.0) + (1 - own) * far.get(k, 0.0) for k in keys}
    assert not isinstance(near, Mapping) and not isinstance(far, Mapping)
    return own * float(near) + (1 - own) * float(far)


def strength_of_rates(
    groups: Sequence[tuple[float, Mapping[str, float]]], *, most: float = STRENGTH
) -> float:
    """How many observations the prior is worth, from how much groups differ (empirical Bayes).

    Moments of the Beta-binomial, summed over keys: the variance of rates between groups
    beyond what chance explains gives the correlation rho within a group, and the strength is
    (1 - rho) / rho (Kleinman, JASA 68(341), 1973). Rates that are shares of one whole make it
    the Dirichlet-multinomial's.

    Args:
        groups: number of observations, and the rate of each key; one a group, or a person.
        most: the cap. The default keeps the tenth observation of a person ahead of the group.

    Returns: the strength; `most` where the groups don't differ or are too few to tell.
    """
    used = [(n, rates) for n, rates in groups if n > 0]
    total = sum(n for n, _ in used)
    if len(used) < 2:
        return most
    keys = dict.fromkeys(key for _, rates in used for key in rates)
    means = {key: sum(n * rates.get(key, 0.0) for n, rates in used) / total for key in keys}
    chance = sum(mean * (1 - mean) for mean in means.values())
    between = sum(
        n * (rates.get(key, 0.0) - mean) ** 2 for n, rates in used for key, mean in means.items()
    )
    spread = total - sum(n * n for n, _ in used) / total - (len(used) - 1)
    if chance <= 0 or spread <= 0:
        return most
    rho = (between / chance - (len(used) - 1)) / spread
    return _strength(1 - rho, rho, most)


def strength_of_means(
    groups: Sequence[tuple[float, float, float]], *, most: float = STRENGTH
) -> float:
    """As `strength_of_rates`, for means: the ratio of the variances within and between.

    Args:
        groups: number of observations, their mean and their variance, one a group.
        most: the cap.
    """
    used = [(n, mean, var) for n, mean, var in groups if n > 0]
    total = sum(n for n, _, _ in used)
    if len(used) < 2 or total <= len(used):
        return most
    within = sum((n - 1) * var for n, _, var in used if n > 1) / (total - len(used))
    middle = sum(n * mean for n, mean, _ in used) / total
    between = sum(n * (mean - middle) ** 2 for n, mean, _ in used)
    spread = total - sum(n * n for n, _, _ in used) / total
    if spread <= 0:
        return most
    return _strength(within, (between - (len(used) - 1) * within) / spread, most)


def _strength(within: float, between: float, most: float) -> float:
    if between <= 0 or within <= 0:
        return most if between <= 0 else 0.0
    return min(within / between, most, _MOST)
