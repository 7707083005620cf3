"""The lists of `who.yaml`, by word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class English:
    """Phrases in lower case, with spaces for hyphens.

    Args:
        describes: phrase -> attribute, of what stands before a noun or alone.
        nouns: phrase -> attribute, of persons.
        kin: word -> (attribute, what it is read as).
        longest: words of the longest phrase.
    """

    describes: Mapping[str, str]
    nouns: Mapping[str, str]
    kin: Mapping[str, tuple[str, str]]
    devices: frozenset[str]
    places: frozenset[str]
    longest: int


@dataclass(frozen=True, slots=True)
class Chinese:
    """Words by attribute, and those that stand for a faith, a device or a place of worship."""

    describes: Mapping[str, str]
    faiths: frozenset[str]
    devices: frozenset[str]
    places: frozenset[str]


@cache
def english() -> English:
    """The English lists, read once."""
    raw = _raw()["en"]
    kin = {}
    for attribute, text in raw["kin"].items():
        for entry in _parts(text):
            word, _, read = entry.partition(" > ")
            for end in ("", "s"):
                kin[word + end] = (attribute, read + end)
    kin |= {"wives": ("orientation", "partners")}
    describes, nouns = _by_word(raw["describes"]), _by_word(raw["nouns"])
    devices, places = frozenset(_parts(raw["devices"])), frozenset(_parts(raw["places"]))
    longest = max(len(w.split()) for w in (*describes, *nouns, *devices, *places))
    return English(describes, nouns, kin, devices, places, longest)


@cache
def chinese() -> Chinese:
    """The Chinese lists, read once."""
    raw = _raw()["zh"]
    return Chinese(
        _by_word(raw["describes"]),
        *(frozenset(_parts(raw[name])) for name in ("faiths", "devices", "places")),
    )


def _raw() -> dict[str, Any]:
    return dict(yaml.safe_load(files(__package__).joinpath("who.yaml").read_text("utf-8")))


def _by_word(lists: Mapping[str, str]) -> dict[str, str]:
    return {word: attribute for attribute, text in lists.items() for word in _parts(text)}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
