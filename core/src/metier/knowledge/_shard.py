"""The passages of one tenant in a Qdrant Edge shard."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.encoder import Encoder, Word
from metier.knowledge._rank import Candidate
from metier.model import MetierError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORDS = "words"
_DENSE = "dense"
_AVERAGE = 160.0
"""Words of a typical passage, as BM25 normalises by it."""
_BATCH = 256
_DEPTH = 64
"""Candidates of each ranking."""
_MOST_WORDS = 48
"""Distinct words of a query that are looked up; more come from pasted text."""
_FULL = 1.4
_OPTIMISE_FROM = 20_000
"""Passages from which an HNSW graph pays; below, Qdrant compares with all of them."""


class IndexBroken(MetierError):
    """The index on disk can't be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="index_broken", status=503)


@contextmanager
def binding(problem: str) -> Iterator[None]:
    """Turns what Qdrant's binding raises into `IndexBroken` with `problem` as its message.

    It raises bare `Exception`, and where its own code panics, a `PanicException`
    that is no `Exception` and would go past everything. Its words are left out.
    """
    try:
        yield
    except MetierError:
        raise
    except BaseException as error:
        panic = type(error).__name__ == "PanicException"
        if not (panic or type(error) is Exception or isinstance(error, OSError)):
            raise
        raise IndexBroken(problem) from None


@dataclass(frozen=True, slots=True)
class Row:
    """One passage on its way into the shard."""

    id: str
    words: Sequence[str]
    payload: Mapping[str, Any]
    vector: NDArray[np.float32] | None = None


