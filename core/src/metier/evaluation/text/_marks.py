"""Means with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metier.model import Mark

_RESAMPLES = 1000


def mean(values: Sequence[float], target: float | None = None) -> Mark:
    """The mean, with a percentile interval from resampling (seeded, so the same every time)."""
    if not values:
        return Mark(0.0, None, None, target)
    table = np.array(values, dtype=float)
    value = float(table.mean())
    if len(table) < 2:
        return Mark(value, None, None, target)
    drawn = np.random.default_rng(0).integers(0, len(table), (_RESAMPLES, len(table)))
    low, high = np.percentile(table[drawn].mean(axis=1), [2.5, 97.5])
    return Mark(value, float(low), float(high), target)


def ratio(tops: Sequence[int], bottoms: Sequence[int], target: float | None = None) -> Mark:
    """sum(tops) / sum(bottoms), one entry of each a cluster (an answer)."""
    from metier.evaluation.privacy._intervals import proportion

    return proportion(np.array(tops, dtype=np.int64), np.array(bottoms, dtype=np.int64), target)
