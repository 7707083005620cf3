"""Times that texts name, in English and Chinese, as seen from when they were said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.profile.memory._when import covered, times

NOW = datetime(2026, 6, 17, 15, 0, tzinfo=UTC)  # a Wednesday


def days(text: str, now: datetime = NOW) -> list[tuple[date, date]]:
    """First and last day of every time in a text."""
    return [
        (
            datetime.fromtimestamp(when.begin, now.tzinfo).date(),
            datetime.fromtimestamp(when.end - 1, now.tzinfo).date(),
        )
        for when in times(text, now)
    ]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("yesterday", "2026-06-16", "2026-06-16"),
        ("the day before yesterday", "2026-06-15", "2026-06-15"),
        ("last week", "2026-06-08", "2026-06-14"),
        ("this week", "2026-06-15", "2026-06-21"),
        ("last weekend", "2026-06-13", "2026-06-14"),
        ("last month", "2026-05-01", "2026-05-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("last Friday", "2026-06-12", "2026-06-12"),
        ("last Wednesday", "2026-06-10", "2026-06-10"),
        ("on Monday", "2026-06-15", "2026-06-15"),
        ("in May", "2026-05-01", "2026-05-31"),
        ("in July", "2025-07-01", "2025-07-31"),
        ("in may 2024", "2024-05-01", "2024-05-31"),
        ("on 7 May 2023", "2023-05-07", "2023-05-07"),
        ("on May 7th, 2023", "2023-05-07", "2023-05-07"),
        ("May 7", "2026-05-07", "2026-05-07"),
        ("2026-02-03", "2026-02-03", "2026-02-03"),
        ("in 2022", "2022-01-01", "2022-12-31"),
        ("two days ago", "2026-06-15", "2026-06-15"),
        ("a week ago", "2026-06-06", "2026-06-13"),
        ("three months ago", "2026-03-01", "2026-03-31"),
        ("2 years ago", "2024-01-01", "2024-12-31"),
        ("the last three days", "2026-06-14", "2026-06-17"),
        ("last summer", "2025-06-01", "2025-08-31"),
        ("昨天", "2026-06-16", "2026-06-16"),
        ("前天", "2026-06-15", "2026-06-15"),
        ("上周", "2026-06-08", "2026-06-14"),
        ("上个星期五", "2026-06-12", "2026-06-12"),
        ("上上周", "2026-06-01", "2026-06-07"),
        ("上个月", "2026-05-01", "2026-05-31"),
        ("去年", "2025-01-01", "2025-12-31"),
        ("去年十月", "2025-10-01", "2025-10-31"),
        ("五月", "2026-05-01", "2026-05-31"),
        ("五月份", "2026-05-01", "2026-05-31"),
        ("十二月", "2025-12-01", "2025-12-31"),
        ("2023年5月7日", "2023-05-07", "2023-05-07"),
        ("5月7号", "2026-05-07", "2026-05-07"),
        ("三天前", "2026-06-14", "2026-06-14"),
        ("两个月前", "2026-04-01", "2026-04-30"),
        ("两周前", "2026-05-30", "2026-06-06"),
        ("最近三天", "2026-06-14", "2026-06-17"),
    ],
)
def test_a_time_is_read(text: str, first: str, last: str) -> None:
    assert days(f"What was it {text}?" if text.isascii() else f"我{text}说了什么") == [
        (date.fromisoformat(first), date.fromisoformat(last))
    ]


@pytest.mark.parametrize(
    "text",
    [
        "May I ask something?", "It may rain, and we march on.", "I have 2022 euros.", "一个月",
        "三个月", "on 31 February 2024", "in the year 10000", "Mark a date", "他在上面",
    ],
)  # fmt: skip
def test_what_names_no_time_is_left_alone(text: str) -> None:
    assert times(text, NOW) == ()


def test_a_day_is_one_of_the_asker_s_time_zone() -> None:
    shanghai = timezone(timedelta(hours=8))
    (when,) = times("今天", datetime(2026, 6, 18, 1, 0, tzinfo=shanghai))
    assert datetime.fromtimestamp(when.begin, UTC) == datetime(2026, 6, 17, 16, 0, tzinfo=UTC)


def test_a_leap_day_has_no_day_a_year_before() -> None:
    leap = datetime(2024, 2, 29, tzinfo=UTC)
    assert days("last year", leap) == [(date(2023, 1, 1), date(2023, 12, 31))]
    assert days("last month", datetime(2024, 3, 31, tzinfo=UTC)) == [
        (date(2024, 2, 1), date(2024, 2, 29))
    ]


def test_words_of_a_time_are_no_words_of_the_question() -> None:
    text = "What did I paint last week?"
    assert covered(text, times(text, NOW)).split() == ["What", "did", "I", "paint", "?"]


@given(st.text(max_size=300), st.datetimes(timezones=st.just(UTC)))
def test_any_text_at_any_time_is_read(text: str, now: datetime) -> None:
    for when in times(text, now):
        assert when.begin < when.end and 0 <= when.place[0] < when.place[1] <= len(text)


@given(st.sampled_from(["last year", "in 9999", "前年", "9 weeks ago", "last winter"]))
def test_the_ends_of_the_calendar_are_no_failure(text: str) -> None:
    for now in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        times(text, now)
