"""The index: Qdrant Edge, one shard a tenant, one owning process; BM25 and vectors, fused."""

from __future__ import annotations

import hashlib
import math
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from metier.knowledge._chunks import chunks
from metier.knowledge._tokens import tokens
from metier.model import Document, MetierError, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder

_DIMENSIONS = 384
_K1, _B, _AVERAGE = 1.2, 0.75, 90.0
_RRF = 60
_BATCH = 64
_POOL = 40
COVERAGE_FLOOR = 0.34
COSINE_FLOOR = 0.42
"""A passage is relevant where it has a third of the query's words by weight, or a near vector.

MiniLM's cosine of an English question and an unrelated paragraph lies below
0.25 almost always, and of one that answers it above 0.45.
"""

Progress = Callable[[int, int], None]


class IndexLocked(MetierError):
    """Another process owns the index."""

    def __init__(self) -> None:
        super().__init__(
            "The index is in use by another process. Use the running server, or stop it first.",
            code="index_locked",
            status=503,
        )


@dataclass(slots=True)
class _Words:
    """How many passages of a domain hold each word."""

    count: int
    holding: Counter[str]

    def weight(self, word: str) -> float:
        """Inverse document frequency, as BM25 has it (Robertson and Zaragoza 2009)."""
        n = self.holding[word]
        weight = math.log(1 + (self.count - n + 0.5) / (n + 0.5))
        # A word that no passage has says little about which passage is meant.
        return weight if n else weight / 2


