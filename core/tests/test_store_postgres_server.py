"""Several writers, a server that goes away, migrations and errors on PostgreSQL."""

from __future__ import annotations

import asyncio
import multiprocessing
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from postgres_kit import ADMIN, APP, OWNER, Keys, Place, Server, made, running, write_many
from sqlalchemy import Connection, create_engine, insert, text
from sqlmodel import SQLModel
from store_kit import Places, commit, event

from metier.audit import AuditEvent, AuditLog
from metier.store import AuditRow, Store, StoreUnavailable

pytestmark = pytest.mark.slow


@pytest.fixture
async def place(places: Places) -> AsyncIterator[Place]:
    with places.emptied() as name:
        async with made(places.server, name) as place:
            yield place


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    with running() as server:
        yield server


async def refusal(work: Any) -> str:
    with pytest.raises(StoreUnavailable) as error:
        await work
    assert error.value.status == 503 and error.value.__cause__ is None
    return error.value.message


# --- several writers ---------------------------------------------------------------------


async def test_processes_that_write_at_once_keep_one_chain_a_tenant(place: Place) -> None:
    url = place.server.url(place.name)
    context = multiprocessing.get_context("spawn")
    tenants = ("acme", "acme", "other")
    running = [context.Process(target=write_many, args=(url, t, 25)) for t in tenants]
    for process in running:
        process.start()
    log = AuditLog(place.store, Keys())
    await asyncio.gather(*(log.append(AuditEvent("note", "a", "s", "acme")) for _ in range(25)))
    for process in running:
        await asyncio.to_thread(process.join, 120)
        assert process.exitcode == 0
    found = await log.verify()
    assert found.ok and found.events == 25 + 3 * 50
    assert len(await place.store.audit_events("acme")) == 25 + 2 * 50
    assert place.count("turn_record") == 75


async def test_a_read_sees_one_state_and_writes_nothing(place: Place) -> None:
    count = text("SELECT count(*) FROM subject")
    loop = asyncio.get_running_loop()

    def look(connection: Connection) -> tuple[int, int]:
        before = connection.execute(count).scalar_one()
        asyncio.run_coroutine_threadsafe(place.store.commit_turn(commit()), loop).result(30)
        return before, connection.execute(count).scalar_one()

    assert await place.store.read(look, "acme") == (0, 0)
    assert await place.store.read(lambda c: c.execute(count).scalar_one(), "acme") == 1

    def write(connection: Connection) -> None:
        connection.execute(text("DELETE FROM subject"))

    assert "read-only" in await refusal(place.store.read(write, "acme"))


async def test_a_tenant_whose_lock_is_held_says_so_and_others_go_on(place: Place) -> None:
    store = place.another(busy_seconds=0.1)
    with place.session() as other:
        lock = "SELECT pg_advisory_lock(hashtextextended('metier/tenant/acme', 0))"
        other.execute(lock.encode())
        assert "lock" in await refusal(store.commit_turn(commit()))
        await store.commit_turn(commit(tenant="other"))
    await store.commit_turn(commit())
    await store.close()


@pytest.mark.parametrize(("durability", "expected"), [("commit", "on"), ("wal", "off")])
async def test_a_write_is_as_durable_as_configured_whatever_the_server_says(
    place: Place, durability: Any, expected: str
) -> None:
    other = {"on": "off", "off": "on"}[expected]
    place.server.admin(place.name, f"ALTER DATABASE {place.name} SET synchronous_commit = {other}")
    store = place.another(durability=durability)
    show = text("SHOW synchronous_commit")
    assert await store.write(lambda c: c.execute(show).scalar_one(), "acme") == expected
    await store.close()


async def test_more_tenants_than_writers_are_all_served(place: Place) -> None:
    tenants = [f"t{n}" for n in range(12)]
    await asyncio.gather(*(place.store.append_audit(t, event) for t in tenants * 10))
    for tenant in tenants:
        assert [r.seq for r in await place.store.audit_events(tenant)] == list(range(1, 11))


