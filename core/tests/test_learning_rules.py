"""Rule sets: they hold when they say so, explain themselves, and say where they are wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from metier.learning import (
    CORE_RULES,
    PROTECTED,
    Cause,
    Change,
    Personalization,
    PersonView,
    Reason,
    RuleSet,
    Text,
    check_rules,
    combine,
    load_rules,
    personalize,
    tags_of,
)
from metier.model import Fact, MetierError, Passage, Provenance, Turn
from metier.policy import SPECIAL_CATEGORIES, compose
from metier.profile import SLOTS, extract

CORE = load_rules(CORE_RULES)
RULES = yaml.safe_load(CORE_RULES.read_text("utf-8"))["rules"]


def fact(slot: str, value: str, category: str = "preference", **more: object) -> Fact:
    values = {"id": f"{slot}-{value}", **more}
    return Fact(slot, value, category, 0.9, Provenance("settings", "test"), **values)  # type: ignore[arg-type]


def view(*facts: Fact, domain: str = "education", language: str = "en") -> PersonView:
    return PersonView(domain, language, "hello", facts)


def example_of(rule: dict[str, object]) -> PersonView:
    given = rule["example"]
    assert isinstance(given, dict)
    facts = [
        fact(slot, value, given.get("category", "preference"),
             constraint=given.get("constraint", False))
        for pairs in given["facts"] for slot, value in pairs.items()
    ]  # fmt: skip
    return PersonView(
        given.get("domain", "education"), "en", "", tuple(facts), hour=given.get("hour")
    )


# --- the core's rules -------------------------------------------------------------------------


def test_the_core_rules_have_no_fault() -> None:
    assert check_rules(CORE_RULES) == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["name"])
def test_each_core_rule_does_something_for_its_example_and_says_why_in_both_languages(
    rule: dict[str, object],
) -> None:
    found = CORE.personalize(example_of(rule))
    reasons = [r for r in found.reasons if r.rule == f"core:{rule['name']}"]
    assert reasons and reasons[0].because
    assert reasons[0].words.en and re.search("[一-龥]", reasons[0].words.zh)
    for hint in found.hints:
        assert hint.text.en and re.search("[一-龥]", hint.text.zh)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["name"])
def test_without_the_cause_that_a_reason_names_what_it_explains_is_not_done(
    rule: dict[str, object],
) -> None:
    before = example_of(rule)
    found = CORE.personalize(before)
    for reason in found.reasons:
        for cause in reason.because:
            after = CORE.personalize(before.without(cause))
            assert reason.rule not in {r.rule for r in after.reasons}


PAIRS = [
    ("answer_length", "brief", "length", "简短回答"),
    ("answer_length", "简短", "length", "简短回答"),
    ("level", "初学者", "level", "一步一步来"),
    ("level", "小学三年级", "level", "小学三年级"),
    ("accessibility", "读屏软件", "form", "字符画"),
    ("units", "摄氏度", "units", "公制"),
    ("tone", "不正式", "tone", "像和朋友说话一样"),
    ("tone", "正式", "tone", "正式"),
    ("preference", "举例说明", "explanation", "先举例"),
]


@pytest.mark.parametrize(("slot", "value", "topic", "said"), PAIRS)
def test_what_is_said_in_chinese_is_understood_and_answered_in_chinese(
    slot: str, value: str, topic: str, said: str
) -> None:
    hints = {h.topic: h for h in CORE.personalize(view(fact(slot, value))).hints}
    assert said in hints[topic].text.said("zh")


TRANSLATED = {
    "screen-reader": "读屏软件", "dyslexia": "阅读障碍", "colour-blind": "色盲", "blind": "全盲",
    "hard-of-hearing": "听力障碍", "plain-language": "请用大白话", "no-jargon": "术语",
    "health-constraints": "青霉素", "never": "用美元报价", "short-answers": "简短",
    "long-answers": "详细", "late": "晚上要简短的回答", "beginner": "初学者",
    "primary-school": "小学三年级", "advanced": "专家", "examples": "举例、一步一步讲",
    "questions": "喜欢自己想，给提示", "metric": "公制", "imperial": "英制", "no-lists": "列表",
    "lists": "列表", "prose": "段落", "formal": "正式", "informal": "随意", "direct": "直接",
    "no-emoji": "用表情符号", "tone-without-emoji": "不要表情符号",
    "answer-in-chinese": "中文", "answer-in-english": "英文", "language-learner": "英语，B1",
    "little-time": "很忙", "small-screen": "手机",
}  # fmt: skip
"""The value of each rule's example in Chinese; a rule without one is a rule for English alone."""


