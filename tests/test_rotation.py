"""Keys are rotated while turns go on, can be killed at any moment, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from killed import workers
from toy import Gardening

from metier import config, rights
from metier._home import open_keyring
from metier.app import Metier
from metier.audit import AuditLog
from metier.cli._keys import keys
from metier.crypto import SealBroken
from metier.model import Actor, Feedback, Json, MetierError
from metier.rotation import (
    Opened,
    Pace,
    resume_levels,
    resume_subjects,
    rotate_people,
    rotate_person,
    rotate_root,
    rotate_tenant,
)

PEOPLE = ("anna", "boris", "me")
QUICK = Pace(share=1.0, grace=0.0)


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Metier]:
    settings = config.Settings(embeddings="none")
    async with Metier.open(home, settings, plugins=[Gardening()]) as app:
        yield app


async def live(app: Metier, person: str, turns: int = 3) -> None:
    """Something in every table: facts, states, turns, conversations, vaults, feedback, ledger."""
    actor = Actor("default", person)
    conversation = None
    for number in range(turns):
        said = "My balcony faces north." if not number else f"When do I prune rose {number}?"
        request = app.request("gardening", said, subject=person, conversation=conversation)
        answer = await app.respond(request)
        conversation = answer.conversation if number % 2 else None
    await app.feedback(actor, Feedback(answer.id, 1))
    await rights.restrict(app.parts, actor, None, False, "only to have a line")


async def held(app: Metier, person: str) -> Mapping[str, Json]:
    """Everything that is held about a person, as it can be read now."""
    found = dict(await rights.export(app.parts, Actor("default", person), None))
    return {name: found[name] for name in _CONTENT}


_CONTENT = (
    "facts", "plugin_state", "statements", "feedback", "conversations", "stand_ins", "turns",
)  # fmt: skip


async def all_held(app: Metier) -> dict[str, Mapping[str, Json]]:
    return {person: await held(app, person) for person in PEOPLE}


async def key_ids(app: Metier) -> dict[str, frozenset[bytes]]:
    """By person, the keys that the store's records name; checks that there are no others."""
    found = {}
    for person in PEOPLE:
        rows = app.parts.keyring.store.subject_keys("default", person)
        named = await app.parts.store.key_ids("default", person)
        assert named == {row.id for row in rows}
        found[person] = named
    return found


@pytest.fixture
async def app(home: Path) -> AsyncIterator[Metier]:
    async with opened(home) as app:
        for person in PEOPLE:
            await live(app, person)
        yield app


async def test_everything_is_read_as_before_and_no_old_key_is_left(app: Metier) -> None:
    before, old = await all_held(app), await key_ids(app)
    store = app.parts.keyring.store
    wrapped = [row for rows in store.keys_of("default", PEOPLE).values() for row in rows]
    tables = {name for name in _CONTENT if all(before[p][name] for p in PEOPLE)}
    assert tables == set(_CONTENT)
    done = await rotate_people(app.parts, "default", "test", QUICK)
    assert (done.people, done.failed) == (len(PEOPLE), 0)
    assert await all_held(app) == before
    new = await key_ids(app)
    assert all(len(ids) == 1 and not ids & old[person] for person, ids in new.items())
    await app.parts.store.compact()
    left = b"".join(path.read_bytes() for path in app.home.glob("*.db*"))
    assert not any(row.wrapped in left for row in wrapped)
    assert not any(
        key in (app.home / "store.db").read_bytes() for key in set().union(*old.values())
    )
    assert app.parts.keyring.store.rotations(open_only=True) == []
    assert (await app.verify_audit()).ok


async def test_one_person_gets_a_newer_key_and_nobody_else(app: Metier) -> None:
    before, old = await all_held(app), await key_ids(app)
    await rotate_person(app.parts, "default", "anna", "test", QUICK)
    assert await all_held(app) == before
    new = await key_ids(app)
    assert {person for person in PEOPLE if new[person] != old[person]} == {"anna"}


