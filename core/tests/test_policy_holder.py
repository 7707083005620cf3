"""Policies change while metier runs: all at once, or not at all."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from policy_kit import written

from metier.model import MetierError
from metier.policy import (
    FileChange,
    PolicyHolder,
    PolicySet,
    load,
    new_key,
    read_public_keys,
    sign_policy,
)


def holder(folder: Path) -> PolicyHolder:
    return PolicyHolder(lambda: sorted(folder.glob("*.yaml")))


def test_a_change_comes_into_force_at_reload_and_is_told(tmp_path: Path) -> None:
    written(tmp_path, "retention: {'*': 90}", "one")
    written(tmp_path, "", "two")
    held = holder(tmp_path)
    old = held.current
    before = {policy.name: policy.digest for policy in old.policies}
    assert not held.changed() and held.reload() is None and held.current.version == old.version

    written(tmp_path, "retention: {'*': 30}", "one")
    (tmp_path / "two.yaml").unlink()
    written(tmp_path, "", "three")
    assert held.changed() and held.current.retention("turns").days == 90
    change = held.reload()
    assert change is not None and held.current.retention("turns").days == 30
    assert (change.old_version, change.new_version) == (old.version, held.current.version)
    after = {policy.name: policy.digest for policy in held.current.policies}
    assert change.files == (
        FileChange("one", before["one"], after["one"]),
        FileChange("three", None, after["three"]),
        FileChange("two", before["two"], None),
    )
    assert not held.changed() and held.reload() is None


def test_a_bad_file_keeps_all_old_policies_and_says_so(tmp_path: Path) -> None:
    written(tmp_path, "retention: {'*': 90}", "one")
    two = written(tmp_path, "retention: {turns: 60}", "two")
    held = holder(tmp_path)
    old = held.current
    written(tmp_path, "retention: {'*': 30}", "one")
    two.write_text("name: two\nretenton: {}\n")
    assert held.changed()
    with pytest.raises(MetierError) as error:
        held.reload()
    assert "two.yaml can't be used" in error.value.message
    assert f"The policies of version {old.version} stay in force." in error.value.message
    assert held.current is old and held.error.startswith("The policy two.yaml")
    assert not held.changed()  # it is told once, until somebody mends it

    written(tmp_path, "", "two")
    assert held.changed() and held.reload() is not None
    assert held.error == "" and held.current.retention("turns").days == 30


def test_what_must_not_come_into_force_does_not(tmp_path: Path) -> None:
    def needs_one(policies: PolicySet) -> None:
        if "one" not in {policy.name for policy in policies.policies}:
            raise MetierError("`one` is required.", code="policy_missing")

    one = written(tmp_path)
    held = PolicyHolder(lambda: sorted(tmp_path.glob("*.yaml")), accept=needs_one)
    old = held.current
    one.unlink()
    with pytest.raises(MetierError, match="`one` is required") as error:
        held.reload()
    assert error.value.code == "policy_missing" and held.current is old
    with pytest.raises(MetierError, match="`one` is required"):
        PolicyHolder(lambda: [], accept=needs_one)


def test_a_file_that_is_mended_while_it_is_read_is_tried_again(tmp_path: Path) -> None:
    path = written(tmp_path, "retention: {'*': 90}")

    def mended(policies: PolicySet) -> None:
        if policies.retention("turns").days == 60:
            written(tmp_path, "retention: {'*': 9}")
            raise MetierError("Not sixty.", code="bad_policy")

    held = PolicyHolder(lambda: [path], accept=mended)
    written(tmp_path, "retention: {'*': 60}")
    with pytest.raises(MetierError, match="Not sixty"):
        held.reload()
    assert held.changed() and held.reload() is not None
    assert held.current.retention("turns").days == 9


def test_a_dictionary_and_a_signature_count_as_the_policy(tmp_path: Path) -> None:
    new_key(tmp_path / "key.pem")
    words = tmp_path / "words.txt"
    words.write_text("Blue Heron\n")
    path = written(tmp_path, "declare: {dictionaries: {PROJECT: {file: words.txt}}}\n")
    sign_policy(path, load(path).digest, tmp_path / "key.pem")
    trusted = read_public_keys([tmp_path / "key.pub.pem"])
    held = PolicyHolder(lambda: [path], trusted=trusted)
    assert not held.changed()
    words.write_text("Blue Heron\nRed Heron\n")
    assert held.changed()
    with pytest.raises(MetierError, match="changed after it was signed"):
        held.reload()
    assert held.current.declared[0].terms == ("Blue Heron",) and not held.changed()
    sign_policy(path, load(path).digest, tmp_path / "key.pem")
    assert held.changed() and held.reload() is not None
    assert held.current.declared[0].terms == ("Blue Heron", "Red Heron")


def test_a_file_that_is_only_touched_is_no_change(tmp_path: Path) -> None:
    path = written(tmp_path)
    held = holder(tmp_path)
    os.utime(path, ns=(0, 0))
    assert held.changed() and held.reload() is None and not held.changed()


def test_files_that_cannot_be_listed_keep_the_old_policies(tmp_path: Path) -> None:
    path, broken = written(tmp_path), threading.Event()

    def files() -> list[Path]:
        if broken.is_set():
            raise PermissionError(13, "Permission denied")
        return [path]

    held = PolicyHolder(files)
    old = held.current
    broken.set()
    assert held.changed()
    with pytest.raises(MetierError, match="Permission denied"):
        held.reload()
    assert held.current is old and not held.changed()
    broken.clear()
    assert held.changed() and held.reload() is None and held.error == ""


def test_readers_see_one_version_or_the_other_and_never_a_mixture(tmp_path: Path) -> None:
    def write(days: int) -> None:
        for name in ("one", "two"):
            fresh = written(tmp_path / "fresh", f"retention: {{{name}: {days}}}", name)
            fresh.replace(tmp_path / "policies" / fresh.name)

    (tmp_path / "fresh").mkdir()
    (tmp_path / "policies").mkdir()
    write(1)
    held = holder(tmp_path / "policies")
    mixed, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            now = held.current
            days = {now.retention("one").days, now.retention("two").days}
            if len(days) != 1:
                mixed.append(days)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for days in range(2, 40):
        write(days)
        assert held.reload() is not None
    stop.set()
    for reader in readers:
        reader.join()
    assert not mixed and held.current.retention("two").days == 39
