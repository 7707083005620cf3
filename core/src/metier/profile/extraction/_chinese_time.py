"""When something holds, as a Chinese sentence says it, relative to the message."""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import datetime, timedelta

from metier.profile.extraction._rule import Rule
from metier.profile.extraction._time import Period

_TIMELESS = ("birthday", "age", "goal", "budget", "studies", "phone", "email", "deadline")
_FOR_NOW = timedelta(days=14)
"""How long "暂时" holds: a guess on the short side, since a confirmation renews it."""
_LENGTHS = {"小时": 1 / 24, "天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7, "月": 30, "年": 365, "学期": 150, "季度": 91}  # fmt: skip
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "几": 3, "半": 0.5}  # fmt: skip
_N = r"(?:\d{1,5}|[零〇一二两三四五六七八九十百半几]{1,4}(?:来|多)?)"
_U = r"(?:小时|天|日|周|个?星期|个?礼拜|个半?月|个?学期|个?季度|年)"
_MONTH = r"(?:\d{1,2}|十[一二]?|[一二三四五六七八九])月份?"
_DAY = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})[日号]"
_PART = r"(?:底|末|初|中旬|上旬|下旬|中)"
_NEAR = {"大前天": -3, "前天": -2, "前晚": -2, "昨天": -1, "昨晚": -1, "昨日": -1, "今天": 0, "今晚": 0, "今早": 0, "今日": 0, "现在": 0, "刚才": 0, "明天": 1, "明早": 1, "明晚": 1, "明日": 1, "后天": 2, "大后天": 3}  # fmt: skip
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_SEASONS = {"春天": (3, 5), "春季": (3, 5), "夏天": (6, 8), "夏季": (6, 8), "秋天": (9, 11), "秋季": (9, 11), "冬天": (12, 14), "上半年": (1, 6), "下半年": (7, 12), "暑假": (7, 8), "寒假": (1, 2), "元旦": (1, 1), "过年": (1, 2), "春节": (1, 2), "五一": (5, 5), "国庆": (10, 10), "年后": (2, 2), "年前": (1, 1)}  # fmt: skip
"""Months from and to; those above 12 are of the next year. The feasts that go by the moon lie
between the two."""
_POINT = (
    r"(?P<iso>\d{4,6}-\d{1,2}-\d{1,2})"
    rf"|(?P<date>(?:(?:\d{{2,6}}|[一二三四五六七八九零〇]{{2,4}})年|{'|'.join(_YEARS)})?的?{_MONTH}(?:{_DAY}|{_PART})?)"
    rf"|(?P<season>(?:{'|'.join(_YEARS)})?的?(?:{'|'.join(s for s in _SEASONS if s not in ('年后', '年前'))}))"
    rf"|(?P<year>(?:(?:\d{{2,6}}|[一二三四五六七八九零〇]{{4}})年|{'|'.join(_YEARS)})(?:年?(?:底|末|初|中))?)"
    rf"|(?P<near>{'|'.join(_NEAR)})"
    rf"|(?P<unit>(?:上上|上|这|本|下下|下)个?(?:周末|周|星期|礼拜|月|学期|季度)(?:(?<=月){_DAY}|[一二三四五六日天]|{_PART})?)"
    r"|(?P<weekday>(?:周|星期|礼拜)[一二三四五六日天])"
    rf"|(?P<ago>{_N}{_U}半?(?:多)?(?:之|以)?前)"
    rf"|(?P<later>{_N}{_U}半?(?:之|以)?后)"
    r"|(?P<edge>(?:月|年)(?:底|末|初))"
    rf"|(?P<day>{_DAY})"
)


def _renamed(prefix: str) -> str:
    return _POINT.replace("?P<", "?P<" + prefix)