class Index:
    """Passages of every tenant and domain. Safe to use from several threads."""

    def __init__(self, path: Path, encoder: Encoder | None, lock: IO[bytes]) -> None:
        self._path = path
        self._encoder = encoder
        self._file_lock = lock
        self._lock = threading.RLock()
        self._shards: dict[str, Any] = {}
        self._words: dict[tuple[str, str], _Words] = {}

    @classmethod
    def open(cls, path: Path, encoder: Encoder | None) -> Self:
        """Opens the index in a folder, made if it isn't there.

        Raises:
            IndexLocked: another process has it open.
        """
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (path / "lock").open("wb")
        if not _locked(lock):
            lock.close()
            raise IndexLocked
        return cls(path, encoder, lock)

    def close(self) -> None:
        """Writes everything and lets others open the index."""
        with self._lock:
            for shard in self._shards.values():
                shard.flush()
                shard.close()
            self._shards.clear()
            self._file_lock.close()

    # --- writing ---------------------------------------------------------------

    def add(
        self,
        tenant: str,
        domain: str,
        documents: Iterable[Document],
        progress: Progress | None = None,
    ) -> int:
        """Indexes documents; one that is there already is replaced. Returns the passages added.

        Everything is cut and encoded before the first write, so that a document
        that can't be indexed leaves the index as it was.
        """
        import qdrant_edge as edge

        every = list(documents)
        passages = [(d, p) for d in every for p in _passages(d)]
        points: list[Any] = []
        for start in range(0, len(passages), _BATCH):
            points += self._points(domain, passages[start : start + _BATCH])
            if progress:
                progress(min(start + _BATCH, len(passages)), len(passages))
        with self._lock:
            shard = self._shard(tenant)
            for document_id in dict.fromkeys(d.id for d in every):
                where = _where(domain, document=document_id)
                shard.update(edge.UpdateOperation.delete_points_by_filter(where))
            for start in range(0, len(points), _BATCH):
                shard.update(edge.UpdateOperation.upsert_points(points[start : start + _BATCH]))
            shard.flush()
            self._words.pop((tenant, domain), None)
        return len(points)

    def _points(self, domain: str, passages: Sequence[tuple[Document, Passage]]) -> list[Any]:
        import qdrant_edge as edge

        texts = [f"{p.title}. {p.locator}\n{p.text}" for _, p in passages]
        dense = self._encode(texts)
        points = []
        for (document, passage), text, vector in zip(passages, texts, dense, strict=True):
            words = tokens(text)
            vectors: dict[str, Any] = {"words": _sparse(edge, words, document=True)}
            if vector is not None:
                vectors["meaning"] = vector.tolist()
            payload = {
                "domain": domain, "document": document.id, "passage": passage.id,
                "text": passage.text, "title": passage.title, "source": passage.source,
                "locator": passage.locator, "url": passage.url, "date": passage.date,
                "licence": passage.licence, "language": passage.language,
                "metadata": dict(passage.metadata), "words": sorted(set(words)),
            }  # fmt: skip
            place = uuid.uuid5(uuid.NAMESPACE_OID, f"{domain}\0{passage.id}")
            points.append(edge.Point(place, vectors, payload))
        return points

    def _encode(self, texts: Sequence[str]) -> list[NDArray[np.float32] | None]:
        encoder = self._encoder
        if encoder is None:
            return [None] * len(texts)
        able = [i for i, text in enumerate(texts) if encoder.supports(text)]
        vectors = encoder.encode([texts[i] for i in able]) if able else ()
        found: list[NDArray[np.float32] | None] = [None] * len(texts)
        for i, vector in zip(able, vectors, strict=True):
            found[i] = vector
        return found

    def remove(self, tenant: str, domain: str, document_id: str) -> None:
        """Removes every passage of a document."""
        import qdrant_edge as edge

        with self._lock:
            shard = self._shard(tenant)
            where = _where(domain, document=document_id)
            shard.update(edge.UpdateOperation.delete_points_by_filter(where))
            shard.flush()
            self._words.pop((tenant, domain), None)

    # --- reading ---------------------------------------------------------------

    def documents(self, tenant: str, domain: str) -> list[str]:
        """The ids of the documents of a domain."""
        return sorted({str(p["document"]) for p in self._payloads(tenant, domain)})

    def count(self, tenant: str, domain: str) -> int:
        """How many passages a domain has."""
        import qdrant_edge as edge

        with self._lock:
            request = edge.CountRequest(exact=True, filter=_where(domain))
            return int(self._shard(tenant).count(request))

    def search(
        self,
        tenant: str,
        domain: str,
        queries: Sequence[str],
        limit: int,
        vector: NDArray[np.float32] | None = None,
    ) -> list[Passage]:
        """The passages that answer any of the queries, best first; none where none is relevant.

        Args:
            vector: the vector of `queries[0]`, where it is already known.
        """
        with self._lock:
            words = self._words_of(tenant, domain)
            if not words.count:
                return []
            shard = self._shard(tenant)
            vectors = self._encode(queries) if vector is None else [
                vector, *self._encode(queries[1:])
            ]  # fmt: skip
            best: dict[str, Passage] = {}
            for query, meaning in zip(queries, vectors, strict=True):
                for passage in self._search_one(shard, domain, query, meaning, words):
                    known = best.get(passage.id)
                    if known is None or passage.score > known.score:
                        best[passage.id] = passage
        return sorted(best.values(), key=lambda p: (-p.score, p.id))[:limit]

    def _search_one(
        self,
        shard: Any,
        domain: str,
        query: str,
        meaning: NDArray[np.float32] | None,
        words: _Words,
    ) -> Iterator[Passage]:
        import qdrant_edge as edge

        asked = tokens(query)
        lists: list[list[Any]] = []
        if asked:
            lists.append(_nearest(edge, shard, domain, _sparse(edge, asked, False), "words"))
        near: dict[str, float] = {}
        if meaning is not None:
            found = _nearest(edge, shard, domain, meaning.tolist(), "meaning")
            near = {str(point.payload["passage"]): float(point.score) for point in found}
            lists.append(found)
        payloads: dict[str, Mapping[str, Any]] = {}
        fused: Counter[str] = Counter()
        for points in lists:
            for place, point in enumerate(points):
                passage = str(point.payload["passage"])
                payloads[passage] = point.payload
                fused[passage] += 1 / (_RRF + place + 1)  # type: ignore[assignment]
        most = len(lists) / (_RRF + 1)
        total = sum(words.weight(w) for w in set(asked)) or 1.0
        for passage, score in fused.items():
            payload = payloads[passage]
            shared = set(asked) & set(payload["words"])
            coverage = sum(words.weight(w) for w in shared) / total
            cosine = near.get(passage, 0.0)
            if coverage >= COVERAGE_FLOOR or cosine >= COSINE_FLOOR:
                relevance = max(coverage, cosine)
                yield _passage(payload, 0.5 * score / most + 0.5 * min(1.0, relevance))

    def _words_of(self, tenant: str, domain: str) -> _Words:
        key = (tenant, domain)
        if key not in self._words:
            holding: Counter[str] = Counter()
            count = 0
            for payload in self._payloads(tenant, domain):
                holding.update(payload["words"])
                count += 1
            self._words[key] = _Words(count, holding)
        return self._words[key]

    def _payloads(self, tenant: str, domain: str) -> Iterator[Mapping[str, Any]]:
        import qdrant_edge as edge

        with self._lock:
            shard, offset = self._shard(tenant), None
            while True:
                request = edge.ScrollRequest(
                    offset=offset, limit=500, filter=_where(domain), with_payload=True
                )
                records, offset = shard.scroll(request)
                for record in records:
                    yield record.payload
                if offset is None:
                    return

    def _shard(self, tenant: str) -> Any:
        import qdrant_edge as edge

        if tenant not in self._shards:
            folder = self._path / hashlib.sha256(tenant.encode()).hexdigest()[:24]
            if folder.exists():
                self._shards[tenant] = edge.EdgeShard.load(str(folder))
            else:
                folder.mkdir(mode=0o700)
                config = edge.EdgeConfig(
                    vectors={"meaning": edge.EdgeVectorParams(_DIMENSIONS, edge.Distance.Cosine)},
                    sparse_vectors={
                        "words": edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
                    },
                )
                self._shards[tenant] = edge.EdgeShard.create(str(folder), config)
        return self._shards[tenant]


