"""Finds values that are already known, and the parts and variants of known names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex  # type: ignore[import-untyped]

from metier.privacy._disguise import BASE64, encodings, find_squeezed, needle, squeezed
from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View, normal
from metier.privacy._persons import standing_alone, surname_with_particles
from metier.privacy.recognizers._wordlist import word_set
from metier.privacy.recognizers._words import AMBIGUOUS, ORDINARY
from metier.privacy.recognizers._zh_split import split_zh_name
from metier.privacy.recognizers._zh_traditional import simplified

_EDGE = r"[[\p{L}\p{M}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]"
_HAN = regex.compile(r"\p{Han}+")

_INITIALS = regex.compile(r"(?:\p{L}\.)+")

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


class KnownValues:
    """An index over (entity, value) pairs.

    Names match without regard to case, except where a part is also an
    ordinary word ("Will", "Grace"): then only as written. Other values match
    as they are. Values under three characters (two for Han) are not looked for,
    but for short parts of names as written.
    """

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        self._squeezed: dict[str, str] = {}
        self._encoded: dict[str, str] = {}
        folded: dict[str, str] = {}
        exact: dict[str, str] = {}
        han: dict[str, str] = {}
        for entity, value in values:
            view = normal(value).strip()
            if entity == "PLACEHOLDER":
                continue  # found by its shape
            if plain := needle(value):
                self._squeezed.setdefault(plain, entity)
            self._encoded.update(dict.fromkeys(encodings(value), entity))
            for part in _needles(view) if _is_name(entity) else (view,):
                if _HAN.fullmatch(part):
                    if len(part) >= _MIN_HAN:
                        han.setdefault(part, entity)
                elif len(part) < _MIN_VALUE:
                    if _is_name(entity) and _short_name(part):
                        exact.setdefault(part, entity)
                elif _is_name(entity) and not _only_as_written(part):
                    folded.setdefault(part.casefold(), entity)
                else:
                    exact.setdefault(part, entity)
        self._patterns: list[tuple[regex.Pattern[str], dict[str, str], bool]] = []
        if folded:
            self._add(rf"(?V1)(?<!{_EDGE})\L<needles>(?!{_EDGE})", folded, regex.IGNORECASE)
        if exact:
            inner = {n: e for n, e in exact.items() if n[0].isalnum() and n[-1].isalnum()}
            bare = {n: e for n, e in exact.items() if n not in inner}
            if inner:
                self._add(rf"(?V1)(?<!{_EDGE})\L<needles>(?!{_EDGE})", inner, 0)
            if bare:
                self._add(r"\L<needles>", bare, 0)
        if han:
            self._add(r"\L<needles>", han, 0)

    def _add(self, pattern: str, needles: dict[str, str], flags: int) -> None:
        compiled = regex.compile(pattern, flags, needles=list(needles))
        self._patterns.append((compiled, needles, bool(flags)))

    def find(self, view: View) -> list[Found]:
        """Where the values are in `view`.

        Raises:
            TimeoutError: a pattern ran out of time.
        """
        found: list[Found] = []
        for pattern, needles, folded in self._patterns:
            for match in pattern.finditer(view.text, timeout=PATTERN_SECONDS, concurrent=False):
                key = match[0].casefold() if folded else match[0]
                found.append((match.start(), match.end(), needles.get(key, "PERSON")))
        found += self._disguised(view.text)
        return found

    def _disguised(self, text: str) -> Iterable[Found]:
        if self._squeezed:
            plain, places = squeezed(text)
            for start, end, which in find_squeezed(plain, places, self._squeezed):
                yield start, end, self._squeezed[which]
        for encoding, entity in self._encoded.items():
            at = text.find(encoding)
            while at >= 0:
                start, end = _token(text, at, at + len(encoding))
                yield start, end, entity
                at = text.find(encoding, end)


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole run of base64 or URL characters around an encoded value."""
    while start > 0 and text[start - 1] in BASE64:
        start -= 1
    while end < len(text) and text[end] in BASE64:
        end += 1
    return start, end
