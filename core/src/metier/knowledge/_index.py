"""The knowledge index: documents in, relevant passages out."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from metier.encoder import Encoder, Terms, detect_language
from metier.knowledge._chunk import chunk
from metier.knowledge._hybrid import Passages, Place, Row, find
from metier.knowledge._lock import OwnerLock
from metier.knowledge._packs import PackRegister
from metier.knowledge._rank import FLOORS, relevant, score
from metier.knowledge._shard import Folder, IndexBroken
from metier.model import Document, MetierError, Passage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FORMAT = 1
_ENCODE = 64
_OTHER_LANGUAGE = 0.9
"""What a passage in another language than the query's keeps of its score."""
_PATH = " > "


@dataclass(frozen=True, slots=True)
class IndexedDocument:
    """A document as the index holds it."""

    id: str
    title: str
    source: str
    language: str
    passages: int


@dataclass(slots=True)
class _Entry:
    """A passage before it is a row."""

    id: str
    indexed: str
    passage: dict[str, Any]
    vector: NDArray[np.float32] | None = field(default=None)


class Index:
    """Passages by tenant and domain, searched by words and by meaning.

    Each tenant has a shard in a folder of its own, or a collection of its own
    on a server, so that no filter stands between two tenants. One process owns
    the folder; a server is for many. Safe to use from several threads; writes
    wait for each other.
    """

    def __init__(
        self,
        path: Path,
        encoder: Encoder | None,
        lock: OwnerLock,
        terms: Terms | None = None,
        place: Place | None = None,
    ) -> None:
        self._encoder = encoder
        self._owner = lock
        self._terms = terms or Terms(path / "jieba")
        self._place = place or Folder(path)
        self._noting = threading.Lock()
        self._writing = threading.Lock()
        self._holds: dict[tuple[str, str], bool] = {}
        self._written = 0

    @classmethod
    def open(
        cls,
        path: Path,
        encoder: Encoder | None,
        terms: Terms | None = None,
        place: Place | None = None,
    ) -> Self:
        """Opens the index in the folder `path`, making it where there is none.

        Args:
            path: a private folder.
            encoder: gives English passages a vector; with None, words alone serve.
            terms: what tells words apart, where others use it as well.
            place: where the passages are; files in `path` where None. With another one,
                `path` still says that one process uses this home.

        Raises:
            IndexBusy: where another process owns it.
            IndexBroken: where it is of another format or damaged.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = OwnerLock.take(path)
        except OSError as error:
            raise IndexBroken(
                f"The knowledge index in {path} can't be opened: {error.strerror}. "
                "Check the folder's owner and permissions."
            ) from None
        try:
            with Folder(path).writing():
                _check_format(path / "index.json")
        except BaseException:
            lock.release()
            raise
        return cls(path, encoder, lock, terms, place)

    def add(
        self,
        tenant: str,
        domain: str,
        documents: Iterable[Document],
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Indexes documents; one that is there already is replaced.

        Documents of one id in a call are parts of one document. Everything is
        read and encoded before the first passage is written, so a document
        that can't be read leaves the index as it was; passages that have not
        changed are not encoded again.

        Args:
            progress: called with (passages done, passages in all).

        Returns:
            The number of passages these documents now have.
        """
        entries: dict[str, dict[str, _Entry]] = {}
        for document in documents:
            known = entries.setdefault(document.id, {})
            for entry in _entries(domain, document):
                known[entry.id] = entry
        step = progress or (lambda done, total: None)
        total = sum(len(found) for found in entries.values())
        with self._writing:
            shard = self._shard(tenant, create=True)
            assert shard is not None
            changed = self._changed(shard, [e for f in entries.values() for e in f.values()])
            done = total - len(changed)
            step(done, total)
            rows: list[Row] = []
            for start in range(0, len(changed), _ENCODE):
                batch = changed[start : start + _ENCODE]
                self._encode(batch)
                rows += [
                    Row(e.id, self._terms.document(e.indexed), e.passage, e.vector) for e in batch
                ]
                done += len(batch)
                step(done, total)
            with self._place.writing():
                shard.upsert(rows)
                for document_id, found in entries.items():
                    shard.remove(domain, document_id, keep=found)
                shard.flush()
            self._changes(tenant, domain)
            if self._place.shared:
                self._undisturbed(shard, [i for found in entries.values() for i in found])
        return total

    def search(
        self,
        tenant: str,
        domain: str,
        queries: Sequence[str],
        limit: int,
        vector: Sequence[float] | NDArray[np.float32] | None = None,
    ) -> list[Passage]:
        """The passages that are relevant to any of `queries`, best first.

        Args:
            queries: as typed, and other wordings of it; each is searched.
            limit: the most passages to return.
            vector: the encoder's vector of `queries[0]`, where it is known.

        Returns:
            At most `limit` passages with their score in [0, 1]; none where
            nothing is relevant. Passages in the language of the first query
            come before equally good ones in another.
        """
        shard = self._shard(tenant, create=False)
        if shard is None or limit < 1:
            return []
        scores: dict[str, float] = {}
        language = detect_language(queries[0]) if queries else "en"
        for place, query in enumerate(queries):
            words = self._terms.query(query)
            dense = self._vector(query, vector if place == 0 else None)
            floor = FLOORS[detect_language(query)].share(sum(word.weight for word in words))
            with self._place.reading():
                candidates = find(shard, domain, words, dense)
            for candidate in candidates:
                if relevant(candidate, floor):
                    best = scores.get(candidate.id, 0.0)
                    scores[candidate.id] = max(best, score(candidate))
        nearest = sorted(scores, key=lambda i: (-scores[i], i))[: limit * 2]
        with self._place.reading():
            payloads = shard.payloads(nearest)
        found = [_passage(i, payloads[i], scores[i], language) for i in nearest if i in payloads]
        return sorted(found, key=lambda p: (-p.score, p.id))[:limit]

    def remove(self, tenant: str, domain: str, document_id: str) -> int:
        """Takes a document out; returns how many passages it had."""
        with self._writing:
            shard = self._shard(tenant, create=False)
            if shard is None:
                return 0
            with self._place.writing():
                count = shard.remove(domain, document_id)
                shard.flush()
            self._changes(tenant, domain)
            return count

    def documents(self, tenant: str, domain: str) -> list[IndexedDocument]:
        """The documents of a domain, by id."""
        shard = self._shard(tenant, create=False)
        if shard is None:
            return []
        found = []
        with self._place.reading():
            for document, passages in sorted(shard.documents(domain).items()):
                payload = shard.first(domain, document)
                fields = {k: str(payload.get(k, "")) for k in ("title", "source", "language")}
                found.append(IndexedDocument(document, passages=passages, **fields))
        return found

    def count(self, tenant: str, domain: str) -> int:
        """How many passages a domain has."""
        shard = self._shard(tenant, create=False)
        with self._place.reading():
            return shard.count(domain) if shard else 0

    def holds(self, tenant: str, domain: str) -> bool:
        """Whether a domain has passages; counted once after each change.

        That there are none is asked every time where others may write: they may since have.
        """
        place = (tenant, domain)
        found = self._holds.get(place)
        if found is None:
            written = self._written
            found = self.count(tenant, domain) > 0
            with self._noting:
                if written == self._written and (found or not self._place.shared):
                    self._holds[place] = found
        return found

    def packs(self, tenant: str) -> PackRegister:
        """Which knowledge packs are indexed for a tenant."""
        return self._place.register(tenant)

    def check(self) -> None:
        """Sees that the index can be used now.

        Raises:
            MetierError: it can't.
        """
        self._place.check()

    def _changes(self, tenant: str, domain: str) -> None:
        with self._noting:
            self._written += 1
            self._holds.pop((tenant, domain), None)

    def close(self) -> None:
        """Closes the shards and lets go of the index. Closing twice is fine."""
        with self._writing:
            self._place.close()
            self._owner.release()

    # --- parts -------------------------------------------------------------------

    def _shard(self, tenant: str, create: bool) -> Passages | None:
        return self._place.passages(tenant, create)

    def _changed(self, shard: Passages, entries: Sequence[_Entry]) -> list[_Entry]:
        """The entries that are new, or that lack a vector they could have."""
        with self._place.reading():
            known = shard.known([entry.id for entry in entries])
        return [
            entry
            for entry in entries
            if entry.id not in known or (not known[entry.id] and self._supports(entry.indexed))
        ]

    def _undisturbed(self, shard: Passages, ids: Sequence[str]) -> None:
        """Sees that nobody else has replaced the same documents meanwhile.

        Raises:
            MetierError: passages that were written are gone again.
        """
        with self._place.reading():
            gone = len(ids) - len(shard.known(ids))
        if gone:
            raise MetierError(
                "Another process has indexed other versions of the same documents at the same "
                f"time, and {gone} passages are missing. Ingest the documents again, from one "
                "process.",
                code="index_conflict",
                status=409,
            )

    def _supports(self, text: str) -> bool:
        return self._encoder is not None and self._encoder.supports(text)

    def _encode(self, entries: Sequence[_Entry]) -> None:
        supported = [entry for entry in entries if self._supports(entry.indexed)]
        if not supported or self._encoder is None:
            return
        vectors = self._encoder.encode([entry.indexed for entry in supported])
        for entry, vector in zip(supported, vectors, strict=True):
            entry.vector = vector

    def _vector(
        self, query: str, known: Sequence[float] | NDArray[np.float32] | None
    ) -> Sequence[float] | None:
        if self._encoder is None or not self._encoder.supports(query):
            return None
        if known is None:
            known = self._encoder.encode([query])[0]
        return [float(x) for x in known]


