"""One write, the future of who waits for it, and what a database does for both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Generic, Literal, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from metier.store._audit import HEADS
from metier.store._records import StoreUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]
Explain = Callable[[DBAPIError], StoreUnavailable]

Durability = Literal["commit", "wal"]


class Job(Generic[T]):
    """One write, and the future of who waits for it."""

    def __init__(self, work: Work[T], loop: asyncio.AbstractEventLoop | None = None) -> None:
        self._work = work
        self._result: T | None = None
        self.failed: BaseException | None = None
        self.loop = loop
        self.future: asyncio.Future[T] | None = loop.create_future() if loop else None

    def run(self, connection: Connection, explain: Explain, mark: Callable[[str], Any]) -> None:
        """Does the work; what fails is undone, and the rest of the batch stands."""
        mark("SAVEPOINT job")
        self.run_alone(connection, explain)
        if self.failed is not None:
            mark("ROLLBACK TO SAVEPOINT job")
        mark("RELEASE SAVEPOINT job")

    def run_alone(self, connection: Connection, explain: Explain) -> None:
        """Does the work as the whole of a transaction, which is undone where it fails."""
        try:
            self._result = self._work(connection)
        except BaseException as error:
            self.failed = explain(error) if isinstance(error, DBAPIError) else error
            connection.info.pop(HEADS, None)

    def cancelled(self) -> bool:
        """Whether who waited has gone before it began."""
        return self.future is not None and self.future.cancelled()

    def settle(self) -> None:
        if self.future is None or self.future.done():
            return  # who waited was cancelled
        if self.failed is not None:
            self.future.set_exception(self.failed)
        else:
            self.future.set_result(self._result)  # type: ignore[arg-type]


def run_batch(
    connection: Connection, batch: list[Job[Any]], explain: Explain, mark: Callable[[str], Any]
) -> bool:
    """Does the jobs within the transaction under way; whether there is something to commit.

    Args:
        mark: runs a statement about a savepoint.
    """
    connection.info.pop(HEADS, None)
    if len(batch) == 1:
        batch[0].run_alone(connection, explain)
    else:
        for job in batch:
            job.run(connection, explain, mark)
    return any(job.failed is None for job in batch)


def settle(batch: list[Job[Any]]) -> None:
    """Tells those who wait, all of a loop in one go: waking a loop costs more than a write."""
    waiting: dict[asyncio.AbstractEventLoop, list[Job[Any]]] = {}
    for job in batch:
        if job.loop is not None:
            waiting.setdefault(job.loop, []).append(job)
    for loop, jobs in waiting.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(_settle_here, jobs)


def _settle_here(jobs: list[Job[Any]]) -> None:
    for job in jobs:
        job.settle()


class Backend(Protocol):
    """What a kind of database does; every method blocks and is called in a thread.

    Attributes:
        readers, writers: how many threads may read and write at once.
    """

    readers: int
    writers: int

    def lane(self, tenant: str | None) -> str:
        """Writes of one lane are done in order and share commits; lanes go side by side."""
        ...

    def read(self, work: Work[T], tenant: str | None) -> T:
        """Does `work` in one transaction that sees one state and writes nothing."""
        ...

    def write(self, batch: list[Job[Any]], tenant: str | None) -> None:
        """Does the jobs in one transaction; each job is told how it failed."""
        ...

    def migrate(self, upgrade: Work[None], check: Work[None]) -> None:
        """Brings the schema to this version, or checks it where this role may not change it."""
        ...

    def whole(self) -> bool:
        """Whether tables and indexes fit together, where the database can be asked."""
        ...

    def compact(self) -> None:
        """Leaves nothing of what was deleted where the database can do that at once."""
        ...

    def dispose(self) -> None: ...
