"""Trains the heads that tell how a message goes with the one before it. Usage:

    python -m training.heads.links --model FOLDER [--out FOLDER]

FOLDER is the embedding model (`METIER_HOME/model`). The pairs in `pairs/` are of our own, a file a
language, a line each: a kind, the earlier message, the later one, words that hold afterwards and
words that hold no longer, each list parted by semicolons. `link-*` tells the kind of a pair,
`keep-*` which clauses of the later message say what holds. A tenth is only measured on.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from training.heads import data
from training.heads.card import card
from training.heads.train import OUTSIDE, Example, Recipe, train

from metier.encoder import Encoder
from metier.learning import SHIPPED, Head, link_frame, link_vectors

_PAIRS = Path(__file__).parent / "pairs"
_CLAUSES = Path(__file__).parent / "clauses"
LANGUAGES = ("en", "zh")
_LABELS = {
    "correction": "corrects", "change": "changes", "ended": "changes",
    "addition": "adds", "exception": "adds", "temporary": "adds", "past": "adds",
    "contradiction": "clashes", "unrelated": OUTSIDE,
}  # fmt: skip
_RECIPE = Recipe(columns=8192, penalty=0.2, kept=0.7, balanced=True, folds=5, iterations=40)
_CLAUSE = re.compile(r"[,;:!?.()—–…]+(?=\s|$)|\s-+\s|[，。；：！？、（）…~～]+")
_WORD = re.compile(r"[㐀-鿿]|[a-z]+(?:'[a-z]+)?|\d+")
_SMALL = frozenset(
    _WORD.findall("i i'm im my a an the is it it's to of in on at and or 我是的了在有个")
)
_SHARED = 0.6
"""The share of words of the shorter that a clause and a phrase that say the same have both."""
_AT = (0.5, 0.65, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two messages of a person in a row, and what holds after the later one."""

    kind: str
    earlier: str
    later: str
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """What a head is trained on, and what it is measured on."""

    trained: list[Example]
    held: list[Example]


def pairs(path: Path) -> Iterator[Pair]:
    """The pairs of a file; the words that hold no longer are for a reader."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, earlier, later, *holds = line.split("\t")
            phrases = holds[0].replace("；", ";").split(";") if holds else []
            yield Pair(kind, earlier, later, tuple(p.strip() for p in phrases if p.strip()))


def links(found: Sequence[Pair], others: Sequence[str]) -> list[Example]:
    """Frames of later messages and how they go with the earlier ones.

    Args:
        others: what has nothing to do with an earlier message, as has what another one said first.
    """
    rng = Random(0)  # noqa: S311
    made = [Example(link_frame(p.earlier, p.later), _LABELS[p.kind], p.earlier) for p in found]
    for p in found:
        for later in (rng.choice(found).earlier, rng.choice(others)):
            made.append(Example(link_frame(p.earlier, later), OUTSIDE, p.earlier))
    return made


def kept(found: Sequence[Pair]) -> list[Example]:
    """Clauses of later messages, and whether they say what holds."""
    made = []
    for p in found:
        for clause in filter(None, (c.strip() for c in _CLAUSE.split(p.later))):
            label = "kept" if _says(clause, p.holds) else OUTSIDE
            made.append(Example(link_frame(p.earlier, clause), label, p.earlier))
    return made


def _says(clause: str, phrases: Sequence[str]) -> bool:
    words = _words(clause)
    for phrase in phrases:
        told = _words(phrase)
        if words & told and len(words & told) >= _SHARED * min(len(words), len(told)):
            return True
    return False


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold().replace("’", "'"))) - _SMALL


def sets(language: str) -> dict[str, Set]:
    """The sets of both heads of a language; those of a message are held out together."""
    found = list(pairs(_PAIRS / f"pairs.{language}.tsv"))
    held = [p for p in found if data.held_out(p.earlier)]
    rest = [p for p in found if not data.held_out(p.earlier)]
    paths = sorted(_CLAUSES.glob(f"other*.{language}.txt"))
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    others = [line for line in lines if line and line[0] != "#" and "{" not in line]
    return {
        f"link-{language}": Set(links(rest, others), links(held, others)),
        f"keep-{language}": Set(kept(rest), kept(held)),
    }


_USE = {
    "link": "Tells how a message goes with the person's last one: it `corrects` something said "
    "there, says that it `changes` or is over, `adds` to it, `clashes` with it, or has nothing to "
    "do with it. The extraction of facts asks it where rules have not told.",
    "keep": "Tells of a clause of a message that replaces or adds something whether it says what "
    "holds now, or is said around it.",
}
_LIMITS = (
    "The pairs are of our own. It reads the later message with marks for what both share, not the "
    "earlier one, so it can't tell what a word means; of people's messages see "
    "`docs/evaluation-profile.md`."
)


def _shares(head: Head, held: Sequence[Example], encoder: Encoder | None) -> dict[str, float]:
    """Of what was held out, the shares that are taken for one that replaces, or is kept."""
    frames = [e.text for e in held]
    told = head.predict(frames, vectors=None if encoder is None else link_vectors(frames, encoder))
    inside = {"corrects", "changes"} if "corrects" in head.labels else {"kept"}
    found: dict[str, float] = {}
    for at in _AT:
        for name, wanted in (("of these", True), ("of others", False)):
            sums = [
                sum(t.probabilities[label] for label in inside)
                for t, e in zip(told, held, strict=True)
                if (e.label in inside) is wanted
            ]
            what = f"{' or '.join(sorted(inside))}, {name} ({len(sums)}), {at:g}"
            found[what] = round(sum(p >= at for p in sums) / len(sums), 4)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    opened = Encoder.open(given.model)
    for language in LANGUAGES:
        for name, each in sets(language).items():
            encoder = opened if name == "link-en" else None
            frames = [e.text for e in each.trained]
            about: dict[str, Any] = {
                "name": name, "version": "1", "languages": [language],
                "licence": "Apache-2.0; trained on pairs of our own",
            }  # fmt: skip
            vectors = None if encoder is None else link_vectors(frames, encoder)
            made = train(about, each.trained, vectors, _RECIPE)
            made.metrics["kept"] = _shares(made.head, each.held, encoder)
            (given.out / f"{name}.head").write_bytes(made.data)
            text = card(made, each.trained, _USE[name.split("-")[0]], _LIMITS)
            (given.out / f"{name}.md").write_text(text, "utf-8")
            print(json.dumps({name: made.metrics}, indent=1))


if __name__ == "__main__":
    main()
