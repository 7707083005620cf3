"""Finds values that are already known, and the parts and variants of known names."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import regex  # type: ignore[import-untyped]

from metier.encoder import simplified
from metier.privacy._disguise import BASE64, bare, encodings, needle, squeezed, together
from metier.privacy._mentions import mentioned
from metier.privacy._needles import Needles
from metier.privacy._normalise import MASK, View, normal
from metier.privacy._persons import standing_alone, surname_with_particles
from metier.privacy.recognizers._wordlist import word_set
from metier.privacy.recognizers._words import AMBIGUOUS, ORDINARY
from metier.privacy.recognizers._zh_split import split_zh_name

_EDGE = regex.compile(r"(?V1)[[\p{L}\p{M}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]")
_HAN = regex.compile(r"\p{Han}+")

_INITIALS = regex.compile(r"(?:\p{L}\.)+")

_TURKISH = str.maketrans("İı", "ii")

_KEY = secrets.token_bytes(32)
"""Of digests, in this process."""
_MIN_VALUE = 3
_MIN_SHORT = 2
_MIN_HAN = 2
_SHORT_WORDS = word_set("""
ad ah am an as at ax be by do eh go ha he hi if in is it me my no of oh ok on or ox so to um up us
we ye
""")

Found = tuple[int, int, str]
"""Start, end (offsets in the view) and entity type."""


def _is_name(entity: str) -> bool:
    return entity == "PERSON"


def _only_as_written(needle: str) -> bool:
    """A part that is also an ordinary word, or initials alone ("E.G." is not "e.g.")."""
    return needle.lower() in AMBIGUOUS or _INITIALS.fullmatch(needle) is not None


def _initialled(first: str, last: str, words: Sequence[str]) -> Iterable[str]:
    """ "M. Gonzalez", "Maria G.", "M.G." and "Gonzalez, Maria", of a name with several words."""
    yield f"{first[0]}. {last}"
    yield f"{first[0]} {last}"
    yield f"{first} {last[0]}."
    yield "".join(f"{word[0]}." for word in words)
    yield f"{last}, {first}"


def _needles(view: str) -> tuple[str, ...]:
    """A name, the parts of it that may stand alone, and the ways it is shortened or turned round.

    A surname of one character is not looked for: 王 is in too many words.
    """
    if _HAN.match(view):
        surname, given = split_zh_name(view)
        dotted = not _HAN.fullmatch(view)
        bare = view if dotted else surname + given
        parts = (*given.split("·"), surname) if dotted else (given,)
        alone = [part.strip() for part in parts if part not in ORDINARY and len(part) >= _MIN_HAN]
        if len(bare) < _MIN_HAN:  # 王女士, 小王
            return view, simplified(view)
        found = (view, bare, *(alone if surname else ()))
        return tuple(dict.fromkeys((*found, *map(simplified, found))))
    words = standing_alone(view)
    found = (view, *(w for w in words if len(w) >= _MIN_VALUE or _short_name(w)))
    if len(words) < 2:
        return found
    last = surname_with_particles(view) or words[-1]
    return (*found, last, *_initialled(words[0], last, words))


def _short_name(token: str) -> bool:
    """A part of two letters, such as "Li", that is no English word."""
    return len(token) == _MIN_SHORT and token.istitle() and token.lower() not in _SHORT_WORDS


@dataclass(frozen=True, slots=True)
class _Lists:
    """What is looked for, by how it is looked for."""

    folded: dict[str, str] = field(default_factory=dict)
    """Names in any case, as whole words."""
    words: dict[str, str] = field(default_factory=dict)
    """As written, as whole words."""
    bare: dict[str, str] = field(default_factory=dict)
    """As written, anywhere: what begins or ends with a sign."""
    han: dict[str, str] = field(default_factory=dict)
    squeezed: dict[str, str] = field(default_factory=dict)
    encoded: dict[str, str] = field(default_factory=dict)

    def add(self, entity: str, value: str) -> None:
        """A value in all the ways it is looked for."""
        if plain := needle(value):
            self.squeezed.setdefault(plain, entity)
        for encoding in encodings(value):
            self.encoded.setdefault(encoding, entity)
        view = normal(value).strip()
        for part in _needles(view) if _is_name(entity) else (view,):
            self._add_part(entity, part)

    def _add_part(self, entity: str, part: str) -> None:
        name = _is_name(entity)
        if _HAN.fullmatch(part):
            if len(part) >= _MIN_HAN:
                self.han.setdefault(part, entity)
        elif len(part) >= _MIN_VALUE and name and not _only_as_written(part):
            self.folded.setdefault(_folded(part), entity)
        elif len(part) >= _MIN_VALUE or (name and _short_name(part)):
            whole = part[0].isalnum() and part[-1].isalnum()
            (self.words if whole else self.bare).setdefault(part, entity)


class KnownValues:
    """An index over (entity, value) pairs.

    Names match without regard to case, except where a part is also an
    ordinary word ("Will", "Grace"): then only as written. Other values match
    as they are. Values under three characters (two for Han) are not looked for,
    but for short parts of names as written. A value known as several types is
    found as the first.
    """

    def __init__(self, values: Iterable[tuple[str, str]] = ()) -> None:
        none = self._of(_NONE, hashlib.blake2b(digest_size=16, key=_KEY), plain=True)
        known = none.adding(values)
        self._lists: _Searches = known._lists
        self._hash: hashlib.blake2b = known._hash
        self._plain: bool = known._plain

    def __bool__(self) -> bool:
        return any(self._lists)

    @classmethod
    def _of(cls, lists: _Searches, marked: hashlib.blake2b, plain: bool) -> KnownValues:
        known = cls.__new__(cls)
        known._lists, known._hash, known._plain = lists, marked, plain
        return known

    @property
    def mark(self) -> bytes:
        """A keyed digest of the values in their order: the same for the same, in this process."""
        return self._hash.digest()

    def adding(self, values: Iterable[tuple[str, str]]) -> KnownValues:
        """These values after those that are there; costs no more than what is added."""
        # A placeholder is found by its shape.
        values = [(entity, value) for entity, value in values if entity != "PLACEHOLDER"]
        marked = self._hash.copy()
        for value in values:
            marked.update(repr(value).encode("utf-8", "surrogatepass"))
        plain = self._plain and not any(MASK in value for _, value in values)
        return self._of(_added(self._lists, values), marked, plain)

    def followed_by(self, other: KnownValues) -> KnownValues:
        """The values of both."""
        if not other:
            return self
        pairs = zip(self._lists, other._lists, strict=True)
        marked = self._hash.copy()
        marked.update(other.mark)
        lists = _Searches(*(one.followed_by(more) for one, more in pairs))
        return self._of(lists, marked, self._plain and other._plain)

    def mentions(self, texts: Sequence[str]) -> Sequence[bytes | None]:
        """For each text which of the values may be in it (see `mentioned`); None if any may."""
        if not self._plain:
            return [None] * len(texts)
        written = (_folded, str, str, str, bare, str)
        return mentioned(texts, zip(written, self._lists, strict=True), _KEY)

    def find(self, view: View) -> list[Found]:
        """Where the values are in `view`: words and names first, then disguises.

        Of what is looked for in one way and overlaps, the leftmost and then the longest is found.
        """
        text, lists = view.text, self._lists
        found = [
            *_leftmost(_whole_words(text, _find_folded(text, lists.folded))),
            *_leftmost(_whole_words(text, lists.words.find(text))),
            *_leftmost(lists.bare.find(text)),
            *_leftmost(lists.han.find(text)),
        ]
        if lists.squeezed and (hits := lists.squeezed.find(bare(text))):
            _, places = squeezed(text)
            found += (
                (places[start], places[end - 1] + 1, entity)
                for start, end, entity in hits
                if together(places[start:end])
            )
        found += _tokens(text, lists.encoded.find(text))
        return found


class _Searches(NamedTuple):
    """`_Lists`, ready to be looked for."""

    folded: Needles
    words: Needles
    bare: Needles
    han: Needles
    squeezed: Needles
    encoded: Needles


_NONE = _Searches(*(Needles() for _ in _Searches._fields))


def _added(lists: _Searches, values: Iterable[tuple[str, str]]) -> _Searches:
    new = _Lists()
    for entity, value in values:
        new.add(entity, value)
    return _Searches(*(old.adding(getattr(new, name)) for name, old in lists._asdict().items()))


def _folded(text: str) -> str:
    """`text` without regard to case; the Turkish i's are one letter, as in `regex`."""
    if "İ" in text or "ı" in text:
        text = text.translate(_TURKISH)
    return text.casefold()


