"""Restoring: everything is prepared and verified in a folder of its own, then put in place.

Until the last step the home is not touched. Then the old files get a second name
in a folder beside the new ones, and the new ones take their places, each at once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from metier.backup._erased import Subject
from metier.backup._errors import BackupError, told
from metier.backup._files import (
    KEYS,
    STORE,
    free_name,
    keep,
    only_one,
    staging,
    sync,
    sync_file,
    unused,
    write,
)
from metier.backup._prepare import KEPT, Checked, Ready, Restoring, prepared
from metier.backup._snapshot import readable, settle
from metier.crypto import (
    Erasure,
    Keyring,
    erasure_tag,
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put in place.

    Args:
        kept: the folder with the files that were there before; None where there were none.
        beside: files of the archive for which there is another in the home; they were
            written beside it.
        revoked: API keys that were revoked anew.
    """

    checked: Checked
    home: Path
    kept: Path | None
    beside: tuple[str, ...]
    revoked: int


async def check(wanted: Restoring) -> Checked:
    """Does everything that restoring does, in a folder of its own, and leaves nothing.

    Raises:
        MetierError: what `restore` would raise.
    """
    with (
        told("The backup can't be checked", KEPT),
        only_one(wanted.home),
        staging(wanted.home, ".restore-") as folder,
    ):
        async with prepared(wanted, folder) as ready:
            return ready.checked


async def restore(wanted: Restoring) -> Restored:
    """Puts a backup in place.

    Raises:
        ArchiveDamaged: it is not what was written.
        BackupError: the home is in use or has a store, or keys are missing or too old.
        KeyringError: another root key sealed it.
        MetierError: what is in it does not hold together. The home is as it was.
    """
    wanted.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        told("The backup can't be restored", KEPT),
        only_one(wanted.home),
        unused(wanted.home),
        staging(wanted.home, ".restore-") as folder,
    ):
        if (wanted.home / STORE).exists() and not wanted.replace:
            raise BackupError(
                f"There is a store in {wanted.home}. Nothing was changed. With --replace it is "
                "moved aside, once the backup has been verified; --home restores to another "
                "folder.",
                "store_exists",
            )
        async with prepared(wanted, folder) as ready:
            destroy(ready.chosen.keyring, ready.destroy)
        places = {STORE: ready.store}
        if ready.chosen.staged is not None:
            places = {KEYS: ready.chosen.staged, STORE: ready.store}
        kept = put_in_place(wanted.home, places, ready.checked.archive[:8])
        beside = _place_files(wanted.home, ready)
        return Restored(ready.checked, wanted.home, kept, beside, ready.revoked)


def destroy(keyring: Keyring, lines: Sequence[tuple[str, Subject]]) -> None:
    """Destroys keys of which only a newer log tells that they are destroyed.

    Args:
        lines: ids of lines of the ledger that is lost, and whose keys they were.
    """
    now = int(datetime.now(UTC).timestamp())
    for line, (tenant, subject) in lines:
        tag = erasure_tag(keyring, tenant, subject)
        keyring.destroy_subject(Erasure(line, tenant, tag, (), now, subject))
        keyring.store.finish_erasure(line, now)


def put_in_place(home: Path, places: Mapping[str, Path], mark: str) -> Path | None:
    """Gives the old files a second name, and the new ones their places.

    Args:
        places: the new files by their names in the home, in the order in which they go there.
        mark: ends the name of the folder with the old ones.

    Returns:
        That folder; None where there were none.

    Raises:
        BackupError: another process has the store open.
    """
    for path in places.values():
        sync_file(path)
    kept = None
    if any((home / name).exists() for name in places):
        if STORE in places and readable(home / STORE):
            settle(home / STORE)  # then its log is empty, and leaving it out loses nothing
        kept = free_name(home / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{mark}")
        kept.mkdir(mode=0o700)
    logs = [f"{name}{end}" for name in places for end in ("-wal", "-shm", "-journal")]
    if kept is not None:
        for name in (*places, *logs):
            keep(home / name, kept)
        sync(kept)
        sync(home)
    for name in logs:  # a log of the old file would be taken for one of the new
        (home / name).unlink(missing_ok=True)
    for name, path in places.items():
        os.replace(path, home / name)
    sync(home)
    return kept


def _place_files(home: Path, ready: Ready) -> tuple[str, ...]:
    """Puts back configuration and policies; never over a file that is there."""
    beside = []
    for part, path in ready.files:
        if part.name == STORE or not part.place:
            continue
        target = home / part.place
        data = path.read_bytes()
        if target.exists() and target.read_bytes() == data:
            continue
        if target.exists():
            target = target.with_name(f"{target.name}.from-backup")
            target.unlink(missing_ok=True)
            beside.append(str(target.relative_to(home)))
        write(target, data)
    return tuple(beside)
