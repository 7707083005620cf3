"""What a search asks of wherever the passages are, and what it makes of the answer.

A shard in files and a collection of a server rank alike; what is here is the same for both,
so that a passage scores the same in either.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from metier.encoder import Word
from metier.knowledge._packs import PackRegister
from metier.knowledge._rank import Candidate
from metier.model import MetierError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORDS = "words"
DENSE = "dense"
DEPTH = 64
"""Candidates of each ranking."""
_AVERAGE = 160.0
"""Words of a typical passage, as BM25 normalises by it."""
_MOST_WORDS = 48
"""Distinct words of a query that are looked up; more come from pasted text."""
_FULL = 1.4

Sparse = tuple[Sequence[int], int]
"""Terms that are searched for together, and the most hits."""


class IndexClosed(MetierError):
    """The index has been closed."""

    def __init__(self) -> None:
        super().__init__("The knowledge index is closed. Open it again.", code="index_closed")


def digest(tenant: str) -> str:
    """What a tenant's passages go by: names of tenants are the caller's, and no file names."""
    return hashlib.sha256(tenant.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Row:
    """One passage on its way into the index."""

    id: str
    words: Sequence[str]
    payload: Mapping[str, Any]
    vector: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that words found.

    Args:
        score: its BM25 weights times the inverse document frequencies in its domain.
        held: the BM25 weight of each term that it holds.
    """

    id: str
    score: float
    held: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The answer to what was asked at once.

    Args:
        by_words: the hits of each `Sparse`, best first.
        by_vector: the cosine of what is nearest to the vector by id, best first.
    """

    by_words: Sequence[Sequence[Hit]] = ()
    by_vector: Mapping[str, float] = field(default_factory=dict)


class Passages(Protocol):
    """One tenant's passages, wherever they are."""

    def known(self, ids: Sequence[str]) -> dict[str, bool]:
        """Which of `ids` are there, and whether each has a vector."""

    def upsert(self, rows: Sequence[Row]) -> None:
        """Writes passages; one of the same id is replaced."""

    def remove(self, domain: str, document: str, keep: Iterable[str] = ()) -> int:
        """Deletes a document's passages except those in `keep`; returns how many."""

    def flush(self) -> None:
        """Makes what was written durable."""

    def count(self, domain: str) -> int:
        """How many passages a domain has."""

    def documents(self, domain: str) -> dict[str, int]:
        """The ids of a domain's documents, with their number of passages."""

    def first(self, domain: str, document: str) -> dict[str, Any]:
        """The payload of one passage of a document."""

    def payloads(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The payloads of passages by id; those that are gone are left out."""

    def rank(self, domain: str, sparse: Sequence[Sparse], vector: Sequence[float] | None) -> Ranked:
        """Searches for all of `sparse` and for what is near `vector`, within a domain."""

    def near(self, vector: Sequence[float], ids: Sequence[str]) -> dict[str, float]:
        """The cosine of given passages, as far as they have a vector."""


class Place(Protocol):
    """Where the passages of all tenants are, each tenant's apart from the others'."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it at the same time."""

    def passages(self, tenant: str, create: bool) -> Passages | None:
        """One tenant's; None where there are none and none are to be made."""

    def register(self, tenant: str) -> PackRegister:
        """Which packs are indexed for a tenant."""

    def check(self) -> None:
        """Raises MetierError where it can't be used now."""

    def close(self) -> None:
        """Lets go of it. Closing twice is fine."""

    def reading(self) -> AbstractContextManager[None]:
        """Turns what a library raises within it into an error of ours."""

    def writing(self) -> AbstractContextManager[None]:
        """The same, for writing."""


def find(
    passages: Passages, domain: str, words: Sequence[Word], vector: Sequence[float] | None
) -> list[Candidate]:
    """What the words and the vector of a query find, each with its ranks."""
    asked = [(word, _terms_of(word)) for word in words[:_MOST_WORDS]]
    terms = list(dict.fromkeys(t for _, parts in asked for t in parts))
    if not terms and vector is None:
        return []
    # One hit of each term alone tells its inverse document frequency:
    # its score is the frequency times the weight of the term in the hit.
    sparse: list[Sparse] = [(terms, DEPTH), *(([term], 1) for term in terms)] if terms else []
    ranked = passages.rank(domain, sparse, vector)
    by_words = ranked.by_words[0] if terms else []
    weighed = _weigh(asked, _frequencies(terms, ranked.by_words[1:]), passages.count(domain))
    found: dict[str, dict[str, Any]] = {}
    for rank, hit in enumerate(by_words, 1):
        found[hit.id] = {"word_rank": rank, **_held(weighed, hit.held)}
    for rank, (point, cosine) in enumerate(ranked.by_vector.items(), 1):
        found.setdefault(point, {}).update(vector_rank=rank, cosine=cosine)
    missing = [point for point, entry in found.items() if "cosine" not in entry]
    if vector is not None and missing:
        for point, cosine in passages.near(vector, missing).items():
            found[point]["cosine"] = cosine
    return [Candidate(id=point, **fields) for point, fields in found.items()]


def sparse_vector(words: Sequence[str]) -> Any:
    """The terms of a passage with their BM25 weights, as `indices` and `values`."""
    return _bm25().embed_document(" ".join(words))


def _terms_of(word: Word) -> dict[int, float]:
    """The sparse index of each part of a word, and the share of the word that it is."""
    found: dict[int, float] = {}
    for part in word.parts:
        for index in _bm25().embed_query(part).indices:
            share = min(1.0, len(part) / len(word.text))  # another name of it may be longer
            found[index] = max(found.get(index, 0.0), share)
    return found


@lru_cache(maxsize=1)
def _bm25() -> Any:
    import qdrant_edge as q

    # Words are cut and sifted before; here they are stemmed and weighted.
    return q.Bm25(
        q.Bm25Config(
            avg_len=_AVERAGE,
            tokenizer=q.TokenizerType.Whitespace,
            language="english",
            stopwords=q.StopwordsSet(custom=set()),
        )
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A word of the query: its weight, and how much of it each term stands for."""

    weight: float
    terms: Mapping[int, float]
    code: bool


def _frequencies(terms: Sequence[int], alone: Sequence[Sequence[Hit]]) -> dict[int, float]:
    """The inverse document frequency of every term that occurs."""
    return {
        term: hits[0].score / hits[0].held[term]
        for term, hits in zip(terms, alone, strict=False)
        if hits
    }


def _weigh(
    asked: Sequence[tuple[Word, Mapping[int, float]]], idf: Mapping[int, float], count: int
) -> list[_Asked]:
    """What each word of the query weighs: as rare as its rarest part that occurs."""
    # A word that occurs nowhere weighs as one that occurs once.
    unseen = math.log(1 + max(count - 0.5, 0.5) / 1.5)
    weighed = []
    for word, terms in asked:
        seen = [idf[t] for t in terms if t in idf]
        weight = max(seen, default=unseen) * word.weight
        weighed.append(_Asked(weight, terms, word.code))
    return weighed


def _held(asked: Sequence[_Asked], held: Mapping[int, float]) -> dict[str, Any]:
    """How much of the query's weight a passage dwells on.

    A word counts in full from `_FULL`, the BM25 weight of a word that a passage
    of usual length holds twice, once in its title perhaps.
    """
    total = sum(word.weight for word in asked) or 1.0
    strength = 0.0
    code = False
    for word in asked:
        parts = [(share, held[t]) for t, share in word.terms.items() if t in held]
        if parts:
            strength += word.weight * max(share * min(1.0, w / _FULL) for share, w in parts)
            code = code or word.code
    return {"strength": strength / total, "code": code}
