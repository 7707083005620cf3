"""What of a profile goes into a plan: constraints always, the rest by what the message is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import Fact, Provenance
from metier.profile import as_of, confidence_now, select, tokens
from metier.profile._wording import brief, short

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def fact(slot: str, value: str, **more: Any) -> Fact:
    more.setdefault("category", "health" if slot == "allergy" else "preference")
    more.setdefault("constraint", slot in ("allergy", "diet", "never"))
    more.setdefault("multiple", True)
    more.setdefault("id", f"{slot}:{value}")
    more.setdefault("confirmed_at", NOW - DAY)
    category, source = more.pop("category"), more.pop("source", "turn")
    return Fact(slot, value, category, 0.8, Provenance(source, "t"), **more)


def test_every_constraint_is_chosen_and_the_ones_of_the_message_are_restated() -> None:
    facts = (
        fact("allergy", "peanuts"), fact("never", "call me Bobby"), fact("likes", "jazz music"),
    )  # fmt: skip
    chosen = select(facts, "Where should we have dinner?", NOW)
    assert {f.value for f in chosen.constraints} == {"peanuts", "call me Bobby"}
    assert [f.value for f in chosen.restated] == ["peanuts"]


def test_the_order_of_constraints_does_not_depend_on_the_message() -> None:
    facts = [fact("allergy", v) for v in ("nuts", "latex", "pollen")] + [fact("diet", "vegan")]
    one = select(facts, "What can I eat?", NOW).constraints
    other = select(facts, "Which gloves should I buy?", NOW).constraints
    assert one == other
    assert one[-1].slot == "diet"


@pytest.mark.parametrize("count", [100, 400])
def test_no_constraint_of_health_is_left_out_however_many_there_are(count: int) -> None:
    facts = [fact("allergy", f"substance{n}") for n in range(count)]
    others = [fact("never", f"mention the subject number {n}") for n in range(20)]
    chosen = select([*facts, *others], "hello", NOW)
    assert set(facts) <= set(chosen.constraints)
    assert {x.fact for x in chosen.left_out} == set(others)
    assert {x.reason for x in chosen.left_out} == {"no room"}


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Any restaurant tips for Rome?", "no gluten in my food"),
        ("Which film should I watch tonight?", "slow dramas on television"),
        ("Help me choose a new jacket", "clothes without wool"),
        ("推荐一家餐厅吧", "不吃香菜"),
        ("周末想看电影", "科幻片"),
        ("What should I feed my puppy?", "small dogs"),
    ],
)
def test_a_question_finds_the_fact_of_its_subject_without_a_word_in_common(
    message: str, wanted: str
) -> None:
    values = [
        "no gluten in my food", "slow dramas on television", "clothes without wool", "不吃香菜",
        "科幻片", "small dogs",
    ]  # fmt: skip
    chosen = select([fact("preference", v) for v in values], message, NOW)
    assert wanted in [f.value for f in chosen.facts[:2]]


def test_vectors_decide_where_they_are_given() -> None:
    facts = (fact("preference", "alpha", id="a"), fact("preference", "beta", id="b"))
    vectors = {"a": [0.0, 1.0], "b": [1.0, 0.0]}
    chosen = select(facts, "gamma", NOW, vector=[1.0, 0.1], vectors=vectors)
    assert chosen.facts[0].id == "b"


def test_what_is_not_chosen_says_why() -> None:
    facts = (
        fact("mood", "tired", multiple=False, valid_to=NOW - DAY),
        fact("home", "Lyon", multiple=False),
        fact("home", "Berlin", multiple=False, valid_to=NOW + DAY),
        fact("likes", "", retracts=True),
    )
    reasons = {x.fact.value: x.reason for x in select(facts, "hello", NOW).left_out}
    assert reasons == {"tired": "lapsed", "Lyon": "hidden for a time", "": "taken back"}


def test_a_fact_about_somebody_else_is_told_as_theirs_and_is_no_constraint() -> None:
    chosen = select((fact("allergy", "nuts", about="mother"),), "lunch", NOW)
    assert chosen.constraints == ()
    assert list(chosen.wording.values()) == ["allergy (mother): nuts"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("I don't enjoy animated movies because they bore me.", "no animated movies"),
        ("I strongly prefer cars with a manual transmission", "cars with manual transmission"),
        ("I prefer not to eat meat without salt", "no meat without salt"),
        ("only vegan makeup", "only vegan makeup"),
    ],
)
def test_a_brief_wording_keeps_what_turns_the_meaning(value: str, wanted: str) -> None:
    assert brief(fact("preference", value), "en") == wanted


def test_an_allergy_is_never_cut_short() -> None:
    value = "peanuts because of an anaphylactic shock"
    assert "anaphylactic shock" in short(fact("allergy", value), "en")


VALUES = st.sampled_from(["tea", "不吃香菜", "I don't like long films because", "x" * 300, "Lyon"])


@given(
    st.lists(
        st.tuples(st.sampled_from(["allergy", "never", "likes", "name"]), VALUES), max_size=20
    ),
    st.text(max_size=30),
    st.integers(0, 400),
)
@settings(max_examples=80, deadline=None)
def test_each_fact_is_chosen_or_left_out_and_the_budget_holds(
    pairs: list[tuple[str, str]], message: str, budget: int
) -> None:
    facts = [fact(s, v, id=str(n)) for n, (s, v) in enumerate(pairs)]
    chosen = select(facts, message, NOW, budget=budget)
    kept = [*chosen.constraints, *chosen.facts]
    assert sorted([*kept, *(x.fact for x in chosen.left_out)], key=str) == sorted(facts, key=str)
    assert set(chosen.wording) == set(kept)
    assert chosen.tokens == sum(tokens(t) + 1 for t in chosen.wording.values())
    health = sum(tokens(chosen.wording[f]) + 1 for f in kept if f.slot == "allergy")
    assert chosen.tokens <= max(budget, health)
    assert select(facts, message, NOW, budget=budget) == chosen


@given(st.text(max_size=60), st.text(max_size=60))
def test_more_text_is_never_fewer_tokens(one: str, other: str) -> None:
    assert tokens(f"{one} {other}") >= max(tokens(one), tokens(other))


@pytest.mark.parametrize(
    ("slot", "category"), [("mood", "preference"), ("goal", "goal"), ("likes", "preference")]
)
def test_confidence_falls_with_time_and_slower_for_what_is_said_often(
    slot: str, category: str
) -> None:
    once = fact(slot, "x", category=category, confirmed_at=NOW)
    often = fact(slot, "x", category=category, confirmed_at=NOW, times=5)
    assert confidence_now(once, NOW) == once.confidence
    assert confidence_now(once, NOW + 30 * DAY) < confidence_now(often, NOW + 30 * DAY)
    assert confidence_now(often, NOW + 30 * DAY) < often.confidence


@pytest.mark.parametrize(
    "lasting",
    [
        fact("allergy", "nuts"),
        fact("name", "Ada", category="identity"),
        fact("mood", "calm", source="settings"),
    ],
)
def test_constraints_identity_and_settings_do_not_fade(lasting: Fact) -> None:
    assert confidence_now(lasting, NOW + 3650 * DAY) == lasting.confidence


@pytest.mark.parametrize("edge", [datetime.min, datetime.max, NOW])
def test_confidence_is_a_share_at_any_date(edge: datetime) -> None:
    for said in (datetime.min, datetime.max, None):
        assert 0 <= confidence_now(fact("mood", "x", confirmed_at=said), edge) <= 0.8


def test_history_tells_where_one_lived_and_what_was_believed() -> None:
    may, june, july = (datetime(2026, m, 1, tzinfo=UTC) for m in (5, 6, 7))
    lyon = fact(
        "home", "Lyon", multiple=False, valid_from=may, learned_at=may, valid_to=june,
        unlearned_at=july,
    )  # fmt: skip
    oslo = fact("home", "Oslo", multiple=False, valid_from=june, learned_at=july)

    def told(**moment: datetime) -> list[str]:
        return [f.value for f in as_of((oslo,), (lyon,), **moment)]

    assert told() == ["Oslo"]
    assert told(valid=may + 9 * DAY) == ["Lyon"]
    assert told(valid=june + 9 * DAY) == ["Oslo"]
    assert told(believed=june + 9 * DAY) == ["Lyon"]
    # In June it was not known yet that she had moved.
    assert told(valid=june + 9 * DAY, believed=june + 9 * DAY) == ["Lyon"]
    assert told(valid=june + 9 * DAY, believed=july + DAY) == ["Oslo"]
    assert told(believed=may - DAY) == []