async def test_a_rotation_is_told_in_the_audit_log_without_content(app: Metier) -> None:
    await rotate_people(app.parts, "default", "cli:op", QUICK)
    rows = await app.parts.store.audit_find("default", kind="keys-rotated")
    events = [app.parts.audit.genuine(row) for row in rows]
    assert {event.actor for event in events} == {"cli:op"}
    assert sorted(event.subject for event in events) == ["", *sorted(PEOPLE)]
    assert all(isinstance(v, int | str) for event in events for v in event.detail.values())


async def test_who_has_nothing_stored_keeps_the_key_that_sealed_nothing(app: Metier) -> None:
    await app.profile(Actor("default", "stranger"))
    with pytest.raises(MetierError) as error:
        await rotate_person(app.parts, "default", "stranger", "test", QUICK)
    assert error.value.code == "subject_not_found"
    await rotate_people(app.parts, "default", "test", QUICK)
    await live(app, "stranger")
    assert (await held(app, "stranger"))["turns"]


async def test_a_tenant_that_is_not_there_gets_no_keys(app: Metier) -> None:
    with pytest.raises(MetierError, match="no tenant 'typo'"):
        await rotate_people(app.parts, "typo", "test", QUICK)
    assert "typo" not in app.parts.keyring.store.tenants()


async def test_a_second_rotation_makes_newer_keys_again(app: Metier) -> None:
    first = await rotate_people(app.parts, "default", "test", QUICK)
    middle = await key_ids(app)
    second = await rotate_people(app.parts, "default", "test", QUICK)
    assert first.people == second.people and first.records == second.records
    assert all(not ids & middle[person] for person, ids in (await key_ids(app)).items())


async def test_turns_go_on_while_keys_are_rotated_and_nothing_of_them_is_lost(
    app: Metier,
) -> None:
    said: dict[str, list[str]] = {person: [] for person in PEOPLE}
    running = True

    async def talk(person: str) -> None:
        while running or len(said[person]) < 3:
            text = f"When do I prune tree {len(said[person])}?"
            await app.respond(app.request("gardening", text, subject=person))
            said[person].append(text)

    async def rotate() -> None:
        nonlocal running
        for _ in range(4):
            done = await rotate_people(app.parts, "default", "test", Pace(share=1.0, grace=0.05))
            assert done.failed == 0
        running = False

    await asyncio.gather(rotate(), *(talk(person) for person in PEOPLE))
    for person in PEOPLE:
        turns: Any = (await held(app, person))["turns"]
        messages = [turn["message"] for turn in turns]
        assert all(messages.count(text) == 1 for text in said[person])
    await key_ids(app)
    assert (await app.verify_audit()).ok


async def test_another_process_goes_on_with_turns_under_keys_it_did_not_make(
    app: Metier, home: Path
) -> None:
    anna = Actor("default", "anna")
    async with opened(home) as other:
        await held(other, "anna")
        await rotate_people(app.parts, "default", "test", QUICK)
        await other.set_fact(anna, None, "goal", "roses", "goal")
        assert await held(app, "anna") == await held(other, "anna")
        assert "roses" in {fact.value for fact in await app.profile(anna)}
    await key_ids(app)


async def test_a_server_goes_on_after_its_root_and_its_tenants_key_were_replaced(
    app: Metier, home: Path
) -> None:
    settings = config.load(home)
    other = open_keyring(home, settings)
    elsewhere = Opened(other, AuditLog(app.parts.store, other))
    old = app.parts.keyring.root.id
    await rotate_root(elsewhere, home, settings.root, settings.root, "test")
    await rotate_tenant(elsewhere, "default", "test")
    await live(app, "newcomer")
    stranger = Actor("a new tenant", "anna")
    await app.set_fact(stranger, None, "goal", "roses", "goal")
    assert app.parts.keyring.store.roots() == {other.root.id} != {old}
    assert [fact.value for fact in await app.profile(stranger)] == ["roses"]
    assert (await held(app, "newcomer"))["turns"]
    other.close()


