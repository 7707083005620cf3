"""Runs the requests of a batch, some at once, and keeps each answer as it comes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from metier.batch._file import Batch, Line
from metier.batch._journal import Journal

_AGAIN = frozenset({429, 503})
"""Statuses of what may be well in a moment."""
_WAITS = (1.0, 4.0, 16.0)
"""Seconds before each further try of such a request."""


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What a request was answered.

    Args:
        status: as of HTTP; 400 and above are errors.
        request: the id of the answer.
        body: JSON on one line.
    """

    status: int
    request: str
    body: bytes


Send = Callable[[dict[str, Any]], Awaitable[Reply]]
"""Answers the request of a line; what is wrong with it, or with the engine, is a `Reply` too.

What it raises ends the run, which can go on later: the server is gone, the disk is full.
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended.

    Args:
        requests: of the file.
        failed: how many of them were answered with an error.
        before: how many had been answered by runs before.
    """

    requests: int
    failed: int
    before: int


async def run_batch(
    batch: Batch,
    journal: Journal,
    send: Send,
    *,
    at_once: int,
    told: Callable[[int, int], None] = lambda done, total: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Summary:
    """Answers each request that the journal has no answer of, and puts the file in its place.

    Args:
        at_once: how many are under way at the same time.
        told: called with how many are answered, and how many there are.

    Raises:
        MetierError: the run can't go on; what was answered is kept.
    """
    before, total = len(journal), len(batch.lines)
    left = (line for line in batch.lines if line.custom_id not in journal)
    told(before, total)

    async def work(lines: Iterator[Line]) -> None:
        for line in lines:  # one iterator for all: each takes the next one
            reply = await _answered(batch.load(line), send, sleep)
            record = _record(line, reply)
            await asyncio.to_thread(journal.add, line.custom_id, record, reply.status >= 400)
            told(len(journal), total)

    workers = [asyncio.create_task(work(left)) for _ in range(at_once)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    await asyncio.to_thread(journal.finish, batch)
    return Summary(total, journal.failed, before)


async def _answered(
    asked: dict[str, Any], send: Send, sleep: Callable[[float], Awaitable[None]]
) -> Reply:
    for seconds in _WAITS:
        reply = await send(asked)
        if reply.status not in _AGAIN:
            return reply
        await sleep(seconds)
    return await send(asked)


def _record(line: Line, reply: Reply) -> bytes:
    """A line of the output; `error` is for what never got an answer, and there is no such."""
    return orjson.dumps(
        {
            "id": f"batch_req_{secrets.token_hex(16)}",
            "custom_id": line.custom_id,
            "response": {
                "status_code": reply.status,
                "request_id": reply.request,
                "body": orjson.Fragment(reply.body),
            },
            "error": None,
        }
    )
