"""A root key in a file: made once, kept for its owner, and never replaced unseen."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier.crypto.roots import FileRoot, KeyringError, PassphraseRoot, create_root, open_root
from metier.crypto.roots import _file as file_module

PLAIN = '{"version": 1, "kind": "plain", "key": "l3N2Ku07/q34jRTIuLA2b+j7rQVuvcyUC5ecd8mBaE0="}'
PLAIN_KEY = "9773762aed3bfeadf88d14c8b8b0366fe8fbad056ebdcc940b979c77c981684d"
LOCKED = """{"version": 1, "kind": "argon2id", "salt": "xlsAmL+U0RX6cc1yttG4rw==", "parameters":
{"iterations": 3, "lanes": 4, "memory_cost": 65536}, "key": "AeWLFkdEdMyH/MbPJm3FyFywjg18j0lgdVMH8\
KvaLOLDxlvNvKcRz5dahqqVIYdBcopqDl+uQ6FqDYNuBJiK9ZEojy/vdUkowcy36DQ="}"""
LOCKED_KEY = "71764fac6234eb400ac1ecd9ec7190dd49ec06ff74f089cec7c1b3bf4118cb39"
"""Files that metier 0.1.0 wrote, and what is in them."""


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "root.key"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_file_of_metier_0_1_opens(tmp_path: Path) -> None:
    root = open_root(written(tmp_path, PLAIN))
    assert isinstance(root, FileRoot) and root.kind == "file"
    assert root._key.hex() == PLAIN_KEY


def test_a_file_of_metier_0_1_opens_with_its_passphrase(tmp_path: Path) -> None:
    root = open_root(written(tmp_path, LOCKED), "correct horse")
    assert isinstance(root, PassphraseRoot) and root.kind == "passphrase"
    assert root._key.hex() == LOCKED_KEY


def test_the_id_is_derived_from_the_key_and_does_not_show_it() -> None:
    root = FileRoot(bytes.fromhex(PLAIN_KEY))
    assert root.id == "75353ce3f68ba294"
    assert root.id not in PLAIN_KEY and root.id != FileRoot(bytes(32)).id


def test_the_file_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    create_root(path)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o644, 0o640, 0o604, 0o660):
        path.chmod(mode)
        with pytest.raises(KeyringError, match="chmod 600"):
            open_root(path)


def test_a_root_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    first = create_root(path)
    for passphrase in (None, "another"):
        with pytest.raises(KeyringError, match="never overwritten"):
            create_root(path, passphrase)
    assert open_root(path).id == first.id
    assert [p.name for p in tmp_path.iterdir()] == ["root.key"]


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyringError, match="never overwritten"):
        create_root(path)
    assert not (tmp_path / "elsewhere").exists()


def test_of_several_that_make_one_at_once_one_wins_and_no_other_key_is_used(tmp_path: Path) -> None:
    path, made, lost = tmp_path / "root.key", [], []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        try:
            made.append(create_root(path).id)
        except KeyringError as error:
            lost.append(str(error))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [open_root(path).id] and len(lost) == 7
    assert [p.name for p in tmp_path.iterdir()] == ["root.key"]


def test_a_folder_that_is_not_there_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="can't be written"):
        create_root(tmp_path / "none" / "root.key")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeyringError, match="No space left"):
        create_root(tmp_path / "root.key")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_says_so_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(KeyringError, match="metier setup"):
        open_root(tmp_path / "root.key")
    assert list(tmp_path.iterdir()) == []


def test_a_passphrase_is_needed_and_must_be_right(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    made = create_root(path, "correct horse")
    assert open_root(path, "correct horse").id == made.id
    with pytest.raises(KeyringError, match="passphrase does not open") as caught:
        open_root(path, "wrong horse")
    assert caught.value.code == "root_wrong" and "wrong horse" not in str(caught.value)
    with pytest.raises(KeyringError, match="needs its passphrase"):
        open_root(path)


def test_neither_key_nor_passphrase_stands_in_a_locked_file(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    root = create_root(path, "correct horse")
    text = path.read_text()
    assert json.loads(text)["parameters"] == {"iterations": 3, "lanes": 4, "memory_cost": 65536}
    assert "correct horse" not in text and root._key.hex() not in text


def changed(**fields: object) -> str:
    return json.dumps({**json.loads(LOCKED), **fields})


def asking(**parameters: object) -> str:
    return changed(parameters={**json.loads(LOCKED)["parameters"], **parameters})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 60000,
        '{"kind": "plain"}',
        PLAIN.replace('"version": 1', '"version": 2'),
        PLAIN.replace("plain", "other"),
        PLAIN.replace("l3N2Ku07", "l3N2"),
        PLAIN.replace("l3N2Ku07", "!!!!"),
        PLAIN.replace('"plain"', '"plain", "id": "0000000000000000"'),
        changed(salt="AA=="),
        changed(salt=7),
        changed(parameters=[]),
        changed(id="0000000000000000"),
        asking(memory_cost="much"),
        asking(memory_cost=2**40),
        asking(memory_cost=1),
        asking(iterations=0),
        asking(iterations=10**9),
        asking(lanes=10**6),
    ],
)
def test_a_damaged_file_says_so(tmp_path: Path, text: str) -> None:
    with pytest.raises(KeyringError, match="damaged"):
        open_root(written(tmp_path, text), "correct horse")


def test_bytes_that_are_no_text_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "root.key"
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)
    with pytest.raises(KeyringError, match="can't be read"):
        open_root(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_file_never_gives_another_key(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "root.key"
    path.unlink(missing_ok=True)
    root = create_root(path)
    raw = bytearray(path.read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    try:
        opened = open_root(path)
    except KeyringError:
        return
    assert opened.id == root.id


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_changed_lock_is_refused(data: st.DataObject) -> None:
    stretched, key = bytes(32), bytes(range(32))
    locked = bytearray(file_module._lock(stretched, key))
    assert file_module._unlock(stretched, bytes(locked)) == key
    bit = data.draw(st.integers(0, len(locked) * 8 - 1))
    cut = data.draw(st.integers(0, len(locked) - 1))
    assert file_module._unlock(stretched, bytes(locked[:cut])) is None
    locked[bit // 8] ^= 1 << bit % 8
    assert file_module._unlock(stretched, bytes(locked)) is None


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyringError, match="32 bytes"):
        FileRoot(bytes(length))
