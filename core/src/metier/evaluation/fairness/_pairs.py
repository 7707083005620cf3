"""Pairs of conversations that differ in one attribute of a person and in nothing else.

The wording is in `wording.yaml`; the choice is a walk through it with steps that
have no common divisor with the lists' lengths, so that the same pairs come every
time and every carrier, value, frame and request meets the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any
from zlib import crc32

import yaml

Swap = tuple[str, str]
Stated = tuple[str, str, str]
"""A fact of a profile: slot, value, category."""

ATTRIBUTES = (
    "name", "pronoun", "sex", "nationality", "ethnicity", "age", "religion", "disability",
    "orientation",
)  # fmt: skip
UNRELATED, IDENTICAL = "word", "identical"
_STEPS = (1, 7, 11, 13)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two conversations of one domain, and the words in which they differ.

    Args:
        attribute: what was swapped; `UNRELATED` for a word that says nothing of a
            group, `IDENTICAL` where nothing was.
        source: "message", "profile" or "bbq": where the swap is, or comes from.
        cluster: pairs of one request (or one item of a set) stand or fall together.
        swaps: words of the first conversation, each with that of the second.
        groups: whom the two sides' words are typical of, where the wording says so.
        category: of the public set, where the pair is from one.
        repeats: of an `IDENTICAL` pair, the attribute of the pair it repeats.
        worked_on: the swap is in a text that is to be worked on ("Please correct: …"), which
            says nothing of the person.
        held_out: worded after the mending, and measured by itself.
    """

    domain: str
    language: str
    attribute: str
    source: str
    cluster: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    swaps: tuple[Swap, ...]
    groups: tuple[str, str] = ("", "")
    category: str = ""
    first_profile: tuple[Stated, ...] = ()
    second_profile: tuple[Stated, ...] = ()
    repeats: str = ""
    worked_on: bool = False
    held_out: bool = False

    @property
    def stated(self) -> bool:
        """Whether the messages may themselves say something of the person's group."""
        return self.attribute not in ("name", "pronoun", UNRELATED)


@cache
def wording(held_out: bool = False) -> Mapping[str, Any]:
    """The parsed `wording.yaml`, or `heldout.yaml`."""
    name = "heldout.yaml" if held_out else "wording.yaml"
    return dict(yaml.safe_load(files(__package__).joinpath(name).read_text("utf-8")))


Request = tuple[str, tuple[str, ...]]
"""A name for it, and the messages of one side."""


def requests_of(
    domain: str, language: str, titles: Sequence[str], held_out: bool = False
) -> list[Request]:
    """What people ask of a domain; of one without wording of its own, about its titles."""
    own = wording(held_out)["requests"].get(domain, {}).get(language)
    if own is None:
        templates = wording()["general"][language]
        own = [
            template.format(title=title)
            for number, title in enumerate(titles)
            for template in (templates[number % len(templates)],)
        ]
    prefix = "heldout." if held_out else ""
    return [
        (f"{prefix}{domain}.{language}.{number}", (said,) if isinstance(said, str) else tuple(said))
        for number, said in enumerate(own)
    ]


def message_pairs(
    domain: str,
    languages: Sequence[str],
    titles: Mapping[str, Sequence[str]],
    each: int,
    held_out: bool = False,
) -> Iterator[Pair]:
    """Pairs whose messages differ: `each` for every language and attribute.

    Args:
        held_out: of the wording that nothing was mended by.
    """
    for language in languages:
        requests = requests_of(domain, language, titles.get(language, ()), held_out)
        for attribute in ATTRIBUTES:
            sets = wording(held_out)["attributes"][language][attribute]
            for pair in _written(domain, language, attribute, sets, requests, each, held_out):
                yield replace(pair, held_out=held_out)


def unrelated_pairs(
    domain: str, languages: Sequence[str], titles: Mapping[str, Sequence[str]], each: int
) -> Iterator[Pair]:
    """Pairs that differ in a word that says nothing of a group: `each` for every language."""
    for language in languages:
        requests = requests_of(domain, language, titles.get(language, ()))
        sets = wording()["unrelated"][language]
        yield from _written(domain, language, UNRELATED, sets, requests, each)


def profile_pairs(
    domain: str, languages: Sequence[str], titles: Mapping[str, Sequence[str]], each: int
) -> Iterator[Pair]:
    """Pairs with the same messages and another fact in the profile."""
    for language in languages:
        requests = requests_of(domain, language, titles.get(language, ()))
        if not requests:
            continue
        for place, entry in enumerate(wording()["profile"][language]):
            for number in range(each):
                first, second = entry["values"][number % len(entry["values"])]
                name, said = requests[(number * 7 + place * 3) % len(requests)]
                said = (said[0].replace("{c}", ""), *said[1:])
                yield Pair(
                    domain, language, entry["attribute"], "profile", name, said, said,
                    ((first, second),),
                    first_profile=((entry["slot"], first, entry["category"]),),
                    second_profile=((entry["slot"], second, entry["category"]),),
                )  # fmt: skip


def identical(pair: Pair) -> Pair:
    """The pair's first side, twice."""
    return replace(
        pair, attribute=IDENTICAL, second=pair.first, swaps=(), groups=("", ""),
        second_profile=pair.first_profile, repeats=pair.attribute,
    )  # fmt: skip


def _written(
    domain: str,
    language: str,
    attribute: str,
    sets: Sequence[Mapping[str, Any]],
    requests: Sequence[Request],
    each: int,
    held_out: bool = False,
) -> Iterator[Pair]:
    if not requests:
        return
    frames = wording(held_out)["frames"][language]
    offset = (*ATTRIBUTES, UNRELATED).index(attribute)
    start = crc32(domain.encode())
    for number in range(each):
        chosen = sets[number % len(sets)]
        turn = start + number // len(sets)
        values = chosen["values"][turn % len(chosen["values"])]
        first, second = (_words(value) for value in values)
        carrier = chosen["carriers"][(turn * _STEPS[1] + offset) % len(chosen["carriers"])]
        frame = frames[(turn * _STEPS[2] + number + offset) % len(frames)]
        name, said = requests[(number * _STEPS[3] + offset * 3) % len(requests)]
        groups = chosen.get("groups", ("", ""))
        yield Pair(
            domain, language, attribute, "message", name,
            _joined(frame, carrier.format(*first), said),
            _joined(frame, carrier.format(*second), said),
            tuple(zip(first, second, strict=True)),
            (groups[0], groups[1]), worked_on="{c}" in said[0],
        )  # fmt: skip


def _words(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _joined(frame: str, carrier: str, said: tuple[str, ...]) -> tuple[str, ...]:
    opening = said[0]
    if "{c}" in opening:
        return (opening.replace("{c}", carrier), *said[1:])
    return (frame.replace("{c}", carrier).replace("{r}", opening), *said[1:])
