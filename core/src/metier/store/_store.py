"""Reading and writing, one transaction a method."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import delete, event, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from metier.store._records import (
    AuditBuild,
    AuditRow,
    Conflict,
    FeedbackCommit,
    SealedRow,
    StoreUnavailable,
    TurnCommit,
    TurnRow,
)
from metier.store._tables import (
    OF_SUBJECT,
    AuditEventRow,
    ChainRow,
    ConversationRow,
    FactRow,
    FeedbackRow,
    PluginStateRow,
    SubjectRow,
    TurnRecordRow,
    VaultRow,
)

_MIGRATIONS = Path(__file__).parent / "migrations"
_GENESIS = bytes(32)


class Store:
    """The database of one installation.

    Args:
        url: a SQLAlchemy URL, `sqlite+aiosqlite:///FILE`.
        busy_seconds: how long to wait for another process's write.
    """

    def __init__(self, url: str, busy_seconds: float = 5.0) -> None:
        self._url = url
        self._engine = create_async_engine(url, connect_args={"timeout": busy_seconds})
        self._writer = asyncio.Lock()
        event.listen(self._engine.sync_engine, "connect", _configure)

    async def migrate(self) -> None:
        """Brings the schema to this version (Alembic).

        Raises:
            StoreUnavailable: where it can't be used, or a newer metier wrote it.
        """
        async with self._begin() as connection:
            await connection.run_sync(_upgrade)

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[AsyncConnection]:
        """One write transaction; what fails in it is rolled back whole."""
        try:
            # SQLite has one writer: waiting here is fairer than its busy loop.
            async with self._writer, self._engine.connect() as connection:
                # IMMEDIATE: a writer waits here, and never after it has read.
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    await connection.rollback()
                    raise
                await connection.commit()
        except DBAPIError as error:
            raise _unavailable(error) from None

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise _unavailable(error) from None

    # --- subjects ------------------------------------------------------------

    async def subject_key(self, tenant: str, subject: str) -> bytes | None:
        """The subject's wrapped data key, or None."""
        query = _select(SubjectRow, "wrapped_key").where(*_of(SubjectRow, tenant, subject))
        found: bytes | None = await self._scalar(query)
        return found

    async def add_subject_key(self, tenant: str, subject: str, wrapped: bytes) -> bytes:
        """Keeps the first key written for the subject, and returns it."""
        values = {"tenant": tenant, "subject": subject, "wrapped_key": wrapped, "revision": 0}
        async with self._begin() as connection:
            await connection.execute(
                sqlite_insert(SubjectRow).values(values).on_conflict_do_nothing()
            )
            query = _select(SubjectRow, "wrapped_key").where(*_of(SubjectRow, tenant, subject))
            kept: bytes = (await connection.execute(query)).scalar_one()
            return kept

    async def revision(self, tenant: str, subject: str) -> int:
        """How often the subject's data has changed; 0 where nothing is known."""
        query = _select(SubjectRow, "revision").where(*_of(SubjectRow, tenant, subject))
        return await self._scalar(query) or 0

    async def delete_subject(self, tenant: str, subject: str) -> int:
        """Deletes every row about the subject, the key included; returns how many."""
        count = 0
        async with self._begin() as connection:
            for table in OF_SUBJECT:
                result = await connection.execute(delete(table).where(*_of(table, tenant, subject)))
                count += result.rowcount
        return count

    # --- profile and plugin state ----------------------------------------------

    async def facts(self, tenant: str, subject: str) -> list[SealedRow]:
        """The subject's facts in the order they were learned."""
        query = (
            _select(FactRow, "id", "sealed")
            .where(*_of(FactRow, tenant, subject))
            .order_by(_column(FactRow, "place"))
        )
        return [SealedRow(*row) for row in await self._rows(query)]

    async def plugin_states(self, tenant: str, subject: str) -> dict[str, SealedRow]:
        """Sealed plugin states by plugin."""
        query = _select(PluginStateRow, "plugin", "sealed").where(
            *_of(PluginStateRow, tenant, subject)
        )
        return {row[0]: SealedRow(*row) for row in await self._rows(query)}

    async def save_facts(
        self,
        tenant: str,
        subject: str,
        rows: Sequence[SealedRow],
        deleted: Sequence[str],
        expected_revision: int,
        event: AuditBuild,
    ) -> None:
        """Writes and deletes facts, and the event that tells it, in one transaction.

        Raises:
            Conflict: where the subject has changed since `expected_revision`.
        """
        async with self._begin() as connection:
            await _advance(connection, tenant, subject, expected_revision)
            await _write_facts(connection, tenant, subject, rows, deleted)
            await _chain(connection, event)

    async def save_feedback(self, commit: FeedbackCommit) -> None:
        """Keeps a judgement of a turn, in one transaction; a later one replaces it.

        Raises:
            Conflict: where the subject has changed since `commit.expected_revision`.
        """
        who = {"tenant": commit.tenant, "subject": commit.subject}
        async with self._begin() as connection:
            await _advance(connection, commit.tenant, commit.subject, commit.expected_revision)
            await _put(connection, FeedbackRow, **who, turn=commit.turn, sealed=commit.sealed)
            for plugin, sealed in commit.plugin_states.items():
                await _put(connection, PluginStateRow, **who, plugin=plugin, sealed=sealed)
            await _chain(connection, commit.event)

    # --- conversations -----------------------------------------------------------

    async def conversation_vault(
        self, tenant: str, conversation: str, actor: str, since: int = 0
    ) -> bytes | None:
        """The sealed vault of an actor; None where it has not been used since then."""
        query = _select(VaultRow, "sealed").where(
            _column(VaultRow, "tenant") == tenant,
            _column(VaultRow, "conversation") == conversation,
            _column(VaultRow, "actor") == actor,
            _column(VaultRow, "at") >= since,
        )
        found: bytes | None = await self._scalar(query)
        return found

    async def conversation_messages(
        self, tenant: str, conversation: str, since: int = 0
    ) -> bytes | None:
        """The sealed messages; None where the conversation has not been used since then."""
        query = _select(ConversationRow, "sealed").where(
            _column(ConversationRow, "tenant") == tenant,
            _column(ConversationRow, "id") == conversation,
            _column(ConversationRow, "at") >= since,
        )
        found: bytes | None = await self._scalar(query)
        return found

    async def conversation_of_digest(self, tenant: str, digest: str) -> str | None:
        query = _select(ChainRow, "conversation").where(
            _column(ChainRow, "tenant") == tenant, _column(ChainRow, "digest") == digest
        )
        found: str | None = await self._scalar(query)
        return found

    async def turn_record(self, tenant: str, turn: str) -> TurnRow | None:
        query = _select(TurnRecordRow, "subject", "conversation", "domain", "sealed").where(
            _column(TurnRecordRow, "tenant") == tenant, _column(TurnRecordRow, "turn") == turn
        )
        rows = await self._rows(query)
        return TurnRow(*rows[0]) if rows else None

    async def subject_turns(self, tenant: str, subject: str) -> list[str]:
        """Ids of the subject's stored turns."""
        query = _select(TurnRecordRow, "turn").where(*_of(TurnRecordRow, tenant, subject))
        return [row[0] for row in await self._rows(query)]

    async def commit_turn(self, commit: TurnCommit) -> None:
        """Writes everything a turn changed, its audit event included, in one transaction.

        Raises:
            Conflict: where the subject has changed since `commit.expected_revision`.
            StoreUnavailable: where nothing could be written.
        """
        tenant, subject = commit.tenant, commit.subject
        who = {"tenant": tenant, "subject": subject}
        async with self._begin() as connection:
            await _advance(connection, tenant, subject, commit.expected_revision)
            await _write_facts(connection, tenant, subject, commit.facts, commit.retired_facts)
            for plugin, sealed in commit.plugin_states.items():
                await _put(connection, PluginStateRow, **who, plugin=plugin, sealed=sealed)
            await _put(
                connection,
                VaultRow,
                **who,
                conversation=commit.conversation,
                actor=commit.actor,
                sealed=commit.vault,
                at=commit.at,
            )
            await _put(
                connection,
                ConversationRow,
                **who,
                id=commit.conversation,
                sealed=commit.messages,
                at=commit.at,
            )
            await _put(
                connection,
                ChainRow,
                **who,
                digest=commit.digest,
                conversation=commit.conversation,
            )
            await _put(
                connection,
                TurnRecordRow,
                **who,
                turn=commit.turn,
                conversation=commit.conversation,
                domain=commit.domain,
                sealed=commit.record,
                at=commit.at,
            )
            await _chain(connection, commit.event)

    async def purge(self, before: int, event: Callable[[int], AuditBuild]) -> int:
        """Deletes vaults, conversations and turn records from before a time, of every tenant.

        Digests that lead to a conversation go with it, so that none leads nowhere.

        Args:
            before: seconds since 1970.
            event: makes the audit event of the number of rows; of the same transaction.

        Returns:
            How many rows are gone.
        """
        due = [(t, _column(t, "at") < before) for t in (VaultRow, ConversationRow, TurnRecordRow)]
        oldest = [await self._scalar(select(func.min(_column(table, "at")))) for table, _ in due]
        if not any(at is not None and at < before for at in oldest):
            return 0  # without waiting for the writer
        count = 0
        async with self._begin() as connection:
            gone = select(_column(ConversationRow, "id")).where(
                _column(ConversationRow, "tenant") == _column(ChainRow, "tenant"),
                _column(ConversationRow, "id") == _column(ChainRow, "conversation"),
                _column(ConversationRow, "at") < before,
            )
            result = await connection.execute(delete(ChainRow).where(gone.exists()))
            count += result.rowcount
            for table, condition in due:
                result = await connection.execute(delete(table).where(condition))
                count += result.rowcount
            if count:
                await _chain(connection, event(count))
        return count

    # --- audit -------------------------------------------------------------------

    async def append_audit(self, event: AuditBuild) -> AuditRow:
        """Appends one event that tells of nothing else in the store."""
        async with self._begin() as connection:
            return await _chain(connection, event)

    async def audit_events(self, after: int = 0, limit: int = 1000) -> list[AuditRow]:
        """Events with a sequence number above `after`, in order, at most `limit`."""
        query = (
            _select(AuditEventRow, "seq", "previous", "hash", "body")
            .where(_column(AuditEventRow, "seq") > after)
            .order_by(_column(AuditEventRow, "seq"))
            .limit(limit)
        )
        return [AuditRow(*row) for row in await self._rows(query)]

    # --- helpers -----------------------------------------------------------------

    async def _scalar(self, query: Any) -> Any:
        async with self._read() as connection:
            return (await connection.execute(query)).scalar_one_or_none()

    async def _rows(self, query: Any) -> Sequence[Any]:
        async with self._read() as connection:
            return (await connection.execute(query)).all()


