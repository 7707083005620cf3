"""A file to be imported: which kind it is, and its items, as often as they are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from metier.model import BadRequest
from metier.profile.importing import _chats, _json, _slack, _tables, _vcard, _whatsapp
from metier.profile.importing._files import Files, Upload, lines
from metier.profile.importing._item import (
    FORMATS,
    FormatName,
    Item,
    Options,
    name_of,
    unreadable,
)

_KNOWS_ME: Final = frozenset({"chatgpt", "claude", "vcard"})
_AMBIGUOUS: Final = (
    "No date of the file tells the order of day and month. They are taken as {order}; "
    "`--dates` changes that."
)
_ORDERS: Final = {"dmy": "day, month, year", "mdy": "month, day, year", "ymd": "year, month, day"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was looked at and can be read.

    Args:
        format: which kind it is.
        knows_me: whether the format itself tells the person's words from others'.
        fingerprint: a digest of the bytes and of what else decides how they are read; the
            same file read in the same way has the same.
        notes: what was taken for granted, in words.
    """

    format: FormatName
    knows_me: bool
    me: str
    fingerprint: str
    notes: tuple[str, ...]
    _read: Callable[[], Iterator[Item]]

    def items(self) -> Iterator[Item]:
        """The items in the order of the file, from its beginning; always the same ones.

        Raises:
            BadRequest: a place of the file can't be read, `import_unreadable`; it costs more
                than is allowed, 413 `import_too_large`.
        """
        return self._read()


def open_source(source: Path | Upload, options: Options | None = None) -> Source:
    """Looks at a file, a folder or an archive, and finds out how to read it.

    Raises:
        BadRequest: nothing known is in it; or who the person is has to be told, with the code
            `import_needs_me`.
    """
    options = options or Options()
    if options.format is not None and options.format not in FORMATS:
        raise unreadable("`format`", f"is one of {', '.join(FORMATS)}")
    _check_encoding(options.encoding)
    options = _with_plain_name(options)
    files = Files.find(source, options.limits).fresh()
    kind = options.format or _kind(files, options)
    read, notes = _READERS[kind](files, options)
    knows_me = kind in _KNOWS_ME

    def again() -> Iterator[Item]:
        files.fresh()
        return read()

    fingerprint = _fingerprint(files.fresh(), kind, options)
    return Source(kind, knows_me, options.me, fingerprint, notes, again)


def _check_encoding(name: str) -> None:
    try:
        "".encode(name or "utf-8")
    except LookupError:
        raise BadRequest(
            "There is no encoding of that name. Give one such as gb18030 or cp1252.",
            param="encoding",
        ) from None


def _with_plain_name(options: Options) -> Options:
    return Options(
        options.format, name_of(options.me), options.zone, options.dates, options.encoding,
        options.columns, options.limits,
    )  # fmt: skip


def _fingerprint(files: Files, kind: str, options: Options) -> str:
    digest = hashlib.sha256(files.fingerprint().encode())
    read = (
        kind, options.me, str(options.zone), options.dates, options.encoding,
        *(f"{k}={v}" for k, v in sorted(options.columns.items())),
    )  # fmt: skip
    for part in read:
        digest.update(f"{len(part)}:{part}".encode("utf-8", "replace"))
    return digest.hexdigest()


# --- which kind ---------------------------------------------------------------------


def _kind(files: Files, options: Options) -> FormatName:
    if _conversation_files(files):
        return _kind_of_json(files, _conversation_files(files)[0], options)
    if _slack.days(files) and files.named("users.json", "org_users.json"):
        return "slack"
    if _chat_file(files):
        return "whatsapp"
    if len(files.names) != 1:
        raise unreadable(
            "the folder or archive",
            "holds no export that is known: no conversations.json, no WhatsApp chat, no Slack days",
        )
    name = files.names[0]
    ending = name.rsplit(".", 1)[-1].lower()
    if ending in ("json", "jsonl", "ndjson"):
        return _kind_of_json(files, name, options)
    if ending in ("vcf", "vcard"):
        return "vcard"
    if ending in ("csv", "tsv"):
        return "csv"
    return _kind_of_text(files, name, options)


