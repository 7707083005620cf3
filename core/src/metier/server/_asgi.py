"""The ASGI application: keys, bodies, the two hot routes, disconnects."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing
from typing import Any

from metier.model import Actor, Answer, BadRequest, Finish, MetierError
from metier.server import _chat, _responses
from metier.server._wire import (
    App,
    Limits,
    Wanted,
    as_error,
    error_body,
    load_object,
    log_fault,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOT: Mapping[str, Any] = {"/v1/chat/completions": _chat, "/v1/responses": _responses}
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


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


def create_app(app: App, *, keys: Mapping[str, Actor], limits: Limits | None = None) -> Asgi:
    """The ASGI application over a running metier.

    Args:
        app: what runs the turns.
        keys: SHA-256 of each API key in hex, and the actor it stands for.
        limits: what one request may bring.
    """
    from metier.server._rest import create_rest

    allowed = limits or Limits()
    rest = create_rest(app, keys, allowed)

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _HOT:
            await _hot(app, keys, allowed, scope, receive, send)
        elif scope["type"] == "http":
            await _rest(rest, scope, receive, send)
        else:
            await rest(scope, receive, send)

    return asgi


def serve(
    app: App, host: str, port: int, *, keys: Mapping[str, Actor], limits: Limits | None = None
) -> None:
    """Serves until interrupted. No access log: paths and clients are personal data too."""
    import uvicorn

    asgi = create_app(app, keys=keys, limits=limits)
    uvicorn.run(
        asgi, host=host, port=port, access_log=False, log_level="warning",
        server_header=False, timeout_graceful_shutdown=10, lifespan="on",
    )  # fmt: skip


async def _rest(rest: Asgi, scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await rest(scope, receive, send)
    except Exception as error:
        # It has been answered. Raised on, the server would log its words, which may be content.
        log_fault(error)


async def _hot(
    app: App,
    keys: Mapping[str, Actor],
    limits: Limits,
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    wire = _HOT[scope["path"]]
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    try:
        if scope["method"] != "POST":
            raise MetierError("Use POST.", code="method_not_allowed", status=405)
        actor = find_actor(keys, headers.get("authorization", ""))
        raw = load_object(await read_body(receive, headers, limits))
        wanted: Wanted = wire.parse(raw, actor, headers, limits)
    except Exception as error:  # whatever a body brings about, the client gets the OpenAI shape
        problem = as_error(error)
        await _whole(send, problem.status, error_body(problem))
        return
    work = asyncio.ensure_future(_answer(app, wire, wanted, send))
    gone = asyncio.ensure_future(_disconnected(receive))
    await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
    gone.cancel()
    if not work.done():
        work.cancel()  # closes the stream, and with it the generation upstream
    try:
        await work
    except asyncio.CancelledError:
        if not work.cancelled():
            raise


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


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


async def _answer(app: App, wire: Any, wanted: Wanted, send: Send) -> None:
    chunks = wire.Chunks(wanted)
    finishes: dict[int, str] = {}
    started = False
    stream: Any = app.stream(wanted.request)
    try:
        async with aclosing(stream) as items:
            async for item in items:
                if isinstance(item, Finish):
                    finishes[item.choice] = item.reason
                if not wanted.stream:
                    if isinstance(item, Answer):
                        await _whole(send, 200, wire.completion(wanted, item, finishes))
                    continue
                if not started:
                    started = True
                    await _start_stream(send)
                    for data in chunks.opening():
                        await _piece(send, data)
                found = chunks.closing(item) if isinstance(item, Answer) else chunks.event(item)
                for data in found:
                    await _piece(send, data)
    except Exception as error:  # whatever a turn raised, the client gets the OpenAI shape
        problem = as_error(error)
        if not started:
            await _whole(send, problem.status, error_body(problem))
            return
        for data in chunks.failure(error_body(problem)):
            await _piece(send, data)
    if started:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _start_stream(send: Send) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), *_HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _piece(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _whole(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
