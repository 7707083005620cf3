"""Trains the second look at red flags, and marks it by leaving one round of messages out at a time.

python -m training.red_flags.train --data DATA --minilm FOLDER [--out FILE]

DATA holds the public sets as README.md names them; FOLDER is the embedding model as `metier models`
builds it. The plugin needs only FILE.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from training.red_flags.data import Message, elsewhere, messages

from metier.encoder import Encoder
from metier.learning.training import fit as of_labels
from metier_healthcare._second_look import grams, sounds_urgent, table

_DIMENSIONS = 128
"""Kept of the 384 dimensions of a word's vector."""
_GRAM = 2.0
"""How long the row of grams present is beside a word's vector of length one."""
_OFTEN = 3
"""Messages that must hold a gram for it to count."""
_PENALTY = 0.1
_WEIGHT = {"templates": 0.25, "elsewhere": 0.1}
"""What a message weighs beside one that was written out for this."""
_ALARMS = 0.01
"""The share of calm messages, left out in turn, that may pass the threshold. Some templates were
written after misses among these messages had been read, so the share is flattered; hence so low."""
_VOCABULARY = 14000
"""Words taken from the model's own vocabulary, the most frequent first."""
_UNSEEN = 5.0
"""How telling a word is that no message holds."""
_SCALE = 1000
_OUT = Path("plugins/healthcare/src/metier_healthcare/second_look.json")

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Space:
    """How messages become rows of numbers."""

    vectors: dict[str, Array]
    weights: dict[str, float]
    columns: dict[str, int]

    def rows(self, said: Sequence[Message]) -> Array:
        """A row a message: the mean of its words' vectors, then the grams that are present."""
        rows = np.zeros((len(said), _DIMENSIONS + len(self.columns)))
        for row, message in zip(rows, said, strict=True):
            words = [t for t in message.tokens if t in self.vectors]
            if words:
                weights = np.array([self.weights.get(w, _UNSEEN) for w in words])
                vectors = np.array([self.vectors[w] for w in words])
                row[:_DIMENSIONS] = weights @ vectors / np.sqrt((weights**2).sum())
            there = [self.columns[g] for g in set(grams(message.tokens)) if g in self.columns]
            if there:
                row[[_DIMENSIONS + c for c in there]] = _GRAM / math.sqrt(len(there))
        return rows


def space(said: Sequence[Message], minilm: Path) -> Space:
    """The features of messages: labels are not looked at."""
    holding = Counter(t for m in said for t in set(m.tokens) if t[0].isalpha())
    known = json.loads((minilm / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    usual = [w for w in sorted(known, key=known.__getitem__) if re.fullmatch("[a-z]+", w)]
    words = list(dict.fromkeys([*usual[:_VOCABULARY], *sorted(holding)]))
    full = Encoder.open(minilm).encode(words).astype(np.float64)
    full -= full.mean(0)
    axes = np.linalg.eigh(full.T @ full)[1][:, ::-1][:, :_DIMENSIONS]
    short = full @ axes
    short /= np.linalg.norm(short, axis=1, keepdims=True) + 1e-9
    counted = Counter(g for m in said for g in set(grams(m.tokens)))
    often = sorted(g for g, n in counted.items() if n >= _OFTEN)
    return Space(
        dict(zip(words, short, strict=True)),
        {w: math.log(len(said) / (1 + n)) for w, n in holding.items()},
        {g: column for column, g in enumerate(often)},
    )


def fit(rows: Array, urgent: Array, weight: Array) -> tuple[Array, float]:
    """A logistic regression with an L2 penalty, by the trainer of metier's heads.

    That one has coefficients for either label, of which the difference counts here; they share
    the penalty, so it is given twice.

    Returns: coefficients, bias.
    """
    found = of_labels(
        rows.astype(np.float32),
        urgent.astype(np.int64),
        2,
        penalty=2 * _PENALTY,
        weights=weight.astype(np.float32),
    )
    calm, live = found.coefficients.astype(np.float64).T
    return live - calm, float(found.bias[1] - found.bias[0])


def left_out(rows: Array, said: Sequence[Message]) -> Array:
    """The score of each written message by a model that has not seen its round."""
    source = np.array([m.source for m in said])
    urgent, weight = _labels(said)
    scores = np.full(len(said), np.nan)
    for name in sorted(set(source) - {"templates", "elsewhere"}):
        rest = source != name
        coefficients, bias = fit(rows[rest], urgent[rest], weight[rest])
        scores[~rest] = rows[~rest] @ coefficients + bias
    # What the grammar has emptied is no emergency to this look, whatever the bias.
    return np.where([not m.tokens for m in said], -np.inf, scores)


def _labels(said: Sequence[Message]) -> tuple[Array, Array]:
    urgent = np.array([float(m.urgent) for m in said])
    return urgent, np.array([_WEIGHT.get(m.source, 1.0) for m in said])


def _threshold(scores: Array, urgent: Array, alarms: float) -> float:
    calm = scores[~np.isnan(scores) & (urgent == 0)]
    return float(np.quantile(calm, 1 - alarms, method="higher"))


def _report(scores: Array, urgent: Array) -> None:
    live = scores[~np.isnan(scores) & (urgent == 1)]
    for alarms in (0.01, 0.02, 0.03, 0.04, 0.06):
        found = (live >= _threshold(scores, urgent, alarms)).mean()
        print(f"at {alarms:.0%} false alarms {found:.3f} of the emergencies")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minilm", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    said = messages(given.data)
    print(Counter((m.source, m.urgent) for m in said))
    learned = space(said, given.minilm)
    urgent, weight = _labels(said)
    rows = learned.rows(said)
    scores = left_out(rows, said)
    _report(scores, urgent)
    coefficients, bias = fit(rows, urgent, weight)
    threshold = _threshold(scores, urgent, _ALARMS)
    given.out.write_text(_written(learned, coefficients, bias, threshold), "utf-8")
    print(f"threshold {threshold:.3f}, {given.out.stat().st_size / 1000:.0f} kB")
    table.cache_clear()
    for name, texts in elsewhere(given.data)[1].items():
        print(f"{name}: {sum(map(sounds_urgent, texts)) / len(texts):.3f} of {len(texts)} flagged")


def _written(learned: Space, coefficients: Array, bias: float, threshold: float) -> str:
    """The table: what a word's vector comes to under the coefficients is one number."""

    def scaled(value: float) -> int:
        return round(_SCALE * float(value))

    meaning, presence = coefficients[:_DIMENSIONS], coefficients[_DIMENSIONS:]
    grams_ = {g: scaled(_GRAM * presence[column]) for g, column in learned.columns.items()}
    return json.dumps(
        {
            "scale": _SCALE,
            "bias": round(bias, 4),
            "threshold": round(threshold, 4),
            "words": {w: scaled(float(v @ meaning)) for w, v in sorted(learned.vectors.items())},
            "weights": {
                "": scaled(_UNSEEN),
                **{w: scaled(x) for w, x in sorted(learned.weights.items())},
            },
            "grams": grams_,
        },
        separators=(",", ":"),
    )


if __name__ == "__main__":
    main()
