"""Ages and birthdays: which of them agree, as time goes by."""

from __future__ import annotations

import re

from metier.model import Fact
from metier.profile._fold import fold, words
from metier.profile._times import utc

BIRTH = words("birthday birth_date date_of_birth birth_year born")
"""Slots of a date of birth."""
_YEAR = re.compile(r"(?<!\d)(?:18|19|20)\d\d(?!\d)")
_NUMBER = re.compile(r"(?<![\d.])\d{1,3}(?![\d.])")
_DATE = {
    "year": re.compile(r"(?<!\d)((?:18|19|20)\d\d)(?!\d)"),
    "month": re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(\d{1,2})(?=月)"),
    "day": re.compile(r"(\d{1,2})(?=[日号])|(?<!\d)(\d{1,2})(?=st|nd|rd|th)"),
}
_HAN_UNITS = {w: n for n, w in enumerate("零一二三四五六七八九")} | {"两": 2}
_HAN = re.compile(r"(?:([一二两三四五六七八九])?(十))?([一二两三四五六七八九])?")
_ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {w: n for n, w in enumerate(_ONES.split())} | {
    w: 10 * n for n, w in enumerate(_TENS.split(), 2)
}
_SLACK = 1
"""Years: a birthday may have been between two statements, and ages are said in whole years."""


def ages_differ(one: Fact, other: Fact) -> bool:
    """Whether an age and a date of birth, or two ages, can't be of one person."""
    if one.slot in BIRTH and other.slot == "age":
        one, other = other, one
    if one.slot != "age" or (other.slot != "age" and other.slot not in BIRTH):
        return False
    age, at = _age(one.value), one.confirmed_at or one.learned_at
    if age is None or at is None:
        return False
    born = utc(at).year - age
    if other.slot in BIRTH:
        year = _YEAR.search(other.value)
        return year is not None and abs(born - int(year.group())) > _SLACK
    told, later = _age(other.value), other.confirmed_at or other.learned_at or at
    if told is None:
        return False
    passed = (utc(later) - utc(at)).days / 365.25
    return abs((told - age) - passed) > _SLACK + 0.1


def same_birth(one: str, other: str) -> bool:
    """Whether two dates of birth are one, of which one may tell more: 1990 and 3 May 1990."""
    a, b = _date(one), _date(other)
    return bool(a) and bool(b) and (a.items() <= b.items() or b.items() <= a.items())


def same_age(one: str, other: str) -> bool:
    """Whether two ages are one, in figures or words of either language: 34, 34岁, 三十四."""
    age = _age(one)
    return age is not None and age == _age(other)


def _date(value: str) -> dict[str, str]:
    """What a date tells of year, month and day; numbers alone in their order, which may differ."""
    text = fold(value)
    found = {
        name: (m.group(m.lastindex or 0)).lstrip("0")
        for name, p in _DATE.items()
        if (m := p.search(text))
    }
    if "month" in found and "day" not in found:
        rest = [n for n in re.findall(r"\d+", text) if len(n) <= 2 and f"{n}月" not in text]
        found |= {"day": rest[0].lstrip("0")} if rest else {}
    if "month" not in found:
        rest = [n for n in re.findall(r"\d+", text) if len(n) <= 2]
        found |= {"rest": " ".join(n.lstrip("0") for n in rest)} if rest else {}
    return found


def _age(value: str) -> int | None:
    text = fold(value)
    if match := _NUMBER.search(text):
        return int(match.group())
    tens = [_WORDS[w] for w in text.split() if w in _WORDS]
    if tens:
        return sum(tens[:2]) if len(tens) > 1 and tens[0] >= 20 > tens[1] else tens[0]
    for match in _HAN.finditer(text):
        if match.group():
            head, ten, unit = match.groups()
            return (_HAN_UNITS.get(head, 1) * 10 if ten else 0) + _HAN_UNITS.get(unit, 0)
    return None