async def test_of_writes_that_share_a_commit_only_those_that_fail_are_undone(place: Place) -> None:
    """Failures of every kind, each among others that wait at the same time."""
    store, log = place.store, AuditLog(place.store, Keys())

    def fails(connection: Connection) -> None:
        connection.execute(text("SELECT 1/0"))

    def told(number: int) -> Any:
        return log.append(AuditEvent("note", "a", "s", "acme", {"turn": f"t{number}"}))

    await store.commit_turn(commit())
    work: list[Any] = []
    for number in range(40):
        match number % 8:
            case 2:
                work.append(store.write(fails, "acme"))
            case 5:
                work.append(store.commit_turn(commit(f"stale-{number}", at_revision=9)))
            case _:
                work.append(told(number))
    results = await asyncio.gather(*work, return_exceptions=True)
    failed = [n for n, result in enumerate(results) if isinstance(result, Exception)]
    assert failed == [n for n in range(40) if n % 8 in (2, 5)]
    rows = await store.audit_events("acme", after=1)
    numbers = [int(orjson.loads(row.body)["detail"]["turn"][1:]) for row in rows]
    assert sorted(numbers) == [n for n in range(40) if n not in failed]
    assert [row.seq for row in rows] == list(range(2, 2 + len(rows)))
    assert [row.turn for row in await store.turn_records("acme", "s")] == ["turn-1"]


async def test_closing_finishes_what_waits(place: Place) -> None:
    store = place.another()
    tenants = [f"t{n}" for n in range(12)]
    waiting = [asyncio.ensure_future(store.append_audit(t, event)) for t in tenants * 5]
    await asyncio.sleep(0)
    await store.close()
    assert len(await asyncio.gather(*waiting)) == 60
    assert place.count("audit_event") == 60


# --- a server that goes away -----------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
async def test_a_server_that_was_started_again_is_used_again(
    own_server: Server, how: signal.Signals
) -> None:
    own_server.database("metier")
    async with made(own_server, "metier") as place:
        store, log = place.store, AuditLog(place.store, Keys())
        await asyncio.gather(*(log.append(AuditEvent("note", "a", "s", "acme")) for _ in range(5)))
        own_server.stop(how)
        for work in (store.subject("acme", "s"), log.append(AuditEvent("n", "a", "s", "acme"))):
            assert "PostgreSQL runs" in await refusal(work)
        own_server.start()
        await asyncio.gather(
            *(log.append(AuditEvent("note", "a", "s", "acme")) for _ in range(5)),
            *(store.subject("acme", "s") for _ in range(5)),
        )
        found = await log.verify()
        assert found.ok and found.events == 10


async def test_a_server_that_is_stopping_is_named_as_such_to_whoever_connects_anew(
    own_server: Server,
) -> None:
    own_server.database("metier")
    async with made(own_server, "metier"):
        with own_server.session("metier"):  # which it waits for
            own_server.begin_to_stop()
            new = Store(own_server.url("metier"))
            assert "stopping or starting. Try again" in await refusal(new.subject("acme", "s"))
            await new.close()


async def test_a_server_with_too_many_connections_is_named_as_such(own_server: Server) -> None:
    own_server.database("metier")
    async with made(own_server, "metier"):
        with ExitStack() as others:
            with pytest.raises(psycopg.OperationalError):
                for _ in range(100):
                    others.enter_context(own_server.session("metier"))
            new = Store(own_server.url("metier"))
            assert "Raise max_connections" in await refusal(new.subject("acme", "s"))
            await new.close()


async def test_connections_from_before_a_restart_are_replaced_unseen(own_server: Server) -> None:
    own_server.database("metier")
    async with made(own_server, "metier") as place:
        await place.store.commit_turn(commit())
        own_server.stop()
        own_server.start()
        assert await place.store.subject("acme", "s") is not None
        await place.store.commit_turn(commit("turn-2", at_revision=1))


async def test_what_was_acknowledged_before_a_crash_is_there_after(own_server: Server) -> None:
    own_server.database("metier")
    async with made(own_server, "metier") as place:
        log = AuditLog(place.store, Keys())
        kept: list[int] = []

        async def write(number: int) -> None:
            try:
                await log.append(AuditEvent("note", "a", "s", "acme", {"turn": f"t{number}"}))
            except StoreUnavailable:
                return
            kept.append(number)
            if len(kept) == 40:
                await asyncio.to_thread(own_server.stop, signal.SIGQUIT)

        async def writer(first: int) -> None:
            for number in range(first, 400, 8):
                await write(number)

        await asyncio.gather(*(writer(n) for n in range(8)))
        assert 40 <= len(kept) < 400
        own_server.start()
        bodies = [row.body for row in await place.store.audit_events("acme")]
        assert all(any(f'"t{n}"'.encode() in body for body in bodies) for n in kept)
        assert (await log.verify()).ok


