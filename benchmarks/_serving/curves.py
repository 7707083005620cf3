"""What one request costs as the work grows: points of the curves, against a server that is up."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from benchmarks._serving.load import Target, asked, headers_of, warm
from benchmarks._serving.rows import Server
from benchmarks._serving.upstream import AT_ONCE

Point = dict[str, float]
"""Where on the curve (`at`), the middle of what a request waits, and what it costs of CPU."""
WINDOW = 50
"""Requests that one point is the middle of: the system counts CPU in hundredths of a second."""


@asynccontextmanager
async def asking(target: Target) -> AsyncIterator[Any]:
    """Gives what asks one request after another, and the seconds each waited."""
    url = f"{target.base}/chat/completions"
    async with aiohttp.ClientSession() as session:

        async def ask(body: dict[str, Any], subject: str) -> float:
            headers = {**headers_of(target, 0), "X-Metier-Subject": subject}
            started = time.perf_counter()
            async with session.post(url, json=body, headers=headers) as answer:
                if answer.status != 200:
                    raise SystemExit(f"a request of the curves was answered {answer.status}")
                await answer.read()
            return time.perf_counter() - started

        yield ask


async def _cost(
    server: Server, at: float, bodies: Sequence[dict[str, Any]], subjects: Sequence[str]
) -> Point:
    """A point: each body asked for the subject beside it, one after another."""
    async with asking(server.through) as ask:
        before = server.cpu()
        waits = [await ask(*each) for each in zip(bodies, subjects, strict=True)]
        cpu = (server.cpu() - before) / len(bodies) * 1000
    return {"at": at, "p50_ms": statistics.median(waits) * 1000, "cpu_ms": cpu}


async def _of_one(server: Server, at: float, body: dict[str, Any], times: int) -> Point:
    """A point of one person who says something else at the end each time."""
    *before, last = body["messages"]
    bodies = [
        {**body, "messages": [*before, {**last, "content": f"{last['content']} ({number})"}]}
        for number in range(times + 1)
    ]
    await _cost(server, at, bodies[:1], ["p0"])  # what is new is looked through once
    return await _cost(server, at, bodies[1:], ["p0"] * times)


async def history(server: Server, turns: Sequence[int], times: int) -> list[Point]:
    """Turns that the client sends again with each request."""
    found = []
    for count in turns:
        body, _ = asked(server.through, count, False, AT_ONCE)
        said = [
            {"role": role, "content": f"{words} {i} of {count}: my mail is u{i}@example.com."}
            for i in range(count)
            for role, words in (("user", "Question"), ("assistant", "Answer"))
        ]
        body["messages"] = [*said, *body["messages"]]
        found.append(await _of_one(server, count, body, times))
    return found


async def sizes(server: Server, kilobytes: Sequence[int], times: int) -> list[Point]:
    """Kilobytes (of 1,000) of a message that is new each time; 32 is the longest there may be."""
    found = []
    words = "The parcel came late and one of the two lamps in it does not work at all. "
    for size in kilobytes:
        body, _ = asked(server.through, size, False, AT_ONCE)
        room = size * 1000 - len(body["messages"][0]["content"]) - 8
        pad = (words * (room // len(words) + 1))[:room]
        body["messages"][0]["content"] += f" {pad}"
        found.append(await _of_one(server, size, body, times))
    return found


async def people(server: Server, count: int, names: Sequence[str]) -> dict[str, Point]:
    """People of whom something is stored: the first turn of some since the start, and the next."""
    chosen = random.Random(count).sample(names, min(len(names), 2 * WINDOW))
    bodies = [asked(server.through, n, False, AT_ONCE)[0] for n in range(2 * len(chosen))]
    await warm(server.through)  # what a process does once is not counted
    return {
        "first": await _cost(server, count, bodies[: len(chosen)], chosen),
        "again": await _cost(server, count, bodies[len(chosen) :], chosen),
    }


async def conversations(server: Server, counts: Sequence[int]) -> list[Point]:
    """Conversations that one person has had, each of one turn: what the last of them cost."""
    found, had = [], 0
    for count in counts:
        window = min(WINDOW, count - had)
        async with asking(server.through) as ask:
            for number in range(had, count - window):
                await ask(asked(server.through, number, False, AT_ONCE)[0], "talker")
        last = range(count - window, count)
        bodies = [asked(server.through, number, False, AT_ONCE)[0] for number in last]
        found.append(await _cost(server, count, bodies, ["talker"] * window))
        had = count
    return found
