"""Which of the passages found are relevant, and in which order.

Two rankings are fused: BM25 over words, and cosine similarity over vectors
where the encoder knows the language. Reciprocal rank fusion (Cormack, Clarke
and Büttcher, SIGIR 2009) needs no common scale of the two. It always ranks
something first, though, so a floor stands beside it: a passage counts only if
it holds enough of what the query is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RRF = 60
"""The constant of the paper."""

COVERAGE = 0.45
COSINE = 0.42
BOTH_COVERAGE = 0.25
BOTH_COSINE = 0.30


@dataclass(frozen=True, slots=True)
class Candidate:
    """A point that one query found; ranks count from 1, None where not ranked."""

    id: str
    coverage: float = 0.0
    cosine: float = 0.0
    word_rank: int | None = None
    vector_rank: int | None = None


def coverage(present: Sequence[int], idf: Mapping[int, float]) -> float:
    """The share of the query's weight, by inverse document frequency, that a passage holds."""
    total = sum(idf.values())
    return sum(idf[t] for t in set(present) if t in idf) / total if total else 0.0


def relevant(candidate: Candidate) -> bool:
    """Whether a candidate reaches the floor: by words, by meaning, or by some of both."""
    return (
        candidate.coverage >= COVERAGE
        or candidate.cosine >= COSINE
        or (candidate.coverage >= BOTH_COVERAGE and candidate.cosine >= BOTH_COSINE)
    )


def score(candidate: Candidate, rankings: int) -> float:
    """A score in [0, 1]: half from the fused ranks, half from how relevant it is.

    Args:
        rankings: how many rankings were fused, 1 or 2.
    """
    ranks = [r for r in (candidate.word_rank, candidate.vector_rank) if r is not None]
    fused = sum((RRF + 1) / (RRF + r) for r in ranks) / rankings
    strength = max(candidate.coverage, min(1.0, max(0.0, candidate.cosine / 0.8)))
    return min(1.0, (fused + strength) / 2)
