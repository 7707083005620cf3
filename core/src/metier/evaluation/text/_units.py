"""A text as words, for metrics that count them, in English and Chinese."""

from __future__ import annotations

import re
import unicodedata

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{HAN}]|\\d+(?:[.,:/]\\d+)*|[^\\W\\d_{HAN}]+(?:['’][^\\W\\d_]+)*")
_NUMBER = re.compile(
    r"(?<![A-Za-z_\d.])(?:[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+/\d+|[-+]?\d+(?:\.\d+)?)"
)
_MARKS = re.compile(r"\s*\[\d{1,2}\]")
_MARK_BEHIND = re.compile(r"([.!?。！？]+)((?:\s*\[\d{1,2}\])+)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|(?<=[。！？])|\n+")
_BULLET = re.compile(r"^(?:[-*•]\s+|#+\s*)+")


def words(text: str) -> list[str]:
    """Lower-cased words and numbers; every Han character is one, as it carries about as much.

    Marks of citations ("[1]") and punctuation are left out.
    """
    plain = unicodedata.normalize("NFKC", _MARKS.sub("", text)).lower()
    return [w.replace("’", "'") for w in _WORD.findall(plain)]


def numbers(text: str) -> list[float]:
    """The numbers in a text, in its order; "3/4" is one number, "1,200" too."""
    found: list[float] = []
    for raw in _NUMBER.findall(unicodedata.normalize("NFKC", _MARKS.sub("", text))):
        top, slash, bottom = raw.replace(",", "").partition("/")
        if slash and float(bottom) == 0:
            continue
        found.append(float(top) / float(bottom) if slash else float(top))
    return found


def sentences(text: str) -> list[str]:
    """The sentences of an answer, marks of lists taken off; marks of citations stay."""
    # A mark after the full stop belongs to the sentence before it.
    inside = _MARK_BEHIND.sub(r"\2\1", text)
    pieces = (_BULLET.sub("", piece.strip()) for piece in _SENTENCE.split(inside))
    return [piece for piece in pieces if piece and words(piece)]


def unmarked(text: str) -> str:
    """The text without the marks of citations."""
    return _MARKS.sub("", text)
