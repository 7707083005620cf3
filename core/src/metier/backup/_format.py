"""The form of an archive: a magic line, the header's line, sealed chunks.

    metier archive 1 \\n  header (JSON) \\n  frame, frame, …
    frame: last (1 byte: 0 or 1) | length (4) | the sealed chunk

A chunk is sealed under the archive's own key (AES-256-GCM, `RecordKey`), bound to
the header's SHA-256, the part's name, its number in the part, and whether it is
the part's last: so one that was moved, left out, repeated, or taken from another
archive does not open, and an end that was cut off is seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from pydantic import ValidationError

from metier.backup._errors import ArchiveDamaged, BackupError
from metier.backup._manifest import Header
from metier.crypto import RecordKey, SealBroken

MAGIC: Final = b"metier archive 1\n"
CHUNK: Final = 1024 * 1024
_MORE: Final = 256
"""A sealed chunk is longer than its content by less than this."""
_LONGEST_HEADER: Final = 64 * 1024


class Writer:
    """Writes an archive.

    Args:
        file: where to.
        header: its first line.
        key: the archive's key, 32 bytes, used for this archive only.
    """

    def __init__(self, file: BinaryIO, header: Header, key: bytes) -> None:
        line = header.model_dump_json().encode() + b"\n"
        self._file = file
        self._bound = _bound(line)
        self._key = RecordKey(key)
        self.digest = hashlib.sha256()
        self._write(MAGIC + line)

    def part(self, name: str, content: Iterable[bytes]) -> None:
        """Writes one part; `content` in pieces of at most `CHUNK` bytes."""
        number, waiting = 0, b""
        for number, piece in enumerate(content):
            if number:
                self._chunk(name, number - 1, waiting, last=False)
            waiting = piece
        self._chunk(name, number, waiting, last=True)

    def _chunk(self, name: str, number: int, data: bytes, *, last: bool) -> None:
        sealed = self._key.seal(data, _associated(self._bound, name, number, last))
        self._write(bytes((last,)) + len(sealed).to_bytes(4, "big"))
        self._write(sealed)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self.digest.update(data)


class Reader:
    """Reads an archive from its start to its end.

    Args:
        file: it.
        name: the file's name, for errors.

    Raises:
        BackupError: the file is no archive of ours.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._file = file
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupError(
                f"{name} is no archive of metier, or its first line is damaged, or a newer metier "
                "made it. Nothing was changed.",
                "no_archive",
            )
        line = file.readline(_LONGEST_HEADER)
        self._bound = _bound(line)
        try:
            self.header = Header.model_validate_json(line)
        except ValidationError:
            raise ArchiveDamaged(name, "its header can't be read") from None
        self._key: RecordKey | None = None

    def use(self, key: bytes) -> None:
        """Takes the archive's key."""
        self._key = RecordKey(key)

    def part(self, name: str) -> Iterator[bytes]:
        """The pieces of the next part, which must be the one of this name.

        Raises:
            ArchiveDamaged: naming the chunk that does not open.
        """
        assert self._key is not None, "the key comes first"
        number, last = 0, False
        while not last:
            where = f"chunk {number + 1} of the part '{name}'"
            frame = self._file.read(5)
            if len(frame) < 5:
                raise ArchiveDamaged(self.name, f"it ends before {where}")
            length = int.from_bytes(frame[1:], "big")
            if frame[0] > 1 or length > CHUNK + _MORE:
                raise ArchiveDamaged(self.name, f"{where} is not where it should be")
            sealed = self._file.read(length)
            if len(sealed) < length:
                raise ArchiveDamaged(self.name, f"it ends within {where}")
            last = bool(frame[0])
            try:
                data = self._key.open(
                    sealed, _associated(self._bound, name, number, last), "archive"
                )
            except SealBroken:
                problem = f"{where} was changed, moved or comes from another archive"
                raise ArchiveDamaged(self.name, problem) from None
            yield data
            number += 1

    def end(self) -> None:
        """Makes sure that nothing comes after the last part.

        Raises:
            ArchiveDamaged: something does.
        """
        if self._file.read(1):
            raise ArchiveDamaged(self.name, "something was added at its end")


def _bound(line: bytes) -> bytes:
    return hashlib.sha256(MAGIC + line).digest()


def _associated(bound: bytes, name: str, number: int, last: bool) -> bytes:
    return bound + number.to_bytes(8, "big") + bytes((last,)) + name.encode()
