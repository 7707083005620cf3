"""Quoting: sentences keep the numbers that belong to them."""

from __future__ import annotations

import pytest

from metier.grounding import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("6岁以下儿童不宜服用。", "6岁以下儿童不宜服用。"),
        ("- 2 tablets at most in 24 hours.", "2 tablets at most in 24 hours."),
        ("1. Rest and drink enough water.", "Rest and drink enough water."),
        ("3.5 mg is the highest dose named.", "3.5 mg is the highest dose named."),
        ("2、多喝水，好好休息。", "多喝水，好好休息。"),
    ],
)
def test_list_marks_go_and_numbers_stay(text: str, expected: str) -> None:
    assert list(sentences(text)) == [expected]
