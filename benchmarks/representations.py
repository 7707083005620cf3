"""Whether the vectors of a person say something of the person: of their facts, and of their style.

    python benchmarks/representations.py --data DATA [--model FOLDER]

DATA holds `memory/locomo.json` and `memory/prefeval`; FOLDER is the embedding model that
`metier setup` builds (`METIER_HOME/model`). Nothing is fitted here. Each figure stands beside the
same figure with somebody else's vector in place of the person's.

- Style: of two pieces of writing (the sessions of a LoCoMo conversation), those of one author
  should be more alike than those of two. AUC over pairs; and whether the first half of an author's
  sessions finds the second half among all authors'.
- Options: of a PrefEval person the facts that extraction finds in their stated preference order
  four options, of which one is what they would choose; by the question alone, with what is near to
  the facts, and with all facts in one mean, as if what they avoid drew them. Also with the facts of
  twenty others among theirs.
- Subject: of a PrefEval person only the persona-driven conversation is read, or only the choice
  they made; its mean should find their own preference among all people's.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metier.encoder import Encoder
from metier.learning import (
    PersonVectors,
    Style,
    encoded_facts,
    kept_apart,
    near,
    style_of,
)
from metier.model import Fact, Turn
from metier.profile import extract

Vector = NDArray[np.float32]


_OTHERS = 20
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def alike(one: Vector, two: Vector) -> float:
    """How alike two people write; each habit counts up to twice its spread."""
    return -float(np.minimum(np.abs(one - two), 2.0).mean())


def mean_of(texts: Sequence[str], encoder: Encoder) -> Vector | None:
    known = [text for text in texts if encoder.supports(text)]
    if not known:
        return None
    mean: Vector = encoder.encode(known).mean(axis=0)
    return mean / np.float32(np.linalg.norm(mean) or 1.0)


def authors(conversations: Sequence[Any]) -> list[tuple[int, list[list[str]]]]:
    """Each author of LoCoMo: the number of the conversation, and what they said by session."""
    found = []
    for number, each in enumerate(conversations):
        talk = each["conversation"]
        sessions = [talk[k] for k in talk if re.fullmatch(r"session_\d+", k)]
        for speaker in (talk["speaker_a"], talk["speaker_b"]):
            said = [[t["text"] for t in s if t["speaker"] == speaker] for s in sessions]
            found.append((number, [s for s in said if s]))
    return found


def auc(same: Sequence[float], others: Sequence[float]) -> float:
    """The chance that a pair of one author is more alike than a pair of two."""
    a, b = np.array(same)[:, None], np.array(others)[None, :]
    return float(((a > b) + 0.5 * (a == b)).mean())


def styles(path: Path) -> None:
    people = authors(json.loads(path.read_text("utf-8")))
    made: list[tuple[int, int, Vector]] = []
    for person, (talk, sessions) in enumerate(people):
        for session in sessions:
            style = style_of(session)
            if style is not None:
                made.append((talk, person, style.vector))
    shuffled = [person for _, person, _ in made]
    Random(0).shuffle(shuffled)
    for name, owner in (("", [p for _, p, _ in made]), ("baseline.shuffled.", shuffled)):
        same, near, far = [], [], []
        for i, (talk, _, one) in enumerate(made):
            for j in range(i):
                like = alike(one, made[j][2])
                if owner[i] == owner[j]:
                    same.append(like)
                elif talk == made[j][0]:
                    near.append(like)
                else:
                    far.append(like)
        print(f"{name}style.auc, the other of the conversation  {auc(same, near):.3f}")
        print(f"{name}style.auc, authors of other conversations {auc(same, far):.3f}")
    halves = [(style_of(list(chain(*s[::2]))), style_of(list(chain(*s[1::2])))) for _, s in people]
    hit = sum(_finds(n, halves) for n in range(len(halves)))
    print(f"style.first of {len(halves)} authors {hit / len(halves):.3f}; "
          f"baseline.shuffled {1 / len(halves):.3f}")  # fmt: skip


def _finds(person: int, halves: Sequence[tuple[Style | None, Style | None]]) -> bool:
    own = halves[person][0]
    assert own is not None
    likes = [alike(own.vector, h[1].vector) for h in halves if h[1] is not None]
    return int(np.argmax(likes)) == person


def subjects(folder: Path, encoder: Encoder) -> None:
    for kind, said in (("persona-driven", _said), ("choice-based", _chosen)):
        people = [
            (each["preference"], said(each["conversation"]))
            for file in sorted((folder / "implicit" / kind).glob("*.json"))
            for each in json.loads(file.read_text("utf-8"))
        ]
        preferences = encoder.encode([p for p, _ in people])
        vectors = [mean_of(texts, encoder) for _, texts in people]
        order = list(range(len(people)))
        Random(0).shuffle(order)
        for name, owner in (("", range(len(people))), ("baseline.shuffled.", order)):
            ranks = []
            for n, own in enumerate(owner):
                vector = vectors[own]
                if vector is not None:
                    likes = preferences @ vector
                    ranks.append(int((likes > likes[n]).sum()))
            rank = np.array(ranks)
            print(f"{name}subject.{kind} of {len(people)}: first {(rank < 1).mean():.3f}, "
                  f"in 10 {(rank < 10).mean():.3f}, mrr {(1 / (1 + rank)).mean():.3f}")  # fmt: skip


def _said(talk: Any) -> list[str]:
    return [turn["user"] for turn in talk.values()]


def _chosen(talk: Any) -> list[str]:
    return [talk["query"], talk["user_selection"]]


def options(folder: Path, encoder: Encoder) -> None:
    people: list[tuple[str, Any]] = []
    for file in sorted((folder / "implicit" / "choice-based").glob("*.json")):
        people += [(file.stem, each) for each in json.loads(file.read_text("utf-8"))]
    facts: list[list[Fact]] = []
    for number, (_, each) in enumerate(people):
        turn = Turn(str(number), "", "", "eval", "", each["preference"], _NOW)
        found = [f for f in extract(turn) if not kept_apart(f)]
        facts.append([replace(f, id=f"{number}-{n}") for n, f in enumerate(found)])
    kept = PersonVectors(encoded_facts(chain(*facts), encoder, PersonVectors()))
    questions = encoder.encode([each["question"] for _, each in people])
    draw = Random(0)
    hits: dict[str, list[bool]] = {}
    for number, (topic, each) in enumerate(people):
        right = each["options"].index(each["aligned_op"])
        rows = encoder.encode(each["options"])
        asked = rows @ questions[number]
        others = [n for n, (about, _) in enumerate(people) if about != topic]
        crowd = list(chain(*(facts[n] for n in draw.sample(others, _OTHERS))))
        for name, known in (
            ("near", facts[number]), ("near, among 20 others' facts", [*facts[number], *crowd]),
            ("baseline.near, somebody else's", facts[draw.choice(others)]),
        ):  # fmt: skip
            vectors = {f.id: v for f in known if (v := kept.of(f)) is not None}
            moved = near(known, vectors, {str(n): row for n, row in enumerate(rows)})
            lifted = [asked[n] + moved.item(str(n)) for n in range(len(rows))]
            hits.setdefault(name, []).append(int(np.argmax(lifted)) == right)
        own = [v for f in facts[number] if (v := kept.of(f)) is not None]
        mean = rows @ np.mean(own, axis=0) if own else np.zeros(len(rows))
        hits.setdefault("baseline.mean of all facts", []).append(
            int(np.argmax(asked + mean)) == right
        )
        hits.setdefault("baseline.question", []).append(int(np.argmax(asked)) == right)
    for name, found_right in hits.items():
        print(f"options.{name} of {len(people)}: first {np.mean(found_right):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=Path(".metier/model"))
    given = parser.parse_args()
    styles(given.data / "memory" / "locomo.json")
    encoder = Encoder.open(given.model)
    options(given.data / "memory" / "prefeval", encoder)
    subjects(given.data / "memory" / "prefeval", encoder)


if __name__ == "__main__":
    main()
