"""Fits the temperature and the operating points. Usage, from the repository's root:

python -m training.ner.calibrate --data DATA --model FOLDER

FOLDER holds `ner.onnx` and `tokenizer.json`; `ner.json` is written beside them. Only documents are
used that belong to the training sets and were held back from learning, and
freshly drawn templates; each source weighs the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from training.ner import augment
from training.ner.data import Doc
from training.ner.names import Names
from training.ner.templates import Templates
from training.ner.text import label_ids

from metier.privacy.ner import LABELS, SHAPES, STRIDE, TYPES, WINDOW, NameTagger, cut

POINTS = {
    "recall": {"PERSON": 4.0, "ADDRESS": 4.0, "LOCATION": 3.0, "ORGANIZATION": 1.5},
    "balanced": {"PERSON": 2.0, "ADDRESS": 2.0, "LOCATION": 1.5, "ORGANIZATION": 1.0},
    "precision": dict.fromkeys(TYPES, 0.6),
}
"""The beta of the F measure that an operating point is best by: 2 weighs recall four times.

A person or an address that is missed weighs most; an organisation by itself tells of few.
"""
_LIMITS = np.arange(0.02, 0.985, 0.01)
_SEED = 20_000


def held_back(root: Path) -> list[Doc]:
    # Imported here: only this needs torch.
    from training.ner.train import read_sets

    sets = read_sets(root).kept(back=True)
    rng = Random(_SEED)  # noqa: S311
    templates = Templates(Names(_SEED))
    drawn = [augment.recased(templates.named(rng), rng) for _ in range(500)]
    drawn += [templates.ordinary(rng) for _ in range(400)]
    real = [augment.recased(d, rng) for d in (*sets.wnut, *sets.presidio, *sets.lifebench)]
    return [*real, *drawn]


def write_card(folder: Path, temperature: float, points: dict[str, Any]) -> None:
    files = {name: (folder / name).read_bytes() for name in ("ner.onnx", "tokenizer.json")}
    card = {
        "format": 1,
        "model": "metier-ner-en",
        "languages": ["en"],
        "labels": LABELS,
        "types": TYPES,
        "window": WINDOW,
        "stride": STRIDE,
        "shapes": SHAPES,
        "temperature": round(temperature, 3),
        "points": points,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    (folder / "ner.json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")


def temperature(logits: list[np.ndarray], labels: list[np.ndarray], weights: list[float]) -> float:
    """The temperature that makes the labels likeliest."""

    def loss(value: float) -> float:
        total = 0.0
        for rows, right, weight in zip(logits, labels, weights, strict=True):
            scaled = rows / value
            peak = scaled.max(-1)
            norm = peak + np.log(np.exp(scaled - peak[:, None]).sum(-1))
            total += weight * float((norm - scaled[np.arange(len(right)), right]).sum())
        return total

    return float(min(np.arange(0.6, 2.5, 0.05), key=loss))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    args = parser.parse_args()
    docs = held_back(args.data)
    write_card(args.model, 1.0, {})
    ner = NameTagger(args.model)
    cuts = [cut(ner.tokenizer, doc.text) for doc in docs]
    pairs = [(c, d) for c, d in zip(cuts, docs, strict=True) if c.ids]
    sizes: dict[str, int] = {}
    for pieces, doc in pairs:
        sizes[doc.source] = sizes.get(doc.source, 0) + len(pieces.ids)
    logits, labels, weights = [], [], []
    for pieces, doc in pairs:
        right = np.array(label_ids(pieces, doc.spans, doc.ignored))
        kept = right >= 0
        logits.append(ner.logits(pieces)[kept])
        labels.append(right[kept])
        weights.append(1e4 / sizes[doc.source])
    best = temperature(logits, labels, weights)
    write_card(args.model, best, {})
    ner = NameTagger(args.model)
    write_card(args.model, best, limits(ner, pairs))
    print((args.model / "ner.json").read_text("utf-8"))


def limits(ner: NameTagger, pairs: list[tuple[Any, Doc]]) -> dict[str, dict[str, float]]:
    """For each point and type the limit of the best F measure over words, sources weighed alike."""
    chance: list[np.ndarray] = []
    right: list[np.ndarray] = []
    source: list[str] = []
    for pieces, doc in pairs:
        mass, _ = ner.words(pieces)
        truth = np.array(label_ids(pieces, doc.spans, doc.ignored))
        first = np.array(pieces.firsts)
        letters = [any(c.isalnum() for c in doc.text[a:b]) for a, b in pieces.places]
        kept = (truth[first] >= 0) & np.array(letters)
        chance.append(mass[kept])
        right.append(np.where(truth[first] > 0, (truth[first] - 1) // 2, -1)[kept])
        source += [doc.source] * int(kept.sum())
    every, truth = np.concatenate(chance), np.concatenate(right)
    names = np.array(source)
    best = every.argmax(1)
    top = every.max(1)
    points: dict[str, dict[str, float]] = {point: {} for point in POINTS}
    for kind in range(len(TYPES)):
        own = truth == kind
        weight = np.zeros(len(truth))
        for name in set(source):
            here = names == name
            # A source with few words of the type says little about it.
            if (own & here).sum() >= 30:
                weight[here] = 1000 / (own & here).sum()
        found = np.array([(best == kind) & (top >= limit) for limit in _LIMITS])
        hit = (found & own) @ weight
        precision = hit / np.maximum(found @ weight, 1e-9)
        recall = hit / max(own @ weight, 1e-9)
        for point, betas in POINTS.items():
            beta = betas[TYPES[kind]]
            over = beta * beta * precision + recall
            score = (1 + beta * beta) * precision * recall / np.maximum(over, 1e-9)
            at = int(score.argmax())
            points[point][TYPES[kind]] = round(float(_LIMITS[at]), 2)
            print(
                f"{point:10} {TYPES[kind]:13} limit {_LIMITS[at]:.2f} word recall {recall[at]:.3f} "
                f"precision {precision[at]:.3f}"
            )
    return points


if __name__ == "__main__":
    main()