async def test_a_commit_whose_answer_is_lost_says_that_it_is_not_known(own_server: Server) -> None:
    own_server.database("metier")
    async with made(own_server, "metier") as place:

        def last_words(connection: Connection) -> None:
            connection.execute(text("SELECT 1"))
            own_server.stop(signal.SIGQUIT)

        assert "is not known" in await refusal(place.store.write(last_words, "acme"))
        own_server.start()
        await place.store.commit_turn(commit())


async def test_a_server_that_goes_away_in_the_middle_leaves_nothing(own_server: Server) -> None:
    from metier.store import _turns

    own_server.database("metier")
    async with made(own_server, "metier") as place:

        def half(connection: Connection) -> None:
            _turns.commit(connection, commit())
            own_server.stop(signal.SIGQUIT)
            connection.execute(text("SELECT 1"))

        assert "PostgreSQL runs" in await refusal(place.store.write(half, "acme"))
        own_server.start()
        assert await place.store.subject("acme", "s") is None


async def test_a_connection_that_breaks_among_writes_that_share_a_commit_fails_each_of_them(
    own_server: Server,
) -> None:
    """Once while they are tried without savepoints, once with them."""
    own_server.database("metier")
    async with made(own_server, "metier") as place:
        store, seen = place.store, 0

        def breaks(connection: Connection) -> None:
            nonlocal seen
            seen += 1
            if seen == stops:
                own_server.stop(signal.SIGQUIT)
            connection.execute(text("SELECT 1/0"))

        for stops in (1, 2):
            seen = 0
            await store.append_audit("acme", event)
            work = [store.append_audit("acme", event), store.write(breaks, "acme"),
                    store.append_audit("acme", event)]  # fmt: skip
            results = await asyncio.gather(*work, return_exceptions=True)
            assert isinstance(results[1], StoreUnavailable)
            assert all(isinstance(r, StoreUnavailable | AuditRow) for r in results)
            own_server.start()
            rows = await store.audit_events("acme")
            told = sum(isinstance(r, AuditRow) for r in results)
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            assert len(rows) >= told + stops


# --- migrations --------------------------------------------------------------------------


async def test_the_migrated_schema_is_the_tables(place: Place) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(item: Any, name: str | None, kind: str, *rest: Any) -> bool:
        return name not in ("tenant_directory", "api_key_directory")  # PostgreSQL's own

    engine = create_engine(place.server.url(place.name, OWNER))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


async def test_without_the_owner_s_url_a_schema_is_checked_and_never_made(places: Places) -> None:
    server, name = places.server, places.postgres()
    store = Store(server.url(name))
    assert "owner's URL" in await refusal(store.migrate())
    assert "metier setup" in await refusal(store.subject("acme", "s"))
    await store.close()
    async with made(server, name) as place:
        await place.another().migrate()


async def test_migrating_at_once_and_again_changes_nothing(places: Places) -> None:
    server, name = places.server, places.postgres()
    stores = [Store(server.url(name), owner_url=server.url(name, OWNER)) for _ in range(3)]
    await asyncio.gather(*(store.migrate() for store in stores))
    await stores[0].commit_turn(commit())
    await stores[1].migrate()
    assert await stores[2].subject("acme", "s") is not None
    for store in stores:
        await store.close()


async def test_a_schema_of_a_newer_version_is_left_alone(place: Place) -> None:
    place.server.admin(place.name, "UPDATE alembic_version SET version_num = '9999'")
    for store in (place.store, place.another()):  # with the owner's URL, and without
        assert "newer metier wrote it. Install that" in await refusal(store.migrate())


async def test_migrations_go_back_and_forth(place: Place) -> None:
    from alembic import command

    from metier.store._store import _settings

    engine = create_engine(place.server.url(place.name, OWNER))
    with engine.connect() as connection:
        command.downgrade(_settings(connection), "base")
        connection.commit()
        left = connection.execute(
            text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relowner = "
                 "CAST(:owner AS regrole)"), {"owner": OWNER},
        ).scalars()  # fmt: skip
        assert set(left) == {"alembic_version"}
    engine.dispose()
    await place.store.migrate()
    await place.store.commit_turn(commit())


