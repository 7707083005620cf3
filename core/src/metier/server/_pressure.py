"""Back-pressure: what can't be served well is refused before it costs memory.

A request is refused before its body is read, with 429 and when to come again. Each
request that was let in may hold its body, its turn and its stream, so a bound on their
number bounds the memory; the limit of memory is for what the bound guessed wrong.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable

from metier.config import LimitSettings
from metier.model import MetierError
from metier.server._incoming import Receive
from metier.server._plain import Asgi, Scope, Send, refuse

_FREE = frozenset({"/healthz", "/readyz"})
_LOOK = 0.25
"""Seconds for which a look at the memory holds."""


class Pressure:
    """Counts what is under way, in all and by key.

    Args:
        limits: as in metier.toml.
        told: called with the reason of each refusal.
        memory: resident bytes of this process.
    """

    def __init__(
        self,
        limits: LimitSettings,
        told: Callable[[str], None] = lambda _: None,
        memory: Callable[[], int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._told = told
        self._memory = memory or resident_bytes
        self._clock = clock
        self._looked, self._resident = -_LOOK, 0
        self._open = 0
        self._by_key: Counter[bytes] = Counter()

    def around(self, asgi: Asgi) -> Asgi:
        """`asgi`, with no more under way than the limits allow."""

        async def pressed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] in _FREE:
                await asgi(scope, receive, send)
                return
            key = self._key(scope)
            refused = self._refused(key)
            if refused is not None:
                self._told(refused.code)
                await refuse(send, 429, refused, {"Retry-After": "1"})
                return
            self._open += 1
            if key:
                self._by_key[key] += 1
            try:
                await asgi(scope, receive, send)
            finally:
                self._open -= 1
                if key:
                    self._by_key[key] -= 1
                    if not self._by_key[key]:
                        del self._by_key[key]

        return pressed

    def _key(self, scope: Scope) -> bytes:
        """What tells one key from another; nothing where it doesn't matter."""
        if not self._limits.requests_a_key:
            return b""
        for name, value in scope["headers"]:
            if name.lower() == b"authorization":
                return hashlib.sha256(value).digest()
        return b""

    def _refused(self, key: bytes) -> MetierError | None:
        limits = self._limits
        if limits.requests and self._open >= limits.requests:
            return _busy("The server has as many requests under way as it takes.", "server_busy")
        if key and self._by_key[key] >= limits.requests_a_key:
            return _busy("This key has as many requests under way as it may.", "too_many_requests")
        if limits.memory_mb and self._held() > limits.memory_mb << 20:
            return _busy("The server has no memory left for more requests.", "server_busy_memory")
        return None

    def _held(self) -> int:
        now = self._clock()
        if now - self._looked >= _LOOK:
            self._looked, self._resident = now, self._memory()
        return self._resident


def _busy(what: str, code: str) -> MetierError:
    return MetierError(f"{what} Try again in a moment.", code=code, status=429)


def resident_bytes() -> int:
    """Memory of this process that is in use; 0 where the system doesn't tell."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
