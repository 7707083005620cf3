"""Files that are there whole or not at all, and locks of a home."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from metier.backup._errors import BackupError

STORE = "store.db"
KEYS = "keys.db"
CONFIG = "metier.toml"
_IN_USE = "store.lock"
"""Held, shared, by every process that has the store open for turns."""
_ONE = "backup.lock"
_STAGING = (".backup-", ".restore-")


@contextmanager
def whole(target: Path, mark: str) -> Iterator[BinaryIO]:
    """A file that gets its name once all of it is on the disk; else it leaves nothing.

    Args:
        target: its name; what has that name is replaced.
        mark: names whose file it is while it is being written, see `sweep`.
    """
    temporary = target.with_name(f".{mark}{secrets.token_hex(8)}.partial")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    sync(target.parent)


def sweep(folder: Path, mark: str) -> None:
    """Deletes what a backup that was killed has left in a folder of backups."""
    for left in folder.glob(f".{mark}*.partial"):
        left.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Makes the names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Writes a new file for its owner alone, durably."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def staging(home: Path, prefix: str) -> Iterator[Path]:
    """A folder in the home for what is being prepared; older ones that were left go first.

    Only for who holds `only_one`.
    """
    for kind in _STAGING:
        for left in home.glob(f"{kind}*"):
            shutil.rmtree(left)
    folder = home / f"{prefix}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Lets one backup or restore of a home run at a time.

    Raises:
        BackupError: one is running.
    """
    with _locked(
        home / _ONE,
        "A backup or a restore of this home is running already. Wait until it has finished.",
        "backup_running",
    ):
        yield


@contextmanager
def unused(home: Path) -> Iterator[None]:
    """Keeps the store from being opened for turns.

    Raises:
        BackupError: a process has it open.
    """
    with _locked(
        home / _IN_USE,
        f"{home} is in use by another process (`metier serve` or another command). Nothing was "
        "changed. Stop it first, or restore to another folder with --home.",
        "home_in_use",
    ):
        yield


@contextmanager
def _locked(file: Path, message: str, code: str) -> Iterator[None]:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError(message, code) from None
        yield
    finally:
        os.close(descriptor)


def keep(file: Path, folder: Path) -> bool:
    """Puts a second name of a file, or a copy, into a folder; False where there is no file."""
    if not file.exists():
        return False
    target = folder / file.name
    try:
        os.link(file, target)
    except OSError:  # a file system without links
        shutil.copy2(file, target)
        sync_file(target)
    return True


def free_name(path: Path) -> Path:
    """The path, or the first with a number that nothing has yet."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return path if not path.exists() else next(p for p in numbered if not p.exists())
