"""A metier before a model server that a test scripts, on ports of this machine."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from served import KEY, engine
from toy import Gardening

from metier import config
from metier.access import Authenticator, Rates
from metier.app import Metier, make_keys
from metier.model import Actor
from metier.server import Limits, create_app, listen
from metier_testing.upstream import RecordingUpstream

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Served:
    """Where a metier is, and what is behind it.

    Args:
        url: its base URL.
        slow_url: the same one, where a key may begin one request a second.
        upstream: the model server.
        fields: the names of the fields of every body that came, by path.
    """

    url: str
    slow_url: str
    upstream: RecordingUpstream
    loop: asyncio.AbstractEventLoop
    fields: dict[str, set[str]] = field(default_factory=dict)

    def wait(self, work: Coroutine[Any, Any, None]) -> None:
        """Waits for something that happens in the servers' loop."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def begin_anew(self) -> None:
        """Forgets what was scripted and sent."""
        upstream = self.upstream
        upstream.reply_with(None)
        upstream.think("")
        upstream.delay(0)
        upstream.split = "whole"
        upstream.requests.clear()
        upstream.aborted = 0


@contextmanager
def served_model(home: Path) -> Iterator[Served]:
    """The domain "gardening" before a `RecordingUpstream`, served from a fresh home."""
    home.chmod(0o700)
    make_keys(home)
    started, found = threading.Event(), list[Served]()
    stop: list[Callable[[], None]] = []

    async def main() -> None:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(ended.set) and None)
        try:
            async with _opened(home) as served:
                found.append(served)
                started.set()
                await ended.wait()
        finally:
            started.set()

    thread = threading.Thread(target=asyncio.run, args=(main(),), daemon=True)
    thread.start()
    started.wait()
    assert found, "the server did not start; the reason is above"
    try:
        yield found[0]
    finally:
        stop[0]()
        thread.join(20)


@asynccontextmanager
async def _opened(home: Path) -> Any:
    settings = config.Settings(embeddings="none")
    known = {hashlib.sha256(KEY.encode()).hexdigest(): Actor("default", "anna")}
    fields: dict[str, set[str]] = {}
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(RecordingUpstream())
        one = engine(upstream.base_url, seconds=300)  # what stops early, stops as a client left
        app = await stack.enter_async_context(
            Metier.open(home, settings, plugins=[Gardening()], engine=one)
        )
        urls = []
        for rates in (None, Rates(60, 1)):
            asgi = create_app(app, access=Authenticator(known, rates=rates), limits=Limits(200_000))
            urls.append(await stack.enter_async_context(_listening(_noted(asgi, fields))))
        yield Served(*urls, upstream, asyncio.get_running_loop(), fields)


@asynccontextmanager
async def _listening(asgi: Asgi) -> Any:
    listener = listen("127.0.0.1", 0)
    settings = uvicorn.Config(asgi, log_level="warning", access_log=False, lifespan="off")
    server = uvicorn.Server(settings)
    serving = asyncio.ensure_future(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        await serving


def _noted(asgi: Asgi, fields: dict[str, set[str]]) -> Asgi:
    """`asgi`, with the names of the fields of each body noted; bodies here come in one piece."""

    async def noted(scope: Any, receive: Any, send: Any) -> None:
        async def seen() -> Any:
            message = await receive()
            if body := message.get("body"):
                fields.setdefault(scope["path"], set()).update(json.loads(body))
            return message

        await asgi(scope, seen, send)

    return noted
