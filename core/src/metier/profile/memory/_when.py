"""The times that a text names, as spans of the calendar; English and Chinese.

They are relative to a moment: the question's, or the one a memory was said at.
Of a month or a day without a year the last one before that moment is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from metier.profile._calendar import MONTHS, WEEKDAYS, carried, midnight

_NUMBERS = {
    word: number
    for number, words in enumerate(
        (
            "", "a an one 一", "two couple 二 两", "three few several 三 几", "four 四", "five 五",
            "six 六", "seven 七", "eight 八", "nine 九", "ten 十", "eleven 十一", "twelve 十二",
        )
    )
    for word in words.split()
}  # fmt: skip
_SEASONS = {
    "spring": 3,
    "summer": 6,
    "autumn": 9,
    "fall": 9,
    "winter": 12,
    "春": 3,
    "夏": 6,
    "秋": 9,
}
_SEASONS["冬"] = 12
_MONTH = "|".join(sorted((m for m in MONTHS if m not in ("may", "mar", "march")), key=len)[::-1])
_ANY_MONTH = rf"(?:{_MONTH}|march|mar|may)"
_DAY = "|".join(WEEKDAYS)
_COUNT = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several"
    r"|(?:a )?few|(?:a )?couple(?: of)?)"
)
_HAN = r"(?:\d{1,3}|十[一二]?|[一二两三四五六七八九几])"
_YEAR = r"(?:19|20)\d\d"
_DATE = r"\d\d?(?:st|nd|rd|th)?"

_ENGLISH = re.compile(
    rf"""\b(?:
      (?P<iso>{_YEAR}-\d\d?(?:-\d\d?)?)
    | (?P<day>{_DATE})\s+(?:of\s+)?(?P<month>{_ANY_MONTH})\b\.?
        (?:,?\s+(?P<year>{_YEAR}))?
    | (?P<month2>{_ANY_MONTH})\.?\s+(?P<day2>{_DATE})(?!\d)(?:,?\s+(?P<year2>{_YEAR}))?
    | (?P<month3>{_ANY_MONTH})\.?,?\s+(?:of\s+)?(?P<year3>{_YEAR})
    | (?:in|during|of|since|last|this|early|mid|late|by|until)[\s-]+(?P<month4>{_ANY_MONTH})
        (?!\.?\s+\d\d?\b)(?:,?\s+(?:of\s+)?(?P<year4>{_YEAR}))?
    | (?P<month5>(?-i:{"|".join(m.capitalize() for m in _MONTH.split("|") if len(m) > 4)}))
    | (?P<near>the\ day\ before\ yesterday|yesterday|today|tonight|last\ night|tomorrow
        |this\ (?:morning|afternoon|evening))
    | (?P<which>last|past|previous|this|next)\s+
        (?P<unit>weekend|week|month|year|{_DAY}|spring|summer|autumn|fall|winter)
    | (?:last|past)\s+(?P<back>{_COUNT})\s+(?P<backunit>day|week|month|year)s
    | (?P<count>{_COUNT})\s+(?P<countunit>day|week|weekend|month|year)s?\s+(?:ago|back|earlier)
    | (?:on\s+)(?P<weekday>{_DAY})
    | (?:in|during|since|of|from|year|summer|winter|spring|fall|autumn)\s+(?P<bare>{_YEAR})
    )\b""",
    re.I | re.X,
)
_CHINESE = re.compile(
    rf"""
      (?P<year>(?:19|20)?\d\d|今|去|前|明)年(?:(?P<month>{_HAN})月(?:份|(?P<day>\d\d?)[日号])?)?
    | (?<![\d个])(?P<month2>{_HAN})月(?!前|后)(?:份|(?P<day2>\d\d?)[日号])?
    | (?P<near>大前天|前天|昨天|昨晚|昨日|今天|今晚|今早|今日|明天)
    | (?P<which>上上|上|这|本|下)(?:一)?个?(?P<unit>周末|周|星期|礼拜|月)
        (?P<weekday>[一二三四五六日天](?!个))?
    | (?P<count>{_HAN})(?:个)?(?P<countunit>天|日|周|星期|礼拜|月|年)(?:以|之)?前
    | (?:最近|过去|前)(?:这)?(?P<back>{_HAN})(?:个)?(?P<backunit>天|周|星期|礼拜|月|年)
    """,
    re.X,
)
_NEAR = {
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0,
    "tomorrow": 1, "大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "昨日": -1, "今天": 0,
    "今晚": 0, "今早": 0, "今日": 0, "明天": 1,
}  # fmt: skip
_STEPS = {"last": -1, "past": -1, "previous": -1, "this": 0, "next": 1}
_STEPS |= {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1}
_UNITS = {"天": "day", "日": "day", "周": "week", "星期": "week", "礼拜": "week", "月": "month"}
_UNITS |= {"年": "year", "周末": "weekend"}


@dataclass(frozen=True, slots=True)
class When:
    """A span of time that a text names, in seconds since 1970, and where it is named.

    `end` is the first second that no longer belongs to it.
    """

    begin: float
    end: float
    place: tuple[int, int]


def times(text: str, now: datetime) -> tuple[When, ...]:
    """The times that `text` names; a date that no calendar holds is left out.

    Args:
        text: a question or an utterance.
        now: the moment it was said at, with a time zone.
    """
    found = []
    for pattern, read in ((_ENGLISH, _english), (_CHINESE, _chinese)):
        for match in pattern.finditer(text):
            said = {k: v.lower() for k, v in match.groupdict().items() if v}
            try:
                begin, end = read(said, midnight(now))
                found.append(When(begin.timestamp(), end.timestamp(), match.span()))
            except (ValueError, OverflowError):
                continue
    return tuple(found)


_Span = tuple[datetime, datetime]


def _english(said: dict[str, str], today: datetime) -> _Span:
    if "iso" in said:
        numbers = [int(n) for n in said["iso"].split("-")]
        return _date(today, *numbers)
    for n in ("", "2", "3", "4", "5"):
        if f"month{n}" in said:
            return _calendar(
                today, said.get(f"year{n}"), MONTHS[said[f"month{n}"]], said.get(f"day{n}")
            )
    if "near" in said:
        return _days(today, _NEAR.get(said["near"], 0))
    if "unit" in said:
        return _step(today, said["unit"], _STEPS[said["which"]])
    if "backunit" in said:
        return _back(today, _number(said["back"]), said["backunit"])
    if "countunit" in said:
        return _ago(today, said["count"], said["countunit"])
    if "weekday" in said:
        return _days(today, -((today.weekday() - WEEKDAYS.index(said["weekday"])) % 7))
    return _date(today, int(said["bare"]))


def _chinese(said: dict[str, str], today: datetime) -> _Span:
    if "year" in said:
        step = {"今": 0, "去": -1, "前": -2, "明": 1}.get(said["year"])
        year = today.year + step if step is not None else int(said["year"])
        year += 2000 if year < 100 else 0
        if "month" not in said:
            return _date(today, year)
        return _calendar(today, str(year), _number(said["month"]), said.get("day"))
    if "month2" in said:
        return _calendar(today, None, _number(said["month2"]), said.get("day2"))
    if "near" in said:
        return _days(today, _NEAR[said["near"]])
    if "unit" in said:
        begin, end = _step(today, _UNITS[said["unit"]], _STEPS[said["which"]])
        if "weekday" in said and _UNITS[said["unit"]] == "week":
            return _days(begin, "一二三四五六日".index(said["weekday"].replace("天", "日")))
        return begin, end
    if "countunit" in said:
        return _ago(today, said["count"], _UNITS[said["countunit"]])
    return _back(today, _number(said["back"]), _UNITS[said["backunit"]])


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next((_NUMBERS[w] for w in (text, *reversed(text.split())) if w in _NUMBERS), 3)


def _days(day: datetime, step: int, length: int = 1) -> _Span:
    begin = day + timedelta(days=step)
    return begin, begin + timedelta(days=length)


def _date(like: datetime, year: int, month: int = 0, day: int = 0) -> _Span:
    if not month:
        return like.replace(year=year, month=1, day=1), like.replace(year=year + 1, month=1, day=1)
    if not day:
        begin = like.replace(year=year, month=month, day=1)
        return begin, _month(begin, 1)
    return _days(like.replace(year=year, month=month, day=day), 0)


def _month(first: datetime, step: int) -> datetime:
    year, month = carried(first.year, first.month + step)
    return first.replace(year=year, month=month, day=1)


def _calendar(today: datetime, year: str | None, month: int, day: str | None) -> _Span:
    number = int(re.sub(r"\D", "", day)) if day else 0
    if year is not None:
        return _date(today, int(year), month, number)
    begin, end = _date(today, today.year, month, number)
    return (begin, end) if begin <= today else _date(today, today.year - 1, month, number)


def _step(today: datetime, unit: str, step: int) -> _Span:
    if unit in WEEKDAYS:
        ahead = (WEEKDAYS.index(unit) - today.weekday()) % 7
        return _days(today, ahead - 7 if step < 0 else ahead + (7 if step and not ahead else 0))
    if unit == "weekend":
        # On Monday "last weekend" is the one just past, on Saturday the one before.
        saturday = 5 - today.weekday()
        return _days(today, saturday + 7 * step, 2)
    if unit == "week":
        return _days(today, 7 * step - today.weekday(), 7)
    if unit == "month":
        begin = _month(today.replace(day=1), step)
        return begin, _month(begin, 1)
    if unit == "year":
        return _date(today, today.year + step)
    begin = today.replace(month=_SEASONS[unit], day=1)
    if begin > today:
        begin = begin.replace(year=begin.year - 1)
    if step < 0 and _month(begin, 3) > today:
        begin = begin.replace(year=begin.year - 1)
    return begin, _month(begin, 3)


def _ago(today: datetime, count: str, unit: str) -> _Span:
    number = _number(count)
    vague = not count.isdigit() and any(w in count for w in ("few", "several", "几", "couple"))
    if unit == "day":
        return _days(today, -number - 2 * vague, 1 + 4 * vague)
    if unit in ("week", "weekend"):
        return _days(today, -7 * number - 4, 8)
    if unit == "month":
        begin = _month(today.replace(day=1), -number - vague)
        return begin, _month(begin, 1 + 2 * vague)
    begin, _ = _date(today, today.year - number - vague)
    return begin, _date(today, today.year - number + vague)[1]


def _back(today: datetime, number: int, unit: str) -> _Span:
    days = {"day": 1, "week": 7, "month": 31, "year": 366}[unit] * number
    return _days(today, -days, days + 1)


def covered(text: str, found: tuple[When, ...]) -> str:
    """`text` without the words that name its times."""
    return "".join(_rest(text, found))


def _rest(text: str, found: tuple[When, ...]) -> Iterator[str]:
    at = 0
    for begin, end in sorted(when.place for when in found):
        if begin > at:
            yield text[at:begin]
            yield " "
        at = max(at, end)
    yield text[at:]
