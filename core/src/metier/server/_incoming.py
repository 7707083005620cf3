"""What comes in before anything is parsed: the key, and the body piece by piece."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from metier.model import Actor, BadRequest, MetierError
from metier.server._wire import Limits

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def find_actor(keys: Mapping[str, Actor], header: str) -> Actor:
    """The actor of an Authorization header.

    Raises:
        MetierError: 401.
    """
    scheme, _, key = header.partition(" ")
    digest = hashlib.sha256(key.strip().encode()).hexdigest()
    actor = None
    for known, candidate in keys.items():  # all are compared, in constant time each
        if hmac.compare_digest(known, digest):
            actor = candidate
    if actor is None or scheme.lower() != "bearer":
        raise MetierError(
            "The API key is missing or not known. Send `Authorization: Bearer KEY`.",
            code="invalid_api_key",
            status=401,
        )
    return actor


async def read_body(receive: Receive, headers: Mapping[str, str], limits: Limits) -> bytes:
    """The request's body.

    Raises:
        MetierError: 413 as soon as it is too large.
    """
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limits.max_body_bytes:
        raise _too_large(limits)
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The client went away.", code="client_closed", status=499)
        piece = message.get("body", b"")
        size += len(piece)
        if size > limits.max_body_bytes:
            raise _too_large(limits)
        pieces.append(piece)
        if not message.get("more_body"):
            return b"".join(pieces)


def _too_large(limits: Limits) -> MetierError:
    return BadRequest(
        f"The body is larger than {limits.max_body_bytes} bytes.",
        code="body_too_large",
        status=413,
        param="body",
    )