class Shard:
    """One tenant's passages. Reads may run beside each other; writes are the index's to order."""

    def __init__(self, shard: Any) -> None:
        self._shard = shard

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Opens the shard in `folder`, making it where there is none.

        Raises:
            IndexBroken: where its files can't be read.
        """
        import qdrant_edge as q

        ready = folder / "ready"
        with binding(
            f"The knowledge index in {folder} can't be opened. If the disk is full, make room; if "
            "its files are damaged, delete the folder and `packs.json` beside the index, and run "
            "`metier setup` and `metier ingest` again."
        ):
            if ready.exists():
                return cls(q.EdgeShard.load(str(folder / "shard")))
            _clear(folder)
            folder.mkdir(mode=0o700, parents=True)
            config = q.EdgeConfig(
                vectors={_DENSE: q.EdgeVectorParams(Encoder.dimensions, q.Distance.Cosine)},
                sparse_vectors={_WORDS: q.EdgeSparseVectorParams(modifier=q.Modifier.Idf)},
            )
            shard = q.EdgeShard.create(str(folder / "shard"), config)
            for field in ("domain", "document"):
                shard.update(
                    q.UpdateOperation.create_field_index(field, q.PayloadSchemaType.Keyword)
                )
            shard.flush()
            ready.touch(mode=0o600)
            return cls(shard)

    # --- writing ---------------------------------------------------------------

    def known(self, ids: Sequence[str]) -> dict[str, bool]:
        """Which of `ids` are there, and whether each has a vector."""
        found: dict[str, bool] = {}
        for start in range(0, len(ids), _BATCH):
            for record in self._shard.retrieve(list(ids[start : start + _BATCH]), ["dense"], False):
                found[str(record.id)] = bool((record.payload or {}).get("dense"))
        return found

    def upsert(self, rows: Sequence[Row]) -> None:
        import qdrant_edge as q

        for start in range(0, len(rows), _BATCH):
            points = []
            for row in rows[start : start + _BATCH]:
                vectors: dict[str, Any] = {_WORDS: self._bm25.embed_document(" ".join(row.words))}
                if row.vector is not None:
                    vectors[_DENSE] = row.vector.tolist()
                payload = {**row.payload, "dense": row.vector is not None}
                points.append(q.Point(row.id, vectors, payload))
            self._shard.update(q.UpdateOperation.upsert_points(points))

    def remove(self, domain: str, document: str, keep: Iterable[str] = ()) -> int:
        """Deletes a document's passages except those in `keep`; returns how many."""
        import qdrant_edge as q

        kept: set[q.PointId] = set(keep)
        where = q.Filter(
            must=_match(domain=domain, document=document),
            must_not=[q.HasIdCondition(kept)] if kept else None,
        )
        count: int = self._shard.count(q.CountRequest(filter=where, exact=True))
        if count:
            self._shard.update(q.UpdateOperation.delete_points_by_filter(where))
        return count

    def flush(self) -> None:
        """Makes what was written durable."""
        self._shard.flush()
        if self._shard.info().points_count >= _OPTIMISE_FROM:
            self._shard.optimize()

    def close(self) -> None:
        self._shard.close()

    # --- reading ---------------------------------------------------------------

    def count(self, domain: str) -> int:
        import qdrant_edge as q

        where = q.Filter(must=_match(domain=domain))
        found: int = self._shard.count(q.CountRequest(filter=where, exact=True))
        return found

    def documents(self, domain: str) -> dict[str, int]:
        """The ids of a domain's documents, with their number of passages."""
        import qdrant_edge as q

        where = q.Filter(must=_match(domain=domain))
        request = q.FacetRequest("document", limit=1_000_000, exact=True, filter=where)
        return {str(hit.value): hit.count for hit in self._shard.facet(request)}

    def first(self, domain: str, document: str) -> dict[str, Any]:
        """The payload of one passage of a document."""
        import qdrant_edge as q

        where = q.Filter(must=_match(domain=domain, document=document))
        records, _ = self._shard.scroll(q.ScrollRequest(limit=1, filter=where, with_payload=True))
        return dict(records[0].payload or {}) if records else {}

    def payloads(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        if not ids:
            return {}
        records = self._shard.retrieve(list(ids), True, False)
        return {str(record.id): dict(record.payload or {}) for record in records}

    def candidates(
        self, domain: str, words: Sequence[Word], vector: Sequence[float] | None
    ) -> list[Candidate]:
        """What the words and the vector of a query find, each with its ranks."""
        import qdrant_edge as q

        where = q.Filter(must=_match(domain=domain))
        asked = [(word, self._terms_of(word)) for word in words[:_MOST_WORDS]]
        terms = list(dict.fromkeys(t for _, parts in asked for t in parts))
        requests = []
        if terms:
            requests.append(self._sparse(terms, where, _DEPTH))
            # One hit of each term alone tells its inverse document frequency:
            # its score is the frequency times the weight of the term in the hit.
            requests += [self._sparse([term], where, 1) for term in terms]
        if vector is not None:
            requests.append(self._nearest(vector, where, _DEPTH))
        if not requests:
            return []
        results = self._shard.query_batch(q.QueryBatchRequest(requests))
        by_vector = results.pop() if vector is not None else []
        by_words = results[0] if terms else []
        weighed = _weigh(asked, _frequencies(terms, results[1:]), self.count(domain))
        found: dict[str, dict[str, Any]] = {}
        for rank, hit in enumerate(by_words, 1):
            held = hit.vector[_WORDS]
            weights = dict(zip(held.indices, held.values, strict=True))
            found[str(hit.id)] = {"word_rank": rank, **_held(weighed, weights)}
        for rank, hit in enumerate(by_vector, 1):
            entry = found.setdefault(str(hit.id), {})
            entry.update(vector_rank=rank, cosine=float(hit.score))
        if vector is not None:
            missing = {i for i, entry in found.items() if "cosine" not in entry}
            for hit in self._near(vector, missing):
                found[str(hit.id)]["cosine"] = float(hit.score)
        return [Candidate(id=point, **fields) for point, fields in found.items()]

    def _terms_of(self, word: Word) -> dict[int, float]:
        """The sparse index of each part of a word, and the share of the word that it is."""
        found: dict[int, float] = {}
        for part in word.parts:
            for index in self._bm25.embed_query(part).indices:
                found[index] = max(found.get(index, 0.0), len(part) / len(word.text))
        return found

    def _near(self, vector: Sequence[float], ids: set[str]) -> list[Any]:
        """The cosine of given passages, as far as they have a vector."""
        import qdrant_edge as q

        if not ids:
            return []
        chosen: set[q.PointId] = set(ids)
        where = q.Filter(must=[q.HasIdCondition(chosen)])
        return list(self._shard.query(self._nearest(vector, where, len(ids))))

    def _nearest(self, vector: Sequence[float], where: Any, limit: int) -> Any:
        import qdrant_edge as q

        nearest = q.Query.Nearest(list(vector), using=_DENSE)
        return q.QueryRequest(query=nearest, limit=limit, filter=where, with_payload=False)

    def _sparse(self, indices: Sequence[int], where: Any, limit: int) -> Any:
        import qdrant_edge as q

        return q.QueryRequest(
            query=q.Query.Nearest(
                q.SparseVector(list(indices), [1.0] * len(indices)), using=_WORDS
            ),
            limit=limit,
            filter=where,
            with_vector=[_WORDS],
            with_payload=False,
            params=q.SearchParams(idf=q.IdfParams(corpus=where)),
        )

    @cached_property
    def _bm25(self) -> Any:
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


def _frequencies(terms: Sequence[int], alone: Sequence[Sequence[Any]]) -> dict[int, float]:
    """The inverse document frequency of every term that occurs."""
    found = {}
    for term, hits in zip(terms, alone, strict=False):
        if hits:
            held = hits[0].vector[_WORDS]
            found[term] = hits[0].score / held.values[list(held.indices).index(term)]
    return found


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


def _match(**fields: str) -> list[Any]:
    import qdrant_edge as q

    return [q.FieldCondition(key=k, match=q.MatchValue(v)) for k, v in fields.items()]


def _clear(folder: Path) -> None:
    """Takes away what an interrupted creation left."""
    if folder.exists():
        shutil.rmtree(folder)
