"""An allergy that is over is not noted as one."""

from __future__ import annotations

import pytest

from metier_healthcare._situation import statements


@pytest.mark.parametrize(
    "text",
    [
        "我不再对青霉素过敏了，喉咙痛能吃什么",
        "我对青霉素现在不过敏了",
        "I'm no longer allergic to penicillin, what helps a sore throat?",
        "I used to be allergic to penicillin",
        "I'm not allergic to penicillin any more",
        "I outgrew my penicillin allergy",
    ],
)
def test_an_allergy_that_is_over_is_taken_back_and_nothing_else(text: str) -> None:
    assert [(s.slot, s.retracts) for s in statements(text)] == [("allergy", True)]


@pytest.mark.parametrize(
    "text",
    [
        "我对青霉素过敏，已经停药了",
        "I am allergic to penicillin and stopped taking aspirin",
        "我不再吃阿司匹林，因为我对青霉素过敏",
    ],
)
def test_what_was_stopped_beside_an_allergy_does_not_end_it(text: str) -> None:
    assert ("allergy", False) in {(s.slot, s.retracts) for s in statements(text)}
    assert ("allergy", True) not in {(s.slot, s.retracts) for s in statements(text)}
