"""One reading of a text for all recognizers, with an exact map back.

Full-width digits, zero-width characters, soft hyphens, decomposed accents,
look-alike letters of other scripts, and escapes of code, HTML and URLs hide
values from patterns; so do digits in words, odd gaps and markup (`_spelling`).
A `View` shows the text without them and knows which original characters each of
its characters stands for. Escapes are read one layer deep, but percent signs to
the bottom. Base64, base32 and hexadecimal are listed beside the text, because
they stand for another one.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from metier.privacy._spelling import STEPS, Edit

MASK = "\ue000"
"""Stands for a stretch that is already hidden. Recognizers never match across it."""

# What a character that doesn't read as exactly one character is first turned into.
_DROPPED, _MARK, _SEVERAL = "\uf8f0", "\uf8f1", "\uf8f2"

_SIGNS = frozenset((_DROPPED, _MARK, _SEVERAL))

_ALIKE = {
    "’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "\u2800": " ",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "−": "-", "﹣": "-",
}  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "/": "/"}
_FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks that show nothing."""

_HOMOGLYPHS = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԚԜаеѕіјорсухԁԛԝһӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαινρκυ",
    "ABESIJKMHOPCTYXQWaesijopcyxdqwhlABEZHIKMNOPTYXoaivpku",
)
"""Cyrillic and Greek letters that look Latin (Unicode confusables, the common ones)."""

_ODD = re.compile(
    "[^\\x00-\\x7f\u00c0-\u0131\u0134-\u013e\u0141-\u0148\u014a-\u017e\u0391-\u03a1\u0400-\u0481"
    "\u3001\u3002\u300a-\u3011\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\ue000]+"
)
"""What may not read as itself; the ranges named here do."""

_FOREIGN = re.compile("[\u0370-\u052f]")
_WORD = re.compile("[A-Za-z0-9\u0370-\u052f]+")
_TELLING = re.compile(rf"[{_DROPPED}-{_SEVERAL}\\&%]")
_SPECIAL = re.compile(
    rf"{_MARK}{{1,7}}|{_DROPPED}+|{_SEVERAL}"
    # JSON inside a string of JSON doubles the backslashes, layer by layer.
    r"|\\{1,8}+u[dD][89abAB][0-9A-Fa-f]{2}\\{1,8}+u[dD][c-fC-F][0-9A-Fa-f]{2}"
    r"|\\{1,8}+u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|(?:\\x[0-9A-Fa-f]{2})+"
    r"""|\\{1,8}+["/nrt]"""
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
    r"|(?:%(?:25)*[0-9A-Fa-f]{2})+"
)
_PERCENT = re.compile("%(?:25)+(?=[0-9A-Fa-f]{2})")
_BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{14,}+(?:\r?\n[A-Za-z0-9+/]{4,}+)*={0,2}"
)
_SHORTEST = 14
_WRAPPED = 60
"""Shorter lines aren't base64 broken into lines."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A token of a view in base64, base32 or hexadecimal: where it is, and what it stands for."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class View:
    """A normalised text, with a map back to the original.

    `breaks` lists the pieces of the view, each as (where it starts in the view,
    where it starts in the original, where it ends there). The end is -1 for a
    piece that was copied; every character of another piece stands for the
    whole stretch. Without breaks, offsets are the same.
    """

    text: str
    breaks: tuple[tuple[int, int, int], ...] = ()

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original offsets of `text[start:end]`, which must not be empty."""
        if not self.breaks:
            return start, end
        at, low, high = self.breaks[bisect_right(self.breaks, start, key=_offset) - 1]
        first = low if high >= 0 else low + start - at
        at, low, high = self.breaks[bisect_right(self.breaks, end - 1, key=_offset) - 1]
        return first, high if high >= 0 else low + end - at

    def edited(self, edits: Iterable[Edit]) -> View:
        """This view with some stretches read otherwise; the map still leads to the original."""
        pieces: list[str] = []
        breaks: list[tuple[int, int, int]] = []
        at = length = 0
        for start, end, read in edits:
            breaks += self._copied(at, start, length)
            pieces += self.text[at:start], read
            length += start - at
            if read:
                breaks.append((length, *self.original(start, end)))
                length += len(read)
            at = end
        breaks += self._copied(at, len(self.text), length)
        pieces.append(self.text[at:])
        return View("".join(pieces), tuple(breaks))

    def _copied(self, start: int, end: int, length: int) -> Iterator[tuple[int, int, int]]:
        """The pieces of `text[start:end]`, for a view in which it begins at `length`."""
        if start >= end:
            return
        if not self.breaks:
            yield length, start, -1
            return
        first = bisect_right(self.breaks, start, key=_offset) - 1
        for at, low, high in self.breaks[first : bisect_right(self.breaks, end - 1, key=_offset)]:
            inside = max(0, start - at)
            yield length + at + inside - start, low if high >= 0 else low + inside, high

    @cached_property
    def folded(self) -> str:
        """Lower-cased, character by character: offsets are those of `text`."""
        lowered = self.text.lower()
        if len(lowered) == len(self.text):
            return lowered
        return "".join(c.lower() if len(c.lower()) == 1 else c for c in self.text)

    @cached_property
    def has_digit(self) -> bool:
        return _DIGIT.search(self.text) is not None

    @cached_property
    def has_han(self) -> bool:
        return not self.text.isascii() and _HAN.search(self.text) is not None


