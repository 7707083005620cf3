"""Transactions are whole or nothing; the audit chain shows any change."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlmodel import SQLModel
from store_kit import Kind, Open, Places, change, commit

from metier.audit import AuditEvent, AuditLog
from metier.store import (
    AgedRow,
    AuditEntry,
    Conflict,
    ConversationRows,
    Expired,
    SealedRecord,
    SealedRow,
    Sought,
    Store,
    StoreUnavailable,
    TurnCommit,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def in_file(file: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite:///{file}", busy_seconds=0.2)
    await store.migrate()
    yield store
    await store.close()


KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, places: Places) -> AsyncIterator[Store]:
    with places.place(request.param) as opened:
        store = opened()
        await store.migrate()
        yield store
        await store.close()


EVENT = AuditEvent("turn", "a", "s", "acme", {"finish": "stop"})
A_CONVERSATION = Sought(conversation="conv-turn-1")


class Keys:
    """The same keys for every tenant."""

    def purpose_key(self, tenant: str, purpose: str) -> bytes:
        return bytes(32)


def log_of(store: Store) -> AuditLog:
    return AuditLog(store, Keys())


async def facts(store: Store, subject: str = "s", tenant: str = "acme") -> list[str]:
    rows = await store.subject(tenant, subject)
    return [row.id for row in rows.facts] if rows else []


async def revision(store: Store) -> int:
    rows = await store.subject("acme", "s")
    return rows.revision if rows else 0


async def kept_turns(store: Store) -> list[str]:
    return [row.turn for row in await store.turn_records("acme", "s")]


async def test_a_turn_is_written_whole(store: Store) -> None:
    await store.commit_turn(commit())
    found = await store.start_turn("acme", "s", "a", A_CONVERSATION)
    assert found.rows.vault == b"vault" and found.rows.messages == b"messages"
    subject = found.subject
    assert subject is not None and (subject.revision, subject.roster) == (1, b"roster")
    assert [r.id for r in subject.facts] == ["f1", "f2"]
    assert [(r.id, r.sealed) for r in subject.plugin_states] == [("writing", b"state")]
    by_digest = await store.start_turn("acme", "s", "a", Sought(digest="digest-turn-1"))
    assert by_digest.conversation == "conv-turn-1" and by_digest.rows == found.rows
    by_answer = await store.start_turn("acme", "s", "a", Sought(previous="turn-1"))
    assert by_answer.previous is not None and by_answer.rows == found.rows
    row = await store.turn_record("acme", "turn-1")
    assert row is not None and (row.subject, row.domain, row.at) == ("s", "writing", 1000)


async def test_a_stale_commit_conflicts_and_writes_nothing(store: Store) -> None:
    await store.commit_turn(commit())
    for stale in (commit("turn-2"), commit("turn-2", at_revision=2)):
        with pytest.raises(Conflict):
            await store.commit_turn(stale)
    assert await kept_turns(store) == ["turn-1"]


async def test_of_concurrent_commits_exactly_one_wins(store: Store) -> None:
    results = await asyncio.gather(
        *(store.commit_turn(commit(f"turn-{i}")) for i in range(8)), return_exceptions=True
    )
    assert sum(r is None for r in results) == 1
    assert all(r is None or isinstance(r, Conflict) for r in results)
    assert await revision(store) == 1


async def test_nothing_is_half_written_when_a_commit_breaks_off(store: Store) -> None:
    broken = commit(record=object())  # the last table's value
    with pytest.raises(Exception):  # noqa: B017  what the driver raises is not the point
        await store.commit_turn(broken)
    assert await store.subject("acme", "s") is None
    found = await store.start_turn("acme", "s", "a", A_CONVERSATION)
    assert found.rows.vault is None and await store.audit_events("acme") == []


async def test_a_write_that_fails_leaves_the_others_of_its_commit(store: Store) -> None:
    """They share one transaction; a savepoint keeps them apart."""
    log = log_of(store)

    async def append(number: int) -> None:
        await log.append(replace(EVENT, detail={"turn": f"e{number}"}))

    work = [append(1), store.commit_turn(commit(record=object())), append(2),
            store.commit_turn(commit("turn-2", at_revision=5)), append(3)]  # fmt: skip
    results = await asyncio.gather(*work, return_exceptions=True)
    assert [r is None for r in results] == [True, False, True, False, True]
    assert sorted(await turns_told(store)) == ["e1", "e2", "e3"]
    assert (await log.verify()).ok


async def test_another_tenant_sees_nothing(store: Store) -> None:
    await store.commit_turn(commit())
    assert await store.subject("other", "s") is None
    assert await store.whole_subject("other", "s") is None
    assert await store.turn_record("other", "turn-1") is None
    for sought in (A_CONVERSATION, Sought(digest="digest-turn-1"), Sought(previous="turn-1")):
        found = await store.start_turn("other", "s", "a", sought)
        assert (found.subject, found.rows, found.previous) == (None, ConversationRows(), None)
    found = await store.start_turn("acme", "s", "other-actor", A_CONVERSATION)
    assert found.rows.vault is None


async def test_records_are_deleted_and_kept_as_a_change_says(store: Store) -> None:
    await store.commit_turn(commit())
    await store.change_subject(
        change(
            expected_revision=1, gone={"fact": ("f1",)}, facts=(SealedRow("f2", b"new"),),
            ledger=(SealedRow("l1", b"agreed"),), feedback=(SealedRow("turn-1", b"good"),),
        )
    )  # fmt: skip
    whole = await store.whole_subject("acme", "s")
    assert whole is not None and whole.rows.revision == 2
    assert whole.rows.facts == (SealedRow("f2", b"new"),)
    assert whole.rows.ledger == (SealedRow("l1", b"agreed"),)
    assert whole.feedback == (SealedRow("turn-1", b"good"),)
    assert dict(whole.messages) == {"conv-turn-1": b"messages"}
    assert dict(whole.vaults) == {("conv-turn-1", "a"): b"vault"}
    assert [t.turn for t in whole.turns] == ["turn-1"]


async def test_memory_rows_are_read_with_the_subject_that_they_are_of(store: Store) -> None:
    await store.commit_turn(commit())
    rows = tuple(AgedRow(name, name.encode(), 1) for name in ("block/1", "block/2", "ended/f"))
    await store.change_subject(change(expected_revision=1, memory=rows))
    found = await store.memory("acme", "s", ["block/2", "block/3"])
    assert found.rows == (SealedRow("block/2", b"block/2"),)
    assert found.subject is not None and found.subject.revision == 2
    await store.change_subject(change(expected_revision=2, gone={"memory": ("block/1",)}))
    assert {row.id for row in (await store.memory("acme", "s")).rows} == {"block/2", "ended/f"}
    assert await store.due_subjects("acme", {"memory": 2}) == ["s"]
    assert await store.due_subjects("acme", {"memory": 1}) == []


async def test_of_two_writers_of_a_tenant_s_record_one_is_told_to_read_again(store: Store) -> None:
    build = log_of(store).entry(EVENT)
    assert await store.tenant_record("acme", "priors") is None
    await store.put_tenant_record("acme", "priors", b"one", 0, build)
    with pytest.raises(Conflict):
        await store.put_tenant_record("acme", "priors", b"other", 0, build)
    await store.put_tenant_record("acme", "priors", b"two", 1, build)
    with pytest.raises(Conflict):
        await store.put_tenant_record("acme", "priors", b"late", 1, build)
    assert await store.tenant_record("acme", "priors") == SealedRecord(2, b"two")
    assert await store.tenant_record("other", "priors") is None
    assert len(await store.audit_events("acme")) == 2


async def test_erasing_a_subject_leaves_no_row_of_theirs(in_file: Store, file: Path) -> None:
    await in_file.commit_turn(commit())
    rows = (SealedRow("turn-1", b"sealed"),)
    await in_file.change_subject(
        change(
            expected_revision=1, feedback=rows, ledger=rows, memory=(AgedRow("b", b"sealed", 1),)
        )
    )  # fmt: skip
    gone = await in_file.erase_subject("acme", "s")
    assert sum(gone.values()) == 11
    with sqlite3.connect(file) as raw:
        tables = [r[0] for r in raw.execute("select name from sqlite_master where type='table'")]
        for table in tables:
            columns = [r[1] for r in raw.execute(f"pragma table_info({table})")]
            if "subject" in columns and table != "audit_event":
                assert raw.execute(
                    f"select count(*) from {table} where subject='s'"
                ).fetchone() == (0,)


async def test_a_locked_store_says_so(in_file: Store, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(StoreUnavailable, match="lock"):
            await in_file.commit_turn(commit())
    finally:
        other.close()
    await in_file.commit_turn(commit())


async def test_errors_never_hold_what_was_written(in_file: Store, file: Path) -> None:
    with sqlite3.connect(file) as raw:
        raw.execute("drop table turn_record")
    with pytest.raises(StoreUnavailable) as caught:
        await in_file.commit_turn(commit(record=b"very private words"))
    assert "private" not in str(caught.value) and caught.value.__cause__ is None


async def test_the_file_is_for_its_owner_alone(in_file: Store, file: Path) -> None:
    for each in file.parent.iterdir():
        assert each.stat().st_mode & 0o077 == 0, each.name


async def test_the_migrated_schema_is_the_tables(in_file: Store, file: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    engine.dispose()


async def test_migrating_twice_changes_nothing(store: Store) -> None:
    await store.commit_turn(commit())
    await store.migrate()
    assert await facts(store) == ["f1", "f2"]


async def test_concurrent_events_form_one_chain(store: Store) -> None:
    log = log_of(store)
    await asyncio.gather(*(log.append(EVENT) for _ in range(30)))
    found = await log.verify()
    assert found.ok and found.events == 30


def told(log: AuditLog, turn: str, at_revision: int = 0, **changes: Any) -> TurnCommit:
    """A commit whose event names its turn."""
    event = log.entry(replace(EVENT, detail={"turn": turn}))
    return commit(turn, at_revision, event, **changes)


async def turns_told(store: Store) -> list[str]:
    bodies = [orjson.loads(row.body) for row in await store.audit_events("acme")]
    return [body["detail"]["turn"] for body in bodies if "turn" in body["detail"]]


@pytest.mark.parametrize("broken", ["record", "event", "revision"])
async def test_a_commit_that_fails_leaves_neither_turn_nor_event(store: Store, broken: str) -> None:
    log = log_of(store)
    await log.append(EVENT)

    def fails(seq: int, previous: bytes) -> AuditEntry:
        raise ValueError

    bad = {
        "record": told(log, "bad", record=object()),
        "event": commit("bad", told=fails),
        "revision": told(log, "bad", at_revision=7),
    }[broken]
    with pytest.raises(Exception):  # noqa: B017  what the driver raises is not the point
        await store.commit_turn(bad)
    assert await store.turn_record("acme", "bad") is None
    assert await turns_told(store) == []
    await store.commit_turn(told(log, "good"))
    assert await turns_told(store) == ["good"]
    found = await log.verify()
    assert found.ok and found.events == 2


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["commit", "stale", "broken", "append", "cancel"]), min_size=2,
                max_size=12), st.randoms(use_true_random=False))  # fmt: skip
def test_whatever_ends_at_the_same_time_a_turn_is_kept_exactly_where_its_event_is(
    kind: Kind, places: Places, kinds: list[str], chance: random.Random
) -> None:
    """Two stores write to one database; some commits lose, break or are cancelled."""

    async def one(store: Store, number: int, kind: str) -> None:
        log = log_of(store)
        if kind == "append":
            await log.append(EVENT)
            return
        broken: dict[str, Any] = {"record": object()} if kind == "broken" else {}
        for _ in range(len(kinds)):
            at = await revision(store) if kind != "stale" else 99
            try:
                await store.commit_turn(told(log, f"turn-{number}", at, **broken))
                return
            except Conflict:
                await asyncio.sleep(0)

    async def run(opened: Open) -> None:
        stores = [opened() for _ in range(2)]
        await stores[0].migrate()
        tasks = [asyncio.ensure_future(one(stores[n % 2], n, kind)) for n, kind in enumerate(kinds)]
        for task, kind in zip(tasks, kinds, strict=True):
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            if kind == "cancel":
                task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        log, kept = log_of(stores[0]), await kept_turns(stores[0])
        assert sorted(await turns_told(stores[0])) == sorted(kept)
        assert {f"turn-{n}" for n, k in enumerate(kinds) if k == "commit"} <= set(kept)
        assert not {f"turn-{n}" for n, k in enumerate(kinds) if k in ("stale", "broken")} & set(
            kept
        )
        verified = await log.verify()
        assert verified.ok and verified.events == len(kept) + kinds.count("append")
        for store in stores:
            await store.close()

    with places.place(kind) as opened:
        asyncio.run(run(opened))


async def test_what_feedback_teaches_is_written_with_it_or_not_at_all(store: Store) -> None:
    log = log_of(store)
    taught = change(
        event=log.entry(EVENT), plugin_states=(SealedRow("writing", b"taught"),),
        feedback=(SealedRow("t", b"sealed"),),
    )  # fmt: skip
    await store.commit_turn(told(log, "faster"))
    with pytest.raises(Conflict):
        await store.change_subject(taught)
    whole = await store.whole_subject("acme", "s")
    assert whole is not None and whole.rows.plugin_states[0].sealed == b"state"
    assert whole.feedback == () and len(await store.audit_events("acme")) == 1
    await store.change_subject(replace(taught, expected_revision=1))
    whole = await store.whole_subject("acme", "s")
    assert whole is not None and whole.rows.plugin_states[0].sealed == b"taught"
    assert (await log.verify()).ok


async def test_only_what_is_old_is_due_and_goes(store: Store) -> None:
    await store.commit_turn(commit("old"))
    newer = replace(change(expected_revision=1, at=5000))
    await store.commit_turn(replace(commit("new"), change=newer))
    before = {"conversation": 2000, "vault": 2000, "turn_record": 2000, "feedback": 0}
    assert await store.due_subjects("acme", before) == ["s"]
    assert await store.due_subjects("other", before) == []
    gone = Expired(
        change(expected_revision=2), conversations=("conv-old",), vaults=(("conv-old", "a"),),
        turns_before=2000,
    )  # fmt: skip
    assert await store.expire(gone) == 4
    assert await kept_turns(store) == ["new"]
    assert await store.due_subjects("acme", before) == []
    with pytest.raises(Conflict):
        await store.expire(gone)
