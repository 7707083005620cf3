"""Means of shares, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from metier.evaluation.privacy._intervals import wilson
from metier.model import Mark


def mean_mark(
    values: Sequence[float], clusters: Sequence[str], target: float | None = None
) -> Mark:
    """A mean of shares with a 95 % interval.

    Wilson's interval for the number of independent questions that would vary
    as much; the larger of two variances counts, that between questions and
    that between conversations, since questions of one share its difficulty.
    """
    n = len(values)
    if not n:
        return Mark(0.0, 0.0, 1.0, target)
    mean = sum(values) / n
    spread = sum((v - mean) ** 2 for v in values) / max(1, n - 1) / n
    sums: dict[str, float] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + value - mean
    if len(sums) > 1:
        between = len(sums) / (len(sums) - 1) * sum(s * s for s in sums.values()) / n**2
        spread = max(spread, between)
    effective = mean * (1 - mean) / spread if spread > 0 else float(n)
    low, high = wilson(mean, min(n, max(1.0, effective)))
    return Mark(mean, low, high, target)
