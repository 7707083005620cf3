"""The passages of one tenant in a Qdrant Edge shard."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.encoder import Encoder
from metier.knowledge._rank import Candidate, coverage
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
_MOST_TERMS = 48
"""Distinct words of a query that are looked up; more come from pasted text."""
_OPTIMISE_FROM = 20_000
"""Passages from which an HNSW graph pays; below, Qdrant compares with all of them."""


class IndexBroken(MetierError):
    """The index on disk can't be used."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="index_broken", status=503)


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
        try:
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
        except Exception as error:  # the binding raises bare Exception
            raise IndexBroken(
                f"The knowledge index in {folder} can't be opened ({type(error).__name__}). "
                "If the disk is full, make room; if its files are damaged, delete the folder and "
                "`packs.json` beside the index, and run `metier setup` and `metier ingest` again."
            ) from error

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
        self, domain: str, words: Sequence[str], vector: Sequence[float] | None
    ) -> list[Candidate]:
        """What the words and the vector of a query find, each with its ranks."""
        import qdrant_edge as q

        where = q.Filter(must=_match(domain=domain))
        indices = self._bm25.embed_query(" ".join(words[:_MOST_TERMS])).indices if words else []
        requests = []
        if indices:
            requests.append(self._sparse(indices, where, _DEPTH))
            # One hit of each word alone tells its inverse document frequency:
            # its score is the frequency times the weight of the word in the hit.
            requests += [self._sparse([index], where, 1) for index in indices]
        if vector is not None:
            nearest = q.Query.Nearest(list(vector), using=_DENSE)
            requests.append(
                q.QueryRequest(query=nearest, limit=_DEPTH, filter=where, with_payload=False)
            )
        if not requests:
            return []
        results = self._shard.query_batch(q.QueryBatchRequest(requests))
        by_vector = results.pop() if vector is not None else []
        by_words, alone = (results[0], results[1:]) if indices else ([], [])
        idf = self._idf(indices, alone, domain)
        found: dict[str, dict[str, Any]] = {}
        for rank, hit in enumerate(by_words, 1):
            held = coverage(hit.vector[_WORDS].indices, idf)
            found[str(hit.id)] = {"word_rank": rank, "coverage": held}
        for rank, hit in enumerate(by_vector, 1):
            entry = found.setdefault(str(hit.id), {})
            entry.update(vector_rank=rank, cosine=float(hit.score))
        return [Candidate(id=point, **fields) for point, fields in found.items()]

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

    def _idf(
        self, indices: Sequence[int], alone: Sequence[Sequence[Any]], domain: str
    ) -> dict[int, float]:
        count = self.count(domain)
        unseen = math.log(1 + (count + 0.5) / 0.5)
        weights: dict[int, float] = {}
        for index, hits in zip(indices, alone, strict=True):
            weights[index] = unseen
            if hits:
                held = hits[0].vector[_WORDS]
                own = dict(zip(held.indices, held.values, strict=True))
                weights[index] = hits[0].score / own[index]
        return weights

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


def _match(**fields: str) -> list[Any]:
    import qdrant_edge as q

    return [q.FieldCondition(key=k, match=q.MatchValue(v)) for k, v in fields.items()]


def _clear(folder: Path) -> None:
    """Takes away what an interrupted creation left."""
    if folder.exists():
        shutil.rmtree(folder)
