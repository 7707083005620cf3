"""What is stored of an import: how far it is, what it did, and how to take it back.

All of it lies in sealed rows of `memory`: `import/ID` tells how far the import is, and
`import/ID/NUMBER` what one batch did. A batch is committed together with its facts, its
memories and the new `import/ID`, so that a killed import goes on where it was, with nothing
lost and nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson

from metier.crypto import Change
from metier.model import Fact
from metier.pipeline._rows import IMPORT
from metier.profile import encode_fact
from metier.profile.importing import FormatName
from metier.store import AgedRow


@dataclass(frozen=True, slots=True)
class ImportState:
    """How far an import is, and what it has done.

    Args:
        id: a keyed digest of the file and of how it is read: the same file is the same import.
        name: of the file, as the person gave it.
        domain: that it was learnt for; "" for all.
        done, total: items of the file that are done, and that there are.
        own: messages of the person.
        duplicates: messages that an earlier import had brought already.
        learned, strengthened, ended: facts that are new, that were known and said again, and
            that are no longer held because of it.
        memories: messages that are remembered.
        dropped: by rule, how many facts or messages were not kept.
        undated: messages whose own date is missing or can't be.
        questions: contradictions with what was known.
        first, last: the dates between which the messages were written.
    """

    id: str
    format: FormatName
    name: str
    domain: str
    started: datetime
    updated: datetime
    total: int
    done: int = 0
    own: int = 0
    duplicates: int = 0
    learned: int = 0
    strengthened: int = 0
    ended: int = 0
    memories: int = 0
    undated: int = 0
    questions: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    @property
    def finished(self) -> bool:
        return self.done >= self.total

    def encode(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, data: bytes) -> ImportState:
        raw: dict[str, Any] = orjson.loads(data)
        for name in ("started", "updated", "first", "last"):
            raw[name] = datetime.fromisoformat(raw[name]) if raw[name] else None
        return cls(**raw)

    def row(self, change: Change) -> AgedRow:
        """The row that says so, sealed."""
        return _row(change, f"{IMPORT}{self.id}", self.encode(), self.updated)


@dataclass(frozen=True, slots=True)
class Before:
    """How sure a fact was before a batch touched it; no content but a value that changed."""

    confidence: float
    times: int
    confirmed_at: str | None
    valid_to: str | None
    constraint: bool
    value: str | None = None

    @classmethod
    def of(cls, fact: Fact, after: Fact | None) -> Before:
        changed = after is not None and after.value != fact.value
        return cls(
            fact.confidence, fact.times, _iso(fact.confirmed_at), _iso(fact.valid_to),
            fact.constraint, fact.value if changed else None,
        )  # fmt: skip

    def restored(self, fact: Fact) -> Fact:
        """The fact as it was."""
        return replace(
            fact, value=fact.value if self.value is None else self.value,
            confidence=self.confidence, times=self.times, constraint=self.constraint,
            confirmed_at=_time(self.confirmed_at), valid_to=_time(self.valid_to),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class After:
    """How a fact was when a batch was done with it."""

    digest: str
    confidence: float
    times: int

    @classmethod
    def of(cls, fact: Fact) -> After:
        return cls(digest_of(fact), fact.confidence, fact.times)


@dataclass(frozen=True, slots=True)
class Journal:
    """What one batch did.

    Args:
        new: facts that there were not before.
        before: facts that it touched, as they were.
        after: facts that it wrote, as it left them.
        ended: facts that it ended; some may be its own.
        told: facts of the past that it brought.
        seen: what its messages are known again by.
    """

    new: tuple[str, ...] = ()
    before: Mapping[str, Before] = field(default_factory=dict)
    after: Mapping[str, After] = field(default_factory=dict)
    ended: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    seen: str = ""

    def row(self, change: Change, import_id: str, number: int, at: datetime) -> AgedRow:
        """The row that says so, sealed."""
        return _row(change, f"{IMPORT}{import_id}/{number:08d}", self.encode(), at)

    def encode(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def decode(cls, data: bytes) -> Journal:
        raw: dict[str, Any] = orjson.loads(data)
        return cls(
            tuple(raw["new"]),
            {k: Before(**v) for k, v in raw["before"].items()},
            {k: After(**v) for k, v in raw["after"].items()},
            tuple(raw["ended"]),
            tuple(raw["told"]),
            raw["seen"],
        )

    def marks(self) -> Iterable[bytes]:
        """What its messages are known again by, one each."""
        raw = bytes.fromhex(self.seen)
        return (raw[i : i + MARK] for i in range(0, len(raw), MARK))


MARK: Final = 8
"""Bytes by which a message is known again. The row is sealed, so they tell nobody anything."""


def mark_of(*parts: str) -> bytes:
    """What a message is known again by."""
    digest = hashlib.blake2b(digest_size=MARK)
    for part in parts:
        raw = part.encode("utf-8", "replace")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()


def digest_of(fact: Fact) -> str:
    """What tells whether a fact is still as it was."""
    return hashlib.sha256(encode_fact(fact)).hexdigest()[:16]


def _row(change: Change, name: str, data: bytes, at: datetime | None) -> AgedRow:
    moment = int(at.timestamp()) if at else 0
    return AgedRow(name, change.seal("memory", name, data, moment), moment)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
