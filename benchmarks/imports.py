"""How long an import of many messages takes, and how much memory.

    python -m benchmarks.imports [--messages 100000] [--format claude|whatsapp] [--domain D]

Makes a chat of sentences of our own, a tenth of which say something about the person, in a
home of its own; imports it; kills another import of it again and again in the middle and goes
on; and compares what is known afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._diary import opened
from metier.app import make_keys
from metier.model import Actor
from metier.pipeline import _imports as importing
from metier.pipeline._import_memories import import_memories
from metier.profile.importing import Options, open_source

_PLAIN = (
    "The rain has stopped and the {a} is drying next to the {b}.",
    "Could you look at the second {a}? It says something of the {b} that I can't follow.",
    "Thanks, that helps a lot with the {a}.", "What does the {a} column of this {b} mean?",
    "明天的会议改到下午{number}点了，{a}也是。",
    "Let me think about the {a} until {b}day {number}.",
    "The {a} failed again with the same message as yesterday: {b} {number}.", "好的，我知道{a}了。",
)  # fmt: skip
_TELLING = (
    "I live in {town}.", "I prefer {thing}.", "My goal is to learn {thing}.", "I love {thing}.",
    "我喜欢{thing}。", "I am a beginner.", "My name is Anna Weiss.", "I no longer live in {town}.",
)  # fmt: skip
_TOWNS = ("Leeds", "York", "Whitby", "Hull", "Selby")
_THINGS = tuple(f"{a} {b}" for a in ("green", "black", "early", "quiet", "old", "long")
                for b in ("tea", "bread", "trains", "songs", "maps", "walks", "films"))  # fmt: skip


def word(chance: random.Random) -> str:
    """An invented one, so that no two messages are the same, as in a real chat."""
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(3))


def said(number: int, chance: random.Random) -> str:
    pattern = chance.choice(_TELLING if number % 10 == 0 else _PLAIN)
    return pattern.format(
        town=chance.choice(_TOWNS), thing=chance.choice(_THINGS), a=word(chance), b=word(chance),
        number=number,
    )  # fmt: skip


def answered(number: int, chance: random.Random) -> str:
    return f"On the {word(chance)} of message {number}: it is the {word(chance)}, and then some."


def write_claude(path: Path, count: int) -> None:
    """Conversations of 50 messages each."""
    chance, at = random.Random(6), datetime(2022, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for start in range(0, count, 50):
            messages = []
            for number in range(start, min(count, start + 50)):
                at += timedelta(minutes=20)
                sender = "human" if number % 2 == 0 else "assistant"
                text = said(number // 2, chance) if sender == "human" else answered(number, chance)
                messages.append(
                    {"uuid": str(number), "sender": sender, "text": text,
                     "created_at": at.isoformat()}
                )  # fmt: skip
            talk = {"uuid": f"c{start}", "chat_messages": messages}
            file.write(("," if start else "") + json.dumps(talk, ensure_ascii=False))
        file.write("]")


def write_whatsapp(path: Path, count: int) -> None:
    chance, at = random.Random(6), datetime(2022, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            at += timedelta(minutes=20)
            who = "Anna" if number % 2 == 0 else "Ben"
            file.write(f"{at:%d/%m/%Y, %H:%M} - {who}: {said(number // 2, chance)}\n")


async def bring(home: Path, file: Path, person: str, domain: str) -> None:
    """Imports the file for a person, and prints how far it is to standard error."""
    source = open_source(file, Options(me="" if file.suffix == ".json" else "Anna"))
    async with opened(home) as app:
        memories = import_memories(app.parts, domain)
        started = time.perf_counter()
        done = await importing.run_import(
            app.parts, Actor("default", person), None, source, domain=domain, memories=memories
        )
        seconds = time.perf_counter() - started
        print(
            json.dumps(
                {
                    "seconds": round(seconds, 1), "messages_a_second": round(done.done / seconds),
                    "items": done.done, "own": done.own, "learned": done.learned,
                    "strengthened": done.strengthened, "ended": done.ended,
                    "memories": done.memories, "duplicates": done.duplicates,
                    "dropped": dict(done.dropped),
                    "peak_MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                }
            )
        )  # fmt: skip


async def looked(home: Path, person: str) -> list[tuple[object, ...]]:
    async with opened(home) as app:
        facts = await app.profile(Actor("default", person))
        assert (await app.verify_audit()).ok
    return sorted((f.slot, f.value, f.confidence, f.times, str(f.valid_from)) for f in facts)


async def preview(home: Path, file: Path, domain: str) -> None:
    source = open_source(file, Options(me="" if file.suffix == ".json" else "Anna"))
    async with opened(home) as app:
        started = time.perf_counter()
        found = await importing.preview(
            app.parts, Actor("default", "nobody"), None, source, domain=domain
        )
    seconds = time.perf_counter() - started
    print(f"preview: {seconds:.1f} s, {len(found.facts)} facts of {found.items:,} items")


def killed(home: Path, file: Path, person: str, domain: str, kills: int, whole: float) -> int:
    """Runs the import in processes of their own and kills them; the last one may end."""
    chance, hit = random.Random(9), 0
    for each in range(kills + 1):
        words = [sys.executable, "-m", "benchmarks.imports", "--bring", str(home), str(file),
                 person, "--domain", domain]  # fmt: skip
        pid = os.spawnv(os.P_NOWAIT, sys.executable, words)
        if each < kills:
            time.sleep(2 + chance.random() * whole / 2)
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        hit += os.WIFSIGNALED(status)
    return hit


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else "")
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--format", choices=["claude", "whatsapp"], default="claude")
    parser.add_argument("--domain", default="")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--bring", nargs=3, metavar=("HOME", "FILE", "PERSON"))
    asked = parser.parse_args()
    if asked.bring:
        home, file, person = asked.bring
        await bring(Path(home), Path(file), person, asked.domain)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o700)
        make_keys(home)
        if asked.format == "claude":
            file = Path(folder) / "conversations.json"
            write_claude(file, asked.messages)
        else:
            file = Path(folder) / "chat.txt"
            write_whatsapp(file, asked.messages)
        print(f"{asked.format}: {asked.messages:,} messages, {file.stat().st_size / 1e6:.1f} MB")
        started = time.perf_counter()
        count = sum(1 for _ in open_source(file, Options(me="Anna")).items())
        print(f"read alone: {time.perf_counter() - started:.1f} s for {count:,} items")
        await preview(home, file, asked.domain)
        started = time.perf_counter()
        killed(home, file, "anna", asked.domain, 0, 0.0)
        whole = time.perf_counter() - started
        if not asked.kills:
            return
        hit = killed(home, file, "bea", asked.domain, asked.kills, whole)
        same = await looked(home, "anna") == await looked(home, "bea")
        print(f"killed {hit} times; what is known is the same: {same}")
        print(f"the store: {(home / 'store.db').stat().st_size / 1e6:.1f} MB for both")


if __name__ == "__main__":
    asyncio.run(main())
