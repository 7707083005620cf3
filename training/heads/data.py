"""The examples that heads are trained on."""

from __future__ import annotations

import csv
import json
import zlib
from pathlib import Path
from random import Random

from training.heads.train import OUTSIDE, Example

HERE = Path(__file__).parent


def banking(root: Path) -> list[Example]:
    """Banking77: Casanueva et al., Efficient Intent Detection with Dual Sentence Encoders, 2020."""
    with (root / "support" / "banking77_train.csv").open(encoding="utf-8", newline="") as file:
        return [Example(row["text"], row["category"]) for row in csv.DictReader(file)]


def clinc(root: Path, part: str) -> list[Example]:
    """CLINC150: Larson et al., An Evaluation Dataset for Intent Classification, 2019.

    Args:
        part: "train" or "val"; out-of-scope texts of the same part are `OUTSIDE`.
    """
    path = root / "support" / "clinc150_data_full.json"
    sets = json.loads(path.read_text("utf-8"))
    inside = [Example(text, label) for text, label in sets[part]]
    return inside + [Example(text, OUTSIDE) for text, _ in sets[f"oos_{part}"]]


TALK = frozenset(
    {"greeting", "goodbye", "thank_you", "tell_joke", "are_you_a_bot", "how_old_are_you",
     "what_is_your_name", "who_made_you", "where_are_you_from", "do_you_have_pets",
     "what_are_your_hobbies", "who_do_you_work_for", "yes", "no", "maybe"}
)  # fmt: skip
"""CLINC's intents that ask for nothing that knowledge could answer."""
_NEITHER = frozenset(
    {"meaning_of_life", "fun_fact", "what_can_i_ask_you", "cancel", "repeat", "user_name",
     "change_user_name", "change_language", "out_of_scope"}
)  # fmt: skip
"""Those that might be either, or say something of the person."""
_DRAWN = 12
"""Sentences drawn of a template of ours; those drawn twice count once."""
_TALK = 40
_REQUESTS = 12
"""Texts of each of CLINC's intents of talk, and of its others: it has many more of these."""


def asked(root: Path, each: int, rng: Random) -> list[str]:
    """CLINC150's texts that say nothing of the person but what they want done.

    Args:
        each: so many of every intent.
    """
    by_intent: dict[str, list[str]] = {}
    for example in clinc(root, "train"):
        by_intent.setdefault(example.label, []).append(example.text)
    return [
        text for intent, texts in sorted(by_intent.items())
        if intent not in _NEITHER and intent != OUTSIDE
        for text in rng.sample(texts, each)
    ]  # fmt: skip


def kinds(root: Path) -> list[Example]:
    """Requests, small talk and statements about oneself: CLINC150's, and our own in two languages.

    Of our own sentences those of one template are one group, and so held out together.
    """
    found = []
    rng = Random(0)  # noqa: S311
    by_intent: dict[str, list[str]] = {}
    for example in clinc(root, "train"):
        by_intent.setdefault(example.label, []).append(example.text)
    for intent, texts in sorted(by_intent.items()):
        if intent in TALK:
            found += [Example(text, "small_talk") for text in rng.sample(texts, _TALK)]
        elif intent not in _NEITHER and intent != OUTSIDE:
            found += [Example(t, "request") for t in rng.sample(texts, _REQUESTS)]
    for file in sorted((HERE / "kinds").glob("*.txt")):
        found += _own(file, rng)
    return found


def _own(file: Path, rng: Random) -> list[Example]:
    """Our own sentences: a line is a sentence, or a template whose {a|b} stand for one each."""
    label = file.name.partition(".")[0]
    found = []
    for line in file.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            texts = {drawn(line, rng) for _ in range(_DRAWN if "{" in line else 1)}
            found += [Example(text, label, line) for text in sorted(texts)]
    return found


def held_out(line: str) -> bool:
    """Whether a line of ours is of the tenth that no head is trained on."""
    return zlib.crc32(line.encode()) % 10 == 0


def drawn(line: str, rng: Random) -> str:
    while "{" in line:
        before, _, rest = line.rpartition("{")
        choices, _, after = rest.partition("}")
        line = before + rng.choice(choices.split("|")) + after
    return line.strip()


def elsewhere(root: Path) -> list[tuple[str, str, list[str]]]:
    """Texts of other sets whose kind is known, for measuring alone: set, label, texts.

    PrefEval: Zhao et al., Do LLMs Recognize Your Preferences?, 2025.
    """
    found = [("Banking77", "request", [e.text for e in banking(root)])]
    stated: list[str] = []
    asked: list[str] = []
    for file in sorted((root / "memory" / "prefeval" / "explicit").glob("*.json")):
        for each in json.loads(file.read_text("utf-8")):
            stated.append(each["preference"])
            asked.append(each["question"])
    return [*found, ("PrefEval's preferences", "about_me", stated),
            ("PrefEval's questions", "request", asked)]  # fmt: skip
