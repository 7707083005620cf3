"""Files into documents, and the errors that say where a file can't be read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from metier.model import BadRequest, Document, Importer


def read_file(data: bytes, name: str, importers: Sequence[Importer]) -> list[Document]:
    """Reads one file with the importer for its suffix.

    Args:
        data: the file's bytes.
        name: its name or relative path; the documents' id starts with it.
        importers: where two know a suffix, the later one is taken, so that a
            plugin can replace a default.

    Raises:
        BadRequest: for a file that can't be read, with place and mend.
    """
    suffix = PurePath(name).suffix.lower()
    chosen = next((i for i in reversed(importers) if suffix in i.suffixes), None)
    if chosen is None:
        known = ", ".join(sorted({s for i in importers for s in i.suffixes}))
        what = f"files ending in '{suffix}'" if suffix else "files without a suffix"
        raise unreadable(name, f"{what} can't be read", f"Convert it to one of: {known}.")
    if not data.strip():
        raise unreadable(name, "the file is empty", "Leave it out or give it content.")
    return list(chosen.read(data, name))


def unreadable(name: str, what: str, mend: str, place: str = "") -> BadRequest:
    """The error for a file that can't be read. Never holds its content."""
    where = f"{name}, {place}" if place else name
    return BadRequest(f"{where}: {what}. {mend}", code="unreadable_file")


def decode(data: bytes, name: str) -> str:
    """The text of a UTF-8 file, with `\\n` line ends and without a byte order mark.

    Raises:
        BadRequest: at the first byte that is not UTF-8, or NUL, with its line.
    """
    nul = data.find(b"\0")
    if nul >= 0:
        raise unreadable(
            name,
            "a NUL byte, so this is no text file in UTF-8",
            "Save it as UTF-8 text.",
            _line(data, nul),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(
            name,
            "a byte that is not UTF-8",
            "Save the file as UTF-8; a Chinese file is often GB18030 "
            f"(`iconv -f GB18030 -t UTF-8 {PurePath(name).name}`).",
            _line(data, error.start),
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _line(data: bytes, offset: int) -> str:
    return f"line {data[:offset].count(10) + 1}"
