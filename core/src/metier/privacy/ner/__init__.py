"""Names in English text: a small network of the project's own; see MODEL_CARD.md.

The files of the network lie beside this one and are verified at each load.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from metier.privacy.ner._tagger import ModelError, NameTagger, Point, joined
from metier.privacy.ner._text import LABELS, SHAPES, STRIDE, TYPES, WINDOW, Pieces, cut, windows

FOLDER = Path(__file__).parent


@cache
def packaged() -> NameTagger:
    """The tagger that comes with metier; loaded once, and never changed.

    Raises:
        ModelError: its files are missing or changed.
    """
    return NameTagger(FOLDER)


__all__ = [
    "FOLDER",
    "LABELS",
    "SHAPES",
    "STRIDE",
    "TYPES",
    "WINDOW",
    "ModelError",
    "NameTagger",
    "Pieces",
    "Point",
    "cut",
    "joined",
    "packaged",
    "windows",
]
