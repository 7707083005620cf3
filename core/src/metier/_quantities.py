"""How a question asks for a quantity: the words that ask, and the answers of its kind.

The words that ask ("多少本", "how many") are no topic, whatever they count; a sentence with a
number of the kind answers better than one without.
"""

from __future__ import annotations

import re
from typing import Final

_MEASURES: Final = (
    "个本张件只台辆条次天年月日周号页份家位名间层楼场种套双对岁块元分秒级排座列站趟顿杯瓶碗盒箱包袋"
    "支枝根颗粒朵棵株头匹艘架门堂节篇首部集章句字里米斤两克升度倍人遍口把点钱"
)
_UNITS: Final = (
    f"(?:个?(?:小时|钟头|星期|礼拜|月)|分钟|点钟|公里|公斤|厘米|毫米|欧元|[{_MEASURES}])"
)
_ASKS: Final = re.compile(
    rf"(?:多少|第几|几(?![乎率何])|哪){_UNITS}?|(?<![最很许])多(?:长时间|[久大长高远重宽深快厚])(?![概约数于])"
    rf"|[一每]{_UNITS}(?=要?(?:多少|几))|(?<=多少钱)[一每]{_UNITS}"
)
_WEEKDAY: Final = re.compile("(?:星期|礼拜|周)([一二三四五六日天])")
_WEEKS: Final = ("周", "星期", "礼拜")

_NUMBER: Final = (
    r"(?:\d+(?:[.,]\d+)?|[一二两三四五六七八九十百千万半]+|\b(?:one|two|three|four|five|six|seven"
    r"|eight|nine|ten|eleven|twelve|twenty|thirty|fifty|hundred|half|an?)\b)"
)
_MONEY: Final = r"(?:euros?|cents?|dollars?|pounds?|pence|yuan|[€$£¥￥]|欧元|美元|元|块|角|英镑)"
_TIME: Final = (
    r"(?:(?:working |business )?(?:minutes?|hours?|days?|weeks?|months?|years?)"
    r"|个?(?:工作日|小时|钟头|星期|礼拜|月)|分钟|天|日|周|年)"
)
_OTHER: Final = (
    r"(?:mm|cm|km|kg|bar|m\b|g\b|%|percent|毫米|厘米|公里|公斤|米|克|岁|度|点|号|[:：]\d)"
)
_PRICE: Final = re.compile(
    rf"{_NUMBER} ?{_MONEY}|{_MONEY} ?\d|\bfree\b|\bno (?:charge|fee|fine)|免费|不收|不要钱", re.I
)
_SPAN: Final = re.compile(
    rf"{_NUMBER}[ -]?{_TIME}|\b(?:every|once an?|twice an?|daily|weekly|monthly|yearly)\b"
    r"|每(?:天|日|周|月|年|个?月|个?星期)|随时|永久",
    re.I,
)
_CLOCK: Final = re.compile(
    r"\d{1,2}[:：]\d\d|\d ?(?:am|pm|o'clock)\b|[\d一二三四五六七八九十]+点|全天|\bday and night\b",
    re.I,
)
_COUNT: Final = re.compile(
    rf"(?:{_NUMBER})(?! ?(?:{_MONEY}|{_TIME}|{_OTHER}))(?<!\ba)(?<!\ban)(?![\d.,]*\d)", re.I
)
_KINDS: Final[tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]] = (
    (
        re.compile(
            r"多少钱|(?:多少|几)(?:欧|美)?元|几块"
            r"|\bhow much (?:is|are|does|do|did|will|would|for|to)\b|\bwhat does\b.*\bcost\b",
            re.I,
        ),
        _PRICE,
    ),
    (
        re.compile(
            rf"多久|多长时间|(?:多少|几){_TIME}"
            rf"|\bhow (?:long|often|much (?:time|longer)|many {_TIME})\b",
            re.I,
        ),
        _SPAN,
    ),
    (re.compile(r"几点|\bwhat time\b", re.I), _CLOCK),
    (re.compile(rf"(?:多少|几)(?!{_TIME}|钱|点){_UNITS}|多少(?!钱)|\bhow many\b", re.I), _COUNT),
)
"""How a kind of quantity is asked for, and what an answer of that kind has; the first fits."""


def without_asking(text: str, gap: str = " ") -> str:
    """A Chinese text without the words that ask how many, how long or which one of a thing."""
    return _ASKS.sub(gap, text)


def weekdays_alike(text: str) -> str:
    """A text in which 星期六 and 礼拜六 are 周六."""
    return _WEEKDAY.sub(lambda day: f"周{day[1].replace('天', '日')}", text)


def names_of_day(word: str) -> tuple[str, ...]:
    """What a day of the week is called, 周六 first; none where the word is no such day."""
    day = _WEEKDAY.fullmatch(word)
    if day is None:
        return ()
    last = "日天" if day[1] in "日天" else day[1]
    return tuple(
        f"{week}{each}" for week in _WEEKS for each in last if (week, each) != ("周", "天")
    )


def quantity_asked(question: str) -> re.Pattern[str] | None:
    """What an answer to a question has, where it asks for a price, a time, an hour or a count."""
    return next((has for asks, has in _KINDS if asks.search(question)), None)
