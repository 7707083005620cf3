"""Quoting: what meets a question is quoted, and nothing for a word that is in every question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from metier.grounding import quote, sentences, terms
from metier.model import Passage, Turn

ROSES = (
    Passage("a", "Prune roses when the frosts are over. Feed them well.", "Roses", "X", "Pruning"),
    Passage("b", "严霜过后再修剪月季。剪口在外芽的上方。", "月季", "X", "修剪", language="zh"),
    Passage("c", "Long grass takes more time. Use a sharp blade.", "Lawns", "X", "Mowing"),
)  # fmt: skip


def asked(question: str, language: str = "en") -> list[tuple[str, int]]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    passages = tuple(p for p in ROSES if p.language == language)
    turn = Turn("t", "t", "s", "d", "c", question, now, language, passages=passages)
    return quote(turn)


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


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("When do I prune roses?", "en"),
        ("pruning", "en"),
        ("What is the best time to prune my old roses?", "en"),
        ("月季什么时候修剪？", "zh"),
        ("请问修剪月季要注意什么", "zh"),
    ],
)
def test_a_passage_that_has_what_the_question_is_about_is_quoted(
    question: str, language: str
) -> None:
    first = "Prune roses when the frosts are over." if language == "en" else "严霜过后再修剪月季。"
    assert asked(question, language)[0] == (first, 1)


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("How long does it take to fly to Oslo?", "en"),
        ("How much time do I need to use a sharp turn in chess?", "en"),
        ("Which shampoo is best when hair is dry?", "en"),
        ("When is the best time to buy shares of that company?", "en"),
        ("从罗马到奥斯陆要多长时间？", "zh"),
        ("什么时候买股票最好？", "zh"),
        ("外国人怎么办签证？", "zh"),
    ],
)
def test_a_word_that_carries_nothing_of_the_question_is_no_answer(
    question: str, language: str
) -> None:
    assert asked(question, language) == []


def test_a_sentence_without_a_word_of_the_question_stands_only_below_a_heading_that_has_one() -> (
    None
):
    assert [s for s, _ in asked("When do frosts end?")] == ["Prune roses when the frosts are over."]
    assert len(asked("pruning roses")) == 2


@pytest.mark.parametrize(
    ("question", "heading", "text"),
    [
        ("How long can I keep a book?", "Loans", "Books are lent for 28 days."),
        ("What do I do with a lost card?", "Membership", "Lost cards are replaced at the desk."),
        ("Are boxes left at the door?", "Deliveries", "A box stays at the door for an hour."),
        ("Which cities do you deliver to?", "Places", "A delivery goes to any city."),
        ("Are there movies?", "Films", "A movie is lent for a week."),
        ("How do I apply?", "Joining", "Applying takes five minutes."),
    ],
)
def test_one_and_several_of_a_thing_are_the_same_word(
    question: str, heading: str, text: str
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    passage = Passage("a", text, heading, "X")
    assert quote(Turn("t", "t", "s", "d", "c", question, now, passages=(passage,))) == [(text, 1)]


@pytest.mark.parametrize(
    ("one", "another"), [("bras", "brass"), ("viru", "virus"), ("basi", "basis")]
)
def test_a_word_that_only_ends_like_a_plural_stays_itself(one: str, another: str) -> None:
    assert terms(f"{one} apple") != terms(f"{another} apple")


LENDING = tuple(
    Passage(text, text, title, "X", locator, language="en" if text.isascii() else "zh")
    for title, locator, text in (
        ("借阅与续借", "借期多长",
         "图书借期为28天。影片和游戏借期为7天。每人最多可同时借20件。"),
        ("借阅与续借", "逾期", "儿童图书不收逾期费。其他资料每天收费0.2欧元，每件最多5欧元。"),
        ("开放时间", "开放时间",
         "周一至周五9:00至20:00开放，周六10:00至16:00开放。周日和公共假日闭馆。"),
        ("宠物", "宠物", "狗要拴绳才能进。"),
        ("保养", "保养", "每年换一次油，费用30欧元。链条磨损要换。"),
        ("Brakes", "What it costs", "New pads cost 15 euros a wheel."),
        ("Punctures", "Holes",
         "A hole longer than 5 mm can't be patched. A new tube costs 8 euros."),
        ("Loans", "Borrowing",
         "Books are lent for 28 days. Films are lent for 7 days. "
         "You may borrow 20 items at a time."),
    )
)  # fmt: skip
"""A desk's and a workshop's, in their own words."""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("可以借多少本书？", "每人最多可同时借20件。"),
        ("我能借几本书？", "每人最多可同时借20件。"),
        ("书可以借多久？", "图书借期为28天。影片和游戏借期为7天。"),
        ("书能借几天", "图书借期为28天。影片和游戏借期为7天。"),
        ("逾期要交多少钱？", "儿童图书不收逾期费。其他资料每天收费0.2欧元，每件最多5欧元。"),
        ("周六几点开门？", "周一至周五9:00至20:00开放，周六10:00至16:00开放。"),
        ("星期六几点关门？", "周一至周五9:00至20:00开放，周六10:00至16:00开放。"),
        ("礼拜天开放吗？", "周一至周五9:00至20:00开放，周六10:00至16:00开放。周日和公共假日闭馆。"),
        ("几点闭馆？", "周一至周五9:00至20:00开放，周六10:00至16:00开放。周日和公共假日闭馆。"),
        ("狗能进吗？", "狗要拴绳才能进。"),
        ("多久换一次油？", "每年换一次油，费用30欧元。"),
        ("How many books may I borrow?", "You may borrow 20 items at a time."),
        ("How long may I borrow books?", "Books are lent for 28 days. Films are lent for 7 days."),
        ("How much does a new tube cost?", "A new tube costs 8 euros."),
    ],
)  # fmt: skip
def test_the_quantity_that_is_asked_for_is_quoted_and_the_words_that_ask_are_no_topic(
    question: str, answer: str
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    language = "en" if question.isascii() else "zh"
    passages = tuple(p for p in LENDING if p.language == language)
    quoted = quote(Turn("t", "t", "s", "d", "c", question, now, language, passages=passages))
    between = " " if language == "en" else ""
    assert between.join(s for s, number in quoted if number == quoted[0][1]) == answer


@pytest.mark.parametrize(
    "question",
    ["一共有几个人？", "多久能到？", "去奥斯陆要几个小时？", "猫能活多少年？", "一张票多少钱？",
     "丢了书怎么办？", "How many people live in Oslo?", "How long is a mile?"],
)  # fmt: skip
def test_a_kind_of_answer_alone_is_no_answer(question: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    language = "en" if question.isascii() else "zh"
    passages = tuple(p for p in LENDING if p.language == language)
    assert quote(Turn("t", "t", "s", "d", "c", question, now, language, passages=passages)) == []
