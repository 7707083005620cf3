"""nDCG and AUC of people, with 95 % intervals over people and of differences within them.

The AUC's interval takes a person's answers together (Obuchowski, Nonparametric Analysis of
Clustered ROC Curve Data, Biometrics 53(2), 1997): what each person adds to the figure is
summed, and the variance is that of those sums.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from metier.model import Mark

Floats = NDArray[np.float64]
_Z = 1.959964


def ndcg(scores: Floats, wanted: NDArray[np.int64], seen: NDArray[np.int64], k: int = 10) -> float:
    """nDCG@k of ranking all items but those seen, where `wanted` are right."""
    left = scores.copy()
    left[seen] = -np.inf
    k = min(k, len(left))
    top = np.argpartition(-left, k - 1)[:k]
    top = top[np.lexsort((top, -left[top]))]
    gains = 1 / np.log2(np.arange(2, k + 2))
    ideal = float(gains[: min(k, len(wanted))].sum())
    return float(np.isin(top, wanted) @ gains) / ideal if ideal else 0.0


def mean_mark(values: Floats, target: float | None = None) -> Mark:
    """The mean over people; of a difference within people, where given one."""
    count = len(values)
    middle = float(values.mean())
    half = _Z * float(values.std(ddof=1)) / math.sqrt(count) if count > 1 else math.inf
    if not math.isfinite(half):
        return Mark(middle, None, None, target)
    return Mark(middle, middle - half, middle + half, target)


def auc_parts(right: NDArray[np.int64], scores: Floats, who: NDArray[np.int64]) -> tuple[
    float, Floats
]:  # fmt: skip
    """The AUC, and what each person adds to its error; ties count half."""
    yes, no = scores[right == 1], scores[right == 0]
    if not len(yes) or not len(no):
        return 0.5, np.zeros(int(who.max(initial=-1)) + 1)
    added = np.empty(len(scores))
    added[right == 1] = _below(yes, no) / len(no)
    added[right == 0] = 1 - _below(no, yes) / len(yes)
    value = float(added[right == 1].mean())
    share = np.where(right == 1, len(yes), len(no))
    by_person: Floats = np.bincount(who, weights=(added - value) / share).astype(np.float64)
    return value, by_person


def auc_mark(value: float, added: Floats, target: float | None = None) -> Mark:
    """The AUC, or a difference of two, with its interval."""
    people = int((added != 0).sum())
    if people < 2:
        return Mark(value, None, None, target)
    half = _Z * math.sqrt(people / (people - 1) * float((added**2).sum()))
    return Mark(value, value - half, value + half, target)


def _below(values: Floats, others: Floats) -> Floats:
    """How many others are below each value; equal ones count half."""
    ordered = np.sort(others)
    left = np.searchsorted(ordered, values, "left")
    right = np.searchsorted(ordered, values, "right")
    return (left + right) / 2
