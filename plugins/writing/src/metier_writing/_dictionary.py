"""Misspelt words that no list foresees: one letter away from a single usual word.

Words and how often they occur: pyspellchecker's English dictionary (MIT). It has
American spelling alone; what is only spelt the British way is left as it is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

WORD = r"(?<![\w'’-])[a-z]{6,20}(?![\w'’-])"
"""Words in small letters: one with a capital may be a name. Shorter ones have too many neighbours."""

_ENDINGS = ("s", "es", "ed", "er", "ly", "ing", "able", "less", "ness", "like")

_AMERICAN = (
    (r"our", "or"), (r"is(?=e|ing|ation|able|ed)", "iz"), (r"ys(?=e|ing)", "yz"), (r"tre(?=s?\b)", "ter"),
    (r"bre(?=s?\b)", "ber"), (r"ogue", "og"), (r"ence\b", "ense"), (r"ll(?=ed|ing|er|or)", "l"),
    (r"l(?=ful|ment|\b)", "ll"), (r"ae|oe", "e"), (r"mme\b", "m"), (r"ey\b", "y"), (r"que\b", "ck"),
)  # fmt: skip
_FEWEST = 1e-6
"""Share of all words that a correction must have at least."""
_CLEARLY = 12.0
"""How many times as usual as the next a correction must be."""
_PREFIXES = re.compile(r"^(?:un|re|non|anti|over|under|pre|post|multi|micro|mis|inter|co|de|sub)")


@cache
def _english() -> SpellChecker:
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=1)


def nearest(word: str) -> str | None:
    """The usual word that `word` misspells; None where it is one, or where none is clearly meant."""
    if _known(word):
        return None
    english = _english()
    candidates = english.candidates(word) or set()
    ranked = sorted(candidates, key=english.word_usage_frequency, reverse=True)
    if not ranked or ranked[0] == word:
        return None
    usual = english.word_usage_frequency(ranked[0])
    next_best = english.word_usage_frequency(ranked[1]) if len(ranked) > 1 else 0.0
    clear = usual >= _FEWEST and usual >= _CLEARLY * next_best
    return ranked[0] if clear and ranked[0][0] == word[0] else None


def _known(word: str) -> bool:
    english = _english()
    if word in english:
        return True
    forms = {re.sub(british, american, word) for british, american in _AMERICAN}
    forms |= {word.removesuffix(end) for end in _ENDINGS}
    forms.add(_PREFIXES.sub("", word))
    return any(len(form) > 2 and form in english for form in forms - {word})