async def test_a_missing_role_is_named(own_server: Server) -> None:
    own_server.admin("postgres", f"DROP ROLE {APP}")
    own_server.database("metier")
    store = Store(own_server.url("metier", OWNER), owner_url=own_server.url("metier", OWNER))
    assert f"role {APP}" in await refusal(store.migrate())
    await store.close()


async def test_a_dump_is_whole_or_refused_and_holds_after_a_restore(
    place: Place, tmp_path: Path
) -> None:
    server, dump = place.server, str(tmp_path / "dump")
    log = AuditLog(place.store, Keys())
    for tenant in ("acme", "other"):
        await place.store.commit_turn(
            commit(tenant=tenant, told=log.entry(AuditEvent("turn", "a", "s", tenant)))
        )
    custom = ("--format", "custom", "--file", dump, place.name)
    refused = server.run("pg_dump", OWNER, *custom)
    assert refused.returncode != 0 and b"row-level security" in refused.stderr
    dumped = server.run("pg_dump", "metier_backup", *custom)
    assert dumped.returncode == 0, dumped.stderr
    again = f"{place.name}_restored"
    server.database(again)
    restored = server.run("pg_restore", ADMIN, "--dbname", again, dump)
    assert restored.returncode == 0, restored.stderr
    async with made(server, again) as there:
        assert await there.store.tenants() == ["acme", "other"]
        assert await there.store.whole_subject("acme", "s") is not None
        found = await AuditLog(there.store, Keys()).verify()
        assert found.ok and found.events == 2
        with there.session() as session:
            assert session.execute("SELECT * FROM subject").fetchall() == []


# --- errors ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql+psycopg://app:hunter2@localhost:1/none", "PostgreSQL runs"),
        ("postgresql+psycopg://app:hunter2@/none?host=/nowhere", "PostgreSQL runs"),
    ],
)
async def test_a_server_that_is_not_there_is_named_as_such(url: str, reason: str) -> None:
    store = Store(url)
    assert "hunter2" not in store.url
    for work in (store.migrate(), store.subject("a", "s"), store.append_audit("a", event)):
        message = await refusal(work)
        assert reason in message and "hunter2" not in message
    await store.close()


@pytest.mark.parametrize(
    "url", ["postgresql+asyncpg://app:hunter2@h/n", "postgresql://app:hunter2@h/n",
            "mysql://app:hunter2@h/n", "app:hunter2@h/n"]
)  # fmt: skip
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(StoreUnavailable) as error:
        Store(url)
    assert "hunter2" not in error.value.message


async def test_a_database_that_is_not_there_is_named_as_such(places: Places) -> None:
    store = Store(places.server.url("nowhere"))
    assert "refuses the connection" in await refusal(store.subject("a", "s"))
    await store.close()


async def test_a_role_that_is_not_there_is_named_as_such(places: Places) -> None:
    store = Store(places.server.url("postgres", "nobody_of_that_name"))
    assert "refuses the connection" in await refusal(store.subject("a", "s"))
    await store.close()


async def test_errors_never_hold_what_was_written(place: Place) -> None:
    secret = "very private words"
    table = SQLModel.metadata.tables["turn_record"]
    row = {
        "tenant": "acme", "turn": "t", "subject": secret, "conversation": "c", "domain": "d",
        "sealed": secret.encode(), "at": 1,
    }  # fmt: skip

    def twice(connection: Connection) -> None:
        connection.execute(insert(table).values(row))
        connection.execute(insert(table).values(row))

    for changed in ({}, {"at": 2**70}, {"sealed": None}, {"turn": "\0"}):
        row |= changed
        assert secret not in await refusal(place.store.write(twice, "acme"))


def test_a_log_of_the_server_holds_no_content() -> None:
    """Sealed or not, parameters of statements that fail are not logged."""
    with running() as server:
        server.database("metier")

        async def fail() -> None:
            async with made(server, "metier") as place:
                broken = commit(data=b"planted-content", subject="s\0")
                with pytest.raises(StoreUnavailable):
                    await place.store.commit_turn(broken)
                with pytest.raises(StoreUnavailable):
                    await place.store.write(
                        lambda c: c.execute(
                            text("SELECT 1/0 WHERE :words <> ''"), {"words": "planted-words"}
                        ),
                        "acme",
                    )

        asyncio.run(fail())
        log = (server.folder / "log").read_bytes()
        assert b"ERROR" in log and b"planted" not in log
    assert not list(Path(tempfile.gettempdir()).glob(f"{server.folder.name}*"))
