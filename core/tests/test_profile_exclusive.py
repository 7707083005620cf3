"""What is one thing, what is a kind of it, and what can't both be true: English and Chinese."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import Fact, Provenance
from metier.profile import Merge, current, identified, merge
from metier.profile._exclusive import _topics, excludes, why_not_both
from metier.profile._fold import fold
from metier.profile._same import _names, sense, within

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
MANY = {
    "likes", "dislikes", "allergy", "intolerance", "diet", "never", "habit", "pet", "family",
    "condition", "medicine", "possession", "speaks",
}  # fmt: skip
HOLDS = {"allergy", "intolerance", "diet", "never", "condition"}
HEALTH = {"allergy", "intolerance", "condition", "medicine"}


def fact(slot: str, value: str, **more: Any) -> Fact:
    source = more.pop("source", "turn")
    more.setdefault("multiple", slot in MANY)
    more.setdefault("constraint", slot in HOLDS)
    category = "health" if slot in HEALTH else "preference"
    return Fact(slot, value, category, 0.8, Provenance(source, "core:x"), **more)


def told(*facts: Fact) -> tuple[Merge, Merge]:
    """The facts, a day apart, each in a message of its own: the last merge, and the one before."""
    before = last = Merge((), (), ())
    for number, each in enumerate(facts):
        turn = f"turn-{number}" if each.provenance.source == "turn" else None
        said = replace(each, provenance=replace(each.provenance, turn=turn))
        before, last = last, merge(last.facts, identified([said]), START + number * DAY)
    return last, before


def values(merged: Merge) -> list[str]:
    return [f.value for f in current(merged.facts, START + 300 * DAY)]


# --- one thing ------------------------------------------------------------------------------

NUMBERED = [
    ("Flat {}", "home"), ("{} High Street", "home"), ("Flat {}, 5 High Street", "home"),
    ("School No. {}", "school"), ("type {} diabetes", "condition"), ("B{}", "level"),
    ("{}型糖尿病", "condition"), ("Python {}", "likes"), ("第{}中学", "school"), ("{}号楼", "home"),
    ("Windows {}", "possession"), ("size {}", "shoe_size"), ("{} km", "goal"), ("-{}", "likes"),
    ("Plan {}.5", "goal"), ("Unit {}A", "home"), ("{}岁", "age"), ("Area {}", "employer"),
]  # fmt: skip


@given(st.sampled_from(NUMBERED), st.integers(0, 2000), st.integers(0, 2000))
@settings(max_examples=150, deadline=None)
def test_values_whose_numbers_differ_are_never_one(
    shape: tuple[str, str], one: int, other: int
) -> None:
    text, slot = shape
    first, second = text.format(one), text.format(other)
    assert (fold(first) == fold(second)) == (one == other)
    done, _ = told(fact(slot, first), fact(slot, second))
    assert (max(f.times for f in done.facts) == 2) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Flat A", "Flat B"), ("Flat 7", "Flat A"), ("vitamin A", "vitamins"), ("-5", "5"),
        ("50%", "50"), ("$5", "€5"), ("1.5", "1/5"), ("O-", "O+"), ("A-", "A+"), ("O-", "O"),
        ("5 km", "5 miles"), ("一中", "二中"), ("1型", "2型"), ("Plan A", "Plan"), ("C", "C#"),
        ("type I diabetes", "type II diabetes"), ("v1.10", "v1.1"), ("1,500", "1.500"),
        ("<18", ">18"), ("三楼", "四楼"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("slot", ["home", "employer", "likes", "plan"])
def test_what_a_letter_a_sign_or_a_unit_tells_apart_is_never_one(
    slot: str, one: str, other: str
) -> None:
    done, _ = told(fact(slot, one), fact(slot, other))
    assert max(f.times for f in done.facts) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,500 m", "1500 m"), ("type 2 diabetes", "type II diabetes"), ("二型糖尿病", "2型糖尿病"),
        ("flat a", "Flat A"), ("a dog", "the dog"), ("High Street", "high street"),
    ],
)  # fmt: skip
def test_two_ways_to_write_a_number_or_a_letter_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("english", "chinese", "slot"),
    [
        ("penicillin", "青霉素", "allergy"), ("peanuts", "花生", "allergy"),
        ("warfarin", "华法林", "medicine"), ("type 2 diabetes", "二型糖尿病", "condition"),
        ("hypertension", "高血压", "condition"), ("coffee", "咖啡", "likes"),
        ("vegetarian", "吃素", "diet"), ("Paris", "巴黎", "home"), ("running", "跑步", "likes"),
        ("French", "法语", "speaks"), ("cats", "猫", "pet"),
    ],
)  # fmt: skip
def test_a_thing_named_in_two_languages_is_one_fact(english: str, chinese: str, slot: str) -> None:
    for pair in ((english, chinese), (chinese, english)):
        done, _ = told(*(fact(slot, value) for value in pair))
        (known,) = done.facts
        assert (known.value, known.times, done.questions) == (pair[0], 2, ())
        gone, _ = told(
            fact(slot, pair[0]), fact(slot, pair[1], retracts=True, valid_from=START + DAY)
        )
        assert values(gone) == []


def test_every_name_stands_in_one_line_of_its_table() -> None:
    groups = set(_names().values())
    keys = [name for group in groups for name in group]
    assert len(keys) == len(set(keys)) and all(keys)
    for group in groups:
        assert len({sense(name) for name in group}) == 1


# --- a kind of it ---------------------------------------------------------------------------

WITHIN = [
    ("type 2 diabetes", "diabetes"), ("二型糖尿病", "糖尿病"), ("2型糖尿病", "diabetes"),
    ("type 1 diabetes", "糖尿病"), ("warfarin 5 mg", "warfarin"), ("华法林5毫克", "华法林"),
    ("seasonal pollen", "pollen"), ("diabetes mellitus", "diabetes"), ("慢性肾病", "肾病"),
]  # fmt: skip


@pytest.mark.parametrize(("narrow", "wide"), WITHIN)
def test_a_kind_is_within_the_whole_and_not_the_other_way_round(narrow: str, wide: str) -> None:
    assert within(narrow, wide) and not within(wide, narrow)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("prediabetes", "diabetes"), ("pre-diabetes", "diabetes"), ("糖尿病前期", "糖尿病"),
        ("非糖尿病", "糖尿病"), ("no diabetes", "diabetes"), ("diabetes clinic", "diabetes"),
        ("tea with milk", "tea"), ("type 2 diabetes", "type 1 diabetes"), ("", "tea"),
        ("tea", ""),
    ],
)  # fmt: skip
def test_what_only_shares_a_word_is_no_kind(narrow: str, wide: str) -> None:
    assert not within(narrow, wide)


@pytest.mark.parametrize(("narrow", "wide"), WITHIN)
def test_a_retraction_covers_what_is_narrower_and_leaves_what_is_wider(
    narrow: str, wide: str
) -> None:
    gone, _ = told(fact("condition", narrow), fact("condition", wide, retracts=True, corrects=True))
    assert values(gone) == []
    kept, _ = told(fact("condition", wide), fact("condition", narrow, retracts=True, corrects=True))
    assert values(kept) == [wide]


@pytest.mark.parametrize(("narrow", "wide"), WITHIN[:2])
def test_denying_the_whole_of_a_condition_without_a_word_of_change_is_asked_about(
    narrow: str, wide: str
) -> None:
    done, _ = told(fact("condition", narrow), fact("condition", wide, retracts=True))
    assert [q.reason for q in done.questions] == ["safety"]
    assert values(done) == [narrow]


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [("shrimp", "seafood"), ("虾", "海鲜"), ("杏仁", "坚果"), ("cheese", "milk")],
)
def test_an_allergy_to_a_family_that_has_gone_has_gone_for_its_kinds(
    narrow: str, wide: str
) -> None:
    gone, _ = told(fact("allergy", narrow), fact("allergy", wide, retracts=True, corrects=True))
    assert values(gone) == []


def test_no_longer_liking_milk_says_nothing_of_cheese() -> None:
    kept, _ = told(fact("likes", "cheese"), fact("likes", "milk", retracts=True, corrects=True))
    assert values(kept) == ["cheese"]


# --- not both -------------------------------------------------------------------------------

PAIRS = [
    # Two statements in English, and the same two in Chinese, as extraction gives them.
    ("diet", "vegan", "habit", "eat steak twice a week",
     "diet", "纯素食者", "habit", "每周吃两次牛排"),
    ("diet", "vegetarian", "likes", "ribeye", "diet", "素", "likes", "吃红烧肉"),
    ("never", "eat meat", "habit", "eat chicken every day",
     "never", "吃肉", "habit", "每天吃鸡腿"),
    ("diet", "vegan", "habit", "have cheese on everything", "diet", "纯素", "likes", "奶酪"),
    ("intolerance", "lactose", "habit", "drink milk every morning",
     "intolerance", "乳糖", "habit", "每天早上喝牛奶"),
    ("diet", "teetotal", "likes", "red wine", "never", "喝酒", "likes", "红酒"),
    ("never", "drink alcohol", "habit", "have a beer after work",
     "never", "喝酒", "habit", "下班喝啤酒"),
    ("allergy", "shellfish", "habit", "eat shrimp all the time",
     "allergy", "海鲜", "habit", "经常吃虾"),
    ("allergy", "peanuts", "likes", "peanut butter", "allergy", "花生", "likes", "花生酱"),
    ("family", "only child", "family", "two sisters",
     "family", "独生子女", "family", "两个姐姐"),
    ("family", "no kids", "family", "a son", "family", "没有孩子", "family", "一个儿子"),
    ("marital_status", "single", "family", "a wife", "marital_status", "单身", "family", "老婆"),
    ("marital_status", "single", "marital_status", "married",
     "marital_status", "单身", "marital_status", "已婚"),
    ("occupation", "retired", "occupation", "nurse", "occupation", "退休", "occupation", "护士"),
    ("occupation", "unemployed", "employer", "Siemens",
     "occupation", "失业", "employer", "西门子"),
    ("pet", "no pets", "pet", "two cats", "pet", "没养宠物", "pet", "两只猫"),
    ("possession", "no car", "possession", "a Honda",
     "possession", "没有车", "possession", "一辆本田"),
    ("never", "smoke", "habit", "smoke a pack a day", "never", "抽烟", "habit", "每天抽一包烟"),
    ("ability", "can't swim", "habit", "swim every morning",
     "ability", "不会游泳", "habit", "每天早上游泳"),
    ("accessibility", "left-handed", "habit", "right-handed",
     "habit", "左撇子", "habit", "惯用右手"),
    ("religion", "an atheist", "religion", "a Catholic",
     "religion", "无神论者", "religion", "天主教徒"),
    ("age", "34", "birthday", "1970", "age", "34岁", "birthday", "1970年"),
    ("age", "34", "age", "29", "age", "三十四", "age", "二十九"),
    ("birthday", "1990", "birthday", "1979", "birthday", "1990年", "birthday", "1979年"),
    ("birthday", "3 August 1995", "birthday", "8 March 1995",
     "birthday", "1995年8月3号", "birthday", "1995年3月8号"),
    ("condition", "type 1 diabetes", "condition", "type 2 diabetes",
     "condition", "一型糖尿病", "condition", "二型糖尿病"),
    ("likes", "olives", "dislikes", "olives", "likes", "橄榄", "dislikes", "橄榄"),
]  # fmt: skip
IDS = [f"{p[1]}-{p[3]}" for p in PAIRS]


def both(pair: tuple[str, ...]) -> tuple[tuple[Fact, Fact], tuple[Fact, Fact]]:
    a, b, c, d, e, f, g, h = pair
    return (fact(a, b), fact(c, d)), (fact(e, f), fact(g, h))


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
@pytest.mark.parametrize("order", [1, -1])
def test_what_cannot_both_be_true_is_asked_about_once_in_either_language(
    pair: tuple[str, ...], order: int
) -> None:
    for facts in both(pair):
        done, _ = told(*facts[::order])
        assert len(done.questions) == 1, facts
        asked = done.questions[0]
        again = merge(done.facts, identified([replace(asked.new)]), START + 2 * DAY)
        assert again.questions == ()
        for language, mark in (("en", "?"), ("zh", "？")):
            text = asked.question(language)
            assert mark in text and asked.was in text
            for value in sorted((asked.was, asked.new.value), key=len, reverse=True):
                text = text.replace(value, "")
            assert bool(re.search("[一-鿿]", text)) == (language == "zh")


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_a_statement_about_somebody_else_contradicts_nothing(pair: tuple[str, ...]) -> None:
    for first, second in both(pair):
        friend = replace(second, about="friend")
        assert told(first, friend)[0].questions == ()


@pytest.mark.parametrize("pair", PAIRS, ids=IDS)
def test_what_holds_for_a_time_contradicts_nothing_that_lasts(pair: tuple[str, ...]) -> None:
    for first, second in both(pair):
        passing = replace(second, valid_to=START + 30 * DAY)
        assert told(first, passing)[0].questions == ()


LASTING = {"diet", "allergy", "intolerance", "condition", "never", "age"}
"""What is not over because something else is new, and how old somebody is."""
CHANGING = [p for p in PAIRS if p[0] not in LASTING]


@pytest.mark.parametrize("pair", CHANGING, ids=[f"{p[1]}-{p[3]}" for p in CHANGING])
def test_a_word_of_change_ends_the_old_one_without_a_question(pair: tuple[str, ...]) -> None:
    for first, second in both(pair):
        done, _ = told(first, replace(second, valid_from=START + DAY))
        assert (done.questions, [f.value for f in done.facts]) == ((), [second.value])
        assert [f.value for f in done.ended] == [first.value]


@pytest.mark.parametrize("value", ["no kids", "没有孩子", "no pets", "没养宠物"])
def test_what_is_denied_twice_is_one_denial(value: str) -> None:
    denial = fact("family", value)
    done, _ = told(denial, replace(denial, valid_from=START + DAY))
    assert [f.value for f in done.facts] == [value] and not done.ended and not done.questions


TRANSLATED = st.sampled_from(PAIRS)
HOW = st.fixed_dictionaries(
    {
        "corrects": st.booleans(),
        "retracts": st.booleans(),
        "valid_from": st.sampled_from([None, START - 900 * DAY, START + DAY]),
        "valid_to": st.sampled_from([None, None, START + 40 * DAY]),
    }
)


@given(TRANSLATED, TRANSLATED, HOW, HOW, st.booleans())
@settings(max_examples=200, deadline=None)
def test_english_and_chinese_are_merged_alike(
    one: tuple[str, ...], other: tuple[str, ...], how: dict[str, Any], how2: dict[str, Any],
    mine: bool,
) -> None:  # fmt: skip
    """The same story in either language: as many facts, questions and ends, of the same slots."""
    outcomes = []
    for language in (0, 1):
        first, second = both(one)[language]
        third = both(other)[language][mine]
        if {f.slot for f in both(one)[0]} != {f.slot for f in both(one)[1]}:
            return  # the two languages' rules put it into different slots
        done, before = told(first, replace(second, **how), replace(third, **how2))
        outcomes.append(
            [
                (len(m.facts), sorted(f.slot for f in m.facts), len(m.retired), len(m.ended),
                 sorted(q.reason for q in m.questions))
                for m in (before, done)
            ]
        )  # fmt: skip
    if {f.slot for f in both(other)[0]} == {f.slot for f in both(other)[1]}:
        assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("diet", "vegan"), ("likes", "almond milk")),
        (("diet", "vegan"), ("habit", "eat vegan burgers every day")),
        (("diet", "vegetarian"), ("habit", "eat eggs every day")),
        (("diet", "vegan"), ("habit", "feed the fish every day")),
        (("diet", "素"), ("likes", "素鸡")),
        (("diet", "素"), ("pet", "金鱼")),
        (("allergy", "花生"), ("likes", "坚果酱以外的零食")),
        (("never", "喝酒"), ("likes", "无酒精啤酒")),
        (("diet", "teetotal"), ("likes", "ginger beer")),
        (("pet", "no dogs"), ("pet", "a cat")),
        (("pet", "没有狗"), ("pet", "一只猫")),
        (("family", "no brothers"), ("family", "a sister")),
        (("family", "only child"), ("family", "two children")),
        (("family", "only child"), ("family", "two cousins")),
        (("family", "独生子女"), ("family", "两个表姐")),
        (("family", "独生女"), ("family", "一个女儿")),
        (("marital_status", "single"), ("family", "a son")),
        (("occupation", "retired"), ("likes", "working in the garden")),
        (("occupation", "student"), ("employer", "Tesco")),
        (("possession", "no car"), ("possession", "a toy car")),
        (("possession", "没有车"), ("possession", "自行车")),
        (("never", "smoke"), ("likes", "smoked salmon")),
        (("never", "抽烟"), ("dislikes", "二手烟")),
        (("ability", "can't swim"), ("goal", "learn to swim")),
        (("ability", "不会游泳"), ("goal", "学游泳")),
        (("age", "34"), ("birthday", "1991")),
        (("age", "34"), ("birthday", "3 May")),
        (("birthday", "1990"), ("birthday", "3 May 1990")),
        (("birthday", "1990年"), ("birthday", "1990年5月3日")),
        (("likes", "tea"), ("likes", "coffee")),
        (("condition", "diabetes"), ("condition", "type 2 diabetes")),
        (("condition", "糖尿病"), ("condition", "二型糖尿病")),
    ],
    ids=str,
)
@pytest.mark.parametrize("order", [1, -1])
def test_what_only_looks_exclusive_is_not_asked_about(
    one: tuple[str, str], other: tuple[str, str], order: int
) -> None:
    facts = (fact(*one), fact(*other))[::order]
    done, _ = told(*facts)
    assert done.questions == ()
    assert not excludes(*facts)


def test_a_year_of_birth_told_in_full_is_one_fact_and_the_full_one_stays() -> None:
    done, _ = told(fact("birthday", "1990"), fact("birthday", "3 May 1990"))
    assert [(f.value, f.times) for f in done.facts] == [("3 May 1990", 2)]


def test_an_age_grows_with_the_years() -> None:
    first = merge((), identified([fact("age", "34")]), START)
    later = merge(first.facts, identified([fact("age", "36")]), START + 740 * DAY)
    assert (later.questions, [f.value for f in later.facts]) == ((), ["36"])
    soon = merge(first.facts, identified([fact("age", "39")]), START + 100 * DAY)
    assert len(soon.questions) == 1


@pytest.mark.parametrize(
    ("slot", "denied", "said"),
    [
        ("pet", "dog", "two dogs"), ("condition", "diabetes", "type 2 diabetes"),
        ("condition", "糖尿病", "二型糖尿病"), ("habit", "drink alcohol", "drink wine on Fridays"),
        ("habit", "smoke", "smoke a pack a day"), ("allergy", "nuts", "almonds"),
        ("possession", "car", "a Toyota"), ("allergy", "青霉素", "penicillin"),
    ],
)  # fmt: skip
def test_what_was_denied_is_known_and_contradicts_what_is_said_later(
    slot: str, denied: str, said: str
) -> None:
    first, _ = told(fact(slot, denied, retracts=True))
    assert [(f.slot, f.value) for f in first.facts] == [(f"not_{slot}", denied)]
    done, _ = told(fact(slot, denied, retracts=True), fact(slot, said))
    assert len(done.questions) == 1
    changed, _ = told(fact(slot, denied, retracts=True), fact(slot, said, valid_from=START + DAY))
    assert (changed.questions, values(changed)) == ((), [said])


def test_what_comes_and_goes_is_not_kept_as_denied() -> None:
    done, _ = told(fact("symptom", "headache", retracts=True, multiple=True))
    assert done.facts == ()
    stopped = fact("habit", "smoke", retracts=True, valid_from=START)
    assert told(stopped)[0].facts == ()


@pytest.mark.parametrize(
    ("about", "known"),
    [("brother", "only child"), ("弟弟", "独生子"), ("son", "no children"), ("儿子", "没有孩子")],
)
def test_somebody_of_whom_something_is_said_is_there(about: str, known: str) -> None:
    brother = fact("occupation", "plumber", about=about)
    done, _ = told(fact("family", known), brother)
    (question,) = done.questions
    assert about in question.question("en")
    assert told(fact("family", "two brothers"), brother)[0].questions == ()


def test_must_hold_holds_while_it_is_asked_about() -> None:
    done, _ = told(fact("habit", "eat shrimp daily"), fact("allergy", "shellfish"))
    assert len(done.questions) == 1
    assert set(values(done)) == {"eat shrimp daily", "shellfish"}
    done, _ = told(fact("likes", "steak"), fact("diet", "vegetarian"))
    assert set(values(done)) == {"steak", "vegetarian"}


@pytest.mark.parametrize("name", sorted(_topics()))
def test_every_topic_says_why_in_both_languages(name: str) -> None:
    topic = _topics()[name]
    assert re.search("[a-z]", topic.why["en"]) and re.search("[一-鿿]", topic.why["zh"])
    assert topic.slots
    one, other = fact("family", "only child"), fact("family", "a sister")
    assert "brother or sister" in why_not_both(one, other)
    assert "兄弟姐妹" in why_not_both(one, other, "zh")


def test_what_others_read_from_the_words_that_were_wrong_goes_with_them() -> None:
    def read(slot: str, value: str, extractor: str, end: int, **more: Any) -> Fact:
        where = Provenance("turn", extractor, "first", 4, end)
        return replace(fact(slot, value), provenance=where, **more)

    level = read("level", "year 9", "core:level", 18)
    grade = read("grade", "9", "education:grade", 18)
    beside = replace(read("pet", "a cat", "core:pet", 40), provenance=Provenance(
        "turn", "core:pet", "first", 22, 40))  # fmt: skip
    sister = read("grade", "9", "education:grade", 18, about="sister")
    known = merge((), identified([level, grade, beside, sister]), START).facts
    right = replace(fact("level", "year 10"), corrects=True)
    done = merge(known, identified([right]), START + DAY)
    assert {(f.slot, f.about) for f in done.facts} == {("level", ""), ("pet", ""),
                                                      ("grade", "sister")}  # fmt: skip
    assert {f.value for f in done.ended} == {"year 9", "9"}
