"""Documents to passages: by heading, then by paragraph, then by sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.M)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？；])")
_WIDTH = 900
"""Most characters of a passage, where a Han character counts three."""


def width(text: str) -> int:
    return sum(3 if "\u3400" <= c <= "\uffef" else 1 for c in text)


def chunks(text: str) -> Iterator[tuple[str, str]]:
    """(heading path, text) of each passage of a document."""
    path: list[str] = []
    start = 0
    for match in [*_HEADING.finditer(text), None]:
        body = text[start : match.start() if match else len(text)]
        for piece in _pieces(body):
            yield " > ".join(p for p in path if p), piece
        if match:
            level = len(match.group(1))
            path = [*path[: level - 1], *[""] * (level - 1 - len(path)), match.group(2)]
            start = match.end()


def _pieces(body: str) -> Iterator[str]:
    held = ""
    for part in _parts(body):
        if held and width(held) + width(part) > _WIDTH:
            yield held.strip()
            held = ""
        held += part
    if held.strip():
        yield held.strip()


def _parts(body: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", body.strip()):
        if width(paragraph) <= _WIDTH:
            yield paragraph + "\n\n"
            continue
        start = 0
        for match in [*_SENTENCE.finditer(paragraph), None]:
            end = match.end() if match else len(paragraph)
            yield paragraph[start:end]
            start = end
        yield "\n\n"
