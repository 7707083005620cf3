"""PostgreSQL: a pool, several writers at once, each transaction bound to its tenant.

Row-level security shows a transaction the rows of one tenant, which it names first;
the name ends with the transaction. A connection whose role could get around that is
refused before its first use.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlmodel import SQLModel

from metier.store._audit import HEADS
from metier.store._isolation import APPEND_ONLY, SETTING, name_tenant, setting_for
from metier.store._jobs import Durability, Job, T, Work, run_batch
from metier.store._records import StoreUnavailable

_SYNCHRONOUS = {"commit": "on", "wal": "off"}
_CONNECT_SECONDS = 10
_PAGE = "See docs/postgresql.md."

# One round trip. The lock makes one tenant's writes, of all processes, one after another:
# the order of its audit chain, and no two writes that wait for each other.
_BEGIN_WRITE = text(
    f"SELECT set_config('{SETTING}', :tenant, true), "
    "set_config('synchronous_commit', :durability, true), "
    "set_config('lock_timeout', :wait, true), "
    "pg_advisory_xact_lock(hashtextextended(:lock, 0))"
)

_LOOSE = """
SELECT EXISTS (SELECT FROM pg_roles r
               WHERE (r.rolsuper OR r.rolbypassrls) AND pg_has_role(r.oid, 'MEMBER')),
       count(*) FILTER (WHERE pg_has_role(c.relowner, 'MEMBER')),
       count(*) FILTER (WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity)),
       has_schema_privilege(current_schema(), 'CREATE'),
       count(*) FILTER (WHERE has_table_privilege(c.oid, 'TRUNCATE, TRIGGER, REFERENCES')
           OR c.relname = ANY(%s) AND (has_table_privilege(c.oid, 'UPDATE, DELETE')
                                       OR has_any_column_privilege(c.oid, 'UPDATE')))
FROM pg_class c
WHERE c.relname = ANY(%s) AND c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
"""
_REASONS = (
    "its role is a superuser's or may bypass row-level security",
    "its role owns the tables, and could switch row-level security off",
    "row-level security is not forced on every table",
    "its role may create tables in the schema",
    "its role may truncate tables or change the audit log",
)


class Postgres:
    """A database of a PostgreSQL server.

    Args:
        url: with the application's role.
        busy_seconds: how long to wait for a lock.
        owner: with the role that owns the tables; None where it isn't known here.
    """

    readers = 4
    writers = 4

    def __init__(
        self, url: URL, busy_seconds: float, durability: Durability, owner: URL | None
    ) -> None:
        self._owner = owner
        self._begin_write = {
            "durability": _SYNCHRONOUS[durability],
            "wait": f"{max(1, int(busy_seconds * 1000))}ms",
        }
        self._engine = _engine(
            url, pool_size=self.readers + self.writers, max_overflow=0
        )  # a thread never waits for a connection
        event.listen(self._engine, "connect", _refuse_loose)
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )

    def lane(self, tenant: str | None) -> str:
        # Each is refused in its turn where no tenant is named.
        return "" if tenant is None else setting_for(tenant)

    def read(self, work: Work[T], tenant: str | None) -> T:
        try:
            with self._transaction(self._reading, _named(tenant), writes=False) as connection:
                return work(connection)
        except DBAPIError as error:
            raise unavailable(error) from None

    def write(self, batch: list[Job[Any]], tenant: str | None) -> None:
        explain = unavailable
        named = _named(tenant)
        try:
            with self._transaction(self._engine, named, writes=True) as connection:
                if self._run(connection, batch, named):
                    explain = _broken_commit
                    connection.commit()
        except DBAPIError as error:
            for job in batch:
                job.failed = job.failed or explain(error)
        except PendingRollbackError:  # the connection broke in an earlier job of the batch
            for job in batch:
                job.failed = job.failed or _unreachable()

    def migrate(self, upgrade: Work[None], check: Work[None]) -> None:
        """Migrates as the owner; without its URL, only checks the schema's version."""
        if self._owner is not None:
            engine = _engine(self._owner, poolclass=NullPool)
            try:
                with engine.connect() as connection:
                    connection.exec_driver_sql(
                        "SELECT pg_advisory_xact_lock(hashtextextended('metier/migrate', 0))"
                    )
                    upgrade(connection)
                    connection.commit()
            except DBAPIError as error:
                raise unavailable(error) from None
        self.read(check, "")

    def whole(self) -> bool:
        """True: the server looks after its files, and `amcheck` is its administrator's."""
        return True

    def compact(self) -> None:
        """Nothing: the server's own vacuum frees deleted rows."""

    def dispose(self) -> None:
        self._engine.dispose()

    def _run(self, connection: Connection, batch: list[Job[Any]], tenant: str) -> bool:
        """Does the jobs; whether there is something to commit.

        First without savepoints, which are two of the three round trips of an append.
        Where a job fails, all is undone and done again with them.
        """
        if len(batch) > 1:
            connection.info.pop(HEADS, None)
            for job in batch:
                job.run_alone(connection, unavailable)
                if job.failed is not None:
                    break
            else:
                return True
            for job in batch:
                job.failed = None
            connection.rollback()
            self._begin(connection, tenant, writes=True)
        return run_batch(connection, batch, unavailable, connection.exec_driver_sql)

    @contextmanager
    def _transaction(self, engine: Engine, tenant: str, *, writes: bool) -> Iterator[Connection]:
        """A transaction that is bound to a tenant; what isn't committed is undone."""
        connection = engine.connect()
        try:
            try:
                self._begin(connection, tenant, writes=writes)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # The server was started again since this connection was last used; nothing
                # was done yet, so a new connection does as well.
                connection.close()
                connection = engine.connect()
                self._begin(connection, tenant, writes=writes)
            yield connection
        finally:
            connection.close()

    def _begin(self, connection: Connection, tenant: str, *, writes: bool) -> None:
        if not writes:
            name_tenant(connection, tenant)
            return
        names = {"tenant": setting_for(tenant), "lock": f"metier/tenant/{tenant}"}
        connection.execute(_BEGIN_WRITE, {**names, **self._begin_write})


