"""Disguised values are hidden; what only looks like one is left alone."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from metier.evaluation.privacy.adversarial import (
    CLASSES,
    Outcome,
    benign,
    cases,
    caught,
    flagged,
    outcomes,
)
from metier.model import Message, Role
from metier.privacy import Detector, Scrubber

LEAST_CAUGHT, MOST_FLAGGED = 0.90, 0.05


@cache
def detector() -> Detector:
    return Detector()


@cache
def results() -> tuple[Outcome, ...]:
    return tuple(outcomes(detector()))


def rate(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_the_set_has_twelve_classes_of_twelve_cases_in_two_languages_and_two_halves() -> None:
    counts = Counter((c.kind, c.language) for c in cases())
    assert len(CLASSES) >= 12
    assert all(counts[kind, language] >= 12 for kind in CLASSES for language in ("en", "zh"))
    held = sum(c.held_back for c in cases())
    assert 0.4 < held / len(cases()) < 0.6
    assert len(benign()) == len(set(benign())) >= 100


def test_a_case_marks_its_value_and_is_the_same_every_time() -> None:
    for case in cases():
        assert len(case.messages) == len(case.spans)
        for text, (start, end) in zip(case.messages, case.spans, strict=True):
            assert 0 <= start < end <= len(text) and "⟦" not in text and "⟧" not in text


def test_nine_of_ten_disguised_values_are_hidden() -> None:
    assert rate([o.caught for o in results()]) >= LEAST_CAUGHT


def test_the_half_held_back_is_hidden_as_well() -> None:
    assert rate([o.caught for o in results() if o.case.held_back]) >= LEAST_CAUGHT - 0.02


def test_benign_texts_are_left_alone() -> None:
    assert len(flagged(detector().certain)) <= MOST_FLAGGED * len(benign())


def test_a_detector_that_finds_nothing_catches_nothing() -> None:
    blind = Detector([])
    assert not any(caught(case, blind) for case in cases()[::7])


@pytest.mark.parametrize("kind", sorted(set(CLASSES) - {"turns", "reversed", "rot13"}))
def test_a_disguise_is_hidden_whole_and_comes_back_as_it_was(kind: str) -> None:
    found = [o.case for o in results() if o.case.kind == kind and o.caught]
    for case in found[:6]:
        scrubber = Scrubber(detector())
        (text,), ((start, end),) = case.messages, case.spans
        hidden = scrubber.hide(text)
        assert text[start:end] not in hidden
        assert scrubber.restore(hidden) == text
    assert len(found) >= 20


def said(*texts: str) -> list[Message]:
    return [
        Message(Role.ASSISTANT if place % 2 else Role.USER, text)
        for place, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    "texts",
    [
        ("I have 3 cats and 120 books", "ok", "200 of them are novels"),
        ("The answer is 4150", "right", "25 more to go"),
        ("版本是 2024", "好的", "100 个测试通过"),
    ],
)
def test_numbers_of_two_messages_that_are_no_identifier_stay(texts: tuple[str, ...]) -> None:
    hidden = Scrubber(detector()).hide_messages(said(*texts))
    assert [m.content for m in hidden] == list(texts)


@pytest.mark.parametrize(
    "texts",
    [
        ("My card is 4111 1111", "And the rest?", "1111 1111"),
        ("我的手机号前面是1380013", "好的，后面呢？", "后面是8000"),
    ],
)
def test_a_value_split_over_two_messages_is_hidden_in_both(texts: tuple[str, ...]) -> None:
    hidden = Scrubber(detector()).hide_messages(said(*texts))
    assert all(m.content != t for m, t in zip(hidden[::2], texts[::2], strict=True))
