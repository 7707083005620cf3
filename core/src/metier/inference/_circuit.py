"""The circuit breaker of one server: it is left alone for a while after it failed repeatedly."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Literal

State = Literal["closed", "open", "half-open"]

FAILURES: Final = 3
SECONDS: Final = 15.0


class Circuit:
    """Closed lets requests through; open lets none; half-open lets one through to try.

    Args:
        failures: how many in a row open it.
        seconds: how long it is open before one request may try.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        failures: int = FAILURES,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        """How it stands now."""
        if self._opened is None:
            return "closed"
        waited = self._clock() - self._opened
        return "half-open" if self._trying or waited >= self._seconds else "open"

    @property
    def lets(self) -> bool:
        """Whether a request may go through now; one that does says so with `begin`."""
        return self.state == "closed" or (self.state == "half-open" and not self._trying)

    @property
    def waits(self) -> float:
        """Seconds until one request may try."""
        if self._opened is None:
            return 0.0
        return max(0.0, self._seconds - (self._clock() - self._opened))

    def begin(self) -> bool:
        """A request goes through. True: it is the trial, and no other goes through meanwhile."""
        self._trying = self._opened is not None
        return self._trying

    def answering(self, trial: bool) -> None:
        """The server has begun to answer. A trial closes the circuit, but on probation."""
        if trial:
            self._failures, self._opened, self._trying = self._most - 1, None, False

    def succeeded(self) -> None:
        """The server answered to the end, or refused with reason: all is forgotten."""
        self._failures, self._opened, self._trying = 0, None, False

    def failed(self, trial: bool) -> None:
        """The server failed; too many times, or in its trial, opens the circuit."""
        self._failures += 1
        if trial or self._failures >= self._most:
            self._opened, self._trying = self._clock(), False

    def left(self, trial: bool) -> None:
        """The request ended without a verdict: whoever asked went away, or another was quicker."""
        if trial:
            self._trying = False