_RANGE = re.compile(
    rf"(?:从|自)?(?:{_renamed('a_')})(?:开始)?(?:到|至|一直到|-|—|~)(?:{_renamed('b_')})"
)
_FROM = re.compile(
    rf"(?P<open>自从|从|自|打)(?:{_renamed('a_')})(?:开始|起|以来|以后|之后|后|就)?|(?:{_renamed('b_')})(?:开始|起|以来|以后|之后|过后)"
)
_TO = re.compile(
    rf"(?:直到|直至|到|至|截至|截止到?|持续到)(?:{_renamed('a_')})(?:为止|之前|前|以前|结束|截止)?|(?:{_renamed('b_')})(?:之前|以前|为止|结束|到期|前(?!几))"
)
_IN = re.compile(_POINT)
_AHEAD = re.compile(
    rf"(?:接下来|未来|今后|之后|往后|这)的?(?P<n>{_N})(?P<u>{_U})|(?:还)?(?:要|得|需要?|休|请假?|为期|连续|先)(?:再)?[^，。\d一二两三四五六七八九十半几]{{0,4}}(?P<n2>{_N})(?P<u2>{_U})(?!前|后|之|了|一次)"
)
_SINCE = re.compile(
    rf"(?:了|已经|快|有|都)(?P<n>{_N})(?P<u>{_U})(?:多|半)?(?:了|$|[，,])|(?P<n2>{_N})(?P<u2>{_U})(?:多|半)?了"
)
_LASTS = re.compile(rf"(?P<n>{_N})(?P<u>{_U})$")
_PASSING = re.compile(
    r"(?P<near>(?:这几|最近几|这两)天|今天|今晚|明天|(?:这|本|下)个?(?:周末|周|星期|礼拜|月|学期|季度)|今年(?:夏天|冬天|暑假|寒假)|这个?(?:夏天|冬天|暑假|寒假)|过年这?几天|过年期间|春节期间|假期里?|备考期间|考试周|孕期)|(?P<vague>暂时|临时|暂且|眼下|这次|这一次|这趟|这阵子|这段时间|这段日子|这一阵|先(?=别|不|住|用|吃|停)|期间)"
)
_MAY = re.compile(r"[年月周天前日暂从到至自这今昨明下上末底时先礼星假节春夏秋冬]|期间|-\d")
_HAPPENED = re.compile(
    r"搬|入职|开始|成为|结婚|离婚|确诊|查出|戒|当上|改|换|起|怀|养了|买了|辞|退休|毕业"
)
_COMING = re.compile(r"(?:要|打算|准备|计划|将|会|就要|即将)(?!求)")


def when(rule: Rule, clause: str, sentence: str, now: datetime) -> Period:
    """The period of a statement that `rule` found in a clause of a sentence."""
    if rule.slot == "pregnant":
        return Period(None, _due(sentence, now))
    if rule.slot in _TIMELESS:
        return Period()
    past = rule.past or bool(_HAPPENED.search(clause))
    own = period(clause, now, past=past)
    if rule.slot == "location":
        return _stay(own, sentence, now)
    if own.valid_from or own.valid_to or len(sentence) >= 200:
        return own
    whole = period(sentence, now, past=False, careful=True)
    return Period(whole.valid_from, whole.valid_to)


def _stay(own: Period, sentence: str, now: datetime) -> Period:
    """How long somebody is where they are on a journey: as it is said, or else for a while."""
    said = own if own.valid_from or own.valid_to else period(sentence, now, careful=True)
    end = said.valid_to or (now + _FOR_NOW if now.year < 9999 else None)
    return Period(said.valid_from, end)


