"""PDF into one document a page."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from pathlib import PurePath

from metier._text_files import unreadable
from metier.encoder import detect_language
from metier.model import Document

_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")


def read_pdf(data: bytes, name: str) -> Iterator[Document]:
    """A document for each page that has text; they share the file's id."""
    import pypdf
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise unreadable(
                name, "the PDF is encrypted", "Save a copy without a password and read that."
            )
        about = reader.metadata
        title = (about.title if about else None) or PurePath(name).stem
        author = (about.author if about else None) or name
        count = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise unreadable(
            name, "this is not a PDF that can be read", "Open it and save it again as PDF."
        ) from None
    found = False
    for number in range(count):
        text = _page(reader, number, name)
        if not text:
            continue
        found = True
        yield Document(
            id=name,
            text=text,
            title=title.strip(),
            source=author.strip(),
            locator=f"page {number + 1}",
            language=detect_language(text),
        )
    if not found:
        raise unreadable(
            name,
            "no page has text; it may be scanned",
            "Run a text recogniser (OCR) on it first.",
            f"pages 1 to {count}",
        )


def _page(reader: object, number: int, name: str) -> str:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    assert isinstance(reader, PdfReader)
    try:
        text = reader.pages[number].extract_text()
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError,
            RecursionError, OSError, NotImplementedError):  # fmt: skip
        raise unreadable(
            name,
            "the page can't be read",
            "Open the file and save it again as PDF, or leave the page out.",
            f"page {number + 1}",
        ) from None
    text = _HYPHEN.sub("", text.replace("\0", "")).strip()
    return re.sub(r"^(#{1,6}[ \t])", r"\\\1", text, flags=re.MULTILINE)
