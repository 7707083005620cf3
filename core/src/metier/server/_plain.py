"""What the layers around the application share: the shape of ASGI, and a plain refusal."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any

from metier.model import MetierError
from metier.server._incoming import Receive
from metier.server._wire import error_body

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


FAILED: ContextVar[list[str] | None] = ContextVar("metier.failed", default=None)
"""Where the code of an error is kept for the request's line in the log."""


def failed(error: MetierError) -> bytes:
    """The body of an answer that tells of an error; its code goes into the log."""
    codes = FAILED.get()
    if codes is not None:
        codes.append(error.code)
    return error_body(error)


async def refuse(
    send: Send, status: int, said: MetierError | bytes, headers: Mapping[str, str]
) -> None:
    """Answers at once, in the OpenAI shape where `said` is an error; the body is not read."""
    body = failed(said) if isinstance(said, MetierError) else said
    found = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-request-id", secrets.token_hex(16).encode()),
        *((name.lower().encode(), value.encode()) for name, value in headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": found})
    await send({"type": "http.response.body", "body": body})