def period(text: str, now: datetime, *, past: bool = False, careful: bool = False) -> Period:
    """Reads when a statement holds.

    Args:
        text: the clause or sentence.
        now: of the message; what is given back is in its time zone.
        past: the statement is of something that happens, so that a bare date is its beginning.
        careful: the text is more than the statement's own clause: a bare length says nothing.
    """
    if not _MAY.search(text):
        return Period()
    begins, ends, spans = None, None, []
    if (m := _RANGE.search(text)) is not None:
        first, last = _point(m, "a_", now, False), _point(m, "b_", now, None)
        if first and last:
            return Period(first[0], last[1], (m.span(),))
    if (m := _FROM.search(text)) is not None:
        open_end = (m.group("open") or "") in ("从", "打") and not re.search(
            "就(?!要)|一直|以来|了", text[m.end() :]
        )
        named = _point(m, "", now, open_end)
        if named is not None:
            later = m.group().endswith(("以后", "之后", "后", "过后")) and not m.group("a_later")
            begins = named[1] if later and not m.group("open") else named[0]
            spans.append(m.span())
    if (m := _TO.search(text)) is not None and (named := _point(m, "", now, True)) is not None:
        ends = named[0] if re.search("前$", m.group()) else named[1]
        ends = None if ends <= now and begins is None else ends
        if ends is not None:
            spans.append(m.span())
    if ends is None and (m := _AHEAD.search(text)) is not None and not (careful and m.group("n2")):
        ends = _moved(begins or now, m, 1)
        spans.append(m.span())
    m = None if begins or ends or careful else _SINCE.search(text)
    if m is not None:
        begins = _moved(now, m, -1)
        spans.append(m.span())
    recent = begins is None or begins >= now - timedelta(days=1)
    m = None if careful or not recent or re.search("了$|年龄|岁", text) else _LASTS.search(text)
    if ends is None and m is not None:
        ends = _moved(begins or now, m, 1)
        spans.append(m.span())
    coming = past and bool(_COMING.search(text) or re.search("明年|后年|下个?[月周学]", text))
    coming = coming and not re.search("了$|过$", text)
    if begins is None and ends is None and not coming and (m := _PASSING.search(text)) is not None:
        ends = now + _FOR_NOW if m.group("vague") and now.year < 9999 else _until(m, now)
        spans.append(m.span())
        if ends is not None and re.match("下|明", m.group()) and (named := _bare(m.group(), now)):
            begins = named[0]
    if past and begins is None and (m := _IN.search(text)) is not None:
        # 我4月1日搬家, said in February, is to come; 搬了 and 搬的 are over.
        over = bool(re.search("[了过的]|以来|已经|刚", text))
        named = _point(m, "", now, coming or (False if over else None))
        if named is not None and (ends is None or named[0] < ends):
            begins = named[0]
            ends = None if begins > now else ends
            spans.append(m.span())
    return Period(begins, ends, tuple(spans))


def _due(text: str, now: datetime) -> datetime | None:
    """When a pregnancy ends, as it is said or else after the usual forty weeks."""
    said = re.search("预产期(?:是|在|为)?(?:.{0,2}?)(?P<d>.{2,12})", text)
    m = _IN.search(said.group("d")) if said else None
    named = _point(m, "", now, True) if m else None
    if named is not None:
        return named[1]
    return now + timedelta(days=280) if now.year < 9999 else None


Span = tuple[datetime, datetime]


def _point(m: re.Match[str], prefix: str, now: datetime, ahead: bool | None) -> Span | None:
    """Beginning and end of what a match names; None where no calendar of ours holds it.

    Args:
        prefix: of the groups to look in; "" for any.
        ahead: a date without a year is the next one, not the last one; None: the nearest.
    """
    for name, words in m.groupdict().items():
        kind = name.split("_")[-1]
        if words is None or not name.startswith(prefix) or kind not in _READERS:
            continue
        try:
            return _READERS[kind](
                words, now.replace(hour=0, minute=0, second=0, microsecond=0), ahead
            )
        except (ValueError, OverflowError):
            return None
    return None


def _bare(words: str, now: datetime) -> Span | None:
    m = _IN.search(words)
    return None if m is None else _point(m, "", now, True)


