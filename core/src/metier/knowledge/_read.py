"""Files into documents, and the errors that say where a file can't be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePath

from metier._text_files import unreadable
from metier.model import Document, Importer, MetierError


@dataclass(frozen=True, slots=True)
class Read:
    """What files and folders hold: documents, and the files of folders that were left out."""

    documents: tuple[Document, ...]
    skipped: tuple[str, ...] = ()


def read_paths(paths: Sequence[Path], importers: Sequence[Importer]) -> Read:
    """Reads files, and the files in folders, with the importers for their suffixes.

    A document's id starts with its file's name, below a folder with its path
    from there. What a folder holds besides, hidden files and those that no
    importer reads, is left out; a file that is named itself has to be readable.

    Raises:
        BadRequest: for the first file that can't be read, with place and mend,
            for a folder without any that can, and for two files of one name.
    """
    files: list[tuple[Path, str]] = []
    skipped: list[str] = []
    for path in paths:
        if not path.is_dir():
            files.append((path, _text(path.name)))
            continue
        readable, rest = _in_folder(path, importers)
        if not readable:
            raise unreadable(
                path.name,
                "there is no file in it that can be read",
                f"Known suffixes: {_suffixes(importers)}.",
            )
        files += readable
        skipped += rest
    twice = [name for name, count in Counter(name for _, name in files).items() if count > 1]
    if twice:
        raise unreadable(
            twice[0], "two files have this name", "Put them in two folders and name those."
        )
    documents = [d for file, name in files for d in read_file(_bytes(file, name), name, importers)]
    return Read(tuple(documents), tuple(sorted(skipped)))


def _in_folder(
    folder: Path, importers: Sequence[Importer]
) -> tuple[list[tuple[Path, str]], list[str]]:
    """The files that can be read, each with its name from the folder on; and the other names."""
    readable: list[tuple[Path, str]] = []
    skipped: list[str] = []
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        below = file.relative_to(folder)
        name = _text((PurePath(folder.resolve().name) / below).as_posix())
        hidden = any(part.startswith(".") for part in below.parts)
        if hidden or _importer(name, importers) is None:
            skipped.append(name)
        else:
            readable.append((file, name))
    return readable, skipped


def _text(name: str) -> str:
    """A name as it can be stored: bytes that are no UTF-8 are marked."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _bytes(file: Path, name: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise unreadable(name, f"it can't be opened ({reason})", "Check the file.") from None


def _importer(name: str, importers: Sequence[Importer]) -> Importer | None:
    """The importer for a name's suffix; the later of two, so that a plugin can replace one."""
    suffix = PurePath(name).suffix.lower()
    return next((i for i in reversed(importers) if suffix in i.suffixes), None)


def _suffixes(importers: Sequence[Importer]) -> str:
    return ", ".join(sorted({s for i in importers for s in i.suffixes}))


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
    name = _text(name)
    suffix = PurePath(name).suffix.lower()
    chosen = _importer(name, importers)
    if chosen is None:
        what = f"files ending in '{suffix}'" if suffix else "files without a suffix"
        raise unreadable(
            name, f"{what} can't be read", f"Convert it to one of: {_suffixes(importers)}."
        )
    if not data.strip():
        raise unreadable(name, "the file is empty", "Leave it out or give it content.")
    try:
        documents = list(chosen.read(data, name))
    except MetierError:
        raise
    except Exception as error:  # it may raise anything, and its words may be content
        raise unreadable(
            name,
            f"the importer '{chosen.name}' failed on it ({type(error).__name__})",
            "Check the file, or save it in another format.",
        ) from None
    if not documents:
        raise unreadable(name, "there is no text in it", "Leave it out or give it content.")
    for document in documents:
        _check_characters(document, name)
    return documents


def _check_characters(document: Document, name: str) -> None:
    """Refuses what a text of a file can't hold but an escape in it can: NUL and half characters."""
    own = (getattr(document, f.name) for f in fields(document) if f.name != "metadata")
    for text in (*own, *document.metadata.keys(), *document.metadata.values()):
        if "\0" in text or not _is_unicode(text):
            raise unreadable(
                name, "a NUL character, or half of a surrogate pair", "Take it out.",
                document.locator,
            )  # fmt: skip


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
