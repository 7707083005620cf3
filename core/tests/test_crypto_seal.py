"""What is sealed opens only whole, in its place, and under its key."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.crypto import Context, Keyring, KeyringError, SealBroken, SubjectKey

HERE = Context("acme", "s1", "profile", "fact", "sealed", "row-1")
RING = Keyring(bytes(range(32)))


def key(subject: str = "s1", tenant: str = "acme") -> SubjectKey:
    return RING.unwrap(tenant, subject, RING.new_subject_key(tenant, subject))


KEY = key()


@given(st.binary(max_size=300))
def test_what_was_sealed_opens(plaintext: bytes) -> None:
    assert KEY.open(KEY.seal(plaintext, HERE), HERE) == plaintext


@given(st.binary(max_size=50), st.data())
def test_any_changed_byte_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(KEY.seal(plaintext, HERE))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        KEY.open(bytes(sealed), HERE)


@given(st.binary(max_size=50), st.data())
def test_a_cut_record_is_refused(plaintext: bytes, data: st.DataObject) -> None:
    sealed = KEY.seal(plaintext, HERE)
    with pytest.raises(SealBroken):
        KEY.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], HERE)


@pytest.mark.parametrize("field", ["tenant", "subject", "purpose", "table", "column", "row"])
def test_a_moved_record_is_refused(field: str) -> None:
    sealed = KEY.seal(b"x", HERE)
    with pytest.raises(SealBroken):
        KEY.open(sealed, replace(HERE, **{field: "elsewhere"}))


def test_an_older_version_is_refused() -> None:
    with pytest.raises(SealBroken):
        KEY.open(KEY.seal(b"x", HERE), replace(HERE, version=2))


def test_fields_do_not_run_into_each_other() -> None:
    one = replace(HERE, table="ab", column="c")
    assert one.encode() != replace(HERE, table="a", column="bc").encode()


def test_another_subjects_key_does_not_open() -> None:
    other = key("s2")
    with pytest.raises(SealBroken):
        SubjectKey("acme", "s1", other._key).open(KEY.seal(b"x", HERE), HERE)


def test_a_wrapped_key_is_bound_to_its_subject_and_tenant() -> None:
    wrapped = RING.new_subject_key("acme", "s1")
    for tenant, subject in (("acme", "s2"), ("other", "s1")):
        with pytest.raises(SealBroken):
            RING.unwrap(tenant, subject, wrapped)


def test_keys_show_in_no_repr_and_no_pickle() -> None:
    assert KEY._key.hex() not in repr(KEY) and repr(KEY) == "SubjectKey(hidden)"
    assert repr(RING) == "Keyring(hidden)"
    for secret in (KEY, RING):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
        with pytest.raises(TypeError):
            copy.copy(secret)


def test_errors_name_no_key_and_no_content() -> None:
    with pytest.raises(SealBroken) as caught:
        KEY.open(b"\x01" + b"secretcontent" * 8, HERE)
    assert "secretcontent" not in str(caught.value)


def test_the_root_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    Keyring.create(path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(KeyringError, match="chmod 600"):
        Keyring.open(path)


def test_a_root_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    first = Keyring.create(path)
    with pytest.raises(KeyringError, match="never overwritten"):
        Keyring.create(path)
    assert Keyring.open(path).digest("t", "f", "x") == first.digest("t", "f", "x")
    assert [p.name for p in tmp_path.iterdir()] == ["root.key"]


def test_a_passphrase_is_needed_and_must_be_right(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    made = Keyring.create(path, "correct horse")
    assert Keyring.open(path, "correct horse").digest("t", "f") == made.digest("t", "f")
    with pytest.raises(KeyringError, match="passphrase does not open"):
        Keyring.open(path, "wrong")
    with pytest.raises(KeyringError, match="needs its passphrase"):
        Keyring.open(path)


def test_a_missing_or_damaged_root_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="metier setup"):
        Keyring.open(tmp_path / "none")
    damaged = tmp_path / "root.key"
    damaged.write_text('{"kind": "plain"}')
    damaged.chmod(0o600)
    with pytest.raises(KeyringError, match="damaged"):
        Keyring.open(damaged)


def test_digests_differ_by_tenant_field_and_split() -> None:
    digests = {
        RING.digest("a", "f", "xy"),
        RING.digest("b", "f", "xy"),
        RING.digest("a", "g", "xy"),
        RING.digest("a", "f", "x", "y"),
        RING.digest("a", "f", "", "xy"),
    }
    assert len(digests) == 5
