"""The rows of the table: what each measures, against a server that is up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import psutil  # type: ignore[import-untyped]

from benchmarks._serving.load import Seen, Target, asked, headers_of, run, warm
from benchmarks._serving.upstream import AT_ONCE, PACED, SLOW, TOKENS

Figures = dict[str, float]


@dataclass(frozen=True)
class Server:
    """A proxy that is up, the model behind it, and the process to account for."""

    through: Target
    bare: Target
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of CPU the server has used, its children included."""
        total = 0.0
        for process in (self.process, *self.process.children(recursive=True)):
            times = process.cpu_times()
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
        "longest_gap_added_ms": (max(one.gaps) - max(other.gaps)) * 1000,
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


async def _cost(server: Server, body: dict[str, Any], times: int) -> tuple[float, float]:
    """The middle of the milliseconds a request waits, and its milliseconds of CPU."""
    url, waits = f"{server.through.base}/chat/completions", []
    async with aiohttp.ClientSession() as session:
        before = server.cpu()
        for number in range(times):
            last = body["messages"][-1]
            changed = {**last, "content": f"{last['content']} ({number})"}
            started = time.perf_counter()
            async with session.post(
                url,
                json={**body, "messages": [*body["messages"][:-1], changed]},
                headers=headers_of(server.through, 0),
            ) as answer:
                if answer.status != 200:
                    raise SystemExit(f"a request of the curves was answered {answer.status}")
                await answer.read()
            waits.append(time.perf_counter() - started)
        cpu = (server.cpu() - before) / times * 1000
    return sorted(waits)[len(waits) // 2] * 1000, cpu


async def history(server: Server, turns: Sequence[int] = (1, 10, 50, 200)) -> list[list[float]]:
    """Turns that the client sends again with each request: (turns, ms, CPU ms) once known."""
    found = []
    for count in turns:
        body, _ = asked(server.through, count, False, AT_ONCE)
        said = [
            {"role": role, "content": f"{words} {i} of {count}: my mail is u{i}@example.com."}
            for i in range(count)
            for role, words in (("user", "Question"), ("assistant", "Answer"))
        ]
        body["messages"] = [*said, *body["messages"]]
        await _cost(server, body, 1)  # what is new is looked through once
        found.append([float(count), *await _cost(server, body, 5)])
    return found


async def sizes(server: Server, kilobytes: Sequence[int] = (1, 4, 16, 31)) -> list[list[float]]:
    """Length of a message that is new each time: (KB, ms, CPU ms)."""
    found = []
    words = "The parcel came late and one of the two lamps in it does not work at all. "
    for size in kilobytes:
        body, _ = asked(server.through, size, False, AT_ONCE)
        pad = (words * (size * 1024 // len(words)))[: size * 1024 - 200]
        body["messages"][0]["content"] += " " + pad
        found.append([float(size), *await _cost(server, body, 5)])
    return found


async def subjects(server: Server, counts: Sequence[int]) -> list[list[float]]:
    """People of whom something is stored: (people, ms, CPU ms)."""
    found = []
    known = 0
    limit = aiohttp.TCPConnector(limit=16)
    for count in counts:
        async with aiohttp.ClientSession(connector=limit, connector_owner=False) as session:
            for start in range(known, count, 64):
                await asyncio.gather(
                    *(
                        _touch(session, server.through, i)
                        for i in range(start, min(count, start + 64))
                    )
                )
        known = count
        body, _ = asked(server.through, count, False, AT_ONCE)
        found.append([float(count), *await _cost(server, body, 10)])
    await limit.close()
    return found


async def _touch(session: aiohttp.ClientSession, target: Target, number: int) -> None:
    body, _ = asked(target, number, False, AT_ONCE)
    headers = {**headers_of(target, 0), "X-Metier-Subject": f"crowd{number}"}
    async with session.post(
        f"{target.base}/chat/completions", json=body, headers=headers
    ) as answer:
        await answer.read()
