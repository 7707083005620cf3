"""The messages that the second look learns from.

`emergencies.txt` and `calm.txt` hold templates, one a line: "(a|b) c" is drawn from. Beside them go
the English messages of the plugin's evaluation rounds and of the half of its unseen wording that
the rules were mended on. The half held back is never read here. What is no matter of health at all
comes from public sets: questions to a bank (Banking77) and to a spoken assistant (CLINC150), and
questions in general about illnesses (MedQuAD).
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from metier_healthcare._context import has_han
from metier_healthcare._evaluation import rounds, unseen
from metier_healthcare._second_look import STOP, windows
from metier_healthcare._text import normalise

_HERE = Path(__file__).parent
_CHOICE = re.compile(r"\(([^()]*)\)")
_DRAWS = 8
"""Messages drawn from a template."""
_ELSEWHERE = 1500
"""Messages taken from each public set to learn from; as many others measure."""


@dataclass(frozen=True, slots=True)
class Message:
    """Args: urgent: somebody is in danger; source: its round, "templates" or "elsewhere"."""

    tokens: tuple[str, ...]
    urgent: bool
    source: str


def messages(folder: Path) -> list[Message]:
    """All messages, told part only. Args: folder: the public sets."""
    others = (Message(_tokens(t), False, "elsewhere") for t in elsewhere(folder)[0])
    return [*_written(), *_drawn(), *(m for m in others if m.tokens)]


def elsewhere(folder: Path) -> tuple[list[str], dict[str, list[str]]]:
    """Messages of public sets: those to learn from, and others to measure by set."""
    with (folder / "support" / "banking77_train.csv").open(encoding="utf-8") as rows:
        bank = [row["text"] for row in csv.DictReader(rows)]
    spoken = json.loads((folder / "support" / "clinc150_data_full.json").read_text("utf-8"))
    medquad = (folder / "health" / "medquad.jsonl").read_text("utf-8").splitlines()
    sets = {
        "Banking77": bank,
        "CLINC150": [said for part in spoken.values() for said, _ in part],
        "MedQuAD": [json.loads(line)["question"] for line in medquad if line],
    }
    learn: list[str] = []
    measure: dict[str, list[str]] = {}
    for name, said in sets.items():
        drawn = random.Random(0).sample(sorted(set(said)), 2 * _ELSEWHERE)  # noqa: S311 -- no secret
        learn += drawn[:_ELSEWHERE]
        measure[name] = drawn[_ELSEWHERE:]
    return learn, measure


def _written() -> Iterator[Message]:
    for source, kinds in {**rounds(), "mending": unseen()["mending"]}.items():
        for kind, said in kinds.items():
            for text in said:
                if not has_han(text):
                    yield Message(_tokens(text), kind == "emergencies", source)


def _drawn() -> Iterator[Message]:
    draw = random.Random(0)  # noqa: S311 -- no secret
    for name, urgent in (("emergencies.txt", True), ("calm.txt", False)):
        for line in (_HERE / name).read_text("utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                drawn = dict.fromkeys(_one(line, draw) for _ in range(4 * _DRAWS))
                for text in list(drawn)[:_DRAWS]:
                    if tokens := _tokens(text):
                        yield Message(tokens, urgent, "templates")


def _one(line: str, draw: random.Random) -> str:
    """One message of a template."""
    while choice := _CHOICE.search(line):
        picked = draw.choice(choice.group(1).split("|"))
        line = line[: choice.start()] + picked + line[choice.end() :]
    return " ".join(line.split())


def _tokens(text: str) -> tuple[str, ...]:
    parts = list(windows(normalise(text)))
    # A message here is short: its windows overlap only where it has more than three sentences.
    return tuple(token for part in parts for token in (*part, STOP))[:-1]
