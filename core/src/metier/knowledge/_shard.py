"""The passages of one tenant in a Qdrant Edge shard."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Self

from metier.encoder import Encoder
from metier.knowledge._hybrid import (
    DENSE,
    DEPTH,
    WORDS,
    Hit,
    IndexClosed,
    Ranked,
    Row,
    Sparse,
    digest,
    sparse_vector,
)
from metier.knowledge._packs import PackRegister
from metier.model import MetierError

_BATCH = 256
_OPTIMISE_FROM = 20_000
"""Passages from which an HNSW graph pays; below, Qdrant compares with all of them."""
_ROOM = 64 * 2**20
"""Bytes that have to be free for a write. Qdrant writes through mapped memory, where a disk that
is full is no error but SIGBUS, the end of the process; a batch needs a few MB."""


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


class Shard:
    """One tenant's passages in files.

    Reads may run beside each other; writes are the index's to order.
    """

    def __init__(self, shard: Any, folder: Path) -> None:
        self._shard = shard
        self._folder = folder

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
                return cls(q.EdgeShard.load(str(folder / "shard")), folder)
            _clear(folder)
            folder.mkdir(mode=0o700, parents=True)
            _need_room(folder)
            config = q.EdgeConfig(
                vectors={DENSE: q.EdgeVectorParams(Encoder.dimensions, q.Distance.Cosine)},
                sparse_vectors={WORDS: q.EdgeSparseVectorParams(modifier=q.Modifier.Idf)},
            )
            shard = q.EdgeShard.create(str(folder / "shard"), config)
            for field in ("domain", "document"):
                shard.update(
                    q.UpdateOperation.create_field_index(field, q.PayloadSchemaType.Keyword)
                )
            shard.flush()
            ready.touch(mode=0o600)
            return cls(shard, folder)

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
                vectors: dict[str, Any] = {WORDS: sparse_vector(row.words)}
                if row.vector is not None:
                    vectors[DENSE] = row.vector.tolist()
                payload = {**row.payload, "dense": row.vector is not None}
                points.append(q.Point(row.id, vectors, payload))
            _need_room(self._folder)
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
            _need_room(self._folder)
            self._shard.update(q.UpdateOperation.delete_points_by_filter(where))
        return count

    def flush(self) -> None:
        """Makes what was written durable."""
        self._shard.flush()
        if self._shard.info().points_count >= _OPTIMISE_FROM:
            _need_room(self._folder, 2 * _size(self._folder))  # it is written anew
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

    def rank(self, domain: str, sparse: Sequence[Sparse], vector: Sequence[float] | None) -> Ranked:
        import qdrant_edge as q

        where = q.Filter(must=_match(domain=domain))
        requests = [self._sparse(terms, where, limit) for terms, limit in sparse]
        if vector is not None:
            requests.append(self._nearest(vector, where, DEPTH))
        results = self._shard.query_batch(q.QueryBatchRequest(requests))
        by_vector = results.pop() if vector is not None else []
        return Ranked([[_hit(hit) for hit in hits] for hits in results], _cosines(by_vector))

    def near(self, vector: Sequence[float], ids: Sequence[str]) -> dict[str, float]:
        import qdrant_edge as q

        chosen: set[q.PointId] = set(ids)
        where = q.Filter(must=[q.HasIdCondition(chosen)])
        return _cosines(self._shard.query(self._nearest(vector, where, len(chosen))))

    def _nearest(self, vector: Sequence[float], where: Any, limit: int) -> Any:
        import qdrant_edge as q

        nearest = q.Query.Nearest(list(vector), using=DENSE)
        return q.QueryRequest(query=nearest, limit=limit, filter=where, with_payload=False)

    def _sparse(self, indices: Sequence[int], where: Any, limit: int) -> Any:
        import qdrant_edge as q

        return q.QueryRequest(
            query=q.Query.Nearest(q.SparseVector(list(indices), [1.0] * len(indices)), using=WORDS),
            limit=limit,
            filter=where,
            with_vector=[WORDS],
            with_payload=False,
            params=q.SearchParams(idf=q.IdfParams(corpus=where)),
        )


class Folder:
    """The place of an index that is in files: a shard a tenant, each in a folder of its own."""

    shared = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shards: dict[str, Shard] = {}
        self._opening = threading.Lock()
        self._closed = False

    def passages(self, tenant: str, create: bool) -> Shard | None:
        shard = self._shards.get(tenant)
        if shard is not None:
            return shard
        with self._opening:
            if self._closed:
                raise IndexClosed
            if tenant not in self._shards:
                folder = self._path / "tenants" / digest(tenant)
                if not create and not (folder / "ready").exists():
                    return None
                self._shards[tenant] = Shard.open(folder)
            return self._shards[tenant]

    def register(self, tenant: str) -> PackRegister:
        return PackRegister(self._path.parent / "packs.json")

    def check(self) -> None:
        """Files that were opened stay usable, or say otherwise when they are used."""

    def close(self) -> None:
        with self._opening:
            self._closed = True
            for shard in self._shards.values():
                shard.close()
            self._shards.clear()

    def writing(self) -> AbstractContextManager[None]:
        return binding(
            f"The knowledge index in {self._path} can't be written. If the disk is full, make room "
            f"and ingest again ({_ROOM >> 20} MB have to be free, and for a large index twice its "
            "size): what was written of the documents is replaced then."
        )

    def reading(self) -> AbstractContextManager[None]:
        return binding(
            f"The knowledge index in {self._path} can't be read. If its files are damaged, stop "
            "metier, delete the folder and `packs.json` beside it, and run `metier setup` and "
            "`metier ingest` again."
        )


def _need_room(folder: Path, more: int = 0) -> None:
    """Raises the OSError of a full disk where there is not enough room for a write."""
    if shutil.disk_usage(folder).free < _ROOM + more:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _size(folder: Path) -> int:
    """Bytes of the files below."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _hit(hit: Any) -> Hit:
    held = hit.vector[WORDS]
    return Hit(str(hit.id), float(hit.score), dict(zip(held.indices, held.values, strict=True)))


def _cosines(hits: Iterable[Any]) -> dict[str, float]:
    return {str(hit.id): float(hit.score) for hit in hits}


def _match(**fields: str) -> list[Any]:
    import qdrant_edge as q

    return [q.FieldCondition(key=k, match=q.MatchValue(v)) for k, v in fields.items()]


def _clear(folder: Path) -> None:
    """Takes away what an interrupted creation left."""
    if folder.exists():
        shutil.rmtree(folder)
