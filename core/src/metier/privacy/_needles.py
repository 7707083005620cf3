"""Many strings looked for at once, in one pass (Aho-Corasick); more can be added at any time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import regex  # type: ignore[import-untyped]
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from metier.privacy._layers import mergeable

_HEAD = 8
"""Characters of a needle that the automaton knows; the rest is compared. Columns of a table
begin alike, and whole values would make the automaton some ten times as big."""
_FEW, _SHORT = 48, 2000
"""As many needles in a text of so many characters are sooner looked for one by one than put into
an automaton, which a turn uses two or three times; a message brings about as many."""
_HALF = regex.compile(r"\p{Cs}")
_STAND_IN = 0x10F800 - 0xD800

Place = tuple[int, int, str]
"""Start, end, and what the needle is known as."""


class _Part:
    """Needles that were added together."""

    def __init__(self, needles: dict[str, str]) -> None:
        self.needles = needles

    @cached_property
    def _lengths(self) -> dict[str, set[int]]:
        """For each beginning of a needle how long the needles are that begin so."""
        lengths: dict[str, set[int]] = {}
        for needle in self.needles:
            lengths.setdefault(needle[:_HEAD], set()).add(len(needle))
        return lengths

    @cached_property
    def _automaton(self) -> AhoCorasick:
        return AhoCorasick(
            [_whole(head) for head in self._lengths],
            matchkind=MatchKind.Standard,
            store_patterns=False,
            implementation=Implementation.NoncontiguousNFA,  # the quickest to build
        )

    def find(self, text: str, whole: str) -> Iterator[Place]:
        """Every place of every needle in `text`; `whole` is what `_whole` made of it."""
        if len(self.needles) <= _FEW and len(text) <= _SHORT:
            yield from self._one_by_one(text)
            return
        for _, start, end in self._automaton.find_matches_as_indexes(whole, overlapping=True):
            for length in self._lengths.get(text[start:end], ()):
                needle = text[start : start + length]  # shorter where the text ends
                if len(needle) == length and needle in self.needles:
                    yield start, start + length, self.needles[needle]

    def _one_by_one(self, text: str) -> Iterator[Place]:
        for needle, known in self.needles.items():
            start = text.find(needle)
            while start >= 0:
                yield start, start + len(needle), known
                start = text.find(needle, start + 1)


class Needles:
    """Strings to look for, each with what it is known as; what is known first stays.

    Adding costs no more than what is added, since the rest is shared.
    """

    def __init__(self, parts: Iterable[_Part] = ()) -> None:
        self._parts = tuple(parts)

    def adding(self, needles: Mapping[str, str]) -> Needles:
        """These needles, none of them empty, after those that are there."""
        if not needles:
            return self
        parts, new = list(self._parts), dict(needles)
        while parts and mergeable(len(parts[-1].needles), len(new)):
            old = parts.pop().needles
            new = old | {needle: known for needle, known in new.items() if needle not in old}
        return Needles((*parts, _Part(new)))

    def __bool__(self) -> bool:
        return bool(self._parts)

    def followed_by(self, other: Needles) -> Needles:
        """Both; what is known to both is known as here."""
        return Needles((*self._parts, *other._parts))

    def find(self, text: str) -> list[Place]:
        """Every place of every needle, sorted by start, the longest first; they may overlap."""
        if not self._parts:
            return []
        whole = _whole(text)
        found: dict[tuple[int, int], str] = {}
        for part in self._parts:
            for start, end, known in part.find(text, whole):
                found.setdefault((start, -end), known)
        return [(start, -end, known) for (start, end), known in sorted(found.items())]


def _whole(text: str) -> str:
    """`text` with halves of characters (lone surrogates) replaced, which no automaton reads."""
    if text.isascii() or not _HALF.search(text):
        return text
    return "".join(chr(ord(c) + _STAND_IN) if _HALF.match(c) else c for c in text)
