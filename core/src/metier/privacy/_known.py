"""Finds values that are already known, and the parts and variants of known names."""

from __future__ import annotations

from collections.abc import Iterable

import regex  # type: ignore[import-untyped]

from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View, normal
from metier.privacy.recognizers._words import (
    AMBIGUOUS,
    CHINESE_SURNAMES,
    COMPOUND_SURNAMES,
    ORDINARY,
)

_EDGE = r"[[\p{L}\p{M}\p{N}_]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]]"
_TOKEN = regex.compile(r"[\p{L}\p{M}][\p{L}\p{M}']*(?:-[\p{L}\p{M}']+)*")
_HAN = regex.compile(r"\p{Han}+")

_MIN_VALUE = 3
_MIN_HAN = 2

Found = tuple[int, int, str]
"""Start, end (offsets in the view) and entity type."""


def _is_name(entity: str) -> bool:
    return entity == "PERSON"


def _needles(view: str) -> tuple[str, ...]:
    """A name and the parts of it that may stand alone."""
    if _HAN.fullmatch(view):
        if len(view) < 3:
            return (view,)
        surname = 2 if view[:2] in COMPOUND_SURNAMES else 1
        given = view[surname:]
        if view[:surname] not in CHINESE_SURNAMES or len(given) < _MIN_HAN or given in ORDINARY:
            return (view,)
        return view, given
    tokens = [t.removesuffix("'s") for t in _TOKEN.findall(view)]
    return view, *(t for t in tokens if len(t) >= _MIN_VALUE)


class KnownValues:
    """An index over (entity, value) pairs.

    Names match without regard to case, except where a part is also an
    ordinary word ("Will", "Grace"): then only as written. Other values match
    as they are. Values under three characters (two for Han) are not looked for.
    """

    def __init__(self, values: Iterable[tuple[str, str]]) -> None:
        folded: dict[str, str] = {}
        exact: dict[str, str] = {}
        han: dict[str, str] = {}
        for entity, value in values:
            view = normal(value).strip()
            if entity == "PLACEHOLDER":
                continue  # found by its shape
            for needle in _needles(view) if _is_name(entity) else (view,):
                if _HAN.fullmatch(needle):
                    if len(needle) >= _MIN_HAN:
                        han.setdefault(needle, entity)
                elif len(needle) < _MIN_VALUE:
                    continue
                elif _is_name(entity) and needle.lower() not in AMBIGUOUS:
                    folded.setdefault(needle.casefold(), entity)
                else:
                    exact.setdefault(needle, entity)
        self._tables = (folded, exact, han)
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
        return found
