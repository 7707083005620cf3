"""A process that writes all the time and tells what it has been promised, until it is killed.

Each promise is a line in a file, written after the call returned. What a process has
written stays when it is killed (SIGKILL); a power cut is another thing, and not tried here.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from toy import Gardening

from metier import config, rights
from metier.app import Metier
from metier.backup import Source, make_backup
from metier.model import Actor, Feedback, MetierError
from metier.rotation import (
    Opened,
    Pace,
    resume_levels,
    resume_subjects,
    rotate_person,
    rotate_tenant,
)
from metier.store import Durability
from trials.tamper import OF_SUBJECT

AT_LEAST = 3
"""So many promises are given before a kill may come: a slow machine is no idle one."""

PEOPLE = ("anna", "ben", "王丽华")
_OPERATIONS = ("turn",) * 6 + ("fact",) * 3 + ("feedback",) * 2 + (
    "erase", "rotate", "tenant", "backup",
)  # fmt: skip


def opened(home: Path, durability: Durability) -> Metier:
    settings = config.Settings(embeddings="none", durability=durability)
    return Metier.open(home, settings, plugins=[Gardening()])


def work(argument: str) -> None:
    """What the process does; the argument names the home, the level of durability and a seed."""
    home, durability, seed = argument.split()
    asyncio.run(_busy(Path(home), durability, seed))  # type: ignore[arg-type]


def migrate(argument: str) -> None:
    """Opens a home for the first time."""
    home, durability, _ = argument.split()

    async def once() -> None:
        app = opened(Path(home), durability)  # type: ignore[arg-type]
        print("begun", flush=True)
        async with app:
            pass
        print("done", flush=True)

    asyncio.run(once())


async def _busy(home: Path, durability: Durability, seed: str) -> None:
    promises = os.open(home / "promises", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    given = count(1)

    def promised(**line: str) -> None:
        os.write(promises, json.dumps(line).encode() + b"\n")
        if next(given) == AT_LEAST:
            print("begun", flush=True)

    async with opened(home, durability) as app:
        await asyncio.gather(*(_person(app, who, random.Random(seed + who), promised)
                               for who in PEOPLE))  # fmt: skip


async def _person(app: Metier, who: str, rng: random.Random, promised: Any) -> None:
    me, last = Actor("default", who), ""
    for number in range(10**6):
        operation = rng.choice(_OPERATIONS)
        with suppress(MetierError):  # what is refused was not promised
            if operation == "turn":
                asked = app.request("gardening", f"My balcony faces north, {number}.",
                                    conversation="c")  # fmt: skip
                last = (await app.respond(replace(asked, actor=me))).id
                promised(did="turn", who=who, what=last)
            elif operation == "fact":
                value = f"rose {rng.getrandbits(40)}"
                await app.set_fact(me, None, "likes", value, "preference")
                promised(did="fact", who=who, what=value)
            elif operation == "feedback" and last:
                await app.feedback(me, Feedback(last, 1, "fine"))
                promised(did="feedback", who=who, what=last)
            elif operation == "erase" and rng.random() < 0.5:
                promised(did="erasing", who=who, what="")
                certificate = await rights.erase(app.parts, me, None)
                promised(did="erased", who=who, what=certificate.id)
                last = ""
            elif operation == "rotate":
                await rotate_person(app.parts, "default", who, "test", Pace(1.0, 0))
            elif who == PEOPLE[0] and operation == "tenant":
                await rotate_tenant(Opened(app.parts.keyring, app.parts.audit), "default", "test")
            elif who == PEOPLE[1] and operation == "backup" and rng.random() < 0.3:
                source = Source(app.home, app.parts.keyring, app.parts.audit, "test")
                made = await make_backup(source, app.home / "backups")
                promised(did="backup", who=who, what=made.path.name)


@dataclass(slots=True)
class Promised:
    """What was promised to one person, and what an erasure promised to be gone."""

    things: set[tuple[str, str]] = field(default_factory=set)
    gone: set[tuple[str, str]] = field(default_factory=set)
    erasing: bool = False


@dataclass(slots=True)
class Found:
    """What was found after a kill.

    Args:
        lost: promised and not there.
        half: what an erasure has left, or people of whom it took a part.
        broken: anything else that does not hold.
    """

    promised: int = 0
    lost: list[str] = field(default_factory=list)
    half: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not (self.lost or self.half or self.broken)


def _read(lines: Sequence[str]) -> tuple[dict[str, Promised], list[str]]:
    people: dict[str, Promised] = defaultdict(Promised)
    backups = []
    for line in map(json.loads, lines):
        one, thing = people[line["who"]], (line["did"], line["what"])
        match line["did"]:
            case "backup":
                backups.append(line["what"])
            case "erasing":
                one.erasing = True
            case "erased":
                one.gone |= one.things
                one.things, one.erasing = set(), False
            case "kept":
                one.erasing = False
            case _:
                one.things.add(thing)
    return people, backups


async def check(home: Path, durability: Durability) -> Found:
    """Opens the home again, as it starts after a kill, and holds it against the promises."""
    file = home / "promises"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    people, backups = _read(lines)
    found = Found(len(lines))
    async with opened(home, durability) as app:
        for who, one in people.items():
            await _check_person(app, who, one, found, file)
        if app.parts.keyring.store.erasures(open_only=True):
            found.half.append("an erasure is still open")
        await resume_levels(
            Opened(app.parts.keyring, app.parts.audit), home, app.settings.root, "test"
        )
        await resume_subjects(app.parts, "test", Pace(1.0, 0))
        if app.parts.keyring.store.rotations(open_only=True):
            found.broken.append("a rotation is still open")
        verified = await app.verify_audit()
        found.broken += [f"audit: {finding}" for finding in verified.findings]
    found.lost += [name for name in backups if not (home / "backups" / name).exists()]
    found.half += _orphans(home)
    return found


async def _check_person(app: Metier, who: str, one: Promised, found: Found, file: Path) -> None:
    whole: Any = await rights.export(app.parts, Actor("default", who), None)
    there = {("turn", turn["turn"]) for turn in whole["turns"]}
    there |= {("fact", fact["value"]) for fact in whole["facts"]}
    there |= {("feedback", given["turn"]) for given in whole["feedback"]}
    found.broken += [f"{who}: {each}" for each in whole["missing_turns"] + whole["missing_events"]]
    if left := one.gone & there:
        found.half.append(f"{who}: {len(left)} things are there that were erased")
    if one.erasing:  # the promise was not given: all of it is there, or nothing
        nothing = not (there & one.things)
        if not nothing and not one.things <= there:
            found.half.append(f"{who}: {len(one.things - there)} of {len(one.things)} are gone")
        with file.open("a", encoding="utf-8") as more:
            line = {"did": "erased" if nothing else "kept", "who": who, "what": ""}
            more.write(json.dumps(line) + "\n")
    else:
        found.lost += [f"{who}: {thing}" for thing in one.things - there]


def _orphans(home: Path) -> list[str]:
    """Tables with rows of people of whom there is no subject row."""
    with closing(sqlite3.connect(home / "store.db")) as raw:
        known = set(raw.execute("select tenant, subject from subject"))
        return [
            f"{table} has rows of an erased person"
            for table in OF_SUBJECT
            if set(raw.execute(f'select distinct tenant, subject from "{table}"')) - known
        ]