def _locked(file: IO[bytes]) -> bool:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _where(domain: str, document: str | None = None) -> Any:
    import qdrant_edge as edge

    must: list[Any] = [edge.FieldCondition("domain", match=edge.MatchValue(domain))]
    if document is not None:
        must.append(edge.FieldCondition("document", match=edge.MatchValue(document)))
    return edge.Filter(must=must)


def _nearest(edge: Any, shard: Any, domain: str, vector: Any, using: str) -> list[Any]:
    request = edge.SearchRequest(
        edge.Query.Nearest(vector, using), _POOL, filter=_where(domain), with_payload=True
    )
    return list(shard.search(request))


def _sparse(edge: Any, words: Sequence[str], document: bool) -> Any:
    """BM25 as a dot product: term weights here, inverse document frequency in Qdrant."""
    counts = Counter(words)
    length = _K1 * (1 - _B + _B * len(words) / _AVERAGE)
    values: dict[int, float] = {}
    for word, n in counts.items():
        place = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
        values[place] = n * (_K1 + 1) / (n + length) if document else 1.0
    places = sorted(values)
    return edge.SparseVector(places, [values[p] for p in places])


def _passages(document: Document) -> Iterator[Passage]:
    for number, (heading, text) in enumerate(chunks(document.text)):
        digest = hashlib.sha256(f"{document.id}\0{number}\0{text}".encode()).hexdigest()[:20]
        yield Passage(
            id=digest,
            text=text,
            title=document.title,
            source=document.source,
            locator=", ".join(part for part in (document.locator, heading) if part),
            url=document.url,
            date=document.date,
            licence=document.licence,
            language=document.language,
            metadata=document.metadata,
        )


def _passage(payload: Mapping[str, Any], score: float) -> Passage:
    passage = Passage(
        id=str(payload["passage"]),
        text=str(payload["text"]),
        title=str(payload["title"]),
        source=str(payload["source"]),
        locator=str(payload["locator"]),
        url=str(payload["url"]),
        date=str(payload["date"]),
        licence=str(payload["licence"]),
        language=str(payload["language"]),
        metadata={str(k): str(v) for k, v in dict(payload["metadata"]).items()},
    )
    return replace(passage, score=score)
