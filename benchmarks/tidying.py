"""How long tidying up after turns and imports holds others up, and how long it takes.

    python -m benchmarks.tidying [--memories 6000] [--turns 400] [--facts 1000] [--model FOLDER]

A person has blocks of memories, rows of single turns beside them, and facts without a vector, as
after a large import. While they are tidied, a clock in the same event loop notes how late it is
woken: `longest_ms` is the longest that anybody's turn would have waited, `late_p99_ms` what one
in a hundred waits. FOLDER is the embedding model (`METIER_HOME/model`); without it nothing is
encoded.
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
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks._diary import opened
from benchmarks.memory import conversations, words
from metier import config
from metier.app import Metier, make_keys
from metier.audit import AuditEvent
from metier.model import Actor, Fact, Provenance
from metier.pipeline._subject import open_stored
from metier.profile import encode_fact
from metier.profile.memory import pack
from metier.store import AgedRow, SealedRow, SubjectChange

WHO = Actor("default", "anna")
_TICK = 0.001


async def fill(app: Metier, memories: int, turns: int, facts: int, block: int = 1000) -> None:
    """Writes what many turns and an import would have left."""
    rng, parts = random.Random(4), app.parts
    known = words(rng, 2000)
    await app.set_fact(WHO, None, "name", "Anna", "identity")  # makes the person and their keys
    stored = await open_stored(parts, WHO.tenant, WHO.id)
    change, now = stored.records.change(), int(parts.clock().timestamp())
    said, _ = conversations(memories + 2 * turns)
    terms = parts.terms()
    rows = []
    groups = [said[n : n + block] for n in range(0, memories, block)]
    single = [said[n : n + 2] for n in range(memories, memories + 2 * turns, 2)]
    for kind, group in [*(("block/", g) for g in groups), *(("block/t-", g) for g in single)]:
        name = f"{kind}{secrets.token_hex(8)}"
        at = int(group[0].at.timestamp())
        data = pack([replace(m, source="turn") for m in group], None, terms)
        rows.append(AgedRow(name, change.seal("memory", name, data, at), at))
    made = []
    for _ in range(facts):
        value = " ".join(rng.choices(known, k=3))
        fact = Fact("likes", value, "preference", 0.9, Provenance("import", "core:likes"),
                    id=secrets.token_hex(12), learned_at=parts.clock(), multiple=True)  # fmt: skip
        made.append(SealedRow(fact.id, change.seal("fact", fact.id, encode_fact(fact))))
    event = AuditEvent("import", WHO.id, WHO.id, WHO.tenant, {"items": facts}, change.revision)
    await parts.store.change_subject(
        SubjectChange(
            WHO.tenant, WHO.id, stored.records.revision, change.key_id, change.sealed_roster(),
            parts.audit.entry(event), now, memory=tuple(rows),
            facts=tuple(made),
        )
    )  # fmt: skip


async def lateness(late: list[float]) -> None:
    while True:
        started = time.perf_counter()
        await asyncio.sleep(_TICK)
        late.append((time.perf_counter() - started - _TICK) * 1000)


async def measured(home: Path, asked: argparse.Namespace) -> dict[str, float]:
    async with opened(home, config.Settings(embeddings="minilm" if asked.model else "none")) as app:
        await fill(app, asked.memories, asked.turns, asked.facts)
        if (encoder := app.parts.encoder()) is not None:
            encoder.encode(["The model is loaded now."])
        late: list[float] = []
        clock = asyncio.create_task(lateness(late))
        await asyncio.sleep(0.2)
        late.clear()
        gc.freeze()  # a full collection over what the process holds anyway is not measured here
        started = time.perf_counter()
        app.parts.memories.untidy.add((WHO.tenant, WHO.id))
        await app.tidy()
        seconds = time.perf_counter() - started
        clock.cancel()
    return {
        "seconds": round(seconds, 2), "longest_ms": round(max(late), 1),
        "late_p99_ms": round(statistics.quantiles(late, n=100)[-1], 1),
        "over_20_ms": sum(each > 20 for each in late),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--memories", type=int, default=6000)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--facts", type=int, default=1000)
    parser.add_argument("--model", type=Path, help="the embedding model (METIER_HOME/model)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        make_keys(home)
        if asked.model:
            (home / "model").symlink_to(asked.model.resolve())
        print(json.dumps({"cores": os.cpu_count(), **asyncio.run(measured(home, asked))}))


if __name__ == "__main__":
    main()
