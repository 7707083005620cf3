"""Scores of candidates against references, with blind candidates beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metier.evaluation.text._greedy import TokenVectors, matched
from metier.evaluation.text._marks import mean
from metier.evaluation.text._overlap import chrf, exact, numeric, rouge_l
from metier.evaluation.text._talk import others
from metier.evaluation.text._units import unmarked
from metier.model import Mark


@dataclass(frozen=True, slots=True)
class Scored:
    """One candidate and what it is compared with; `parts` name the groups it is counted in."""

    candidate: str
    references: tuple[str, ...]
    parts: tuple[str, ...] = ()


def accuracy(prefix: str, items: Sequence[Scored], vectors: TokenVectors | None) -> dict[str, Mark]:
    """Every metric over all items and over each part, as `PREFIX.PART.METRIC`."""
    found: dict[str, Mark] = {}
    groups = dict.fromkeys(part for item in items for part in item.parts)
    for part, chosen in (
        ("", list(items)), *((g, [i for i in items if g in i.parts]) for g in groups)
    ):  # fmt: skip
        name = ".".join(p for p in (prefix, part) if p)
        found |= {f"{name}.{metric}": mark for metric, mark in _scores(chosen, vectors).items()}
    return found


def _scores(items: Sequence[Scored], vectors: TokenVectors | None) -> Mapping[str, Mark]:
    texts = [(unmarked(i.candidate), i.references) for i in items]
    scores = {
        "rouge_l": [rouge_l(own, refs) for own, refs in texts],
        "chrf": [chrf(own, refs) for own, refs in texts],
        "chrf++": [chrf(own, refs, word_order=2) for own, refs in texts],
        "exact": [float(exact(own, refs)) for own, refs in texts],
    }
    right = [numeric(own, refs[0]) for own, refs in texts]
    scores["numeric"] = [float(r) for r in right if r is not None]
    if vectors is not None:
        near = [matched(vectors, own, refs) for own, refs in texts]
        scores["greedy_f1"] = [n for n in near if n is not None]
    return {metric: mean(values) for metric, values in scores.items() if values}


def blind(items: Sequence[Scored], questions: Sequence[str]) -> dict[str, list[Scored]]:
    """The same references with candidates that know nothing of them.

    "longest" is the longest of all candidates, every time; "shuffled" is somebody else's;
    "question" says the question again.
    """
    texts = [item.candidate for item in items]
    longest = max(texts, key=len, default="")
    return {
        "longest": [_with(item, longest) for item in items],
        "shuffled": [_with(item, text) for item, text in zip(items, others(texts), strict=True)],
        "question": [_with(item, text) for item, text in zip(items, questions, strict=True)],
    }


def _with(item: Scored, candidate: str) -> Scored:
    return Scored(candidate, item.references)