def number(words: str) -> float:
    """A count in digits or characters."""
    words = re.sub("[来多]$", "", words)
    if words.isdigit():
        return float(words)
    if "百" in words:
        left, right = words.split("百", 1)
        return _DIGITS.get(left, 1) * 100 + (number(right.lstrip("零")) if right else 0)
    if "十" in words:
        left, right = words.split("十", 1)
        return _DIGITS.get(left, 1) * 10 + _DIGITS.get(right[:1], 0)
    return _DIGITS.get(words[:1], 1)


def _length(count: str, unit: str) -> timedelta:
    half = 15 if "半月" in unit else 0
    name = unit.replace("个半", "").lstrip("个")
    if unit == "个月" and count == "半":
        return timedelta(days=15)
    return timedelta(days=number(count) * _LENGTHS[name] + half)


def _moved(now: datetime, m: re.Match[str], way: int) -> datetime | None:
    groups = m.groupdict()
    count, unit = groups.get("n") or groups.get("n2"), groups.get("u") or groups.get("u2")
    if not count or not unit:
        return None
    try:
        return now + way * _length(count, unit)
    except OverflowError:
        return None


def _until(m: re.Match[str], now: datetime) -> datetime | None:
    said = m.group()
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if said.endswith("天") and said[0] in "这最":
            return day + timedelta(days=4)
        if re.search("暑假|寒假|夏天|冬天", said):
            return _of_season(said[-2:], day, True)[1]
        if re.search("过年|春节|假期|考试周|备考|孕期|期间", said):
            return now + (_FOR_NOW if "备考" not in said else 2 * _FOR_NOW)
        named = _bare(said, now)
        return None if named is None else named[1]
    except (ValueError, OverflowError):
        return None


def _days(day: datetime, count: int) -> Span:
    return day + timedelta(days=count), day + timedelta(days=count + 1)


def _month(year: int, month: int, like: datetime) -> datetime:
    extra, index = divmod(month - 1, 12)
    return like.replace(year=year + extra, month=index + 1, day=1)


def _part(span: Span, part: str) -> Span:
    """The beginning, middle or end of a month or a year."""
    begin, end = span
    third = (end - begin) / 3
    if part in ("底", "末", "下旬"):
        return end - third / 3 if part != "下旬" else end - third, end
    if part in ("初", "上旬"):
        return begin, begin + third
    return (begin + third, end - third) if part in ("中", "中旬") else span


def _of_iso(words: str, day: datetime, _: bool | None) -> Span:
    year, month, number_ = (int(n) for n in words.split("-"))
    return _days(day.replace(year=year, month=month, day=number_), 0)


def _year_of(words: str, day: datetime) -> int | None:
    for name, step in _YEARS.items():
        if words.startswith(name):
            return day.year + step
    m = re.match(r"(\d{2,6}|[一二三四五六七八九零〇]{2,4})年", words)
    if m is None:
        return None
    said = m.group(1)
    digits = said if said.isdigit() else "".join(str(int(_DIGITS[c])) for c in said)
    year = int(digits)
    return year + (2000 if year < 60 else 1900) if len(digits) == 2 else year


def _nearest(month: int, day: datetime, ahead: bool | None) -> int:
    if ahead is None:
        ahead = (month - day.month) % 12 < 6
    return day.year + (month < day.month) if ahead else day.year - (month > day.month)


def _of_date(words: str, day: datetime, ahead: bool | None) -> Span:
    year = _year_of(words, day)
    m = re.search(rf"({_N})月份?(?:({_N})[日号]|({_PART}))?", words)
    if m is None:
        raise ValueError(words)
    month = int(number(m.group(1)))
    year = _nearest(month, day, ahead) if year is None else year
    if m.group(2):
        return _days(day.replace(year=year, month=month, day=int(number(m.group(2)))), 0)
    return _part((_month(year, month, day), _month(year, month + 1, day)), m.group(3) or "")


def _of_season(words: str, day: datetime, ahead: bool | None) -> Span:
    year = _year_of(words, day)
    first, last = next(span for name, span in _SEASONS.items() if words.endswith(name))
    if year is None:
        year = day.year
        if ahead and _month(year, last + 1, day) <= day:
            year += 1
        elif not ahead and _month(year, first, day) > day:
            year -= 1
    return _month(year, first, day), _month(year, last + 1, day)


