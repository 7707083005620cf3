"""Processes to be measured: started on cores of their own, and waited for."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil  # type: ignore[import-untyped]


@contextmanager
def started(
    cores: int | str, *command: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[int, psutil.Process]]:
    """A process pinned to a core, or to several; gives the port that it prints, and itself."""
    process = subprocess.Popen(
        ["taskset", "-c", str(cores), sys.executable, "-m", *command],
        stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
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


async def ready(url: str, seconds: float = 90.0) -> None:
    """Waits until something answers at the address."""
    import aiohttp

    ends = time.perf_counter() + seconds
    async with aiohttp.ClientSession() as session:
        while time.perf_counter() < ends:
            try:
                async with session.get(url) as answer:
                    if answer.status < 500:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)
    raise SystemExit(f"nothing answers at {url}")
