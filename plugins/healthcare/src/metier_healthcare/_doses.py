"""Doses in a text, and whether a passage gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from metier.model import Turn
from metier_healthcare._medicines import Medicine, mentioned
from metier_healthcare._text import fold

_SOLID = r"mg|milligrams?|mcg|µg|micrograms?|tablets?|tabs?|capsules?|caplets?|pills?|puffs?|drops?|units?|teaspoons?|tsp|tablespoons?|sachets?|毫克|微克|片|粒|颗|包|喷|滴|袋|丸"
_LIQUID = r"g|grams?|ml|millilit(?:er|re)s?|克|毫升"
_ONE = r"(?:\d+(?:[.,]\d+)?|\b(?:one|two|three|four|five|six|eight|ten|a|half a)\b|[一二两三四五六八十半])"
_DOSE = re.compile(
    rf"(?<![a-z0-9.])(?P<low>{_ONE})(?:\s?(?:-|–|to|or|至|到|或|~)\s?(?P<high>{_ONE}))?"
    rf"[\s-]?(?P<unit>{_SOLID}|{_LIQUID})(?![a-z])", re.I,
)  # fmt: skip
_ALWAYS = re.compile(rf"(?:{_SOLID})$", re.I)
_CONCENTRATION = re.compile(r"(?:mg|mcg|mmol|g)\s?/\s?(?:dl|l|ml)\b|毫(?:克|摩尔)/", re.I)
_PER_DAY = re.compile(
    r"how (?:much|many|often)|dos(?:e|age)|maximum|多少|几[片粒次]|剂量|用量|最多|怎么[吃用服]|间隔"
)
_NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "eight": "8", "ten": "10",
    "a": "1", "half a": "0.5", "半": "0.5", "一": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5",
    "六": "6", "八": "8", "十": "10",
}  # fmt: skip
_UNITS = (
    (re.compile(r"毫克|milligrams?"), "mg"),
    (re.compile(r"微克|µg|micrograms?"), "mcg"),
    (re.compile(r"克|grams?"), "g"),
    (re.compile(r"毫升|millilit(?:er|re)s?"), "ml"),
    (re.compile(r"tablets?|tabs?|caplets?|pills?|capsules?|[片粒颗丸]"), "tablet"),
)


def doses(text: str) -> frozenset[tuple[str, str]]:
    """The doses a text names, as (number, unit); a range gives both its ends."""
    found = set()
    for match in _DOSE.finditer(fold(text)):
        for number in (match["low"], match["high"]):
            if number:
                found.add((_NUMBERS.get(number, number.replace(",", ".")), _unit(match["unit"])))
    return frozenset(found)


def _unit(spelt: str) -> str:
    return next((plain for pattern, plain in _UNITS if pattern.fullmatch(spelt)), spelt.rstrip("s"))


def dose_asked(message: str) -> bool:
    """Whether a message asks how much of a medicine to take."""
    return bool(mentioned(message)) and bool(_PER_DAY.search(fold(message)))


def dose_without_source(turn: Turn, sentence: str, before: str) -> bool:
    """Whether a sentence gives a dose that no passage on the medicine gives.

    Amounts of liquid and grams count only where a medicine is the subject: water has no leaflet.
    """
    if _CONCENTRATION.search(sentence):
        return False
    named = mentioned(sentence) or mentioned(before)
    for match in _DOSE.finditer(sentence):
        if (_ALWAYS.match(match["unit"]) or named) and not _sourced(turn, match.group(), named):
            return True
    return False


def _sourced(turn: Turn, dose: str, named: Sequence[Medicine]) -> bool:
    wanted = doses(dose)
    for passage in turn.passages:
        about = f"{passage.title} {passage.locator} {passage.text}"
        there = {m.name for m in mentioned(about)}
        if named and not any(m.name in there for m in named):
            continue
        if wanted <= doses(passage.text):
            return True
    return False
