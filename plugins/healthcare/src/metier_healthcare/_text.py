"""A message as the rules read it: folded, in simplified characters, with its commonest slips mended."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spellchecker import SpellChecker

_BEGIN, _END = 4000, 2000
"""Characters read of a longer message, from its beginning and its end."""
SENTENCE = re.compile(
    r"(?:[^.!?。！？\n]|\.(?=[\da-z]))+[.!?。！？]*[\"”’)]*(?:\s*\[\d{1,2}\])*[ \t]*"
)
"""A sentence with the white space after it; a point in "37.5" or "e.g." ends none."""
_PASTED = re.compile(r"```.*?(?:```|\Z)|^>.*$", re.S | re.M)
_HAN_GAP = re.compile(r"(?<=[\u3400-\u9fff])[ \t]+(?=[\u3400-\u9fff])")
_WORD = re.compile(r"[a-z]+")

_WRITTEN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})\b"), plain)
    for pattern, plain in (
        (r"(i|you|he|she|it|we|they)'ll", r"\1 will"),
        (r"(you|we|they)'re", r"\1 are"),
        (r"ca'?nt|can ?no+t|carnt", "cant"),
        (r"(is|are|was|were|do|does|did|has|have|had|could|would|should) not", r"\1nt"),
        (r"(he|she|it|that|what|there|who|here)'s", r"\1s"),
        (r"(\w+)'s", r"\1"),
        (r"ain'?t", "isnt"),
        (r"will not", "wont"),
        (r"dosent|doesent|dosnt", "doesnt"),
        (r"i am", "im"),
        (r"(he|she|it) is", r"\1s"),
        (r"i have", "ive"),
        (r"gonna", "going to"),
        (r"wanna", "want to"),
        (r"rn", "right now"),
        (r"u", "you"),
        (r"ur", "your"),
        (r"cuz|coz|bc", "because"),
        (r"mins?", "minutes"),
        (r"hrs?", "hours"),
        (r"w/o", "without"),
        (r"breth|brethe|braeth", "breath"),
        (r"hart attack|heartattack", "heart attack"),
        (r"bleedin|bleding", "bleeding"),
        (r"chocking", "choking"),
        (r"pregant|pregnat|preggers|preggo|expecting a baby", "pregnant"),
    )
)
_OFTEN_MISSPELT = tuple(
    """
    unconscious unresponsive suicidal overdose overdosed swallowed bleeding vomiting breathing
    seizure seizures pregnant convulsion convulsing paralysed paralyzed collapsed headache
    anaphylaxis anaphylactic meningitis swelling allergic swollen diabetic poisoned temperature
    paracetamol ibuprofen penicillin amoxicillin
    """.split()  # noqa: SIM905 -- a list of words reads better as words
)
_SHORT = tuple(
    """
    chest pain pains breath blood bloody heart stroke faint fainted dizzy numb face arm throat choke
    chokes choked choking swell swells swollen rash fever fevers bleed bleeds weak tight crush
    stomach belly poison pills pill tablet tablets cough coughs lips tongue speech slur slurred droop
    vision suicide stiff neck vomit vomits baby asthma insulin stabbed shock burnt burn burns spine
    allergy breast unable awake dying
    """.split()  # noqa: SIM905 -- a list of words reads better as words
)
_SHORTEST = 4
_OTHER_WORDS = frozenset(("breeding", "bleeping", "breading", "swilling", "dwelling", "headaches"))
"""Words one slip away from those above that mean something else."""


@cache
def _simplified() -> dict[int, str]:
    text = files(__package__).joinpath("traditional.txt").read_text("utf-8")
    pairs = [p for line in text.splitlines() if not line.startswith("#") for p in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}


def simplify(text: str) -> str:
    """The text with traditional Chinese characters in their simplified form."""
    return text.translate(_simplified())


def fold(text: str) -> str:
    """Case, width, apostrophes and traditional characters folded; gaps between Han closed.

    Length may change, so offsets into the result are none into the message.
    """
    read = text if len(text) <= _BEGIN + _END else f"{text[:_BEGIN]}\n{text[-_END:]}"
    folded = unicodedata.normalize("NFKC", read).lower()
    folded = re.sub("[’‘`´]", "'", folded)
    folded = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return _HAN_GAP.sub("", simplify(folded))


def normalise(text: str) -> str:
    """`fold`, without pasted blocks; contractions in one spelling, without apostrophe ("cant",
    "isnt", "hes"); common misspellings mended.
    """
    plain = fold(_PASTED.sub(lambda m: " " * len(m.group()), text))
    for pattern, written in _WRITTEN:
        plain = pattern.sub(written, plain)
    return _WORD.sub(lambda m: _mend(m.group()), plain.replace("'", ""))


@cache
def _english() -> SpellChecker:
    from spellchecker import SpellChecker  # reads its dictionary: a quarter of a second

    return SpellChecker(language="en", distance=1)


def _mend(word: str) -> str:
    """A word that is one slip away from one that matters here, as that word.

    Only with the right first letter. Near a long word hardly another stands; a short one must be
    no word of English, by pyspellchecker's dictionary (MIT).
    """
    if word in _OFTEN_MISSPELT or word in _OTHER_WORDS or len(word) < _SHORTEST:
        return word
    if len(word) < 7:
        near = [w for w in _SHORT if w[0] == word[0] and word != w and one_slip(word, w)]
        meant = len(near) == 1 and word not in _SHORT and word not in _english()
        return near[0] if meant else word
    return next((w for w in _OFTEN_MISSPELT if w[0] == word[0] and one_slip(word, w)), word)


def one_slip(one: str, other: str) -> bool:
    """Whether two words differ by one letter missing, added, changed, or two that are swapped."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        # The longer one only adds a letter at the end: an inflection, not a slip.
        return False
    rest, other_rest = one[start:], other[start:]
    if len(one) == len(other):
        swapped = rest[:2] == other_rest[1::-1] and rest[2:] == other_rest[2:]
        return rest[1:] == other_rest[1:] or swapped
    longer, shorter = (rest, other_rest) if len(one) > len(other) else (other_rest, rest)
    return longer[1:] == shorter
