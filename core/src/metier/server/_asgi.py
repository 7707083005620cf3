"""The ASGI application: who asks, bodies, the two hot routes, disconnects."""

from __future__ import annotations

import asyncio
import gc
import secrets
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from metier._faults import as_error, log_fault
from metier.access import Authenticator
from metier.model import Actor, Answer, MetierError, one_by_one
from metier.server import _chat, _responses
from metier.server._door import Door
from metier.server._incoming import Receive, find_actor, headers_of, read_body
from metier.server._plain import failed
from metier.server._wire import (
    App,
    Gathered,
    Limits,
    Wanted,
    load_object,
)

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.server._drain import Drain

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOT: Mapping[str, Any] = {"/v1/chat/completions": _chat, "/v1/responses": _responses}
_REQUEST_ID = b"x-request-id"
"""Names the answer: the turn's id, or a random one. A client's own is never repeated, as it
can hold anything."""
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


def create_app(
    app: App,
    *,
    keys: Mapping[str, Actor] | None = None,
    access: Authenticator | None = None,
    limits: Limits | None = None,
    door: Door | None = None,
) -> Asgi:
    """The ASGI application over a running metier.

    Args:
        app: what runs the turns.
        keys: SHA-256 of each API key in hex, and the actor it stands for; for an
            application that knows no other.
        access: lets requests in instead; see `make_authenticator`. It is closed with the app.
        limits: what one request may bring.
        door: lets the home's own commands in; `app` is then a `Metier`.
    """
    from metier.server._rest import create_rest

    allowed = limits or Limits()
    if (keys is None) == (access is None):
        raise TypeError("create_app needs `keys` or `access`, and not both")
    known = access if access is not None else Authenticator(keys or {})
    rest = create_rest(app, known, allowed)
    if door is not None:
        from metier.server._local import add_local

        add_local(rest, cast("Metier", app), door, allowed)

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in _HOT:
            await _hot(app, known, allowed, scope, receive, send)
        elif scope["type"] == "http":
            await _rest(rest, scope, receive, send)
        else:
            await rest(scope, receive, send)

    return asgi


def listen(host: str, port: int) -> socket.socket:
    """A socket to serve on; port 0 takes a free one.

    Raises:
        MetierError: where the address can't be had.
    """
    try:
        return bound(host, port)
    except OSError as error:
        raise MetierError(
            f"Port {port} on '{host}' can't be used: {error.strerror}. Choose others with --host "
            "and --port, or in metier.toml.",
            code="address_not_usable",
        ) from None


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one.

    Raises:
        OSError: where the address can't be had.
    """
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(2048)  # who comes before the server is ready waits
    except OSError:
        found.close()
        raise
    return found


def serve(asgi: Asgi, listener: socket.socket, drain: Drain | None = None) -> None:
    """Serves until interrupted. No access log: paths and clients are personal data too.

    Args:
        drain: lets what is under way finish on SIGTERM.
    """
    import uvicorn

    from metier.server import _drain

    settings = uvicorn.Config(
        asgi, access_log=False, log_config=None, log_level="warning", server_header=False,
        timeout_graceful_shutdown=2 if drain else 10, lifespan="on",
        loop="auto" if sys.platform == "win32" else "uvloop", http="httptools",
    )  # fmt: skip
    gc.collect()
    gc.freeze()  # what was loaded stays: no later collection has to look through it
    _drain.DrainingServer(settings, drain or _drain.Drain()).run(sockets=[listener])


async def _rest(rest: Asgi, scope: Scope, receive: Receive, send: Send) -> None:
    async def named(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            identity = (_REQUEST_ID, secrets.token_hex(16).encode())
            message["headers"] = [*message.get("headers", ()), identity]
        await send(message)

    try:
        await rest(scope, receive, named)
    except Exception as error:
        # It has been answered. Raised on, the server would log its words, which may be content.
        log_fault(error)


async def _hot(
    app: App,
    access: Authenticator,
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
        actor = await find_actor(access, headers, scope.get("client"), "chat")
        raw = load_object(await read_body(receive, headers, limits))
        wanted: Wanted = wire.parse(raw, actor, headers, limits)
    except Exception as error:  # whatever a body brings about, the client gets the OpenAI shape
        problem = as_error(error)
        turn = secrets.token_hex(16)
        more = {"Allow": "POST"} if problem.status == 405 else headers_of(problem)
        await _whole(send, problem.status, failed(problem), turn, more)
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


async def _answer(app: App, wire: Any, wanted: Wanted, send: Send) -> None:
    chunks = wire.Chunks(wanted)
    gathered = Gathered()
    started = False
    try:
        async with aclosing(_turn(app, wanted)) as batches:
            async for batch in batches:
                if not wanted.stream:
                    gathered.add(batch)
                    if batch and isinstance(batch[-1], Answer):
                        body = wire.completion(wanted, batch[-1], gathered)
                        await _whole(send, 200, body, wanted.turn)
                    continue
                found: list[bytes] = []
                if not started:
                    started = True
                    await _start_stream(send, wanted.turn)
                    found += chunks.opening()
                for item in batch:
                    found += (
                        chunks.closing(item) if isinstance(item, Answer) else chunks.event(item)
                    )
                if found:  # one write; each event in it stays an event
                    await _piece(send, b"".join(found))
    except Exception as error:  # whatever a turn raised, the client gets the OpenAI shape
        problem = as_error(error)
        if not started:
            body, more = failed(problem), headers_of(problem)
            await _whole(send, problem.status, body, wanted.turn, more)
            return
        for data in chunks.failure(failed(problem)):
            await _piece(send, data)
    if started:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _turn(app: App, wanted: Wanted) -> Any:
    """The turn's events, those together that came together, and last the answer."""
    request = wanted.request if wanted.stream else replace(wanted.request, whole=True)
    batches = getattr(app, "batches", None)
    return batches(request) if batches else one_by_one(app.stream(request))


async def _start_stream(send: Send, turn: str) -> None:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (_REQUEST_ID, turn.encode()),
        *_HEADERS,
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _piece(send: Send, data: bytes) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def _whole(
    send: Send, status: int, body: bytes, turn: str, more: Mapping[str, str] | None = None
) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (_REQUEST_ID, turn.encode()),
        *_HEADERS,
        *((name.lower().encode(), value.encode()) for name, value in (more or {}).items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
