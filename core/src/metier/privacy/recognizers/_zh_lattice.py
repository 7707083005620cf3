"""Chinese names by the likeliest reading of a stretch of Han characters.

Chinese is written without spaces, so whether 高兴 or 方正 is a name depends on
how the characters around it fall into words. Every reading of a stretch as a
row of words and names has a cost (negative log-likelihood, times ten); names
are whatever the cheapest reading calls names. The costs of words come from
jieba's counts, those of names from surnames, characters of given names and
what stands before and after. Linear in the length of the text.
"""

from __future__ import annotations

from metier.privacy.recognizers._gazetteer_zh import AMBIGUOUS_SURNAMES, SURNAME_COST
from metier.privacy.recognizers._zh_candidates import STARTS, Edge, candidates
from metier.privacy.recognizers._zh_foreign import STANDALONE
from metier.privacy.recognizers._zh_lexicon import UNKNOWN_WORD, Lexicon

_LONE_SURNAME, _FREQUENT = 30, 57
_SURE = 2

Name = tuple[int, int, bool]
"""Start, end, and whether it is long enough to be sure."""


def names(text: str, start: int, end: int, lexicon: Lexicon) -> list[Name]:
    """The names in `text[start:end]`, which is all Han characters.

    Args:
        text: the whole text, in simplified characters; what surrounds the
            stretch is read as context.
    """
    words, prefixes = lexicon.words, lexicon.prefixes
    far = 1 << 30
    best = [far] * (end - start + 1)
    back: list[Edge] = [(0, 0, 0, 0)] * (end - start + 1)
    best[0] = 0
    for at in range(start, end):
        here = best[at - start]
        character = text[at]
        cost = here + words.get(character, UNKNOWN_WORD)
        if character in _LONE and at + 1 < end:
            cost += _LONE_SURNAME
        slot = at + 1 - start
        if cost < best[slot]:
            best[slot], back[slot] = cost, (at, 0, 0, 0)
        pair = text[at : at + 2]
        if at + 2 <= end:
            word = words.get(pair)
            if word is not None and here + word < best[slot + 1]:
                best[slot + 1], back[slot + 1] = here + word, (at, 0, 0, 0)
            longest = prefixes.get(pair)
            if longest is not None:
                for size in range(3, min(longest, end - at) + 1):
                    word = words.get(text[at : at + size])
                    if word is not None and here + word < best[slot + size - 1]:
                        best[slot + size - 1] = here + word
                        back[slot + size - 1] = (at, 0, 0, 0)
        if character in STARTS:
            for stop, extra, low, high in candidates(text, at, end):
                if stop <= end and here + extra < best[stop - start]:
                    best[stop - start], back[stop - start] = here + extra, (at, 1, low, high)
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
