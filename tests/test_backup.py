"""Backup and restore of a whole metier: erasure, backups under load, kills, the commands."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from toy import Gardening

from metier import config, rights
from metier._home import open_keyring
from metier.app import Metier, make_keys
from metier.audit import AuditLog
from metier.backup import Restoring as Wanted
from metier.backup import Source, check, make_backup, make_escrow, restore
from metier.cli import _backup
from metier.crypto.roots import open_root
from metier.model import Actor
from metier.store import Store

SETTINGS = config.Settings(embeddings="none")
PLANTED = "Zebulon Quartermain", "+49 170 5550199", "青霉素过敏的张伟"
KILLS = int(os.environ.get("METIER_EXAMPLES", "3"))


def _forms(value: str) -> Iterator[bytes]:
    """A value as it could lie in a file."""
    raw = value.encode()
    for encoded in (raw, value.encode("utf-16-le"), value.encode("utf-16-be")):
        yield encoded
        yield encoded.hex().encode()
        yield encoded.hex().upper().encode()
        for shift in range(3):  # base64 of text in the middle of something
            text = base64.b64encode(b"\0" * shift + encoded)
            yield text[(shift and shift + 1) : -4]
    yield orjson.dumps(value)[1:-1].decode().encode("ascii", "backslashreplace")


def _hits(*folders: Path) -> list[tuple[Path, bytes]]:
    forms = [form for value in PLANTED for form in _forms(value) if len(form) > 8]
    return [
        (path, form)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
        for form in forms
        if form in path.read_bytes()
    ]


def _app(home: Path) -> Metier:
    return Metier.open(home, SETTINGS, plugins=(Gardening(),))


def _source(app: Metier) -> Source:
    return Source(app.home, app.parts.keyring, app.parts.audit, "tester")


def _wanted(archive: Path, home: Path, **changes: Any) -> Wanted:
    return Wanted(archive, home, open_root(home / "root.key"), "tester", **changes)


async def _say(app: Metier, subject: str, text: str) -> None:
    await app.respond(app.request("gardening", text, subject=subject))


@pytest.mark.parametrize("value", PLANTED)
def test_the_search_for_planted_values_finds_them_in_every_form(value: str, tmp_path: Path) -> None:
    raw = value.encode()
    for data in (raw, value.encode("utf-16-le"), raw.hex().encode(), base64.b64encode(raw),
                 base64.b64encode(b"x" + raw + b"y"), base64.b64encode(b"xx" + raw)):  # fmt: skip
        (tmp_path / "file").write_bytes(b"before " + data + b" after")
        assert _hits(tmp_path), data


async def test_erased_then_restored_from_before_nothing_can_be_recovered(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups, temporary = tmp_path / "backups", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    async with _app(home) as app:
        for subject in ("gone", "stays"):
            for value in PLANTED:
                await _say(app, subject, f"Call me {value}. My balcony faces north.")
            await app.set_fact(Actor("default", subject), subject, "name", PLANTED[0], "identity")
        made = await make_backup(_source(app), backups)
        certificate = await rights.erase(app.parts, Actor("default", "gone"), "gone")
        assert sum(certificate.rows.values()) > 5
        assert _hits(tmp_path) == []
    done = await restore(_wanted(made.path, home, replace=True))
    assert done.checked.applied.erased == 1 and done.checked.applied.people == 1
    assert _hits(tmp_path) == []
    async with _app(home) as app:
        assert (await app.verify_audit()).ok
        assert await app.profile(Actor("default", "gone"), "gone") == []
        whole = await app.parts.store.whole_subject("default", "gone")
        assert whole is not None and not (whole.turns or whole.messages or whole.vaults)
        assert any(f.value == PLANTED[0] for f in await app.profile(Actor("default", "stays")))
        verdict = await rights.check(app.parts, Actor("default", "gone"), "gone", certificate)
        assert all(verdict.values()), verdict
        await _say(app, "gone", "I am back, and my balcony faces north.")
        facts = await app.profile(Actor("default", "gone"), "gone")
        assert [fact.value for fact in facts] == ["north"]


async def test_after_the_disk_is_lost_the_newest_escrow_does_not_bring_back_the_erased(
    home: Path, tmp_path: Path
) -> None:
    async with _app(home) as app:
        await _say(app, "gone", f"Call me {PLANTED[0]}. My balcony faces north.")
        await _say(app, "stays", "My balcony faces north.")
        made = await make_backup(_source(app), tmp_path / "backups")
        await rights.erase(app.parts, Actor("default", "gone"), "gone")
        await make_escrow(_source(app), tmp_path / "backups")
    new = tmp_path / "new"
    new.mkdir()
    (home / "root.key").rename(new / "root.key")
    done = await restore(_wanted(made.path, new))
    assert done.checked.from_escrow and done.checked.applied.erased == 1
    async with _app(new) as app:
        assert await app.profile(Actor("default", "gone"), "gone") == []
        assert len(await app.profile(Actor("default", "stays"), "stays")) == 1
    assert _hits(new, tmp_path / "backups") == []


async def test_a_backup_under_load_verifies_and_holds_every_turn_acknowledged_before(
    home: Path, tmp_path: Path
) -> None:
    async with _app(home) as app:
        await _say(app, "first", "My balcony faces north.")
        before: set[str] = set()
        acknowledged: set[str] = set()
        made = None

        async def turn(number: int) -> None:
            answer = await app.respond(
                app.request("gardening", "My balcony faces north.", subject=f"p{number % 7}")
            )
            acknowledged.add(answer.id)
            if len(acknowledged) == 5:
                enough.set()

        enough = asyncio.Event()

        async def back_up() -> None:
            nonlocal made
            await enough.wait()
            before.update(acknowledged)
            made = await make_backup(_source(app), tmp_path / "backups")

        await asyncio.gather(back_up(), *(turn(number) for number in range(50)))
        assert made is not None and len(acknowledged) == 50 and len(before) >= 5
    new = tmp_path / "new"
    new.mkdir()
    (new / "root.key").write_bytes((home / "root.key").read_bytes())
    (new / "root.key").chmod(0o600)
    await restore(_wanted(made.path, new))
    async with _app(new) as app:
        assert (await app.verify_audit()).ok
        held = {
            row.turn
            for subject in await app.parts.store.subjects("default")
            for row in await app.parts.store.turn_records("default", subject)
        }
        assert before <= held
        for subject in await app.parts.store.subjects("default"):
            assert await app.profile(Actor("default", subject), subject)


BACK_UP = """
import asyncio, sys
from pathlib import Path
from metier import config
from metier._home import open_keyring
from metier.audit import AuditLog
from metier.backup import Source, make_backup
from metier.store import Store

