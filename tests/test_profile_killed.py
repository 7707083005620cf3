"""Eight processes edit one profile and some are killed: nothing promised is lost or twice."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest
from toy import Gardening

from metier import config
from metier.app import Metier
from metier.model import Actor, Fact
from metier.pipeline import open_rows, open_stored
from metier.profile import decode_fact

ME = Actor("default", "anna")
PROCESSES, EDITS, KILLED = 8, 12, 4
_WORK = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_profile_killed import edit
asyncio.run(edit(Path(sys.argv[1]), int(sys.argv[2])))
"""


def opened(home: Path) -> Metier:
    return Metier.open(home, config.Settings(embeddings="none"), plugins=[Gardening()])


def word(who: int, number: int) -> str:
    """A value of letters alone, unlike every other."""
    return "rose " + "".join(chr(97 + int(d)) for d in f"{who}{number:03}") + "x"


async def edit(home: Path, who: int) -> None:
    """What a process does: says what it is about to do, does it, and says that it is done."""

    def tell(*parts: str) -> None:
        print("\t".join(parts), flush=True)

    async with opened(home) as app:
        tell("begun", "", "")
        for number in range(EDITS):
            value = word(who, number)
            for slot, category in (("likes", "preference"), ("goal_town", "preference")):
                tell("try", slot, value)
                fact = await app.set_fact(ME, None, slot, value, category)
                tell("done", slot, value)
            if number % 4 == 3:
                mine = word(who, number - 1)
                known = {f.value: f.id for f in await app.profile(ME) if f.slot == "likes"}
                tell("try", "forget", mine)
                undo = await app.forget_fact(ME, None, known[mine])
                tell("done", "forget", mine)
                if number % 8 == 7:
                    tell("try", "undo", mine)
                    await app.undo(ME, None, undo)
                    tell("done", "undo", mine)
            assert fact.value == value
    tell("over", "", "")


def run(home: Path, doomed: Mapping[int, int]) -> dict[int, list[list[str]]]:
    """Runs the processes side by side, and tells what each has said until it ended.

    Args:
        doomed: which are killed, and after how many lines.
    """
    code = _WORK.format(here=str(Path(__file__).parent))
    told: dict[int, list[list[str]]] = {who: [] for who in range(PROCESSES)}

    def one(who: int) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(home), str(who)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                told[who].append(line.rstrip("\n").split("\t"))
                if len(told[who]) == doomed.get(who):
                    process.kill()
        finally:
            process.kill()
            process.wait(20)

    threads = [Thread(target=one, args=(who,)) for who in range(PROCESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_what_eight_processes_were_promised_is_there_once_though_some_are_killed(
    home: Path, seed: int
) -> None:
    chance = random.Random(seed)
    # After so many lines of its own, somewhere within an edit: it is killed while it works.
    doomed = {who: chance.randrange(2, 40) for who in chance.sample(range(PROCESSES), KILLED)}
    async with opened(home):  # the store is made
        pass
    told = await asyncio.to_thread(run, home, doomed)
    for who in range(PROCESSES):
        assert (told[who][-1][0] == "over") == (who not in doomed), told[who][-1]

    async with opened(home) as app:
        history = await app.profile_history(ME)
        stored = await open_stored(app.parts, "default", "anna")
        ended = [decode_fact(d) for d in (await open_rows(
            app.parts, stored.records, ["ended/"])).values()]  # fmt: skip
        verified = await app.verify_audit()
        undoable = await app.undoable(ME)
    assert verified.ok, verified.findings
    ids = [f.id for f in history]
    assert len(ids) == len(set(ids))
    for who in range(PROCESSES):
        check(who, told[who], history)
    # Of a slot with one value each value but the last is history, once.
    towns = [f for f in history if f.slot == "goal_town"]
    assert len([f for f in towns if f.unlearned_at is None]) == 1
    assert sorted(f.value for f in towns) == sorted({f.value for f in towns})
    assert sorted(f.id for f in ended) == sorted(f.id for f in history if f.unlearned_at)
    # The history has no hole: where one town ends the next one begins.
    towns.sort(key=lambda f: (f.learned_at is None, f.learned_at))
    for one, following in pairwise(towns):
        assert one.valid_to == following.valid_from
    promised = sum(
        line[0] == "done" and line[1] != "undo" for all_ in told.values() for line in all_
    )
    undone = sum(line[:2] == ["done", "undo"] for all_ in told.values() for line in all_)
    assert promised - undone <= len(undoable) <= promised + PROCESSES


def check(who: int, told: list[list[str]], history: list[Fact]) -> None:
    """Holds one process's promises against what is there."""
    done = {(line[1], line[2]) for line in told if line[0] == "done"}
    tried = {(line[1], line[2]) for line in told if line[0] == "try"} - done
    assert len(tried) <= 1, "one thing at a time"
    for slot in ("likes", "goal_town"):
        there = [f.value for f in history if f.slot == slot]
        for number in range(EDITS):
            value = word(who, number)
            gone = slot == "likes" and ("forget", value) in done and ("undo", value) not in done
            unsure = {(slot, value), ("forget", value), ("undo", value)} & tried
            if slot == "goal_town":
                unsure -= {("forget", value), ("undo", value)}
            count = there.count(value)
            assert count <= 1, f"{slot} {value} is there {count} times"
            if not unsure:
                assert count == ((slot, value) in done and not gone), (slot, value, count)
