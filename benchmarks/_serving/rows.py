"""The rows of the table: what each measures, against a server that is up."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import psutil  # type: ignore[import-untyped]

from benchmarks._serving.load import Seen, Target, asked, headers_of, run, warm
from benchmarks._serving.upstream import PACED, SLOW, TOKENS

Figures = dict[str, float]


@dataclass(frozen=True)
class Server:
    """A proxy that is up, the model behind it, and the process to account for."""

    through: Target
    bare: Target
    process: psutil.Process
    beside: tuple[psutil.Process, ...] = ()
    """What it asks for each request, on its core."""

    def cpu(self) -> float:
        """Seconds of CPU the server has used, its children and what is beside it included."""
        return sum(map(cpu_of, (self.process, *self.beside)))


def cpu_of(process: psutil.Process) -> float:
    """Seconds of CPU that a process and its children have used."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        total += times.user + times.system
    return total


async def _load(server: Server, stream: bool, seconds: float) -> tuple[Seen, float]:
    """32 requests at once; what was seen, and milliseconds of CPU a request."""
    before = server.cpu()
    seen = await run(server.through, at_once=32, seconds=seconds, stream=stream)
    return seen, (server.cpu() - before) / max(1, len(seen.whole)) * 1000


async def fast(server: Server, seconds: float) -> Figures:
    """Answers at once: how many, what they cost, what one alone waits longer."""
    await warm(server.through)
    alone = await run(server.through, at_once=1, seconds=seconds / 2, stream=False)
    without = await run(server.bare, at_once=1, seconds=seconds / 4, stream=False)
    many, cpu = await _load(server, False, seconds)
    streams, cpu_stream = await _load(server, True, seconds)
    return {
        "requests_s": many.rate,
        "cpu_ms_request": cpu,
        "streams_s": streams.rate,
        "cpu_ms_stream": cpu_stream,
        "added_p50_ms": alone.p50(alone.whole) - without.p50(without.whole),
        "events_share": share(streams),
        "wrong": float(alone.wrong + many.wrong + streams.wrong),
    }


async def paced(server: Server, seconds: float) -> Figures:
    """Answers at the pace of a model: what comes later, and whether events stay apart."""
    await run(server.through, at_once=4, seconds=0.1, stream=True, tokens=PACED)
    one = await run(server.through, at_once=4, seconds=seconds, stream=True, tokens=PACED)
    other = await run(server.bare, at_once=4, seconds=seconds, stream=True, tokens=PACED)
    return {
        "first_token_added_ms": one.p50(one.first) - other.p50(other.first),
        "paced_events_share": share(one),
        "longest_gap_added_ms": (max(one.gaps, default=math.nan) - max(other.gaps)) * 1000,
        "paced_wrong": float(one.wrong),
    }


def share(seen: Seen) -> float:
    """Events that reached the client, of those that the model sent."""
    return sum(seen.events) / (TOKENS * len(seen.events)) if seen.events else 0.0


async def disconnects(server: Server, times: int = 5) -> Figures:
    """A client that goes away in the middle, streaming and not: how soon the model is told."""
    late: list[float] = []
    async with aiohttp.ClientSession() as session:
        for number in range(2 * times):
            before, stream = await _aborted(session, server), number % 2 == 0
            body, _ = asked(server.through, number, stream, PACED)
            task = asyncio.ensure_future(_begin(server.through, body, stream))
            await asyncio.sleep(0.25)
            left = time.perf_counter()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            for _ in range(400):  # the model is another process: nothing here to wait for
                if await _aborted(session, server) > before:
                    break
                await asyncio.sleep(0.005)
            late.append(time.perf_counter() - left)
    soon = [seconds for seconds in late if seconds < 0.2]
    return {"aborted_of": float(len(late)), "aborted_within_200_ms": float(len(soon)),
            "abort_slowest_ms": max(late) * 1000}  # fmt: skip


async def _aborted(session: aiohttp.ClientSession, server: Server) -> int:
    async with session.get(server.bare.base) as answer:
        return int((await answer.json())["aborted"])


async def _begin(target: Target, body: dict[str, Any], stream: bool) -> None:
    url, headers = f"{target.base}/chat/completions", headers_of(target, 0)
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as answer,
    ):
        async for _ in answer.content:
            pass


async def memory(server: Server, streams: int = 500) -> Figures:
    """Resident memory while many answers stream slowly."""
    body, _ = asked(server.through, 0, True, SLOW)
    began = asyncio.Semaphore(0)

    async def one(session: aiohttp.ClientSession, person: int) -> None:
        url, headers = f"{server.through.base}/chat/completions", headers_of(server.through, person)
        async with session.post(url, json=body, headers=headers) as answer:
            told = False
            async for line in answer.content:
                if not told and b'"content":' in line:
                    told = True
                    began.release()

    limit = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=limit) as session:
        tasks = [asyncio.ensure_future(one(session, i)) for i in range(streams)]
        opened = 0
        try:
            async with asyncio.timeout(45):
                for _ in range(streams):
                    await began.acquire()
                    opened += 1
        except TimeoutError:
            pass
        whole = server.process.memory_info().rss / 2**20
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {"streams_open": float(opened), "memory_mb": whole}
