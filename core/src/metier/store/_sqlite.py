"""SQLite: one writer that shares commits, several readers."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from sqlalchemy import URL, create_engine, event
from sqlalchemy.exc import DBAPIError

from metier.store._jobs import Durability, Job, T, Work, run_batch
from metier.store._records import StoreUnavailable
from metier.store._sql import run_text

_SYNCHRONOUS = {"commit": "FULL", "wal": "NORMAL"}


class Sqlite:
    """A database in a file. Whoever may read the file reads every tenant."""

    readers = 4
    writers = 1

    def __init__(self, url: URL, busy_seconds: float, durability: Durability) -> None:
        self._synchronous = _SYNCHRONOUS[durability]
        self._engine = create_engine(
            url, connect_args={"timeout": busy_seconds, "check_same_thread": False}
        )
        event.listen(self._engine, "do_connect", self._own)
        event.listen(self._engine, "connect", self._configure)

    def lane(self, tenant: str | None) -> str:
        return ""

    def read(self, work: Work[T], tenant: str | None) -> T:
        try:
            with self._engine.connect() as connection:
                run_text(connection, "BEGIN", ())  # ends where the connection is given back
                return work(connection)
        except DBAPIError as error:
            raise unavailable(error) from None
        except UnicodeDecodeError:  # what SQLite says of a damaged schema quotes it
            raise _damaged() from None

    def write(self, batch: list[Job[Any]], tenant: str | None) -> None:
        try:
            with self._engine.connect() as connection:
                # IMMEDIATE: a writer waits here, and never after it has read.
                run_text(connection, "BEGIN IMMEDIATE", ())

                def mark(words: str) -> None:
                    run_text(connection, words, ())

                done = run_batch(connection, batch, unavailable, mark)
                run_text(connection, "COMMIT" if done else "ROLLBACK", ())
        except DBAPIError as error:
            for job in batch:
                job.failed = job.failed or unavailable(error)
        except UnicodeDecodeError:
            for job in batch:
                job.failed = job.failed or _damaged()

    def migrate(self, upgrade: Work[None], check: Work[None]) -> None:
        """Migrates, alone; where the schema is this version's already nobody is kept waiting."""
        try:
            return self.read(check, None)
        except StoreUnavailable:
            pass  # another version's, none yet, or broken: upgrading puts it right, or tells why
        job = Job(upgrade)
        self.write([job], None)
        if job.failed is not None:
            raise job.failed

    def whole(self) -> bool:
        """Whether tables and indexes fit together, page by page."""
        try:
            with self._engine.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        except DBAPIError as error:
            raise unavailable(error) from None
        except UnicodeDecodeError:
            raise _damaged() from None
        return bool(found == "ok")

    def compact(self) -> None:
        """Writes the log into the file and empties it."""
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        except DBAPIError as error:
            raise unavailable(error) from None

    def dispose(self) -> None:
        self._engine.dispose()

    def _own(self, dialect: Any, record: Any, arguments: Any, named: Any) -> None:
        """Makes the file for its owner alone, before SQLite makes it for everybody."""
        path = self._engine.url.database
        if path and not os.path.exists(path):
            with contextlib.suppress(OSError):  # opening it says what is wrong
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def _configure(self, connection: Any, record: object) -> None:
        """Write-ahead log, explicit transactions, nothing left of what is deleted."""
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={self._synchronous}")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()


def unavailable(error: DBAPIError) -> StoreUnavailable:
    """Names the cause without the statement or its parameters."""
    text = str(error.orig).lower()
    if "locked" in text or "busy" in text:
        return StoreUnavailable("another process holds its lock", "Try again in a moment.")
    if "full" in text:
        return StoreUnavailable("the disk is full", "Free some space and try again.")
    if "readonly" in text:
        return StoreUnavailable("it is read-only", "Check the file's permissions.")
    if "disk i/o" in text:
        return StoreUnavailable("its file can't be read or written", "Is the disk full, or broken?")
    if "unable to open" in text:
        return StoreUnavailable("its file can't be opened", "Run `metier setup`.")
    if "no such table" in text:
        return StoreUnavailable("its schema is not there", "Run `metier setup`.")
    if "malformed" in text or "not a database" in text:
        return _damaged()
    return StoreUnavailable(type(error.orig).__name__, "See the database's own log.")


def _damaged() -> StoreUnavailable:
    return StoreUnavailable("its file is damaged", "Restore a backup.")
