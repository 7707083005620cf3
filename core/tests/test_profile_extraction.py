"""Extraction: what counts as a statement of the person's, and what becomes of it."""

# ruff: noqa: E501  (a table of fragments)
from __future__ import annotations

from datetime import UTC, datetime

import pytest
from extraction_kit import table
from hypothesis import example, given, settings
from hypothesis import strategies as st

from metier.model import Fact, Message, Role, Turn
from metier.profile import SLOTS, extract
from metier.profile.extraction import _extract
from metier.profile.extraction._hints_table import NEEDED

NOW = datetime(2026, 3, 18, 10, tzinfo=UTC)  # a Wednesday


def facts(message: str, *earlier: str) -> tuple[Fact, ...]:
    history = tuple(Message(Role.USER, text) for text in earlier)
    return extract(Turn("t", "acme", "s", "d", "c", message, NOW, history=history))


def own(message: str, *earlier: str) -> set[tuple[str, str]]:
    found = facts(message, *earlier)
    return {(f.slot, f.value) for f in found if not f.about and not f.retracts}


@pytest.mark.parametrize(
    ("message", "slot", "value"),
    [
        ("I strictly avoid hotels near airports.", "avoids", "hotels near airports"),
        ("I'm not a big fan of jazz", "dislikes", "jazz"),
        ("I refuse to work weekends", "never", "work weekends"),
        ("I only read hardcover books", "only", "read hardcover books"),
        ("As I said before, I can't stand drum solos.", "dislikes", "drum solos"),
        ("Please call me Late.", "name", "Late"),
        ("my pronouns are they/them", "pronouns", "they/them"),
        ("I use a screen reader.", "accessibility", "screen reader"),
        ("We have a dog named Rex", "pet", "a dog named Rex"),
        ("I work as a paralegal at Smith & Co", "occupation", "paralegal"),
        ("我从不吃香菜。", "never", "吃香菜"),
        ("我更喜欢安静的酒店", "preference", "安静的酒店"),
        ("我是左撇子", "habit", "左撇子"),
        ("我在学荷兰语", "activity", "学荷兰语"),
    ],
)
def test_what_is_stated_becomes_a_fact_in_the_persons_own_words(
    message: str, slot: str, value: str
) -> None:
    assert (slot, value) in own(message)


@pytest.mark.parametrize(
    "message",
    [
        "Maybe I'm allergic to cats.",
        "I wish I were vegan",
        "Imagine I live in Oslo. I love the cold. What should I pack?",
        "My friend says I'm allergic to nuts",
        "Should I avoid gluten?",
        "Translate into French: I love peanuts and I live in Rome.",
        "Write me an email saying that I hate mornings",
        "如果我对花生过敏怎么办",
        "我可能对芒果过敏",
        "朋友说我对花生过敏",
        "翻译一下：我住在北京，我喜欢猫",
        "下面是课文：\n我叫安娜。我喜欢游泳。",
    ],
)
def test_doubts_conditions_questions_reports_and_texts_state_nothing(message: str) -> None:
    assert facts(message) == ()


@pytest.mark.parametrize(
    ("message", "slot", "about"),
    [
        ("My mother is diabetic", "condition", "mother"),
        ("My son can't stand broccoli", "dislikes", "son"),
        ("我妈妈对青霉素过敏", "allergy", "妈妈"),
        ("我女儿不喜欢吃胡萝卜", "dislikes", "女儿"),
    ],
)
def test_what_is_said_of_others_is_about_them_and_binds_no_answer(
    message: str, slot: str, about: str
) -> None:
    found = facts(message)
    assert {(f.slot, f.about) for f in found} == {(slot, about)}
    assert not any(f.constraint for f in found)


@pytest.mark.parametrize(
    "message",
    [
        "I never eat pork",
        "I strictly avoid lifts",
        "I can't eat gluten",
        "我绝对不坐飞机",
        "我只吃素",
    ],
)
def test_strong_words_make_a_constraint(message: str) -> None:
    assert any(f.constraint for f in facts(message))


def test_a_preference_is_kept_apart_from_the_illness_that_is_its_reason() -> None:
    found = {f.slot: f for f in facts("I avoid lifts due to chronic knee issues.")}
    assert (found["avoids"].value, found["avoids"].category) == ("lifts", "preference")
    assert found["condition"].category == "health"


@pytest.mark.parametrize(
    ("earlier", "message", "slot", "value"),
    [
        ("I live in Lisbon.", "No, actually, it's Porto", "home", "Porto"),
        ("I'm preparing for the B1 exam", "not the B1 exam, the B2 exam", "goal", "B2 exam"),
        ("我住在苏州", "说错了，是常州", "home", "常州"),
        ("我在准备雅思", "不是雅思，是托福", "goal", "托福"),
    ],
)
def test_a_correction_that_leaves_its_subject_out_means_what_was_said_last(
    earlier: str, message: str, slot: str, value: str
) -> None:
    assert [
        (f.slot, f.value) for f in facts(message, earlier) if f.corrects and not f.retracts
    ] == [(slot, value)]


