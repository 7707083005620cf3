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
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from metier.crypto._keydatabase import KeyDatabase
from metier.crypto._keytables import (
    ERASURE,
    LIVE,
    META,
    ROTATION,
    SCHEMA,
    SUBJECT,
    TABLES,
    TENANT,
    Erasure,
    KeyFigures,
    RotationRow,
    SubjectKeyRow,
    TenantKeyRow,
    checked,
    damaged,
)
from metier.crypto._root import KeyringError


class RootReplaced(KeyringError):
    """Another root key wraps the tenants' keys than the one in use."""

    def __init__(self) -> None:
        super().__init__(
            "The key store was made with another root key than the one that is configured. "
            "Put the right root key back; nothing was changed, and no new key is made over "
            "what is there.",
            code="root_wrong",
        )


class TenantKeyReplaced(KeyringError):
    """The tenant's key was rotated by another process; the newer one is to be read."""

    def __init__(self) -> None:
        super().__init__(
            "The tenant's key was changed at the same time; try again.", code="key_replaced"
        )


class KeyStore:
    """The key store of an installation.

    Args:
        url: see `KeyDatabase`.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self._database = KeyDatabase(url, busy_seconds)

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
                "read. If this home has been used, put it back: `metier restore DIR/keys.escrow`; "
                "if it is new, run `metier setup`.",
                code="key_store_missing",
            )
        store = cls(f"sqlite:///{path}")
        store.check()
        return store

    @classmethod
    def shared(cls, url: str, *, make: bool = False) -> KeyStore:
        """Opens the key store in a PostgreSQL database, which several servers share.

        Args:
            make: makes its tables where there are none.

        Raises:
            KeyringError: where it can't be used, or nothing is there.
        """
        store = cls(url)
        if not store.is_made():
            if not make:
                raise KeyringError(
                    "There is no key store in the database that `keys` names. If it has been used, "
                    "put its backup back; if it is new, run `metier setup`.",
                    code="key_store_missing",
                )
            store.make_schema()
        store.check()
        return store

    def is_made(self) -> bool:
        """Whether there is a key store in the database."""
        return self._database.is_made()

    def make_schema(self) -> None:
        with self._begin() as connection:
            TABLES.create_all(connection)
            rows = [{"name": "schema", "value": str(SCHEMA)}, {"name": "version", "value": "1"}]
            connection.execute(sa.insert(META), rows)

    def check(self) -> None:
        """Whether the file can be used.

        Raises:
            KeyringError: where it can't.
        """
        with self._read() as connection:
            found = connection.execute(
                sa.select(META.c.value).where(META.c.name == "schema")
            ).scalar_one_or_none()
        if found != str(SCHEMA):
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
        self._database.close()

    # --- keys ----------------------------------------------------------------------

    def tenants(self) -> list[str]:
        query = sa.select(TENANT.c.tenant).distinct().order_by(TENANT.c.tenant)
        with self._read() as connection:
            return list(connection.execute(query).scalars())

    def tenant_keys(self, tenant: str | None = None) -> list[TenantKeyRow]:
        """Keys of a tenant, or of all, oldest generation first."""
        query = sa.select(TENANT).order_by(TENANT.c.tenant, TENANT.c.use, TENANT.c.generation)
        if tenant is not None:
            query = query.where(TENANT.c.tenant == tenant)
        with self._read() as connection:
            return [checked(TenantKeyRow(*row)) for row in connection.execute(query)]

    def roots(self) -> frozenset[str]:
        """Ids of the roots that wrap tenants' keys: one, or none in a new key store."""
        with self._read() as connection:
            return frozenset(connection.execute(sa.select(TENANT.c.root).distinct()).scalars())

    def add_tenant_keys(self, rows: Sequence[TenantKeyRow]) -> None:
        """Keeps keys; where another process was first, its keys stay and these are dropped.

        Raises:
            RootReplaced: another root wraps what is there.
        """
        with self._begin() as connection:
            for row in rows:
                _check_root(connection, row.root)
                taken = connection.execute(
                    sa.select(TENANT.c.id).where(
                        TENANT.c.tenant == row.tenant,
                        TENANT.c.use == row.use,
                        TENANT.c.generation == row.generation,
                    )
                ).first()
                if taken is None:
                    connection.execute(sa.insert(TENANT), _values(row))

    def subject_keys(self, tenant: str, subject: str) -> list[SubjectKeyRow]:
        """Keys of a subject, oldest generation first."""
        query = (
            sa.select(SUBJECT)
            .where(SUBJECT.c.tenant == tenant, SUBJECT.c.subject == subject, LIVE)
            .order_by(SUBJECT.c.generation)
        )
        with self._read() as connection:
            return [checked(SubjectKeyRow(*row)) for row in connection.execute(query)]

    def keys_of(self, tenant: str, subjects: Sequence[str]) -> dict[str, list[SubjectKeyRow]]:
        """Keys of several subjects, oldest generation first; subjects without keys are left out."""
        query = (
            sa.select(SUBJECT)
            .where(SUBJECT.c.tenant == tenant, SUBJECT.c.subject.in_(list(subjects)), LIVE)
            .order_by(SUBJECT.c.generation)
        )
        found: dict[str, list[SubjectKeyRow]] = {}
        with self._read() as connection:
            for row in connection.execute(query):
                found.setdefault(row.subject, []).append(checked(SubjectKeyRow(*row)))
        return found

    def add_subject_keys(self, rows: Sequence[SubjectKeyRow]) -> None:
        """Keeps keys, each unless another process was first with its generation.

        A newer key is kept only beside the one before it: where that is gone, the subject
        was erased meanwhile.

        Raises:
            TenantKeyReplaced: the tenant has a newer key than the one that wraps these.
        """
        with self._begin() as connection:
            for tenant, parent in {(row.tenant, row.parent) for row in rows}:
                if _newest_wrap(connection, tenant) != parent:
                    raise TenantKeyReplaced
            for row in rows:
                mine = (SUBJECT.c.tenant == row.tenant, SUBJECT.c.subject == row.subject)
                there = connection.execute(sa.select(SUBJECT.c.generation).where(*mine)).scalars()
                if max(there, default=0) == row.generation - 1:
                    connection.execute(sa.insert(SUBJECT), _values(row))

    def drop_subject_keys(self, ids: Sequence[bytes]) -> None:
        """Destroys keys that no record needs any more.

        Their ids stay, so that the subject's erasure names every key they ever had: an older
        copy of the key store still holds these, and the ledger has to reach them there.
        """
        with self._begin() as connection:
            gone = sa.update(SUBJECT).where(SUBJECT.c.id.in_(list(ids)))
            connection.execute(gone.values(wrapped=b""))

    def subjects(self, tenant: str, after: str = "", limit: int = 500) -> list[str]:
        """Ids of subjects that have keys, in order, above `after`."""
        query = (
            sa.select(SUBJECT.c.subject)
            .where(SUBJECT.c.tenant == tenant, SUBJECT.c.subject > after, LIVE)
            .distinct()
            .order_by(SUBJECT.c.subject)
            .limit(limit)
        )
        with self._read() as connection:
            return list(connection.execute(query).scalars())

    def count_subject_keys(self, tenant: str | None = None) -> int:
        query = sa.select(sa.func.count()).select_from(SUBJECT).where(LIVE)
        if tenant is not None:
            query = query.where(SUBJECT.c.tenant == tenant)
        with self._read() as connection:
            return int(connection.execute(query).scalar_one())

    def has_subject_keys(self, ids: Iterable[bytes]) -> bool:
        """Whether any of these keys is here."""
        query = sa.select(SUBJECT.c.id).where(SUBJECT.c.id.in_(list(ids)), LIVE).limit(1)
        with self._read() as connection:
            return connection.execute(query).first() is not None

    def key_figures(self, tenant: str) -> KeyFigures:
        """How many keys of subjects a tenant has, and how old they are."""
        per = (
            sa.select(
                sa.func.count().label("keys"),
                sa.func.min(SUBJECT.c.made).label("oldest"),
                sa.func.max(SUBJECT.c.made).label("newest"),
            )
            .where(SUBJECT.c.tenant == tenant, LIVE)
            .group_by(SUBJECT.c.subject)
            .subquery()
        )
        query = sa.select(
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(per.c["keys"]), 0),
            sa.func.coalesce(sa.func.sum(sa.case((per.c["keys"] > 1, 1), else_=0)), 0),
            sa.func.min(per.c.oldest),
            sa.func.max(per.c.newest),
        )
        with self._read() as connection:
            return KeyFigures(*connection.execute(query).one())

    # --- erasure -------------------------------------------------------------------

    def destroy(self, erasure: Erasure) -> Erasure:
        """Deletes every key of the subject and writes the ledger's line, or nothing.

        Returns:
            The line, with the ids of the keys that are gone.
        """
        with self._begin() as connection:
            mine = (SUBJECT.c.tenant == erasure.tenant, SUBJECT.c.subject == erasure.subject)
            ids = tuple(connection.execute(sa.select(SUBJECT.c.id).where(*mine)).scalars())
            connection.execute(sa.delete(SUBJECT).where(*mine))
            line = Erasure(
                erasure.id, erasure.tenant, erasure.tag, ids, erasure.at, erasure.subject
            )
            connection.execute(sa.insert(ERASURE), _line(line))
            return line

    def finish_erasure(self, erasure_id: str, at: int) -> None:
        """Notes that no record is left, and forgets whose they were."""
        with self._begin() as connection:
            change = sa.update(ERASURE).where(ERASURE.c.id == erasure_id)
            connection.execute(change.values(done=at, subject=None))

    def erasures(self, *, open_only: bool = False) -> list[Erasure]:
        """The ledger, oldest line first."""
        query = sa.select(ERASURE).order_by(ERASURE.c.at, ERASURE.c.id)
        if open_only:
            query = query.where(ERASURE.c.done.is_(None))
        with self._read() as connection:
            return [_erasure(row) for row in connection.execute(query)]

    def apply_ledger(self, lines: Sequence[Erasure]) -> int:
        """Destroys keys that another ledger says are destroyed; returns how many were here."""
        gone = 0
        with self._begin() as connection:
            known = set(connection.execute(sa.select(ERASURE.c.id)).scalars())
            for line in lines:
                found = connection.execute(
                    sa.delete(SUBJECT).where(SUBJECT.c.id.in_(list(line.keys)))
                )
                gone += found.rowcount
                if line.id not in known:
                    connection.execute(sa.insert(ERASURE), _line(line))
        return gone

    # --- rotation ------------------------------------------------------------------

    def rewrap_all(self, rows: Sequence[TenantKeyRow], rotation: RotationRow) -> bool:
        """Replaces the wrapping of every tenant key and notes it, or nothing.

        Returns:
            False, and nothing is changed, where there are other tenant keys than `rows` by now.
        """
        with self._begin() as connection:
            there = set(connection.execute(sa.select(TENANT.c.id)).scalars())
            if there != {row.id for row in rows}:
                return False
            for row in rows:
                change = sa.update(TENANT).where(TENANT.c.id == row.id)
                connection.execute(change.values(wrapped=row.wrapped, root=row.root))
            _save(connection, rotation)
            return True

    def start_tenant_rotation(self, row: TenantKeyRow, rotation: RotationRow) -> None:
        """Adds a tenant's newer key and the line that says what is to be done, or nothing.

        Raises:
            RootReplaced: another root wraps what is there.
        """
        with self._begin() as connection:
            _check_root(connection, row.root)
            connection.execute(sa.insert(TENANT), _values(row))
            _save(connection, rotation)

    def wrapped_by_others(
        self, tenant: str, parent: bytes, limit: int = 500
    ) -> list[SubjectKeyRow]:
        """Keys of subjects that another key than `parent` wraps."""
        query = (
            sa.select(SUBJECT)
            .where(SUBJECT.c.tenant == tenant, SUBJECT.c.parent != parent, LIVE)
            .limit(limit)
        )
        with self._read() as connection:
            return [checked(SubjectKeyRow(*row)) for row in connection.execute(query)]

    def rewrap_subject_keys(self, rows: Sequence[SubjectKeyRow], rotation: RotationRow) -> None:
        """Replaces the wrapping of subjects' keys and notes how far it has come, or nothing."""
        with self._begin() as connection:
            for row in rows:
                change = sa.update(SUBJECT).where(SUBJECT.c.id == row.id)
                connection.execute(change.values(wrapped=row.wrapped, parent=row.parent))
            _save(connection, rotation)

    def drop_tenant_keys(self, newest: bytes, rotation: RotationRow) -> bool:
        """Destroys a tenant's older wrapping keys; False where something still needs them."""
        tenant = rotation.tenant
        with self._begin() as connection:
            others = (SUBJECT.c.tenant == tenant, SUBJECT.c.parent != newest, LIVE)
            if connection.execute(sa.select(SUBJECT.c.id).where(*others).limit(1)).first():
                return False
            old = (TENANT.c.tenant == tenant, TENANT.c.use == "wrap", TENANT.c.id != newest)
            connection.execute(sa.delete(TENANT).where(*old))
            _save(connection, rotation)
            return True

    def save_rotation(self, row: RotationRow) -> None:
        with self._begin() as connection:
            _save(connection, row)

    def rotations(self, *, open_only: bool = False) -> list[RotationRow]:
        query = sa.select(ROTATION).order_by(ROTATION.c.started, ROTATION.c.id)
        if open_only:
            query = query.where(ROTATION.c.finished.is_(None))
        with self._read() as connection:
            return [checked(RotationRow(*row)) for row in connection.execute(query)]

    # --- helpers -------------------------------------------------------------------

    @contextmanager
    def _begin(self) -> Iterator[sa.Connection]:
        with self._database.write() as connection:
            yield connection
            version = str(_version(connection) + 1)
            change = sa.update(META).where(META.c.name == "version")
            connection.execute(change.values(value=version))

    def _read(self) -> AbstractContextManager[sa.Connection]:
        return self._database.read()


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def _version(connection: sa.Connection) -> int:
    query = sa.select(META.c.value).where(META.c.name == "version")
    found = connection.execute(query).scalar_one_or_none()
    if not (isinstance(found, str) and found.isascii() and found.isdigit()):
        raise damaged()
    return int(found)


