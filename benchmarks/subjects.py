"""Whether a profile loads as fast among 100,000 people as among 1,000.

    python -m benchmarks.subjects [--counts 1000,10000,100000] [--sample 200] [--home DIR]

One SQLite store grows from count to count. Each person has keys of their own, 15 facts and two
blocks of 20 memories, sealed as metier seals them, and the audit event that tells of them.
Measured for people drawn by chance:

- `load`: what every turn begins with: the person's rows read in one transaction, their key
  unwrapped, the newest audit event checked, roster and facts opened. `disk`: with the files
  dropped from the system's memory before each (Linux), and the key unopened. `cold`: the key
  unopened. `warm`: again.
- `edit`: a fact set by the person: load, merge, commit with fsync, audit event.
- `turn`: a whole grounded turn that recalls from the blocks and learns; `warm` is the second
  one of the same person.

The last line is the same in JSON. Flat means: the medians at the largest count are those at the
smallest, but for chance. `flat` is the larger of the two ratios of `cold` and `warm` load.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._diary import opened
from metier import config
from metier.app import Metier, make_keys
from metier.audit import AuditEvent
from metier.encoder import Terms
from metier.model import Actor, Fact, Message, Provenance, Request, Role
from metier.pipeline._subject import open_stored
from metier.profile import encode_fact
from metier.profile.memory import Memory, pack
from metier.store import AgedRow, SealedRow, SubjectChange

TENANT = "default"
FACTS = 15
AT_ONCE = 512
"""People made together: their keys in one commit of the key store."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SLOTS = (
    ("name", "identity"), ("home", "contact"), ("likes", "preference"), ("dislikes", "preference"),
    ("goal", "goal"), ("level", "level"), ("answer_length", "preference"),
)  # fmt: skip
_THINGS = ("tea", "trains", "maps", "cello", "walks", "bread", "films", "chess", "gardens", "stars")
_SAID = (
    "My {a} teacher moved to the town with the {b}.", "We talked about {a} and about {b}.",
    "I have three {a} and no {b}.", "昨天我看了{a}，还有{b}。", "The {a} were better than the {b}.",
)  # fmt: skip


def name(number: int) -> str:
    return f"person-{number:07d}"


def facts(chance: random.Random) -> list[bytes]:
    """The facts of one person, as they are before they are sealed."""
    found = []
    for number in range(FACTS):
        slot, category = SLOTS[number % len(SLOTS)]
        value = f"{chance.choice(_THINGS)} {chance.randrange(10_000)}"
        origin = Provenance("turn", "core:measured", secrets.token_hex(12), 0, 20, "diary")
        fact = Fact(
            slot, value, category, 0.8, origin, multiple=True, learned_at=BEGAN, confirmed_at=BEGAN,
            id=secrets.token_hex(12),
        )  # fmt: skip
        found.append(encode_fact(fact))
    return found


def blocks(terms: Terms, count: int = 50) -> list[bytes]:
    """Packed memories; packing is measured elsewhere, so people share these, sealed apart."""
    chance, made = random.Random(2), []
    for number in range(count):
        said = []
        for place in range(20):
            text = chance.choice(_SAID).format(a=chance.choice(_THINGS), b=chance.choice(_THINGS))
            said.append(
                Memory(
                    f"{number}-{place}", f"{number}-{place // 2}", f"c{number}", "diary",
                    ("user", "assistant")[place % 2], text, BEGAN + timedelta(hours=place),
                )
            )  # fmt: skip
        made.append(pack(said, [None] * len(said), terms))
    return made


async def grow(app: Metier, start: int, end: int, packed: Sequence[bytes]) -> float:
    """Adds people; returns the seconds it took."""
    began, chance = time.perf_counter(), random.Random(start)
    parts = app.parts
    for first in range(start, end, AT_ONCE):
        names = [name(n) for n in range(first, min(end, first + AT_ONCE))]
        await asyncio.to_thread(parts.keyring.make_subjects, TENANT, names)
        changes = []
        for subject in names:
            changes.append(parts.store.change_subject(_person(app, subject, chance, packed)))
            parts.keyring.forget(TENANT, subject)
        await asyncio.gather(*changes)
    return time.perf_counter() - began


def _person(
    app: Metier, subject: str, chance: random.Random, packed: Sequence[bytes]
) -> SubjectChange:
    from metier.crypto import SubjectRecords

    records = SubjectRecords(app.parts.keyring.subject_keys(TENANT, subject))
    change, at = records.change(), int(BEGAN.timestamp())
    known = []
    for data in facts(chance):
        fact_id = json.loads(data)["id"]
        known.append(SealedRow(fact_id, change.seal("fact", fact_id, data)))
    said = []
    for _ in range(2):
        row = f"block/{secrets.token_hex(8)}"
        said.append(AgedRow(row, change.seal("memory", row, chance.choice(packed), at), at))
    event = AuditEvent("profile-set", subject, subject, TENANT, {"facts": FACTS}, change.revision)
    return SubjectChange(
        TENANT, subject, 0, change.key_id, change.sealed_roster(), app.parts.audit.entry(event),
        at, facts=tuple(known), memory=tuple(said),
    )  # fmt: skip


