"""The time of an installation, which never goes back while metier runs.

A clock that is set back would hide what people said since: facts, and constraints among
them, hold from when they were said. So where the clock goes back the time goes on from
where it was, as fast as time does, until metier is started anew or the clock is there again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_log = logging.getLogger("metier")
_SLACK = timedelta(seconds=1)
"""What clocks are moved by in the course of being kept right; nothing to tell anybody of."""


class SteadyClock:
    """Gives the time, UTC.

    Args:
        clock: the system's clock.
        ticks: monotonic seconds.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._last, self._at = clock(), ticks()
        self._behind = False

    def __call__(self) -> datetime:
        with self._lock:
            found, at = self._clock(), self._ticks()
            if found < self._last:
                behind = self._last + timedelta(seconds=at - self._at) - found
                found += behind
                self._told(behind)
            else:
                self._behind = False
            self._last, self._at = found, at
            return found

    def _told(self, behind: timedelta) -> None:
        if self._behind or behind < _SLACK:
            return
        self._behind = True
        _log.error(
            "The clock went back by %.0f seconds. The time goes on from where it was until metier "
            "is started anew. See `metier doctor`.",
            behind.total_seconds(),
        )
