"""The database: one writer that shares commits, several readers, work done in threads.

Work is a plain function of a connection. Writes that come while another commit
is under way are done together in the next one, each behind a savepoint, so that
many durable writes cost one fsync (group commit). A write that fails is undone
alone; the others of its commit stand.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Literal, TypeVar

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import DBAPIError

from metier.store._audit import HEADS
from metier.store._records import StoreUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]

Durability = Literal["commit", "wal"]
_SYNCHRONOUS = {"commit": "FULL", "wal": "NORMAL"}
_MOST = 128
"""Writes that share one commit."""
_READERS = 4


class Database:
    """A database of SQLite.

    Args:
        url: a SQLAlchemy URL, `sqlite:///FILE`.
        busy_seconds: how long to wait for another process's write.
        durability: "commit" makes each commit safe from a power cut (fsync); "wal"
            only from the end of the process, a power cut may take the last ones.
    """

    def __init__(
        self, url: str, busy_seconds: float = 5.0, durability: Durability = "commit"
    ) -> None:
        self.url = url
        self._synchronous = _SYNCHRONOUS[durability]
        self._engine = create_engine(
            url, connect_args={"timeout": busy_seconds, "check_same_thread": False}
        )
        event.listen(self._engine, "do_connect", self._own)
        event.listen(self._engine, "connect", self._configure)
        self._jobs: deque[_Job[Any]] = deque()
        self._state = threading.Lock()
        self._draining = False
        self._writer = ThreadPoolExecutor(1, "metier-write")
        self._readers = ThreadPoolExecutor(_READERS, "metier-read")

    async def read(self, work: Work[T]) -> T:
        """Does `work` in one transaction that sees one state and writes nothing.

        Raises:
            StoreUnavailable: the database can't be used.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    async def write(self, work: Work[T]) -> T:
        """Does `work` in a write transaction; on return it is as durable as configured.

        Cancelling takes back what has not begun; what has begun is finished.

        Raises:
            StoreUnavailable: the database can't be used; nothing of it was written.
        """
        job: _Job[T] = _Job(work, asyncio.get_running_loop())
        with self._state:
            self._jobs.append(job)
            idle, self._draining = not self._draining, True
        if idle:
            self._writer.submit(self._drain)
        return await job.future

    async def outside_transaction(self, statement: str) -> None:
        """Runs a statement of SQLite's own that can't be part of a transaction.

        Raises:
            StoreUnavailable: the database can't be used.
        """

        def run() -> None:
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql(statement)
            except DBAPIError as error:
                raise unavailable(error) from None

        await asyncio.get_running_loop().run_in_executor(self._writer, run)

    async def close(self) -> None:
        """Ends what is under way, and closes the connections; a later call opens them again."""
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()
        self._writer = ThreadPoolExecutor(1, "metier-write")
        self._readers = ThreadPoolExecutor(_READERS, "metier-read")

    def _read(self, work: Work[T]) -> T:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                return work(connection)
        except DBAPIError as error:
            raise unavailable(error) from None

    # --- the writer's thread -----------------------------------------------------------

    def _drain(self) -> None:
        """Commits batch after batch until nobody waits."""
        while True:
            with self._state:
                batch = [self._jobs.popleft() for _ in range(min(_MOST, len(self._jobs)))]
                if not batch:
                    self._draining = False
                    return
            self._commit([job for job in batch if not job.future.cancelled()])

    def _commit(self, batch: list[_Job[Any]]) -> None:
        if not batch:
            return
        try:
            with self._engine.connect() as connection:
                # IMMEDIATE: a writer waits here, and never after it has read.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                connection.info.pop(HEADS, None)
                for job in batch:
                    job.run(connection, alone=len(batch) == 1)
                if any(job.failed is None for job in batch):
                    connection.commit()
                else:
                    connection.rollback()
        except DBAPIError as error:
            for job in batch:
                job.failed = job.failed or unavailable(error)
        except BaseException as error:
            for job in batch:
                job.failed = job.failed or error
        _settle(batch)

    def _own(self, dialect: Any, record: Any, arguments: Any, named: Any) -> None:
        """Makes the file for its owner alone, before SQLite makes it for everybody."""
        path = self._engine.url.database
        if path and not os.path.exists(path):
            with contextlib.suppress(OSError):  # opening it says what is wrong
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def _configure(self, connection: Any, record: object) -> None:
        """SQLite: write-ahead log, explicit transactions, nothing left of what is deleted."""
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={self._synchronous}")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()


class _Job(Generic[T]):
    """One write, and the future of who waits for it."""

    def __init__(self, work: Work[T], loop: asyncio.AbstractEventLoop) -> None:
        self._work = work
        self._result: T | None = None
        self.failed: BaseException | None = None
        self.loop = loop
        self.future: asyncio.Future[T] = loop.create_future()

    def run(self, connection: Connection, *, alone: bool) -> None:
        """Does the work; what fails is undone, and the rest of the batch stands."""
        # Past SQLAlchemy, which takes ten times as long for a statement of two words.
        raw = connection.connection.driver_connection
        assert raw is not None
        if not alone:
            raw.execute("SAVEPOINT job")
        try:
            self._result = self._work(connection)
        except BaseException as error:
            self.failed = unavailable(error) if isinstance(error, DBAPIError) else error
            connection.info.pop(HEADS, None)
            if not alone:
                connection.exec_driver_sql("ROLLBACK TO job")
        if not alone:
            raw.execute("RELEASE job")

    def settle(self) -> None:
        if self.future.done():
            return  # who waited was cancelled
        if self.failed is not None:
            self.future.set_exception(self.failed)
        else:
            self.future.set_result(self._result)  # type: ignore[arg-type]


def _settle(batch: list[_Job[Any]]) -> None:
    """Tells those who wait, all of a loop in one go: waking a loop costs more than a write."""
    waiting: dict[asyncio.AbstractEventLoop, list[_Job[Any]]] = {}
    for job in batch:
        waiting.setdefault(job.loop, []).append(job)
    for loop, jobs in waiting.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(_settle_here, jobs)


def _settle_here(jobs: list[_Job[Any]]) -> None:
    for job in jobs:
        job.settle()


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
        return StoreUnavailable("its file can't be read or written", "Check the disk.")
    if "unable to open" in text:
        return StoreUnavailable("its file can't be opened", "Run `metier setup`.")
    if "no such table" in text:
        return StoreUnavailable("its schema is not there", "Run `metier setup`.")
    if "malformed" in text or "not a database" in text:
        return StoreUnavailable("its file is damaged", "Restore a backup.")
    return StoreUnavailable(type(error.orig).__name__, "See the database's own log.")
