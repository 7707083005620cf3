"""Recognizers of dates of birth and of ages over 89."""

from __future__ import annotations

import re
from datetime import date

from metier.privacy.recognizers._rules import (
    Found,
    Recognizer,
    Rule,
    WordRule,
    after,
)

_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d\d(?!\d)")


def _past(text: str) -> bool:
    """A date a living person could be born on: 1900 to this year, where a year is in full."""
    return all(1900 <= int(year) <= date.today().year for year in _YEAR.findall(text))


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_FULL = (
    r"(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./ ]\d{1,2}[-./ ](?:\d{4}|\d{2})"
    rf"|{_MONTH} {_DAY},? \d{{4}}|{_DAY}(?: of)?[ \-]{_MONTH},?[ \-]\d{{4}}"
    r"|(?:\d{4}|\d{2}) ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?|(?:19|20)\d{6})(?!\d)"
)
_PART = rf"(?:{_MONTH} {_DAY}|{_DAY}(?: of)? {_MONTH})(?![A-Za-z\d])(?!,? \d)"
_BIRTH = (
    "born|",
    "dob|",
    "d.o.b",
    "date of birth",
    "birth date",
    "birth dates",
    "birthdate",
    "birthday",
    "birthdays",
    "geboren",
    "geburtsdatum",
    "née",
    "né le",
    "nacido",
    "nacida",
    "fecha de nacimiento",
    "date de naissance",
    "nato il",
    "nata il",
    "data di nascita",
    "出生日期",
    "出生年月",
    "出生年月日",
    "出生于",
    "生日",
    "出生",
)

_CHINESE_DATE = re.compile(r"(?<!\d)\d{4} ?年 ?\d{1,2} ?月(?: ?\d{1,2} ?[日号])?$")
_NOT_BORN = re.compile(r"[产病效活气日成长态命意词字物理]")


def _before(text: str, start: int, end: int) -> Found:
    """A Chinese date that "出生" or "生" follows."""
    if text[end - 1] == "生" and end - start == 1 and _NOT_BORN.match(text, end):
        return None
    match = _CHINESE_DATE.search(text[max(0, start - 20) : start])
    if match is None or not _past(match[0]):
        return None
    return start - len(match[0]), start


_DATE_AFTER = after(rf"[^\n\d\ue000]{{0,12}}(?<![\d.])(?P<v>{_FULL})", _past)


def _born_in(text: str, start: int, end: int) -> Found:
    """ "生于" and a date, but not the end of "先生于" or "发生于"."""
    if start and text[start - 1] in "先医学发产新":
        return None
    return _DATE_AFTER(text, start, end)


BIRTH: tuple[Rule, ...] = (
    WordRule(
        "DATE_OF_BIRTH",
        0.9,
        _BIRTH,
        after(rf"[^\n\d\ue000]{{0,24}}(?<![\d.])(?P<v>{_FULL})", _past),
        digits=True,
    ),
    WordRule(
        "DATE_OF_BIRTH",
        0.9,
        _BIRTH,
        after(rf"[^\n\d\ue000]{{0,24}}?(?<![A-Za-z])(?P<v>{_MONTH} {_DAY},? \d{{4}})(?!\d)", _past),
        digits=True,
    ),
    WordRule(
        "DATE_OF_BIRTH",
        0.6,
        _BIRTH,
        after(rf"[^\n\d\ue000.]{{0,12}}?(?<![A-Za-z])(?P<v>{_PART})"),
        digits=True,
    ),
    WordRule(
        "DATE_OF_BIRTH",
        0.6,
        ("生日", "出生"),
        after(r"[^\n\d\ue000]{0,6}(?P<v>\d{1,2} ?月 ?\d{1,2} ?[日号])"),
        digits=True,
    ),
    WordRule("DATE_OF_BIRTH", 0.9, ("出生", "生"), _before, digits=True),
    WordRule("DATE_OF_BIRTH", 0.9, ("生于",), _born_in, digits=True),
)

# 45 CFR 164.514(b)(2)(i)(C): ages over 89 identify.
_OLD = r"(?:9\d|1[01]\d)"

_AGE_BEFORE = re.compile(rf"(?<![\d.,:/$€£¥\-]){_OLD}[ \-]{{0,2}}$")


def _aged(text: str, start: int, end: int) -> Found:
    """The number before "years old", where it is over 89."""
    match = _AGE_BEFORE.search(text[max(0, start - 8) : start])
    if match is None:
        return None
    low = start - len(match[0])
    return low, low + len(match[0].rstrip(" -"))


AGES: tuple[Rule, ...] = (
    WordRule(
        "AGE",
        0.8,
        (
            "age|",
            "aged|",
            "age:",
            "ages|",
            "aetat",
            "turned",
            "turning",
            "年龄",
            "高龄",
            "现年",
            "享年",
            "今年",
        ),
        after(rf"(?: (?:is|was|of|group))?[ :=]{{0,3}}(?<!\d)(?P<v>{_OLD})(?![\d%.:/\-]|,\d)"),
        digits=True,
    ),
    WordRule(
        "AGE",
        0.8,
        (
            "years old",
            "year old",
            "years-old",
            "year-old",
            "yo|",
            "y/o",
            "yrs old",
            "years of age",
            "岁",
            "周岁",
        ),
        _aged,
        digits=True,
    ),
)


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [
        Recognizer("metier-birth", rules=BIRTH),
        Recognizer("metier-age", rules=AGES),
    ]
