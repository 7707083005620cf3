"""Archives: they hold no key and no content, and what was changed in one is refused."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from backup_kit import SECRET, empty_home, opened, restoring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier.backup import (
    BackupError,
    Restored,
    check,
    make_backup,
    make_escrow,
    read_header,
    restore,
)
from metier.backup import _format as form
from metier.crypto import KeyringError
from metier.model import MetierError

EXAMPLES = int(os.environ.get("METIER_EXAMPLES", "40"))


async def _made(tmp_path: Path, people: int = 3) -> Path:
    async with opened(tmp_path / "home") as home:
        (home.path / "metier.toml").write_text('tenant = "acme"\n')
        for number in range(people):
            await home.learn(f"person{number}", f"{SECRET} {number}")
        made = await home.backup(tmp_path / "backups")
        return made.path


async def test_a_backup_restored_to_a_new_home_has_every_record_and_a_log_that_verifies(
    tmp_path: Path,
) -> None:
    archive = await _made(tmp_path)
    root = tmp_path / "home" / "root.key"
    done = await restore(restoring(archive, empty_home(tmp_path / "new", root)))
    assert (done.checked.applied.people, done.checked.applied.erased, done.kept) == (3, 0, None)
    assert (tmp_path / "new" / "metier.toml").read_text() == 'tenant = "acme"\n'
    async with opened(tmp_path / "new") as home:
        for number in range(3):
            assert await home.facts(f"person{number}") == [f"{SECRET} {number}"]
        assert (await home.log.verify()).ok
        (event,) = await home.store.audit_find("", kind="restore")
        assert done.checked.archive in event.body.decode()
        await home.learn("person0", "and it goes on")
        assert len(await home.facts("person0")) == 2
    assert not list((tmp_path / "new").glob(".*"))


async def test_an_archive_holds_no_key_no_content_and_no_name(tmp_path: Path) -> None:
    archive = await _made(tmp_path)
    data = archive.read_bytes() + (tmp_path / "backups" / "keys.escrow").read_bytes()
    with sqlite3.connect(tmp_path / "home" / "keys.db") as keys:
        wrapped = [row[0] for row in keys.execute("SELECT wrapped FROM subject_key")]
        wrapped += [row[0] for row in keys.execute("SELECT wrapped FROM tenant_key")]
    keys.close()
    assert len(wrapped) > 6
    for value in [*wrapped, SECRET.encode(), b"person1", b"acme", b"SQLite format"]:
        assert value not in data
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "backups").iterdir()} == {0}


async def test_a_backup_is_audited_with_its_digest_and_without_its_path(tmp_path: Path) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        made = await home.backup(tmp_path / "backups")
        (event,) = await home.store.audit_find("", kind="backup")
        body = event.body.decode()
        assert made.id in body and made.sha256 in body and str(tmp_path) not in body
        await make_escrow(home.source, tmp_path / "backups")
        assert len(await home.store.audit_find("", kind="backup-keys")) == 1


class Trial:
    """An archive and a home, and whether what a changed archive gives is what it held."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.archive = asyncio.run(_made(folder))
        self.data = self.archive.read_bytes()
        self.home = empty_home(folder / "empty", folder / "home" / "root.key")
        self.count = 0

    def run(self, data: bytes) -> None:
        """Fails where a changed archive is neither refused nor without effect."""
        changed = self.folder / "backups" / "changed.backup"
        changed.write_bytes(data)
        before = sorted(self.home.iterdir())
        try:
            found = asyncio.run(check(restoring(changed, self.home)))
        except MetierError as error:
            assert error.code in ("backup_damaged", "no_archive", "keys_older", "keys_of_another",
                                  "root_wrong"), error.code  # fmt: skip
        else:
            assert data == self.data and found.applied.people == 3
        assert set(self.home.iterdir()) - set(before) <= {self.home / "backup.lock"}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    return Trial(tmp_path_factory.mktemp("trial"))


@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow],
    derandomize=EXAMPLES <= 40,
)  # fmt: skip
@given(data=st.data())
def test_a_changed_archive_is_refused_or_without_effect(trial: Trial, data: st.DataObject) -> None:
    size = len(trial.data)
    kind = data.draw(st.sampled_from(["flip", "head", "cut", "swap", "insert", "repeat", "none"]))
    place = data.draw(st.integers(0, (700 if kind == "head" else size) - 1))
    length = data.draw(st.integers(1, 4000))
    changed = bytearray(trial.data)
    if kind in ("flip", "head"):
        changed[place] ^= 1 << data.draw(st.integers(0, 7))
    elif kind == "cut":
        del changed[place : place + length if data.draw(st.booleans()) else None]
    elif kind == "swap":
        other = data.draw(st.integers(0, size - 1))
        one, two = changed[place : place + length], changed[other : other + length]
        changed[place : place + length] = two
        changed[other : other + length] = one
    elif kind == "insert":
        changed[place:place] = data.draw(st.binary(min_size=1, max_size=100))
    elif kind == "repeat":
        changed += changed[-length:]
    trial.run(bytes(changed))