def _offset(piece: tuple[int, int, int]) -> int:
    return piece[0]


_DIGIT = re.compile("[0-9]")
_HAN = re.compile("[\u3400-\u9fff]")


def encoded(view: View) -> Iterator[Encoded]:
    """The tokens of a view, in base64, base32 or hexadecimal, that stand for readable text."""
    for match in _BASE64.finditer(view.text):
        yield from _decoded(match)


def _decoded(match: re.Match[str]) -> Iterator[Encoded]:
    token, start = match[0], match.start()
    if "\n" in token and len(token.partition("\n")[0]) >= _WRAPPED:
        text = _base64_text("".join(token.split()))
        if text:
            yield Encoded(start, match.end(), text)
            return
    for line in token.split("\n"):
        text = _base64_text(line.rstrip("\r"))
        if text:
            yield Encoded(start, start + len(line.rstrip("\r")), text)
        start += len(line) + 1


def _base64_text(token: str) -> str | None:
    """What `token` decodes to (RFC 4648: base64 in both alphabets, base32, base16), if text."""
    bare = token.rstrip("=")
    if len(bare) >= _SHORTEST and len(bare) % 2 == 0 and _HEX.fullmatch(bare):
        read = _from_bytes(bare)
        if read is not None:
            return read
    if len(bare) >= _SHORTEST and _BASE32.fullmatch(bare):
        try:
            read = base64.b32decode(bare + "=" * (-len(bare) % 8)).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            read = ""
        if read and read.isprintable():
            return read
    if len(bare) < _SHORTEST or len(bare) % 4 == 1:
        return None
    try:
        raw = base64.b64decode(bare.translate(_URL_SAFE) + "=" * (-len(bare) % 4), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if all(c.isprintable() or c.isspace() for c in text) else None


_HEX = re.compile("[0-9a-f]+|[0-9A-F]+")
_BASE32 = re.compile("[A-Z2-7]+")
_URL_SAFE = str.maketrans("-_", "+/")


def _single(character: str) -> str:
    """How one character reads by itself, or one of the three marks above."""
    if character in _ALIKE:
        return _ALIKE[character]
    category = unicodedata.category(character)
    if category in ("Cf", "Me") or character in _FILLERS or _selects_variant(character):
        return _DROPPED
    if category == "Mn" or unicodedata.combining(character):
        return _MARK
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "No" and (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    if category == "Zs":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    read = unicodedata.normalize("NFKC", character)
    if len(read) != 1:
        return _SEVERAL
    return read if read == character else _single(read)


def _selects_variant(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _lone(code: int) -> bool:
    return 0xD800 <= code < 0xE000


class _Readings(dict[int, str]):
    """A table for `str.translate` that is filled as characters are met."""

    def __missing__(self, code: int) -> str:
        # Half of a surrogate pair stands for no character, and can't be encoded.
        read = _DROPPED if _lone(code) else _single(chr(code))
        self[code] = read
        return read


_READINGS = _Readings()


def _read(match: re.Match[str]) -> str:
    return match[0].translate(_READINGS)


def _cluster(text: str) -> str:
    """How a base character and its marks read: composed, or without the marks."""
    read: list[str] = []
    for character in unicodedata.normalize("NFKC", text):
        one = _single(character)
        if one == _SEVERAL or (one == _MARK and not (read and read[-1].isascii())):
            read.append(character)
        elif one not in (_DROPPED, _MARK):
            read.append(one)
    return "".join(read)


def _unescaped(token: str) -> str | None:
    """What a JSON, HTML or percent escape stands for; None where it is none after all."""
    if token[0] == "\\":
        token = "\\" + token.lstrip("\\")
        if token[1] == "x":
            return _from_bytes(token.replace("\\x", ""))
        if token[1] != "u":
            return _ESCAPES[token[1]]
        if token[2] == "{":
            code = int(token[3:-1], 16)
            return chr(code) if code <= sys.maxunicode and not _lone(code) else None
        codes = [int(part.rstrip("\\"), 16) for part in token[2:].split("\\u")]
        if len(codes) == 2:
            return chr(0x10000 + ((codes[0] - 0xD800) << 10) + codes[1] - 0xDC00)
        return None if _lone(codes[0]) else chr(codes[0])
    if token[0] == "&":
        read = html.unescape(token)
        return None if read == token else read
    return _from_bytes(_PERCENT.sub("%", token).replace("%", ""))


def _from_bytes(digits: str) -> str | None:
    """What bytes, given as hexadecimal digits, stand for; None where that is no text."""
    try:
        read = bytes.fromhex(digits).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return read if read.isprintable() else None


def _latin(text: str) -> str:
    """`text` with look-alike letters made Latin in words that are partly Latin."""

    def read(match: re.Match[str]) -> str:
        word = match[0]
        if word.isascii() or not _FOREIGN.search(word):
            return word
        latin = word.translate(_HOMOGLYPHS)
        mixed = any(c.isascii() for c in word)
        return latin if mixed and latin.isascii() else word

    return _WORD.sub(read, text)


def normalise(text: str) -> View:
    """Reads `text` as a person would; linear in its length.

    Compatibility forms follow Unicode NFKC (UAX #15), cluster by cluster so
    that every character of the view has a place in the original.
    """
    view = _unescape(text)
    for step in STEPS:
        edits = step(view.text)
        if edits:
            view = view.edited(edits)
    return view


def _unescape(text: str) -> View:
    """`text` without forms of characters that patterns don't know, and without escapes."""
    single = text
    if not text.isascii():
        single = _ODD.sub(_read, text)
        if _FOREIGN.search(single):
            single = _latin(single)
    if not _TELLING.search(single):
        return View(single)
    pieces: list[str] = []
    breaks: list[tuple[int, int, int]] = []
    at = length = 0
    for match in _SPECIAL.finditer(single):
        start, end = match.span()
        if single[start] == _MARK and start > at and single[start - 1] not in _SIGNS:
            start -= 1
        read = _special(text, single, start, end)
        if read is None:
            continue
        if start > at:
            breaks.append((length, at, -1))
            pieces.append(single[at:start])
            length += start - at
        if read:
            breaks.append((length, start, end))
            pieces.append(read)
            length += len(read)
        at = end
    if not at:
        return View(single)
    if at < len(text):
        breaks.append((length, at, -1))
        pieces.append(single[at:])
    return View("".join(pieces), tuple(breaks))


def _special(text: str, single: str, start: int, end: int) -> str | None:
    token = single[start:end]
    if _DROPPED in token:
        return ""
    if _MARK in token or _SEVERAL in token:
        return _cluster(text[start:end])
    return _unescaped(token)


def lettered(text: str) -> str:
    """`text` with each character as it reads by itself, whatever stands around it."""
    return text if text.isascii() else _ODD.sub(_read, text)


def reads_plainly(text: str, view: View) -> bool:
    """Whether a text reads character by character as it is written, and hides no other text.

    Then a piece of it reads the same by itself.
    """
    return not view.breaks and view.text == lettered(text) and next(encoded(view), None) is None


def normal(text: str) -> str:
    """`text` as `normalise` reads it, without the map."""
    return normalise(text).text