def _check_root(connection: sa.Connection, root: str) -> None:
    others = sa.select(TENANT.c.id).where(TENANT.c.root != root).limit(1)
    if connection.execute(others).first() is not None:
        raise RootReplaced


def _newest_wrap(connection: sa.Connection, tenant: str) -> bytes | None:
    query = (
        sa.select(TENANT.c.id)
        .where(TENANT.c.tenant == tenant, TENANT.c.use == "wrap")
        .order_by(TENANT.c.generation.desc())
        .limit(1)
    )
    found: bytes | None = connection.execute(query).scalar_one_or_none()
    return found


def _save(connection: sa.Connection, row: RotationRow) -> None:
    connection.execute(sa.delete(ROTATION).where(ROTATION.c.id == row.id))
    connection.execute(sa.insert(ROTATION), _values(row))


def _values(row: TenantKeyRow | SubjectKeyRow | RotationRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def _line(erasure: Erasure) -> dict[str, Any]:
    values = {name: getattr(erasure, name) for name in erasure.__dataclass_fields__}
    return values | {"keys": ",".join(key.hex() for key in erasure.keys)}


def _erasure(row: Any) -> Erasure:
    erasure_id, tenant, tag, joined, at, subject, done = row
    try:
        keys = tuple(bytes.fromhex(key) for key in joined.split(",") if key)
    except (AttributeError, TypeError, ValueError):
        raise damaged() from None
    return checked(Erasure(erasure_id, tenant, tag, keys, at, subject, done))
