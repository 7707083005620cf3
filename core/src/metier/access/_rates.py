"""How many requests an actor may begin in a minute, in memory and bounded."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from metier.access._errors import AccessError
from metier.model import Actor

_MOST = 20_000
"""Actors that are remembered; who came least lately is forgotten, with a full bucket."""


class Rates:
    """A bucket of requests for each actor, which fills with time.

    Each replica counts for itself.

    Args:
        a_minute: how many requests the bucket gains in a minute; 0 for no limit.
        burst: how many it holds.
    """

    def __init__(
        self, a_minute: int, burst: int = 20, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._a_second = a_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def spend(self, actor: Actor) -> None:
        """Takes one request out of the actor's bucket.

        Raises:
            AccessError: 429, with the seconds until there is one again.
        """
        if not self._a_second:
            return
        place, now = (actor.tenant, actor.id), self._clock()
        held, at = self._buckets.pop(place, (self._burst, now))
        held = min(self._burst, held + (now - at) * self._a_second)
        allowed = held >= 1
        self._buckets[place] = (held - 1 if allowed else held, now)
        if len(self._buckets) > _MOST:
            self._buckets.popitem(last=False)
        if not allowed:
            raise _too_fast((1 - held) / self._a_second)


def _too_fast(seconds: float) -> AccessError:
    return AccessError(
        "This key has made too many requests in a short time. Wait, and try again.",
        code="rate_limit_exceeded",
        status=429,
        headers={"Retry-After": str(max(1, -int(-seconds // 1)))},
    )
