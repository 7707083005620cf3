"""How fast keys and seals are, and what a rotation costs those who are served meanwhile.

    python -m benchmarks.crypto [--records 100000] [--people 1000] [--share 25] [--folder FOLDER]

Microseconds are of one core: this process's own time, the best of five runs. The rotation runs
in a process of its own, as `metier keys rotate subject --all` does, while this one serves turns
of people one after the other. So that the two are compared under the same load of the machine,
the rotation works for some seconds and rests for as many, and each turn counts for the span it
began in. Half of the records are of turns, the others are facts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from metier import config
from metier._home import open_keyring
from metier.app import Metier, make_keys
from metier.audit import AuditEvent
from metier.crypto import Context, Keyring, KeyStore, SubjectRecords
from metier.crypto.roots import FileRoot
from metier.model import Fact, Provenance
from metier.profile import encode_fact
from metier.rotation import Pace, rotate_people
from metier.store import SealedRow, SubjectChange

SPAN, SETTLE = 4, 0.3
"""Seconds that the rotation works and rests; how long at the start of each no turn counts."""
SEAL, INDEX, SLOWER = 20.0, 3.0, 2.0
"""The marks: microseconds for seal and open, for a blind index; how many times p95 may be."""
TENANT = "default"
FACT = Fact(
    "goal", "x" * 40, "goal", 0.9, Provenance("settings", "profile"),
    learned_at=datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def microseconds(work: Callable[[], object], rounds: int) -> float:
    found = []
    for _ in range(5):
        started = time.process_time()
        for _ in range(rounds):
            work()
        found.append((time.process_time() - started) / rounds * 1e6)
    return min(found)


def primitives(folder: Path) -> bool:
    """Prints the figures of single operations; False where a mark is missed."""
    root, path = FileRoot(secrets.token_bytes(32)), folder / "single.db"
    keyring = Keyring(root, KeyStore.create(path))
    keys, data = keyring.subject_keys("acme", "anna"), secrets.token_bytes(1024)
    context = Context("acme", "anna", "profile", "fact", "sealed", secrets.token_hex(12), 7)
    (row,) = keyring.store.subject_keys("acme", "anna")

    def opened() -> None:
        store = KeyStore.open(path)
        Keyring(root, store).subject_keys("acme", "anna")
        store.close()

    both = microseconds(lambda: keys.open(keys.seal(data, context), context), 20_000)
    index = microseconds(lambda: keyring.digest("acme", "conversation", "anna", "x" * 32), 50_000)
    unwrap = microseconds(lambda: keyring.unwrap(row), 5_000)
    opening = microseconds(opened, 50)
    keyring.close()
    print(f"seal and open, 1 KiB record       {both:9.2f} us   mark: at most {SEAL:.0f}")
    print(f"blind index                       {index:9.2f} us   mark: at most {INDEX:.0f}")
    print(f"unwrap a person's key             {unwrap:9.2f} us")
    print(f"open the key store, to a person's key {opening:5.0f} us")
    return both <= SEAL and index <= INDEX


async def fill(app: Metier, people: int, records: int) -> None:
    """Sealed records of many people, written as a turn would write them, without the turns."""
    each = records // people // 2
    for number in range(people):
        subject = f"person-{number:06}"
        stored = app.parts.keyring.subject_keys(TENANT, subject)
        change = SubjectRecords(stored).change()
        facts = []
        for place in range(each):
            row = f"{place:024x}"
            data = encode_fact(replace(FACT, id=row))
            facts.append(SealedRow(row, change.seal("fact", row, data)))
        event = AuditEvent("profile-set", subject, subject, TENANT, {}, change.revision)
        await app.parts.store.change_subject(
            SubjectChange(
                TENANT, subject, 0, change.key_id, change.sealed_roster(),
                app.parts.audit.entry(event), int(time.time()), tuple(facts),
            )
        )  # fmt: skip
        turns = [
            (
                TENANT, f"{subject}-{place:05}", subject, "c", "writing", int(time.time()),
                change.seal("turn_record", f"{subject}-{place:05}", secrets.token_bytes(1024)),
            )
            for place in range(each)
        ]  # fmt: skip
        await app.parts.store.write(partial(_turns, turns), TENANT)
        if number % 100 == 99:
            print(f"\rfilling: {number + 1} of {people} people", end="", file=sys.stderr)
    print(file=sys.stderr)


def _turns(rows: Sequence[tuple[object, ...]], connection: Connection) -> None:
    connection.exec_driver_sql(
        "insert into turn_record (tenant, turn, subject, conversation, domain, at, sealed) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def working(now: float) -> bool:
    """Whether the rotation works in the span of that time."""
    return int(now) // SPAN % 2 == 0


class Spans(Pace):
    """Works in every other span only."""

    async def rest(self) -> None:
        await super().rest()
        now = time.time()
        if not working(now):
            await asyncio.sleep(SPAN - now % SPAN)


@dataclass
class Served:
    """Milliseconds of turns while the rotation worked, and while it rested."""

    resting: list[float] = field(default_factory=list)
    rotating: list[float] = field(default_factory=list)


async def serve(app: Metier, going: Callable[[], bool]) -> Served:
    """Turns one after the other, as long as it goes on."""
    found, number = Served(), 0
    while going():
        number += 1
        request = app.request("writing", "Is this sentence right?", subject=f"guest-{number % 20}")
        now, begun = time.time(), time.perf_counter()
        await app.respond(request)
        took = (time.perf_counter() - begun) * 1e3
        if now % SPAN > SETTLE:
            (found.rotating if working(now) else found.resting).append(took)
        await asyncio.sleep(0.02)
    return Served(sorted(found.resting), sorted(found.rotating))


def p(found: list[float], percent: int) -> float:
    return found[min(len(found) - 1, len(found) * percent // 100)]


async def rotation(home: Path, records: int, people: int, share: int) -> bool:
    make_keys(home)
    settings = config.Settings(embeddings="none")
    (home / "metier.toml").write_text('embeddings = "none"\n')
    async with Metier.open(home, settings) as app:
        app.warm()
        await fill(app, people, records)
        warm = time.perf_counter() + 3
        await serve(app, lambda: time.perf_counter() < warm)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.crypto", "--rotate", str(home),
            "--share", str(share), stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        await process.stdout.readline()
        served = await serve(app, lambda: process.returncode is None)
        told = json.loads(await process.stdout.read())
    rate = told["records"] / told["seconds"] * 2
    print(
        f"rotation of {told['records']:,} records of {told['people']:,} people, {share} % of the "
        f"time: {rate:,.0f} records a second while it worked; failed: {told['failed']}"
    )
    for name, found in (("resting", served.resting), ("rotating", served.rotating)):
        print(
            f"  turns while {name:8}  p50 {statistics.median(found):7.2f} ms   "
            f"p95 {p(found, 95):7.2f} ms   p99 {p(found, 99):7.2f} ms   ({len(found)} turns)"
        )
    times = p(served.rotating, 95) / p(served.resting, 95)
    print(f"  p95 is {times:.2f} times as long   mark: at most {SLOWER:.0f}")
    keyring = open_keyring(home, settings)
    unfinished = keyring.store.key_figures(TENANT).unfinished
    keyring.close()
    return times <= SLOWER and not unfinished and not told["failed"]


async def rotate(home: Path, share: int) -> None:
    async with Metier.open(home, config.load(home)) as app:
        print("begun", flush=True)
        done = await rotate_people(app.parts, TENANT, "benchmark", Spans(share / 100))
    print(json.dumps(asdict(done)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--share", type=int, default=25, help="percent of the time")
    parser.add_argument("--folder", type=Path, help="a folder of the disk to measure")
    parser.add_argument("--rotate", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.rotate is not None:
        asyncio.run(rotate(given.rotate, given.share))
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        home = Path(name) / "home"
        home.mkdir()
        met = [primitives(Path(name))]
        met.append(asyncio.run(rotation(home, given.records, given.people, given.share)))
    print(f"marks: {'met' if all(met) else 'missed'}")


if __name__ == "__main__":
    main()
