"""New roots, newer keys of tenants and people: what holds before, meanwhile and after."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from roots_doubles import VaultDouble

from metier import config
from metier._home import make_keys, open_keyring
from metier.crypto import (
    Context,
    Erasure,
    Keyring,
    KeyringError,
    KeyStore,
    Root,
    SubjectRecords,
    check_root,
    rewrap_root,
    rewrap_tenant,
)
from metier.crypto._envelope import MOST_SEALS
from metier.crypto.roots import (
    FileRoot,
    RootSettings,
    changing,
    old_roots,
    prepare_root,
    root_in_force,
    settle,
    stored_id,
)

CONTEXT = Context("acme", "s", "profile", "fact", "sealed", "f1", 1)


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[Keyring]:
    keyring = Keyring(FileRoot(secrets.token_bytes(32)), KeyStore.create(tmp_path / "keys.db"))
    yield keyring
    keyring.close()


def beside(keyring: Keyring, reopen: Callable[[], Root] | None = None) -> Keyring:
    """Another process with the same key store."""
    return Keyring(keyring.root, keyring.store, reopen=reopen)


class Broken(FileRoot):
    """Wraps, and gives something else back."""

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        return bytes(32)


# --- the root ------------------------------------------------------------------------------


def test_a_new_root_opens_everything_and_the_old_one_nothing(keyring: Keyring) -> None:
    sealed = keyring.subject_keys("acme", "s").seal(b"text", CONTEXT)
    digest = keyring.digest("acme", "f", "x")
    keyring.digest("other", "f", "x")
    old, new = keyring.root, FileRoot(secrets.token_bytes(32))
    rewrap_root(keyring, new)
    assert keyring.store.roots() == {new.id}
    after = Keyring(new, keyring.store)
    assert after.subject_keys("acme", "s").open(sealed, CONTEXT) == b"text"
    assert after.digest("acme", "f", "x") == digest
    with pytest.raises(KeyringError) as error:
        Keyring(old, keyring.store).subject_keys("acme", "s")
    assert error.value.code == "root_wrong"


def test_a_root_that_does_not_give_back_what_it_wraps_changes_nothing(keyring: Keyring) -> None:
    keyring.subject_keys("acme", "s")
    before, version = keyring.store.tenant_keys(), keyring.store.version
    with pytest.raises(KeyringError, match="Nothing was changed"):
        rewrap_root(keyring, Broken(secrets.token_bytes(32)))
    assert (keyring.store.tenant_keys(), keyring.store.version) == (before, version)


def test_a_root_that_opens_nothing_here_can_not_be_replaced(keyring: Keyring) -> None:
    keyring.subject_keys("acme", "s")
    version = keyring.store.version
    stranger = Keyring(FileRoot(secrets.token_bytes(32)), keyring.store)
    with pytest.raises(KeyringError) as error:
        rewrap_root(stranger, FileRoot(secrets.token_bytes(32)))
    assert error.value.code == "root_wrong" and keyring.store.version == version


def test_the_root_in_use_is_no_new_root(keyring: Keyring) -> None:
    with pytest.raises(KeyringError, match="in use already"):
        rewrap_root(keyring, keyring.root)


def test_a_tenant_that_came_while_the_root_was_replaced_is_wrapped_anew_too(
    keyring: Keyring,
) -> None:
    asked: list[int] = []
    other = beside(keyring)
    keyring.digest("acme", "f", "x")

    def confirm() -> None:
        asked.append(len(asked))
        if len(asked) == 1:
            other.digest("new", "f", "x")

    new = FileRoot(secrets.token_bytes(32))
    assert rewrap_root(keyring, new, confirm).total == 4
    assert len(asked) == 2 and keyring.store.roots() == {new.id}


def test_another_process_follows_the_new_root(keyring: Keyring) -> None:
    new = FileRoot(secrets.token_bytes(32))
    following, stale = beside(keyring, lambda: new), beside(keyring)
    known = following.digest("acme", "f", "x")
    rewrap_root(keyring, new)
    assert following.digest("acme", "f", "x") == known
    with pytest.raises(KeyringError) as error:
        stale.digest("new", "f", "x")
    assert error.value.code == "root_wrong" and keyring.store.tenant_keys("new") == []
    assert following.digest("new", "f", "x")
    assert keyring.store.roots() == {new.id}


# --- the root's files ----------------------------------------------------------------------


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[VaultDouble]:
    monkeypatch.setenv("VAULT_TOKEN", VaultDouble.TOKEN)
    double = VaultDouble()
    double.make("metier")
    yield double
    double.close()


def wanted(kind: str, double: VaultDouble) -> RootSettings:
    if kind == "vault":
        return RootSettings(kind="vault", address=double.address, key="metier")
    return RootSettings(kind=kind)  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    make_keys(home)
    return home


@pytest.mark.parametrize("cut", ["before the key store", "before the names", "in between", "no"])
@pytest.mark.parametrize("kind", ["file", "passphrase", "vault"])
def test_wherever_a_change_of_the_root_is_cut_short_the_home_opens(
    home: Path, vault: VaultDouble, kind: str, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config.load(home)
    first = open_keyring(home, settings)
    digest, old = first.digest("acme", "f", "x"), first.root.id
    next_settings = wanted(kind, vault)
    phrase = "a new one" if kind == "passphrase" else None
    new = prepare_root(home, settings.root, next_settings, first.store.roots(), phrase)
    if cut != "before the key store":
        rewrap_root(first, new)
    if cut == "in between" and kind != "vault":
        os.link(home / "root.key", home / f"root.key.old-{old}")
    if cut == "no":
        settle(home, settings.root, next_settings, new)
    first.close()
    if phrase and cut != "before the key store":
        monkeypatch.setenv("METIER_PASSPHRASE", phrase)

    expected = old if cut == "before the key store" else new.id
    for _ in range(2):  # what the first opening finishes, the second finds done
        again = open_keyring(home, settings)
        assert (again.root.id, again.digest("acme", "f", "x")) == (expected, digest)
        again.close()
    assert make_keys(home) == ()
    if cut == "before the key store":
        assert old_roots(home, settings.root) == []
        return
    assert [stored_id(path) for path in old_roots(home, settings.root)] == [old]
    assert not (home / "root.key.next").exists()
    assert (home / "root.key").exists() == (kind != "vault")
    configured = config.Settings(root=next_settings)
    assert open_keyring(home, configured).digest("acme", "f", "x") == digest
    assert not (home / "root.next.json").exists()


def test_the_wrong_new_passphrase_says_so_and_the_right_one_opens(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, wanted = config.load(home), RootSettings(kind="passphrase")
    first = open_keyring(home, settings)
    first.digest("acme", "f", "x")
    rewrap_root(first, prepare_root(home, settings.root, wanted, first.store.roots(), "right"))
    monkeypatch.setenv("METIER_PASSPHRASE", "wrong")
    with pytest.raises(KeyringError) as error:
        open_keyring(home, settings)
    assert error.value.code == "root_wrong"
    monkeypatch.setenv("METIER_PASSPHRASE", "right")
    assert open_keyring(home, settings).root.id == stored_id(home / "root.key")


def test_a_file_that_was_left_before_its_transaction_is_made_anew(home: Path) -> None:
    settings = RootSettings()
    first = prepare_root(home, settings, settings, ())
    second = prepare_root(home, settings, settings, ())
    assert first.id != second.id == stored_id(home / "root.key.next")


def test_the_file_of_a_root_that_the_key_store_names_is_never_made_anew(home: Path) -> None:
    settings = RootSettings()
    first = prepare_root(home, settings, settings, ())
    with pytest.raises(KeyringError, match="never overwritten"):
        prepare_root(home, settings, settings, {first.id})


def test_a_change_that_metier_toml_does_not_say_yet_comes_first(
    home: Path, vault: VaultDouble
) -> None:
    settings, next_settings = RootSettings(), wanted("vault", vault)
    new = prepare_root(home, settings, next_settings, ())
    with pytest.raises(KeyringError, match="does not say so"):
        prepare_root(home, settings, settings, {new.id})


def test_two_changes_of_the_root_are_kept_apart(home: Path) -> None:
    with changing(home), pytest.raises(KeyringError, match="Another process"), changing(home):
        pass
    with changing(home):
        pass


def test_a_lost_root_is_told_by_its_own_error(home: Path) -> None:
    keyring = open_keyring(home, config.load(home))
    keyring.digest("acme", "f", "x")
    (home / "root.key").unlink()
    with pytest.raises(KeyringError, match="no root key"):
        root_in_force(RootSettings(), home, keyring.store.roots())
    with pytest.raises(KeyringError, match="No new key is made"):
        make_keys(home)


def test_a_service_that_can_not_be_used_is_refused_before_anything_changes(
    home: Path, vault: VaultDouble
) -> None:
    keyring = open_keyring(home, config.load(home))
    keyring.digest("acme", "f", "x")
    version = keyring.store.version
    settings = RootSettings(kind="vault", address=vault.address, key="another")
    root = prepare_root(home, RootSettings(), settings, keyring.store.roots())
    with pytest.raises(KeyringError):
        check_root(root)
    with pytest.raises(KeyringError):
        rewrap_root(keyring, root)
    assert keyring.store.version == version
    assert open_keyring(home, config.load(home)).root.id == keyring.root.id


# --- a tenant ------------------------------------------------------------------------------


def wrapping(keyring: Keyring) -> list[bytes]:
    return [row.id for row in keyring.store.tenant_keys("acme") if row.use == "wrap"]


def test_a_newer_tenant_key_wraps_all_and_the_old_one_is_destroyed(keyring: Keyring) -> None:
    sealed = keyring.subject_keys("acme", "s").seal(b"text", CONTEXT)
    other = keyring.subject_keys("other", "s").current.id
    digest, (old,) = keyring.digest("acme", "f", "x"), wrapping(keyring)
    line = rewrap_tenant(keyring, "acme")
    assert (line.done, line.total) == (1, 1)
    (new,) = wrapping(keyring)
    assert new != old
    after = beside(keyring)
    assert after.subject_keys("acme", "s").open(sealed, CONTEXT) == b"text"
    assert after.subject_keys("other", "s").current.id == other
    assert after.digest("acme", "f", "x") == digest


def test_a_process_with_the_old_tenant_key_reads_the_newer_one(keyring: Keyring) -> None:
    other = beside(keyring)
    other.subject_keys("acme", "s")
    rewrap_tenant(keyring, "acme")
    made = other.subject_keys("acme", "t").current.id
    other.forget("acme", "s")
    assert (
        other.subject_keys("acme", "s").current.id == keyring.subject_keys("acme", "s").current.id
    )
    assert beside(keyring).subject_keys("acme", "t").current.id == made


def test_a_tenant_rotation_that_is_cut_short_goes_on_where_it_was(keyring: Keyring) -> None:
    for number in range(450):
        keyring.subject_keys("acme", f"s{number}")
    (old,) = wrapping(keyring)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rewrap_tenant(keyring, "acme", stop)
    (line,) = keyring.store.rotations(open_only=True)
    assert 0 < line.done < line.total == 450 and old in wrapping(keyring)
    again = beside(keyring)
    for number in (0, 449):
        assert again.subject_keys("acme", f"s{number}")
    assert rewrap_tenant(again, "acme").id == line.id
    assert len(wrapping(keyring)) == 1 and old not in wrapping(keyring)


def test_a_tenant_that_is_not_there_gets_no_key(keyring: Keyring) -> None:
    with pytest.raises(KeyringError, match="no tenant"):
        rewrap_tenant(keyring, "nobody")
    assert keyring.store.tenants() == []


# --- a person ------------------------------------------------------------------------------


def stored(keyring: Keyring, seals: int = 0) -> SubjectRecords:
    """The records of a person at some revision."""
    keys = keyring.subject_keys("acme", "s")
    fresh = SubjectRecords(keys)
    fresh.roster = replace(fresh.roster, seals=seals)
    change = fresh.change()
    change.seal("fact", "f1", b"text")
    return SubjectRecords.load(keys, 1, change.sealed_roster())


def test_a_worn_key_gets_a_newer_one_that_counts_from_nothing(keyring: Keyring) -> None:
    fine, worn = stored(keyring), stored(keyring, MOST_SEALS)
    assert not keyring.due(fine) and keyring.due(worn)
    newer = keyring.renewed(worn)
    assert newer.keys.current.id != worn.keys.current.id and not newer.worn
    assert newer.roster.entries == worn.roster.entries and not keyring.due(newer)


def test_a_key_older_than_its_age_gets_a_newer_one(keyring: Keyring) -> None:
    keyring.store.add_subject_keys([])
    records = stored(keyring)
    aged = Keyring(keyring.root, keyring.store, max_age=-1)
    assert aged.due(records)
    assert not Keyring(keyring.root, keyring.store, max_age=3600).due(records)


def test_the_count_of_seals_is_of_the_newest_key(keyring: Keyring) -> None:
    old = keyring.subject_keys("acme", "s")
    change = stored(keyring, 1000).change()
    sealed = change.sealed_roster()
    assert SubjectRecords.load(old, 2, sealed).roster.seals > 1000
    keyring.renew_subjects("acme", ["s"])
    assert SubjectRecords.load(keyring.subject_keys("acme", "s"), 2, sealed).roster.seals == 0


def test_who_was_erased_meanwhile_gets_no_newer_key(keyring: Keyring) -> None:
    keyring.subject_keys("acme", "s")
    rows = keyring.store.subject_keys("acme", "s")
    keyring.store.destroy(Erasure("e1", "acme", "tag", (), 1000, "s"))
    keyring.renew_subjects("acme", ["s"])
    late = replace(rows[0], id=bytes(32), generation=2)
    keyring.store.add_subject_keys([late])
    assert keyring.store.subject_keys("acme", "s") == []


def test_figures_count_people_keys_and_who_is_not_finished(keyring: Keyring) -> None:
    assert keyring.store.key_figures("acme").subjects == 0
    for name in ("s", "t", "u"):
        keyring.subject_keys("acme", name)
    keyring.renew_subjects("acme", ["s", "t"], 4_000_000_000)
    found = keyring.store.key_figures("acme")
    assert (found.subjects, found.keys, found.unfinished) == (3, 5, 2)
    assert found.newest == 4_000_000_000 and found.oldest is not None
