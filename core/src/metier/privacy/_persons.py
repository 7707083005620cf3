"""Which names are one person: "Maria Gonzalez", "Ms Gonzalez" and "Maria", but not two Marias."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import regex  # type: ignore[import-untyped]

from metier.privacy._normalise import normal
from metier.privacy.recognizers._wordlist import word_set
from metier.privacy.recognizers._words import CHINESE_SURNAMES, COMPOUND_SURNAMES

_HAN = regex.compile(r"\p{Han}+")
_TOKEN = regex.compile(r"[\p{L}\p{M}]+")
_TITLES = word_set("mr mrs ms miss mx dr prof professor doctor sir madam")

Name = tuple[str, ...]
"""The parts of a name in order, folded; an initial is a part of one letter."""


def name_parts(value: str) -> Name:
    """The parts of a name: given names and surnames; surname first where it is Chinese."""
    text = normal(value).strip()
    if _HAN.fullmatch(text):
        length = 2 if text[:2] in COMPOUND_SURNAMES else 1
        if len(text) > length and text[:length] in CHINESE_SURNAMES:
            return text[:length], text[length:]
        return (text,)
    text = text.casefold().removesuffix("'s")
    parts = [part for word in text.split() for part in _TOKEN.findall(word)]
    return tuple(p for p in parts if p not in _TITLES) or tuple(parts)


def _fits(part: str, other: str) -> bool:
    """Whether two parts can be one: equal, or one the initial of the other."""
    if part == other:
        return True
    short, long = sorted((part, other), key=len)
    return len(short) == 1 and short.isascii() and long.startswith(short)


def compatible(one: Name, other: Name) -> bool:
    """Whether two names can belong to one person.

    The parts of the shorter must appear in the longer, in order, an initial
    standing for what begins with it; a single part must be the first or the
    last, and more than an initial.
    """
    short, long = sorted((one, other), key=len)
    if len(short) == 1:
        return len(short[0]) > (1 if short[0].isascii() else 0) and any(
            _fits(short[0], part) for part in (long[0], long[-1])
        )
    rest = iter(long)
    return bool(short) and all(any(_fits(part, each) for each in rest) for part in short)


def same_person(name: Name, known: Mapping[str, Sequence[Name]]) -> str | None:
    """The one known person this name can belong to, or None where there is none or several.

    Args:
        name: what `name_parts` gives.
        known: for each person the names they go by.
    """
    exact = [who for who, names in known.items() if name in names]
    if len(exact) == 1:
        return exact[0]
    found = [who for who, names in known.items() if _all_compatible(name, names)]
    return found[0] if len(found) == 1 else None


def _all_compatible(name: Name, names: Iterable[Name]) -> bool:
    """Whether a name fits a person's full names, and shares a part with one as it is.

    Where no full name is known, the parts that are known count.
    """
    everything = tuple(names)
    full = [other for other in everything if len(other) > 1] or everything
    return all(compatible(name, other) for other in full) and any(
        part in other for part in name for other in full
    )
