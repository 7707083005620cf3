"""The passages of tenants on a Qdrant server, which several servers of metier share."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from metier.egress import TargetRule

_FORMAT = 1
_SINCE = (1, 19)
"""The first Qdrant that counts how rare a term is among the passages of one domain."""
_TRUST = 30.0
"""Seconds for which a collection that was looked at is taken to be the same still."""
_BATCH = 256
_NOWHERE = "https://index.invalid"
"""What the client is told: only the transport knows the way (RFC 2606 keeps the name free)."""


class IndexAway(MetierError):
    """The index server can't be used for now; `code` says why.

    "index_unavailable": it can't be reached or fails. "index_timeout": it is too slow.
    "index_denied": it refuses the API key. "index_foreign": what is there is not what this
    metier can search.
    """

    def __init__(self, message: str, code: str = "index_unavailable") -> None:
        super().__init__(message, code=code, status=503)


class QdrantServer:
    """The place of an index that is on a Qdrant server: a collection a tenant.

    Nothing is asked of the server before it is needed, so a metier starts without it.

    Args:
        client: a `QdrantClient`; see `QdrantServer.at`.
        name: begins the names of the collections.
        model: the model of the vectors; a collection of another one is refused.
    """

    shared = True

    def __init__(self, client: Any, name: str, model: str) -> None:
        self._client = client
        self._name = name
        self._model = model
        self._seen: dict[str, float] = {}
        self._supported = False
        self._closed = False

    @classmethod
    def at(
        cls, target: str, rule: TargetRule, key: str | None, name: str, model: str
    ) -> QdrantServer:
        """The server of a target, reached through `metier.egress` alone.

        Raises:
            MetierError: the extra `qdrant` is not installed.
        """
        try:
            from qdrant_client import QdrantClient
        except ImportError:
            raise MetierError(
                "An index on a Qdrant server needs its client: "
                "`pip install 'metier[qdrant]'`, or leave out `index.url`.",
                code="not_installed",
            ) from None
        from metier.egress import EgressTransport

        transport = EgressTransport(target, rule, {"api-key": key} if key else None)
        # Its own look at versions would go past the transport.
        client = QdrantClient(
            url=_NOWHERE, port=None, transport=transport, trust_env=False, check_compatibility=False
        )
        return cls(client, name, model)

    def passages(self, tenant: str, create: bool) -> Collection | None:
        if self._closed:
            raise IndexClosed
        name = self._of(tenant)
        if time.monotonic() - self._seen.get(name, -_TRUST) >= _TRUST:
            with self.reading():
                self._check_version()
                there = self._client.collection_exists(name)
            if not there:
                if not create:
                    return None
                with self.writing():
                    self._create(name)
            with self.reading():
                self._check(name, self._client.get_collection(name))
            self._seen[name] = time.monotonic()
        return Collection(self._client, name)

    def register(self, tenant: str) -> PackRegister:
        return PackRegister(_Metadata(self, tenant))

    def check(self) -> None:
        """Asks the server, and looks at the collections in use.

        Raises:
            IndexAway: it can't be used.
        """
        if self._closed:
            raise IndexClosed
        with self.reading():
            self._supported = False
            self._check_version()
            self._client.collection_exists(self._name)  # its version is told without a key

    def close(self) -> None:
        self._closed = True
        self._client.close()

    def reading(self) -> AbstractContextManager[None]:
        return _asking(self._seen)

    def writing(self) -> AbstractContextManager[None]:
        return _asking(self._seen)

    # --- parts -------------------------------------------------------------------

    def _of(self, tenant: str) -> str:
        return f"{self._name}-{digest(tenant)}"

    def _check_version(self) -> None:
        if self._supported:
            return
        version = str(self._client.info().version)
        parts = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
        if parts < _SINCE:
            self._seen.clear()
            raise IndexAway(
                "The index server is a Qdrant of an older version than "
                f"{'.'.join(map(str, _SINCE))}, which ranks words otherwise. Update it.",
                "index_foreign",
            )
        self._supported = True

    def _create(self, name: str) -> None:
        """Makes a collection; that another server of metier does so at the same time is fine."""
        from qdrant_client import models as m
        from qdrant_client.http.exceptions import UnexpectedResponse

        try:
            self._client.create_collection(
                name,
                vectors_config={
                    DENSE: m.VectorParams(size=Encoder.dimensions, distance=m.Distance.COSINE)
                },
                sparse_vectors_config={WORDS: m.SparseVectorParams(modifier=m.Modifier.IDF)},
                metadata={"metier": {"format": _FORMAT, "model": self._model}},
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:
                raise
        for field in ("domain", "document"):
            self._client.create_payload_index(name, field, m.PayloadSchemaType.KEYWORD, wait=True)

    def _check(self, name: str, info: Any) -> None:
        """Refuses a collection that holds something else than this metier would write.

        Raises:
            IndexAway: it does.
        """
        made = (info.config.metadata or {}).get("metier")
        wanted = {"format": _FORMAT, "model": self._model}
        dense = info.config.params.vectors
        size = dense[DENSE].size if isinstance(dense, dict) and DENSE in dense else None
        if made == wanted and size == Encoder.dimensions:
            return
        raise IndexAway(
            f"The collection {name} on the index server was made "
            f"{'by another model or version' if isinstance(made, dict) else 'by something else'}. "
            "Set `index.name` in metier.toml to a new name, or delete the collection; then run "
            "`metier setup` and `metier ingest` again.",
            "index_foreign",
        )


class Collection:
    """One tenant's passages on the server."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    # --- writing ---------------------------------------------------------------

    def known(self, ids: Sequence[str]) -> dict[str, bool]:
        found: dict[str, bool] = {}
        for start in range(0, len(ids), _BATCH):
            records = self._client.retrieve(
                self._name, list(ids[start : start + _BATCH]), with_payload=["dense"]
            )
            found.update({str(r.id): bool((r.payload or {}).get("dense")) for r in records})
        return found

    def upsert(self, rows: Sequence[Row]) -> None:
        for start in range(0, len(rows), _BATCH):
            points = [_point(row) for row in rows[start : start + _BATCH]]
            self._client.upsert(self._name, points, wait=True)

    def remove(self, domain: str, document: str, keep: Iterable[str] = ()) -> int:
        from qdrant_client import models as m

        kept: list[int | str | Any] = list(keep)
        where = m.Filter(
            must=_match(domain=domain, document=document),
            must_not=[m.HasIdCondition(has_id=kept)] if kept else None,
        )
        count: int = self._client.count(self._name, count_filter=where, exact=True).count
        if count:
            self._client.delete(self._name, m.FilterSelector(filter=where), wait=True)
        return count

    def flush(self) -> None:
        """The server has written what it has answered for."""

    def keep_note(self, text: str) -> None:
        """Keeps which packs are indexed."""
        self._client.update_collection(self._name, metadata={"packs": text})

    # --- reading ---------------------------------------------------------------

    def note(self) -> str | None:
        """What `keep_note` has kept."""
        info = self._client.get_collection(self._name)
        found = (info.config.metadata or {}).get("packs")
        return str(found) if found is not None else None

    def count(self, domain: str) -> int:
        found: int = self._client.count(self._name, count_filter=_within(domain), exact=True).count
        return found

    def documents(self, domain: str) -> dict[str, int]:
        found = self._client.facet(
            self._name, "document", facet_filter=_within(domain), limit=1_000_000, exact=True
        )
        return {str(hit.value): hit.count for hit in found.hits}

    def first(self, domain: str, document: str) -> dict[str, Any]:
        from qdrant_client import models as m

        where = m.Filter(must=_match(domain=domain, document=document))
        records, _ = self._client.scroll(self._name, where, limit=1, with_payload=True)
        return dict(records[0].payload or {}) if records else {}

    def payloads(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        if not ids:
            return {}
        records = self._client.retrieve(self._name, list(ids), with_payload=True)
        return {str(record.id): dict(record.payload or {}) for record in records}

    def rank(self, domain: str, sparse: Sequence[Sparse], vector: Sequence[float] | None) -> Ranked:
        where = _within(domain)
        requests = [_sparse(terms, where, limit) for terms, limit in sparse]
        if vector is not None:
            requests.append(_nearest(vector, where, DEPTH))
        answers = self._client.query_batch_points(self._name, requests)
        results = [answer.points for answer in answers]
        by_vector = results.pop() if vector is not None else []
        return Ranked([[_hit(hit) for hit in hits] for hits in results], _cosines(by_vector))

    def near(self, vector: Sequence[float], ids: Sequence[str]) -> dict[str, float]:
        from qdrant_client import models as m

        chosen: list[int | str | Any] = list(ids)
        where = m.Filter(must=[m.HasIdCondition(has_id=chosen)])
        (answer,) = self._client.query_batch_points(
            self._name, [_nearest(vector, where, len(chosen))]
        )
        return _cosines(answer.points)


class _Metadata:
    """Notes in the metadata of a tenant's collection, so that all servers read the same."""

    def __init__(self, place: QdrantServer, tenant: str) -> None:
        self._place = place
        self._tenant = tenant

    def read(self) -> str | None:
        collection = self._place.passages(self._tenant, create=False)
        with self._place.reading():
            return collection.note() if collection else None

    def write(self, text: str) -> None:
        collection = self._place.passages(self._tenant, create=True)
        with self._place.writing():
            if collection:
                collection.keep_note(text)


@contextmanager
def _asking(seen: dict[str, float]) -> Iterator[None]:
    """Turns what the client raises into `IndexAway`; none of its words are kept."""
    from qdrant_client.common.client_exceptions import QdrantException
    from qdrant_client.http.exceptions import ApiException

    try:
        yield
    except (ApiException, QdrantException) as error:
        # Whatever it is, the collections are looked at anew before they are used again.
        seen.clear()
        raise _away(error) from None


def _away(error: Exception) -> MetierError:
    status = getattr(error, "status_code", None)
    source = getattr(error, "source", None)
    if status in (401, 403):
        return IndexAway(
            "The index server refuses the API key. Set the variable that `index.api_key_env` "
            "names to a key that may read and write the collections.",
            "index_denied",
        )
    if status is not None:
        return IndexAway(
            f"The index server answered with status {status}. Look at its log; what was asked "
            "can be asked again."
        )
    code = source.code if isinstance(source, MetierError) else ""
    if code == "target_refused":
        return IndexAway(
            "The address of the index server may not be used: it is of a private network and its "
            "target is not marked so, or the server answers with a redirect. See `index.url` in "
            "metier.toml and the policy's target.",
            "index_denied",
        )
    if code == "target_timeout":
        return IndexAway(
            "The index server did not answer in time. Try again, or raise "
            "`index.timeout_seconds` in metier.toml.",
            "index_timeout",
        )
    return IndexAway(
        "The index server can't be reached. See that it runs, and `index.url` in metier.toml."
    )


def _point(row: Row) -> Any:
    from qdrant_client import models as m

    words = sparse_vector(row.words)
    vectors: dict[str, Any] = {
        WORDS: m.SparseVector(indices=list(words.indices), values=list(words.values))
    }
    if row.vector is not None:
        vectors[DENSE] = row.vector.tolist()
    payload = {**row.payload, "dense": row.vector is not None}
    return m.PointStruct(id=row.id, vector=vectors, payload=payload)


def _nearest(vector: Sequence[float], where: Any, limit: int) -> Any:
    from qdrant_client import models as m

    return m.QueryRequest(
        query=list(vector), using=DENSE, limit=limit, filter=where, with_payload=False
    )


def _sparse(terms: Sequence[int], where: Any, limit: int) -> Any:
    from qdrant_client import models as m

    return m.QueryRequest(
        query=m.SparseVector(indices=list(terms), values=[1.0] * len(terms)),
        using=WORDS,
        limit=limit,
        filter=where,
        with_vector=[WORDS],
        with_payload=False,
        params=m.SearchParams(idf=m.IdfCorpusParams(corpus=where)),
    )


def _hit(hit: Any) -> Hit:
    held = hit.vector[WORDS]
    return Hit(str(hit.id), float(hit.score), dict(zip(held.indices, held.values, strict=True)))


def _cosines(hits: Iterable[Any]) -> dict[str, float]:
    return {str(hit.id): float(hit.score) for hit in hits}


def _within(domain: str) -> Any:
    from qdrant_client import models as m

    return m.Filter(must=_match(domain=domain))


def _match(**fields: str) -> list[Any]:
    from qdrant_client import models as m

    return [m.FieldCondition(key=k, match=m.MatchValue(value=v)) for k, v in fields.items()]
