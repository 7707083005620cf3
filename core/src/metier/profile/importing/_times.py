"""Dates as people's phones and tables write them, and the order of their parts.

"3/4/25" is a day of March or of April, and only the whole file can tell. Each order is held
against every date there is: one in which a date can't be is out, and of those that are left the
one is taken in which time goes backwards least, as a chat is written in the order of its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal, TypeAlias

Order = Literal["dmy", "mdy", "ymd"]
Parts: TypeAlias = tuple[int, int, int]

_AFTERNOON: Final = ("pm", "下午", "晚上", "傍晚", "午後", "오후", "م", "nachm", "abends")
_NOON: Final = ("中午", "mittags")
_MORNING: Final = (
    "am", "上午", "早上", "凌晨", "清晨", "午前", "오전", "ص", "vorm", "morgens", "nachts",
)  # fmt: skip

DATE: Final = (
    r"(?P<a>\d{1,4})(?P<s>[./\-]\s?|\s?[年년]\s?)(?P<b>\d{1,2})(?:[./\-]\s?|\s?[月월]\s?)"
    r"(?P<c>\d{1,4})(?:\s?[日일])?\.?"
)
HALF: Final = (
    r"(?:[ap]\.?\s?m\b\.?|上午|下午|中午|晚上|傍晚|早上|凌晨|清晨|午前|午後|오전|오후|[صم]"
    r"|morgens|vorm\.|mittags|nachm\.|abends|nachts)"
)
TIME: Final = (
    rf"(?P<h1>{HALF})?\s?(?P<hour>\d{{1,2}})[:.h](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?"
    rf"(?:\s?(?P<h2>{HALF}))?"
)
_MOMENT: Final = re.compile(rf"{DATE}(?:[,،]?\s+(?:\D{{0,4}}\s)?{TIME}(?:\s?Uhr)?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Moment:
    """The numbers of a date and a time, before their order is known."""

    parts: Parts
    hour: int = 0
    minute: int = 0
    second: int = 0
    half: str = ""
    sign: str = ""
    """What is between the parts."""

    @classmethod
    def of(cls, found: Mapping[str, str | None]) -> Moment:
        half = (found.get("h1") or found.get("h2") or "").lower()
        return cls(
            (int(found["a"] or 0), int(found["b"] or 0), int(found["c"] or 0)),
            int(found.get("hour") or 0),
            int(found.get("minute") or 0),
            int(found.get("second") or 0),
            re.sub(r"[.\s]", "", half),
            (found.get("s") or "").strip(),
        )

    def at(self, order: Order, zone: tzinfo) -> datetime | None:
        """The time in UTC; None where there is no such day or hour."""
        a, b, c = self.parts
        day, month, year = {"dmy": (a, b, c), "mdy": (b, a, c), "ymd": (c, b, a)}[order]
        if year < 100:
            year += 2000 if year < 70 else 1900
        try:
            local = datetime(year, month, day, self._hour(), self.minute, self.second, tzinfo=zone)
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _hour(self) -> int:
        if self.half in _MORNING:
            return 0 if self.hour == 12 else self.hour
        if self.half in _AFTERNOON and self.hour < 12:
            return 0 if self.half == "晚上" and self.hour < 1 else self.hour + 12
        if self.half in _NOON and self.hour < 3:
            return self.hour + 12
        return self.hour


def moment(text: str) -> Moment | None:
    """The date, and the time where there is one, that a text consists of."""
    found = _MOMENT.fullmatch(text.strip())
    return Moment.of(found.groupdict()) if found else None


@dataclass(slots=True)
class OrderVote:
    """Which orders the dates of a file allow, gathered one date at a time."""

    impossible: dict[Order, int] = field(default_factory=lambda: {"dmy": 0, "mdy": 0, "ymd": 0})
    backwards: dict[Order, int] = field(default_factory=lambda: {"dmy": 0, "mdy": 0, "ymd": 0})
    count: int = 0
    halves: int = 0
    slashes: int = 0
    last: dict[Order, datetime] = field(default_factory=dict)

    def add(self, found: Moment) -> None:
        self.count += 1
        self.halves += found.half in ("am", "pm")
        self.slashes += found.sign == "/"
        first_is_year, last_is_year = found.parts[0] > 99, found.parts[2] > 99
        for order in ("dmy", "mdy", "ymd"):
            at = found.at(order, UTC)
            shaped = first_is_year if order == "ymd" else not first_is_year
            if at is None or not shaped or (order == "ymd" and last_is_year):
                self.impossible[order] += 1
                continue
            if order in self.last and at < self.last[order]:
                self.backwards[order] += 1
            self.last[order] = at

    def decide(self) -> tuple[Order, bool]:
        """The order, and whether the dates left no other.

        A few dates that can't be are what people pasted, so the fewest count, not none.
        """
        orders: tuple[Order, ...] = ("dmy", "mdy", "ymd")
        if not self.count:
            return "dmy", True
        fewest = min(self.impossible.values())
        left = [o for o in orders if self.impossible[o] == fewest]
        if len(left) > 1:
            least = min(self.backwards[o] for o in left)
            left = [o for o in left if self.backwards[o] == least]
        if len(left) == 1:
            return left[0], True
        american = self.halves * 2 > self.count and self.slashes * 2 > self.count
        return ("mdy" if american and "mdy" in left else left[0]), False


def order_of(moments: Iterable[Moment]) -> tuple[Order, bool]:
    """The order of some dates, and whether they leave no other."""
    vote = OrderVote()
    for each in moments:
        vote.add(each)
    return vote.decide()
