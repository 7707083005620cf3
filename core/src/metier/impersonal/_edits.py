"""What is left out of a text, and how the rest is joined."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_ENDS = ".!?。！？；;\n"
_LINKS = re.compile(r"\s*(?:[,;:，；：、–—-]+\s*)?(?:\b(?:and|but|so)\b\s*)?")
_WORDLESS = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class Edit:
    """A part of a text and what is read instead; `clause` where it is a clause of its own, so
    that what links it to the next goes as well."""

    start: int
    end: int
    put: str = ""
    clause: bool = False


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made; of two that overlap, the one that starts first (and of
    those the longer) counts."""
    parts: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda e: (e.start, -e.end)):
        if edit.start < at:
            continue
        parts += (text[at : edit.start], edit.put)
        at = edit.end
        if edit.clause:
            at = _past_link(text, edit.start, at)
    joined = "".join((*parts, text[at:]))
    joined = re.sub(r"[ \t]{2,}", " ", joined)
    joined = re.sub(r"[，、；]+(?=[。！？])", "", joined)
    joined = re.sub(r"[ ,]+([,.;:!?])", r"\1", joined).strip()
    return "" if _WORDLESS.fullmatch(joined) else joined


def _past_link(text: str, start: int, end: int) -> int:
    """Where the next clause begins: a whole sentence goes with its mark, a first clause with
    what joins it to the next."""
    before = text[:start].rstrip(" \t")
    opens = not before or before[-1] in _ENDS
    mark = re.compile(r"\s*[.!?。！？；;]+").match(text, end)
    if mark:
        return mark.end() if opens else end
    link = _LINKS.match(text, end)
    return link.end() if link and opens else end