def _configure(connection: Any, record: object) -> None:
    """SQLite: write-ahead log, durable commits, explicit transactions."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _upgrade(connection: Any) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    settings = Config()
    # Values of the configuration are expanded, so a "%" in the path is doubled.
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    known = {s.revision for s in ScriptDirectory.from_config(settings).walk_revisions()}
    if not known.issuperset(MigrationContext.configure(connection).get_current_heads()):
        raise StoreUnavailable(
            "a newer metier wrote it",
            "Install that version again, or restore a backup from before it.",
        )
    command.upgrade(settings, "head")


def _column(table: Any, name: str) -> Any:
    return table.__table__.c[name]


def _select(table: Any, *names: str) -> Any:
    return select(*(_column(table, name) for name in names))


def _of(table: Any, tenant: str, subject: str) -> tuple[Any, Any]:
    return _column(table, "tenant") == tenant, _column(table, "subject") == subject


async def _put(connection: AsyncConnection, table: Any, **values: Any) -> None:
    """Inserts a row, or replaces the one with its primary key."""
    keys = [c.name for c in table.__table__.primary_key.columns]
    changes = {name: value for name, value in values.items() if name not in keys}
    statement = sqlite_insert(table).values(values)
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))


async def _advance(
    connection: AsyncConnection, tenant: str, subject: str, expected_revision: int
) -> None:
    result = await connection.execute(
        update(SubjectRow)
        .where(
            *_of(SubjectRow, tenant, subject), _column(SubjectRow, "revision") == expected_revision
        )
        .values(revision=expected_revision + 1)
    )
    if result.rowcount != 1:
        raise Conflict


async def _chain(connection: AsyncConnection, event: AuditBuild) -> AuditRow:
    """Appends an event within a write transaction, which is the one writer of its moment."""
    newest = _column(AuditEventRow, "seq").desc()
    query = _select(AuditEventRow, "seq", "hash").order_by(newest).limit(1)
    last = (await connection.execute(query)).first()
    seq, previous = (last[0] + 1, last[1]) if last else (1, _GENESIS)
    digest, body = event(seq, previous)
    row = {"seq": seq, "previous": previous, "hash": digest, "body": body}
    await connection.execute(insert(AuditEventRow).values(row))
    return AuditRow(seq, previous, digest, body)


async def _write_facts(
    connection: AsyncConnection,
    tenant: str,
    subject: str,
    rows: Sequence[SealedRow],
    deleted: Sequence[str],
) -> None:
    if deleted:
        await connection.execute(
            delete(FactRow).where(
                *_of(FactRow, tenant, subject), _column(FactRow, "id").in_(list(deleted))
            )
        )
    highest = select(func.max(_column(FactRow, "place"))).where(*_of(FactRow, tenant, subject))
    place = (await connection.execute(highest)).scalar_one_or_none() or 0
    for offset, row in enumerate(rows, 1):
        statement = sqlite_insert(FactRow).values(
            tenant=tenant, subject=subject, id=row.id, place=place + offset, sealed=row.sealed
        )
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["tenant", "subject", "id"], set_={"sealed": row.sealed}
            )
        )


def _unavailable(error: DBAPIError) -> StoreUnavailable:
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
