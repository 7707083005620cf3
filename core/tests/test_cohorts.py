"""Declared cohorts: what a file may say, who belongs to a group, what a new person gets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from metier.model import Fact, MetierError, Provenance
from metier.policy import SPECIAL_CATEGORIES, Groups
from metier.profile.cohorts import (
    COUNTED,
    PROTECTED,
    TENANT,
    Learn,
    Membership,
    Rated,
    Release,
    cohorts_of,
    cold_start,
    contribution,
    counted_in,
    hint,
    levels,
    load_cohorts,
    parse_cohorts,
    shrink,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
GROUPS = Groups(5, 1.0, 1e-6, False, "test")
SAID = Provenance("turn", "core:rule")

FILE = """\
learn:
  slots: {level: level, 目标: goal}
  strategies: [example, hint_first]
  content: ["*"]
cohorts:
  - id: physics-2
    title: {en: "Physics, second year", zh: 物理二年级}
    domains: [education]
    members:
      subjects: [s-1, s-2]
      where: [{slot: course, value: Physics 2, category: level}]
    priors:
      - {slot: level, value: secondary, category: level,
         why: {en: The course begins there., zh: 课程从这里开始。}}
    strategies: [example]
    content: [mechanics]
  - id: 高级套餐
    title: {en: Premium plan}
    members: {where: [{slot: plan, value: premium, category: commerce}]}
