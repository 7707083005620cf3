"""Moments that can always be compared, whatever a message or an import says."""

from __future__ import annotations

from datetime import UTC, datetime

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


def utc(moment: datetime) -> datetime:
    """The moment in UTC; a naive one is taken to be UTC, one off the calendar its edge."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year < 5000 else _LAST


def maybe(moment: datetime | None) -> datetime | None:
    """`utc` of a moment that may be unknown."""
    return None if moment is None else utc(moment)
