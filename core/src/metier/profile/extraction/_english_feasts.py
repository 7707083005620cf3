"""When feasts and seasons are, for "until Easter" and "during Ramadan".

Easter by the algorithm of Meeus, Jones and Butcher (Jean Meeus, Astronomical Algorithms, 1991,
chapter 8). Ramadan by the tabular Islamic calendar with the usual leap years, which may differ
by a day or two from the moon as it is sighted.
"""

from __future__ import annotations

from datetime import date, timedelta

FEASTS = (
    "ash wednesday", "lent", "good friday", "easter sunday", "easter", "christmas eve",
    "christmas day", "christmas", "xmas", "new year's eve", "new year's day", "new years eve",
    "new years", "new year's", "new year", "halloween", "thanksgiving", "valentine's day",
    "valentine's", "valentines day", "ramadan", "ramadhan", "eid", "advent",
)  # fmt: skip
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""The month in which each begins, in the northern half of the world."""


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _islamic(year: int, month: int) -> date:
    """The first day of a month of the tabular Islamic calendar."""
    days = -(-59 * (month - 1) // 2) + (year - 1) * 354 + (3 + 11 * year) // 30
    return date.fromordinal(1 + days + 227014)


def _ramadan(year: int) -> tuple[date, date]:
    islamic = (year - 622) * 33 // 32
    months = ((_islamic(y, 9), _islamic(y, 10)) for y in range(islamic - 1, islamic + 3))
    for pair in months:
        if pair[0].year == year:
            return pair
    raise ValueError(f"no Ramadan begins in {year}")


def _thursday(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


def feast(name: str, year: int) -> tuple[date, date]:
    """The first day of a feast of a year, and the day after its last.

    Args:
        name: one of `FEASTS`.
    Raises:
        ValueError: where no calendar of ours holds it.
    """
    day = timedelta(days=1)
    sunday = easter(year)
    if name == "lent":
        return sunday - 46 * day, sunday
    if name == "advent":
        return date(year, 12, 25) - (date(year, 12, 25).weekday() + 22) * day, date(year, 12, 25)
    if name.startswith("rama"):
        return _ramadan(year)
    if name == "eid":
        return _ramadan(year)[1], _ramadan(year)[1] + 3 * day
    if name.startswith("new year") and "eve" not in name:
        return date(year, 1, 1), date(year, 1, 2)
    if name in ("christmas", "xmas"):
        return date(year, 12, 24), date(year, 12, 27)
    begin = {
        "ash wednesday": sunday - 46 * day,
        "good friday": sunday - 2 * day,
        "easter": sunday,
        "easter sunday": sunday,
        "christmas eve": date(year, 12, 24),
        "christmas day": date(year, 12, 25),
        "halloween": date(year, 10, 31),
        "thanksgiving": _thursday(year),
    }.get(name)
    if begin is None:
        begin = date(year, 2, 14) if name.startswith("valentine") else date(year, 12, 31)
    return begin, begin + (2 * day if name == "easter" else day)


def season(name: str, year: int) -> tuple[date, date]:
    """The first day of a season, and the day after its last."""
    month = SEASONS[name]
    return date(year, month, 1), date(year + (month > 9), (month + 3 - 1) % 12 + 1, 1)