async def main():
    home, folder = Path(sys.argv[1]), Path(sys.argv[2])
    keyring = open_keyring(home, config.Settings())
    store = Store(f"sqlite:///{home / 'store.db'}")
    source = Source(home, keyring, AuditLog(store, keyring), "tester")
    print("ready", flush=True)
    while True:
        await make_backup(source, folder)
        print("made", flush=True)

asyncio.run(main())
"""


async def _with_people(home: Path, backups: Path, people: int) -> Path:
    async with _app(home) as app:
        for number in range(people):
            await _say(app, f"p{number}", "My balcony faces north.")
        assert (await app.verify_audit()).ok
        return (await make_backup(_source(app), backups)).path


@pytest.mark.slow
def test_a_backup_that_is_killed_leaves_the_old_ones_and_the_home_fine(
    home: Path, tmp_path: Path
) -> None:
    backups = tmp_path / "backups"
    asyncio.run(_with_people(home, backups, 6))
    chance = random.Random(5)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", BACK_UP, str(home), str(backups)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        archives = sorted(backups.glob("*.backup"))
        newest = asyncio.run(check(_wanted(archives[-1], home)))
        assert newest.applied.people == 6 and newest.escrow is not None
        for old in archives[:-3]:
            old.unlink()
    for archive in backups.glob("*.backup"):
        assert asyncio.run(check(_wanted(archive, home))).applied.people == 6
    assert asyncio.run(_with_people(home, backups, 6)).exists()
    assert not list(backups.glob(".*")) and not list(home.glob(".backup-*"))


RESTORE = """
import asyncio, sys
from pathlib import Path
from metier.backup import Restoring, restore
from metier.crypto.roots import open_root

home, archive = map(Path, sys.argv[1:])
print("ready", flush=True)
while True:
    root = open_root(home / "root.key")
    asyncio.run(restore(Restoring(archive, home, root, "tester", replace=True)))
