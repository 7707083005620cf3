"""Transactions are whole or nothing; the audit chain shows any change."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from metier.audit import AuditEvent, AuditLog
from metier.store import Conflict, SealedRow, Store, StoreUnavailable, TurnCommit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite+aiosqlite:///{file}", busy_seconds=0.2)
    await store.migrate()
    await store.add_subject_key("acme", "s", b"wrapped")
    yield store
    await store.close()


COMMIT = TurnCommit(
    "acme", "s", "a", "turn-1", "writing", "conv", 0, "digest", b"vault", b"messages", b"record",
    facts=(SealedRow("f1", b"1"), SealedRow("f2", b"2")), plugin_states={"writing": b"state"},
)  # fmt: skip


async def test_a_turn_is_written_whole(store: Store) -> None:
    await store.commit_turn(COMMIT)
    assert [r.id for r in await store.facts("acme", "s")] == ["f1", "f2"]
    assert await store.conversation_vault("acme", "conv", "a") == b"vault"
    assert await store.conversation_messages("acme", "conv") == b"messages"
    assert await store.conversation_of_digest("acme", "digest") == "conv"
    assert (await store.plugin_states("acme", "s"))["writing"].sealed == b"state"
    row = await store.turn_record("acme", "turn-1")
    assert row is not None and (row.subject, row.domain) == ("s", "writing")
    assert await store.revision("acme", "s") == 1


async def test_a_stale_commit_conflicts_and_writes_nothing(store: Store) -> None:
    await store.commit_turn(COMMIT)
    stale = replace(COMMIT, turn="turn-2", facts=(SealedRow("f3", b"3"),))
    with pytest.raises(Conflict):
        await store.commit_turn(stale)
    assert [r.id for r in await store.facts("acme", "s")] == ["f1", "f2"]
    assert await store.turn_record("acme", "turn-2") is None


async def test_of_concurrent_commits_exactly_one_wins(store: Store) -> None:
    commits = [replace(COMMIT, turn=f"turn-{i}") for i in range(8)]
    results = await asyncio.gather(*(store.commit_turn(c) for c in commits), return_exceptions=True)
    assert sum(r is None for r in results) == 1
    assert all(r is None or isinstance(r, Conflict) for r in results)
    assert await store.revision("acme", "s") == 1


async def test_nothing_is_half_written_when_a_commit_breaks_off(store: Store) -> None:
    broken = replace(COMMIT, record=object())  # type: ignore[arg-type]  # the last table's value
    with pytest.raises(Exception):  # noqa: B017  what the driver raises is not the point
        await store.commit_turn(broken)
    assert await store.facts("acme", "s") == []
    assert await store.conversation_vault("acme", "conv", "a") is None
    assert await store.revision("acme", "s") == 0


async def test_another_tenant_sees_nothing(store: Store) -> None:
    await store.commit_turn(COMMIT)
    assert await store.facts("other", "s") == []
    assert await store.turn_record("other", "turn-1") is None
    assert await store.conversation_of_digest("other", "digest") is None
    assert await store.conversation_vault("acme", "conv", "other-actor") is None


async def test_the_first_key_of_a_subject_stays(store: Store) -> None:
    kept = await asyncio.gather(
        *(store.add_subject_key("acme", "new", f"key-{i}".encode()) for i in range(5))
    )
    assert len(set(kept)) == 1


async def test_deleting_a_subject_leaves_no_row_of_theirs(store: Store, file: Path) -> None:
    await store.commit_turn(COMMIT)
    await store.add_feedback("acme", "s", "turn-1", b"sealed")
    await store.delete_subject("acme", "s")
    with sqlite3.connect(file) as raw:
        tables = [r[0] for r in raw.execute("select name from sqlite_master where type='table'")]
        for table in tables:
            columns = [r[1] for r in raw.execute(f"pragma table_info({table})")]
            if "subject" in columns:
                assert raw.execute(
                    f"select count(*) from {table} where subject='s'"
                ).fetchone() == (0,)


async def test_a_locked_store_says_so(store: Store, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreUnavailable, match="lock"):
            await store.commit_turn(COMMIT)
    finally:
        other.close()
    await store.commit_turn(COMMIT)


async def test_a_full_disk_says_so_and_leaves_nothing(store: Store, file: Path) -> None:
    async with store._engine.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        # the limit is the connection's: the store's pool hands this one out again
    with pytest.raises(StoreUnavailable, match="full"):
        await store.commit_turn(replace(COMMIT, messages=bytes(200_000)))
    assert await store.facts("acme", "s") == []


async def test_errors_never_hold_what_was_written(store: Store, file: Path) -> None:
    with sqlite3.connect(file) as raw:
        raw.execute("drop table turn_record")
    with pytest.raises(StoreUnavailable) as caught:
        await store.commit_turn(replace(COMMIT, record=b"very private words"))
    assert "private" not in str(caught.value) and caught.value.__cause__ is None


async def test_the_migrated_schema_is_the_tables(store: Store, file: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    engine.dispose()


async def test_migrating_twice_changes_nothing(store: Store) -> None:
    await store.commit_turn(COMMIT)
    await store.migrate()
    assert len(await store.facts("acme", "s")) == 2


EVENT = AuditEvent("turn", "a", "s", "acme", {"finish": "stop"})


async def test_concurrent_events_form_one_chain(store: Store) -> None:
    log = AuditLog(store)
    await asyncio.gather(*(log.append(EVENT) for _ in range(30)))
    assert await log.verify() == type(await log.verify())(True, 30)


@pytest.mark.parametrize(
    "tamper",
    [
        "update audit_event set body = replace(body, 'stop', 'edit') where seq = 3",
        "delete from audit_event where seq = 3",
        "update audit_event set hash = zeroblob(32) where seq = 3",
        "update audit_event set seq = seq + 100 where seq = 3",
    ],
)
async def test_a_changed_log_is_found(store: Store, file: Path, tamper: str) -> None:
    log = AuditLog(store)
    for _ in range(5):
        await log.append(EVENT)
    with sqlite3.connect(file) as raw:
        raw.execute(tamper)
    found = await log.verify()
    assert not found.ok and found.first_bad == 3
