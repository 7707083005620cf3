"""Knowledge: files to passages, passages to an index, questions to passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metier.knowledge._index import Index
from metier.knowledge._read import read_file

if TYPE_CHECKING:
    from metier.model import Importer


def default_importers() -> list[Importer]:
    """Importers of Markdown, HTML, text, CSV, JSON lines and PDF."""
    from metier.knowledge._importers import importers

    return importers()


__all__ = ["Index", "default_importers", "read_file"]
