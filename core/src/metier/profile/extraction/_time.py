"""When something holds: dates and spans of time as a person says them, relative to the message."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from metier.profile._calendar import MONTHS, carried, midnight
from metier.profile.extraction._english_feasts import FEASTS, SEASONS, feast, season

_DAYS = {
    name: number
    for number, names in enumerate(
        (
            "monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri",
            "saturday sat", "sunday sun",
        )
    )
    for name in names.split()
}  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "three": 3, "few": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90, "half": 0.5,
}  # fmt: skip
_UNITS = {
    "hour": 1 / 24, "day": 1, "week": 7, "weekend": 7, "fortnight": 14, "month": 30, "year": 365, "semester": 180, "term": 120,
}  # fmt: skip

_MONTH = "|".join(sorted((m for m in MONTHS if m != "may"), key=len, reverse=True)) + "|may"
_DAY = "|".join(sorted(_DAYS, key=len, reverse=True))
_COUNT = r"(?:\d{1,5}|a|an|one|two|(?:a )?couple(?: of)?|three|(?:a )?few|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|sixty|ninety|half an?)"
_UNIT = r"(?:hour|day|weekend|week|fortnight|month|year|semester|term)"
_FEAST = "|".join(sorted(FEASTS, key=len, reverse=True))
_SEASON = "|".join(SEASONS)
_POINT = (
    r"(?P<iso>\d{4,6}-\d{1,2}-\d{1,2})"
    rf"|(?P<ahead>in (?:about |around |roughly )?{_COUNT} {_UNIT}s?(?:'s?)?(?: time)?(?!\w)|{_COUNT} {_UNIT}s? (?:from now|from today))"
    rf"|(?P<part>(?:early|mid|late|the (?:start|beginning|middle|end) of|start of|beginning of|middle of|end of)[- ](?:{_MONTH})(?:,? \d{{4,6}})?)"
    rf"|(?P<feast>(?:(?:next|last|this) )?(?:{_FEAST})(?: \d{{4}})?)"
    rf"|(?P<season>(?:(?:next|last|this|the|early|late) )?(?:{_SEASON})(?:,? (?:of )?\d{{4}})?)"
    rf"|(?P<mday>(?:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4,6}})?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})(?:,? \d{{4,6}})?)"
    rf"|(?P<month>(?:{_MONTH})(?:,? (?:of )?\d{{4,6}})?)"
    rf"|(?P<wday>(?:(?:next|last|this|on) )?(?:{_DAY}))"
    rf"|(?P<rel>(?:the )?(?:last|next|this|end of (?:the|this|next)|start of (?:the|this|next)|beginning of (?:the|this|next)) {_UNIT}|today|yesterday|tomorrow|now|tonight)"
    rf"|(?P<ago>{_COUNT} {_UNIT}s? (?:ago|back))"
    r"|(?P<day>the \d{1,2}(?:st|nd|rd|th))"
    r"|(?P<year>(?:the year )?(?:1[89]|2\d|\d\d\d)\d\d)"
)
_FROM = re.compile(
    rf"\b(?:(?:ever )?since|starting(?: from| on| in)?|beginning(?: in| on| from)?|as of|from|effective)\s+(?:{_POINT})\b(?: on(?:wards?)?)?",
    re.I,
)
_TO = re.compile(
    rf"\b(?:until|till|'til|through|up to|up until|no longer than|to)\s+(?:the end of )?(?:{_POINT})\b",
    re.I,
)
_IN = re.compile(rf"\b(?:in|on|back in|during)?\s*(?:{_POINT})\b", re.I)
_FOR = re.compile(
    rf"\bfor (?P<next>(?:at least |about |around )?(?:the )?(?:next|coming|rest of (?:the|this)|another|a further) )?(?:(?P<count>{_COUNT})\s+)?(?P<more>more )?(?P<unit>{_UNIT})s?\b"
    rf"|\bfor (?P<over>(?:over|more than|almost|nearly|about|around|the (?:last|past)) )(?P<count2>{_COUNT}) (?P<unit2>{_UNIT})s?\b",
    re.I,
)
_DURING = re.compile(
    rf"\b(?P<how>during|over|throughout|for|just for|only for|just in|only in|all) (?:the |this |next |all of |the whole of |whole of )?(?P<what>(?:{_FEAST}|{_SEASON}|{_MONTH})(?:,? \d{{4}})?)\b(?! (?:recipes?|food|dinner|party|gifts?|presents?|break from))",
    re.I,
)
_EVENT = re.compile(
    r"\b(?:until|till|'til) (?:further notice|(?:i(?! was\b)|we|he|she|it|they|my|our|the)(?:'m|'s|'re|'ve)?\b(?! (?:was|were|turned|had)\b)|then\b|after\b)",
    re.I,
)
"""An end that comes with something that will happen."""
_AGO_SINCE = re.compile(
    rf"\b(?P<count>{_COUNT})\s+(?P<unit>{_UNIT})s? since (?:i|we|my|our)\b", re.I
)
"""How long ago something was: "six months since I moved"."""
_PASSING = re.compile(
    r"\b(?P<unit>this (?P<u>week|weekend|month|year|semester|term|summer|winter|spring|autumn|fall|morning|afternoon|evening)|today|tonight|tomorrow)\b"
    r"|\b(?P<vague>for now|for the time being|temporarily|for the moment|just for today|only for today|while (?:i'm|i am|we're) (?:here|away|travell?ing|pregnant|on holiday|on vacation)|on this trip|for this trip|this time)\b",
    re.I,
)
_CERTAIN = re.compile(
    rf"(?:ever )?since (?!(?:19|20)\d\d\b)|starting|beginning|as of|effective|from (?:now|today|tomorrow|next|this|{_DAY})|until|till|'til|through (?:{_DAY}|{_MONTH}|{_FEAST})|up until",
    re.I,
)
_MAY_DATE = re.compile(
    r"\d|during|over|throughout|all|since|from|until|\btill|through|up to|\bfor\b|this|today|tonight|tomorrow|yesterday|\bnow|moment|tempora|trip"
    r"|while|last|ago|next|\bin\b|\bon\b|start|begin|effective",
    re.I,
)
_PENDING = timedelta(days=60)
"""How long something holds "until my knee heals": a guess as well."""
_LASTING = timedelta(days=14)
"""How long "for now" holds: a guess on the short side, since a confirmation renews it."""


@dataclass(frozen=True, slots=True)
class Period:
    """When a statement holds, and which words of it say so."""

    valid_from: datetime | None = None
    valid_to: datetime | None = None
    spans: tuple[tuple[int, int], ...] = ()


def period(
    text: str, now: datetime, *, past: bool = False, careful: bool = False, future: bool = False,
    brief: bool = False,
) -> Period:  # fmt: skip
    """Reads when a statement holds.

    Args:
        text: the clause or sentence.
        now: of the message; what is given back is in its time zone.
        past: the statement is of something that happened ("last year I moved"), so a bare date
            is its beginning.
        careful: the text is of any topic ("films from 1990"), so only what can't be part of one
            counts.
        future: the statement is of what will be ("I'm moving in June"), so a bare date is its
            beginning.
        brief: what is careful may hold for some days or weeks all the same ("I can't run for six
            weeks").
    Returns: a period without bounds where the text names none. A date that no calendar of ours
        holds (the year 10000) is no bound.
    """
    if not _MAY_DATE.search(text):
        return Period()
    begins, ends, spans = None, None, []
    for pattern, bound in ((_FROM, "from"), (_TO, "to")):
        if (m := pattern.search(text)) is None or (careful and not _CERTAIN.match(m.group())):
            continue
        ahead = bound == "to" or not re.match(r"(?:ever )?since", m.group(), re.I)
        if (named := _moment(m, now, forward=ahead)) is not None:
            begins, ends = (named[0], ends) if bound == "from" else (begins, named[1])
            spans.append(m.span())
    m = _FOR.search(text)
    certain = m is not None and (not careful or m.group("next") or (brief and _short(m)))
    if m is not None and certain and ends is None:
        first, last = _span(m, begins or now)
        if not (begins and first):
            begins, ends = begins or first, last
        if begins or ends:
            spans.append(m.span())
    if not (begins or ends) and (m := _AGO_SINCE.search(text)) is not None:
        back = _days(m.group("count"), m.group("unit"))
        begins = _shift(now, -back) if back else None
    if not (begins or ends):
        if (m := _DURING.search(text)) is not None and (
            not careful or m.group("how") != "for" or (brief and not past)
        ):
            begins, ends = _during(m, now)
            spans.append(m.span())
        elif not careful and (m := _EVENT.search(text)) is not None:
            ends = _shift(now, _PENDING)
            spans.append((m.start(), len(text)))
    if (m := _PASSING.search(text)) is not None and ends is None:
        ends = _passing(m, now)
        spans.append(m.span())
    if (past or future) and begins is None and ends is None:
        m = _IN.search(text)
        if m is not None and (named := _moment(m, now, forward=future)) is not None:
            begins = named[0]
            spans.append(m.span())
    return Period(begins, ends, tuple(spans))


def _number(text: str) -> float:
    text = text.lower().strip()
    if text.isdigit():
        return float(text)
    if text in _NUMBERS:
        return _NUMBERS[text]
    return next((_NUMBERS[w] for w in reversed(text.split()) if w in _NUMBERS), 1)


def _days(count: str, unit: str) -> timedelta | None:
    unit = unit.lower()
    try:
        return timedelta(days=_number(count) * _UNITS[unit])
    except OverflowError:
        return None


def _shift(now: datetime, change: timedelta | None) -> datetime | None:
    try:
        return None if change is None else now + change
    except OverflowError:
        return None


def _span(m: re.Match[str], now: datetime) -> tuple[datetime | None, datetime | None]:
    """ "for two weeks" from now, "for two years" up to now."""
    groups = m.groupdict()
    if groups["count2"]:
        back = _days(groups["count2"], groups["unit2"])
        return _shift(now, -back) if back else None, None
    unit = groups["unit"].lower()
    if groups["next"]:
        return None, _shift(now, _days(groups["count"] or "1", unit))
    if groups["count"] is None:
        return None, None
    # Without "next" the length alone decides: one lives somewhere for years, and diets for weeks.
    length = _days(groups["count"], unit)
    if length is None:
        return None, None
    perfect = re.search(
        r"\b(?:have|has|'ve|'s) been\b|\b(?:have|'ve) (?:lived|worked|had)\b", m.string, re.I
    )
    if length.days >= 365 or perfect:
        return _shift(now, -length), None
    return None, _shift(now, length)


def _short(m: re.Match[str]) -> bool:
    """Whether a span is of days or weeks, and counted."""
    return bool(m.group("count")) and m.group("unit").lower() in (
        "day",
        "week",
        "month",
        "fortnight",
    )


def _during(m: re.Match[str], now: datetime) -> tuple[datetime | None, datetime | None]:
    """ "During Ramadan": its end, and its beginning where that is to come."""
    what = m.group("what").lower()
    kind = (
        "feast"
        if what.startswith(FEASTS)
        else "season"
        if what.startswith(tuple(SEASONS))
        else "month"
    )
    try:
        begin, end = _READERS[kind](what, midnight(now), True)
    except (ValueError, OverflowError):
        return None, None
    return (begin if begin > now else None), end


def _passing(m: re.Match[str], now: datetime) -> datetime | None:
    if m.group("vague"):
        return _shift(now, _LASTING)
    said = (m.group("u") or m.group("unit")).lower()
    day = midnight(now)
    if said in ("today", "tonight", "morning", "afternoon", "evening"):
        return _shift(day, timedelta(days=1))
    if said == "tomorrow":
        return _shift(day, timedelta(days=2))
    if said == "month":
        return _month(day.year, day.month + 1, day)
    if said == "year":
        return _date(day.year + 1, 1, 1, day)
    if said in ("semester", "term"):
        return _shift(day, timedelta(days=150))
    if said in ("summer", "winter", "spring", "autumn", "fall"):
        return _shift(day, timedelta(days=92))
    return _shift(day, timedelta(days=7 - day.weekday()))


def _moment(m: re.Match[str], now: datetime, *, forward: bool) -> tuple[datetime, datetime] | None:
    """Beginning and end of what a match names; None where no calendar holds it."""
    said = {k: v for k, v in m.groupdict().items() if v is not None}
    day = midnight(now)
    for kind, text in said.items():
        if kind in _READERS:
            try:
                return _READERS[kind](text.lower().strip(), day, forward)
            except (ValueError, OverflowError):
                return None
    return None


def _date(year: int, month: int, day: int, like: datetime) -> datetime | None:
    try:
        return like.replace(year=year, month=month, day=day)
    except (ValueError, OverflowError):
        return None


def _month(year: int, month: int, like: datetime) -> datetime | None:
    return _date(*carried(year, month), 1, like)


def _pair(begin: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    if begin is None:
        raise ValueError("no such date")
    return begin, end if end is not None else begin


def _one_day(begin: datetime | None) -> tuple[datetime, datetime]:
    return _pair(begin, None if begin is None else _shift(begin, timedelta(days=1)))


def _of_iso(text: str, day: datetime, _: bool) -> tuple[datetime, datetime]:
    year, month, number = (int(n) for n in text.split("-"))
    return _one_day(_date(year, month, number, day))


def _nearest_year(month: int, day: datetime, forward: bool) -> int:
    """The year of a month without one: not after the message, or not before it."""
    if forward:
        return day.year + (month < day.month)
    return day.year - (month > day.month)


def _of_month_day(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    month = next(MONTHS[w] for w in re.findall(r"[a-z]+", text) if w in MONTHS)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    year = next((n for n in numbers if n > 31), _nearest_year(month, day, forward))
    return _one_day(_date(year, month, next(n for n in numbers if n <= 31), day))


def _of_month(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    month = next(MONTHS[w] for w in re.findall(r"[a-z]+", text) if w in MONTHS)
    year = next((int(n) for n in re.findall(r"\d+", text)), _nearest_year(month, day, forward))
    return _pair(_month(year, month, day), _month(year, month + 1, day))


def _of_weekday(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    wanted = next(_DAYS[w] for w in re.findall(r"[a-z]+", text) if w in _DAYS)
    ahead = (wanted - day.weekday()) % 7
    if "last" in text or (not forward and ahead and "next" not in text and "from" not in text):
        ahead -= 7 if ahead else 7 * ("last" in text)
    elif "next" in text:
        ahead = ahead or 7
    return _one_day(_shift(day, timedelta(days=ahead)))


def _of_relative(text: str, day: datetime, _: bool) -> tuple[datetime, datetime]:
    near = {"today": 0, "now": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
    if text in near:
        return _one_day(_shift(day, timedelta(days=near[text])))
    step = -1 if "last" in text else 1 if "next" in text else 0
    return _unit(day, text.split()[-1], step)


def _unit(day: datetime, unit: str, step: int) -> tuple[datetime, datetime]:
    if unit == "year":
        return _pair(_date(day.year + step, 1, 1, day), _date(day.year + step + 1, 1, 1, day))
    if unit == "month":
        return _pair(
            _month(day.year, day.month + step, day), _month(day.year, day.month + step + 1, day)
        )
    if unit in ("week", "weekend"):
        begin = _shift(day, timedelta(days=7 * step - day.weekday()))
        return _pair(begin, None if begin is None else _shift(begin, timedelta(days=7)))
    if unit in ("semester", "term"):
        return _pair(
            _shift(day, timedelta(days=150 * step)), _shift(day, timedelta(days=150 * step + 150))
        )
    return _one_day(_shift(day, timedelta(days=step)))


def _of_ahead(text: str, day: datetime, _: bool) -> tuple[datetime, datetime]:
    m = re.search(rf"({_COUNT}) ({_UNIT})", text)
    ahead = _days(m.group(1), m.group(2)) if m else None
    return _one_day(_shift(day, ahead) if ahead else None)


def _of_part(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    """ "Mid April", "the end of May"."""
    begin, end = _of_month(text, day, forward)
    if re.match(r"early|(?:the )?(?:start|beginning)", text):
        return _pair(begin, _shift(begin, timedelta(days=10)))
    if re.match(r"mid|(?:the )?middle", text):
        return _pair(_shift(begin, timedelta(days=10)), _shift(begin, timedelta(days=20)))
    return _pair(_shift(begin, timedelta(days=20)), end)


def _of_day(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    """ "The 15th": the nearest one, ahead or back."""
    number = int(re.findall(r"\d+", text)[0])
    found = _date(day.year, day.month, number, day)
    if found is None or (forward and found < day):
        month = _month(day.year, day.month + 1, day)
        found = None if month is None else _date(month.year, month.month, number, day)
    return _one_day(found)


def _of_named(text: str, day: datetime, forward: bool, name: str) -> tuple[datetime, datetime]:
    """A feast or a season: of the year that is said, or the nearest one ahead or back."""
    read = feast if name in FEASTS else season
    step = -1 if "last" in text else 1 if "next" in text else 0
    year = next((int(n) for n in re.findall(r"\d{4}", text)), 0)
    pairs = [read(name, year or y) for y in range(max(1, day.year - 1), min(9998, day.year + 2))]
    today = day.date()
    ahead = [p for p in pairs if p[1] > today]
    back = [p for p in pairs if p[1] <= today]
    if not year and step >= 0 and (forward or step or name in SEASONS):
        begin, end = next((p for p in ahead if not step or p[0] > today), pairs[-1])
    else:
        begin, end = (back or pairs)[-1]
    return _pair(
        _date(begin.year, begin.month, begin.day, day), _date(end.year, end.month, end.day, day)
    )


def _of_feast(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    return _of_named(text, day, forward, next(f for f in _BY_LENGTH if f in text))


def _of_season(text: str, day: datetime, forward: bool) -> tuple[datetime, datetime]:
    return _of_named(text, day, forward, next(s for s in SEASONS if s in text))


_BY_LENGTH = sorted(FEASTS, key=len, reverse=True)


def _of_ago(text: str, day: datetime, _: bool) -> tuple[datetime, datetime]:
    words = text.removesuffix(" ago").removesuffix(" back").rsplit(" ", 1)
    back = _days(words[0], words[1].rstrip("s"))
    return _one_day(_shift(day, -back) if back else None)


def _of_year(text: str, day: datetime, _: bool) -> tuple[datetime, datetime]:
    year = int(text.split()[-1])
    return _pair(_date(year, 1, 1, day), _date(year + 1, 1, 1, day))


_READERS = {
    "iso": _of_iso, "mday": _of_month_day, "month": _of_month, "wday": _of_weekday, "rel": _of_relative,
    "ahead": _of_ahead, "part": _of_part, "day": _of_day, "feast": _of_feast, "season": _of_season, "ago": _of_ago, "year": _of_year,
}  # fmt: skip