"""


@pytest.mark.slow
def test_a_restore_that_is_killed_leaves_the_old_store_or_the_new_one(
    home: Path, tmp_path: Path
) -> None:
    archive = asyncio.run(_with_people(home, tmp_path / "backups", 6))
    chance = random.Random(7)
    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", RESTORE, str(home), str(archive)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert asyncio.run(_people(home)) == {f"p{number}": ["north"] for number in range(6)}
    asyncio.run(restore(_wanted(archive, home, replace=True)))
    assert not list(home.glob(".restore-*"))


async def _people(home: Path) -> dict[str, list[str]]:
    """What a home holds of everybody, once its log has been verified."""
    async with _app(home) as app:
        assert (await app.verify_audit()).ok
        found = {}
        for subject in await app.parts.store.subjects("default"):
            facts = await app.profile(Actor("default", subject), subject)
            found[subject] = [fact.value for fact in facts]
        return found


# --- the commands ----------------------------------------------------------------------------


def _run(command: Any, *arguments: str | Path, home: Path) -> Result:
    env = {"METIER_HOME": str(home)}
    return CliRunner().invoke(command, [str(a) for a in arguments], env=env)


async def _prepared(home: Path) -> None:
    async with _app(home) as app:
        await _say(app, "anna", "My balcony faces north.")


def _events(home: Path, kind: str) -> list[dict[str, Any]]:
    async def read() -> list[dict[str, Any]]:
        store = Store(f"sqlite:///{home / 'store.db'}")
        keyring = open_keyring(home, SETTINGS)
        rows = await store.audit_find("", kind=kind)
        found = [dict(AuditLog(store, keyring).genuine(row).detail) for row in rows]
        await store.close()
        keyring.close()
        return found

    return asyncio.run(read())


def test_the_commands_make_check_and_restore_a_backup(home: Path, tmp_path: Path) -> None:
    asyncio.run(_prepared(home))
    (home / "metier.toml").write_text('embeddings = "none"\n')
    done = _run(_backup.backup, tmp_path / "b", home=home)
    assert done.exit_code == 0, done.output
    assert "1 person, 1 tenant" in done.output and "root key" in done.output
    (archive,) = (tmp_path / "b").glob("*.backup")
    escrow = _run(_backup.backup, tmp_path / "b", "--keys-only", "--json", home=home)
    assert orjson.loads(escrow.output)["key_store"] > 1

    tested = _run(_backup.restore, archive, "--check", home=home)
    assert tested.exit_code == 0 and "can be restored: 1 person" in tested.output, tested.output
    assert [event["ok"] for event in _events(home, "restore-test")] == [True]

    refused = _run(_backup.restore, archive, home=home)
    assert refused.exit_code != 0 and "--replace" in refused.exception.message  # type: ignore[union-attr]
    put_back = _run(_backup.restore, archive, "--replace", home=home)
    assert put_back.exit_code == 0, put_back.output
    assert "events after" in put_back.output and "restore-test" in put_back.output
    assert len(_events(home, "restore")) == 1
    made = _run(_backup.backup, tmp_path / "b", "--json", home=home)
    assert orjson.loads(made.output)["manifest"]["rows"]["subject"] == 1


def test_a_test_that_fails_is_noted_too(home: Path, tmp_path: Path) -> None:
    asyncio.run(_prepared(home))
    (home / "metier.toml").write_text('embeddings = "none"\n')
    _run(_backup.backup, tmp_path / "b", home=home)
    (archive,) = (tmp_path / "b").glob("*.backup")
    data = bytearray(archive.read_bytes())
    data[-100] ^= 1
    archive.write_bytes(data)
    tested = _run(_backup.restore, archive, "--check", home=home)
    assert tested.exit_code != 0 and "damaged" in tested.exception.message  # type: ignore[union-attr]
    (event,) = _events(home, "restore-test")
    assert (event["ok"], event["code"]) == (False, "backup_damaged")


def test_without_the_root_key_it_is_said_what_not_to_do(home: Path, tmp_path: Path) -> None:
    asyncio.run(_prepared(home))
    _run(_backup.backup, tmp_path / "b", home=home)
    (archive,) = (tmp_path / "b").glob("*.backup")
    done = _run(_backup.restore, archive, "--home", tmp_path / "new", home=home)
    assert done.exception is not None
    assert "Don't run `metier setup`" in done.exception.message  # type: ignore[attr-defined]
    assert not (tmp_path / "new").exists()
    (tmp_path / "home2").mkdir()
    make_keys(tmp_path / "home2")
    done = _run(_backup.restore, archive, "--home", tmp_path / "home2", home=home)
    assert done.exception.code == "root_wrong"  # type: ignore[union-attr]
