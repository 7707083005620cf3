"""Text files: UTF-8, Markdown with its front matter, and the error that says what to mend."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from metier.model import BadRequest

_FRONT = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^#[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Article:
    """A Markdown file.

    Args:
        title: of its front matter, else its first heading, else its file's name.
        fields: its front matter.
        body: its text below that.
    """

    title: str
    fields: Mapping[str, str]
    body: str


def read_article(data: bytes, name: str) -> Article:
    """Reads Markdown.

    Args:
        data: the file's bytes.
        name: the file's, for errors.

    Raises:
        BadRequest: for bytes that are not UTF-8, and for a front matter that is no
            YAML or holds more than texts; with place and mend.
    """
    text = decode(data, name)
    fields: Mapping[str, str] = {}
    found = _FRONT.match(text)
    if found:
        fields = _front_matter(found.group(1), name)
        text = text[found.end() :]
    heading = _TITLE.search(text)
    title = fields.get("title") or (heading.group(1) if heading else PurePath(name).stem)
    return Article(title, fields, text)


def _front_matter(block: str, name: str) -> dict[str, str]:
    import yaml

    try:
        loaded = yaml.safe_load(block)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 2}" if mark else "front matter"
        raise unreadable(
            name, "the front matter is not YAML", "Mend it or take it out.", place
        ) from None
    except (ValueError, RecursionError):  # a date that doesn't exist, or far too many brackets
        raise unreadable(
            name, "a value of the front matter can't be read", "Mend it.", "front matter"
        ) from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise unreadable(
            name,
            "the front matter is not a list of `name: value` lines",
            "Mend it or take it out.",
            "line 2",
        )
    return {str(key): plain(value, str(key), name, "front matter") for key, value in loaded.items()}


def plain(value: Any, key: str, name: str, place: str) -> str:
    """A field's value as text; a list is joined with commas.

    Raises:
        BadRequest: for a value of another kind.
    """
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list) and all(isinstance(v, str | int | float) for v in value):
        return ", ".join(str(v) for v in value)
    if isinstance(value, str | int | float):
        return str(value)
    raise unreadable(name, f"`{key}` must be text or a list of texts", "Mend it.", place)


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
