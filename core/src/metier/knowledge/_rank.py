"""Which of the passages found are relevant, and in which order.

Two rankings are fused: BM25 over words, and cosine similarity over vectors
where the encoder knows the language. Reciprocal rank fusion (Cormack, Clarke
and Büttcher, SIGIR 2009) needs no common scale of the two. It always ranks
something first, though, so a floor stands beside it: a passage counts only if
it holds enough of what the query is about.

The constants were set on questions with and without an answer. English: 400
questions of MedQuAD over 1,500 of its answers, against 300 requests of CLINC150
and 200 of Banking77, which have none there. With vectors, 99.8 % of the
answers stay above the floor, and 5 % and 0 % of the others find something (most
of those are about health); by words alone, 98.8 % stay and 27 % and 17 % find
something, which is why vectors decide where there are any. Chinese: the 25
questions and 20 others of our own in the tests, and 1,200 posts of all
sorts as long messages, of which 1 % find something among the tests' articles.
"""

from __future__ import annotations

from dataclasses import dataclass

RRF = 60
"""The constant of the paper."""

COSINE = 0.42
"""Meaning alone suffices from here. Unrelated English stays below 0.3, 95 times in 100."""
COSINE_WITH_WORDS = 0.32
WORDS_WITH_COSINE = 0.5
"""A lower cosine suffices for a passage that dwells on half of the query."""
CODE = 0.3
"""A passage with an identifier of the query needs this much of the query, and no cosine."""
_BOUND = 0.8
"""Cosine of a near paraphrase; more counts as full."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What words alone must show, by the length of the query.

    A passage has to dwell on `held` words of the query, and on a share of it
    between `least` and `most`: of two words nearly one, of a long message, of
    which most words are about circumstances, a tenth.
    """

    held: float
    least: float
    most: float

    def share(self, asked: float) -> float:
        """The least strength for a query that weighs `asked` words."""
        return min(self.most, max(self.least, self.held / max(asked, 1.0)))


FLOORS = {"en": Floor(2.2, 0.15, 0.5), "zh": Floor(1.4, 0.11, 0.42)}
"""Chinese words of a query are fewer and more telling once the stop words are gone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that one query found."""

    id: str
    strength: float = 0.0
    """How much of the query's weight it dwells on, in [0, 1]."""
    cosine: float | None = None
    """None where the query or the passage has no vector."""
    code: bool = False
    """It holds an identifier of the query."""
    word_rank: int | None = None
    vector_rank: int | None = None
    """Ranks count from 1; None below the depth of the ranking."""


def relevant(candidate: Candidate, floor: float) -> bool:
    """Whether a candidate reaches the floor.

    Args:
        floor: the least strength where there is no cosine, from `Floor.share`.
    """
    if candidate.code and candidate.strength >= CODE:
        return True
    if candidate.cosine is None:
        return candidate.strength >= floor
    return candidate.cosine >= COSINE or (
        candidate.cosine >= COSINE_WITH_WORDS and candidate.strength >= WORDS_WITH_COSINE
    )


def score(candidate: Candidate) -> float:
    """A score in [0, 1]: the mean of the fused ranks and of each measure there is.

    Ranks alone put the hundredth best near the tenth; the measures keep them apart.
    """
    first = _reciprocal(candidate.word_rank)
    if candidate.cosine is None:
        return (first + candidate.strength) / 2
    fused = (first + _reciprocal(candidate.vector_rank)) / 2
    cosine = min(1.0, max(0.0, candidate.cosine / _BOUND))
    return (fused + candidate.strength + cosine) / 3


def _reciprocal(rank: int | None) -> float:
    return (RRF + 1) / (RRF + rank) if rank is not None else 0.0
