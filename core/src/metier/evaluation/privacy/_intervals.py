"""95 % intervals for figures counted over texts that are not independent.

Texts made from one template stand or fall together, so counting them as
independent makes intervals too narrow. Shares get Wilson's interval on the
effective number of cases (number / design effect, by the linearised variance
between clusters); where nothing varies (0 % or 100 %) the clusters are
counted, not the cases. F2, which joins two shares, is resampled by cluster.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from metier.model import Mark

_Z = 1.959964
_RESAMPLES = 1000

Counts = NDArray[np.int64]


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share of `n` cases."""
    if n <= 0:
        return 0.0, 1.0
    squared = _Z * _Z
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = _Z * math.sqrt(share * (1 - share) / n + squared / (4 * n * n)) / (1 + squared / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def proportion(hits: Counts, cases: Counts, target: float | None = None) -> Mark:
    """The share sum(hits) / sum(cases), one entry of each a cluster."""
    hits, cases = hits[cases > 0], cases[cases > 0]
    n, clusters = int(cases.sum()), len(cases)
    if not n:
        return Mark(0.0, 0.0, 1.0, target)
    share = float(hits.sum()) / n
    if share in (0.0, 1.0) or clusters < 2:
        effective = float(clusters)
    else:
        residuals = hits - share * cases
        between = clusters / (clusters - 1) * float((residuals**2).sum()) / n**2
        effective = n / max(1.0, between / (share * (1 - share) / n))
    return Mark(share, *wilson(share, effective), target)


def share(flags: Sequence[bool], target: float | None = None) -> Mark:
    """The share of independent cases that are true."""
    return proportion(np.array(flags, dtype=np.int64), np.ones(len(flags), dtype=np.int64), target)


def f2_mark(
    found: Counts, labelled: Counts, right: Counts, predicted: Counts, target: float | None = None
) -> Mark:
    """F2, in which recall counts four times as much as precision.

    The interval is from resampling clusters, seeded, so the same every time.
    Where every resample is the same, it is that of the two shares' own bounds.
    """
    table = np.stack([found, labelled, right, predicted], axis=1).astype(float)
    table = table[(table[:, 1] > 0) | (table[:, 3] > 0)]
    value = float(_f2(table.sum(axis=0, keepdims=True))[0])
    clusters = len(table)
    if clusters < 2 or not table[:, 1].any() or not table[:, 3].any():
        return Mark(value, None, None, target)
    weights = np.random.default_rng(0).multinomial(
        clusters, np.full(clusters, 1 / clusters), _RESAMPLES
    )
    sums = weights @ table
    low, high = np.percentile(_f2(sums[(sums[:, 1] > 0) & (sums[:, 3] > 0)]), [2.5, 97.5])
    if low == high:
        recall, precision = proportion(found, labelled), proportion(right, predicted)
        bounds = np.array(
            [[recall.low, 1, precision.low, 1], [recall.high, 1, precision.high, 1]], dtype=float
        )
        low, high = _f2(bounds)
    return Mark(value, float(low), float(high), target)


def _f2(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """F2 of lines (found, labelled, right, predicted); 0 where nothing was found."""
    with np.errstate(divide="ignore", invalid="ignore"):
        recall = np.nan_to_num(sums[:, 0] / sums[:, 1])
        precision = np.nan_to_num(sums[:, 2] / sums[:, 3])
        return np.nan_to_num(5 * recall * precision / (4 * precision + recall))


def rate(events: int, per: float, target: float | None = None) -> Mark:
    """`events / per` with a Poisson interval (Byar's approximation)."""

    def bound(x: float, sign: int) -> float:
        return float(x * (1 - 1 / (9 * x) + sign * _Z / (3 * math.sqrt(x))) ** 3)

    low = bound(events, -1) if events else 0.0
    return Mark(events / per, low / per, bound(events + 1, 1) / per, target)
