"""Killed at any moment while it writes: nothing that was promised is lost, nobody half erased.

The default is a handful of kills; METIER_KILLS=200 are those of the mark. SIGKILL ends a
process and leaves the kernel's cache: it is no power cut, and shows nothing about one.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest
from trials.busy import AT_LEAST, check, opened
from trials.killed import kill

from metier.model import Actor
from metier.store import Durability

KILLS = int(os.environ.get("METIER_KILLS", "10"))


@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * KILLS)
@pytest.mark.parametrize("durability", ["commit", "wal"])
async def test_killed_while_it_writes(home: Path, durability: Durability) -> None:
    found = await kill(home, durability, (KILLS + 1) // 2)
    assert found.at_work, "none of the kills came while something was being written"
    assert found.promised >= AT_LEAST * found.kills
    assert (found.lost, found.half, found.broken) == ([], [], [])


@pytest.mark.slow
async def test_killed_while_the_store_is_made(tmp_path: Path) -> None:
    found = await kill(tmp_path, "commit", max(3, KILLS // 10), migration=True)
    assert (found.lost, found.half, found.broken) == ([], [], [])


async def test_the_check_finds_what_is_lost_and_what_is_left(home: Path) -> None:
    async with opened(home, "wal") as app:
        me = Actor("default", "anna")
        await app.set_fact(me, None, "likes", "roses", "preference")
    promises = [("fact", "roses"), ("turn", "never was"), ("erasing", "")]
    lines = [json.dumps({"did": did, "who": "anna", "what": what}) for did, what in promises]
    (home / "promises").write_text("\n".join(lines[:2]) + "\n")
    found = await check(home, "wal")
    assert found.lost == ["anna: ('turn', 'never was')"] and not found.half
    (home / "promises").write_text("\n".join(lines) + "\n")
    found = await check(home, "wal")
    assert found.half == ["anna: 1 of 2 are gone"]
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("delete from subject")
        raw.execute("delete from audit_event where subject = 'anna'")
    (home / "promises").unlink()
    found = await check(home, "wal")
    assert "fact has rows of an erased person" in found.half