def test_each_rule_has_an_example_in_both_languages() -> None:
    assert set(TRANSLATED) == {rule["name"] for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["name"])
def test_the_same_fact_in_chinese_gives_the_same_advice(rule: dict[str, Any]) -> None:
    english = example_of(rule)
    (said,) = english.facts
    chinese = replace(english, facts=(replace(said, value=TRANSLATED[rule["name"]]),))
    one, other = CORE.personalize(english), CORE.personalize(chinese)
    assert [(c.about, c.name, c.by) for c in one.changes] == [
        (c.about, c.name, c.by) for c in other.changes
    ]
    assert [h.topic for h in one.hints] == [h.topic for h in other.hints]
    for before, after in zip(one.hints, other.hints, strict=True):
        if "primary school" not in before.text.en:  # quotes the value
            assert before.text == after.text
    assert [r.rule for r in one.reasons] == [r.rule for r in other.reasons]
    assert [r.fact for r in one.restated] == [r.fact for r in other.restated]


@pytest.mark.parametrize(
    ("slot", "value", "rules"),
    [
        ("tone", "informal", {"core:informal"}),
        ("tone", "not too formal", {"core:informal"}),
        ("style", "no emoji", {"core:tone-without-emoji"}),
        ("likes", "emoji", set()),
        ("format", "no bullet points", {"core:prose"}),
        ("format", "不要列表", {"core:prose"}),
        ("answer_length", "not too short", set()),
        ("learning_style", "no examples please", set()),
        ("learning_style", "不要举例", set()),
    ],
)
def test_the_opposite_of_a_word_is_not_taken_for_it(slot: str, value: str, rules: set[str]) -> None:
    assert {r.rule for r in CORE.personalize(view(fact(slot, value))).reasons} == rules


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("I use a screen reader.", "screen-reader"), ("我用读屏软件。", "screen-reader"),
        ("I have dyslexia.", "dyslexia"), ("我有阅读障碍。", "dyslexia"),
        ("I'm colour blind.", "colour-blind"), ("Keep your answers short please.", "short-answers"),
        ("请回答简短一点。", "short-answers"), ("I prefer detailed answers.", "long-answers"),
        ("Please use a formal tone.", "formal"), ("语气正式一点", "formal"),
        ("Use metric units.", "metric"), ("用公制单位", "metric"), ("I'm a beginner.", "beginner"),
        ("我是初学者", "beginner"), ("I'm in 3rd grade.", "primary-school"),
        ("Never use emoji.", "no-emoji"), ("I prefer bullet points.", "lists"),
        ("I learn best with examples.", "examples"), ("Answer in Chinese.", "answer-in-chinese"),
        ("请用中文回答。", "answer-in-chinese"),
    ],
)  # fmt: skip
def test_what_a_person_says_reaches_the_rule_through_extraction(said: str, rule: str) -> None:
    found = extract(Turn("t", "x", "s", "education", "c", said, datetime.now(UTC)))
    known = tuple(replace(f, id=f"f{number}") for number, f in enumerate(found))
    rules = {r.rule for r in CORE.personalize(view(*known)).reasons}
    assert f"core:{rule}" in rules, found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["name"])
def test_each_core_rule_names_a_slot_that_the_core_fills(rule: dict[str, Any]) -> None:
    for wanted in rule["when"]["facts"]:
        slots = wanted.get("slot", list(SLOTS))
        assert {slots} & set(SLOTS) if isinstance(slots, str) else set(slots) & set(SLOTS)


@pytest.mark.parametrize("value", ["screen reader", "dyslexia", "colour blind"])
def test_a_need_that_is_of_health_changes_the_form_of_an_answer_and_nothing_else(
    value: str,
) -> None:
    found = CORE.personalize(view(fact("accessibility", value, "health", constraint=True)))
    assert {h.topic.partition("-")[0] for h in found.hints} == {"form"}
    assert found.changes == ()


