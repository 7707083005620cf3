"""The importers of the core: Markdown, HTML, text, CSV, JSON lines and PDF."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from metier._text_files import decode, plain, read_article, unreadable
from metier.encoder import detect_language
from metier.knowledge._html import read_html
from metier.knowledge._pdf import read_pdf
from metier.model import Document, Importer

_OWN = frozenset(("title", "publisher", "source", "url", "date", "licence", "license", "language"))


def default_importers() -> list[Importer]:
    """Importers for .md, .markdown, .html, .htm, .txt, .csv, .jsonl and .pdf."""
    return [
        Importer("markdown", (".md", ".markdown"), _markdown),
        Importer("html", (".html", ".htm"), read_html),
        Importer("text", (".txt",), _text),
        Importer("csv", (".csv",), _csv),
        Importer("jsonl", (".jsonl",), _jsonl),
        Importer("pdf", (".pdf",), read_pdf),
    ]


def _markdown(data: bytes, name: str) -> Iterator[Document]:
    article = read_article(data, name)
    yield _document(name, article.body, article.title, article.fields)


def _text(data: bytes, name: str) -> Iterator[Document]:
    # A "#" at the start of a line is no heading in plain text.
    text = re.sub(r"^(#{1,6}[ \t])", r"\\\1", decode(data, name), flags=re.MULTILINE)
    yield _document(name, text, PurePath(name).stem, {})


def _document(
    name: str, text: str, title: str, fields: Mapping[str, str], locator: str = ""
) -> Document:
    if not text.strip():
        raise unreadable(name, "there is no text in it", "Leave it out or give it content.")
    return Document(
        id=name,
        text=text,
        title=title,
        source=fields.get("publisher") or fields.get("source") or name,
        locator=locator,
        url=fields.get("url", ""),
        date=fields.get("date", ""),
        licence=fields.get("licence") or fields.get("license", ""),
        language=fields.get("language", "")[:2].lower() or detect_language(text),
        metadata={k: v for k, v in fields.items() if k not in _OWN},
    )


def _csv(data: bytes, name: str) -> Iterator[Document]:
    """A document for each row, with the column names kept beside the values."""
    text = decode(data, name)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        header = [cell.strip() for cell in next(reader)]
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise unreadable(
                    name,
                    f"{len(row)} values under {len(header)} column names",
                    "Mend the row; a value with a comma needs quotation marks.",
                    f"line {reader.line_num}",
                )
            yield _row(name, header, row, reader.line_num)
    except csv.Error:
        raise unreadable(
            name,
            "this is not CSV",
            "Check its quotation marks and the size of its values.",
            f"line {reader.line_num}",
        ) from None


def _delimiter(text: str) -> str:
    """What stands between the column names: a comma, or what spreadsheets write in its place."""
    first = text.lstrip().partition("\n")[0]
    return next((c for c in ",;\t" if c in first), ",")


def _row(name: str, header: Sequence[str], row: Sequence[str], line: int) -> Document:
    cells = [(k, v.strip()) for k, v in zip(header, row, strict=True) if v.strip()]
    fields = {k.lower(): v for k, v in cells}
    lines = [f"{key}: {value}" if key else value for key, value in cells]
    title = fields.get("title") or fields.get("name") or fields.get("标题") or cells[0][1]
    own = {k: v for k, v in fields.items() if k in _OWN}
    return _document(name, "\n".join(lines), title[:120], own, f"row {line}")


def _jsonl(data: bytes, name: str) -> Iterator[Document]:
    """A document for each line: `text`, and what a front matter may hold."""
    for number, line in enumerate(decode(data, name).split("\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            loaded = json.loads(line)
        except (ValueError, RecursionError):
            raise unreadable(name, "this is not JSON", "Mend the line.", place) from None
        if not isinstance(loaded, dict) or not isinstance(loaded.get("text"), str):
            raise unreadable(name, "no object with a `text` that is text", "Mend the line.", place)
        fields = {str(k): plain(v, str(k), name, place) for k, v in loaded.items() if k != "text"}
        if not loaded["text"].strip():
            raise unreadable(name, "`text` is empty", "Take the line out.", place)
        title = fields.get("title") or f"{PurePath(name).stem} {number}"
        yield _document(name, loaded["text"], title, fields, place)
