"""Trains and measures text classification heads. Usage, from the repository's root:

    python -m training.heads banking77 --data DATA [--model FOLDER] [--out FILE]
    python -m training.heads clinc150 --data DATA [--model FOLDER] [--out FILE]
    python -m training.heads message-kind --data DATA [--model FOLDER] [--out FOLDER]

DATA holds `support/banking77_train.csv` and `support/clinc150_data_full.json`; FOLDER is the
embedding model that `metier setup` builds (`METIER_HOME/model`), without which n-grams alone serve.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from training.heads import data
from training.heads.card import card
from training.heads.train import OUTSIDE, Example, Recipe, Trained, train

from metier.encoder import Encoder, detect_language
from metier.learning import SHIPPED, Prediction, vectors_of

_FIFTH = 5


def banking(root: Path, encoder: Encoder | None) -> Trained:
    """Four fifths of the public train part are learned from; the last fifth is measured."""
    examples = data.banking(root)
    tested = [e for e in examples if zlib.crc32(e.text.encode()) % _FIFTH == 0]
    learned = [e for e in examples if zlib.crc32(e.text.encode()) % _FIFTH]
    about: dict[str, Any] = {
        "name": "banking77",
        "version": "1",
        "languages": ["en"],
        "licence": "CC BY 4.0",
    }
    trained = _trained(about, learned, encoder, Recipe(folds=3))
    return _tested(trained, tested, encoder)


def clinc(root: Path, encoder: Encoder | None) -> Trained:
    """The train part is learned from, with its out-of-scope texts; the val part is measured."""
    about: dict[str, Any] = {
        "name": "clinc150",
        "version": "1",
        "languages": ["en"],
        "licence": "CC BY 3.0",
    }
    recipe = Recipe(folds=3)
    trained = _trained(about, data.clinc(root, "train"), encoder, recipe)
    return _tested(trained, data.clinc(root, "val"), encoder)


def kind(root: Path, encoder: Encoder | None, folder: Path) -> Trained:
    """The head that metier ships, with its card; each language is measured by itself too."""
    examples = data.kinds(root)
    about: dict[str, Any] = {
        "name": "message-kind", "version": "1", "languages": ["en", "zh"],
        "licence": "Apache-2.0; trained on sentences of our own and on CLINC150 (Larson et al., "
        "2019, CC BY 3.0)",
    }  # fmt: skip
    recipe = Recipe(columns=8192, penalty=0.05, balanced=True, bare=True)
    trained = _trained(about, examples, encoder, recipe)
    for name, part in _parts(examples).items():
        hits = [hit for hit, inside in zip(trained.hits, part, strict=True) if inside]
        trained.metrics.setdefault("by", {})[name] = round(_share(hits), 4)
    trained.metrics["elsewhere"] = {
        f"{label}, {name} ({len(texts)})": round(
            _share([p.likeliest == label for p in trained.head.predict(texts, encoder)]), 4
        )
        for name, label, texts in data.elsewhere(root)
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "message-kind.head").write_bytes(trained.data)
    (folder / "MODEL_CARD.md").write_text(card(trained, examples, _USE, _LIMITS), "utf-8")
    return trained


_USE = (
    "Tells what kind of message somebody sends: a `request`, `small_talk` (a greeting, thanks, "
    "chat), or a statement `about_me` that asks for nothing. metier uses it where no domain and no "
    "source had an answer, in English and where it is sure (0.9 or more): who said thanks is not "
    "told that the sources have no answer."
)
_LIMITS = (
    "English requests and small talk are CLINC150's, typed by crowd workers for a voice "
    "assistant; everything in Chinese, and `about_me` in both languages, is of templates of our "
    "own (`training/heads/kinds`), so the figures for those say how well other templates of one "
    "hand are told apart, and real messages will do worse. A message that does two things at once "
    "is a request. Of 25 sentences of small talk and 40 short questions that took no part "
    "(`tests/test_small_talk.py`), 24 and 2 were told to be small talk, without vectors 18 and 1. "
    "It decides nothing about safety, and nothing is learned or refused by it."
)


def _parts(examples: Sequence[Example]) -> dict[str, list[bool]]:
    """Which examples are of each language and label, and which are of our own templates."""
    found = {}
    for label in sorted({e.label for e in examples}):
        for language in ("en", "zh"):
            for own in (False, True):
                part = [
                    e.label == label and detect_language(e.text) == language
                    and bool(e.group) == own
                    for e in examples
                ]  # fmt: skip
                if any(part):
                    source = "own" if own else "CLINC150"
                    found[f"{label}, {language}, {source} ({sum(part)})"] = part
    return found


def _trained(
    about: dict[str, Any], examples: Sequence[Example], encoder: Encoder | None, recipe: Recipe
) -> Trained:
    vectors = None
    if encoder is not None:
        vectors = vectors_of([e.text for e in examples], encoder)
    return train(about, examples, vectors, recipe)


def _tested(trained: Trained, tested: Sequence[Example], encoder: Encoder | None) -> Trained:
    """Adds what the head does on texts that took no part, with the bytes as they are kept."""
    found = trained.head.predict([e.text for e in tested], encoder)
    inside = [(e, p) for e, p in zip(tested, found, strict=True) if e.label != OUTSIDE]
    outside = [p for e, p in zip(tested, found, strict=True) if e.label == OUTSIDE]
    from metier.learning.training import calibration_error

    right = np.array([p.likeliest == e.label for e, p in inside])
    metrics = {
        "n": len(inside),
        "accuracy": float(right.mean()),
        "accuracy_or_abstains": _share([p.label == e.label for e, p in inside]),
        "answered": _share([bool(p.label) for _, p in inside]),
        "ece": calibration_error(np.array([p.probability for _, p in inside]), right),
    }
    if outside:
        metrics |= {"outside_n": len(outside), "outside_recall": _abstains(outside)}
    trained.metrics["tested"] = {name: round(float(v), 4) for name, v in metrics.items()}
    return trained


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)


def _abstains(found: Sequence[Prediction]) -> float:
    return _share([not p.label for p in found])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("head", choices=("banking77", "clinc150", "message-kind"))
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    encoder = Encoder.open(given.model) if given.model else None
    if given.head == "message-kind":
        trained = kind(given.data, encoder, given.out or SHIPPED)
    else:
        trained = {"banking77": banking, "clinc150": clinc}[given.head](given.data, encoder)
        if given.out:
            given.out.write_bytes(trained.data)
    print(json.dumps(trained.metrics, indent=1))
    print(f"{len(trained.data) / 1000:.0f} kB, threshold {trained.head.threshold:g}")


if __name__ == "__main__":
    main()
