"""Bytes of a file to documents, by the importer of its suffix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from metier.model import BadRequest, Document, Importer


def read_file(data: bytes, name: str, importers: Sequence[Importer]) -> list[Document]:
    """Reads one file.

    Args:
        data: the file's bytes.
        name: its name; the suffix chooses the importer, the later one of two.
        importers: those of the core and the domain.

    Raises:
        BadRequest: no importer takes the file, or it can't be read; says why and where.
    """
    suffix = PurePath(name).suffix.lower()
    known = {s: importer for importer in importers for s in importer.suffixes}
    if suffix not in known:
        raise BadRequest(
            f"{name}: no importer reads '{suffix or 'files without a suffix'}'. Known: "
            f"{', '.join(sorted(known))}.",
            code="unknown_format",
        )
    if not data.strip():
        raise BadRequest(f"{name} is empty; there is nothing to index.", code="empty_file")
    documents = [d for d in known[suffix].read(data, name) if d.text.strip()]
    if not documents:
        raise BadRequest(f"{name} holds no text.", code="empty_file")
    return documents
