"""What metier costs between a chat and its model: `python -m benchmarks.serving [--quick]`.

One core for metier, another for the load and a model server that answers 200 tokens. For each
row the model is asked directly and through metier in turn, in one run, and with `--peers` through
other proxies as well. Beside requests a second stands the CPU time of one, which is steadier on a
machine that others use. What they cost as the work grows is in `benchmarks.growth`. The last line
is JSON. The marks are in docs/serving.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil  # type: ignore[import-untyped]

from benchmarks._serving import rows
from benchmarks._serving.load import Target
from benchmarks._serving.process import ready, started
from benchmarks._serving.rows import Server
from benchmarks._serving.served import KEY
from benchmarks.peers import litellm

SERVER, LOAD = 0, 1
"""The cores."""
KINDS = {
    "rules": "pass: identifiers hidden and restored, vault, audit",
    "names": "the same with the network that finds names",
    "all": "everything: profile, memory, retrieval, safety, review",
}
MARKS: dict[str, dict[str, tuple[str, float]]] = {
    "rules": {
        "requests_s": (">=", 300), "streams_s": (">=", 250), "added_p50_ms": ("<=", 5),
        "first_token_added_ms": ("<=", 10), "paced_events_share": (">=", 0.95),
        "longest_gap_added_ms": ("<=", 15), "events_share": (">=", 0.95),
        "aborted_within_200_ms": (">=", 10), "memory_mb": ("<=", 600), "wrong": ("<=", 0),
    },
    "names": {"requests_s": (">=", 90), "wrong": ("<=", 0)},
    "all": {"requests_s": (">=", 45), "added_p50_ms": ("<=", 40), "wrong": ("<=", 0)},
}  # fmt: skip


@contextmanager
def serving(kind: str, direct: str, folder: Path) -> Iterator[Server]:
    """A metier of a kind, before the model at `direct`."""
    home = str(folder / kind)
    with started(SERVER, "benchmarks._serving.served", home, kind, direct, "m") as (port, process):
        base = f"http://127.0.0.1:{port}/v1"
        asyncio.run(ready(f"http://127.0.0.1:{port}/healthz"))
        people = 200 if kind == "rules" else 40
        through = Target(base, "support" if kind == "all" else "plain", KEY, people)
        yield Server(through, Target(direct, "m", people=0, restores=False), process)


async def measure(kind: str, server: Server, seconds: float) -> dict[str, float]:
    """The figures of one kind."""
    found = await rows.fast(server, seconds)
    if kind == "rules":
        found |= await rows.paced(server, seconds)
        found |= await rows.disconnects(server)
        found |= await rows.memory(server)
    return found


async def _peer(
    base: str,
    server: tuple[psutil.Process, tuple[psutil.Process, ...]],
    direct: str,
    key: str,
    seconds: float,
) -> dict[str, float]:
    await ready(f"{base}/health/liveliness", 180.0)
    # It takes no subject; nobody is warmed but the process.
    through = Target(f"{base}/v1", "m", key, people=0, restores=False)
    served = Server(through, Target(direct, "m", people=0, restores=False), *server)
    return await rows.fast(served, seconds) | await rows.paced(served, seconds)


def _peers(direct: str, folder: Path, seconds: float) -> dict[str, Any]:
    name = f"litellm {litellm.VERSION}"
    if not litellm.installed():
        print(f"{name}: skipped, not installed; see `python -m benchmarks.peers.install`")
        return {name: "not installed"}
    peers: dict[str, Any] = {}
    for presidio, more, what in (
        (False, "", "passes on as it is"),
        (True, " with Presidio", "hides what patterns find, and puts it back"),
    ):
        key = "sk-" + secrets.token_hex(24)
        with litellm.started(direct, folder, SERVER, key, presidio) as (port, *server):
            base = f"http://127.0.0.1:{port}"
            found = asyncio.run(_peer(base, (server[0], server[1]), direct, key, seconds))
        _show(name + more, what, found, {})
        peers[name + more] = found
    return peers


def _show(
    name: str, what: str, found: dict[str, float], marks: dict[str, tuple[str, float]]
) -> None:
    print(f"{name}: {what}")
    for row, value in found.items():
        sign, mark = marks.get(row, ("", 0.0))
        met = "" if not sign else "met" if _met(value, sign, mark) else "MISSED"
        print(f"  {row:24} {value:10.2f}  {f'{sign} {mark:g}' if sign else '':9} {met}")
    sys.stdout.flush()


def _met(value: float, sign: str, mark: float) -> bool:
    return value >= mark if sign == ">=" else value <= mark


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="within a minute")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=list(KINDS))
    parser.add_argument("--peers", action="store_true", help="other proxies in the same run")
    given = parser.parse_args()
    os.sched_setaffinity(0, {LOAD})
    seconds, began = 1.2 if given.quick else given.seconds, time.time()
    figures: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as name,
        started(LOAD, "benchmarks._serving.upstream") as (model, _),
    ):
        folder, direct = Path(name), f"http://127.0.0.1:{model}/v1"
        for kind in given.kinds:
            with serving(kind, direct, folder) as server:
                figures[kind] = found = asyncio.run(measure(kind, server, seconds))
                _show(kind, KINDS[kind], found, MARKS[kind])
        if given.peers:
            figures["peers"] = _peers(direct, folder, seconds)
    # A figure that there is none of is null, which `json` would write as no JSON.
    told = {"benchmark": "serving", "seconds": round(time.time() - began, 1),
            "marks": MARKS, "figures": figures}  # fmt: skip
    print(orjson.dumps(told).decode())


if __name__ == "__main__":
    main()
