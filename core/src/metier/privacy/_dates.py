"""Dates as written: read, moved by some days, written again in the same form."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_NAMES = "|".join([*_MONTHS, *(m[:3] for m in _MONTHS), "sept"])

Write = Callable[[date], str]

_ISO = re.compile(r"(?P<y>\d{4})(?P<s>[-./])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})")
_LOCAL = re.compile(r"(?P<a>\d{1,2})(?P<s>[-./ ])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})")
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})")
_HAN = re.compile(
    r"(?P<y>\d{4})(?P<p> ?)年(?P<q> ?)(?P<m>\d{1,2})(?P<r> ?)月(?P<t> ?)(?P<d>\d{1,2})"
    r"(?P<u> ?[日号]?)"
)
_MONTH_FIRST = re.compile(
    rf"(?P<n>{_NAMES})(?P<dot>\.?) (?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<c>,?) (?P<y>\d{{4}})", re.I
)
_DAY_FIRST = re.compile(
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<of>(?: of)?) (?P<n>{_NAMES})"
    r"(?P<dot>\.?)(?P<c>,?) (?P<y>\d{4})",
    re.I,
)


def read(text: str) -> tuple[date, Write] | None:
    """The date in `text` and how to write another one in the same form; None where it has none.

    Of two numbers before a year the first is the day, unless it can't be.
    """
    for pattern, reader in _READERS:
        match = pattern.fullmatch(text.strip())
        if match:
            try:
                return reader(match)
            except ValueError:
                return None
    return None


def shifted(text: str, days: int) -> str | None:
    """`text` moved by `days`, in the same form; None where it is no whole date."""
    found = read(text)
    if found is None:
        return None
    when, write = found
    try:
        return write(when + timedelta(days=days))
    except OverflowError:
        return None


def year(text: str) -> int | None:
    """The year of a date, or None."""
    found = read(text)
    return found[0].year if found else None


def _wide(number: str, value: int) -> str:
    """`value` with a leading zero where `number` had one or needed none."""
    return f"{value:02d}" if len(number) == 2 else str(value)


def _iso(m: re.Match[str]) -> tuple[date, Write]:
    def write(d: date) -> str:
        return m["s"].join((f"{d.year:04d}", _wide(m["m"], d.month), _wide(m["d"], d.day)))

    return date(int(m["y"]), int(m["m"]), int(m["d"])), write


def _local(m: re.Match[str]) -> tuple[date, Write]:
    first, second = int(m["a"]), int(m["b"])
    day_first = second <= 12

    def write(d: date) -> str:
        pair = (d.day, d.month) if day_first else (d.month, d.day)
        return m["s"].join((_wide(m["a"], pair[0]), _wide(m["b"], pair[1]), f"{d.year:04d}"))

    day, month = (first, second) if day_first else (second, first)
    return date(int(m["y"]), month, day), write


def _compact(m: re.Match[str]) -> tuple[date, Write]:
    return date(int(m["y"]), int(m["m"]), int(m["d"])), lambda d: d.strftime("%Y%m%d")


def _han(m: re.Match[str]) -> tuple[date, Write]:
    def write(d: date) -> str:
        return (
            f"{d.year:04d}{m['p']}年{m['q']}{_wide(m['m'], d.month)}{m['r']}月{m['t']}"
            f"{_wide(m['d'], d.day)}{m['u']}"
        )

    return date(int(m["y"]), int(m["m"]), int(m["d"])), write


def _month(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name.lower()[:3]))


def _named(name: str, month: int) -> str:
    full = _MONTHS[month - 1]
    text = full if len(name) > 4 or name.lower() in _MONTHS else full[:3]
    return text.upper() if name.isupper() else text.capitalize() if name[0].isupper() else text


def _month_first(m: re.Match[str]) -> tuple[date, Write]:
    def write(d: date) -> str:
        return f"{_named(m['n'], d.month)}{m['dot']} {d.day}{m['c']} {d.year:04d}"

    return date(int(m["y"]), _month(m["n"]), int(m["d"])), write


def _day_first(m: re.Match[str]) -> tuple[date, Write]:
    def write(d: date) -> str:
        return f"{d.day}{m['of']} {_named(m['n'], d.month)}{m['dot']}{m['c']} {d.year:04d}"

    return date(int(m["y"]), _month(m["n"]), int(m["d"])), write


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[date, Write]]], ...] = (
    (_ISO, _iso),
    (_LOCAL, _local),
    (_COMPACT, _compact),
    (_HAN, _han),
    (_MONTH_FIRST, _month_first),
    (_DAY_FIRST, _day_first),
)
