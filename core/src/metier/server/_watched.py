"""Counts and times requests by route: the pattern of a path, never the path itself."""

from __future__ import annotations

import time
from collections.abc import Awaitable, MutableMapping
from typing import Any

from metier.server._incoming import Receive
from metier.server._plain import Asgi, Scope, Send
from metier.telemetry import REQUESTS, Meters

_HOT = frozenset({"/v1/chat/completions", "/v1/responses", "/healthz", "/readyz"})


def watched(asgi: Asgi, meters: Meters, lines: bool) -> Asgi:
    """`asgi`, with every request counted and, with `lines`, logged without content."""

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await asgi(scope, receive, send)
            return
        started = time.perf_counter()
        status, first = 499, None  # where nothing was answered, the client had gone

        # No coroutine of its own: this is between every event and its way out.
        def seen(message: MutableMapping[str, Any]) -> Awaitable[None]:
            nonlocal status, first
            if first is None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                else:
                    first = time.perf_counter() - started
            return send(message)

        meters.open.inc()
        try:
            await asgi(scope, receive, seen)
        finally:
            meters.open.dec()
            seconds = time.perf_counter() - started
            route = _route(scope)
            meters.request(route, status, seconds, first)
            if lines:
                figures = {"route": route, "status": status, "seconds": round(seconds, 4)}
                REQUESTS.info("request", extra={"figures": figures})

    return around


def _route(scope: Scope) -> str:
    """The route's own pattern, such as "/v1/plugins/{plugin}/{path:path}"."""
    if scope["path"] in _HOT:
        return str(scope["path"])
    pattern = getattr(scope.get("route"), "path_format", None)
    return str(pattern) if pattern else "other"
