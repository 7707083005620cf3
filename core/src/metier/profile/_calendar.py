"""The calendar as it is said: what readers of dates share.

Two read dates, for two ends: `extraction._time` when a statement holds, which looks ahead as well
as back and gives up on what no calendar holds; `memory._when` which span a question or a memory
names, which looks back. What a word means to both stands here.
"""

from __future__ import annotations

from datetime import datetime
from types import MappingProxyType
from typing import Final

MONTHS: Final = MappingProxyType({
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sept sep", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
})  # fmt: skip
"""The number of a month, by its English names, in small letters."""
WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
"""As `datetime.weekday` counts them."""


def midnight(moment: datetime) -> datetime:
    """The beginning of the day of a moment, in its time zone."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def carried(year: int, month: int) -> tuple[int, int]:
    """A year and a month of it, 1 to 12, of a month counted on or back: 14 is next February."""
    years, place = divmod(month - 1, 12)
    return year + years, place + 1