def test_a_stated_wish_for_short_answers_moves_strategy_and_hint() -> None:
    found = CORE.personalize(view(fact("answer_length", "brief"), domain="writing"))
    assert found.strategy("concise") > 0 == found.strategy("formal")
    (hint,) = found.hints
    assert hint.topic == "length" and hint.reason.facts == ("answer_length-brief",)


def test_a_fact_about_somebody_else_moves_nothing() -> None:
    assert CORE.personalize(view(fact("level", "beginner", about="mother"))) == Personalization()


def test_a_health_constraint_is_restated_in_the_health_domain_alone() -> None:
    allergy = fact("allergy", "penicillin", "health", constraint=True)
    assert CORE.personalize(view(allergy, domain="healthcare")).restated[0].fact == allergy.id
    assert CORE.personalize(view(allergy, domain="education")) == Personalization()


@pytest.mark.parametrize("slot", sorted(PROTECTED))
def test_who_somebody_is_changes_nothing(slot: str) -> None:
    for value, category in product(
        ("25", "female", "beginner", "screen reader", "metric", "short"),
        ("identity", "preference", "style", "level", *SPECIAL_CATEGORIES),
    ):
        assert CORE.personalize(view(fact(slot, value, category))) == Personalization()


_slots = st.sampled_from(sorted({"likes", "preference", "tone", "level", "units", "answer_length"}))
_values = st.sampled_from(
    ["brief", "detailed", "beginner", "expert", "metric", "imperial", "formal", "casual",
     "examples", "bullet points", "no emoji", "简短", "公制", "正式"]
)  # fmt: skip
_facts = st.lists(
    st.builds(lambda s, v, n: fact(s, v, id=f"f{n}"), _slots, _values, st.integers(0, 99)),
    max_size=6,
    unique_by=lambda f: f.id,
)


@given(_facts)
def test_every_reason_goes_when_any_one_of_its_causes_goes(facts: list[Fact]) -> None:
    before = view(*facts)
    for reason in CORE.personalize(before).reasons:
        for cause in reason.because:
            left = CORE.personalize(before.without(cause))
            assert reason.rule not in {r.rule for r in left.reasons}


@given(_facts, st.permutations(["core", "other"]))
def test_the_same_view_gives_the_same_whatever_the_order_of_personalizers(
    facts: list[Fact], order: list[str]
) -> None:
    class Other:
        name = "other"

        def personalize(self, view: PersonView) -> Personalization:
            reason = Reason("other", "other:x", (Cause("fact", ("f1",)),), Text("x", "x"))
            return Personalization((Change("strategy", "concise", 0.7, reason),))

    both = {"core": CORE, "other": Other()}
    found = personalize([both[name] for name in order], view(*facts), compose([]))
    assert found == personalize([CORE, Other()], view(*facts), compose([]))
    assert -1 <= found.strategy("concise") <= 1


@given(st.lists(st.floats(-1, 1), max_size=8), st.floats(0, 1))
def test_changes_together_stay_within_one_and_each_still_counts(
    amounts: list[float], weight: float
) -> None:
    reason = Reason("x", "x:y", (Cause("fact", ("f",)),), Text("x", "x"))

    def of(amounts: list[float]) -> float:
        part = Personalization(tuple(Change("tag", "kind:memory", a, reason) for a in amounts))
        return combine([(part, weight)]).passage(Passage("p", "t", "t", "s", kind="memory"))

    assert -1 <= of(amounts) <= 1
    assert of(amounts) == of(amounts[::-1])
    assert of([*amounts, 0.5]) >= of(amounts) >= of([*amounts, -0.5])


def test_a_policy_that_keeps_a_category_from_a_rule_set_says_so(tmp_path: Path) -> None:
    from policy_kit import policies

    strict = policies(tmp_path, 'personalize: {"*": {core: {allow: true, categories: [level]}}}')
    known = [fact("answer_length", "brief"), fact("level", "beginner", "level")]
    found = personalize([CORE], view(*known), strict)
    assert {h.topic for h in found.hints} == {"level"}
    (withheld,) = found.withheld
    assert (withheld.fact, withheld.rule) == (known[0].id, "p0@1:personalize.*.core")


def test_tags_are_language_kind_level_and_the_words_of_tags_and_topics() -> None:
    passage = Passage(
        "p",
        "t",
        "t",
        "s",
        language="zh-CN",
        metadata={"level": "Beginner", "topics": "[Area, 面积]"},
    )
    assert tags_of(passage) == {"language:zh", "kind:knowledge", "level:beginner", "area", "面积"}


