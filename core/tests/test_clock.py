"""The time never goes back while metier runs."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from metier._clock import SteadyClock

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_the_time_goes_on_where_the_clock_goes_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    now, ticks = [START], [0.0]
    clock = SteadyClock(lambda: now[0], lambda: ticks[0])
    now[0], ticks[0] = START + timedelta(seconds=10), 10.0
    assert clock() == START + timedelta(seconds=10)
    now[0], ticks[0] = START - timedelta(days=400), 15.0
    assert clock() == START + timedelta(seconds=15)
    assert "went back by" in caplog.text
    now[0], ticks[0] = START - timedelta(days=400) + timedelta(seconds=5), 20.0
    assert clock() == START + timedelta(seconds=20)
    assert caplog.text.count("went back by") == 1
    now[0], ticks[0] = START + timedelta(hours=1), 30.0
    assert clock() == START + timedelta(hours=1)


def test_a_clock_that_is_kept_right_is_nothing_to_tell(caplog: pytest.LogCaptureFixture) -> None:
    now = [START]
    clock = SteadyClock(lambda: now[0], lambda: 0.0)
    now[0] = START - timedelta(milliseconds=20)
    assert clock() == START and not caplog.text
