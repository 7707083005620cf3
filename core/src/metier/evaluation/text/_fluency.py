"""Whether a text reads as a person would write it: rules for faults, and a model of n-grams.

The rules are few and sure, and are not those of any domain that corrects text: a suite must
not measure a domain with its own rules. The model is trained when it is needed, on articles
that it may be trained on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metier.evaluation.text._units import HAN, unmarked, words

_VOWEL_SOUND = re.compile(r"(?:[aeiou]|hour|honest|honou?r|heir)(?!ne\b|nce\b)", re.IGNORECASE)
_CONSONANT_SOUND = re.compile(
    r"(?:uni(?!n|mp|d)|us[aei]|use|usu|eu|one(?!i)\b|once|ubiq|u[a-z]\b|ur[io]n)", re.IGNORECASE
)
_ARTICLE = re.compile(r"\b(an?) ([a-z]{2,})\b", re.IGNORECASE)
_DOUBLED = re.compile(r"\b([a-z]+) \1\b", re.IGNORECASE)
_MAY_DOUBLE = frozenset(
    [
        "had",
        "that",
        "bora",
        "very",
        "so",
        "no",
        "bye",
        "ha",
        "blah",
        "many",
        "really",
        "much",
        "long",
    ]
)
_DOUBLED_HAN = re.compile("的的|是是|在在|和和|与与|把把|被被|及及|或或")
_CLAUSE_BEFORE = re.compile(
    r"\b(?:if|that|let|lets|make|makes|made|see|saw|help|helps|did|does|do|would|could|should|can"
    r"|will|may|might|must|and|or|than|suggest\w*|insist\w*|recommend\w*|wish)\s+$",
    re.IGNORECASE,
)
_AGREEMENT = re.compile(
    r"\b(?:(?:he|she|it) (?:have|are|were|do|don't|go|want|need|say|know|like)"
    r"|(?:they|we|you) (?:is|was|has|does|doesn't|isn't|wasn't)"
    r"|i (?:is|are|has|were|does|doesn't))\b",
    re.IGNORECASE,
)
_LATIN_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("space_before_mark", re.compile(r"\w [,.;:!?](?=\s|$)")),
    ("marks_doubled", re.compile(r",,|;;|(?<!\.)\.\.(?!\.)|[,;:][.;:]")),
    ("no_space_after_mark", re.compile(r"[a-z]{2}[,;!?][a-zA-Z]{2}")),
    ("small_i", re.compile(r"(?<![\w.'’-])i(?:'m|'ve|'ll|'d)?(?=\s[a-z])(?!\.)")),
    ("modal_inflected", re.compile(
        r"\b(?:can|could|should|would|must|will|might|may) (?:has|is|was|goes|went)\b"
        r"|\b(?:did|does|do)(?:n't| not)? (?:went|goes|has|was|is|said)\b", re.IGNORECASE)),
    ("more_er", re.compile(
        r"\bmore (?:better|easier|bigger|smaller|faster|higher|lower)\b", re.IGNORECASE)),
    ("of_for_have", re.compile(
        r"\b(?:should|could|would|must|might) of\b(?! course)", re.IGNORECASE)),
)  # fmt: skip
_HAN_RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("half_width_mark", re.compile(f"[{HAN}][,;:?!](?=[{HAN}\\s]|$)|[{HAN}]\\.(?=[{HAN}]|$)")),
    ("marks_doubled", re.compile("，，|。。(?!。)|、、|；；|：：|，。|。，|、，|，、")),
    ("doubled_particle", _DOUBLED_HAN),
    ("space_between_han", re.compile(f"[{HAN}] +[{HAN}]")),
    ("ellipsis", re.compile(f"[{HAN}]\\.{{3,}}|。{{3,}}")),
)
_BRACKETS = ("()", "[]", "（）", "《》", "“”", "「」", "【】")
_LISTED = re.compile(r"(?:^|\n)\s*(?:\w|\d+)\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of form: the rule, and what it was found in."""

    rule: str
    text: str


def faults(text: str) -> list[Fault]:
    """The faults of form in a text, in English and Chinese."""
    plain = unmarked(text)
    found = [Fault(rule, m.group()) for rule, p in _LATIN_RULES for m in p.finditer(plain)]
    found += [Fault(rule, m.group()) for rule, p in _HAN_RULES for m in p.finditer(plain)]
    found += [
        Fault("doubled_word", m.group())
        for m in _DOUBLED.finditer(plain)
        if m[1].casefold() not in _MAY_DOUBLE
    ]
    found += [
        Fault("agreement", m.group())
        for m in _AGREEMENT.finditer(plain)
        if not _CLAUSE_BEFORE.search(plain[: m.start()])
    ]
    found += [Fault("article", m.group()) for m in _ARTICLE.finditer(plain) if _wrong(m[1], m[2])]
    for brackets in _BRACKETS:
        opening, closing = brackets[0], brackets[1]
        listed = len(_LISTED.findall(plain)) if closing == ")" else 0
        if plain.count(opening) != plain.count(closing) - listed:
            found.append(Fault("unbalanced", opening + closing))
    return found


def _wrong(article: str, word: str) -> bool:
    """Whether "a" or "an" doesn't fit; words in capitals are spelled out or not, so they pass."""
    if word.isupper() or (article == "A" and word[0].isupper()):
        return False
    vowel = bool(_VOWEL_SOUND.match(word)) and not _CONSONANT_SOUND.match(word)
    return vowel is not (article.casefold() == "an")


class NgramModel:
    """A trigram model of words (of characters in Chinese), interpolated after Witten and Bell.

    Witten and Bell, "The Zero-Frequency Problem", IEEE Transactions on Information Theory 37(4),
    1991; as interpolation in Chen and Goodman, "An Empirical Study of Smoothing Techniques for
    Language Modeling", 1999, section 2.5. What was never seen has a share of the rest.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: Counter[tuple[str, ...]] = Counter()
        self._followers: Counter[tuple[str, ...]] = Counter()
        self._totals: Counter[tuple[str, ...]] = Counter()
        for text in texts:
            for units in _lines(text):
                for place in range(2, len(units)):
                    for back in range(3):
                        self._count(tuple(units[place - back : place]), units[place])
        self._vocabulary = len({gram[-1] for gram in self._counts if len(gram) == 1}) + 1

    def _count(self, context: tuple[str, ...], unit: str) -> None:
        gram = (*context, unit)
        if not self._counts[gram]:
            self._followers[context] += 1
        self._counts[gram] += 1
        self._totals[context] += 1

    def probability(self, context: tuple[str, ...], unit: str) -> float:
        """Of `unit` after `context` (at most two units); over all units it sums to 1."""
        lower = self.probability(context[1:], unit) if context else 1 / self._vocabulary
        total = self._totals[context]
        if not total:
            return lower
        kinds = self._followers[context]
        return (self._counts[(*context, unit)] + kinds * lower) / (total + kinds)

    def bits(self, text: str) -> float:
        """The mean number of bits a unit: less for what reads like the training text."""
        spent, count = 0.0, 0
        for units in _lines(text):
            for place in range(2, len(units)):
                p = self.probability((units[place - 2], units[place - 1]), units[place])
                spent -= math.log2(p)
                count += 1
        return spent / count if count else 0.0


def _lines(text: str) -> Iterable[Sequence[str]]:
    for line in re.split(r"[\n.!?。！？]+", text):
        if units := words(line):
            yield ["<s>", "<s>", *units, "</s>"]
