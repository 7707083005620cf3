"""Transactions are whole or nothing; the audit chain shows any change."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from metier.audit import AuditEvent, AuditLog, Verification
from metier.store import Conflict, FeedbackCommit, SealedRow, Store, StoreUnavailable, TurnCommit


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


EVENT = AuditEvent("turn", "a", "s", "acme", {"finish": "stop"})


def event(seq: int, previous: bytes) -> tuple[bytes, bytes]:
    return b"hash", b"body"


COMMIT = TurnCommit(
    "acme", "s", "a", "turn-1", "writing", "conv", 0, "digest", b"vault", b"messages", b"record",
    event, 1000, facts=(SealedRow("f1", b"1"), SealedRow("f2", b"2")),
    plugin_states={"writing": b"state"},
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
    await store.save_feedback(FeedbackCommit("acme", "s", "turn-1", 1, b"sealed", event))
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


async def test_concurrent_events_form_one_chain(store: Store) -> None:
    log = AuditLog(store)
    await asyncio.gather(*(log.append(EVENT) for _ in range(30)))
    assert await log.verify() == Verification(True, 30)


def told(log: AuditLog, turn: str) -> TurnCommit:
    """A commit whose event names its turn."""
    event = log.entry(replace(EVENT, detail={"turn": turn}))
    return replace(COMMIT, turn=turn, digest=turn, conversation=turn, event=event)


async def turns_told(store: Store) -> list[str]:
    bodies = [orjson.loads(row.body) for row in await store.audit_events()]
    return [body["detail"]["turn"] for body in bodies if "turn" in body["detail"]]


@pytest.mark.parametrize("broken", ["record", "event", "revision"])
async def test_a_commit_that_fails_leaves_neither_turn_nor_event(store: Store, broken: str) -> None:
    log = AuditLog(store)
    await log.append(EVENT)

    def fails(seq: int, previous: bytes) -> tuple[bytes, bytes]:
        raise ValueError

    changes = {"record": object(), "event": fails, "expected_revision": 7}
    field = {"revision": "expected_revision"}.get(broken, broken)
    bad = replace(told(log, "bad"), **{field: changes[field]})  # type: ignore[arg-type]
    with pytest.raises(Exception):  # noqa: B017  what the driver raises is not the point
        await store.commit_turn(bad)
    assert await store.turn_record("acme", "bad") is None
    assert await turns_told(store) == []
    await store.commit_turn(told(log, "good"))
    assert await turns_told(store) == ["good"]
    assert await log.verify() == Verification(True, 2)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["commit", "stale", "broken", "append", "cancel"]), min_size=2,
                max_size=12), st.randoms(use_true_random=False))  # fmt: skip
def test_whatever_ends_at_the_same_time_a_turn_is_kept_exactly_where_its_event_is(
    kinds: list[str], chance: random.Random
) -> None:
    """Two processes write to one file; some commits lose, break or are cancelled."""

    async def one(store: Store, number: int, kind: str) -> None:
        log = AuditLog(store)
        if kind == "append":
            await log.append(EVENT)
            return
        commit = told(log, f"turn-{number}")
        for _ in range(len(kinds)):
            revision = await store.revision("acme", "s") if kind != "stale" else 99
            commit = replace(commit, expected_revision=revision)
            if kind == "broken":
                commit = replace(commit, record=object())  # type: ignore[arg-type]
            try:
                await store.commit_turn(commit)
                return
            except Conflict:
                await asyncio.sleep(0)

    async def run(file: Path) -> None:
        stores = [Store(f"sqlite+aiosqlite:///{file}") for _ in range(2)]
        await stores[0].migrate()
        await stores[0].add_subject_key("acme", "s", b"wrapped")
        tasks = [asyncio.ensure_future(one(stores[n % 2], n, kind)) for n, kind in enumerate(kinds)]
        for task, kind in zip(tasks, kinds, strict=True):
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            if kind == "cancel":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        log, kept = AuditLog(stores[0]), await stores[0].subject_turns("acme", "s")
        assert sorted(await turns_told(stores[0])) == sorted(kept)
        assert {f"turn-{n}" for n, k in enumerate(kinds) if k == "commit"} <= set(kept)
        assert not {f"turn-{n}" for n, k in enumerate(kinds) if k in ("stale", "broken")} & set(
            kept
        )
        assert await log.verify() == Verification(True, len(kept) + kinds.count("append"))
        for store in stores:
            await store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "store.db"))


async def test_what_feedback_teaches_is_written_with_it_or_not_at_all(store: Store) -> None:
    log = AuditLog(store)
    states = {"writing": b"taught"}
    commit = FeedbackCommit("acme", "s", "t", 0, b"sealed", log.entry(EVENT), states)
    await store.commit_turn(told(log, "faster"))
    with pytest.raises(Conflict):
        await store.save_feedback(commit)
    assert (await store.plugin_states("acme", "s"))["writing"].sealed == b"state"
    assert len(await store.audit_events()) == 1
    await store.save_feedback(replace(commit, expected_revision=1))
    assert (await store.plugin_states("acme", "s"))["writing"].sealed == b"taught"
    assert await log.verify() == Verification(True, 2)


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
