"""A file, a folder or an archive, read piece by piece and no further than is allowed.

Nothing is unpacked to disk and no name in an archive is used as a path, so none can lead
elsewhere. What an archive says of its members' sizes is not believed: what is read is counted.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from metier.model import BadRequest
from metier.profile.importing._item import Limits, unreadable

_PIECE: Final = 256 * 1024
_UNSUSPECTED: Final = 16 * 1024**2
_ZIP: Final = b"PK\x03\x04"
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
    NotImplementedError, RuntimeError, ValueError, IndexError, OverflowError,
)  # fmt: skip
"""What the library raises for archives that are damaged, each in its own place."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is in memory: what a request brought."""

    name: str
    data: bytes


@dataclass(slots=True)
class _Budget:
    left: int


class _Counted(io.RawIOBase):
    """A stream that stops where too much has come out of it."""

    def __init__(self, source: IO[bytes], budget: _Budget, packed: int | None, ratio: int) -> None:
        super().__init__()
        self._source, self._budget = source, budget
        self._most = None if packed is None else max(_UNSUSPECTED, packed * ratio)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            piece = self._source.read(min(len(view), _PIECE))
        except _BROKEN as error:
            if self._most is None:
                raise
            raise _archive_fault(error) from None
        self._read += len(piece)
        self._budget.left -= len(piece)
        if self._budget.left < 0 or (self._most is not None and self._read > self._most):
            raise BadRequest(
                "The file unpacks to more than is allowed; nothing more of it is read. If it is "
                "what you think it is, import its parts one by one.",
                code="import_too_large",
                status=413,
                param="file",
            )
        view[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        self._source.close()
        super().close()


def _archive_fault(error: BaseException) -> BadRequest:
    if isinstance(error, RuntimeError) and "password" in str(error):
        return unreadable("the archive", "is encrypted", "Unpack it, and import what is in it.")
    return unreadable(
        "the archive", f"is damaged or cut off ({type(error).__name__})", "Download it again."
    )


@dataclass(frozen=True, slots=True)
class Files:
    """What there is to be read: names, and a stream for each.

    Args:
        stem: the name of the whole without its ending; it may name a person.
    """

    stem: str
    limits: Limits
    names: tuple[str, ...]
    _root: Path | None = None
    _data: bytes | None = None
    _zipped: bool = False
    _budget: _Budget = field(default_factory=lambda: _Budget(0))

    @classmethod
    def find(cls, source: Path | Upload, limits: Limits) -> Files:
        """Looks at what is there.

        Raises:
            BadRequest: there is no such file, or the archive can't be read.
        """
        if isinstance(source, Path):
            if source.is_dir():
                return cls._folder(source, limits)
            if not source.is_file():
                raise unreadable("the file", "is not there, or is no file")
            with source.open("rb") as stream:
                zipped = stream.read(4) == _ZIP
            files = cls(source.stem, limits, (source.name,), source, None, zipped)
        else:
            zipped = source.data[:4] == _ZIP
            stem = PurePosixPath(source.name).stem
            files = cls(stem, limits, (source.name,), None, source.data, zipped)
        return files._unzipped() if zipped else files

    @classmethod
    def _folder(cls, root: Path, limits: Limits) -> Files:
        names: list[str] = []
        for path in root.rglob("*"):
            if path.is_symlink() or not path.is_file():
                continue  # a link may lead anywhere
            names.append(path.relative_to(root).as_posix())
            if len(names) > limits.members:
                raise unreadable("the folder", f"holds more than {limits.members:,} files")
        return cls(root.name, limits, tuple(sorted(names)), root)

    def _unzipped(self) -> Files:
        try:
            with zipfile.ZipFile(self._whole()) as archive:
                infos = archive.infolist()
        except _BROKEN as error:
            raise _archive_fault(error) from None
        if len(infos) > self.limits.members:
            raise unreadable("the archive", f"holds more than {self.limits.members:,} files")
        names = sorted({i.filename for i in infos if not i.is_dir()} - set(_hidden(infos)))
        return Files(self.stem, self.limits, tuple(names), self._root, self._data, True)

    def _whole(self) -> IO[bytes]:
        return io.BytesIO(self._data) if self._data is not None else self._path().open("rb")

    def _path(self) -> Path:
        assert self._root is not None
        return self._root

    def fresh(self) -> Files:
        """The same files, to be read from their beginning with nothing counted yet."""
        self._budget.left = self.limits.total
        return self

    def named(self, *names: str) -> list[str]:
        """Members whose last part is one of `names`, as the archive orders them."""
        return [n for n in self.names if n.rsplit("/", 1)[-1].lower() in names]

    def open(self, name: str) -> IO[bytes]:
        """A stream of one member.

        Raises:
            BadRequest: it can't be read; while it is read, also that it is too large.
        """
        packed: int | None = None
        stream: IO[bytes]
        if self._zipped:
            try:
                archive = zipfile.ZipFile(self._whole())
                packed = archive.getinfo(name).compress_size
                stream = archive.open(name)
            except (*_BROKEN, KeyError) as error:
                raise _archive_fault(error) from None
        elif self._root is not None and self._root.is_dir():
            stream = (self._root / name).open("rb")
        else:
            stream = self._whole()
        return io.BufferedReader(_Counted(stream, self._budget, packed, self.limits.ratio), _PIECE)

    def fingerprint(self) -> str:
        """A digest of everything there is, by which the same file is known again."""
        digest = hashlib.sha256()
        whole = [""] if self._zipped else self.names
        for name in whole:
            digest.update(f"{len(name)}:{name}".encode("utf-8", "surrogatepass"))
            with self._whole() if self._zipped else self.open(name) as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
        return digest.hexdigest()


def _hidden(infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    """What macOS adds to archives."""
    for info in infos:
        parts = info.filename.split("/")
        if "__MACOSX" in parts or parts[-1].startswith("._"):
            yield info.filename


def utf8(files: Files, name: str, encoding: str = "") -> Iterator[bytes]:
    """A member's text as UTF-8, piece by piece, without a byte order mark.

    Raises:
        BadRequest: it is not in the encoding that it should be.
    """
    with files.open(name) as stream:
        head = stream.peek(4)[:4]  # type: ignore[attr-defined]
        if not encoding and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            if head[:3] == b"\xef\xbb\xbf":
                stream.read(3)
            while piece := stream.read(_PIECE):
                yield piece
            return
        with io.TextIOWrapper(stream, encoding or "utf-16", newline="") as text:
            try:
                while part := text.read(_PIECE):
                    yield part.encode("utf-8", "replace")
            except UnicodeError:
                raise _misread("the file", encoding or "UTF-16") from None


def lines(files: Files, name: str, encoding: str, where: str) -> Iterator[tuple[int, str]]:
    """The lines of a member with their numbers, without their ends.

    Raises:
        BadRequest: a line is too long, or not in the encoding that it should be.
    """
    most, number = files.limits.line, 0
    with files.open(name) as stream:
        head = stream.peek(4)[:4]  # type: ignore[attr-defined]
        marked = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        with io.TextIOWrapper(stream, encoding or marked) as text:
            while True:
                try:
                    line = text.readline(most + 1)
                except UnicodeError:
                    raise _misread(f"{where}, after line {number},", encoding or "UTF-8") from None
                if not line:
                    return
                number += 1
                if len(line) > most:
                    raise unreadable(
                        f"{where}, line {number},", f"is longer than {most:,} characters"
                    )
                yield number, line.rstrip("\n")


def _misread(where: str, encoding: str) -> BadRequest:
    return unreadable(
        where,
        f"is not {encoding}",
        "Name its encoding with `--encoding`, such as gb18030, or save it as UTF-8.",
    )
