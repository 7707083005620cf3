"""The end of a server: nothing new is taken, and what is under way may finish.

On SIGTERM `/readyz` says 503 at once. After a notice, for proxies that have yet to ask,
new requests get 503 with `Connection: close`. The server ends when nothing is under way
any more, or its time is over; a second signal ends it at once.
"""

from __future__ import annotations

import signal
import time
from types import FrameType

import orjson
import uvicorn

from metier.model import MetierError
from metier.server._incoming import Receive
from metier.server._plain import Asgi, Scope, Send, refuse

_HEALTH = frozenset({"/healthz", "/readyz"})


class Drain:
    """Whether the server is ending, and how many requests are under way.

    Args:
        seconds: how long they may take after the notice.
        notice: seconds in which requests are still taken.
    """

    def __init__(self, seconds: float = 25.0, notice: float = 0.0) -> None:
        self.open = 0
        self._seconds = seconds
        self._notice = notice
        self._began: float | None = None

    @property
    def draining(self) -> bool:
        return self._began is not None

    def begin(self) -> None:
        if self._began is None:
            self._began = time.monotonic()

    @property
    def closed(self) -> bool:
        """Whether new requests are refused."""
        return self._began is not None and time.monotonic() - self._began >= self._notice

    @property
    def over(self) -> bool:
        """Whether the server may end."""
        if self._began is None or not self.closed:
            return False
        late = time.monotonic() - self._began >= self._notice + self._seconds
        return late or self.open == 0

    def around(self, asgi: Asgi) -> Asgi:
        """`asgi`, refusing what comes while the server ends."""

        async def drained(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await asgi(scope, receive, send)
                return
            if self.draining and scope["path"] == "/readyz":
                said = {"parts": {"server": False}, "reasons": {"server": "draining"}}
                body = orjson.dumps({"ready": False, **said})
                await refuse(send, 503, body, {"Connection": "close"})
                return
            if scope["path"] in _HEALTH:
                await asgi(scope, receive, send)
                return
            if self.closed:
                error = MetierError(
                    "This server is being stopped. Send the request again; another one takes it.",
                    code="server_draining", status=503,
                )  # fmt: skip
                await refuse(send, 503, error, {"Connection": "close", "Retry-After": "1"})
                return
            self.open += 1
            try:
                await asgi(scope, receive, send)
            finally:
                self.open -= 1

        return drained


class DrainingServer(uvicorn.Server):
    """A server that drains on SIGTERM before it ends; SIGINT ends it as before."""

    def __init__(self, settings: uvicorn.Config, drain: Drain) -> None:
        super().__init__(settings)
        self._drain = drain

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and not self._drain.draining:
            self._captured_signals.append(sig)
            self._drain.begin()
            return
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._drain.over:
            self.should_exit = True
        return await super().on_tick(counter)
