"""A way through the one client for libraries that speak httpx."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Final

import httpx

from metier.egress._client import EgressClient
from metier.egress._rules import TargetRule, TargetUnavailable

_LARGEST: Final = 64 * 1024 * 1024
"""Bytes of an answer. A library reads it whole, so it must fit into memory."""


class EgressTransport(httpx.BaseTransport):
    """Sends what a library asks of httpx to one target, and to nothing else.

    Of a request's address only path and query count: scheme, host and port are the
    target's. So a library is best given an address that leads nowhere. Safe to use from
    several threads; the connections live on a thread of their own.

    Args:
        target: the target's name, for messages.
        rule: where it is and how it may be reached.
        headers: go with every request, such as a key, which the library need not know.

    Raises:
        TargetRefused, TargetUnavailable: from a request, as `EgressClient` does.
    """

    def __init__(
        self, target: str, rule: TargetRule, headers: Mapping[str, str] | None = None
    ) -> None:
        self._target = target
        self._client = EgressClient({target: rule})
        self._headers = dict(headers or {})
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request and reads its answer to the end."""
        body = request.read()
        asked = self._ask(request, body or None)
        return asyncio.run_coroutine_threadsafe(asked, self._running()).result()

    def close(self) -> None:
        """Closes the connections. A later request opens new ones."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._client.close(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    async def _ask(self, request: httpx.Request, body: bytes | None) -> httpx.Response:
        sent = self._client.send(
            request.method,
            self._target,
            request.url.path,
            body,
            self._headers,
            dict(request.url.params),
        )
        async with sent as response:
            content = await response.read(_LARGEST)
            if len(content) == _LARGEST:
                raise TargetUnavailable(
                    f"The target '{self._target}' answered with more than {_LARGEST >> 20} MiB.",
                    code="target_cut",
                )
            kind = {"Content-Type": response.content_type}
            return httpx.Response(response.status, headers=kind, content=content)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(loop,), name="egress", daemon=True).start()
                self._loop = loop
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()
