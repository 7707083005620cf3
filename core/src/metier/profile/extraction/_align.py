"""Where in an earlier message new words belong: by numbers, kinds and likeness, word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from metier.encoder import simplified
from metier.profile._fold import words

_LEAST: Final = 0.4
"""The least share of words that must fit."""
_MOST: Final = 8
"""Words, or Han characters, of what can be put in the place of others."""
_LIKE: Final = 0.65
_TOKEN = re.compile(
    r"[零一二两三四五六七八九十百千万半]+|[㐀-鿿]|[A-Za-z]+(?:['’-][A-Za-z]+)*|\d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?"
)
_NUMBER = re.compile(
    r"\d[\d.,:/]*|[零一二两三四五六七八九十百千万半]+|(?:no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|once|twice)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?",
    re.I,
)
_KINDS: Final = tuple(
    re.compile(source, re.I)
    for source in (
        _NUMBER.pattern,
        r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|final|\d+(?:st|nd|rd|th)",
        r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?",
        r"(?:mon|tues?|wed(?:nes|s)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?",
        r"left|right|upper|lower",
        r"mornings?|evenings?|nights?|afternoons?|days?",
        r"metric|imperial|celsius|fahrenheit|kilomet(?:er|re)s|miles",
        r"male|female|man|woman|boy|girl",
    )
)
_SMALL: Final = words(
    "i i'm im my a an the is are was were be it it's its that's to of in on at for with and or but "
    "not so we our you your he she they have has had do did me"
)
_SMALL_ZH: Final = frozenset("我你他她它们的了是在有个不没和也都就还这那吗呢吧啊")


@dataclass(frozen=True, slots=True)
class Place:
    """Where new words belong.

    Args:
        begin: in the earlier message, and `end`: of the words that they replace.
        value: the new words.
        start: in the new message, and `length` there.
        score: the share of words that fit.
    """

    begin: int
    end: int
    value: str
    start: int
    length: int
    score: float


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    begin: int
    end: int


def _tokens(text: str) -> list[_Token]:
    return [_Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def shared(one: str, other: str) -> int:
    """How many telling words two texts share."""
    a, b = ({_stem(t.text) for t in _tokens(simplified(text))} for text in (one, other))
    return len((a & b) - _SMALL - _SMALL_ZH)


def best_place(earlier: str, value: str, start: int, wrong: str = "") -> Place | None:
    """The words of an earlier message that new ones are most like; None where they are like none.

    Args:
        value: the new words, at `start` in their message.
        wrong: words that are named as wrong beside them.
    """
    plain = simplified(earlier)
    if wrong and (at := plain.casefold().find(wrong.casefold())) >= 0:
        return Place(at, at + len(wrong), value, start, len(value), 1.5)
    new, old = _tokens(value), _tokens(plain)
    if not 1 <= len(new) <= _MOST:
        return None
    best: Place | None = None
    for begin in range(len(old)):
        for size in (len(new), len(new) - 1, len(new) + 1):
            window = old[begin : begin + size]
            if size < 1 or len(window) < size:
                continue
            place = _fitted(window, new, value, start)
            if place is not None and (best is None or place.score > best.score):
                best = place
    return best


def _fitted(old: list[_Token], new: list[_Token], value: str, start: int) -> Place | None:
    first = 0
    while first < min(len(old), len(new)) and _stem(old[first].text) == _stem(new[first].text):
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and _stem(old[-1 - last].text) == _stem(
        new[-1 - last].text
    ):
        last += 1
    if first + last >= len(new) or first + last >= len(old):
        return None  # they say the same, or one says more
    size = max(len(old), len(new))
    same = sum(_telling(t.text) for t in (*new[:first], *(new[-last:] if last else ())))
    middle = old[first : len(old) - last], new[first : len(new) - last]
    alike = (
        sum(_alike(a.text, b.text) for a, b in zip(*middle, strict=True))
        if len(middle[0]) == len(middle[1])
        else 0.0
    )
    score = (same + alike) / size
    if score < _LEAST:
        return None
    text = value[middle[1][0].begin : middle[1][-1].end]
    at = start + middle[1][0].begin
    # The more words are alike, the surer; a longer fit counts more.
    return Place(
        middle[0][0].begin, middle[0][-1].end, text, at, len(text), score + 0.02 * (same + alike)
    )


def _telling(word: str) -> float:
    return 0.3 if word.casefold() in _SMALL or word in _SMALL_ZH else 1.0


def _alike(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if any(kind.fullmatch(one) and kind.fullmatch(other) for kind in _KINDS):
        return 0.8
    if min(len(one), len(other)) > 3:
        like = SequenceMatcher(None, one.casefold(), other.casefold()).ratio()
        return like if like >= _LIKE else 0.0
    return 0.0


def _stem(word: str) -> str:
    word = word.casefold().replace("’", "'").removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