async def test_a_record_that_was_changed_keeps_its_old_key_and_is_told(app: Metier) -> None:
    old = await key_ids(app)
    with sqlite3.connect(app.home / "store.db") as raw:
        (sealed,) = raw.execute(
            "select sealed from conversation where subject = 'anna' limit 1"
        ).fetchone()
        changed = sealed[:-1] + bytes((sealed[-1] ^ 1,))
        raw.execute("update conversation set sealed = ? where sealed = ?", (changed, sealed))
    done = await rotate_people(app.parts, "default", "test", QUICK)
    assert (done.people, done.failed) == (len(PEOPLE) - 1, 1)
    there = {row.id for row in app.parts.keyring.store.subject_keys("default", "anna")}
    assert old["anna"] < there
    assert app.parts.keyring.store.rotations(open_only=True)
    with pytest.raises((SealBroken, MetierError)):
        await held(app, "anna")


async def test_who_is_erased_while_keys_are_rotated_stays_erased(app: Metier) -> None:
    await asyncio.gather(
        rotate_people(app.parts, "default", "test", QUICK),
        rights.erase(app.parts, Actor("default", "anna"), None),
    )
    assert app.parts.keyring.store.subject_keys("default", "anna") == []
    assert (
        await app.parts.store.whole_subject("default", "anna") is None
        or not (await held(app, "anna"))["turns"]
    )
    await resume_subjects(app.parts, "test", QUICK)
    assert app.parts.keyring.store.key_figures("default").unfinished == 0


async def test_old_keys_are_kept_where_that_is_asked_for_until_resume(app: Metier) -> None:
    old = await key_ids(app)
    keeping = Pace(share=1.0, grace=0.0, keep_old=True)
    assert (await rotate_people(app.parts, "default", "test", keeping)).people == len(PEOPLE)
    figures = app.parts.keyring.store.key_figures("default")
    assert (figures.keys, figures.unfinished) == (2 * len(PEOPLE), len(PEOPLE))
    for person in PEOPLE:
        named = await app.parts.store.key_ids("default", person)
        assert len(named) == 1 and not named & old[person]
    await resume_subjects(app.parts, "test", QUICK)
    await key_ids(app)


async def test_an_erasure_names_every_key_the_person_ever_had(app: Metier) -> None:
    old = await key_ids(app)
    await rotate_person(app.parts, "default", "anna", "test", QUICK)
    new = await key_ids(app)
    done = await rights.erase(app.parts, Actor("default", "anna"), None)
    (line,) = app.parts.keyring.store.erasures()
    assert set(line.keys) == old["anna"] | new["anna"]
    assert set(done.keys) == {key.hex() for key in line.keys}


async def test_a_key_that_a_renewal_left_is_destroyed_by_resume(app: Metier) -> None:
    before = await all_held(app)
    app.parts.keyring.renew_subjects("default", ["boris"])
    await live(app, "me")
    assert app.parts.keyring.store.key_figures("default").unfinished == 1
    done = await resume_subjects(app.parts, "test", QUICK)
    assert done.people == 1
    await key_ids(app)
    assert (await held(app, "boris")) == before["boris"]


# --- killed ------------------------------------------------------------------------------

_COMMON = """
import asyncio
from pathlib import Path
from metier import config
from metier._home import open_keyring
from metier.app import Metier
from metier.audit import AuditLog
from metier.rotation import *
from metier.store import Store
from toy import Gardening

async def light(home, call):
    settings = config.load(home)
    keyring = open_keyring(home, settings)
    store = Store(f"sqlite:///{home / 'store.db'}")
    print("begun", flush=True)
    for _ in range(50):
        await call(Opened(keyring, AuditLog(store, keyring)), home, settings)
    print("done", flush=True)
"""
_ROOT = (
    _COMMON
    + """
def work(home):
    async def call(opened, home, settings):
        await rotate_root(opened, home, settings.root, settings.root, "killed")
    asyncio.run(light(Path(home), call))
"""
)
_TENANT = (
    _COMMON
    + """
def work(home):
    async def call(opened, home, settings):
        await rotate_tenant(opened, "default", "killed")
    asyncio.run(light(Path(home), call))
"""
)
_SUBJECT = (
    _COMMON
    + """
async def rotate(home):
    settings = config.Settings(embeddings="none")
    async with Metier.open(home, settings, plugins=[Gardening()]) as app:
        print("begun", flush=True)
        for _ in range(20):
            await rotate_people(app.parts, "default", "killed", Pace(share=1.0, grace=0.0))
    print("done", flush=True)

def work(home):
    asyncio.run(rotate(Path(home)))
"""
)
KILLS = int(os.environ.get("METIER_KILLS", "8"))
"""How often each level is killed; more in a long run."""


