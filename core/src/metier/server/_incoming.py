"""What comes in before anything is parsed: who asks, and the body piece by piece."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from metier.access import AccessError, Authenticator, ScopeName, require_scope
from metier.model import Actor, BadRequest, EngineError, MetierError
from metier.server._wire import Limits

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


async def find_actor(
    access: Authenticator,
    headers: Mapping[str, str],
    client: tuple[str, int] | None,
    *scopes: ScopeName,
) -> Actor:
    """Who asks, checked to have one of the scopes that the route needs.

    Args:
        client: the address and port of the connection, as ASGI has it.

    Raises:
        MetierError: 401, 403 `scope_missing`, 429 after too many failures.
    """
    actor = await access.actor(headers, client[0] if client else "")
    require_scope(actor, *scopes)
    return actor


def headers_of(error: MetierError) -> Mapping[str, str]:
    """The headers that go with an error: a challenge, or when to try again."""
    if isinstance(error, AccessError):
        return error.headers
    if error.status not in (429, 503):
        return {}
    known = error.retry_after if isinstance(error, EngineError) else None
    return {"Retry-After": str(known or 1)}


async def read_body(receive: Receive, headers: Mapping[str, str], limits: Limits) -> bytes:
    """The request's body.

    Raises:
        MetierError: 413 as soon as it is too large.
    """
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limits.max_body_bytes:
        raise too_large(limits)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The client went away.", code="client_closed", status=499)
        piece = message.get("body", b"")
        size += len(piece)
        if size > limits.max_body_bytes:
            raise too_large(limits)
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


def too_large(limits: Limits) -> MetierError:
    """That a body is larger than it may be."""
    return BadRequest(
        f"The body is larger than {limits.max_body_bytes} bytes.",
        code="body_too_large",
        status=413,
        param="body",
    )