""".replace("高级套餐", "premium")


def fact(slot: str, value: str, category: str = "level", **more: object) -> Fact:
    return Fact(slot, value, category, 0.9, SAID, **more)  # type: ignore[arg-type]


def refused(text: str, groups: Groups = GROUPS) -> str:
    with pytest.raises(MetierError) as error:
        parse_cohorts(text.encode(), groups)
    assert error.value.code == "bad_cohorts"
    return error.value.message


def one(members: str, more: str = "") -> str:
    return f"cohorts: [{{id: a, title: {{en: A}}, members: {members}{more}}}]"


# --- the file ---------------------------------------------------------------------------


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "cohorts.yaml"
    path.write_text(FILE, "utf-8")
    declared = load_cohorts(path, GROUPS)
    first, second = declared.cohorts
    assert (first.id, first.domains, first.subjects) == (
        "physics-2", ("education",), frozenset({"s-1", "s-2"})
    )  # fmt: skip
    assert first.title["zh"] == "物理二年级" and first.priors[0].why["zh"] == "课程从这里开始。"
    assert second.domains == ("*",)
    assert declared.learn.slots == {"level": "level", "目标": "goal"}
    assert declared.cohort("physics-2") is first and declared.cohort("none") is None


def test_an_empty_file_declares_nothing() -> None:
    assert parse_cohorts(b"", GROUPS).cohorts == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("cohorts: [", "not valid YAML"),
        ("cohorts: {}\ncohorts: {}", "repeats a setting"),
        ("cohorts: [{id: a}]", "cohorts.0.title"),
        ("groups: []", "no such setting"),
        (one("{}"), "has no members"),
        ("cohorts: [{id: A b, title: {en: A}, members: {subjects: [s]}}]", "cohorts.0.id"),
        (one("{subjects: [s]}, domains: []"), "cohorts.0.domains"),
        ("learn: {most: 0}", "learn.most"),
        ("learn: {slots: {nick: identity}}", "names single people"),
        ("learn: {slots: {home: contact}}", "singles people out"),
        ("learn: {slots: {allergy: health}}", "special category"),
        (one("{where: [{slot: home, value: Oslo, category: contact}]}"), "singles people out"),
        (one("{subjects: [s]}", ", priors: [{slot: faith, value: x, category: religion, "
             "why: {en: x}}]"), "special category"),
        (one("{subjects: [s]}", ", priors: [{slot: level, value: x, category: level}]"), "why"),
    ],
)  # fmt: skip
def test_a_file_that_says_what_it_may_not_is_refused_with_the_place(text: str, says: str) -> None:
    assert says in refused(text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MetierError, match="can't be read"):
        load_cohorts(tmp_path / "none.yaml", GROUPS)


def test_one_id_is_declared_once() -> None:
    cohort = "{id: a, title: {en: A}, members: {subjects: [s]}}"
    assert "declared twice" in refused(f"cohorts: [{cohort}, {cohort}]")


def test_errors_never_name_a_member() -> None:
    text = one("{subjects: [secret-person], where: [{slot: age, value: '7', category: level}]}")
    assert "secret-person" not in refused(text)


@pytest.mark.parametrize("category", sorted(SPECIAL_CATEGORIES))
def test_no_condition_is_on_a_special_category_unless_policy_names_it(category: str) -> None:
    text = one(f"{{where: [{{slot: some, value: x, category: {category}}}]}}")
    assert "special category" in refused(text)
    allowed = GROUPS._replace(protected=(category,))
    assert parse_cohorts(text.encode(), allowed).cohorts[0].where[0].category == category


@pytest.mark.parametrize("slot", [*sorted(PROTECTED), "Marital Status", "birth-date", "health"])
def test_no_condition_is_on_a_protected_attribute_whatever_its_category(slot: str) -> None:
    text = one(f"{{where: [{{slot: {slot}, value: x, category: level}}]}}")
    assert "protected attribute" in refused(text)


def test_policy_may_allow_a_protected_attribute_by_name() -> None:
    text = one("{where: [{slot: age, value: '20', category: level}]}")
    allowed = GROUPS._replace(protected=("age",))
    assert parse_cohorts(text.encode(), allowed).cohorts
    assert "protected" in refused(text, GROUPS._replace(protected=("gender",)))


@pytest.mark.parametrize(("extra", "fine"), [(0, False), (1, False), (4, False), (5, True)])
def test_lists_that_differ_by_a_few_people_are_refused(extra: int, fine: bool) -> None:
    base = [f"s{n}" for n in range(20)]
    more = base + [f"x{n}" for n in range(extra)]
    text = "cohorts:\n" + "".join(
        f"- {{id: {name}, title: {{en: x}}, members: {{subjects: [{', '.join(people)}]}}}}\n"
        for name, people in (("a", base), ("b", more))
    )
    if fine:
        assert len(parse_cohorts(text.encode(), GROUPS).cohorts) == 2
    else:
        assert "differ by fewer" in refused(text)


# --- who belongs ------------------------------------------------------------------------


DECLARED = parse_cohorts(FILE.encode(), GROUPS)


def ids(subject: str, *facts: Fact, domain: str | None = None) -> list[tuple[str, str]]:
    found = cohorts_of(subject, facts, DECLARED, NOW, domain=domain)
    return [(each.cohort, each.how) for each in found]


def test_a_person_belongs_by_list_or_by_condition() -> None:
    assert ids("s-1") == [("physics-2", "listed")]
    assert ids("s-9") == []
    assert ids("s-9", fact("course", " physics  2")) == [("physics-2", "condition")]
    both = ids("s-9", fact("course", "Physics 2"), fact("plan", "premium", "commerce"))
    assert both == [("physics-2", "condition"), ("premium", "condition")]


def test_a_group_of_another_domain_does_not_count() -> None:
    assert ids("s-1", domain="writing") == []
    assert ids("s-1", domain="education") == [("physics-2", "listed")]


@pytest.mark.parametrize(
    "change",
    [
        {"category": "goal"}, {"about": "mother"}, {"retracts": True}, {"unlearned_at": NOW},
        {"valid_to": NOW}, {"valid_from": NOW + timedelta(days=1)}, {"value": "physics 3"},
    ],
)  # fmt: skip
def test_only_what_holds_now_of_the_person_themselves_makes_a_member(
    change: dict[str, object],
) -> None:
    assert ids("s-9", replace(fact("course", "Physics 2"), **change)) == []  # type: ignore[arg-type]


def test_every_condition_must_hold() -> None:
    text = one("{where: [{slot: a, value: x, category: level}, {slot: b, value: y, "
               "category: level}]}")  # fmt: skip
    declared = parse_cohorts(text.encode(), GROUPS)
    assert not cohorts_of("s", [fact("a", "x")], declared, NOW)
    assert cohorts_of("s", [fact("a", "x"), fact("b", "y")], declared, NOW)


def test_a_person_is_counted_in_three_groups_at_most() -> None:
    many = [Membership(f"c{n}", "listed") for n in range(9)]
    assert counted_in(many) == ("c0", "c1", "c2") and COUNTED == 3


# --- what of a person counts ------------------------------------------------------------


def test_only_what_may_be_learned_is_counted() -> None:
    learn = Learn(slots={"level": "level"}, strategies=("example",), most=20)
    part = contribution(
        "s",
        [
            fact("level", " Beginner "), fact("goal", "exam", "goal"), fact("level", "x", "health"),
            fact("level", "y", about="mother"), fact("level", "z", unlearned_at=NOW),
        ],
        learn, NOW,
        strategies={"example": (3, 4), "other": (1, 1)}, content={"a": 1.0}, skills={"b": 1.0},
    )  # fmt: skip
    assert part.values == (("level", "beginner"),)
    assert part.ratings == (("strategy", "example", 0.75),)


def test_one_value_of_a_slot_counts_the_surest() -> None:
    learn = Learn(slots={"level": "level"})
    facts = [fact("level", "a"), replace(fact("level", "b"), confidence=0.95)]
    assert contribution("s", facts, learn, NOW).values == (("level", "b"),)


def test_a_sentence_is_no_value_that_a_group_shares() -> None:
    learn = Learn(slots={"level": "level"})
    assert contribution("s", [fact("level", "x" * 81)], learn, NOW).values == ()


def test_a_person_who_has_much_counts_no_more_than_another() -> None:
    learn = Learn(content=("*",), most=3)
    rated = {f"item-{n}": n / 10 for n in range(-50, 50)}
    part = contribution("s", [], learn, NOW, content=rated)
    assert len(part.ratings) == 3
    assert all(0 <= rating <= 1 for _, _, rating in part.ratings)
    assert part == contribution("s", [], learn, NOW, content=dict(reversed(rated.items())))
    assert part != contribution("t", [], learn, NOW, content=rated)


# --- the first message ------------------------------------------------------------------


def release(cohort: str, size: float, **levels_: float) -> Release:
    return Release(
        cohort, NOW, size, values={"level": levels_},
        ratings={"strategy": {"example": Rated(size, 0.3), "hint_first": Rated(size, 0.8)}},
    )  # fmt: skip


MINE = (Membership("physics-2", "listed", {"en": "Physics, second year", "zh": "物理二年级"}),)


def test_a_declared_prior_is_assumed_before_what_was_learned() -> None:
    start = cold_start(
        MINE, DECLARED, {"physics-2": release("physics-2", 100, primary=90)},
        domain="education", now=NOW,
    )  # fmt: skip
    (assumed,) = start.facts
    assert (assumed.fact.slot, assumed.fact.value) == ("level", "secondary")
    assert assumed.share is None and assumed.why["en"] == "The course begins there."
    assert assumed.weights == {"declared:physics-2": 1.0}


def test_what_is_assumed_is_a_hint_and_says_where_it_comes_from() -> None:
    other = (Membership("found-1", "found", {"en": "people with much in common"}),)
    start = cold_start(
        other, DECLARED, {"found-1": release("found-1", 100, beginner=80)},
        domain="education", now=NOW,
    )  # fmt: skip
    (assumed,) = start.facts
    assert assumed.fact.provenance == Provenance("cohort", "cohort:found-1", domain="education")
    assert not assumed.fact.constraint and not assumed.fact.id and assumed.fact.confidence <= 0.6
    assert assumed.share == pytest.approx(0.8)
    assert hint(assumed).startswith("Only assumed, not said by the person: level = beginner")
    assert "80%" in hint(assumed) and "80%" in hint(assumed, "zh") and "推测" in hint(assumed, "zh")


@pytest.mark.parametrize("known", ["level", "other"])
def test_an_assumption_is_gone_once_the_person_says_anything_of_it(known: str) -> None:
    start = cold_start(MINE, DECLARED, {}, domain="education", now=NOW, known=[known])
    assert bool(start.facts) is (known != "level")


def test_nothing_is_assumed_that_less_than_half_of_the_group_share() -> None:
    start = cold_start(
        (Membership("found-1", "found"),), DECLARED,
        {"found-1": release("found-1", 100, beginner=45, advanced=40)},
        domain="education", now=NOW,
    )  # fmt: skip
    assert start.facts == ()


def test_a_group_of_another_domain_gives_nothing() -> None:
    told = {"physics-2": release("physics-2", 100, primary=90)}
    start = cold_start(MINE, DECLARED, told, domain="writing", now=NOW)
    assert start.facts == () and start.strategies == ()


def test_strategies_are_ordered_and_what_the_operator_prefers_counts_as_nine_people() -> None:
    start = cold_start(
        MINE, DECLARED, {"physics-2": release("physics-2", 1000)}, domain="education", now=NOW
    )
    assert [each.key for each in start.strategies] == ["hint_first", "example"]
    example = start.strategies[1]
    assert example.declared == "physics-2" and example.value == pytest.approx(0.65)
    assert [each.key for each in start.content] == ["mechanics"]
    assert cold_start(MINE, DECLARED, {}, domain="education", now=NOW).strategies[0].value == 1.0


def test_what_may_no_longer_be_learned_is_not_preferred() -> None:
    found = (Membership("found-1", "found"),)
    told = {"found-1": release("found-1", 1000)}
    narrow = replace(DECLARED, learn=Learn(strategies=("example",)))
    start = cold_start(found, narrow, told, domain="education", now=NOW)
    assert [each.key for each in start.strategies] == ["example"]


def test_levels_go_from_the_smallest_group_to_the_tenant_to_the_domain() -> None:
    told = {
        "big": release("big", 500, a=400), "small": release("small", 20, b=15),
        TENANT: release(TENANT, 9000, a=8000),
    }  # fmt: skip
    chain = levels("slot", "level", ["big", "small"], told, release("domain", 9, a=9))
    assert [each.name for each in chain] == ["cohort:small", "cohort:big", "tenant", "domain"]
    weights = shrink(None, chain).weights
    assert sum(weights.values()) == pytest.approx(1.0)
    assert levels("slot", "goal", ["big"], told) == ()


def test_shares_count_those_of_whom_nothing_is_known() -> None:
    (level,) = levels("slot", "level", ["a"], {"a": release("a", 100, x=60)})
    assert level.value == {"x": 0.6, "": 0.4}
