"""The one place where noise is made: the discrete Laplace mechanism of OpenDP.

Its sampler is exact (Canonne, Kamath and Steinke, The Discrete Gaussian for
Differential Privacy, NeurIPS 2020, section 5.2), so that no rounding of floating
point numbers tells what noise hides (Mironov, CCS 2012). The library is the extra
`metier[groups]`; without it nothing is released.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from metier.model import MetierError

UNIT = 10
"""Counts and sums are whole numbers of tenths."""
Noise = Callable[[Sequence[int], float, float], list[int]]
"""Values in tenths, the most one person changes them by, epsilon -> values with noise."""


def laplace(values: Sequence[int], sensitivity: float, epsilon: float) -> list[int]:
    """Adds noise to whole numbers.

    Args:
        values: in tenths.
        sensitivity: the most that one person changes their sum of absolute differences by,
            in ones.
        epsilon: what it may cost; checked with the library's own map.

    Raises:
        MetierError: OpenDP isn't installed. Nothing is told of groups then.
    """
    try:
        import opendp.prelude as dp
    except ModuleNotFoundError:
        raise MetierError(
            "Nothing can be told of groups without OpenDP; install `metier[groups]`.",
            code="noise_missing",
            status=503,
        ) from None
    dp.enable_features("contrib")
    most = math.ceil(sensitivity * UNIT)
    space = dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l1_distance(T=dp.i64)
    # A hair more noise than needed, so that the library's upward rounding stays below.
    measurement: Any = dp.m.make_laplace(*space, scale=most / epsilon * (1 + 1e-12))
    if measurement.map(d_in=most) > epsilon:
        raise MetierError(
            "The noise is too little for its budget; nothing was released.", code="noise_too_small"
        )
    return [int(value) for value in measurement(list(values))]
