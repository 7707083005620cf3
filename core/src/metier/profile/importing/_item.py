"""What an import yields, what it may cost, and its errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal, TypeAlias

from metier.model import BadRequest, Fact

FormatName = Literal["chatgpt", "claude", "whatsapp", "slack", "csv", "vcard", "json"]
FORMATS: Final[tuple[FormatName, ...]] = (
    "chatgpt", "claude", "whatsapp", "slack", "csv", "vcard", "json",
)  # fmt: skip

USER: Final = "user"
ASSISTANT: Final = "assistant"
UNNAMED: Final = "*"
"""As `me`: texts that bear no name are the person's."""
DateOrder = Literal["", "dmy", "mdy", "ymd"]


@dataclass(frozen=True, slots=True)
class Imported:
    """One message of an imported conversation.

    Args:
        conversation: the conversation's id or name in the file.
        at: when it was written; None where the file doesn't say, or says what can't be.
        speaker: "user" for the person whose import it is, "assistant" for a machine that
            answered them, else the name of who spoke. Somebody who is called "user" or
            "assistant" has a "~" before their name.
        place: where in the file, in words that hold nothing of its content.
    """

    conversation: str
    at: datetime | None
    speaker: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Given:
    """A fact that the file states as such: a line of a card, a row of a table."""

    fact: Fact
    at: datetime | None
    place: str


Item: TypeAlias = Imported | Given


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may cost. A file is somebody else's work: it may want to do harm.

    Args:
        total: bytes that are read, unpacked.
        ratio: how many times larger than packed a member of an archive may become, once it
            has become larger than 16 MiB.
        members: files in an archive or a folder.
        element: bytes of one conversation or one record.
        depth: levels of lists and objects in JSON.
        line: characters of one line of text.
    """

    total: int = 8 * 1024**3
    ratio: int = 200
    members: int = 100_000
    element: int = 64 * 1024**2
    depth: int = 100
    line: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is to be read, where it doesn't tell.

    Args:
        format: which kind of file it is; None to find out.
        me: how the person is named in it.
        zone: of times that name none.
        dates: the order of day, month and year; "" to find out from the whole file.
        encoding: of text that is neither UTF-8 nor marked as UTF-16.
        columns: for tables: our names ("date", "author", "text", "conversation", "slot",
            "value", "category") to the file's.
    """

    format: FormatName | None = None
    me: str = ""
    zone: tzinfo = UTC
    dates: DateOrder = ""
    encoding: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


def unreadable(where: str, what: str, mend: str = "") -> BadRequest:
    """An error about the file: where and what, never content."""
    message = f"{where[:1].upper()}{where[1:]} {what}."
    return BadRequest(f"{message} {mend}".strip(), code="import_unreadable", param="file")


def need_me(what: str = "") -> BadRequest:
    """The person has to say who they are in the file."""
    return BadRequest(
        what
        or "Several people speak in this file. Say which of them you are with `--me NAME` "
        "(`me` in the API), spelt as in the file; a preview lists them.",
        code="import_needs_me",
        param="me",
    )


_UNHOLDABLE: Final = re.compile("[\x00\ud800-\udfff]")
_MARKS: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SPACES: Final = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u3000]+")


def clean(text: str) -> str:
    """Text that every store and wire can hold: no half characters, no NUL."""
    if _UNHOLDABLE.search(text):
        text = _UNHOLDABLE.sub("\ufffd", text)
    return text.strip()


def name_of(raw: str) -> str:
    """A name without invisible marks, with single spaces."""
    return clean(_SPACES.sub(" ", _MARKS.sub("", raw)))


def speaker_of(raw: str, me: str) -> str:
    """Who speaks: the person, or a name that can be mistaken for nobody else.

    Args:
        me: how the person is named in the file; "" where nobody is the person, "*" where
            what bears no name is theirs.
    """
    name = name_of(raw)
    if me and (name == me or (me == UNNAMED and not name)):
        return USER
    return f"~{name}" if name.casefold() in (USER, ASSISTANT, "") else name


def epoch(value: object) -> datetime | None:
    """A time in seconds since 1970; None for what is none, or is past the year 9999."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 < value < 253_402_300_800:  # false for NaN too
        return None
    return datetime.fromtimestamp(value, UTC)


def iso(value: object, zone: tzinfo = UTC) -> datetime | None:
    """A time as ISO 8601 writes it; None for what is none, or can't be."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