# --- what is measured -------------------------------------------------------------------------


def dropped(home: Path) -> bool:
    """Drops the databases from the system's memory; False where the system can't."""
    if not hasattr(os, "posix_fadvise"):
        return False
    for path in home.glob("*.db*"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)  # what is not written yet can't be dropped
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    return True


async def timed(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - started)


async def loads(home: Path, people: Sequence[str]) -> dict[str, float]:
    """Medians of `load`, in milliseconds."""
    found: dict[str, list[float]] = {"disk": [], "cold": [], "warm": []}
    for subject in people[: max(5, len(people) // 8)]:  # each opens the files anew
        async with opened(home) as app:
            await open_stored(app.parts, TENANT, "nobody")  # libraries and the tenant's keys
            await app.close()
            if dropped(home):
                found["disk"].append(await timed(open_stored(app.parts, TENANT, subject)))
    async with opened(home) as app:
        await open_stored(app.parts, TENANT, "nobody")
        for subject in people:
            found["cold"].append(await timed(open_stored(app.parts, TENANT, subject)))
        for _ in range(3):
            for subject in people:
                found["warm"].append(await timed(open_stored(app.parts, TENANT, subject)))
    return {f"load_{k}_ms": statistics.median(v) for k, v in found.items() if v}


def asked(subject: str, message: str) -> Request:
    return Request("diary", (Message(Role.USER, message),), Actor(TENANT, subject))


async def uses(home: Path, people: Sequence[str]) -> dict[str, float]:
    """Medians of `edit` and `turn`, in milliseconds."""
    found: dict[str, list[float]] = {"edit": [], "turn_cold": [], "turn_warm": []}
    half = len(people) // 2
    async with opened(home, config.Settings(embeddings="none", durability="commit")) as app:
        await app.respond(asked("nobody", "Hello there, what did I say?"))
        for number, subject in enumerate(people[:half]):
            who, value = Actor(TENANT, subject), f"tea {number}"
            found["edit"].append(await timed(app.set_fact(who, None, "likes", value, "preference")))
        for number, subject in enumerate(people[half:]):
            first = asked(subject, "What did I say about the trains? I like tea.")
            again = asked(subject, f"And about the maps? I live in Leeds {number}.")
            found["turn_cold"].append(await timed(app.respond(first)))
            found["turn_warm"].append(await timed(app.respond(again)))
    return {f"{k}_ms": statistics.median(v) for k, v in found.items()}


def sizes(home: Path) -> dict[str, float]:
    return {
        f"{each}_mb": sum(p.stat().st_size for p in home.glob(f"{each}.db*")) / 1e6
        for each in ("store", "keys")
    }


async def measured(home: Path, count: int, sample: int) -> dict[str, float]:
    drawn = random.Random(count).sample(range(count), min(count, 2 * sample))
    people = [name(n) for n in drawn]
    began = time.perf_counter()
    async with opened(home):
        opening = time.perf_counter() - began
    figures = await loads(home, people[:sample])
    figures |= await uses(home, people[sample:])
    return {"people": count, **figures, "open_s": opening, **sizes(home)}


async def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--counts", default="1000,10000,100000")
    parser.add_argument("--sample", type=int, default=200, help="people of each measurement")
    parser.add_argument("--home", type=Path, help="an empty folder; kept afterwards")
    options = parser.parse_args()
    counts = sorted(int(each) for each in options.counts.split(","))
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder) / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        make_keys(home)
        packed = blocks(Terms(Path(folder) / "terms"))
        there, making = 0, 0.0
        for count in counts:
            async with opened(home, config.Settings(embeddings="none", durability="wal")) as app:
                making += await grow(app, there, count, packed)
            there = count
            gc.collect()
            rows.append(await measured(home, count, options.sample) | {"made_s": making})
            print(f"{count:,} measured", file=sys.stderr, flush=True)
    names = list(rows[0])
    for each in names:
        print(f"{each:18}" + "".join(f"{row.get(each, float('nan')):14,.2f}" for row in rows))
    flat = max(rows[-1][k] / rows[0][k] for k in ("load_cold_ms", "load_warm_ms"))
    print(json.dumps({"suite": "subjects", "rows": rows, "flat": round(flat, 3)}))
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
