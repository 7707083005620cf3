"""Constraints at review: where they break, what is left alone, and the answer without it."""

# ruff: noqa: E501  (answers, one a line)

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import Fact, Provenance
from metier.profile import broken, repaired


def fact(slot: str, value: str, **more: Any) -> Fact:
    category = "health" if slot == "allergy" else "preference"
    more.setdefault("constraint", True)
    return Fact(slot, value, category, 0.9, Provenance("turn", "t"), multiple=True, **more)


def test_a_breach_says_which_fact_where_and_by_what_family() -> None:
    answer = "Try the grilled prawns with rice."
    (breach,) = broken((fact("allergy", "shellfish"),), answer)
    assert answer[breach.start : breach.end] == "prawns"
    assert (breach.reason, breach.member) == ("allergen", "crustacean")


def test_what_is_about_somebody_else_or_taken_back_constrains_nothing() -> None:
    facts = (
        fact("allergy", "shellfish", about="mother"),
        fact("allergy", "shellfish", retracts=True),
    )
    assert broken(facts, "Try the grilled prawns.") == ()


def test_a_diet_that_is_no_constraint_is_not_checked() -> None:
    assert broken((fact("diet", "vegan", constraint=False),), "Try the cheese.") == ()


@pytest.mark.parametrize(
    ("value", "answer", "named"),
    [
        ("eat meat", "Try the ribeye with butter.", "ribeye"),
        ("eat pork", "Order the pulled pork.", "pulled pork"),
        ("drink alcohol", "Have a glass of red wine with it.", "red wine"),
        ("吃肉", "可以试试红烧肉。", "红烧肉"),
        ("喝酒", "晚上来一杯红酒。", "红酒"),
    ],
)
def test_what_is_never_eaten_or_drunk_is_not_suggested(value: str, answer: str, named: str) -> None:
    (breach,) = broken((fact("never", value),), answer)
    assert answer[breach.start : breach.end] == named
    assert broken((fact("never", value),), "Try the grilled aubergine. 可以试试烤茄子。") == ()


def test_several_constraints_are_told_in_the_order_of_the_text() -> None:
    facts = (fact("never", "use emojis"), fact("allergy", "nuts"), fact("diet", "halal"))
    reasons = [b.reason for b in broken(facts, "Add walnuts. Then bacon. Enjoy 🎉")]
    assert reasons == ["allergen", "diet", "never"]


def test_code_and_addresses_are_of_no_language() -> None:
    answer = "可以这样写：`print(hello_world_in_english_words)`，见 https://example.org/a/long/path"
    assert broken((fact("answer_language", "zh"),), answer) == ()


@pytest.mark.parametrize(
    ("slot", "value", "answer", "left"),
    [
        (
            "allergy", "peanuts",
            "Cook the rice first. Add peanut butter to the sauce. It gets thicker. "
            "Cucumber and a squeeze of lime make a side dish.",
            "Cook the rice first. Cucumber and a squeeze of lime make a side dish.",
        ),
        ("allergy", "nuts", "- apples and pears\n- walnuts\n- plums", "- apples and pears\n- plums"),
        ("allergy", "花生", "先煮面。加花生酱。黄瓜丝和青菜切好备用。", "先煮面。黄瓜丝和青菜切好备用。"),
        ("never", "use emojis", "Well done 🎉 and good luck.", "Well done and good luck."),
        ("never", "use exclamation marks", "Well done! Go on.", "Well done. Go on."),
        ("allergy", "peanuts", "Rice with greens.", "Rice with greens."),
    ],
)  # fmt: skip
def test_an_answer_is_mended_by_leaving_out_what_breaks(
    slot: str, value: str, answer: str, left: str
) -> None:
    assert repaired((fact(slot, value),), answer) == left


@pytest.mark.parametrize(
    ("slot", "value", "answer"),
    [
        ("allergy", "peanuts", "Add peanut butter to the sauce."),
        ("allergy", "peanuts", "Eat peanuts, which are cheap and keep for months. Or rice."),
        ("allergy", "nuts", "You could buy:\n- walnuts"),
        ("answer_language", "zh", "This answer is in English from the beginning to its end."),
        ("answer_length", "short", "word " * 300),
    ],
)
def test_what_would_leave_no_answer_is_not_mended(slot: str, value: str, answer: str) -> None:
    assert repaired((fact(slot, value),), answer) is None


SENTENCES = (
    "Cook the rice. ", "Add prawns. ", "Avoid walnuts. ", "Top with cheese! ", "It is good. ",
    "- bacon\n", "- plums\n", "加花生酱。", "不含牛奶。", "来杯红酒。\n", "Well done 🎉 ",
    "Dear Bobby, ", "\n", "Buy:\n", "5 miles. ",
)  # fmt: skip
FACTS = (
    fact("allergy", "shellfish"), fact("allergy", "花生"), fact("diet", "vegan"),
    fact("never", "use emojis"), fact("never", "call me Bobby"), fact("units", "metric"),
    fact("never", "use exclamation marks"), fact("answer_language", "en"),
)  # fmt: skip
answers = st.lists(st.sampled_from(SENTENCES), max_size=8).map("".join) | st.text(max_size=80)


@given(st.sets(st.sampled_from(FACTS)), answers)
@settings(max_examples=150, deadline=None)
def test_every_breach_lies_in_the_answer_and_a_mended_answer_breaks_nothing(
    facts: set[Fact], answer: str
) -> None:
    breaches = broken(tuple(facts), answer)
    for breach in breaches:
        assert 0 <= breach.start < breach.end <= len(answer)
        assert breach.fact in facts
    left = repaired(tuple(facts), answer)
    if not breaches:
        assert left == answer
    elif left is not None:
        assert left and broken(tuple(facts), left) == ()
        assert len(left) < len(answer) + 3


@given(answers)
@settings(max_examples=60, deadline=None)
def test_without_constraints_nothing_is_broken(answer: str) -> None:
    assert broken((), answer) == ()
    assert broken((fact("likes", "tea", constraint=False),), answer) == ()