def _named(tenant: str | None) -> str:
    if tenant is None:
        raise StoreUnavailable(
            "on PostgreSQL a transaction is about one tenant, and none is named",
            "This command works with a store of SQLite only.",
        )
    return tenant


def _engine(url: URL, **options: Any) -> Engine:
    if url.drivername != "postgresql+psycopg":
        raise StoreUnavailable(
            f"{url.drivername!r} is no database it knows",
            "Use sqlite:///FILE or postgresql+psycopg://ROLE@HOST/NAME.",
        )
    arguments = {"connect_timeout": _CONNECT_SECONDS, "application_name": "metier"}
    try:
        return create_engine(url, connect_args=arguments, **options)
    except ModuleNotFoundError:
        raise StoreUnavailable(
            "psycopg, the driver for PostgreSQL, is not installed",
            "Run `pip install 'metier[postgresql]'`.",
        ) from None


def _refuse_loose(connection: Any, record: object) -> None:
    """Refuses a new connection whose role could see another tenant or rewrite the log."""
    tables = [t.name for t in SQLModel.metadata.sorted_tables if "tenant" in t.columns]
    cursor = connection.execute(_LOOSE, (list(APPEND_ONLY), tables))
    found = cursor.fetchone()
    connection.rollback()
    reasons = [reason for reason, loose in zip(_REASONS, found, strict=True) if loose]
    if reasons:
        connection.close()
        raise StoreUnavailable("; ".join(reasons), _PAGE)


def _broken_commit(error: DBAPIError) -> StoreUnavailable:
    """The one failure after which something may have been written."""
    if not error.connection_invalidated:
        return unavailable(error)
    return StoreUnavailable(
        "the connection broke while it was committing, and whether that was written is not known",
        "Look before you send it again.",
    )


_LOST = "08"
_REFUSED = "28"
_CAUSES: tuple[tuple[str, str, str], ...] = (
    ("57P", "its server is stopping or starting", "Try again in a moment."),
    ("42P01", "its schema is not there", "Run `metier setup` with the owner's URL."),
    ("42501", "its role may not do that", _PAGE),
    ("55P03", "another process holds its lock", "Try again in a moment."),
    ("40", "another write was in the way", "Try again in a moment."),
    ("53100", "the disk of its server is full", "Free some space and try again."),
    ("53300", "its server has too many connections", "Raise max_connections."),
    ("25006", "it is read-only", "Use the primary server, not a replica."),
    ("XX00", "its server says that data is damaged", "Restore a backup."),
    (
        _REFUSED,
        "its server refuses the connection",
        f"Check database, role and password of its URL; the server's log says more. {_PAGE}",
    ),
)


def unavailable(error: DBAPIError) -> StoreUnavailable:
    """Names the cause without the statement, its parameters or the server's words."""
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is None and "FATAL:" in str(error.orig):
        state = _refused(str(error.orig))
    if state is None:
        lost = error.connection_invalidated or _is_operational(error)
        state = _LOST if lost else ""
    if state.startswith(_LOST):
        return _unreachable()
    for start, reason, mend in _CAUSES:
        if state.startswith(start):
            return StoreUnavailable(reason, mend)
    return StoreUnavailable(type(error.orig).__name__, "See the log of its server.")


def _refused(words: str) -> str:
    """The code of a connection that was refused: it brings words only, which are English or not."""
    if "the database system is " in words:  # ... starting up, shutting down, in recovery mode
        return "57P03"
    if "too many clients" in words or "connection slots" in words:
        return "53300"
    return _REFUSED


def _unreachable() -> StoreUnavailable:
    return StoreUnavailable(
        "its server can't be reached", "Check that PostgreSQL runs and its URL."
    )


def _is_operational(error: DBAPIError) -> bool:
    return any(kind.__name__ == "OperationalError" for kind in type(error.orig).__mro__)
