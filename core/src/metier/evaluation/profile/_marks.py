"""Marks of shares: independent cases, and records that hang together by topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from metier.evaluation.privacy._intervals import proportion
from metier.model import Mark


def by_topic(rows: Iterable[tuple[str, bool]], target: float | None = None) -> Mark:
    """The share of true rows of (topic, flag); the interval counts topics as clusters."""
    hits: dict[str, int] = defaultdict(int)
    cases: dict[str, int] = defaultdict(int)
    for topic, flag in rows:
        hits[topic] += flag
        cases[topic] += 1
    return proportion(
        np.array([hits[t] for t in cases], dtype=np.int64),
        np.array([cases[t] for t in cases], dtype=np.int64),
        target,
    )


def mean(values: Iterable[float], target: float | None = None) -> Mark:
    """The mean with an interval of 1.96 standard errors."""
    found = np.array(list(values), dtype=float)
    if len(found) == 0:
        return Mark(0.0, None, None, target)
    middle = float(found.mean())
    if len(found) == 1:
        return Mark(middle, None, None, target)
    half = 1.959964 * float(found.std(ddof=1)) / float(np.sqrt(len(found)))
    return Mark(middle, middle - half, middle + half, target)
