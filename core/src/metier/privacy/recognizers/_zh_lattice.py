"""Chinese names by the likeliest reading of a stretch of Han characters.

Chinese is written without spaces, so whether 高兴 or 方正 is a name depends on
how the characters around it fall into words. Every reading of a stretch as a
row of words and names has a cost (negative log-likelihood, times ten); names
are whatever the cheapest reading calls names. The costs of words come from
jieba's counts, those of names from surnames, characters of given names and
what stands before and after. Linear in the length of the text.
"""

from __future__ import annotations

import re

from metier.privacy.recognizers._gazetteer_zh import AMBIGUOUS_SURNAMES, SURNAME_COST
from metier.privacy.recognizers._zh_candidates import (
    GIVEN_FIRST,
    GIVEN_SECOND,
    STARTS,
    Edge,
    candidates,
    given_alone,
    introduced,
    sounded,
)
from metier.privacy.recognizers._zh_foreign import STANDALONE, TRANSLITERATION
from metier.privacy.recognizers._zh_lexicon import COST_BITS, NO_WORD, UNKNOWN_WORD, Lexicon
from metier.privacy.recognizers._zh_well_known import WELL_KNOWN

_LONE_SURNAME, _FREQUENT = 30, 57
_SURE = 2
_COMMON = 150
_FAR = 1 << 30
_NOWHERE: Edge = (0, 0, 0, 0)
_MAY_START = STARTS | TRANSLITERATION | {name[0] for name in STANDALONE}
_BY_SOUND = re.compile(f"[{''.join(sorted(TRANSLITERATION))}]{{3,7}}")

Name = tuple[int, int, bool]
"""Start, end, and whether it is long enough to be sure."""


def names(text: str, start: int, end: int, lexicon: Lexicon) -> list[Name]:
    """The names in `text[start:end]`, which is all Han characters.

    Args:
        text: the whole text, in simplified characters; what surrounds the
            stretch is read as context.
    """
    if _MAY_START.isdisjoint(text[start:end]):
        return []
    words, pairs = lexicon.words, lexicon.pairs
    best = [_FAR] * (end - start + 1)
    back = [_NOWHERE] * (end - start + 1)
    best[0] = 0
    by_sound = {run.start(): run.end() for run in _BY_SOUND.finditer(text, start, end)}
    for at in range(start, end):
        slot = at - start
        here = best[slot]
        character = text[at]
        cost = here + words.get(character, UNKNOWN_WORD)
        if character in _LONE and at + 1 < end:
            cost += _LONE_SURNAME
        if cost < best[slot + 1]:
            best[slot + 1], back[slot + 1] = cost, (at, 0, 0, 0)
        pair = pairs.get(text[at : at + 2])
        if pair is not None and at + 2 <= end:
            cost = here + (pair & NO_WORD)
            if cost < best[slot + 2]:
                best[slot + 2], back[slot + 2] = cost, (at, 0, 0, 0)
            for size in range(3, min(pair >> COST_BITS, end - at) + 1):
                word = words.get(text[at : at + size])
                if word is not None and here + word < best[slot + size]:
                    best[slot + size], back[slot + size] = here + word, (at, 0, 0, 0)
        if character in STARTS:
            for stop, extra, low, high in candidates(text, at, end):
                cheaper = stop <= end and here + extra < best[stop - start]
                if cheaper and (text[low:high] not in WELL_KNOWN or introduced(text, low)):
                    best[stop - start], back[stop - start] = here + extra, (at, 1, low, high)
        elif pair is None and character in GIVEN_FIRST and at + 2 <= end:
            edge = given_alone(text, at) if text[at + 1] in GIVEN_SECOND else None
            if edge and here + edge[1] < best[slot + 2]:
                best[slot + 2], back[slot + 2] = here + edge[1], (at, 1, *edge[2:])
        if at in by_sound:
            common = words.get(text[at : by_sound[at]], UNKNOWN_WORD) < _COMMON
            edge = None if common else sounded(text, at, by_sound[at])
            if edge and here + edge[1] < best[edge[0] - start]:
                best[edge[0] - start], back[edge[0] - start] = here + edge[1], (at, 1, *edge[2:])
    return _walk(text, start, end, back)


def _walk(text: str, start: int, end: int, back: list[Edge]) -> list[Name]:
    found: list[Name] = []
    at = end
    while at > start:
        previous, named, low, high = back[at - start]
        if named:
            found.append((low, high, high - low > _SURE))
        elif at - previous > 1 and text[previous:at] in STANDALONE:
            found.append((previous, at, at - previous > _SURE))
        at = previous
    return found[::-1]


_LONE = frozenset(
    surname
    for surname, cost in SURNAME_COST.items()
    if cost <= _FREQUENT and surname not in AMBIGUOUS_SURNAMES
)
"""Jieba's counts of these characters alone are mostly names cut in two."""
