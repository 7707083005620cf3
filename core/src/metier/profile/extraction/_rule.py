"""What a rule is, and how its match becomes facts."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a sentence, as rules read it.

    Args:
        text: the clause; for another person's it is put into the first person.
        start: its offset in the message.
        sentence: the whole sentence, and where it starts in the message.
        inherits: the clause before it spoke of the person, so its subject may be left out.
        shift: (length, change): offsets from `length` on lie `change` further in the message.
        about: whom it speaks of, "" for the person.
        chinese: its rules are the Chinese ones.
    """

    text: str
    start: int
    before: str
    inherits: bool = False
    shift: tuple[int, int] = (0, 0)
    about: str = ""
    chinese: bool = False

    def where(self, span: Span) -> Span:
        """Offsets in the message of a span of the clause."""
        begin, end = span
        length, change = self.shift
        return (
            self.start + (begin + change if begin >= length else min(begin, length + change)),
            self.start + (end + change if end >= length else min(end, length + change)),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A statement that means a fact.

    Args:
        source: of the pattern: group `v` is the value (or `w`, `x`, `y`); group `s` the subject,
            empty where it is left out. It is compiled when a text first needs it.
        strict: the wording alone makes it a constraint.
        soft: a mere "I think" doesn't make it a hedge.
        split: the value enumerates several.
        plain: the words of time are taken out of the end of the value.
        value: the value where it isn't the words themselves.
        check: whether these words can be a value of the slot.
        past: it tells what happened, so that a bare date is its beginning.
        presumed: it is true of the person wherever it stands, even in a question.
        needs: a pattern that the sentence must hold besides.
        future: it tells what will be, and counts only where a date to come is its beginning.
    """

    name: str
    slot: str
    category: str
    source: str
    flags: int = re.I
    confidence: float = 0.9
    constraint: bool = False
    multiple: bool = False
    retracts: bool = False
    split: bool = False
    soft: bool = False
    strict: bool = False
    plain: bool = True
    past: bool = False
    ended: bool = False
    future: bool = False
    presumed: bool = False
    needs: str = ""
    prefix: str = ""
    value: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[str], bool] | None = None

    @property
    def pattern(self) -> re.Pattern[str]:
        return _compiled(self.source, self.flags)


@cache
def _compiled(source: str, flags: int) -> re.Pattern[str]:
    return re.compile(_TYPED.sub("'?", source), flags)


_TYPED = re.compile(r"(?<=[\w)])'(?=(?:m|ve)\b)|(?<=n)'(?=t\b)")
"""Apostrophes that people leave out where no other word comes of it: "im", "ive", "dont"."""


def rule(name: str, slot: str, category: str, pattern: str, flags: int = re.I, **more: Any) -> Rule:
    """A rule of a pattern; see `Rule` for the rest."""
    return Rule(name, slot, category, pattern, flags, **more)


_SPLIT = re.compile(
    r"\s*(?:,\s*(?:and|or)\b|,|、|\band\b|\bor\b|\bas well as\b|\bplus\b|&|和|以及|还有|跟|与|及|或者?)\s*",
    re.I,
)
_LEADING = re.compile(
    r"(?:the|any|all|all kinds of|both|some|every kind of)\s+|[\s,，、:：]+", re.I
)
_TRAILING = re.compile(
    r"(?:[\s,，、.。!！;；:：()（）\-–—~…]+"
    r"|(?:\b(?:please|thanks|thank you|though|tho|too|as well|with a passion|so much|very much|a lot|at all|myself|btw|by the way|lol|haha|you know|of course|obviously|anyway|so|and|but|because|actually|either|honestly|right now|at the moment|now|these days|nowadays|anymore|any more|any longer)|谢谢|哦|啊|呀|呢|啦|哈|的话|吧|了))$",
    re.I,
)


def trimmed(text: str, span: Span) -> Span:
    """The span without what is no part of a value at its ends."""
    begin, end = span
    while begin < end and (m := _LEADING.match(text, begin, end)) is not None and m.end() > begin:
        begin = m.end()
    while begin < end:
        # Only the end can match, so that a long value costs no more than a short one.
        low = max(begin, end - 24)
        m = _TRAILING.search(text[low:end])
        if m is None:
            break
        end = low + m.start()
    return begin, end


def pieces(text: str, span: Span) -> Iterator[Span]:
    """The members of an enumeration."""
    begin, end = span
    for m in _SPLIT.finditer(text, begin, end):
        yield begin, m.start()
        begin = m.end()
    yield begin, end
