"""Where a text names an ingredient or a medicine that the table knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from metier.encoder import simplified
from metier.profile._fold import singular
from metier.profile.constraints._foods import CHINESE, ENGLISH

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_HAN = max(map(len, CHINESE))
_FIRST = frozenset(name[0] for name in CHINESE)


def _longest() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for name in ENGLISH:
        words = name.split()
        found[words[0]] = max(found.get(words[0], 0), len(words))
    return MappingProxyType(found)


_WORDS = _longest()
"""The first words of names, each with how many words the longest name has that it begins."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name of the table in a text, with its place and its families."""

    start: int
    end: int
    name: str
    families: frozenset[str]


def mentions(text: str) -> Iterator[Mention]:
    """The longest names that stand in a text, from left to right, none inside another."""
    yield from _english(text)
    if not text.isascii():
        yield from _chinese(text)


def _english(text: str) -> Iterator[Mention]:
    words = [m for m in _WORD.finditer(text) if m.group().isascii()]
    names = [singular(m.group().lower().replace("’", "'")) for m in words]
    at = 0
    while at < len(words):
        for size in range(min(_WORDS.get(names[at], 0), len(words) - at), 0, -1):
            name = " ".join(names[at : at + size])
            if name in ENGLISH and _joined(text, words[at : at + size]):
                yield Mention(words[at].start(), words[at + size - 1].end(), name, ENGLISH[name])
                at += size - 1
                break
        at += 1


def _joined(text: str, words: list[re.Match[str]]) -> bool:
    """Whether only spaces and hyphens stand between the words."""
    pairs = pairwise(words)
    return all(text[a.end() : b.start()].strip(" -‑") == "" for a, b in pairs)


def _chinese(text: str) -> Iterator[Mention]:
    plain, at = simplified(text), 0
    while at < len(plain):
        if plain[at] in _FIRST:
            for size in range(min(_HAN, len(plain) - at), 0, -1):
                name = plain[at : at + size]
                if name in CHINESE:
                    yield Mention(at, at + size, name, CHINESE[name])
                    at += size - 1
                    break
        at += 1
