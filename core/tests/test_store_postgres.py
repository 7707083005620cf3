"""On PostgreSQL nobody sees or changes another tenant's rows, whatever the application asks."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from postgres_kit import ADMIN, APP, OWNER, Place, made
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlmodel import SQLModel
from store_kit import Places, change, commit, event

from metier.store import (
    AgedRow,
    ApiKeyRow,
    CheckpointRow,
    Resealed,
    SealedRow,
    StoreUnavailable,
)

TABLES = sorted(t.name for t in SQLModel.metadata.sorted_tables if "tenant" in t.columns)
APPEND_ONLY = {"audit_event", "audit_checkpoint"}
NAME_ACME = "SELECT set_config('metier.tenant', '=acme', false)"


@pytest.fixture
async def place(places: Places) -> AsyncIterator[Place]:
    """A store with rows of acme in every table."""
    with places.emptied() as name:
        async with made(places.server, name) as place:
            await fill(place)
            yield place


@pytest.fixture(scope="module")
def shared(places: Places) -> Place:
    """Such a store with an event of the installation also; its tests change nothing of it."""

    async def make() -> Place:
        async with made(places.server, places.postgres()) as place:
            await fill(place)
            await place.store.append_audit("", event)  # the installation's own
            return place

    return asyncio.run(make())


async def fill(place: Place, tenant: str = "acme") -> None:
    store = place.store
    await store.commit_turn(commit(tenant=tenant))
    rows = (SealedRow("turn-1", b"sealed"),)
    await store.change_subject(
        change(
            tenant=tenant,
            expected_revision=1,
            feedback=rows,
            ledger=rows,
            memory=(AgedRow("block/1", b"sealed", 1),),
        )
    )
    await store.put_tenant_record(tenant, "priors", b"sealed", 0, event)
    await store.add_api_key(api_key(tenant), event)
    await store.add_checkpoint(CheckpointRow(tenant, 1, b"hash", 1, b"key", b"signature"))
    await store.move_audit_cursor("file", tenant, 1)


def api_key(tenant: str) -> ApiKeyRow:
    return ApiKeyRow(tenant, f"key-{tenant}", b"digest", "a", "[]", "[]", "[]", 1)


def seen(session: psycopg.Connection[Any]) -> dict[str, int]:
    counts = {}
    for table in TABLES:
        row = session.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        counts[table] = row[0]
    return counts


NOTHING = dict.fromkeys(TABLES, 0)


def test_the_rows_that_the_tests_look_for_are_there(shared: Place) -> None:
    with shared.session() as session:
        session.execute(NAME_ACME.encode())
        assert min(seen(session).values()) > 0


def test_every_table_of_a_tenant_is_bound_for_every_role_and_statement(shared: Place) -> None:
    with shared.session(ADMIN) as admin:
        bound = admin.execute(
            "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
        ).fetchall()
        policies = admin.execute(
            "SELECT tablename, permissive, roles::text, cmd, qual = with_check FROM pg_policies"
        ).fetchall()
        grants = admin.execute(
            "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
            "FROM information_schema.role_table_grants WHERE grantee = %s GROUP BY 1",
            (APP,),
        ).fetchall()
    assert sorted(name for (name,) in bound) == TABLES
    assert sorted(policies) == [(t, "PERMISSIVE", "{public}", "ALL", True) for t in TABLES]
    directories = ("alembic_version", "tenant_directory", "api_key_directory")
    assert dict(grants) == dict.fromkeys(directories, "SELECT") | {
        t: "INSERT SELECT" if t in APPEND_ONLY else "DELETE INSERT SELECT UPDATE" for t in TABLES
    }


@pytest.mark.parametrize("role", [APP, OWNER])
@pytest.mark.parametrize(
    "named", ["", "SELECT set_config('metier.tenant', '=other', false)",
              "SELECT set_config('metier.tenant', '', false)",
              "BEGIN; SELECT set_config('metier.tenant', '=acme', true); ROLLBACK",
              "BEGIN; SELECT set_config('metier.tenant', '=acme', true); COMMIT",
              "SET metier.tenant = DEFAULT"]
)  # fmt: skip
def test_raw_sql_sees_no_row_of_a_tenant_that_it_does_not_name(
    shared: Place, role: str, named: str
) -> None:
    with shared.session(role) as session:
        if named:
            session.execute(named.encode())
        assert seen(session) == NOTHING


def test_the_installation_sees_its_own_rows_and_no_tenant_s(shared: Place) -> None:
    with shared.session() as session:
        session.execute(b"SELECT set_config('metier.tenant', '=', false)")
        assert seen(session) == NOTHING | {"audit_event": 1}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("named", ["", "=other", "="])
def test_raw_sql_writes_no_row_of_a_tenant_that_it_does_not_name(
    shared: Place, table: str, named: str
) -> None:
    columns = SQLModel.metadata.tables[table].columns.keys()
    mine = ", ".join("'acme'" if name == "tenant" else name for name in columns)
    with shared.session() as session:
        # As if it had learnt what such a row looks like: one of acme's, in memory.
        session.execute(NAME_ACME.encode())
        session.execute(f"CREATE TEMP TABLE learnt AS SELECT * FROM {table}".encode())
        before, every = seen(session)[table], shared.count(table)
        session.execute("SELECT set_config('metier.tenant', %s, false)", (named,))
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            session.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {mine} FROM learnt".encode()
            )
        if table not in APPEND_ONLY:
            for statement in (f"UPDATE {table} SET tenant = 'other'", f"DELETE FROM {table}"):
                assert session.execute(statement.encode()).rowcount == 0
    with shared.session() as session:
        session.execute(NAME_ACME.encode())
        assert (seen(session)[table], shared.count(table)) == (before, every)


@pytest.mark.parametrize("table", sorted(set(TABLES) - APPEND_ONLY))
def test_a_row_is_not_given_to_another_tenant(shared: Place, table: str) -> None:
    with shared.session() as session:
        session.execute(NAME_ACME.encode())
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            session.execute(f"UPDATE {table} SET tenant = 'other'".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE subject DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE subject NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY one_tenant ON subject",
        "ALTER POLICY one_tenant ON subject USING (true)",
        "CREATE POLICY mine ON subject USING (true)",
        f"ALTER ROLE {APP} BYPASSRLS",
        f"SET ROLE {OWNER}",
        f"SET SESSION AUTHORIZATION {ADMIN}",
        "SET row_security = off; SELECT * FROM subject",
        "TRUNCATE fact",
        "DROP TABLE fact",
        "ALTER TABLE fact OWNER TO CURRENT_USER",
        "UPDATE audit_event SET body = 'x'",
        "UPDATE audit_event SET tenant = tenant",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "DELETE FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET hash = 'x'",
        "INSERT INTO audit_checkpoint SELECT * FROM audit_checkpoint "
        "ON CONFLICT (tenant, seq) DO UPDATE SET hash = 'x'",
        "MERGE INTO audit_event a USING audit_event b ON a.seq = b.seq AND a.tenant = b.tenant "
        "WHEN MATCHED THEN DELETE",
        "INSERT INTO tenant_directory VALUES ('made-up')",
        "DELETE FROM tenant_directory",
        "UPDATE api_key_directory SET tenant = 'other'",
        "CREATE TRIGGER t AFTER INSERT ON subject FOR EACH ROW "
        "EXECUTE FUNCTION metier_note_tenant()",
        "CREATE TEMP TABLE t (tenant text); CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW "
        "EXECUTE FUNCTION metier_note_tenant()",
        "DROP TRIGGER note_tenant ON audit_event",
        "ALTER TABLE audit_event DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OR REPLACE FUNCTION metier_note_tenant() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN RETURN NULL; END'",
        "CREATE RULE r AS ON INSERT TO audit_event DO INSTEAD NOTHING",
        "COPY audit_event TO PROGRAM 'cat'",
        "SELECT pg_read_file('PG_VERSION')",
        "UPDATE alembic_version SET version_num = '0003'",
    ],
)
def test_the_application_can_not_loosen_what_binds_it(shared: Place, statement: str) -> None:
    with shared.session() as session:
        session.execute(NAME_ACME.encode())
        with pytest.raises((InsufficientPrivilege, psycopg.errors.WrongObjectType)):
            session.execute(statement.encode())


def test_the_application_can_not_grant_itself_anything(shared: Place) -> None:
    """PostgreSQL answers with a warning, so what holds afterwards is looked at."""
    with shared.session() as session:
        session.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {APP}".encode())
        session.execute(NAME_ACME.encode())
        with pytest.raises(InsufficientPrivilege):
            session.execute(b"DELETE FROM audit_event")


def test_copies_are_bound_too(shared: Place) -> None:
    with shared.session() as session, session.cursor().copy(b"COPY subject TO STDOUT") as copy:
        assert list(copy) == []


def test_without_a_tenant_only_names_of_tenants_and_ids_of_keys_are_seen(
    shared: Place,
) -> None:
    """They are needed to begin with."""
    with shared.session() as session:
        assert session.execute("SELECT * FROM tenant_directory").fetchall() == [("acme",), ("",)]
        found = session.execute("SELECT * FROM api_key_directory").fetchall()
    assert found == [("key-acme", "acme")]


async def test_the_few_questions_about_all_tenants_are_answered(place: Place) -> None:
    store = place.store
    await fill(place, "other")
    await store.append_audit("", event)
    assert await store.tenants() == ["acme", "other"]
    assert await store.audit_tenants() == ["", "acme", "other"]
    assert await store.api_key("key-other") == api_key("other")
    assert await store.api_key("key-nobody") is None
    assert await store.api_keys("acme") == [api_key("acme")]
    assert await store.revoke_api_key("other", "key-acme", 5, event) is False
    assert await store.revoke_api_key("acme", "key-acme", 5, event) is True


def test_every_method_of_the_store_names_the_tenant_of_its_transaction() -> None:
    """SQLite would not notice; PostgreSQL would refuse the method on its first use."""
    from metier.store import _store

    tree = ast.parse(Path(_store.__file__).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made = [c for c in calls if ast.unparse(c.func) in ("self.read", "self.write")]
    assert len(made) > 20
    assert [ast.unparse(c) for c in made if len(c.args) != 2] == []


async def test_work_that_names_no_tenant_is_refused(place: Place) -> None:
    def count(connection: Connection) -> int:
        return int(connection.execute(text("SELECT count(*) FROM subject")).scalar_one())

    assert await place.store.read(count, "acme") == 1
    assert await place.store.read(count, "other") == 0
    for work in (place.store.read(count), place.store.write(count)):
        with pytest.raises(StoreUnavailable, match="none is named"):
            await work


async def test_work_for_one_tenant_writes_nothing_of_another(place: Place) -> None:
    """A bug that mixes up tenants is stopped by the database."""
    from metier.store import _turns

    turn = commit("turn-2", tenant="other")
    with pytest.raises(StoreUnavailable, match="role may not do that"):
        await place.store.write(lambda c: _turns.commit(c, turn), "acme")
    assert await place.store.subject("other", "s") is None
    assert await place.store.audit_events("other") == []


async def test_a_pooled_connection_does_not_keep_the_tenant(place: Place) -> None:
    store = place.store
    backend: Any = store._backend
    pool = backend._engine.pool
    for work in (
        store.subject("acme", "s"), store.append_audit("acme", event), store.api_key("key-acme"),
        failing(store.write(lambda c: c.execute(text("SELECT 1/0")), "acme")),
        failing(store.read(lambda c: c.execute(text("nonsense")), "acme")),
    ):  # fmt: skip
        await work
        connections = [pool.connect() for _ in range(pool.checkedin())]
        assert connections
        for pooled in connections:
            raw = pooled.driver_connection
            assert seen(raw) == NOTHING
            raw.rollback()
            pooled.close()


async def failing(work: Any) -> None:
    with pytest.raises(StoreUnavailable):
        await work


async def test_tenants_who_share_connections_see_their_own_only(place: Place) -> None:
    tenants = [f"t{n}" for n in range(6)]
    for tenant in tenants:
        await place.store.commit_turn(commit(f"turn-of-{tenant}", tenant=tenant))

    async def turns(tenant: str) -> list[str]:
        return [row.turn for row in await place.store.turn_records(tenant, "s")]

    asked = tenants * 20
    found = await asyncio.gather(*(turns(tenant) for tenant in asked))
    assert found == [[f"turn-of-{tenant}"] for tenant in asked]


def sql(*statements: str) -> tuple[str, ...]:
    return statements


@pytest.mark.parametrize(
    ("role", "before", "after", "reason"),
    [
        (ADMIN, (), (), "superuser"),
        (OWNER, (), (), "owns the tables"),
        ("loose", sql("CREATE ROLE loose LOGIN BYPASSRLS"), sql("DROP ROLE loose"), "bypass"),
        ("heir", sql(f"CREATE ROLE heir LOGIN IN ROLE {OWNER}"), sql("DROP ROLE heir"), "owns"),
        (APP, sql("ALTER TABLE fact NO FORCE ROW LEVEL SECURITY"), (), "not forced"),
        (APP, sql("ALTER TABLE chain DISABLE ROW LEVEL SECURITY"), (), "not forced"),
        (APP, sql(f"GRANT CREATE ON SCHEMA public TO {APP}"), (), "create tables"),
        (APP, sql(f"GRANT REFERENCES ON fact TO {APP}"), (), "truncate"),
        (APP, sql(f"GRANT TRUNCATE ON fact TO {APP}"), (), "truncate"),
        (APP, sql(f"GRANT DELETE ON audit_event TO {APP}"), (), "change the audit log"),
        (APP, sql(f"GRANT UPDATE (body) ON audit_event TO {APP}"), (), "change the audit log"),
        (APP, sql("GRANT UPDATE ON audit_checkpoint TO PUBLIC"), (), "change the audit log"),
    ],
)
async def test_a_role_that_could_get_around_it_is_refused(
    place: Place, role: str, before: tuple[str, ...], after: tuple[str, ...], reason: str
) -> None:
    from metier.store import Store

    place.server.admin(place.name, *before)
    store = Store(place.server.url(place.name, role))
    try:
        for work in (store.subject("acme", "s"), store.append_audit("acme", event)):
            with pytest.raises(StoreUnavailable, match=reason):
                await work
    finally:
        await store.close()
        place.server.admin(place.name, *after)


async def test_erasing_a_subject_leaves_no_row_of_theirs(place: Place) -> None:
    assert sum((await place.store.erase_subject("acme", "s")).values()) == 11
    for table in TABLES:
        if "subject" in SQLModel.metadata.tables[table].columns and table != "audit_event":
            assert place.count(table) == 0


async def test_ids_are_ordered_as_python_orders_them(place: Place) -> None:
    """Pages of ids are put together in Python, so both have to agree."""
    ids = ["B", "a", "Z", "é", "ab", "a-b", "张三", "_", "10", "9", "𠮷"]
    for subject in ids:
        await place.store.commit_turn(commit(f"turn-{subject}", tenant="order", subject=subject))
    assert await place.store.subjects("order") == sorted(ids)
    paged: list[str] = []
    while page := await place.store.due_subjects(
        "order", {"conversation": 2000, "vault": 2000}, paged[-1] if paged else "", 2
    ):
        paged += page
    assert paged == sorted(ids)


async def test_keys_are_rotated_as_on_sqlite(place: Place) -> None:
    store = place.store
    assert await store.count_subjects("acme") == 1 and await store.count_subjects("other") == 0
    assert await store.stale("other", "s", b"k", 10) is None
    found = await store.stale("acme", "s", b"k" * 32, 10)
    assert found is not None
    await store.reseal(
        Resealed(change(expected_revision=2, key_id=b"new"), {"fact": (SealedRow("f1", b"anew"),)})
    )
    assert await store.stale_turns("acme", "s", b"k" * 32) == ["turn-1"]
    assert await store.stale_turns("other", "s", b"k" * 32) == []
    await store.reseal_turns("acme", "s", [("turn-1", b"record", b"record-2")])
    assert await store.sealed_turns("acme", "s", ["turn-1"]) == [SealedRow("turn-1", b"record-2")]
    assert await store.sealed_turns("other", "s", ["turn-1"]) == []
    assert await store.key_ids("acme", "s")
    rows = await store.subject("acme", "s")
    assert rows is not None and rows.key_id == b"new"
    assert {r.id: r.sealed for r in rows.facts} == {"f1": b"anew", "f2": b"2"}
