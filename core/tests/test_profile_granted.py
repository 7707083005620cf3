"""What a message takes for granted contradicts what is known, and is asked about: end to end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from metier.encoder import detect_language
from metier.model import Fact, Turn
from metier.profile import Contradiction, extract, merge

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def told(*messages: str) -> tuple[tuple[Fact, ...], list[Contradiction]]:
    """The facts after messages three weeks apart, and what was asked."""
    known: tuple[Fact, ...] = ()
    asked: list[Contradiction] = []
    for number, text in enumerate(messages):
        now = START + timedelta(days=20 * number)
        turn = Turn(
            f"t{number}", "t", "me", "x", "c", text, now, detect_language(text), (), known, ()
        )
        merged = merge(known, extract(turn), now)
        known, asked = merged.facts, [*asked, *merged.questions]
    return known, asked


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I'm vegan.", "I had eggs and bacon for breakfast."),
        ("I'm allergic to nuts", "I snack on almonds every afternoon"),
        ("I don't have a car.", "My car needs new tyres, which ones?"),
        ("I don't have children", "I have two boys, 4 and 6"),
        ("I have no siblings", "My older sister lives in Rome"),
        ("I'm single.", "My wife and I are planning a trip"),
        ("I'm retired", "My boss wants me to work on weekends"),
        ("I'm left-handed", "I'm right-handed, which mouse should I buy?"),
        ("I live alone.", "I live with my parents"),
        ("I rent my flat", "I own my flat"),
        ("I don't speak Spanish.", "I speak Spanish fluently"),
        ("I have no allergies", "I'm allergic to peanuts"),
        ("I have two kids", "I have three kids"),
        ("My favourite colour is blue", "My favourite colour is red"),
        ("I was born in Paris", "I was born in Lyon"),
        ("We don't have a dishwasher", "Our dishwasher is leaking"),
        ("I'm diabetic", "I don't have diabetes"),
        ("I'm pregnant", "I'm not pregnant, can I take ibuprofen?"),
        ("I'm allergic to penicillin", "I take amoxicillin every winter and it's fine"),
        ("I'm Muslim.", "I'm a Catholic, when does Lent start?"),
        ("I work nights", "I work nine to five"),
        ("I've never smoked", "I smoke a pipe every evening"),
        ("我有个哥哥", "我是独生子"),
        ("我吃纯素", "我每天早餐都吃鸡蛋培根"),
        ("我对坚果过敏", "我每天下午吃一把杏仁"),
        ("我没有车", "我的车要换轮胎了"),
        ("我没有孩子", "我女儿要上小学了，有什么建议？"),
        ("我是独生女", "我哥哥要结婚了"),
        ("我单身", "我老婆和我打算去旅行"),
        ("我退休了", "我老板让我周末加班"),
        ("我是左撇子", "我是右撇子，该买什么鼠标？"),
        ("我一个人住", "我和爸妈一起住"),
        ("我不会说西班牙语", "我西班牙语说得很流利"),
        ("我没有宠物", "我的狗生病了"),
        ("我滴酒不沾", "我每周五都喝威士忌"),
        ("我有两个孩子", "我有三个孩子"),
        ("我很内向", "我特别外向"),
        ("我不戴眼镜", "我从六岁就戴眼镜"),
    ],
)
def test_what_is_taken_for_granted_is_asked_about(before: str, after: str) -> None:
    assert told(before, after)[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I'm vegan.", "I cook steak for my kids every day"),
        ("I'm vegan", "My husband eats meat every day"),
        ("I'm vegetarian.", "I had a veggie burger yesterday"),
        ("I don't have a car.", "My friend's car broke down"),
        ("I don't have a car", "If my car were electric I'd save money"),
        ("I have no kids.", "My sister's son is four"),
        ("I have no kids.", "We just had a baby, my daughter was born on Monday"),
        ("I'm single.", "My brother's wife is a nurse"),
        ("I'm single", "My ex-wife called me"),
        ("I'm an only child", "My sister-in-law is a nurse"),
        ("I can't swim", "I want to learn to swim"),
        ("I have no pets", "I adopted a cat yesterday"),
        ("I don't drink alcohol", "Is red wine good for the heart?"),
        ("I'm lactose intolerant", "I drink oat milk every day"),
        ("I don't speak French", "I started learning French last month"),
        ("I rent my flat", "I want to own my own house someday"),
        ("I have no garden", "My friend's garden is full of weeds"),
        ("我抽了二十年烟，2018年戒了", "我不抽烟"),
        ("我吃素", "我老公天天吃肉"),
        ("我没有车", "我朋友的车坏了"),
        ("我没有车", "如果我的车是电动的就好了"),
        ("我没有孩子", "我姐姐的儿子四岁"),
        ("我没有孩子", "我女儿上周出生了"),
        ("我单身", "我上个月结婚了，我老婆是西班牙人"),
        ("我是独生女", "我表姐是护士"),
        ("我不会游泳", "我现在在学游泳"),
        ("我没有宠物", "邻居家的狗老叫"),
        ("我不喝酒", "我爸每天晚上喝啤酒"),
        ("我一个人住", "我爸妈周末来看我"),
        ("我是左撇子", "我儿子是右撇子"),
        ("我不会说法语", "我老婆会说法语"),
    ],
)
def test_what_is_of_others_new_or_made_up_is_not_asked_about(before: str, after: str) -> None:
    assert told(before, after)[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "My wife and I are planning a trip", "My car needs new tyres", "我老婆和我打算去旅行",
        "我的狗生病了", "What should I feed my dog?",
    ],
)  # fmt: skip
def test_what_contradicts_nothing_is_no_fact(text: str) -> None:
    assert not [f for f in told(text)[0] if f.provenance.extractor == "core:granted"]


def test_a_private_turn_takes_nothing_for_granted() -> None:
    known, _ = told("I'm single.")
    turn = Turn("t", "t", "me", "x", "c", "My wife snores.", START, "en", (), known, private=True)
    assert extract(turn) == ()
