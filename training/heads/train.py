"""Trains a head and says how good it is on texts that were held out."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metier.learning import Head, write_head
from metier.learning.training import (
    calibration_error,
    fit,
    joined,
    rarity,
    rows_of,
    softmax,
    temperature_of,
)

Rows = NDArray[np.float32]
Labels = NDArray[np.int64]
OUTSIDE = "outside"
"""The label of examples that are of no label; a head abstains where it is the likeliest."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text, its label, and what keeps it together with others when texts are held out."""

    text: str
    label: str
    group: str = ""

    @property
    def fold(self) -> int:
        return zlib.crc32((self.group or self.text).encode())


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a head is trained.

    Args:
        columns: of n-grams.
        penalty: of large coefficients.
        folds: in which texts are held out, for temperature, threshold and metrics.
        kept: the share of held-out texts inside that the threshold must let through.
        balanced: let each label count the same, however many examples it has.
        bare: train on each text without its vector too, so that the head serves without.
    """

    columns: int = 4096
    penalty: float = 0.05
    iterations: int = 60
    folds: int = 5
    kept: float = 0.98
    balanced: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Trained:
    """A head, its bytes, and what is written in its card."""

    head: Head
    data: bytes
    metrics: dict[str, Any]
    hits: tuple[bool, ...]
    """Of each example, whether it was told right while it was held out."""
    inside: tuple[float, ...] = ()
    """Of each example, how probable it was, while held out, that it is of one of the labels."""


def train(
    about: dict[str, Any], examples: Sequence[Example], vectors: Rows | None, recipe: Recipe
) -> Trained:
    """Trains on all examples; measures on folds that were held out in turn.

    Args:
        about: name, version, languages, licence and data of the head.
        examples: with `OUTSIDE` as the label of those that are of none.
        vectors: of the encoder, zeros where it doesn't know the language; None for none.
    """
    labels = sorted({e.label for e in examples} - {OUTSIDE})
    every = [*labels, OUTSIDE] if any(e.label == OUTSIDE for e in examples) else labels
    right = np.array([every.index(e.label) for e in examples])
    texts = [e.text for e in examples]
    sparse = rows_of(texts, recipe.columns, None)
    fold = np.array([e.fold % recipe.folds for e in examples])
    held = np.zeros((len(texts), len(every)), np.float32)
    bare = np.zeros_like(held)
    for number in range(recipe.folds):
        out = fold == number
        if out.any():
            fitted = _Fitted(sparse, vectors, right, len(every), ~out, recipe)
            held[out] = fitted.scores(sparse[out], None if vectors is None else vectors[out])
            bare[out] = fitted.scores(sparse[out], None)
    temperature = temperature_of(held, right)
    inside = right < len(labels)
    threshold = _threshold(softmax(held, temperature), inside, len(labels), recipe.kept)
    metrics: dict[str, Any] = _measured(held, right, inside, len(labels), fold, threshold)
    if vectors is not None:
        without = _measured(bare, right, inside, len(labels), fold, threshold)
        metrics["without_vectors"] = without
    last = _Fitted(sparse, vectors, right, len(every), np.ones(len(texts), bool), recipe)
    header = {
        **about, "labels": every, "outside": OUTSIDE if len(every) > len(labels) else "",
        "temperature": round(temperature, 4), "threshold": round(threshold, 4),
        "metrics": metrics, "examples": len(texts),
        "recipe": {"penalty": recipe.penalty, "iterations": recipe.iterations,
                   "folds": recipe.folds},
    }  # fmt: skip
    data = write_head(header, last.linear.coefficients, last.linear.bias, last.rarity, last.mean)
    hits = tuple(bool(hit) for hit in held.argmax(1) == right)
    probable = softmax(held, temperature)[:, : len(labels)].sum(1)
    return Trained(Head.read(data), data, metrics, hits, tuple(probable.tolist()))


class _Fitted:
    """A regression with the weights of columns and the mean that it was fitted with."""

    def __init__(
        self, sparse: Rows, vectors: Rows | None, right: Labels, classes: int,
        rows: NDArray[np.bool_], recipe: Recipe,
    ) -> None:  # fmt: skip
        self.rarity = rarity(sparse[rows])
        dense = None if vectors is None else vectors[rows]
        known = None if dense is None else dense[np.abs(dense).sum(1) > 0]
        width = 384
        self.mean = np.zeros(width, np.float32) if known is None else known.mean(0)
        matrix = self._rows(sparse[rows], dense)
        labels, weights = right[rows], np.ones(len(matrix), np.float32)
        if recipe.balanced:
            counts = np.bincount(labels, minlength=classes)
            weights = (len(labels) / classes / np.maximum(counts, 1))[labels].astype(np.float32)
        if recipe.bare and dense is not None:
            there = np.abs(dense).sum(1) > 0
            matrix = np.concatenate([matrix, self._rows(sparse[rows][there], None)])
            labels = np.concatenate([labels, labels[there]])
            weights = weights * np.where(there, 0.5, 1.0).astype(np.float32)
            weights = np.concatenate([weights, weights[there]])
        self.linear = fit(
            matrix, labels, classes, penalty=recipe.penalty, weights=weights,
            iterations=recipe.iterations,
        )  # fmt: skip

    def _rows(self, sparse: Rows, dense: Rows | None) -> Rows:
        weighted = sparse * self.rarity
        weighted /= np.maximum(np.linalg.norm(weighted, axis=1, keepdims=True), 1e-9)
        return joined(weighted, dense, self.mean)

    def scores(self, sparse: Rows, dense: Rows | None) -> Rows:
        """Logits of rows that were not weighted yet."""
        return self.linear.scores(self._rows(sparse, dense))


def _threshold(shares: NDArray[Any], inside: NDArray[np.bool_], labels: int, kept: float) -> float:
    """The highest threshold that still lets `kept` of the texts inside through."""
    sure = np.sort(_sure(shares, labels)[inside])
    return float(sure[int((1 - kept) * len(sure))])


def _sure(shares: NDArray[Any], labels: int) -> NDArray[Any]:
    """How sure a head is of its likeliest label; 0 where that is to be of none."""
    best = shares.argmax(1)
    found: NDArray[Any] = np.where(best < labels, shares.max(1), 0.0)
    return found


def _measured(
    held: Rows, right: Labels, inside: NDArray[np.bool_], labels: int, fold: NDArray[Any],
    threshold: float,
) -> dict[str, float]:  # fmt: skip
    """What is written in the card; the temperature of each fold is fitted on the others."""
    shares = np.zeros(held.shape)
    for number in sorted(set(fold.tolist())):
        rest = fold != number
        shares[~rest] = softmax(held[~rest], temperature_of(held[rest], right[rest]))
    best = shares.argmax(1)
    said = _sure(shares, labels) >= threshold
    hit = best == right
    found = {
        "accuracy": float(hit[inside].mean()),
        "accuracy_or_abstains": float((hit & said)[inside].mean()),
        "answered": float(said[inside].mean()),
        "ece": calibration_error(shares.max(1)[inside], hit[inside]),
        "ece_uncalibrated": calibration_error(softmax(held).max(1)[inside], hit[inside]),
        "n": float(inside.sum()),
    }
    if not inside.all():
        found["outside_recall"] = float((~said)[~inside].mean())
        found["outside_n"] = float((~inside).sum())
    return {name: round(value, 4) for name, value in found.items()}
