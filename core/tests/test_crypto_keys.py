"""Root -> tenant -> subject -> record: what is made once, what opens where, what is refused."""

from __future__ import annotations

import copy
import pickle
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from metier.crypto import Context, Erasure, Keyring, KeyringError, KeyStore, SealBroken
from metier.crypto.roots import FileRoot

CONTEXT = Context("acme", "s", "profile", "fact", "sealed", "f1", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.db"


@pytest.fixture
def root() -> FileRoot:
    return FileRoot(secrets.token_bytes(32))


@pytest.fixture
def keyring(path: Path, root: FileRoot) -> Iterator[Keyring]:
    keyring = Keyring(root, KeyStore.create(path))
    yield keyring
    keyring.close()


def test_the_same_keys_come_back_from_the_key_store(keyring: Keyring, root: FileRoot) -> None:
    sealed = keyring.subject_keys("acme", "s").seal(b"text", CONTEXT)
    digest, purpose = keyring.digest("acme", "f", "x"), keyring.purpose_key("acme", "audit-mac")
    other = Keyring(root, keyring.store)
    assert other.subject_keys("acme", "s").open(sealed, CONTEXT) == b"text"
    assert other.digest("acme", "f", "x") == digest
    assert other.purpose_key("acme", "audit-mac") == purpose


def test_each_tenant_subject_field_and_purpose_has_keys_of_its_own(keyring: Keyring) -> None:
    assert keyring.digest("acme", "f", "x") != keyring.digest("other", "f", "x")
    assert keyring.digest("acme", "f", "x") != keyring.digest("acme", "g", "x")
    assert keyring.digest("acme", "f", "x", "y") != keyring.digest("acme", "f", "xy")
    assert keyring.purpose_key("acme", "a") != keyring.purpose_key("acme", "b")
    sealed = keyring.subject_keys("acme", "s").seal(b"text", CONTEXT)
    with pytest.raises(SealBroken):
        keyring.subject_keys("acme", "t").open(sealed, replace(CONTEXT, subject="t"))
    with pytest.raises(SealBroken):
        keyring.subject_keys("other", "s").open(sealed, replace(CONTEXT, tenant="other"))


def test_a_newer_key_seals_and_the_older_ones_still_open(keyring: Keyring) -> None:
    old = keyring.subject_keys("acme", "s")
    sealed = old.seal(b"text", CONTEXT)
    keyring.renew_subjects("acme", ["s"])
    new = keyring.subject_keys("acme", "s")
    assert new.current.id != old.current.id and old.ids < new.ids
    assert new.open(sealed, CONTEXT) == b"text"


def test_another_root_key_opens_nothing_and_makes_nothing(keyring: Keyring, path: Path) -> None:
    keyring.subject_keys("acme", "s")
    version = keyring.store.version
    stranger = Keyring(FileRoot(secrets.token_bytes(32)), KeyStore.open(path))
    with pytest.raises(KeyringError, match="another root key") as error:
        stranger.subject_keys("acme", "s")
    assert error.value.code == "root_wrong"
    with pytest.raises(KeyringError):
        stranger.digest("acme", "f", "x")
    assert keyring.store.version == version


def test_a_key_store_that_is_gone_is_never_made_anew(path: Path) -> None:
    with pytest.raises(KeyringError, match="no key store") as error:
        KeyStore.open(path)
    assert error.value.code == "key_store_missing" and not path.exists()


def test_a_key_store_is_never_replaced(keyring: Keyring, path: Path) -> None:
    with pytest.raises(KeyringError, match="never replaced"):
        KeyStore.create(path)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "change",
    [
        "update subject_key set wrapped = (select wrapped from subject_key where subject = 't') "
        "where subject = 's'",
        "update subject_key set subject = 'x' where subject = 's'; "
        "update subject_key set subject = 's' where subject = 't'",
        "update subject_key set wrapped = substr(wrapped, 1, 40) where subject = 's'",
        "update subject_key set parent = zeroblob(32) where subject = 's'",
        "update subject_key set id = zeroblob(32) where subject = 's'",
        "update tenant_key set wrapped = zeroblob(109) where use = 'wrap'",
        "delete from tenant_key where use = 'wrap'",
        "delete from tenant_key where use = 'purpose'",
    ],
)
def test_a_key_that_was_changed_or_moved_is_refused(
    keyring: Keyring, path: Path, root: FileRoot, change: str
) -> None:
    keyring.subject_keys("acme", "s")
    keyring.subject_keys("acme", "t")
    with sqlite3.connect(path) as raw:
        raw.executescript(change)
    with pytest.raises((KeyringError, SealBroken)):
        Keyring(root, KeyStore.open(path)).subject_keys("acme", "s")


def test_a_key_in_memory_that_the_roster_does_not_know_is_read_anew(
    keyring: Keyring, root: FileRoot
) -> None:
    other = Keyring(root, keyring.store)
    keyring.subject_keys("acme", "s")
    other.renew_subjects("acme", ["s"])
    newer = other.subject_keys("acme", "s").current.id
    assert keyring.subject_keys("acme", "s", newer).current.id == newer
    with pytest.raises(KeyringError, match="erased"):
        keyring.subject_keys("acme", "s", bytes(32))


def test_what_is_destroyed_is_gone_from_the_file(keyring: Keyring, path: Path) -> None:
    keyring.subject_keys("acme", "s")
    wrapped = keyring.store.subject_keys("acme", "s")[0].wrapped
    assert wrapped in path.read_bytes()
    line = keyring.store.destroy(Erasure("e1", "acme", "tag", (), 1000, "s"))
    assert len(line.keys) == 1
    for file in path.parent.iterdir():
        assert wrapped not in file.read_bytes()
    assert keyring.store.subject_keys("acme", "s") == []
    assert [e.id for e in keyring.store.erasures(open_only=True)] == ["e1"]
    keyring.store.finish_erasure("e1", 1001)
    assert keyring.store.erasures(open_only=True) == []
    assert keyring.store.erasures()[0].subject is None


def test_another_ledger_is_applied_once(keyring: Keyring) -> None:
    keyring.subject_keys("acme", "s")
    key = keyring.store.subject_keys("acme", "s")[0].id
    line = Erasure("e9", "acme", "tag", (key,), 1000, None, 1001)
    assert keyring.store.apply_ledger([line]) == 1
    assert keyring.store.apply_ledger([line]) == 0
    assert keyring.store.erasures() == [line]


def test_every_change_raises_the_version(keyring: Keyring) -> None:
    before = keyring.store.version
    keyring.subject_keys("acme", "s")
    middle = keyring.store.version
    keyring.store.destroy(Erasure("e1", "acme", "tag", (), 1000, "s"))
    assert before < middle < keyring.store.version


@pytest.mark.parametrize("damage", ["empty", "noise", "cut"])
def test_a_damaged_key_store_says_what_is_safe(path: Path, damage: str) -> None:
    KeyStore.create(path).close()
    data = path.read_bytes()
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "noise":
            path.write_bytes(secrets.token_bytes(len(data)))
        case "cut":
            path.write_bytes(data[:5000])
    with pytest.raises(KeyringError, match="don't make a new one"):
        KeyStore.open(path)


def test_keys_are_never_shown_or_pickled(keyring: Keyring) -> None:
    keys = keyring.subject_keys("acme", "s")
    for secret in (keyring, keys, keys.current):
        assert "hidden" in repr(secret)
        for way in (pickle.dumps, copy.copy):
            with pytest.raises(TypeError):
                way(secret)
