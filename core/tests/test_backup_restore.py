"""Restoring: erasures stay, keys are never too old, nothing is touched before all is verified."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from pathlib import Path

import orjson
import pytest
from backup_kit import SECRET, empty_home, opened, restoring

from metier.audit import AuditEvent
from metier.backup import BackupError, check, make_escrow, read_header, restore, restore_keys
from metier.backup._keys import unpack
from metier.crypto import Keyring, KeyringError, KeyStore, RecordKey
from metier.model import MetierError
from metier.store import ApiKeyRow


async def test_an_erased_person_is_not_brought_back(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("gone")
        await home.learn("stays")
        made = await home.backup(tmp_path / "backups")
        await home.erase("gone")
    done = await restore(restoring(made.path, tmp_path / "home", replace=True))
    assert (done.checked.applied.erased, done.checked.applied.people) == (1, 1)
    async with opened(tmp_path / "home") as home:
        assert await home.facts("gone") == [] and await home.facts("stays") == [SECRET]
        assert (await home.log.verify()).ok
        rows = await home.store.subject("acme", "gone")
        # The log says that there is nothing, so that the person can begin anew.
        assert rows is not None and rows.newest is not None
        assert home.log.genuine(rows.newest).revision == 0
        await home.learn("gone", "anew")
        assert await home.facts("gone") == ["anew"]


async def test_who_came_back_after_the_erasure_keeps_what_is_new(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p", "old")
        with sqlite3.connect(home.path / "store.db") as raw:
            old = raw.execute("SELECT * FROM fact").fetchall()
        raw.close()
        await home.erase("p")
        await home.learn("p", "new")
        with sqlite3.connect(home.path / "store.db") as raw:  # what an interrupted erasure leaves
            raw.executemany("INSERT INTO fact VALUES (?, ?, ?, 99, ?)",
                            [(t, s, i, sealed) for t, s, i, _, sealed in old])  # fmt: skip
        raw.close()
        made = await home.backup(tmp_path / "backups")
    done = await restore(restoring(made.path, tmp_path / "home", replace=True))
    assert (done.checked.applied.erased, done.checked.applied.rows) == (1, 1)
    async with opened(tmp_path / "home") as home:
        assert await home.facts("p") == ["new"]


async def test_an_escrow_older_than_the_archive_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        old = (await make_escrow(home.source, tmp_path / "old")).path
        await home.learn("q")
        made = await home.backup(tmp_path / "backups")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    with pytest.raises(BackupError) as caught:
        await restore(restoring(made.path, new, keys=old))
    assert caught.value.code == "keys_older"
    assert sorted(path.name for path in new.iterdir()) == ["backup.lock", "root.key", "store.lock"]


async def test_older_keys_with_a_reason_are_taken_and_audited(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        old = (await make_escrow(home.source, tmp_path / "old")).path
        made = await home.backup(tmp_path / "backups")
        await home.learn("q")
        later = await home.backup(tmp_path / "backups")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    with pytest.raises(BackupError, match="1 of 2 people"):
        await restore(restoring(later.path, new, keys=old, older_keys="nothing newer"))
    done = await restore(
        restoring(later.path, new, keys=old, older_keys="nothing newer", without_unreadable=True)
    )
    assert (done.checked.applied.unreadable, done.checked.applied.people) == (1, 1)
    async with opened(new) as home:
        (event,) = await home.store.audit_find("", kind="restore")
        assert "nothing newer" in event.body.decode()
    assert made.escrow.key_store < later.escrow.key_store


async def test_erasures_that_a_newer_log_tells_of_are_applied_with_older_keys(
    tmp_path: Path,
) -> None:
    """The disk is lost with the key store; what is left is a backup and what a sink has kept."""
    async with opened(tmp_path / "home") as home:
        await home.learn("gone")
        await home.learn("stays")
        made = await home.backup(tmp_path / "backups")
        await home.erase("gone")
        kept = tmp_path / "sink.jsonl"
        lines = [line async for line in home.log.export("acme", "jsonl", "a")]
        kept.write_bytes(b"\n".join(lines) + b"\n")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    with pytest.raises(BackupError) as caught:
        await restore(restoring(made.path, new, against=kept))
    assert caught.value.code == "keys_older"
    done = await restore(restoring(made.path, new, against=kept, older_keys="disk lost"))
    assert done.checked.applied.erased == 1
    (lost,) = [each for each in done.checked.lost if each.tenant == "acme"]
    assert lost.events >= 1 and lost.kinds["subject-erase"] == 1
    async with opened(new) as home:
        assert await home.facts("stays") == [SECRET] and await home.facts("gone") == []
        assert home.keyring.store.subject_keys("acme", "gone") == []
        assert len(home.keyring.store.erasures()) == 1


async def test_a_log_that_somebody_else_wrote_tells_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
        await home.erase("p")
        lines = [line async for line in home.log.export("acme", "jsonl", "a")]
    forged = []
    for line in lines:
        found = orjson.loads(line)
        if found["type"] == "event":
            found["mac"] = "00" * 32
        forged.append(orjson.dumps(found))
    kept = tmp_path / "sink.jsonl"
    kept.write_bytes(b"\n".join([*forged, b"no JSON", b'{"type": "event"}', b"[1]"]) + b"\n")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    done = await restore(restoring(made.path, new, against=kept))
    assert (done.checked.applied.erased, done.checked.applied.people) == (0, 1)
    assert [lost.events for lost in done.checked.lost] == [0]


async def test_records_whose_key_was_renewed_are_not_dropped_in_silence(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        await home.learn("q")
        made = await home.backup(tmp_path / "backups")
        old = [row.id for row in home.keyring.store.subject_keys("acme", "p")]
        home.keyring.renew_subjects("acme", ["p"])
        home.keyring.store.drop_subject_keys(old)
    with pytest.raises(BackupError, match="1 of 2 people") as caught:
        await restore(restoring(made.path, tmp_path / "home", replace=True))
    assert caught.value.code == "keys_missing"
    wanted = restoring(made.path, tmp_path / "home", replace=True, without_unreadable=True)
    done = await restore(wanted)
    assert (done.checked.applied.unreadable, done.checked.applied.people) == (1, 1)


async def test_what_was_lost_since_and_what_to_do_again_is_told(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        key = ApiKeyRow("acme", "k1", b"d", "a", "[]", "[]", "[]", 1)
        event = home.log.entry(AuditEvent("api-key-created", "a", "", "acme", {}))
        await home.store.add_api_key(key, event)
        made = await home.backup(tmp_path / "backups")
        await home.learn("p", "more")
        await home.log.append(AuditEvent("consent-withdrawn", "p", "p", "acme", {}))
        event = home.log.entry(AuditEvent("api-key-revoked", "a", "", "acme", {}))
        await home.store.revoke_api_key("acme", "k1", 5, event)
        head = (await home.store.audit_events("acme"))[-1]
    done = await restore(restoring(made.path, tmp_path / "home", replace=True))
    by_tenant = {lost.tenant: lost for lost in done.checked.lost}
    lost = by_tenant["acme"]
    assert (lost.events, lost.last, lost.other_way) == (3, head.seq, False)
    assert lost.kinds == {"profile-set": 1, "consent-withdrawn": 1, "api-key-revoked": 1}
    assert by_tenant[""].kinds == {"backup": 1}
    assert [(redo.kind, redo.subject) for redo in done.checked.redo] == [("consent-withdrawn", "p")]
    assert done.revoked == 1 and done.kept is not None
    assert (done.kept / "store.db").exists() and not (done.kept / "keys.db").exists()
    async with opened(tmp_path / "home") as home:
        assert await home.facts("p") == [SECRET]
        assert [row.revoked for row in await home.store.api_keys("acme")] == [5]
        (told,) = await home.store.audit_find("acme", kind="restore")
        assert orjson.loads(told.body)["detail"]["previous_hash"] == head.hash.hex()


async def test_a_checkpoint_kept_elsewhere_tells_what_is_lost_and_a_false_one_is_refused(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
        await home.learn("p", "more")
        signed = await home.log.checkpoint("acme")
        assert signed is not None
    kept = tmp_path / "kept.jsonl"
    kept.write_bytes(signed.line() + b"\n")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    found = await check(restoring(made.path, new, against=kept))
    assert [(lost.tenant, lost.events, lost.last) for lost in found.lost] == [("acme", 1, 2)]
    kept.write_bytes(b"something else\n")
    with pytest.raises(BackupError, match="no event and no checkpoint"):
        await check(restoring(made.path, new, against=kept))
    kept.write_bytes(signed.line().replace(b'"seq":2', b'"seq":1') + b"\n")
    with pytest.raises(BackupError, match="does not verify"):
        await restore(restoring(made.path, new, against=kept))
    assert not (new / "store.db").exists()


async def test_a_home_in_use_or_with_a_store_is_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
    before = (tmp_path / "home" / "store.db").read_bytes()
    with pytest.raises(BackupError, match="--replace"):
        await restore(restoring(made.path, tmp_path / "home"))
    held = os.open(tmp_path / "home" / "store.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_SH)
    with pytest.raises(BackupError) as caught:
        await restore(restoring(made.path, tmp_path / "home", replace=True))
    assert caught.value.code == "home_in_use"
    assert (await check(restoring(made.path, tmp_path / "home"))).applied.people == 1
    os.close(held)
    assert (tmp_path / "home" / "store.db").read_bytes() == before


async def test_a_damaged_store_is_replaced_and_kept_with_its_log(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
    for damage in (b"\0" * 100_000, b"x" * 8192):
        (tmp_path / "home" / "store.db").write_bytes(damage)
        (tmp_path / "home" / "store.db-wal").write_bytes(b"left over")
        done = await restore(restoring(made.path, tmp_path / "home", replace=True))
        assert done.kept is not None and (done.kept / "store.db").read_bytes() == damage
        assert done.checked.newer_log_unread
        assert (done.kept / "store.db-wal").read_bytes() == b"left over"
        async with opened(tmp_path / "home") as home:
            assert await home.facts("p") == [SECRET]
        os.rename(done.kept, tmp_path / f"kept{len(damage)}")


async def test_a_damaged_store_is_not_backed_up(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        for number in range(40):
            await home.learn(f"p{number}")
    path = tmp_path / "home" / "store.db"
    data = bytearray(path.read_bytes())
    for page in range(4, len(data) // 4096):
        data[page * 4096 : page * 4096 + 200] = b"\xff" * 200
    async with opened(tmp_path / "home") as home:
        good = await home.backup(tmp_path / "backups")
        await home.store.compact()
        await home.store.close()
        path.write_bytes(data)
        with pytest.raises(MetierError) as caught:
            await home.backup(tmp_path / "backups")
        assert caught.value.code in ("store_damaged", "backup", "store_unavailable")
    left = sorted(file.name for file in (tmp_path / "backups").iterdir())
    assert left == ["keys.escrow", good.path.name]


async def test_without_any_key_store_it_is_said_that_nobody_can_read_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
    made.escrow.path.unlink()
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    with pytest.raises(BackupError) as caught:
        await restore(restoring(made.path, new))
    assert caught.value.code == "keys_missing" and "--keys" in caught.value.message


async def test_a_lost_or_damaged_key_store_comes_from_the_escrow(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
    (tmp_path / "home" / "keys.db").write_bytes(b"no database at all" * 300)
    done = await restore(restoring(made.path, tmp_path / "home", replace=True))
    assert done.checked.from_escrow and done.kept is not None
    assert (done.kept / "keys.db").exists()
    async with opened(tmp_path / "home") as home:
        assert await home.facts("p") == [SECRET]


async def test_the_escrow_of_another_or_a_newer_one_is_never_replaced(tmp_path: Path) -> None:
    root = tmp_path / "one" / "root.key"
    async with opened(tmp_path / "one") as one:
        await one.learn("p")
        await one.learn("q")
        made = await one.backup(tmp_path / "backups")
        before = (tmp_path / "one" / "keys.db").read_bytes()
        await one.erase("q")
        newer = (await make_escrow(one.source, tmp_path / "backups")).path.read_bytes()
    async with opened(tmp_path / "two", root) as two:
        await two.learn("p")
        with pytest.raises(BackupError, match="another installation"):
            await two.backup(tmp_path / "backups")
    (tmp_path / "one" / "keys.db").write_bytes(before)
    async with opened(tmp_path / "one") as one:
        with pytest.raises(BackupError) as caught:
            await one.backup(tmp_path / "backups")
        assert caught.value.code == "keys_older"
    assert (tmp_path / "backups" / "keys.escrow").read_bytes() == newer
    # And keys of one are not taken for the records of the other, or made in their place.
    with pytest.raises(BackupError) as caught:
        await restore(restoring(made.path, tmp_path / "two", replace=True))
    assert caught.value.code in ("keys_of_another", "keys_older")


async def test_a_damaged_escrow_is_replaced(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
        made.escrow.path.write_bytes(made.escrow.path.read_bytes()[:60])
        made = await home.backup(tmp_path / "backups")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    assert (await check(restoring(made.path, new))).escrow == made.escrow.key_store


async def test_a_full_disk_leaves_the_backups_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.backup._format import Writer

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
        kept = {path: path.read_bytes() for path in (tmp_path / "backups").iterdir()}
        with monkeypatch.context() as patch:
            patch.setattr(Writer, "_chunk", full)
            with pytest.raises(BackupError) as caught:
                await home.backup(tmp_path / "backups")
        assert caught.value.code == "disk_full" and "as they were" in caught.value.message
    assert {path: path.read_bytes() for path in (tmp_path / "backups").iterdir()} == kept
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")

    monkeypatch.setattr("metier.backup._prepare.write", full)
    with pytest.raises(BackupError) as caught:
        await restore(restoring(made.path, new))
    assert caught.value.code == "disk_full" and not (new / "store.db").exists()


async def test_a_store_without_a_root_key_or_keys_makes_none(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p", tenant="acme")
        old = (await make_escrow(home.source, tmp_path / "old")).path
        await home.learn("p", tenant="later")
        made = await home.backup(tmp_path / "backups")
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    with pytest.raises(BackupError, match="no keys of 1 tenant"):
        await restore(restoring(made.path, new, keys=old, older_keys="to see"))
    (tmp_path / "home" / "root.key").unlink()
    with pytest.raises(KeyringError):
        restoring(made.path, tmp_path / "home")


async def test_a_lost_key_store_alone_is_put_back_and_nothing_else_is_lost(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("gone")
        await home.learn("p")
        escrow = (await make_escrow(home.source, tmp_path / "backups")).path
        await home.learn("p", "later")
    wanted = restoring(escrow, tmp_path / "home")
    with pytest.raises(BackupError) as caught:
        await restore_keys(wanted)
    assert caught.value.code == "keys_exist"
    for left in (b"", b"x" * 9000):
        (tmp_path / "home" / "keys.db").unlink()
        if left:
            (tmp_path / "home" / "keys.db").write_bytes(left)
        done = await restore_keys(wanted)
        async with opened(tmp_path / "home") as home:
            assert len(await home.facts("p")) == 2 and (await home.log.verify()).ok
            assert await home.store.audit_find("", kind="restore-keys")
    assert done.kept is not None and (done.kept / "keys.db").read_bytes() == b"x" * 9000


async def test_keys_that_are_older_than_the_store_do_not_fit_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("gone")
        await home.learn("p")
        escrow = (await make_escrow(home.source, tmp_path / "backups")).path
        await home.erase("gone")
    (tmp_path / "home" / "keys.db").unlink()
    with pytest.raises(BackupError) as caught:
        await restore_keys(restoring(escrow, tmp_path / "home"))
    assert caught.value.code == "keys_older"
    assert not (tmp_path / "home" / "keys.db").exists()
    await restore_keys(restoring(escrow, tmp_path / "home", older_keys="nothing newer"))
    async with opened(tmp_path / "home") as home:
        assert home.keyring.store.subject_keys("acme", "gone") == []
        assert await home.facts("p") == [SECRET]
        await home.learn("newcomer")
    (tmp_path / "home" / "keys.db").unlink()
    with pytest.raises(BackupError, match="records of 1 people"):
        wanted = restoring(escrow, tmp_path / "home", older_keys="nothing newer")
        await restore_keys(wanted)
    async with opened(tmp_path / "other") as other:
        await other.learn("p", tenant="elsewhere")
    (tmp_path / "other" / "keys.db").unlink()
    with pytest.raises(BackupError) as caught:
        root = tmp_path / "home" / "root.key"
        await restore_keys(restoring(escrow, tmp_path / "other", root))
    assert caught.value.code == "keys_of_another"


async def test_a_backup_whose_keys_are_gone_already_is_not_made(tmp_path: Path) -> None:
    """As where the key was renewed between the copies of the two stores."""
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        old = [row.id for row in home.keyring.store.subject_keys("acme", "p")]
        home.keyring.renew_subjects("acme", ["p"])
        made = await home.backup(tmp_path / "backups")
        home.keyring.store.drop_subject_keys(old)
        with pytest.raises(BackupError) as caught:
            await home.backup(tmp_path / "backups")
        assert caught.value.code == "keys_missing"
        # Nor are the keys of the backup that is there replaced.
        assert (await check(restoring(made.path, home.path, without_unreadable=True))).escrow
    assert [path.name for path in (tmp_path / "backups").glob("*.backup")] == [made.path.name]


async def test_two_backups_of_a_home_do_not_run_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        held = os.open(tmp_path / "home" / "backup.lock", os.O_RDWR | os.O_CREAT)
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(BackupError) as caught:
            await home.backup(tmp_path / "backups")
        os.close(held)
        assert caught.value.code == "backup_running"
        await home.backup(tmp_path / "backups")


async def test_what_a_killed_backup_left_is_deleted_by_the_next(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
        left = tmp_path / "home" / ".backup-abc" / "store.db"
        left.parent.mkdir()
        left.write_bytes(b"half")
        mark = f".metier-{read_header(made.path).installation}-1.partial"
        (tmp_path / "backups" / mark).write_bytes(b"half")
        other = tmp_path / "backups" / ".metier-another-1.partial"
        other.write_bytes(b"a backup of another home that is being made")
        await home.backup(tmp_path / "backups")
    assert not left.parent.exists() and other.exists()
    assert not (tmp_path / "backups" / mark).exists()
    assert len(list((tmp_path / "backups").glob("*.backup"))) == 2


async def test_no_key_that_is_left_anywhere_opens_a_row_of_the_erased(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("gone")
        await home.learn("stays")
        await home.backup(tmp_path / "backups")
        with sqlite3.connect(home.path / "store.db") as raw:  # the rows that are in the archive
            rows = dict(raw.execute("SELECT subject, sealed FROM fact").fetchall())
        raw.close()
        await home.erase("gone")
        escrow = (await make_escrow(home.source, tmp_path / "backups")).path
        unpacked = KeyStore.open(unpack(home.keyring.root, escrow, tmp_path))
        for store in (home.keyring.store, unpacked):
            keyring = Keyring(home.keyring.root, store)
            left = [row for person in store.subjects("acme")
                    for row in store.subject_keys("acme", person)]  # fmt: skip
            ids = {RecordKey(keyring.unwrap(row)).id for row in left}
            assert ids == {rows["stays"][1:33]} and rows["gone"][1:33] not in ids
        data = (tmp_path / "home" / "keys.db").read_bytes() + (tmp_path / "keys.db").read_bytes()
        unpacked.close()
    line = next(iter(home.keyring.store.erasures()))
    assert rows["gone"][1:33] in line.keys and b"gone" not in data
