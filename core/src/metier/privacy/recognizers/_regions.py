"""A recognizer of addresses that name their district, city and province, as in East Asia."""

from __future__ import annotations

import re

from metier.privacy.recognizers._places import LETTER
from metier.privacy.recognizers._rules import UPPER, Found, Recognizer, Rule, WordRule

_BACK = 220
_OPENER = re.compile(
    r"\((?:at|near|in|outside|inside) |(?:location|address|place|venue|site|at)(?: is)?: ?",
    re.IGNORECASE,
)
_PART = rf"(?:[{UPPER}0-9][{LETTER}0-9'&.\-]*|of|the|and|at|in|for)"
_CHAIN = re.compile(rf"(?<![{LETTER}0-9.])[{UPPER}0-9][{LETTER}0-9'&.\-]*(?:,? {_PART}){{0,40}}$")
_ON = re.compile(
    rf"(?:, [{UPPER}][{LETTER}'\-]*(?: [{UPPER}][{LETTER}'\-]*){{0,5}}(?=[,;.)\n]|$)){{1,4}}"
)
_ROAD = re.compile(
    r"(?:road|street|avenue|lane|highway|boulevard|alley|path|drive|square|plaza|\d{1,5}(?:号|th|st|nd|rd)?)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_REGION = re.compile(
    r"(?:district|city|province|municipality|region|prefecture|county|township|town|village)(?![a-z])",
    re.IGNORECASE,
)
_LEADING = frozenset(("The", "At", "In", "Of", "And", "On", "For", "To", "From", "I", "We"))


def _region(text: str, start: int, end: int) -> Found:
    """The parts between commas around a region's name, back to the first of them."""
    if not text[start].isupper():
        return None
    low = max(0, start - _BACK)
    low = max(low, text.rfind("\n", low, start) + 1, text.rfind(";", low, start) + 1)
    openers = list(_OPENER.finditer(text, low, start))
    if openers:
        low = openers[-1].end()
    else:
        chain = _CHAIN.search(text, low, start - 1)
        if chain is None:
            return None
        low = chain.start()
        first = text[low:start].split(" ", 1)
        if first[0] in _LEADING and len(first) > 1:
            low += len(first[0]) + 1
    on = _ON.match(text, end)
    stop = on.end() if on else end
    value = text[low:stop]
    if "," not in value:
        return None
    regions = len(_REGION.findall(value))
    if regions >= 2 or (regions and _ROAD.search(value)):
        return low, stop
    return None


REGIONS: tuple[Rule, ...] = (
    WordRule(
        "ADDRESS",
        0.75,
        (
            "district|",
            "province|",
            "municipality|",
            "administrative region|",
            "autonomous region|",
            "prefecture|",
            "county|",
            "city|",
        ),
        _region,
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [Recognizer("metier-address-region", rules=REGIONS)]
