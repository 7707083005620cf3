"""The database: work done in threads, writes that share commits.

Work is a plain function of a connection. Writes that come while another commit
is under way are done together in the next one, each behind a savepoint, so that
many durable writes cost one fsync (group commit). A write that fails is undone
alone; the others of its commit stand. SQLite has one writer for everything;
PostgreSQL has several at once, and one at a time for a tenant.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from metier.store._jobs import Backend, Durability, Job, T, Work, settle
from metier.store._postgres import Postgres
from metier.store._records import StoreUnavailable
from metier.store._sqlite import Sqlite

_MOST = 128
"""Writes that share one commit."""


class Database:
    """A database of SQLite or PostgreSQL.

    Args:
        url: `sqlite:///FILE`, or `postgresql+psycopg://ROLE@HOST/NAME`; the role is the
            application's, which row-level security binds (docs/postgresql.md).
        busy_seconds: how long to wait for another process's write.
        durability: "commit" makes each commit safe from a power cut (fsync). "wal" does
            not: a power cut may take the last ones, on PostgreSQL a crash of its server
            also; the end of this process takes none.
        owner_url: PostgreSQL: the role that owns the tables, used by `migrate` alone.

    Attributes:
        url: the URL without its password.

    Raises:
        StoreUnavailable: the URL names no database that can be used.
    """

    def __init__(
        self,
        url: str,
        busy_seconds: float = 5.0,
        durability: Durability = "commit",
        owner_url: str | None = None,
    ) -> None:
        self.url = _parsed(url).render_as_string(hide_password=True)
        self._backend = _backend(url, busy_seconds, durability, owner_url)
        self._lanes: dict[str, deque[Job[Any]]] = {}
        self._state = threading.Lock()
        self._make_threads()

    async def read(self, work: Work[T], tenant: str | None = None) -> T:
        """Does `work` in one transaction that sees one state and writes nothing.

        Args:
            tenant: whose rows it is about; "" for those of the installation itself. None
                is every tenant's, which SQLite alone can do.

        Raises:
            StoreUnavailable: the database can't be used.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, self._backend.read, work, tenant)

    async def write(self, work: Work[T], tenant: str | None = None) -> T:
        """Does `work` in a write transaction; on return it is as durable as configured.

        Cancelling takes back what has not begun; what has begun is finished.

        Args:
            tenant: as for `read`.

        Raises:
            StoreUnavailable: the database can't be used; nothing of it was written.
        """
        job = Job(work, asyncio.get_running_loop())
        lane = self._backend.lane(tenant)
        with self._state:
            idle = lane not in self._lanes
            self._lanes.setdefault(lane, deque()).append(job)
        if idle:
            self._writers.submit(self._drain, lane, tenant)
        assert job.future is not None
        return await job.future

    async def whole(self) -> bool:
        """Whether tables and indexes fit together; reads the whole of a SQLite file.

        Raises:
            StoreUnavailable: the database can't be used.
        """
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._backend.whole)

    async def compact(self) -> None:
        """Leaves nothing of what was deleted in the files, where the database can do that.

        SQLite writes its log into the file and empties it. PostgreSQL frees deleted rows
        by its own vacuum; what is left until then opens with no key that is there.

        Raises:
            StoreUnavailable: the database can't be used.
        """
        await asyncio.get_running_loop().run_in_executor(self._writers, self._backend.compact)

    async def close(self) -> None:
        """Ends what is under way, and closes the connections; a later call opens them again."""
        await asyncio.to_thread(self._writers.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._backend.dispose()
        self._make_threads()

    async def _migrate(self, upgrade: Work[None], check: Work[None]) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writers, self._backend.migrate, upgrade, check)

    def _make_threads(self) -> None:
        self._writers = ThreadPoolExecutor(self._backend.writers, "metier-write")
        self._readers = ThreadPoolExecutor(self._backend.readers, "metier-read")

    # --- a writer's thread -------------------------------------------------------------

    def _drain(self, lane: str, tenant: str | None) -> None:
        """Commits batch after batch of a lane until nobody waits in it."""
        while batch := self._next(lane):
            self._commit([job for job in batch if not job.cancelled()], tenant)
            if self._yields(lane, tenant):
                return

    def _next(self, lane: str) -> list[Job[Any]]:
        """The next batch of a lane; one that is empty is no more."""
        with self._state:
            waiting = self._lanes[lane]
            if not waiting:
                del self._lanes[lane]
            return [waiting.popleft() for _ in range(min(_MOST, len(waiting)))]

    def _yields(self, lane: str, tenant: str | None) -> bool:
        """Goes to the end of the queue where other lanes wait for a thread."""
        with self._state:
            crowded = len(self._lanes) > self._backend.writers
        if not crowded:
            return False
        try:
            self._writers.submit(self._drain, lane, tenant)
        except RuntimeError:  # it is being closed: what waits is finished here
            return False
        return True

    def _commit(self, batch: list[Job[Any]], tenant: str | None) -> None:
        if not batch:
            return
        try:
            self._backend.write(batch, tenant)
        except BaseException as error:
            for job in batch:
                job.failed = job.failed or error
        settle(batch)


def _backend(
    url: str, busy_seconds: float, durability: Durability, owner_url: str | None
) -> Backend:
    where, owner = _parsed(url), _parsed(owner_url) if owner_url else None
    if where.get_backend_name() == "sqlite":
        return Sqlite(where, busy_seconds, durability)
    return Postgres(where, busy_seconds, durability, owner)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:  # its text may hold a password
        raise StoreUnavailable("its URL can't be read", "Check the URL of the store.") from None
