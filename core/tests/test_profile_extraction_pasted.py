"""Texts that are pasted without marks: only the line that asks is the person's own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.model import Turn
from metier.profile import extract
from metier.profile.extraction._pasted import without_pasted

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)


def values(message: str) -> set[str]:
    return {f.value for f in extract(Turn("t", "acme", "s", "d", "c", message, NOW))}


@pytest.mark.parametrize(
    "message",
    [
        "Here's a review I found, is it fake?\n\nI live in Texas and I have a dog. Love it!",
        "Someone on a forum wrote this: I'm 34 and I live with my parents.",
        "Seen on reddit\n\nI have a cat. We live in Ohio.\n\nWhat do you think of her story?",
        "Can you rewrite this so it's polite?\nI hate your restaurant. I'm vegan.",
        "Sentiment please:\n1. I love dogs\n2. I am a nurse",
        "Extract names from: My name is Bolu and we live in Lagos.",
        "Patient note:\n45F, diabetic, allergic to latex.\nWrite a care plan.",
        "Turn this into a haiku - I work in a bakery",
        "Fix punctuation\n\nhello i am from iran i study dentistry",
        "Here's what my daughter wrote for school\nI have a fish. I like pizza.",
        "Can you add commas: I like dogs cats and birds",
        "Hello Martin,\n\nI am allergic to cats, so I can't visit.\n\nBest,\nOla",
        "I am the grass; I cover all. I live by the road.\n\nIs this natural English?",
    ],
)
def test_a_text_that_somebody_wants_something_done_with_is_not_theirs(message: str) -> None:
    assert values(message) == set()


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("I'm a nurse.\n\nTranslate the following\nI live in Lyon.", "nurse"),
        ("I'm vegan.\nCan you give me a dinner idea?", "vegan"),
        (
            "My reviewer wrote:\n> I like short.\n\nI prefer long sentences myself.",
            "long sentences",
        ),
        ("I have a question about my diet.\nI'm lactose intolerant.", "lactose intolerant"),
    ],
)
def test_what_stands_around_a_text_is_read(message: str, value: str) -> None:
    assert value in {v.removesuffix(" myself") for v in values(message)}


@given(st.text(alphabet="aI .:\n>-'my", max_size=200))
def test_what_is_blanked_keeps_its_place(text: str) -> None:
    kept = without_pasted(text, text)
    assert len(kept) == len(text)
    assert all(k in (c, " ") for k, c in zip(kept, text, strict=True))
