"""One process owns an index: Qdrant Edge works on files that nobody else may change."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from metier.model import MetierError


class IndexBusy(MetierError):
    """Another process owns the index; `owner` is its number, where it is known."""

    def __init__(self, message: str, owner: int | None = None) -> None:
        super().__init__(message, code="index_busy", status=503)
        self.owner = owner


class OwnerLock:
    """An advisory lock on a file in the index folder, held while the index is open.

    The system lets go of it when the process ends, however it ends.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path) -> Self:
        """Takes the lock, or raises `IndexBusy` at once."""
        file = folder / "owner.lock"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            who = f"process {owner}" if owner.isdecimal() else "another process"
            raise IndexBusy(
                f"The knowledge index of this home is in use by {who}. Where that is `metier "
                "serve`, stop it first (`ask`, `chat`, `search` and `ingest` go through it); "
                "where it is a command, wait until it has finished.",
                int(owner) if owner.isdecimal() else None,
            ) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError:
            os.close(descriptor)
            raise
        return cls(descriptor)

    def release(self) -> None:
        """Lets go of the lock. The file stays: deleting it would let two owners in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