def _find_folded(text: str, needles: Needles) -> Iterable[Found]:
    """Folded needles in `text`, where they begin and end with a whole character of it."""
    if not needles:
        return ()
    folded = _folded(text)
    if len(folded) == len(text):
        return needles.find(folded)
    at, starts, ends = 0, {}, {}
    for place, character in enumerate(text):
        starts[at] = place
        at += len(_folded(character))
        ends[at] = place + 1
    return (
        (starts[start], ends[end], entity)
        for start, end, entity in needles.find(folded)
        if start in starts and end in ends
    )


def _whole_words(text: str, found: Iterable[Found]) -> Iterator[Found]:
    """What has no letter or digit of a script with spaces right before or after it."""
    for start, end, entity in found:
        before = start > 0 and _EDGE.match(text, start - 1)
        if not before and not _EDGE.match(text, end):
            yield start, end, entity


def _leftmost(found: Iterable[Found]) -> Iterator[Found]:
    """Of sorted places that overlap, the leftmost, and of these the longest."""
    reached = 0
    for start, end, entity in found:
        if start >= reached:
            reached = end
            yield start, end, entity


def _tokens(text: str, found: Iterable[Found]) -> Iterator[Found]:
    """Encoded values with the token around each, once for each token."""
    reached: dict[str, int] = {}
    for at, after, entity in found:
        encoding = text[at:after]
        if at >= reached.get(encoding, 0):
            start, end = _token(text, at, after)
            reached[encoding] = end
            yield start, end, entity


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole run of base64 or URL characters around an encoded value."""
    while start > 0 and text[start - 1] in BASE64:
        start -= 1
    while end < len(text) and text[end] in BASE64:
        end += 1
    return start, end
