"""Counts and times requests by route: the pattern of a path, never the path itself."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Iterable, MutableMapping
from typing import Any

from metier.server._incoming import Receive
from metier.server._plain import FAILED, Asgi, Scope, Send
from metier.telemetry import REQUESTS, Meters

_HOT = frozenset({"/v1/chat/completions", "/v1/responses", "/healthz", "/readyz"})


def watched(asgi: Asgi, meters: Meters, lines: bool) -> Asgi:
    """`asgi`, with every request counted and, with `lines`, logged without content."""

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await asgi(scope, receive, send)
            return
        started = time.perf_counter()
        status, first, identity = 499, None, ""  # without an answer the client had gone
        codes: list[str] = []
        FAILED.set(codes)

        # No coroutine of its own: this is between every event and its way out.
        def seen(message: MutableMapping[str, Any]) -> Awaitable[None]:
            nonlocal status, first, identity
            if first is None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    identity = _identity(message["headers"]) if lines else ""
                elif message.get("more_body"):
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
                figures |= {"request": identity} if identity else {}
                figures |= {"code": codes[0]} if codes else {}
                REQUESTS.info("request", extra={"figures": figures})

    return around


def _identity(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The random id that the client is given, which is that of a turn in the audit log too."""
    return next((value.decode() for name, value in headers if name == b"x-request-id"), "")


def _route(scope: Scope) -> str:
    """The route's own pattern, such as "/v1/plugins/{plugin}/{path:path}"."""
    if scope["path"] in _HOT:
        return str(scope["path"])
    pattern = getattr(scope.get("route"), "path_format", None)
    return str(pattern) if pattern else "other"