@pytest.mark.slow
@pytest.mark.timeout(60 + 20 * KILLS)
@pytest.mark.parametrize(("work", "seconds"), [(_ROOT, 0.3), (_TENANT, 0.3), (_SUBJECT, 0.6)])
async def test_killed_at_any_moment_a_rotation_is_taken_up_and_nothing_is_lost(
    home: Path, work: str, seconds: float
) -> None:
    async with opened(home) as app:
        for person in PEOPLE:
            await live(app, person)
        before = await all_held(app)
    interrupted = 0
    with workers(work) as each:
        for _ in range(KILLS):
            killed = await asyncio.to_thread(each.kill_within, seconds, str(home))
            interrupted += killed
            async with opened(home) as app:
                assert await all_held(app) == before
                light = Opened(app.parts.keyring, app.parts.audit)
                await resume_levels(light, home, app.settings.root, "test")
                await resume_subjects(app.parts, "test", QUICK)
                assert await all_held(app) == before
                store = app.parts.keyring.store
                assert store.rotations(open_only=True) == []
                assert store.key_figures("default").unfinished == 0
                assert store.roots() == {app.parts.keyring.root.id}
                wrap = [row for row in store.tenant_keys("default") if row.use == "wrap"]
                assert len(wrap) == 1
                assert {len(ids) for ids in (await key_ids(app)).values()} == {1}
                assert (await app.verify_audit()).ok
            assert not (home / "root.key.next").exists()
    assert interrupted, "no rotation was still under way when it was killed"


# --- commands ----------------------------------------------------------------------------


@pytest.fixture
async def used(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (home / "metier.toml").write_text('embeddings = "none"\n')
    async with opened(home) as app:
        await live(app, "anna")
    monkeypatch.setenv("METIER_HOME", str(home))
    return home


def said(*arguments: str) -> str:
    done = CliRunner().invoke(keys, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_commands_rotate_every_level_and_status_tells(used: Path) -> None:
    first = said("status")
    assert "opens the key store" in first and "1 key of 1 person" in first
    assert "wrapped anew" in said("rotate", "root")
    assert "root.key.old-" in said("status")
    assert "the old key destroyed" in said("rotate", "tenant")
    assert "1 person with a newer key" in said("rotate", "subject", "--all")
    assert "1 person with a newer key" in said("rotate", "subject", "anna", "--share", "100")
    assert "0 people with a newer key" in said("resume")
    assert "Deleted root.key.old-" in said("forget-root")
    assert "root.key.old-" not in said("status")
    pem = said("export-public")
    assert pem.count("BEGIN PUBLIC KEY") == 2 and "# tenant: default" in pem


def test_a_root_with_a_passphrase_is_put_in_the_place_of_a_file(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MetierError, match="METIER_NEW_PASSPHRASE"):
        said("rotate", "root", "--to", "passphrase")
    monkeypatch.setenv("METIER_NEW_PASSPHRASE", "a long one")
    said("rotate", "root", "--to", "passphrase")
    monkeypatch.setenv("METIER_PASSPHRASE", "a long one")
    assert "root       passphrase" in said("status")


def test_a_table_that_names_no_root_is_refused(used: Path) -> None:
    (used / "next.toml").write_text("[roots]\n")
    with pytest.raises(MetierError, match="no TOML with a table"):
        said("rotate", "root", "--settings", str(used / "next.toml"))
    (used / "next.toml").write_text('[root]\nkind = "vault"\n')
    with pytest.raises(MetierError, match="needs `address`"):
        said("rotate", "root", "--settings", str(used / "next.toml"))


def test_nobody_or_everybody_is_named(used: Path) -> None:
    for arguments in ((), ("anna", "--all"), ("--all-tenants", "--tenant", "x")):
        done = CliRunner().invoke(keys, ["rotate", "subject", *arguments])
        assert done.exit_code == 2
