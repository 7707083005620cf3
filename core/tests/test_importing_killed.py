"""An import that is killed again and again ends as one that was left alone."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from importing_kit import Toy

from metier import config
from metier.app import Metier, make_keys
from metier.model import Actor
from metier.pipeline import open_stored
from metier.profile.memory import unpack

_WORK = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_importing_killed import opened
from metier.encoder import Terms
from metier.model import Actor
from metier.pipeline._import_memories import BlockMemories
from metier.pipeline._imports import run_import
from metier.profile.importing import open_source

async def work(home, file, person):
    memories = BlockMemories(Terms(home / "terms"), lambda state, text: (text, ()))
    async with opened(home) as app:
        await run_import(
            app.parts, Actor("default", person), None, open_source(file), memories=memories,
            batch=50, progress=lambda done, total: print(done, flush=True),
        )

asyncio.run(work(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
"""
MESSAGES = 3000
TELLING = ("I live in {}.", "I prefer {} tea.", "I love {} trains.", "I no longer live in {}.")
WORDS = ("Leeds", "York", "Hull", "green", "black", "slow")


def opened(home: Path) -> Metier:
    return Metier.open(home, config.Settings(embeddings="none"), plugins=[Toy(home)])


def write(path: Path) -> None:
    chance = random.Random(3)
    talks = []
    for start in range(0, MESSAGES, 30):
        messages: list[dict[str, Any]] = []
        for n in range(start, start + 30):
            said = chance.choice(TELLING).format(chance.choice(WORDS)) if n % 6 == 0 else f"So {n}."
            messages.append(
                {"sender": "assistant" if n % 2 else "human", "text": said,
                 "created_at": f"2024-0{1 + n // 500}-{1 + n % 28:02}T10:00:00Z"}
            )  # fmt: skip
        talks.append({"uuid": f"c{start}", "chat_messages": messages})
    path.write_text(json.dumps(talks), "utf-8")


def run(home: Path, file: Path, person: str, kill_after: int | None = None) -> bool:
    """Runs the import in a process; True where it was killed, after so many batches."""
    work = _WORK.format(here=str(Path(__file__).parent))
    process = subprocess.Popen(
        [sys.executable, "-c", work, str(home), str(file), person],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for number, _ in enumerate(process.stdout, 1):
        if number == kill_after:
            process.kill()
    return process.wait(120) != 0


async def outcome(app: Metier, person: str) -> tuple[Any, Any]:
    facts = await app.profile(Actor("default", person))
    known = sorted((f.slot, f.value, f.confidence, f.times, str(f.valid_from)) for f in facts)
    records = (await open_stored(app.parts, "default", person)).records
    rows = (await app.parts.store.memory("default", person)).rows
    opened = {row.id: records.open("memory", row.id, row.sealed) for row in rows}
    blocks = [unpack(data) for row, data in opened.items() if row.startswith("block/")]
    said = sorted((m.at, m.id.split(":")[1], m.text) for b in blocks for m in b.memories())
    return known, said


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_again_and_again_nothing_is_lost_and_nothing_is_twice(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "conversations.json"
    home.mkdir(mode=0o700)
    make_keys(home)
    write(file)
    assert not run(home, file, "anna")
    kills = sum(run(home, file, "bea", kill_after) for kill_after in (1, 3, 9, 14))
    assert kills == 4, "each was killed in the middle"
    assert not run(home, file, "bea")
    async with opened(home) as app:
        whole, killed = await outcome(app, "anna"), await outcome(app, "bea")
        assert (await app.verify_audit()).ok
    assert whole == killed
    ids = [number for _, number, _ in whole[1]]
    assert len(ids) == len(set(ids)) == MESSAGES, "each message is remembered once"
