"""Tables of text (RFC 4180, with other separators): of messages, or of slots and values."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Final

from metier.profile.importing._files import Files, lines
from metier.profile.importing._given import given
from metier.profile.importing._item import (
    Given,
    Imported,
    Item,
    Options,
    clean,
    epoch,
    iso,
    speaker_of,
    unreadable,
)
from metier.profile.importing._times import Order, OrderVote, moment

_KNOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("date", "time", "datetime", "timestamp", "created_at", "sent_at", "when", "日期",
             "时间", "發送時間", "发送时间"),
    "author": ("author", "from", "sender", "name", "speaker", "user", "role", "作者", "发送者",
               "发件人", "发言人", "昵称", "姓名"),
    "text": ("text", "message", "body", "content", "comment", "内容", "消息", "正文", "訊息"),
    "conversation": ("conversation", "channel", "chat", "thread", "room", "对话", "会话", "频道",
                     "群聊"),
    "slot": ("slot", "key", "attribute", "field", "属性", "字段", "项目"),
    "value": ("value", "值"),
    "category": ("category", "类别", "分类"),
}  # fmt: skip


def _rows(files: Files, name: str, options: Options) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold something, with the number of the line at which each begins."""
    source = (line + "\n" for _, line in lines(files, name, options.encoding, "the table"))
    first = next(source, "").lstrip("\ufeff")
    sign = max(",;\t", key=first.count)

    def all_lines() -> Iterator[str]:
        yield first
        yield from source

    reader = csv.reader(all_lines(), delimiter=sign, strict=True)
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise unreadable(
                f"the table, line {begins},",
                "is no row: a quotation mark is left open, or a cell is too long",
            ) from None
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = reader.line_num + 1


def columns_of(files: Files, name: str, options: Options) -> dict[str, int]:
    """Which column is what.

    Raises:
        BadRequest: a column that was named isn't there, or there are neither texts nor facts.
    """
    _, head = next(_rows(files, name, options), (0, []))
    titles = [clean(t).casefold() for t in head]
    found: dict[str, int] = {}
    for ours, known in _KNOWN.items():
        wanted = options.columns.get(ours)
        if wanted is not None and clean(wanted).casefold() not in titles:
            raise unreadable("the table", f"has no column of the name that `{ours}` was given")
        for title in (wanted,) if wanted is not None else known:
            if title is not None and clean(title).casefold() in titles:
                found[ours] = titles.index(clean(title).casefold())
                break
    if {"slot", "value"} <= set(found) and "text" not in options.columns:
        return found
    if "text" in found:
        return found
    raise unreadable(
        "the table", "has no column for texts, nor columns for slots and values",
        "Name them, such as `--column text=Body --column date=When --column author=From`.",
    )  # fmt: skip


def order_of_column(
    files: Files, name: str, options: Options, columns: Mapping[str, int]
) -> tuple[Order, bool]:
    """The order of the dates in the column of dates, by all of them."""
    vote = OrderVote()
    for _, row in _body(files, name, options):
        found = moment(_cell(row, columns.get("date")))
        if found is not None:
            vote.add(found)
    order, sure = vote.decide()
    return options.dates or order, sure or bool(options.dates)


def _body(files: Files, name: str, options: Options) -> Iterator[tuple[int, list[str]]]:
    rows = _rows(files, name, options)
    next(rows, None)
    return rows


def rows(
    files: Files, name: str, options: Options, columns: Mapping[str, int], order: Order
) -> Iterator[Item]:
    """The messages or the facts of a table.

    Raises:
        BadRequest: a row is no row, or states what can't be a fact.
    """
    facts = {"slot", "value"} <= set(columns) and "text" not in options.columns
    for line, row in _body(files, name, options):
        written = _cell(row, columns.get("date"))
        seconds = float(written) if written.replace(".", "", 1).isdecimal() else None
        at = iso(written, options.zone) or epoch(
            seconds / 1000 if seconds is not None and seconds > 1e11 else seconds
        )
        found = moment(written) if at is None else None
        if found is not None:
            at = found.at(order, options.zone)
        if facts:
            slot, value = _cell(row, columns["slot"]), _cell(row, columns["value"])
            category = _cell(row, columns.get("category"))
            yield Given(
                given(slot, value, "core:csv", f"line {line}", category), at, f"line {line}"
            )
            continue
        text = clean(_cell(row, columns["text"]))
        if text:
            speaker = speaker_of(_cell(row, columns.get("author")), options.me)
            conversation = clean(_cell(row, columns.get("conversation"))) or "table"
            yield Imported(conversation, at, speaker, text, f"line {line}")


def _cell(row: list[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""
