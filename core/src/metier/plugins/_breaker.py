"""Switching off hooks that keep failing."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

THRESHOLD = 5
"""Failures in a row that open the breaker."""
COOLDOWN = 60.0
"""Seconds until an open breaker lets one trial through."""


@dataclass(frozen=True, slots=True)
class BreakerState:
    """A hook that has failed lately; open ones are switched off."""

    plugin: str
    hook: str
    failures: int
    open: bool
    error: str


class Breaker:
    """Counts failures in a row per (plugin, hook)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[tuple[str, str], tuple[int, str]] = {}
        self._opened: dict[tuple[str, str], float] = {}

    def allows(self, plugin: str, hook: str) -> bool:
        """Whether the hook may be called; an open breaker allows one trial per cooldown."""
        key = (plugin, hook)
        opened = self._opened.get(key)
        if opened is None:
            return True
        if self._clock() - opened < COOLDOWN:
            return False
        self._opened[key] = self._clock()  # the trial: others wait for its outcome
        return True

    def succeeded(self, plugin: str, hook: str) -> None:
        self._failures.pop((plugin, hook), None)
        self._opened.pop((plugin, hook), None)

    def failed(self, plugin: str, hook: str, error: str) -> None:
        key = (plugin, hook)
        count = self._failures.get(key, (0, ""))[0] + 1
        self._failures[key] = (count, error)
        if count >= THRESHOLD:
            self._opened[key] = self._clock()

    def states(self) -> list[BreakerState]:
        return [
            BreakerState(plugin, hook, count, (plugin, hook) in self._opened, error)
            for (plugin, hook), (count, error) in sorted(self._failures.items())
        ]