def _kind_of_json(files: Files, name: str, options: Options) -> FormatName:
    first: dict[str, Any] | None = next(_json.objects(files, name, options), None)
    files.fresh()
    if first is None:
        raise unreadable("the file", "is empty")
    if "mapping" in first:
        return "chatgpt"
    if "chat_messages" in first:
        return "claude"
    if _json.is_ours_or_plain(first):
        return "json"
    raise unreadable(
        "the file", "is JSON of a kind that is not known",
        "A list of objects with `date`, `author` and `text` can be imported.",
    )  # fmt: skip


def _kind_of_text(files: Files, name: str, options: Options) -> FormatName:
    for number, line in lines(files, name, options.encoding, "the file"):
        if line.strip().upper() == "BEGIN:VCARD":
            return "vcard"
        if _whatsapp.looks_like_chat(line):
            return "whatsapp"
        if number >= 100:
            break
    files.fresh()
    raise unreadable(
        "the file", "is of a kind that is not known", f"Name it: `--format` {', '.join(FORMATS)}."
    )


def _conversation_files(files: Files) -> list[str]:
    def is_one(name: str) -> bool:
        last = name.rsplit("/", 1)[-1].lower()
        numbered = last.removeprefix("conversations-").removesuffix(".json")
        return last == "conversations.json" or (
            last == f"conversations-{numbered}.json" and numbered.isdecimal()
        )

    return [name for name in files.names if is_one(name)]


def _chat_file(files: Files) -> str | None:
    texts = [n for n in files.names if n.lower().endswith(".txt")]
    exact = [n for n in texts if n.rsplit("/", 1)[-1] == "_chat.txt"]
    named = [n for n in texts if "whatsapp" in n.lower() or "chat" in n.lower()]
    if exact:
        return exact[0]
    return min(named, key=len) if named and len(files.names) > 1 else None


# --- how to read each ---------------------------------------------------------------

_Reader = tuple[Callable[[], Iterator[Item]], tuple[str, ...]]


def _chat_reader(files: Files, options: Options) -> _Reader:
    names = _conversation_files(files) or list(files.names[:1])
    one = _chats.chatgpt if _kind_of_json(files, names[0], options) == "chatgpt" else _chats.claude

    def read() -> Iterator[Item]:
        number = 0
        for name in names:
            for raw in _chats.conversations(files, name, options):
                number += 1
                yield from one(raw, number)

    return read, ()


def _whatsapp_reader(files: Files, options: Options) -> _Reader:
    name = _chat_file(files) or files.names[0]
    shape = _whatsapp.shape_of(files, name, options)
    return (
        lambda: _whatsapp.messages(files, name, options, shape),
        () if shape.sure else (_AMBIGUOUS.format(order=_ORDERS[shape.order]),),
    )


def _slack_reader(files: Files, options: Options) -> _Reader:
    people = _slack.members(files, options)
    if options.me:
        people.find(options.me)
    return lambda: _slack.messages(files, options, people), ()


def _table_reader(files: Files, options: Options) -> _Reader:
    name = files.names[0]
    columns = _tables.columns_of(files, name, options)
    order, sure = _tables.order_of_column(files, name, options, columns)
    notes = () if sure or "date" not in columns else (_AMBIGUOUS.format(order=_ORDERS[order]),)
    return lambda: _tables.rows(files, name, options, columns, order), notes


def _card_reader(files: Files, options: Options) -> _Reader:
    return lambda: _vcard.facts(files, files.names[0], options), ()


def _json_reader(files: Files, options: Options) -> _Reader:
    name = files.names[0]
    order, _ = _json.order_of_dates(files, name, options)
    return lambda: _json.items(files, name, options, order), ()


_READERS: Final[dict[str, Callable[[Files, Options], _Reader]]] = {
    "chatgpt": _chat_reader,
    "claude": _chat_reader,
    "whatsapp": _whatsapp_reader,
    "slack": _slack_reader,
    "csv": _table_reader,
    "vcard": _card_reader,
    "json": _json_reader,
}
