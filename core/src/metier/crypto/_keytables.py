"""The tables of the key store, and their rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import NoneType
from typing import TypeVar

import sqlalchemy as sa

from metier.crypto._root import KeyringError

SCHEMA = 1
TABLES = sa.MetaData()
META = sa.Table(
    "meta",
    TABLES,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
TENANT = sa.Table(
    "tenant_key",
    TABLES,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("use", sa.String, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("root", sa.String, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made", sa.Integer, nullable=False),
    sa.UniqueConstraint("tenant", "use", "generation"),
)
SUBJECT = sa.Table(
    "subject_key",
    TABLES,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("parent", sa.LargeBinary, nullable=False, index=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made", sa.Integer, nullable=False),
    sa.UniqueConstraint("tenant", "subject", "generation"),
)
LIVE = SUBJECT.c.wrapped != b""
"""A key that is there. Of one that was destroyed after its rotation, only the id is left."""
ERASURE = sa.Table(
    "erasure",
    TABLES,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("tag", sa.String, nullable=False),
    sa.Column("keys", sa.String, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),
    sa.Column("subject", sa.String, nullable=True),
    sa.Column("done", sa.Integer, nullable=True),
)
ROTATION = sa.Table(
    "rotation",
    TABLES,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("level", sa.String, nullable=False),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("started", sa.Integer, nullable=False),
    sa.Column("finished", sa.Integer, nullable=True),
)


@dataclass(frozen=True, slots=True)
class TenantKeyRow:
    """A wrapped key of a tenant. `use` is "wrap" (subjects' keys) or "purpose"."""

    id: bytes
    tenant: str
    use: str
    generation: int
    root: str
    wrapped: bytes
    made: int


@dataclass(frozen=True, slots=True)
class SubjectKeyRow:
    """A wrapped key of a subject, and the tenant key that wraps it."""

    id: bytes
    tenant: str
    subject: str
    generation: int
    parent: bytes
    wrapped: bytes
    made: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """A line of the erasure ledger.

    Args:
        tag: the keyed digest of the subject's id, so that the ledger names nobody.
        keys: ids of the keys that were destroyed.
        subject: the id, until the records are deleted as well; then None.
        done: when the last record was deleted; None while that is going on.
    """

    id: str
    tenant: str
    tag: str
    keys: tuple[bytes, ...]
    at: int
    subject: str | None = None
    done: int | None = None


@dataclass(frozen=True, slots=True)
class RotationRow:
    """A rotation and how far it has come. `level` is "root", "tenant" or "subject"."""

    id: str
    level: str
    tenant: str
    total: int
    done: int
    started: int
    finished: int | None = None


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The keys of a tenant's subjects in numbers.

    Args:
        unfinished: subjects with an older key besides the newest; some record may need it.
        oldest, newest: when these were made, in seconds since 1970; None without keys.
    """

    subjects: int
    keys: int
    unfinished: int
    oldest: int | None
    newest: int | None


Row = TypeVar("Row", TenantKeyRow, SubjectKeyRow, RotationRow, Erasure)
_TYPES: dict[object, tuple[type, ...]] = {
    "bytes": (bytes,), "str": (str,), "int": (int,), "tuple[bytes, ...]": (tuple,),
    "str | None": (str, NoneType), "int | None": (int, NoneType),
}  # fmt: skip


def checked(row: Row) -> Row:
    """The row, where each column holds what it should: in SQLite it may hold anything.

    Raises:
        KeyringError: it doesn't.
    """
    if not all(isinstance(getattr(row, f.name), _TYPES[f.type]) for f in fields(row)):
        raise damaged()
    return row


def damaged() -> KeyringError:
    """What is in the key store is not what metier has written."""
    return KeyringError(
        "The key store can't be used: something else than metier has changed it. Restore it from "
        "its backup (`metier restore`); don't make a new one in its place.",
        "key_store_unusable",
    )
