"""Ordinary Chinese words and how frequent they are, from jieba's dictionary.

Only the dictionary file is read (MIT licence, about 349,000 words with counts);
jieba itself is neither imported nor run. Words that jieba lists as persons and
that look like a Chinese full name are left out: whether such a string is a
name is for the name model to say.
"""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from metier.privacy.recognizers import _zh_given as given
from metier.privacy.recognizers._gazetteer_zh import (
    AMBIGUOUS_SURNAMES,
    COMPOUND_SURNAMES,
    SURNAME_COST,
)
from metier.privacy.recognizers._zh_context import HONORIFICS, TITLES
from metier.privacy.recognizers._zh_foreign import STANDALONE
from metier.privacy.recognizers._zh_well_known import WELL_KNOWN
from metier.privacy.recognizers._zh_words import MORE_WORDS

_LONGEST = 4
_RAREST = 3
_NOT_GIVEN = frozenset("镇县州村河人族党派队寺庙宫殿帝氏家军")
"""No given name ends so; jieba lists many places and groups as persons."""

_OWN_WORD = 110
_KNOWN_PERSON = 135
_FREQUENT, _RARE = 57, 99
UNKNOWN_WORD = 170
"""For a character that is no word of the dictionary."""


COST_BITS = 10
NO_WORD = (1 << COST_BITS) - 1


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Costs are negative natural logarithms of probabilities, times ten.

    Args:
        words: words of one to six characters.
        pairs: of two characters that are a word or begin a longer one, the cost of
            the word (`NO_WORD` if it is none) and the length of the longest, in one
            number: this is what is looked up for every character of a text.
    """

    words: Mapping[str, int]
    pairs: Mapping[str, int]


def _pairs(words: Mapping[str, int]) -> dict[str, int]:
    # Words of two characters first: a key is then one object in both tables.
    longest = {word: 2 for word in words if len(word) == 2}
    for word in words:
        if len(word) > 2:
            pair = word[:2]
            longest[pair] = max(len(word), longest.get(pair, 2))
    shared: dict[int, int] = {}
    packed = {
        pair: length << COST_BITS | words.get(pair, NO_WORD) for pair, length in longest.items()
    }
    return {pair: shared.setdefault(number, number) for pair, number in packed.items()}


def _dictionary() -> Path:
    spec = importlib.util.find_spec("jieba")
    if spec is None or spec.origin is None:
        raise RuntimeError("jieba is not installed; install metier with its dependencies")
    return Path(spec.origin).with_name("dict.txt")


def _full_name(word: str) -> bool:
    if len(word) == _LONGEST and word[:2] in COMPOUND_SURNAMES:
        return True
    if len(word) == 2 and word[0] in "小老阿":
        table = given.SINGLE if word[0] == "阿" else SURNAME_COST
        return table.get(word[1], _RARE) <= _FREQUENT
    if len(word) == 2:
        bearer = SURNAME_COST.get(word[0], _RARE) <= _FREQUENT
        usual = given.SINGLE.get(word[1], _RARE) <= _FREQUENT
        return bearer and usual and word[0] not in AMBIGUOUS_SURNAMES
    return (
        len(word) == 3
        and word[0] in SURNAME_COST
        and min(given.FIRST.get(word[1], _RARE), given.SECOND.get(word[2], _RARE)) < _RARE
        and word[2] not in _NOT_GIVEN
    )


@functools.cache
def lexicon() -> Lexicon:
    """Reads the dictionary, once a process; takes about half a second and 50 MB.

    Raises:
        RuntimeError: jieba is not installed.
        OSError, UnicodeDecodeError: its dictionary cannot be read.
    """
    words: dict[str, int] = {}
    whole = 0
    with _dictionary().open(encoding="utf-8") as lines:
        for line in lines:
            word, number, tag = line.split()
            count = int(number)
            whole += count
            if len(word) > _LONGEST or count < _RAREST or (tag[:2] == "nr" and _full_name(word)):
                continue
            words[word] = count
    total = math.log(whole)
    costs = {count: round(10 * (total - math.log(count))) for count in set(words.values())}
    for word, count in words.items():
        words[word] = costs[count]
    for word in (*HONORIFICS, *TITLES, *MORE_WORDS):
        words[word] = min(words.get(word, _OWN_WORD), _OWN_WORD)
    for word in WELL_KNOWN:
        words[word] = min(words.get(word, _KNOWN_PERSON), _KNOWN_PERSON)
    words.update(dict.fromkeys(STANDALONE, _OWN_WORD))
    return Lexicon(words, _pairs(words))
