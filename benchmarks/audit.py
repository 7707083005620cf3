"""How fast the audit log is: appending alone and together, verifying, signing.

    python -m benchmarks.audit [--events 20000] [--folder FOLDER]

Every append is on the disk when it returns ("commit") or in the write-ahead log ("wal"); the
figure with 64 writers is the time from the first call to the last return over the number of
events: writers that come while a commit is under way share the next. Beside it stands the time
of one fsync in the same folder, which bounds what a single writer can reach.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from metier.audit import AuditEvent, AuditLog
from metier.crypto import Keyring, KeyStore
from metier.crypto.roots import RootSettings, create_root, root_from_settings
from metier.store import Durability, Store

WRITERS = 64
TARGET = 100.0
EVENT = AuditEvent(
    "egress-intent", "anna", "anna", "default",
    {"turn": "0198c2f4-7e1c-7c55-a1a4-5b3d6a0f9e21", "domain": "writing", "engine": "openai",
     "target": "vllm", "bytes": 4711, "sha256": "ab" * 32, "policy": "0123456789abcdef"},
)  # fmt: skip


async def microseconds(count: int, work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Microseconds an event, by the clock and of this process, where `work` appends `count`."""
    started, used = time.perf_counter(), time.process_time()
    await work()
    seconds, busy = time.perf_counter() - started, time.process_time() - used
    return seconds / count * 1e6, busy / count * 1e6


def fsync_microseconds(folder: Path) -> float:
    """The median time of writing a page and forcing it to the disk."""
    times = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(100):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return statistics.median(times) * 1e6


async def measure(folder: Path, keyring: Keyring, durability: Durability, events: int) -> bool:
    """Prints the figures of one level of durability; False where the target is missed."""
    store = Store(f"sqlite:///{folder / f'{durability}.db'}", durability=durability)
    await store.migrate()
    log = AuditLog(store, keyring)

    async def one(count: int) -> None:
        for _ in range(count):
            await log.append(EVENT)

    async def together() -> None:
        await asyncio.gather(*(one(events // WRITERS) for _ in range(WRITERS)))

    await one(100)
    alone, _ = await microseconds(1000, lambda: one(1000))
    amortised = [await microseconds(events // WRITERS * WRITERS, together) for _ in range(3)]
    started = time.perf_counter()
    found = await log.verify()
    rate = found.events / (time.perf_counter() - started)
    started = time.perf_counter()
    await log.checkpoint("default")
    signing = time.perf_counter() - started
    await store.close()
    best = min(took for took, _ in amortised)
    middle = statistics.median(took for took, _ in amortised)
    busy = statistics.median(used for _, used in amortised)
    print(f"{durability}:")
    print(f"  one writer          {alone:9.1f} us an event  ({1e6 / alone:,.0f} a second)")
    print(
        f"  {WRITERS} writers, shared  {middle:9.1f} us an event  ({1e6 / middle:,.0f} a second; "
        f"of three runs the median, the best {best:.1f}; of this process {busy:.1f})"
    )
    print(f"  verify              {rate:9,.0f} events a second, whole: {found.ok}")
    print(f"  first checkpoint    {signing:9.2f} s over {found.events:,} events")
    return middle <= TARGET


async def main(events: int, parent: Path | None) -> None:
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        settings = RootSettings()
        create_root(folder / settings.path, None)
        KeyStore.create(folder / "keys.db").close()
        keyring = Keyring(root_from_settings(settings, folder), KeyStore.open(folder / "keys.db"))
        print(f"one fsync of a page: {fsync_microseconds(folder):.0f} us")
        met = [await measure(folder, keyring, level, events) for level in ("commit", "wal")]
        keyring.close()
    print(
        f"target: at most {TARGET:.0f} us amortised with {WRITERS} writers: "
        f"{'met' if met[0] else 'missed'} (commit), {'met' if met[1] else 'missed'} (wal)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--folder", type=Path, help="a folder of the disk to measure")
    given = parser.parse_args()
    asyncio.run(main(given.events, given.folder))