# --- files that are wrong ---------------------------------------------------------------------

GOOD = """\
name: mine
version: "1"
description: Of the tests.
rules:
  - name: short
    when: {facts: [{slot: answer_length, values: [Short]}]}
    then: {prefer: {strategies: {concise: 0.5}}}
    why: {en: You like it short., zh: 您喜欢简短。}
    example: {facts: [{answer_length: short}]}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "mine.yaml"
    file.write_text(text, "utf-8")
    return file


def test_values_are_compared_without_regard_to_capitals(tmp_path: Path) -> None:
    rules = load_rules(written(tmp_path, GOOD))
    assert rules.personalize(view(fact("answer_length", " SHORT "))).strategy("concise") == 0.5
    assert rules.personalize(view(fact("answer_length", "shorter"))) == Personalization()


def test_a_cohort_is_a_cause_too_and_hours_count_where_they_are_known(tmp_path: Path) -> None:
    text = GOOD.replace(
        "{facts: [{slot: answer_length, values: [Short]}]}",
        "{cohorts: [night-class], hours: {start: 22, end: 2}, domains: [education]}",
    ).replace("{facts: [{answer_length: short}]}", "{cohort: night-class, hour: 23}")
    file = written(tmp_path, text)
    assert check_rules(file) == ()
    rules = load_rules(file)
    for hour, held in ((23, True), (1, True), (2, False), (12, False), (None, False)):
        here = PersonView("education", "en", "", cohorts=("night-class",), hour=hour)
        assert bool(rules.personalize(here).changes) == held
        assert not rules.personalize(here.without(Cause("cohort", ("night-class",)))).changes


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("version: \"1\"\n", "", 1, "version"),
        ("then: {prefer: {strategies: {concise: 0.5}}}", "then: {}", 7, "changes nothing"),
        ("concise: 0.5", "concise: 5", 7, "less than or equal to 0.9"),
        ("prefer:", "prefers:", 7, "no such setting"),
        ("slot: answer_length,", "slot: religion,", 6, "protected"),
        ("slot: answer_length,", "category: religion,", 6, "may be restated"),
        ("slot: answer_length,", "category: health,", 6, "may be restated"),
        ("slot: answer_length, values: [Short]", "values: [Short]", 6, "neither a slot nor"),
        ("values: [Short]", "matches: '('", 6, "no regular expression"),
        ("{facts: [{slot: answer_length, values: [Short]}]}", "{}", 6, "holds for everybody"),
        ("0.5}}}", "0.5}}, restate: true}", 7, "nothing to restate"),
        ("{answer_length: short}", "{answer_length: long}", 5, "its own example"),
        (", zh: 您喜欢简短。", "", 8, "zh"),
        ("    why:", "    why: {en: a, zh: b}\n    why:", 9, "repeats"),
        ("rules:", "rules: [", 5, "YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert GOOD.count(old) == 1
    faults = check_rules(written(tmp_path, GOOD.replace(old, new)))
    assert faults, "no fault found"
    found = [f for f in faults if said in f.message]
    assert found, [str(f) for f in faults]
    assert (found[0].file, found[0].line) == ("mine.yaml", line), str(found[0])


def test_a_wrong_rule_set_is_not_used_and_the_error_names_the_place(tmp_path: Path) -> None:
    with pytest.raises(MetierError, match=r"mine\.yaml:7: .*changes nothing"):
        load_rules(written(tmp_path, GOOD.replace("{prefer: {strategies: {concise: 0.5}}}", "{}")))


def test_a_slot_that_nothing_fills_is_named_with_what_may_be_meant(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD.replace("answer_length", "answer_lenght"))
    (fault,) = check_rules(file, known=["answer_length", "level"])
    assert "did you mean 'answer_length'" in fault.message


def test_a_name_given_twice_is_a_fault(tmp_path: Path) -> None:
    rule = GOOD[GOOD.index("  - name") :]
    faults = check_rules(written(tmp_path, GOOD + rule))
    assert any("named 'short' too" in f.message and f.line == 10 for f in faults)


def test_a_rule_set_says_what_its_hints_are_about() -> None:
    assert isinstance(CORE, RuleSet)
    assert {"length", "level", "form", "units", "tone", "language"} <= set(CORE.topics)
