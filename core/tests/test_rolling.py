"""Replicas that are restarted one after the other under a stock client's load lose no turn."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest
from openai import AsyncOpenAI
from postgres_kit import Server
from test_replicas import Site, server

from metier.server import api_keys

__all__ = ["server"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
COMMAND = [sys.executable, "-c", "from metier.cli import main; main()", "serve"]
PEOPLE = ("anna", "bo", "cem")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Replica:
    """A server in a process of its own, always at the same port."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: ASYNC220
            [*COMMAND, "--port", str(self.port)],
            env={**os.environ, "METIER_HOME": str(self._home)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not await self.is_ready():
            assert self._process.poll() is None, "the server ended"
            await asyncio.sleep(0.1)

    async def is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            async with httpx.AsyncClient() as client:
                found = await client.get(f"http://127.0.0.1:{self.port}/readyz", timeout=30)
                return found.status_code == 200
        return False

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return await asyncio.to_thread(self._process.wait, 60)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@asynccontextmanager
async def balancer(replicas: list[Replica]) -> AsyncIterator[str]:
    """What stands before them: each connection goes to one that is ready, in turn."""
    turn = 0

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal turn
        turn += 1
        for each in (replicas[turn % 2], replicas[(turn + 1) % 2]):
            if await each.is_ready():
                with suppress(OSError):
                    there = await asyncio.open_connection("127.0.0.1", each.port)
                    await asyncio.gather(carry(reader, there[1]), carry(there[0], writer))
                    break
        writer.close()

    front = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with front:
        yield f"http://127.0.0.1:{front.sockets[0].getsockname()[1]}/v1"


async def talk(client: AsyncOpenAI, until: asyncio.Event) -> list[tuple[str, str]]:
    """One conversation, turn after turn, whole and streamed; what was said, by the answer's id."""
    said: list[tuple[str, str]] = []
    while not until.is_set() or len(said) < 2:
        text = f"Please mend number {len(said)}: its a nice day."
        previous = said[-1][0] if said else None
        if len(said) % 2:
            answer = await client.responses.create(
                model="writing", input=text, previous_response_id=previous
            )
        else:
            streamed = await client.responses.create(
                model="writing", input=text, previous_response_id=previous, stream=True
            )
            *_, last = [event async for event in streamed]
            assert last.type == "response.completed", last
            answer = last.response
        said.append((answer.id, text))
        await asyncio.sleep(0.05)
    return said


async def heard(client: AsyncOpenAI, answer: str) -> str:
    items = await client.responses.input_items.list(answer)
    return str(items.data[0].content[0].text)  # type: ignore[index, union-attr]


@pytest.fixture
def site(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    yield Site(server, tmp_path, monkeypatch)


async def test_both_replicas_are_restarted_under_load_and_no_turn_is_lost(site: Site) -> None:
    async with site.replica("first") as app:
        make = api_keys(app).create
        keys = [(await make("default", who, by="test", scopes=("*",)))[1] for who in PEOPLE]
    replicas = [Replica(site.home(name)) for name in ("first", "second")]
    done = asyncio.Event()
    try:
        await asyncio.gather(*(each.start() for each in replicas))
        async with balancer(replicas) as url, AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(AsyncOpenAI(api_key=key, base_url=url))
                for key in keys
            ]
            talking = [asyncio.create_task(talk(client, done)) for client in clients]
            for each in replicas:
                assert await each.stop() == 128 + signal.SIGTERM
                await each.start()
            done.set()
            for client, told in zip(clients, await asyncio.gather(*talking), strict=True):
                assert [await heard(client, answer) for answer, _ in told] == [t for _, t in told]
    finally:
        for each in replicas:
            each.kill()
    async with site.replica("first") as app:
        assert (await app.verify_audit()).ok
