"""The one place where noise is made: the discrete Gaussian mechanism of OpenDP.

Its sampler is exact (Canonne, Kamath and Steinke, The Discrete Gaussian for Differential
Privacy, NeurIPS 2020), so that no rounding of floating point numbers tells what noise hides.
Gaussian and not Laplace: a person is in several figures, and its noise grows with the square
root of their number. The library is the extra `metier[groups]`; without it nothing is
released.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

from metier.model import MetierError

UNIT = 10
"""Counts and sums are whole numbers of tenths."""


class Mechanism(Protocol):
    """Where noise comes from."""

    name: str

    def scale(self, sensitivity: float, epsilon: float, delta: float) -> float:
        """The standard deviation that the guarantee needs, in the unit of `sensitivity`.

        Args:
            sensitivity: the most that one person changes the figures by, as the root of
                the sum of squares.
        """

    def add(self, values: Sequence[int], scale: float) -> list[int]:
        """Whole numbers with noise of a standard deviation, in their own unit."""


class Gaussian:
    """OpenDP's; refuses where the library isn't there."""

    name = "OpenDP discrete Gaussian"

    def scale(self, sensitivity: float, epsilon: float, delta: float) -> float:
        """Raises MetierError: OpenDP isn't installed. Nothing is told of groups then."""
        return _scale(sensitivity * UNIT, epsilon, delta) / UNIT

    def add(self, values: Sequence[int], scale: float) -> list[int]:
        """Raises MetierError: as `scale`."""
        made: list[int] = _measurement(scale)(list(values))
        return made


def _library() -> Any:
    try:
        import opendp.prelude as dp
    except ModuleNotFoundError:
        raise MetierError(
            "Nothing can be told of groups without OpenDP; install `metier[groups]`.",
            code="noise_missing",
            status=503,
        ) from None
    dp.enable_features("contrib")
    return dp


def _measurement(scale: float) -> Any:
    dp = _library()
    space = dp.vector_domain(dp.atom_domain(T=dp.i64)), dp.l2_distance(T=float)
    return dp.m.make_gaussian(*space, scale=scale)


@lru_cache(maxsize=256)
def _scale(sensitivity: float, epsilon: float, delta: float) -> float:
    """The least scale whose privacy, by the library's own map, is within the budget."""
    dp = _library()

    def private(scale: float) -> Any:
        return dp.c.make_fix_delta(dp.c.make_zCDP_to_approxDP(_measurement(scale)), delta)

    found: float = dp.binary_search_param(
        private, d_in=sensitivity, d_out=(epsilon, delta), T=float
    )
    told, _ = private(found).map(sensitivity)
    if not told <= epsilon:
        raise MetierError(
            "The noise is too little for its budget; nothing was released.", code="noise_too_small"
        )
    return found
