"""The key store: a database of its own with the wrapped keys and the erasure ledger.

It is apart from the store so that a backup of the records holds no key: what is
erased here can't be opened with any copy of the store, older ones included. It
is small, always durable (fsync at each commit), and leaves nothing of a deleted
key in its file (`secure_delete`, a truncated journal).

Every change raises its version, so that an older copy that somebody puts back
is told from the one that was in use.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from metier.crypto._root import KeyringError

_SCHEMA = 1
_tables = sa.MetaData()
_META = sa.Table(
    "meta",
    _tables,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)
_TENANT = sa.Table(
    "tenant_key",
    _tables,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("use", sa.String, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("root", sa.String, nullable=False),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made", sa.Integer, nullable=False),
    sa.UniqueConstraint("tenant", "use", "generation"),
)
_SUBJECT = sa.Table(
    "subject_key",
    _tables,
    sa.Column("id", sa.LargeBinary, primary_key=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("parent", sa.LargeBinary, nullable=False, index=True),
    sa.Column("wrapped", sa.LargeBinary, nullable=False),
    sa.Column("made", sa.Integer, nullable=False),
    sa.UniqueConstraint("tenant", "subject", "generation"),
)
_ERASURE = sa.Table(
    "erasure",
    _tables,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("tenant", sa.String, nullable=False),
    sa.Column("tag", sa.String, nullable=False),
    sa.Column("keys", sa.String, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),
    sa.Column("subject", sa.String, nullable=True),
    sa.Column("done", sa.Integer, nullable=True),
)
_ROTATION = sa.Table(
    "rotation",
    _tables,
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


class KeyStore:
    """The key store of an installation.

    Args:
        url: a SQLAlchemy URL of a synchronous driver, `sqlite:///FILE`.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self._engine = sa.create_engine(url, connect_args={"timeout": busy_seconds})
        sa.event.listen(self._engine, "connect", _configure)

    @classmethod
    def create(cls, path: Path) -> KeyStore:
        """Makes a key store, readable by its owner alone.

        Raises:
            KeyringError: where there is one already, or it can't be written.
        """
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise KeyringError(f"{path} exists already; a key store is never replaced.") from None
        except OSError as error:
            raise KeyringError(f"{path} can't be written: {error.strerror}.") from None
        store = cls(f"sqlite:///{path}")
        store.make_schema()
        return store

    @classmethod
    def open(cls, path: Path) -> KeyStore:
        """Opens the key store in `path`.

        Raises:
            KeyringError: where it is missing, damaged, or of a newer metier.
        """
        if not path.is_file():
            raise KeyringError(
                f"There is no key store at {path}. Without it nothing that is sealed can be "
                "read. If this home has been used, put the file back from its backup (`metier "
                "restore`); if it is new, run `metier setup`.",
                code="key_store_missing",
            )
        store = cls(f"sqlite:///{path}")
        store.check()
        return store

    def make_schema(self) -> None:
        with self._begin() as connection:
            _tables.create_all(connection)
            rows = [{"name": "schema", "value": str(_SCHEMA)}, {"name": "version", "value": "1"}]
            connection.execute(sa.insert(_META), rows)

    def check(self) -> None:
        """Whether the file can be used.

        Raises:
            KeyringError: where it can't.
        """
        with self._read() as connection:
            found = connection.execute(
                sa.select(_META.c.value).where(_META.c.name == "schema")
            ).scalar_one_or_none()
        if found != str(_SCHEMA):
            raise KeyringError(
                "The key store was written by another version of metier. Install that version "
                "again, or restore a backup from before it.",
                code="key_store_unusable",
            )

    @property
    def version(self) -> int:
        """How often the key store has changed."""
        with self._read() as connection:
            return _version(connection)

    def close(self) -> None:
        self._engine.dispose()

    # --- keys ----------------------------------------------------------------------

    def tenants(self) -> list[str]:
        query = sa.select(_TENANT.c.tenant).distinct().order_by(_TENANT.c.tenant)
        with self._read() as connection:
            return list(connection.execute(query).scalars())

    def tenant_keys(self, tenant: str | None = None) -> list[TenantKeyRow]:
        """Keys of a tenant, or of all, oldest generation first."""
        query = sa.select(_TENANT).order_by(_TENANT.c.tenant, _TENANT.c.use, _TENANT.c.generation)
        if tenant is not None:
            query = query.where(_TENANT.c.tenant == tenant)
        with self._read() as connection:
            return [TenantKeyRow(*row) for row in connection.execute(query)]

    def add_tenant_keys(self, rows: Sequence[TenantKeyRow]) -> None:
        """Keeps keys; where another process was first, its keys stay and these are dropped."""
        with self._begin() as connection:
            for row in rows:
                taken = connection.execute(
                    sa.select(_TENANT.c.id).where(
                        _TENANT.c.tenant == row.tenant,
                        _TENANT.c.use == row.use,
                        _TENANT.c.generation == row.generation,
                    )
                ).first()
                if taken is None:
                    connection.execute(sa.insert(_TENANT), _values(row))

    def subject_keys(self, tenant: str, subject: str) -> list[SubjectKeyRow]:
        """Keys of a subject, oldest generation first."""
        query = (
            sa.select(_SUBJECT)
            .where(_SUBJECT.c.tenant == tenant, _SUBJECT.c.subject == subject)
            .order_by(_SUBJECT.c.generation)
        )
        with self._read() as connection:
            return [SubjectKeyRow(*row) for row in connection.execute(query)]

    def add_subject_key(self, row: SubjectKeyRow) -> None:
        """Keeps a key, unless another process was first with this generation."""
        with self._begin() as connection:
            taken = connection.execute(
                sa.select(_SUBJECT.c.id).where(
                    _SUBJECT.c.tenant == row.tenant,
                    _SUBJECT.c.subject == row.subject,
                    _SUBJECT.c.generation == row.generation,
                )
            ).first()
            if taken is None:
                connection.execute(sa.insert(_SUBJECT), _values(row))

    def drop_subject_keys(self, ids: Sequence[bytes]) -> None:
        """Destroys keys that no record needs any more."""
        with self._begin() as connection:
            connection.execute(sa.delete(_SUBJECT).where(_SUBJECT.c.id.in_(list(ids))))

    def subjects(self, tenant: str, after: str = "", limit: int = 500) -> list[str]:
        """Ids of subjects that have keys, in order, above `after`."""
        query = (
            sa.select(_SUBJECT.c.subject)
            .where(_SUBJECT.c.tenant == tenant, _SUBJECT.c.subject > after)
            .distinct()
            .order_by(_SUBJECT.c.subject)
            .limit(limit)
        )
        with self._read() as connection:
            return list(connection.execute(query).scalars())

    def count_subject_keys(self, tenant: str | None = None) -> int:
        query = sa.select(sa.func.count()).select_from(_SUBJECT)
        if tenant is not None:
            query = query.where(_SUBJECT.c.tenant == tenant)
        with self._read() as connection:
            return int(connection.execute(query).scalar_one())

    def has_subject_keys(self, ids: Iterable[bytes]) -> bool:
        """Whether any of these keys is here."""
        query = sa.select(_SUBJECT.c.id).where(_SUBJECT.c.id.in_(list(ids))).limit(1)
        with self._read() as connection:
            return connection.execute(query).first() is not None

    def rewrap_tenant_keys(self, rows: Sequence[TenantKeyRow]) -> None:
        """Replaces the wrapping of tenant keys, all of them or none."""
        with self._begin() as connection:
            for row in rows:
                change = sa.update(_TENANT).where(_TENANT.c.id == row.id)
                connection.execute(change.values(wrapped=row.wrapped, root=row.root))

    def wrapped_by_others(
        self, tenant: str, parent: bytes, limit: int = 500
    ) -> list[SubjectKeyRow]:
        """Keys of subjects that another key than `parent` wraps."""
        query = (
            sa.select(_SUBJECT)
            .where(_SUBJECT.c.tenant == tenant, _SUBJECT.c.parent != parent)
            .limit(limit)
        )
        with self._read() as connection:
            return [SubjectKeyRow(*row) for row in connection.execute(query)]

    def rewrap_subject_keys(self, rows: Sequence[SubjectKeyRow]) -> None:
        """Replaces the wrapping of subjects' keys, all of them or none."""
        with self._begin() as connection:
            for row in rows:
                change = sa.update(_SUBJECT).where(_SUBJECT.c.id == row.id)
                connection.execute(change.values(wrapped=row.wrapped, parent=row.parent))

    # --- erasure -------------------------------------------------------------------

    def destroy(self, erasure: Erasure) -> Erasure:
        """Deletes every key of the subject and writes the ledger's line, or nothing.

        Returns:
            The line, with the ids of the keys that are gone.
        """
        with self._begin() as connection:
            mine = (_SUBJECT.c.tenant == erasure.tenant, _SUBJECT.c.subject == erasure.subject)
            ids = tuple(connection.execute(sa.select(_SUBJECT.c.id).where(*mine)).scalars())
            connection.execute(sa.delete(_SUBJECT).where(*mine))
            line = Erasure(
                erasure.id, erasure.tenant, erasure.tag, ids, erasure.at, erasure.subject
            )
            connection.execute(sa.insert(_ERASURE), _line(line))
            return line

    def finish_erasure(self, erasure_id: str, at: int) -> None:
        """Notes that no record is left, and forgets whose they were."""
        with self._begin() as connection:
            change = sa.update(_ERASURE).where(_ERASURE.c.id == erasure_id)
            connection.execute(change.values(done=at, subject=None))

    def erasures(self, *, open_only: bool = False) -> list[Erasure]:
        """The ledger, oldest line first."""
        query = sa.select(_ERASURE).order_by(_ERASURE.c.at, _ERASURE.c.id)
        if open_only:
            query = query.where(_ERASURE.c.done.is_(None))
        with self._read() as connection:
            return [_erasure(row) for row in connection.execute(query)]

    def is_erased(self, key_id: bytes) -> bool:
        """Whether the ledger says that this key was destroyed."""
        return any(key_id in line.keys for line in self.erasures())

    def apply_ledger(self, lines: Sequence[Erasure]) -> int:
        """Destroys keys that another ledger says are destroyed; returns how many were here."""
        gone = 0
        with self._begin() as connection:
            known = set(connection.execute(sa.select(_ERASURE.c.id)).scalars())
            for line in lines:
                found = connection.execute(
                    sa.delete(_SUBJECT).where(_SUBJECT.c.id.in_(list(line.keys)))
                )
                gone += found.rowcount
                if line.id not in known:
                    connection.execute(sa.insert(_ERASURE), _line(line))
        return gone

    # --- rotation ------------------------------------------------------------------

    def save_rotation(self, row: RotationRow) -> None:
        with self._begin() as connection:
            connection.execute(sa.delete(_ROTATION).where(_ROTATION.c.id == row.id))
            connection.execute(sa.insert(_ROTATION), _values(row))

    def rotations(self, *, open_only: bool = False) -> list[RotationRow]:
        query = sa.select(_ROTATION).order_by(_ROTATION.c.started, _ROTATION.c.id)
        if open_only:
            query = query.where(_ROTATION.c.finished.is_(None))
        with self._read() as connection:
            return [RotationRow(*row) for row in connection.execute(query)]

    # --- helpers -------------------------------------------------------------------

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                    version = str(_version(connection) + 1)
                    change = sa.update(_META).where(_META.c.name == "version")
                    connection.execute(change.values(value=version))
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
        except DBAPIError as error:
            raise _unusable(error) from None

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise _unusable(error) from None


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def _configure(connection: Any, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=TRUNCATE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _version(connection: sa.Connection) -> int:
    query = sa.select(_META.c.value).where(_META.c.name == "version")
    return int(connection.execute(query).scalar_one_or_none() or 0)


def _values(row: TenantKeyRow | SubjectKeyRow | RotationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _line(erasure: Erasure) -> dict[str, Any]:
    values = {name: getattr(erasure, name) for name in erasure.__dataclass_fields__}
    return values | {"keys": ",".join(key.hex() for key in erasure.keys)}


def _erasure(row: Any) -> Erasure:
    erasure_id, tenant, tag, joined, at, subject, done = row
    keys = tuple(bytes.fromhex(key) for key in joined.split(",") if key)
    return Erasure(erasure_id, tenant, tag, keys, at, subject, done)


def _unusable(error: DBAPIError) -> KeyringError:
    """Names the cause without the statement or its parameters."""
    text = str(error.orig).lower()
    if "locked" in text or "busy" in text:
        reason, mend = "another process holds its lock", "Try again in a moment."
    elif "full" in text:
        reason, mend = "the disk is full", "Free some space and try again; nothing was changed."
    elif "readonly" in text:
        reason, mend = "it is read-only", "Check the file's permissions."
    elif "malformed" in text or "not a database" in text or "no such table" in text:
        reason = "its file is damaged"
        mend = "Restore it from its backup (`metier restore`); don't make a new one in its place."
    else:
        reason, mend = type(error.orig).__name__, "Check the disk and the file's permissions."
    return KeyringError(f"The key store can't be used: {reason}. {mend}", "key_store_unusable")
