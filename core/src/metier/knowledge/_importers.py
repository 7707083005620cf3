"""The formats every domain can ingest."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from metier.encoder import detect_language
from metier.model import BadRequest, Document, Importer

_FIELDS = ("title", "publisher", "source", "url", "date", "licence", "language", "topics")


def importers() -> list[Importer]:
    return [
        Importer("markdown", (".md", ".markdown"), _markdown),
        Importer("html", (".html", ".htm"), _html),
        Importer("text", (".txt",), _text),
        Importer("csv", (".csv",), _csv),
        Importer("jsonl", (".jsonl",), _jsonl),
        Importer("pdf", (".pdf",), _pdf),
    ]


def _decode(data: bytes, name: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadRequest(
            f"{name}, line {line}: not valid UTF-8. Save the file as UTF-8.", code="bad_encoding"
        ) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadRequest(f"{name}, line {line}: a NUL byte; remove it.", code="bad_encoding")
    return text


def _document(name: str, text: str, fields: Mapping[str, Any], locator: str = "") -> Document:
    title = str(fields.get("title") or PurePath(name).stem)
    topics = fields.get("topics") or ()
    metadata = {"topics": ", ".join(map(str, topics))} if isinstance(topics, list) else {}
    return Document(
        id=name,
        text=text,
        title=title,
        source=str(fields.get("publisher") or fields.get("source") or name),
        locator=locator,
        url=str(fields.get("url") or ""),
        date=str(fields.get("date") or ""),
        licence=str(fields.get("licence") or ""),
        language=str(fields.get("language") or detect_language(text)),
        metadata=metadata,
    )


def _markdown(data: bytes, name: str) -> Iterator[Document]:
    import yaml

    text = _decode(data, name)
    fields: Any = {}
    if text.startswith("---\n") and "\n---" in text[4:]:
        head, _, text = text[4:].partition("\n---")
        try:
            fields = yaml.safe_load(head) or {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 2 if mark else "?"
            raise BadRequest(
                f"{name}, line {line}: the front matter is not valid YAML.", code="bad_front_matter"
            ) from None
        if not isinstance(fields, dict):
            raise BadRequest(
                f"{name}: the front matter must be a mapping.", code="bad_front_matter"
            )
    yield _document(name, text.strip(), fields)


def _html(data: bytes, name: str) -> Iterator[Document]:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(_decode(data, name), "html.parser")
    for tag in soup(["script", "style", "nav", "header", "footer", "aside", "form", "noscript"]):
        tag.decompose()
    for level in range(1, 7):
        for tag in soup.find_all(f"h{level}"):
            tag.insert_before("\n\n" + "#" * level + " ")
            tag.insert_after("\n\n")
    for tag in soup.find_all(["p", "li", "tr", "div", "br"]):
        tag.insert_after("\n")
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    if soup.title:
        soup.title.decompose()
    lines = [" ".join(line.split()) for line in soup.get_text().splitlines()]
    yield _document(name, "\n".join(lines).strip(), {"title": title})


def _text(data: bytes, name: str) -> Iterator[Document]:
    yield _document(name, _decode(data, name).strip(), {})


def _csv(data: bytes, name: str) -> Iterator[Document]:
    reader = csv.DictReader(io.StringIO(_decode(data, name)), strict=True)
    try:
        for row in reader:
            if None in row:
                raise BadRequest(
                    f"{name}, line {reader.line_num}: more cells than the header has columns.",
                    code="bad_csv",
                )
            text = "\n".join(f"{column}: {cell}" for column, cell in row.items() if cell)
            fields = {k: row.get(k) for k in _FIELDS if k != "topics"}
            document = _document(name, text, fields, f"row {reader.line_num}")
            yield _part(document, reader.line_num)
    except csv.Error:
        raise BadRequest(
            f"{name}, line {reader.line_num}: not valid CSV; check its quotation marks.",
            code="bad_csv",
        ) from None


def _part(document: Document, number: int) -> Document:
    """One of several documents of a file gets an id of its own."""
    from dataclasses import replace

    return replace(document, id=f"{document.id}#{number}")


def _jsonl(data: bytes, name: str) -> Iterator[Document]:
    for number, line in enumerate(_decode(data, name).splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError:
            raise BadRequest(f"{name}, line {number}: not valid JSON.", code="bad_json") from None
        if not isinstance(value, dict) or not isinstance(value.get("text"), str):
            raise BadRequest(
                f"{name}, line {number}: an object with a string `text` is needed.", code="bad_json"
            )
        yield _part(_document(name, value["text"], value, f"line {number}"), number)


def _pdf(data: bytes, name: str) -> Iterator[Document]:
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # its warnings quote the file
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise BadRequest(f"{name} is encrypted; save it without a password.", code="bad_pdf")
        title = reader.metadata.title if reader.metadata else None
        pages = [page.extract_text() for page in reader.pages]
    except BadRequest:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise BadRequest(
            f"{name} can't be read as PDF; it may be damaged. Open and save it again.",
            code="bad_pdf",
        ) from None
    for number, text in enumerate(pages, 1):
        if text.strip():
            fields = {"title": title}
            yield _part(_document(name, text, fields, f"page {number}"), number)