def test_what_was_said_before_a_slip_in_the_same_message_is_not_believed() -> None:
    assert own("I'm vegan, no wait, I mean I'm pescatarian") == {("diet", "pescatarian")}


def test_scratch_that_takes_back_what_was_said_last() -> None:
    (fact,) = facts("Scratch that.", "I live in Lyon.")
    assert (fact.slot, fact.value, fact.retracts) == ("home", "Lyon", True)


@pytest.mark.parametrize(
    ("message", "begins", "ends"),
    [
        ("I've lived in Porto since May 2024", "2024-05-01", None),
        ("I moved to Porto last year", "2025-01-01", None),
        ("This week I'm avoiding dairy", None, "2026-03-23"),
        ("I'm vegan until Friday", None, "2026-03-21"),
        ("我去年搬到南京了", "2025-01-01", None),
        ("我从2018年起就住在青岛", "2018-01-01", None),
        ("I'm vegan until 10000-01-01", None, None),
    ],
)
def test_dates_are_read_relative_to_the_message(
    message: str, begins: str | None, ends: str | None
) -> None:
    fact = facts(message)[-1]
    assert (str(fact.valid_from)[:10] if fact.valid_from else None) == begins
    assert (str(fact.valid_to)[:10] if fact.valid_to else None) == ends
    assert all(t is None or t.tzinfo is UTC for t in (fact.valid_from, fact.valid_to))


_PIECES = st.lists(
    st.sampled_from(
        [
            "I ", "I'm ", "my mother ", "allergic to nuts", "avoid ", "live in Porto", " since ", "99999年", "until 10000-01-01",
            "no, actually, it's Rome", "scratch that", "我", "对花生过敏", "喜欢", "不", "，", "。", ". ", ", ", "\n", '"', "“", "”", ">", "```",
            "called Rex", " not ", "5月99号", "a couple of years ago", "\u200b", "é", "😀", ":", "()", "call me Late", "is my goal",
        ]
    ),
    max_size=14,
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), _PIECES.map("".join)))
@settings(deadline=None, max_examples=300)
@example(")?")
@example("?!;")
def test_any_text_is_read_and_every_span_lies_in_the_message(text: str) -> None:
    for fact in facts(text, "I live in Lisbon and I avoid nuts."):
        start, end = fact.provenance.start, fact.provenance.end
        assert start is not None and end is not None
        assert 0 <= start <= end <= len(text)


@given(st.sampled_from(["I'm allergic to nuts", "I live in Porto", "我对花生过敏", "我住在上海"]))
def test_nothing_is_learnt_from_what_is_quoted(said: str) -> None:
    for quoted in (f'"{said}"', f"“{said}”", f"「{said}」", f"> {said}", f"```\n{said}\n```"):
        assert facts(f"What does this mean?\n{quoted}") == ()


def test_a_long_message_is_a_document() -> None:
    assert facts("I'm allergic to nuts. " * 50_000) == ()


def test_the_table_of_needed_letters_is_what_the_patterns_need() -> None:
    assert table() == NEEDED
    assert len({rule.name for rule in _extract.RULES}) == len(_extract.RULES)


def test_every_slot_has_a_category() -> None:
    assert {SLOTS[s] for s in ("allergy", "home", "diet", "likes")} == {
        "health", "contact", "preference",
    }  # fmt: skip


@pytest.mark.parametrize(
    "message",
    ["I am Algerian.", "I'm Tamil", "I am South African", "I am Roman Catholic", "I'm Somali.",
     "我是藏族", "我是佛教徒", "我是汉族"],
)  # fmt: skip
def test_a_people_or_a_faith_is_no_name(message: str) -> None:
    assert not [f for f in facts(message) if f.slot == "name"]


@pytest.mark.parametrize("message", ["I am Wilhelmina Featherstone.", "我是王小明", "我叫春生"])
def test_who_says_their_name_is_understood(message: str) -> None:
    assert [f.value for f in facts(message) if f.slot == "name"]


@pytest.mark.parametrize("message", ["Please call me Late.", "请叫我小王"])
def test_how_somebody_wants_to_be_called_counts_from_now_on(message: str) -> None:
    (name,) = [f for f in facts(message) if f.slot == "name"]
    assert name.valid_from == NOW


def test_what_is_never_wanted_must_hold() -> None:
    (found,) = facts("I never want emojis in my texts.")
    assert found.constraint and "emojis" in found.value