def _of_year(words: str, day: datetime, _: bool | None) -> Span:
    year = _year_of(words, day)
    if year is None:
        raise ValueError(words)
    return _part((_month(year, 1, day), _month(year + 1, 1, day)), words[-1])


def _of_near(words: str, day: datetime, _: bool | None) -> Span:
    return _days(day, _NEAR[words])


def _of_unit(words: str, day: datetime, ahead: bool | None) -> Span:
    step = {"上": -1, "下": 1}.get(words[0], 0) * (2 if words[:2] in ("上上", "下下") else 1)
    if "月" in words:
        begin = _month(day.year, day.month + step, day)
        if (m := re.search(rf"月({_N})[日号]", words)) is not None:
            return _days(begin.replace(day=int(number(m.group(1)))), 0)
        return _part((begin, _month(begin.year, begin.month + 1, begin)), words[-1])
    if "学期" in words:
        # Terms run from February to July and from September to January.
        spring = 2 <= day.month <= 7
        begin = _month(day.year, 2 if spring else 9, day)
        begin = begin if day.month != 1 else _month(day.year - 1, 9, day)
        begin = _month(begin.year, begin.month + 6 * step, begin)
        return begin, _month(begin.year, begin.month + 6, begin)
    if "季度" in words:
        begin = _month(day.year, (day.month - 1) // 3 * 3 + 1 + 3 * step, day)
        return begin, _month(begin.year, begin.month + 3, begin)
    monday = day + timedelta(days=7 * step - day.weekday())
    if words.endswith("末"):
        return monday + timedelta(days=5), monday + timedelta(days=7)
    if words[-1] in "一二三四五六日天":
        return _days(monday, "一二三四五六日".index(words[-1].replace("天", "日")))
    return monday, monday + timedelta(days=7)


def _of_weekday(words: str, day: datetime, ahead: bool | None) -> Span:
    wanted = "一二三四五六日".index(words[-1].replace("天", "日"))
    gap = (wanted - day.weekday()) % 7
    return _days(day, gap if ahead is not False or gap == 0 else gap - 7)


def _of_length(words: str, day: datetime, way: int) -> Span:
    m = re.match(rf"({_N})({_U})(半)?", words)
    if m is None:
        raise ValueError(words)
    length = _length(m.group(1), m.group(2))
    return _days(
        day
        + way
        * (length + (length / 2 / max(number(m.group(1)), 0.5) if m.group(3) else timedelta())),
        0,
    )


def _of_ago(words: str, day: datetime, _: bool | None) -> Span:
    return _of_length(words, day, -1)


def _of_later(words: str, day: datetime, _: bool | None) -> Span:
    return _of_length(words, day, 1)


def _of_edge(words: str, day: datetime, ahead: bool | None) -> Span:
    span = (
        (_month(day.year, day.month, day), _month(day.year, day.month + 1, day))
        if words[0] == "月"
        else (_month(day.year, 1, day), _month(day.year + 1, 1, day))
    )
    return _part(span, words[-1])


def _of_day(words: str, day: datetime, ahead: bool | None) -> Span:
    wanted = int(number(words[:-1]))
    later = wanted < day.day
    begin = _month(
        day.year, day.month + (later if ahead is not False else -(wanted > day.day)), day
    )
    if wanted > monthrange(begin.year, begin.month)[1]:
        raise ValueError(words)
    return _days(begin.replace(day=wanted), 0)


_READERS: dict[str, Callable[[str, datetime, bool | None], Span]] = {
    "iso": _of_iso, "date": _of_date, "season": _of_season, "year": _of_year, "near": _of_near, "unit": _of_unit,
    "weekday": _of_weekday, "ago": _of_ago, "later": _of_later, "edge": _of_edge, "day": _of_day,
}  # fmt: skip
