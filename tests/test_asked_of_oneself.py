"""What a person asks of themselves is told, also where it is what no answer may suggest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from metier import rights
from metier.model import Answer
from metier.pipeline import consent_text
from metier.profile import SLOTS, slot_label

Talk = Callable[..., Any]


@pytest.fixture
async def talk(open_metier: Callable[..., Any]) -> Talk:
    """Says something to the health domain, as somebody who lets their health be remembered."""
    app = await open_metier()
    me = app.request("healthcare", "-").actor
    version = consent_text(app.parts, "health").version
    await rights.consent(
        app.parts, me, None, "health", version, purpose="remember", channel="api", language="en"
    )

    async def say(*messages: str) -> Answer:
        for message in messages:
            answer: Answer = await app.respond(app.request("healthcare", message))
        return answer

    return say


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("I am allergic to penicillin and peanuts.", "What am I allergic to?",
         ("allergy: penicillin", "allergy: peanuts")),
        ("I am allergic to penicillin. I never eat pork.", "What do you know about me?",
         ("allergy: penicillin", "never: eat pork")),
        ("我对青霉素过敏。", "我对什么过敏？", ("过敏：青霉素",)),
        ("我对花生过敏。", "关于我，你知道什么？", ("过敏：花生",)),
        ("I am allergic to shellfish.", "我对什么过敏？", ("过敏：shellfish",)),
    ],
)  # fmt: skip
async def test_what_must_hold_is_told_to_the_person_who_said_it(
    talk: Talk, said: str, asked: str, told: tuple[str, ...]
) -> None:
    answer = await talk(said, asked)
    assert not answer.verdicts
    assert all(each in answer.text for each in told)


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("I am allergic to peanuts.", "Can I have peanut butter?", "allergy: peanuts"),
        (
            "I am allergic to peanuts.",
            "What can my son have with peanut butter?",
            "allergy: peanuts",
        ),
        ("我对花生过敏。", "我可以吃花生酱吗？", "过敏：花生"),
    ],
)
async def test_who_asks_for_what_they_told_to_leave_out_is_reminded(
    talk: Talk, said: str, asked: str, told: str
) -> None:
    assert told in (await talk(said, asked)).text
    assert told not in (await talk("What is a good name for a cat?")).text


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("My sister works in Paris and my exam is on 12 May.", "When is my exam?", "12 May"),
        ("我的钢琴考试在五月十二日。", "我的钢琴考试是哪天？", "五月十二日"),
    ],
)
async def test_what_was_said_of_a_thing_of_ones_own_is_found_when_asked_for(
    open_metier: Callable[..., Any], said: str, asked: str, told: str
) -> None:
    app = await open_metier()
    for message in (asked, said, asked):
        answer = await app.respond(app.request("education", message))
    assert told in answer.text and f"“{asked}”" not in answer.text
    stranger = await app.respond(app.request("education", asked, subject="somebody"))
    assert told not in stranger.text


def test_every_slot_of_the_core_has_a_name_in_chinese() -> None:
    assert [slot for slot in SLOTS if slot_label(slot, "zh").isascii()] == []


@pytest.mark.parametrize(
    ("said", "asked", "told"),
    [
        ("My name is Ada Lovell.", "What do you know about me?", "may use here"),
        ("我叫王小明。", "关于我，你知道什么？", "在这里可以使用"),
    ],
)
async def test_who_told_another_domain_is_not_told_that_nothing_is_known(
    open_metier: Callable[..., Any], said: str, asked: str, told: str
) -> None:
    app = await open_metier()
    await app.respond(app.request("education", said))
    answer = await app.respond(app.request("support", asked))
    assert "Ada" not in answer.text and "王小明" not in answer.text
    assert told in answer.text
