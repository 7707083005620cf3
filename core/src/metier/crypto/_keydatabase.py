"""The database of the key store: a file of SQLite, or PostgreSQL where several servers share it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError

from metier.crypto._keytables import TABLES, damaged
from metier.crypto._root import KeyringError

_LOCK = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('metier/keys', 0))")
_WAIT = "-c lock_timeout={}ms -c synchronous_commit=on"


class KeyDatabase:
    """Reads, and writes one after another, however many processes there are.

    Args:
        url: `sqlite:///FILE`, or `postgresql+psycopg://ROLE@HOST/NAME`.
        busy_seconds: how long to wait for another's write.

    Raises:
        KeyringError: the URL names no database that can be used.
    """

    def __init__(self, url: str, busy_seconds: float) -> None:
        try:
            parsed = sa.make_url(url)
        except ArgumentError:  # its text may hold a password
            raise KeyringError("The URL of the key store can't be read.", "bad_config") from None
        self._file = parsed.get_backend_name() == "sqlite"
        if self._file:
            self._engine = sa.create_engine(parsed, connect_args={"timeout": busy_seconds})
            sa.event.listen(self._engine, "connect", _configure)
            return
        if parsed.drivername != "postgresql+psycopg":
            raise KeyringError(
                "The URL of the key store must be postgresql+psycopg://ROLE@HOST/NAME.",
                "bad_config",
            )
        options = {"connect_timeout": 10, "application_name": "metier-keys",
                   "options": _WAIT.format(max(1, int(busy_seconds * 1000)))}  # fmt: skip
        try:
            # Each look is short, and a server that was started again must not fail the next.
            self._engine = sa.create_engine(
                parsed, connect_args=options, pool_pre_ping=True, pool_size=4, max_overflow=4
            )
        except ModuleNotFoundError:
            raise KeyringError(
                "psycopg, the driver for PostgreSQL, is not installed. Run "
                "`pip install 'metier[postgresql]'`.",
                "bad_config",
            ) from None

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that no other write is beside; commits at its end.

        Raises:
            KeyringError: nothing was changed.
        """
        with self._explained(), self._engine.connect() as connection:
            if self._file:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(_LOCK)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Raises KeyringError where the database can't be read."""
        with self._explained(), self._engine.connect() as connection:
            yield connection

    def is_made(self) -> bool:
        """Whether its tables are there.

        Raises:
            KeyringError: the database can't be read.
        """
        with self.read() as connection:
            return bool(sa.inspect(connection).has_table(next(iter(TABLES.tables))))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise (_unusable(error) if self._file else _unreachable(error)) from None
        except UnicodeDecodeError:  # what SQLite says of a damaged schema quotes it
            raise damaged() from None


def _configure(connection: Any, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=TRUNCATE")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


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


def _unreachable(error: DBAPIError) -> KeyringError:
    """Names the cause without the statement, its parameters or the server's words."""
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == "55P03":
        reason, mend = "another process holds its lock", "Try again in a moment."
    elif state == "42P01":
        reason, mend = "its tables are not there", "Run `metier setup`."
    elif state.startswith(("42501", "28")):
        reason, mend = "its role may not do that", "See docs/postgresql.md."
    elif state.startswith("53100"):
        reason, mend = "the disk of its server is full", "Free some space; nothing was changed."
    elif state == "" or state.startswith(("08", "57P")):
        reason, mend = "its server can't be reached", "Check that PostgreSQL runs, and its URL."
    else:
        reason, mend = f"PostgreSQL says {state}", "See the log of its server."
    return KeyringError(f"The key store can't be used: {reason}. {mend}", "key_store_unusable")
