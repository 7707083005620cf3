"""Copies of the two databases as they are at one moment, while others write to them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from metier.backup._errors import BackupError
from metier.backup._manifest import Head

Step = Callable[[int, int], None]
"""Told of progress: (pages done, pages in all)."""
_PAGES = 256
"""Pages in one step; between two steps nothing is held."""
_BUSY = 30.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What a store holds, in numbers."""

    revision: str
    tenants: list[str]
    heads: list[Head]
    rows: dict[str, int]
    keys: frozenset[bytes]
    """Ids of the keys that sealed its records."""


def take_snapshot(source: Path, target: Path, step: Step | None = None) -> Facts:
    """Copies a store to a new file with SQLite's backup interface.

    The copy is of the moment when it began: a read transaction is held meanwhile, which
    keeps no writer of a write-ahead log waiting. (Without it, SQLite begins anew after
    each write of another process, and on a busy store never ends.)

    Raises:
        sqlite3.Error, OSError: it can't be read or written.
        BackupError: the store is damaged.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with closing(_connect(source)) as store, closing(sqlite3.connect(target)) as copy:
        store.execute("BEGIN")
        store.execute("SELECT count(*) FROM sqlite_master").fetchone()
        copy.execute("PRAGMA synchronous=OFF")  # it is sealed from here, and never used itself

        def progress(status: int, remaining: int, total: int) -> None:
            if step is not None:
                step(total - remaining, total)

        store.backup(copy, pages=_PAGES, progress=progress)
        store.execute("COMMIT")
        copy.execute("PRAGMA journal_mode=DELETE")
        check_pages(copy)
        return _facts(copy)


def check_pages(connection: sqlite3.Connection) -> None:
    """Looks whether a database's pages hang together.

    Raises:
        BackupError: they don't.
    """
    try:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError:
        found = None
    if found != ("ok",):
        raise BackupError(
            "The store is damaged: its pages don't hang together. No backup was made of it; those "
            "made before are as they were. Keep a copy of the store, and restore the newest "
            "backup (`metier restore --replace`).",
            "store_damaged",
        )


def _facts(copy: sqlite3.Connection) -> Facts:
    names = [
        str(row[0])
        for row in copy.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
    ]
    rows = {
        name: int(copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608
        for name in sorted(names)
        if name != "alembic_version"
    }
    heads = [
        Head(tenant=str(tenant), seq=int(seq), hash=bytes(digest).hex())
        for tenant, seq, digest in copy.execute(
            "SELECT tenant, max(seq), hash FROM audit_event GROUP BY tenant ORDER BY tenant"
        )
    ]
    tenants = [
        str(row[0])
        for row in copy.execute(
            "SELECT tenant FROM subject UNION SELECT tenant FROM audit_event ORDER BY 1"
        )
    ]
    revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return Facts(str(revision[0]) if revision else "", tenants, heads, rows, _keys(copy, names))


def _keys(copy: sqlite3.Connection, names: list[str]) -> frozenset[bytes]:
    found = {row[0] for row in copy.execute("SELECT DISTINCT key_id FROM subject")}
    for name in names:
        columns = {row[1] for row in copy.execute(f'PRAGMA table_info("{name}")')}
        if {"subject", "sealed"} <= columns:
            query = f'SELECT DISTINCT substr(sealed, 2, 32) FROM "{name}"'  # noqa: S608
            found |= {row[0] for row in copy.execute(query)}
    return frozenset(key for key in found if isinstance(key, bytes))


@dataclass(frozen=True, slots=True)
class KeyCopy:
    """The key store at one moment.

    Args:
        data: the bytes of a database file.
        keys: ids of the subjects' keys that are in it, or in its ledger of destroyed ones.
    """

    data: bytes
    version: int
    keys: frozenset[bytes]

    def __repr__(self) -> str:
        return "KeyCopy(hidden)"


def key_store_copy(path: Path) -> KeyCopy:
    """Copies the key store; no file is made.

    Raises:
        sqlite3.Error: it can't be read.
    """
    with closing(_connect(path)) as store, closing(sqlite3.connect(":memory:")) as copy:
        store.backup(copy)
        version = copy.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
        # Of a key that was destroyed after a rotation the id is left, and nothing else.
        there = copy.execute("SELECT id FROM subject_key WHERE length(wrapped) > 0")
        keys = {bytes(row[0]) for row in there}
        for (line,) in copy.execute("SELECT keys FROM erasure"):
            keys |= {bytes.fromhex(key) for key in str(line).split(",") if key}
        return KeyCopy(copy.serialize(), int(version[0]), frozenset(keys))


def readable(path: Path) -> bool:
    """Whether there is a database, found out without changing it or its log.

    SQLite deletes the log of a file that it can't read, and with it what might be saved.
    """
    if not path.is_file():
        return False
    try:
        with closing(
            sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
        ) as store:
            return store.execute("SELECT count(*) FROM sqlite_master").fetchone() is not None
    except sqlite3.Error:
        return False


def settle(path: Path) -> None:
    """Writes a store's log into its file, so that the file is all of it.

    Raises:
        BackupError: another process has it open.
    """
    try:
        with closing(_connect(path, busy=1.0)) as store:
            busy = bool(store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        busy = "locked" in str(error)
    if busy:
        raise BackupError(
            "Another process has the store open. Nothing was changed. Wait until it has finished, "
            "and try again.",
            "home_in_use",
        )


def _connect(path: Path, busy: float = _BUSY) -> sqlite3.Connection:
    """Opens a database that is there; makes none."""
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode=rw", uri=True, timeout=busy, isolation_level=None
    )
