"""One reading of a text for all recognizers, with an exact map back.

Full-width digits, zero-width characters, soft hyphens, decomposed accents and
JSON escapes hide values from patterns. A `View` shows the text without them
and knows which original characters each of its characters stands for.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

MASK = "\ue000"
"""Stands for a stretch that is already hidden. Recognizers never match across it."""

_MAX_CLUSTER = 8
_ALIKE = {
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-", "﹣": "-",
}  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "/": "/"}


@dataclass(frozen=True)
class View:
    """A normalised text. `starts[i]`, `ends[i]` are the original offsets of `text[i]`.

    For plain ASCII without escapes the maps are None: offsets are the same.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of `text[start:end]`, which must not be empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    @cached_property
    def lower(self) -> str:
        """Lower-cased, for prefilters only: its length may differ from `text`'s."""
        return self.text.lower()

    @cached_property
    def has_digit(self) -> bool:
        return any(c in self.text for c in "0123456789")

    @cached_property
    def has_han(self) -> bool:
        return not self.text.isascii() and any("㐀" <= c <= "鿿" for c in self.text)


def _escape(text: str, at: int) -> tuple[str, int] | None:
    """The character a JSON escape at `at` stands for, and where it ends."""
    follower = text[at + 1 : at + 2]
    if follower in _ESCAPES and follower:
        return _ESCAPES[follower], at + 2
    digits = text[at + 2 : at + 6]
    if follower == "u" and len(digits) == 4:
        try:
            code = int(digits, 16)
        except ValueError:
            return None
        low = text[at + 8 : at + 12]
        if 0xD800 <= code < 0xDC00 and text[at + 6 : at + 8] == "\\u" and len(low) == 4:
            try:
                second = int(low, 16)
            except ValueError:
                return chr(code), at + 6
            if 0xDC00 <= second < 0xE000:
                return chr(0x10000 + ((code - 0xD800) << 10) + second - 0xDC00), at + 12
        return chr(code), at + 6
    return None


def _reading(cluster: str) -> str:
    """How a base character and its combining marks read."""
    if cluster in _ALIKE:
        return _ALIKE[cluster]
    read = []
    for character in unicodedata.normalize("NFKC", cluster):
        category = unicodedata.category(character)
        if category == "Cf":  # zero-width characters, soft hyphens, direction marks
            continue
        if category == "Nd":
            read.append(str(unicodedata.decimal(character)))
        elif category in ("Zs", "Zl", "Zp"):
            read.append(" " if category == "Zs" else "\n")
        else:
            read.append(_ALIKE.get(character, character))
    return "".join(read)


def normalise(text: str) -> View:
    """Reads `text` as a person would; linear in its length.

    Compatibility forms follow Unicode NFKC (UAX #15), cluster by cluster so
    that every character of the view has a place in the original.
    """
    if text.isascii() and "\\" not in text and "`" not in text:
        return View(text)
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        start = at
        escaped = _escape(text, at) if text[at] == "\\" else None
        if escaped:
            cluster, at = escaped
        else:
            cluster = text[at]
            at += 1
            if cluster >= "\u0300" or (at < len(text) and text[at] >= "\u0300"):
                while (
                    at < len(text)
                    and at - start < _MAX_CLUSTER
                    and text[at] >= "\u0300"
                    and unicodedata.combining(text[at])
                ):
                    at += 1
                cluster = text[start:at]
        read = cluster if cluster < "\x7f" and cluster != "`" else _reading(cluster)
        for character in read:
            characters.append(character)
            starts.append(start)
            ends.append(at)
    return View("".join(characters), tuple(starts), tuple(ends))


def normal(text: str) -> str:
    """`text` as `normalise` reads it, without the map."""
    return normalise(text).text
