"""Whether metier grows or fails under a load that goes on: `python -m benchmarks.soak`.

What one core can serve is measured for some seconds; then requests come at a share of that, half
of them streams, of people who come again, while the resident memory is read. Caches have a tenth
of the time to fill; of the rest, the memory of the first fifth is held against that of the last.
Marks: growth of at most 5 %, no wrong answer. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks._serving.load import Seen, run, steady, warm
from benchmarks._serving.process import started
from benchmarks._serving.rows import Server
from benchmarks.serving import KINDS, LOAD, serving

EVERY = 5.0
"""Seconds between two looks at the memory."""
MOST_GROWTH = 0.05


async def _memory(server: Server, found: list[float]) -> None:
    while True:
        found.append(server.process.memory_info().rss / 2**20)
        await asyncio.sleep(EVERY)


async def soak(server: Server, seconds: float, share: float) -> dict[str, float]:
    """Keeps the load up, and says what came of it."""
    await warm(server.through)
    whole = await run(server.through, at_once=32, seconds=5, stream=False)
    streams = await run(server.through, at_once=32, seconds=5, stream=True)
    most = 2 / (1 / whole.rate + 1 / streams.rate)
    memory: list[float] = []
    watch = asyncio.ensure_future(_memory(server, memory))
    before, began = server.cpu(), time.perf_counter()
    try:
        seen = await steady(server.through, share * most, seconds)
    finally:
        watch.cancel()
    spent = time.perf_counter() - began
    return {
        "most_requests_s": most,
        "asked_for_requests_s": share * most,
        "requests_s": len(seen.whole) / spent,
        "cpu_share": (server.cpu() - before) / spent,
        "requests": float(len(seen.whole)),
        "wrong": float(seen.wrong),
        **_waits(seen),
        **growth(memory),
    }


def _waits(seen: Seen) -> dict[str, float]:
    begin, end = seen.whole[: len(seen.whole) // 5], seen.whole[-len(seen.whole) // 5 :]
    return {"p50_ms_first_fifth": seen.p50(begin), "p50_ms_last_fifth": seen.p50(end)}


def growth(memory: list[float]) -> dict[str, float]:
    """Megabytes at the beginning and the end, caches having filled for a tenth of the time."""
    rest = memory[len(memory) // 10 :]
    fifth = max(1, len(rest) // 5)
    first, last = statistics.median(rest[:fifth]), statistics.median(rest[-fifth:])
    return {"memory_mb_first": first, "memory_mb_last": last, "growth": last / first - 1}


def main() -> None:
    """Measures and prints; the status is 1 where a mark is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--share", type=float, default=0.7, help="of what one core can serve")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--kind", choices=KINDS, default="rules")
    given = parser.parse_args()
    os.sched_setaffinity(0, {LOAD})
    with (
        tempfile.TemporaryDirectory() as name,
        started(LOAD, "benchmarks._serving.upstream") as (model, _),
        serving(given.kind, f"http://127.0.0.1:{model}/v1", Path(name)) as server,
    ):
        server = replace(server, through=replace(server.through, people=given.people))
        found = asyncio.run(soak(server, given.minutes * 60, given.share))
    for row, value in found.items():
        print(f"{row:24} {value:10.2f}")
    met = found["growth"] <= MOST_GROWTH and found["wrong"] == 0
    print(json.dumps({"benchmark": "soak", "kind": given.kind, "minutes": given.minutes,
                      "met": met, "figures": found}))  # fmt: skip
    raise SystemExit(0 if met else 1)


if __name__ == "__main__":
    main()
