"""Trains the heads that tell whether a clause says something lasting of who says it. Usage:

    python -m training.heads.clauses --data DATA --model FOLDER [--out FOLDER]

DATA holds `support/clinc150_data_full.json` and `support/banking77_train.csv`; FOLDER is the
embedding model (`METIER_HOME/model`). The clauses in `clauses/` are of our own, in files of a label
and a language; what is of no label is in `other`. A tenth of the lines is only measured on. English
requests are CLINC150's and Banking77's.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from training.heads import data
from training.heads.card import card
from training.heads.train import OUTSIDE, Example, Recipe, Trained, train

from metier.encoder import Encoder
from metier.learning import SHIPPED, vectors_of

_HERE = Path(__file__).parent / "clauses"
_LABELS = ("about", "health", "liking", "other")
_DRAWN = 4
"""Clauses drawn of a line with alternatives, one of the rest; those drawn twice count once."""
_REQUESTS = 6
"""Of each of CLINC150's intents."""
_MORE = 600
"""Of Banking77."""
_BARE = 0.35
"""The share of English clauses that are written without apostrophes."""
_LED = 0.15
"""The share that a word leads that says nothing."""
_LEADS = {
    "en": ("also ", "btw ", "so ", "and ", "well ", "but ", "honestly ", "fyi ", "for context ",
           "hi ", "ngl ", "just so you know "),
    "zh": ("我", "其实", "另外", "对了", "而且", "但", "反正", "我是说", "就", "目前", "平时"),
}  # fmt: skip
_RECIPES = {
    "en": Recipe(columns=8192, penalty=0.1, kept=0.7, balanced=True, folds=2, iterations=40),
    "zh": Recipe(columns=32768, penalty=0.1, kept=0.7, balanced=True, folds=2, iterations=40),
}
"""Chinese has many more columns: it has no vectors, and its n-grams must not share theirs."""
_AT = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def examples(root: Path, language: str) -> list[Example]:
    """Clauses and what they say; those of one line of ours are held out together."""
    rng = Random(0)  # noqa: S311
    lines = [each for each in _lines(language) if not data.held_out(each[1])]
    found = {e.text: e for e in (*_ours(lines, language, rng), *_requests(root, language, rng))}
    return list(found.values())


def held_out(language: str) -> list[Example]:
    """A clause of each line that no head is trained on."""
    rng = Random(0)  # noqa: S311
    lines = [(label, line) for label, line in _lines(language) if data.held_out(line)]
    return [Example(data.drawn(line, rng), label, line) for label, line in lines]


def _lines(language: str) -> Iterator[tuple[str, str]]:
    """The lines of ours with their labels."""
    for label in _LABELS:
        for path in sorted(_HERE.glob(f"{label}*.{language}.txt")):
            for line in path.read_text("utf-8").splitlines():
                if line and not line.startswith("#"):
                    yield OUTSIDE if label == "other" else label, line


def _ours(lines: Iterable[tuple[str, str]], language: str, rng: Random) -> Iterator[Example]:
    for label, line in lines:
        for _ in range(_DRAWN if "{" in line else 1):
            yield Example(_said(data.drawn(line, rng), language, rng), label, line)


def _said(text: str, language: str, rng: Random) -> str:
    """The clause as it may be typed: without apostrophes, after a word that joins it."""
    if language == "en" and rng.random() < _BARE:
        text = text.replace("'", "")
    if rng.random() < _LED and not text.startswith("我"):
        text = rng.choice(_LEADS[language]) + text
    return text


def _requests(root: Path, language: str, rng: Random) -> Iterator[Example]:
    if language != "en":
        return
    yield from (Example(text, OUTSIDE) for text in data.asked(root, _REQUESTS, rng))
    for each in rng.sample(data.banking(root), _MORE):
        yield Example(each.text, OUTSIDE)


_USE = (
    "Tells whether a clause says something lasting of who says it: who they are, what they do and "
    "have (`about`), their `health`, or what they like, avoid and how they want to be answered "
    "(`liking`). The extraction of facts asks it of clauses that no rule reads and that nothing in "
    "their frame speaks against, and keeps what it is sure of in the person's own words."
)
_LIMITS = (
    "The clauses are of our own, so the figures say how well lines of the same hands are told "
    "apart that were held out; of people's messages see `docs/evaluation-profile.md`. It doesn't "
    "see what stands around a clause: suppositions, reports, other people and corrections are the "
    "rules' part."
)


def _trained(root: Path, language: str, encoder: Encoder) -> tuple[Trained, list[Example]]:
    found = examples(root, language)
    theirs = " and on CLINC150 (Larson et al., 2019, CC BY 3.0) and Banking77 (Casanueva et al., "
    theirs += "2020, CC BY 4.0)"
    about = {
        "name": f"clause-{language}", "version": "2", "languages": [language],
        "licence": "Apache-2.0; trained on clauses of our own" + theirs * (language == "en"),
    }  # fmt: skip
    vectors = vectors_of([e.text for e in found], encoder) if language == "en" else None
    trained = train(about, found, vectors, _RECIPES[language])
    held = held_out(language)
    told = trained.head.predict([e.text for e in held], encoder if language == "en" else None)
    trained.metrics["kept"] = _kept(held, [1.0 - t.probabilities[OUTSIDE] for t in told])
    return trained, found


def _kept(held: Sequence[Example], inside: Sequence[float]) -> dict[str, float]:
    """The shares of statements and of others that are kept at each probability."""
    kept: dict[str, float] = {}
    for at in _AT:
        for name, outside in (("statements", False), ("others", True)):
            shares = [
                p for p, e in zip(inside, held, strict=True) if (e.label == OUTSIDE) is outside
            ]
            kept[f"{name} ({len(shares)}), {at:g}"] = round(
                sum(p >= at for p in shares) / len(shares), 4
            )
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--language", choices=sorted(_RECIPES), help="of the two, only this one")
    given = parser.parse_args()
    encoder = Encoder.open(given.model)
    for language in [given.language] if given.language else _RECIPES:
        trained, found = _trained(given.data, language, encoder)
        (given.out / f"clause-{language}.head").write_bytes(trained.data)
        text = card(trained, found, _USE, _LIMITS)
        (given.out / f"clause-{language}.md").write_text(text, "utf-8")
        print(json.dumps(trained.metrics, indent=1))


if __name__ == "__main__":
    main()