def _frames(data: bytes) -> tuple[bytes, list[bytes]]:
    """The first lines of an archive, and its frames."""
    start = data.index(b"\n", len(form.MAGIC)) + 1
    frames, place = [], start
    while place < len(data):
        end = place + 5 + int.from_bytes(data[place + 1 : place + 5], "big")
        frames.append(data[place:end])
        place = end
    return data[:start], frames


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metier.backup._make.CHUNK", 4096)


async def test_chunks_that_are_moved_left_out_repeated_or_of_another_archive_are_refused(
    tmp_path: Path, small_chunks: None
) -> None:
    async with opened(tmp_path / "home") as home:
        await home.learn("p")
        one = (await home.backup(tmp_path / "backups")).path
        two = (await home.backup(tmp_path / "backups")).path
    head, frames = _frames(one.read_bytes())
    other_head, others = _frames(two.read_bytes())
    assert len(frames) > 10
    place = empty_home(tmp_path / "empty", tmp_path / "home" / "root.key")
    moved = [*frames[:3], frames[4], frames[3], *frames[5:]]
    variants = [
        moved, frames[:3] + frames[4:], [*frames[:4], frames[3], *frames[4:]], frames[:-1],
        [*frames[:3], others[3], *frames[4:]], frames[:5], [*frames, frames[-1]],
    ]  # fmt: skip
    for variant in variants:
        one.write_bytes(head + b"".join(variant))
        with pytest.raises(MetierError) as caught:
            await check(restoring(one, place))
        assert caught.value.code == "backup_damaged", caught.value.message
    one.write_bytes(other_head + b"".join(frames))
    with pytest.raises(MetierError, match="chunk 1 of the part 'manifest'"):
        await check(restoring(one, place))
    # The last-chunk mark is bound as well: an end can't be made where there is none.
    early = b"\x01" + frames[4][1:]
    one.write_bytes(head + b"".join([*frames[:4], early]))
    with pytest.raises(MetierError, match=r"chunk \d+ of the part 'store.db'"):
        await check(restoring(one, place))
    one.write_bytes(head + b"".join(frames))
    assert (await check(restoring(one, place))).applied.people == 1


async def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    archive = await _made(tmp_path, 1)
    escrow = archive.with_name("keys.escrow")
    for data, code in ((b"", "no_archive"), (b"PK\3\4" * 50, "no_archive"),
                       (form.MAGIC + b"[" * 5000, "backup_damaged")):  # fmt: skip
        (tmp_path / "x").write_bytes(data)
        with pytest.raises(MetierError) as caught:
            read_header(tmp_path / "x")
        assert caught.value.code == code
    with pytest.raises(BackupError, match="holds keys, no backup"):
        await check(restoring(escrow, tmp_path / "home"))
    with pytest.raises(BackupError, match="no escrow"):
        home = empty_home(tmp_path / "empty", tmp_path / "home" / "root.key")
        await check(restoring(archive, home, keys=archive))


async def test_under_another_root_key_nothing_opens_and_it_is_said_which_is_needed(
    tmp_path: Path,
) -> None:
    archive = await _made(tmp_path)
    async with opened(tmp_path / "other"):
        pass
    other = tmp_path / "other" / "root.key"
    with pytest.raises(KeyringError) as caught:
        await restore(restoring(archive, tmp_path / "new", other))
    assert caught.value.code == "root_wrong"
    assert read_header(archive).root in caught.value.message
    assert not (tmp_path / "new" / "store.db").exists()


async def test_an_archive_opens_after_the_root_key_was_changed(tmp_path: Path) -> None:
    from metier.crypto import rewrap_root
    from metier.crypto.roots import create_root

    archive = await _made(tmp_path)
    home = tmp_path / "home"
    async with opened(home) as at:
        (home / "root.key").unlink()
        rewrap_root(at.keyring, create_root(home / "root.key"))
    done = await restore(restoring(archive, home, replace=True))
    assert done.checked.applied.people == 3 and not done.checked.from_escrow


async def test_files_are_put_back_and_never_over_others(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("name: outside\n")
    async with opened(tmp_path / "home") as home:
        (home.path / "metier.toml").write_text('tenant = "acme"\n')
        (home.path / "rules").mkdir()
        (home.path / "rules" / "mine.yaml").write_text("name: mine\n")
        source = home.source
        await home.learn("p")
        named = (home.path / "rules" / "mine.yaml", outside)
        full = replace(source, named=named, in_force=(tmp_path / "home" / "root.key",))
        made = await make_backup(full, tmp_path / "backups")
    places = {part.name.partition("/")[2]: part.place for part in made.manifest.parts[1:]}
    assert places == {
        "metier.toml": "metier.toml", "mine.yaml": "rules/mine.yaml",
        "outside.yaml": "restored-policies/outside.yaml", "root.key": "",
    }  # fmt: skip
    new = empty_home(tmp_path / "new", tmp_path / "home" / "root.key")
    (new / "metier.toml").write_text('tenant = "acme"\nembeddings = "none"\n')
    done: Restored = await restore(restoring(made.path, new))
    assert done.beside == ("metier.toml.from-backup",)
    assert "embeddings" in (new / "metier.toml").read_text()
    assert (new / "metier.toml.from-backup").read_text() == 'tenant = "acme"\n'
    assert (new / "rules" / "mine.yaml").read_text() == "name: mine\n"
    assert (new / "restored-policies" / "outside.yaml").exists()
