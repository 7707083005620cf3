"""A message beside the one before it: what the heads that link the two read.

Whether "82, sorry" corrects what was said before depends on its cues, and on whether there is
something in the earlier message that it may stand for. So words of the later message that the
earlier one has too get one mark, words of the same kind as some in it another, and the rest stays.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from metier.encoder import han_share, simplified
from metier.learning._heads import vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder

SAME: Final = "qq"
"""Stands for words of the earlier message."""
ALIKE: Final = "ww"
"""Stands for words of the kind of some in the earlier message, but other ones."""
_HAN_SAME: Final = "㐀"
_HAN_ALIKE: Final = "㐁"
_LONGEST: Final = 400
"""Characters of the earlier message that are looked through."""

_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*|\d+(?:[.,:/]\d+)*")
_KINDS: Final = tuple(
    re.compile(rf"(?:{source})\Z")
    for source in (
        r"\d[\d.,:/]*|no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|once|twice",
        r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|final|\d+(?:st|nd|rd|th)",
        r"jan(?:uary)?|feb(?:ruary)?|march|april|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?",
        r"(?:mon|tues?|wed(?:nes|s)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?",
        r"left|right|upper|lower",
        r"morning|mornings|evening|evenings|night|nights|afternoon|afternoons|daytime|days",
    )
)
_SMALL: Final = frozenset(
    re.findall(
        r"\S+",
        "i i'm im i've ive i'd i'll me my mine myself we we're our us you your it it's its that that's this these those he she"
        " they them his her their the a an and or but so if as at in on of for to from with by up out is are was were be been am do"
        " does did don't dont have has had not no yes what which who when where how why can could should would will just now then"
        " than too also very really please pls there here any some all more most about",
    )
)
_CHINESE: Final = 0.3
_LIKE: Final = 0.65
"""The least likeness of two words of which one may be the other, misspelt."""
_ZH_NUMBER = re.compile(r"\d+(?:[.:]\d+)*|[零一二两三四五六七八九十百千万半]+")
_ZH_SMALL: Final = frozenset(
    "我你他她它们的了是在有个不没和跟与也都就还又很太这那哪什么吗呢吧啊哦呀嘛着过到去来要会能可以把被给对从为一说想做上下里中前后多少好大小人"
)


def link_frame(earlier: str, later: str) -> str:
    """The later message with marks for what it shares with the earlier one, see the module."""
    earlier = earlier[:_LONGEST]
    bare = not any(c.isalpha() for c in later)
    if han_share(earlier if bare else later) >= _CHINESE:
        return _chinese(simplified(earlier), simplified(later))
    return _english(earlier.casefold().replace("’", "'"), later.casefold().replace("’", "'"))


def link_vectors(frames: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """The encoder's vectors of frames, with words for the marks."""
    return vectors_of([each.replace(SAME, "it").replace(ALIKE, "that") for each in frames], encoder)


def _english(earlier: str, later: str) -> str:
    words = [w for w in _WORD.findall(earlier) if w not in _SMALL]
    known = {_stem(w) for w in words}
    kinds = {n for w in words for n, kind in enumerate(_KINDS) if kind.match(w)}
    found: list[str] = []
    at = 0
    for m in _WORD.finditer(later):
        gap, word = later[at : m.start()], m.group()
        at = m.end()
        mark = "" if word in _SMALL else _mark(word, words, known, kinds)
        if mark and found and found[-1] == mark and not gap.strip():
            continue
        found += [gap, mark or word]
    return " ".join("".join([*found, later[at:]]).split())


def _mark(word: str, words: list[str], known: set[str], kinds: set[int]) -> str:
    if _stem(word) in known:
        return SAME
    if any(n in kinds for n, kind in enumerate(_KINDS) if kind.match(word)):
        return ALIKE
    like = (SequenceMatcher(None, word, w).ratio() for w in words if len(w) > 3)
    return ALIKE if len(word) > 3 and max(like, default=0.0) >= _LIKE else ""


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _chinese(earlier: str, later: str) -> str:
    text = "".join(_marked(earlier, later))
    for mark in (_HAN_SAME, _HAN_ALIKE):
        text = re.sub(f"{mark}+", mark, text)
    return text


def _marked(earlier: str, later: str) -> Iterator[str]:
    numbers = set(_ZH_NUMBER.findall(earlier))
    latin = set(_WORD.findall(earlier.casefold()))
    at = 0
    while at < len(later):
        if (number := _ZH_NUMBER.match(later, at)) is not None:
            same = number.group() in numbers
            yield _HAN_SAME if same else _HAN_ALIKE if numbers else number.group()
            at = number.end()
        elif (word := _WORD.match(later.casefold(), at)) is not None:
            yield _HAN_SAME if word.group() in latin else _HAN_ALIKE if latin else word.group()
            at = word.end()
        else:
            size = _shared(earlier, later, at)
            yield _HAN_SAME if size else later[at]
            at += max(1, size)


def _shared(earlier: str, later: str, at: int) -> int:
    """How many characters from a place on stand in the earlier message too."""
    size = 0
    while (
        at + size < len(later) and later[at + size] >= "㐀" and later[at : at + size + 1] in earlier
    ):
        size += 1
    told = any(c not in _ZH_SMALL for c in later[at : at + size])
    return size if told or size > 2 else 0
