"""What can go wrong, and what is safe to do then."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from metier.model import MetierError


class BackupError(MetierError):
    """A backup can't be made or restored; what is there is as it was."""

    def __init__(self, message: str, code: str = "backup") -> None:
        super().__init__(message, code=code, status=503)


class ArchiveDamaged(BackupError):
    """An archive is not, or not wholly, what was written.

    Args:
        name: of the file, without its folder.
        where: which part and chunk, in words.
    """

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            f"{name} is damaged: {where}. Nothing was changed by reading it. Take another copy of "
            "this file, or an older backup.",
            "backup_damaged",
        )


@contextmanager
def told(doing: str, kept: str) -> Iterator[None]:
    """Turns what the system says into an error that says what is safe.

    Args:
        doing: what is being done, such as "The backup can't be written".
        kept: what is as it was.
    """
    try:
        yield
    except OSError as error:
        raise _of(doing, kept, error.errno, error.strerror or type(error).__name__) from None
    except sqlite3.Error as error:
        text = str(error).lower()
        full = errno.ENOSPC if "full" in text else None
        raise _of(doing, kept, full, _reason(text, error)) from None


def _of(doing: str, kept: str, number: int | None, reason: str) -> BackupError:
    if number in (errno.ENOSPC, errno.EDQUOT):
        return BackupError(f"{doing}: the disk is full. {kept} Free some space and try again.",
                           "disk_full")  # fmt: skip
    return BackupError(f"{doing}: {reason}. {kept}")


def _reason(text: str, error: sqlite3.Error) -> str:
    if "malformed" in text or "not a database" in text:
        return "a database file is damaged"
    if "locked" in text or "busy" in text:
        return "another process holds a database's lock; try again in a moment"
    if "unable to open" in text:
        return "a database file can't be opened"
    return type(error).__name__