def _entries(domain: str, document: Document) -> list[_Entry]:
    """A document's passages, each under an id that its content decides."""
    found = []
    for part in chunk(document):
        locator = _PATH.join(p for p in (document.locator, *_below(document, part.headings)) if p)
        language = document.language
        if language == "en":  # the default of `Document`, so the text is asked
            language = detect_language(part.text)
        passage = {
            "domain": domain,
            "document": document.id,
            "text": part.text,
            "title": document.title,
            "source": document.source,
            "locator": locator,
            "url": document.url,
            "date": document.date,
            "licence": document.licence,
            "language": language,
            "metadata": {**document.metadata, "document": document.id},
        }
        digest = hashlib.sha256(json.dumps(passage, sort_keys=True).encode()).digest()
        indexed = "\n".join(dict.fromkeys((document.title, *part.headings, part.text)))
        found.append(_Entry(str(uuid.UUID(bytes=digest[:16], version=5)), indexed, passage))
    return found


def _below(document: Document, headings: tuple[str, ...]) -> tuple[str, ...]:
    """The headings without a first one that only repeats the title."""
    return headings[1:] if headings and headings[0] == document.title else headings


def _passage(point: str, payload: Mapping[str, Any], score: float, language: str) -> Passage:
    own = str(payload["language"])
    return Passage(
        id=point,
        text=payload["text"],
        title=payload["title"],
        source=payload["source"],
        locator=payload["locator"],
        url=payload["url"],
        date=payload["date"],
        licence=payload["licence"],
        language=own,
        score=score if own == language else score * _OTHER_LANGUAGE,
        metadata=payload["metadata"],
    )


def _check_format(file: Path) -> None:
    try:
        found = json.loads(file.read_text("utf-8")) if file.exists() else None
    except (OSError, ValueError):
        found = {}
    if found is None:
        file.write_text(json.dumps({"format": _FORMAT}), "utf-8")
    elif not isinstance(found, dict) or found.get("format") != _FORMAT:
        raise IndexBroken(
            f"The knowledge index in {file.parent} is of another format. Delete the folder and "
            "`packs.json` beside it, and run `metier setup` and `metier ingest` again."
        )
