"""Kills a busy process again and again, and looks at what it has left."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from killed import workers

from metier.app import make_keys
from metier.store import Durability
from trials.busy import check

_SECONDS = 1.2
"""A kill comes within so many seconds after the work has begun."""


@dataclass(slots=True)
class Kills:
    """What all kills together have shown; `at_work` are those that came before the end."""

    kills: int = 0
    at_work: int = 0
    promised: int = 0
    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


async def kill(home: Path, durability: Durability, kills: int, *, migration: bool = False) -> Kills:
    """Kills so many times.

    Args:
        home: a prepared home; for a migration a folder, where each kill gets a home of its own.
    """
    total = Kills()
    task = "migrate" if migration else "work"
    with workers(f"from trials.busy import {task} as work") as each:
        for number in range(kills):
            target = home
            if migration:
                target = home / f"home-{number}"
                target.mkdir(mode=0o700)
                make_keys(target)
            argument = f"{target} {durability} {number}"
            seconds = 0.2 if migration else _SECONDS
            total.at_work += await asyncio.to_thread(each.kill_within, seconds, argument)
            found = await check(target, durability)
            total.kills += 1
            total.promised = total.promised + found.promised if migration else found.promised
            total.lost += found.lost
            total.half += found.half
            total.broken += found.broken
            if migration:
                shutil.rmtree(target)
    return total
