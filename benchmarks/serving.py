"""What metier costs between a chat and its model: `python -m benchmarks.serving [--quick]`.

One core for metier, another for the load and a model server that answers 200 tokens at once. For
each row the model is asked directly and through metier in turn, in one run. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks._serving.load import Seen, Target, run
from benchmarks._serving.served import KEY

SERVER, LOAD = 0, 1
"""The cores."""
KINDS = {
    "rules": "identifiers hidden and restored, vault, audit",
    "names": "the same with the network that finds names",
    "all": "a whole domain: profile, memory, retrieval, safety, review",
}
FLOORS = {"rules": (300, 250, 5), "names": (90, 0, 0), "all": (45, 0, 40)}
"""Requests/s, streams/s and milliseconds added that are aimed at."""


@contextmanager
def started(core: int, *command: str) -> Iterator[tuple[int, psutil.Process]]:
    """A process pinned to a core; gives the port that it prints, and the process."""
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        ["taskset", "-c", str(core), sys.executable, "-m", *command],
        stdout=subprocess.PIPE, env=env, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.strip().isdigit():
            raise SystemExit(f"{command[0]} did not start")
        yield int(line), psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


async def _ready(base: str) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        for _ in range(600):
            try:
                async with session.get(base.removesuffix("/v1") + "/healthz"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    raise SystemExit("metier does not answer")


async def measure(kind: str, seconds: float) -> dict[str, float]:
    """The figures of one kind."""
    with (
        tempfile.TemporaryDirectory() as folder,
        started(LOAD, "benchmarks._serving.upstream") as (model, _),
    ):
        direct = f"http://127.0.0.1:{model}/v1"
        found: dict[str, float] = {}
        for pace, name in (("", "m"), ("paced", "m-paced")):
            if pace and kind != "rules":
                continue
            home = Path(folder) / f"home{pace}"
            with started(SERVER, "benchmarks._serving.served", str(home), kind, direct, name) as (
                port, process,
            ):  # fmt: skip
                base = f"http://127.0.0.1:{port}/v1"
                await _ready(base)
                domain = "support" if kind == "all" else "plain"
                through, bare = Target(base, domain, KEY), Target(direct, name, people=0)
                if pace:
                    found |= await _paced(through, bare, seconds)
                else:
                    found |= await _fast(through, bare, seconds)
                    found["memory_mb"] = process.memory_info().rss / 2**20
        return found


async def _fast(through: Target, bare: Target, seconds: float) -> dict[str, float]:
    await run(through, at_once=4, seconds=min(2.0, seconds), stream=False)  # warm
    alone = await run(through, at_once=1, seconds=seconds / 2, stream=False)
    without = await run(bare, at_once=1, seconds=seconds / 4, stream=False)
    many = await run(through, at_once=32, seconds=seconds, stream=False)
    streams = await run(through, at_once=32, seconds=seconds, stream=True)
    return {
        "requests_s": many.rate,
        "streams_s": streams.rate,
        "added_p50_ms": alone.p50(alone.whole) - without.p50(without.whole),
        "events_share": _share(streams),
        "wrong": float(alone.wrong + many.wrong + streams.wrong),
    }


async def _paced(through: Target, bare: Target, seconds: float) -> dict[str, float]:
    await run(through, at_once=4, seconds=min(2.0, seconds), stream=True)  # warm
    with_it = await run(through, at_once=4, seconds=seconds, stream=True)
    without = await run(bare, at_once=4, seconds=seconds, stream=True)
    return {
        "first_token_added_ms": with_it.p50(with_it.first) - without.p50(without.first),
        "paced_events_share": _share(with_it),
        "longest_gap_added_ms": (max(with_it.gaps) - max(without.gaps)) * 1000,
        "paced_wrong": float(with_it.wrong),
    }


def _share(seen: Seen) -> float:
    """Events that reached the client, of those that the model sent."""
    return sum(seen.events) / (201 * len(seen.events)) if seen.events else 0.0


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within a minute")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    given = parser.parse_args()
    os.sched_setaffinity(0, {LOAD})
    seconds, began = 2.5 if given.quick else given.seconds, time.time()
    figures = {}
    for kind in given.kinds:
        figures[kind] = found = asyncio.run(measure(kind, seconds))
        print(f"{kind}: {KINDS[kind]}")
        for name, value in found.items():
            print(f"  {name:24} {value:10.2f}")
    print(json.dumps({"benchmark": "serving", "seconds": round(time.time() - began, 1),
                      "floors": FLOORS, "figures": figures}))  # fmt: skip


if __name__ == "__main__":
    main()
