"""What a suite gave, as `metier eval --json` prints it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from metier.model import Mark

Measured = tuple[str, int, Mapping[str, Mark]]
"""The data set's name, the number of cases and the marks."""


def report(suite: str, measured: Measured, started: float, encoder: bool | None) -> dict[str, Any]:
    """One object for a run.

    Args:
        started: `time.perf_counter()` before it.
        encoder: whether the embedding model was there; None where the suite uses none.
    """
    dataset, count, marks = measured
    return {
        "suite": suite,
        "dataset": dataset,
        "n": count,
        "seconds": round(time.perf_counter() - started, 3),
        "encoder": encoder,
        "metrics": {key: asdict(mark) for key, mark in marks.items()},
    }
