"""Speed, in processor time: what one core needs, whatever else the machine does."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from metier.evaluation.privacy._engines import Engine, predict
from metier.model import Mark

_ROUNDS = 6
"""The fastest and the slowest of six rounds enclose the median with 97 % confidence."""

_TEXTS = 200
_WARM = 50
_KB = 1024
_LONG_KB = 100


@dataclass(frozen=True, slots=True)
class Timed:
    """Processor seconds of each round; rounds of several engines alternate."""

    seconds: tuple[float, ...]

    def per(self, amount: float) -> Mark:
        """Seconds for each unit of `amount`: the median round, the fastest and the slowest."""
        return Mark(
            statistics.median(self.seconds) / amount,
            min(self.seconds) / amount,
            max(self.seconds) / amount,
        )

    def rate(self, amount: float) -> Mark:
        """Units of `amount` a second."""
        return Mark(
            amount / statistics.median(self.seconds),
            amount / max(self.seconds),
            amount / min(self.seconds),
        )


def _ratio(over: Timed, under: Timed, target: float) -> Mark:
    """How many times longer `over` took, by paired rounds."""
    ratios = [a / b for a, b in zip(over.seconds, under.seconds, strict=True)]
    return Mark(statistics.median(ratios), min(ratios), max(ratios), target)


def _time(runs: Sequence[tuple[Engine, Sequence[str]]]) -> tuple[list[Timed], int]:
    """Times several runs in turn, so that a disturbance meets all of them."""
    seconds: list[list[float]] = [[] for _ in runs]
    refused = 0
    for engine, texts in runs:
        predict(engine, texts[:_WARM])
    for _ in range(_ROUNDS):
        for slot, (engine, texts) in zip(seconds, runs, strict=True):
            started = time.process_time()
            refused += predict(engine, texts).refused
            slot.append(time.process_time() - started)
    return [Timed(tuple(slot)) for slot in seconds], refused


def short_texts(texts: Sequence[str]) -> list[str]:
    """The texts for the rate: 84 characters on average, as in the public set."""
    return [texts[i % len(texts)] for i in range(_TEXTS)] if texts else []


def pieces(texts: Sequence[str]) -> list[str]:
    """100 pieces of about 1 KB (UTF-8), cut between texts where they are short."""
    made: list[str] = []
    piece, size, at = "", 0, 0
    while len(made) < _LONG_KB:
        for start in range(0, len(texts[at % len(texts)]), 200):
            chunk = texts[at % len(texts)][start : start + 200]
            piece += chunk
            size += len(chunk.encode())
            if size >= _KB:
                made.append(piece + "\n")
                piece, size = "", 0
        piece, at = piece + "\n", at + 1
    return made[:_LONG_KB]


def rates(
    own: Sequence[Engine], others: Sequence[Engine], texts: Sequence[str], targets: Sequence[float]
) -> dict[str, Mark]:
    """Texts a second, and the ratio of our rates to the first of the others'."""
    short = short_texts(texts)
    engines = [*own, *others]
    timed, refused = _time([(engine, short) for engine in engines])
    marks = {
        "speed.characters_per_text": Mark(sum(map(len, short)) / len(short)),
        "speed.refused": Mark(float(refused), target=0.0),
    }
    for engine, time_ in zip(engines, timed, strict=True):
        prefix = f"speed.{engine.name}" if engine in own else engine.name
        marks[f"{prefix}.texts_per_second"] = time_.rate(len(short))
    if others:
        for engine, time_, target in zip(own, timed, targets, strict=False):
            marks[f"speed.{engine.name}.ratio"] = _ratio(timed[len(own)], time_, target)
    return marks


def lengths(engine: Engine, texts: Sequence[str], name: str, target: float) -> dict[str, Mark]:
    """Time per KB of 100 KB as one text over that of the same 100 KB in pieces of 1 KB."""
    small = pieces(texts)
    long = "".join(small)
    (apart, whole), refused = _time([(engine, small), (engine, [long])])
    size = len(long.encode()) / _KB * 1e-3
    return {
        f"speed.{name}.ms_per_kb_at_1kb": apart.per(size),
        f"speed.{name}.ms_per_kb_at_100kb": whole.per(size),
        f"speed.{name}.length_ratio": _ratio(whole, apart, target),
        f"speed.{name}.length_refused": Mark(float(refused), target=0.0),
    }
