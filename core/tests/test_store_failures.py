"""A store that can't be used says why and how to mend it, and is never half written."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store_kit import commit

from metier.audit import AuditEvent, AuditLog
from metier.store import Store, StoreUnavailable

SECRET = b"Anna Smith, 7946 0958"
COMMIT = commit(data=SECRET)
EVENT = AuditEvent("turn", "a", "s", "acme", {"finish": "stop"})
TABLES = ("fact", "plugin_state", "conversation", "vault", "chain", "turn_record", "audit_event")
WRITTEN = dict.fromkeys(TABLES, 1) | {"fact": 2}


class Keys:
    """The same keys for every tenant."""

    def purpose_key(self, tenant: str, purpose: str) -> bytes:
        return bytes(32)


def log_of(store: Store) -> AuditLog:
    return AuditLog(store, Keys())


def open_store(file: Path) -> Store:
    return Store(f"sqlite:///{file}", busy_seconds=0.1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of a store with nothing in it, closed."""
    file = tmp_path / "store.db"

    async def make() -> None:
        store = open_store(file)
        await store.migrate()
        await store.close()

    asyncio.run(make())
    return file


def rows(file: Path) -> dict[str, int]:
    with sqlite3.connect(file) as raw:
        return {t: raw.execute(f"select count(*) from {t}").fetchone()[0] for t in TABLES}


async def refusal(store: Store, work: Any) -> StoreUnavailable:
    try:
        with pytest.raises(StoreUnavailable) as error:
            await work
    finally:
        await store.close()
    assert error.value.status == 503 and error.value.code == "store_unavailable"
    assert error.value.__cause__ is None
    assert SECRET.decode() not in error.value.message
    return error.value


async def test_a_store_of_a_newer_schema_is_left_alone(file: Path) -> None:
    with sqlite3.connect(file) as raw:
        raw.execute("update alembic_version set version_num = '9999'")
    store = open_store(file)
    error = await refusal(store, store.migrate())
    assert "newer metier" in error.message and "Install that version" in error.message
    with sqlite3.connect(file) as raw:
        assert raw.execute("select version_num from alembic_version").fetchone() == ("9999",)


def ruin(file: Path, damage: str) -> Path:
    match damage:
        case "not a database":
            file.write_bytes(b"hello" * 1000)
        case "noise inside":
            file.write_bytes(file.read_bytes()[:4096] + os.urandom(60_000))
        case "a folder":
            file.unlink()
            file.mkdir()
    return file.parent / "gone" / "store.db" if damage == "no folder" else file


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("not a database", "damaged. Restore a backup"),
        ("noise inside", "damaged. Restore a backup"),
        ("a folder", "can't be opened. Run `metier setup`"),
        ("no folder", "can't be opened. Run `metier setup`"),
    ],
)
async def test_a_file_that_is_no_store_is_named_as_such(
    file: Path, damage: str, reason: str
) -> None:
    store = open_store(ruin(file, damage))
    assert reason in (await refusal(store, store.migrate())).message


async def test_a_schema_that_is_not_there_is_made_by_setup(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    assert "metier setup" in (await refusal(store, store.subject("acme", "s"))).message


@pytest.fixture
def locked(file: Path) -> Iterator[Path]:
    """Another process that holds the whole database, readers included."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("COMMIT")
    yield file
    other.close()


@pytest.mark.parametrize("what", ["migrate", "read", "write", "audit"])
async def test_a_store_that_another_process_holds_says_so(locked: Path, what: str) -> None:
    store = open_store(locked)
    work = {
        "migrate": lambda: store.migrate(),
        "read": lambda: store.subject("acme", "s"),
        "write": lambda: store.commit_turn(COMMIT),
        "audit": lambda: log_of(store).append(EVENT),
    }[what]()
    error = await refusal(store, work)
    assert "another process holds its lock" in error.message and "Try again" in error.message


async def test_a_store_of_this_version_is_opened_while_another_process_writes(file: Path) -> None:
    with sqlite3.connect(file, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        store = open_store(file)
        await store.migrate()
        await store.close()
        other.execute("ROLLBACK")


async def test_a_store_that_was_locked_serves_again_when_it_is_free(file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store = open_store(file)
    with pytest.raises(StoreUnavailable):
        await store.commit_turn(COMMIT)
    other.close()
    await store.commit_turn(COMMIT)
    assert rows(file) == WRITTEN
    await store.close()


FULL = """
import asyncio, resource, sqlite3, sys
from dataclasses import replace
from pathlib import Path
from metier.store import Store, StoreUnavailable
sys.path.insert(0, sys.argv[2])
from test_store_failures import COMMIT, SECRET
from store_kit import commit

async def main():
    store = Store(f"sqlite:///{sys.argv[1]}")
    await store.subject("acme", "s")
    # No file of this process may grow beyond this: what a full disk does to a write.
    limit = max(f.stat().st_size for f in Path(sys.argv[1]).parent.iterdir()) + 20_000
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        await store.commit_turn(commit(data=SECRET, messages=bytes(400_000)))
    except StoreUnavailable as error:
        print(error.message)
    await store.commit_turn(COMMIT)  # a small one still fits
    print("small one written")
    await store.close()

asyncio.run(main())
"""


def test_a_disk_that_fills_up_in_the_middle_of_a_commit_leaves_nothing(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(file), str(Path(__file__).parent)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    refused, written = done.stdout.splitlines()
    assert "disk" in refused and written == "small one written"
    assert rows(file) == WRITTEN
    with sqlite3.connect(file) as raw:
        assert raw.execute("select sealed from conversation").fetchone() == (SECRET,)
        assert raw.execute("pragma integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("table", TABLES)
async def test_a_commit_that_fails_at_any_table_leaves_nothing_in_the_others(
    file: Path, table: str
) -> None:
    with sqlite3.connect(file) as raw:
        raw.execute(
            f"create trigger stop before insert on {table} "
            "begin select raise(abort, 'database or disk is full'); end"
        )
    store = open_store(file)
    error = await refusal(store, store.commit_turn(COMMIT))
    assert "the disk is full. Free some space" in error.message
    assert set(rows(file).values()) == {0}


def test_a_process_that_dies_in_the_middle_of_a_commit_leaves_nothing(file: Path) -> None:
    code = (
        "import sqlite3, os, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute(\"insert into fact values ('acme', 's', 'f9', 9, x'00')\")\n"
        "os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(file)]).returncode == 9
    assert set(rows(file).values()) == {0}

    async def afterwards() -> None:
        store = open_store(file)
        await store.commit_turn(COMMIT)
        await store.close()

    asyncio.run(afterwards())
    assert rows(file) == WRITTEN


async def test_a_commit_that_is_cancelled_is_whole_or_not_at_all(file: Path) -> None:
    store = open_store(file)
    done = 0
    for pause in range(12):
        task = asyncio.ensure_future(store.commit_turn(commit(f"turn-{pause}", done, data=SECRET)))
        for _ in range(pause):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        await store.audit_events("acme")  # whatever had begun ends before
        await asyncio.sleep(0.01)
        done = await revision_of(store)
        assert rows(file) == {t: 2 if t == "fact" and done else done and 1 for t in TABLES} | {
            t: done for t in ("conversation", "vault", "chain", "turn_record", "audit_event")
        }
    await store.commit_turn(commit("last", done, data=SECRET))
    assert await revision_of(store) == done + 1
    await store.close()


async def revision_of(store: Store) -> int:
    found = await store.subject("acme", "s")
    return found.revision if found else 0
