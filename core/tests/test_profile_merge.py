"""Merging: what a new statement does to what is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from metier.model import Fact, Provenance
from metier.profile import UNSURE, Merge, as_of, current, identified, merge, settle

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
MANY = {"likes", "dislikes", "allergy", "diet", "goal", "medicine", "never", "avoids"}
HEALTH = {"allergy", "medicine"}


def fact(slot: str, value: str, turn: str | None = None, **more: Any) -> Fact:
    source, domain = more.pop("source", "turn"), more.pop("domain", "")
    more.setdefault("multiple", slot in MANY)
    more.setdefault("constraint", slot in ("allergy", "diet", "never"))
    category = "health" if slot in HEALTH else "preference"
    return Fact(slot, value, category, 0.8, Provenance(source, "t", turn, domain=domain), **more)


class Story:
    """Messages a day apart, each merged on top of what was known."""

    def __init__(self) -> None:
        self.now, self.known, self.last = START, (), Merge((), (), ())
        self.ended: list[Fact] = []
        self._turn = 0

    def say(self, *facts: Fact) -> Merge:
        self._turn += 1
        self.now = START + self._turn * DAY
        found = [
            Fact(**{**_fields(f), "provenance": _in_turn(f, f"turn-{self._turn}")}) for f in facts
        ]
        self.last = merge(self.known, identified(found), self.now)
        self.known = self.last.facts
        self.ended += self.last.ended
        return self.last

    def values(self, slot: str) -> list[str]:
        return [f.value for f in current(self.known, self.now) if f.slot == slot and not f.about]


def _fields(fact: Fact) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in Fact.__dataclass_fields__}


def _in_turn(fact: Fact, turn: str) -> Provenance:
    p = fact.provenance
    return Provenance(p.source, p.extractor, turn if p.source == "turn" else None, domain=p.domain)


def told(*messages: Fact | tuple[Fact, ...]) -> Story:
    story = Story()
    for each in messages:
        story.say(*(each if isinstance(each, tuple) else (each,)))
    return story


def test_a_change_ends_the_old_value_when_the_new_one_begins() -> None:
    moved = START + 20 * DAY
    story = told(fact("home", "Lyon"))
    story.now = moved + DAY
    done = merge(story.known, [fact("home", "Paris", valid_from=moved)], story.now)
    (ended,) = done.ended
    assert (ended.value, ended.valid_to, ended.unlearned_at) == ("Lyon", moved, story.now)
    assert done.retired == (ended.id,)
    assert [f.value for f in done.facts] == ["Paris"]


def test_a_correction_says_that_the_old_value_was_never_so() -> None:
    story = told(fact("home", "Lyon"), fact("home", "Nice", corrects=True))
    (ended,) = story.ended
    assert ended.valid_to == ended.valid_from
    assert story.values("home") == ["Nice"]
    assert story.known[0].valid_from == ended.valid_from


@pytest.mark.parametrize("slot", ["likes", "goal", "diet"])
def test_a_correction_of_one_of_several_values_replaces_the_one_said_last(slot: str) -> None:
    story = told(fact(slot, "tea"), fact(slot, "rice"), fact(slot, "milk", corrects=True))
    assert story.values(slot) == ["tea", "milk"]


def test_a_correction_that_names_the_old_value_replaces_that_one() -> None:
    story = told(fact("likes", "tea"), fact("likes", "rain"))
    story.say(
        fact("likes", "tea", retracts=True, corrects=True), fact("likes", "mate", corrects=True)
    )
    assert story.values("likes") == ["rain", "mate"]


def test_a_correction_of_an_allergy_that_does_not_say_which_keeps_all_and_asks() -> None:
    story = told(fact("allergy", "peanuts"), fact("allergy", "shrimp", corrects=True))
    assert story.values("allergy") == ["peanuts", "shrimp"]
    assert [q.was for q in story.last.questions] == ["peanuts"]


def test_a_slip_in_one_message_leaves_only_what_it_was_corrected_to() -> None:
    story = told(fact("home", "Bonn"))
    story.say(fact("home", "Lyon"), fact("home", "Nice", corrects=True))
    assert story.values("home") == ["Nice"]
    # Bonn was so, until the move; only Lyon was the slip.
    assert [(f.value, f.valid_to) for f in story.ended] == [("Bonn", story.now)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("peanuts", "Peanut"),
        ("the beach", "beaches"),
        ("花生醬", "花生酱"),
        ("ＬＡＴＥＸ", "latex"),
        ("really spicy food", "spicy food"),
        ("吃辣", "辣"),
        ("hiking.", "Hiking"),
        ("café", "cafe\u0301"),
    ],
)
def test_another_wording_of_a_value_strengthens_it_and_is_no_second_fact(
    one: str, other: str
) -> None:
    story = told(fact("likes", one), fact("likes", other))
    (known,) = story.known
    assert known.times == 2
    assert known.confidence == pytest.approx(0.96)
    assert known.confirmed_at == story.now


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("tea with milk", "tea without milk"),
        ("trains over planes", "planes over trains"),
        ("C", "C++"),
        ("2 dogs", "3 dogs"),
        ("辣", "不辣"),
    ],
)
def test_values_that_differ_in_meaning_stay_two(one: str, other: str) -> None:
    assert len(told(fact("likes", one), fact("likes", other)).known) == 2


def test_repetition_never_makes_an_inference_certain() -> None:
    story = told(*(fact("likes", "tea") for _ in range(30)))
    assert story.known[0].confidence <= 0.99
    assert story.known[0].times == 30


def test_the_same_thing_twice_in_one_message_counts_once() -> None:
    story = Story()
    story.say(fact("likes", "tea"), fact("likes", "Tea"))
    assert [f.times for f in story.known] == [1]


def test_what_is_set_is_not_replaced_by_what_is_inferred_but_asked_about_once() -> None:
    story = told(fact("home", "Lyon", source="settings"))
    (question,) = story.say(fact("home", "Nice", valid_from=START)).questions
    assert (question.reason, question.was, question.new.value) == ("settings", "Lyon", "Nice")
    assert story.values("home") == ["Lyon"]
    assert [f.confidence for f in story.known if f.value == "Nice"] == [UNSURE]
    assert story.say(fact("home", "Nice")).questions == ()


def test_what_is_set_replaces_what_was_inferred() -> None:
    story = told(fact("level", "beginner"), fact("level", "expert", source="settings"))
    assert story.values("level") == ["expert"]


def test_saying_in_settings_what_was_inferred_makes_it_explicit() -> None:
    story = told(fact("likes", "tea"), fact("likes", "tea", source="settings"))
    assert [f.provenance.source for f in story.known] == ["settings"]


@pytest.mark.parametrize("slot", ["home", "level", "mood", "grade", "a_slot_of_a_plugin"])
def test_slots_that_change_take_the_newer_value_without_a_question(slot: str) -> None:
    story = told(fact(slot, "one"), fact(slot, "two"))
    assert (story.values(slot), story.last.questions) == (["two"], ())


def test_a_name_in_another_script_is_the_same_person_s_in_that_language() -> None:
    story = told(fact("name", "Zoe Wang"), fact("name", "王卓"))
    assert (story.values("name"), story.last.questions) == (["王卓"], ())
    assert [f.value for f in story.ended] == ["Zoe Wang"]


@pytest.mark.parametrize("slot", ["name", "birthday", "blood_type"])
def test_slots_that_do_not_change_are_asked_about(slot: str) -> None:
    story = told(fact(slot, "first"), fact(slot, "second"))
    (question,) = story.last.questions
    assert (question.reason, story.values(slot)) == ("stable", ["first"])
    assert story.say(fact(slot, "second")).questions == ()
    assert max(f.confidence for f in story.known if f.value == "second") <= UNSURE


def test_a_word_of_change_settles_what_would_be_a_contradiction() -> None:
    story = told(fact("name", "Ada Stone"), fact("name", "Ida Brook", corrects=True))
    assert (story.values("name"), story.last.questions) == (["Ida Brook"], ())
    story = told(fact("likes", "tea"), fact("dislikes", "tea", valid_from=START + 2 * DAY))
    assert (story.values("likes"), story.values("dislikes")) == ([], ["tea"])


@pytest.mark.parametrize("order", [("Clara", "Clara Weiss"), ("Clara Weiss", "clara")])
def test_a_name_in_full_and_in_short_is_one_name_and_the_full_one_stays(
    order: tuple[str, str],
) -> None:
    story = told(*(fact("name", name) for name in order))
    assert (story.values("name"), story.last.questions) == (["Clara Weiss"], ())


def test_liking_and_disliking_the_same_is_asked_about_and_the_first_holds() -> None:
    story = told(fact("likes", "olives"), fact("dislikes", "the olives"))
    assert [q.reason for q in story.last.questions] == ["opposed"]
    assert (story.values("likes"), story.values("dislikes")) == (["olives"], [])


def test_an_allergy_holds_until_the_person_says_that_it_has_gone() -> None:
    story = told(fact("allergy", "nuts"), fact("allergy", "nuts", retracts=True))
    assert [q.reason for q in story.last.questions] == ["safety"]
    assert story.values("allergy") == ["nuts"]
    story.say(fact("allergy", "nuts", retracts=True, valid_from=START + 3 * DAY))
    assert story.values("allergy") == []


@pytest.mark.parametrize(
    ("known", "liked"),
    [
        (fact("allergy", "peanuts"), "peanut butter"),
        (fact("diet", "vegan"), "a rare steak"),
        (fact("allergy", "虾"), "虾仁炒蛋"),
    ],
)
def test_liking_what_an_allergy_or_a_diet_leaves_out_is_asked_about(
    known: Fact, liked: str
) -> None:
    story = told(known, fact("likes", liked, valid_from=START))
    assert len(story.last.questions) == 1
    assert story.values(known.slot) == [known.value]
    assert story.values("likes") == []


def test_a_narrow_statement_leaves_a_wide_one_alone() -> None:
    story = told(fact("likes", "Mexican food"), fact("dislikes", "cilantro"))
    assert story.last.questions == ()
    assert (story.values("likes"), story.values("dislikes")) == (["Mexican food"], ["cilantro"])


def test_a_fact_for_a_time_hides_the_lasting_one_and_lapses() -> None:
    story = told(fact("likes", "coffee"), fact("home", "Lyon"))
    until = START + 9 * DAY
    story.say(fact("dislikes", "coffee", valid_to=until), fact("home", "Berlin", valid_to=until))
    assert story.last.questions == ()
    assert (story.values("likes"), story.values("home")) == ([], ["Berlin"])
    story.now = until
    assert (story.values("likes"), story.values("home")) == (["coffee"], ["Lyon"])
    assert story.values("dislikes") == []


def test_taking_back_for_a_time_hides_for_that_time() -> None:
    story = told(fact("likes", "coffee"))
    until = START + 9 * DAY
    story.say(fact("likes", "coffee", retracts=True, valid_to=until))
    assert (story.values("likes"), story.values("dislikes")) == ([], ["coffee"])
    story.now = until
    assert story.values("likes") == ["coffee"]


def test_an_allergy_is_never_hidden_for_a_time() -> None:
    story = told(fact("allergy", "nuts"))
    story.say(fact("allergy", "nuts", retracts=True, valid_to=START + 9 * DAY))
    assert story.values("allergy") == ["nuts"]


def test_what_has_lapsed_goes_to_history_with_the_next_message() -> None:
    story = told(fact("mood", "tired", valid_to=START + 2 * DAY))
    done = story.say(fact("likes", "tea"))
    assert [f.value for f in done.ended] == ["tired"]
    assert done.retired == (done.ended[0].id,)


def test_what_begins_later_holds_from_then_and_the_old_value_until_then() -> None:
    story = told(fact("home", "Lyon"), fact("home", "Oslo", valid_from=START + 30 * DAY))
    assert story.values("home") == ["Lyon"]
    story.now = START + 30 * DAY
    assert story.values("home") == ["Oslo"]


def test_a_fact_about_somebody_else_never_touches_the_persons() -> None:
    story = told(
        fact("allergy", "nuts"),
        fact("allergy", "nuts", about="mother", retracts=True),
        fact("home", "Lyon"),
        fact("home", "Nice", about="mother"),
    )
    assert story.last.questions == ()
    assert (story.values("allergy"), story.values("home")) == (["nuts"], ["Lyon"])
    assert {(f.about, f.value) for f in story.known if f.about} == {("mother", "Nice")}


def test_a_retraction_without_a_value_ends_the_slot_and_leaves_others() -> None:
    story = told((fact("goal", "run"), fact("goal", "swim"), fact("likes", "tea")))
    story.say(fact("goal", "", retracts=True))
    assert (story.values("goal"), story.values("likes")) == ([], ["tea"])
    assert {f.value for f in story.ended} == {"run", "swim"}


def test_taking_all_back_and_saying_one_of_them_again_keeps_that_one() -> None:
    story = told((fact("diet", "vegan"), fact("diet", "halal")))
    story.say(fact("diet", "", retracts=True), fact("diet", "vegan"))
    assert story.values("diet") == ["vegan"]


def test_each_domain_has_facts_of_its_own_and_settings_hold_for_all() -> None:
    story = told(fact("level", "expert", domain="writing"))
    story.say(fact("level", "beginner", domain="education"))
    assert story.values("level") == ["expert", "beginner"]
    story.say(fact("level", "advanced", source="settings"))
    assert story.values("level") == ["advanced"]


def test_a_past_that_is_told_goes_to_history_and_is_found_there() -> None:
    story = told(fact("home", "Lyon"))
    begin, end = datetime(2010, 1, 1, tzinfo=UTC), datetime(2015, 1, 1, tzinfo=UTC)
    story.say(fact("home", "Bonn", valid_from=begin, valid_to=end))
    assert story.values("home") == ["Lyon"]
    found = as_of(story.known, story.ended, valid=datetime(2012, 5, 1, tzinfo=UTC))
    assert [f.value for f in found] == ["Bonn"]


def test_a_past_with_an_end_alone_ends_what_is_known_and_holds_before_it() -> None:
    story = told(fact("home", "Hanoi"))
    story.say(fact("home", "Hanoi", valid_to=datetime(2020, 1, 1, tzinfo=UTC)))
    assert story.values("home") == []
    found = as_of(story.known, story.ended, valid=datetime(2019, 3, 1, tzinfo=UTC))
    assert [f.value for f in found] == ["Hanoi"]


def test_what_is_said_later_is_not_overridden_by_a_writer_who_comes_late() -> None:
    late = merge((), identified([fact("home", "Paris", "b")]), START + 2 * DAY)
    done = merge(late.facts, identified([fact("home", "Lyon", "a")]), START + DAY)
    assert [f.value for f in done.facts] == ["Paris"]
    assert [f.value for f in done.ended] == ["Lyon"]


@pytest.mark.parametrize("keep", ["old", "new"])
def test_a_question_is_settled_by_the_persons_answer(keep: Any) -> None:
    story = told(fact("birthday", "3 May"), fact("birthday", "4 May"))
    done = settle(story.known, story.last.questions[0], keep, story.now + DAY)
    (kept,) = done.facts
    assert kept.value == ("3 May" if keep == "old" else "4 May")
    assert (kept.provenance.source, kept.confidence) == ("settings", 1.0)
    (gone,) = done.ended
    assert gone.valid_from == gone.valid_to


def test_settling_a_denied_allergy_ends_it() -> None:
    story = told(fact("allergy", "nuts"), fact("allergy", "nuts", retracts=True))
    assert settle(story.known, story.last.questions[0], "new", story.now).facts == ()
    kept = settle(story.known, story.last.questions[0], "old", story.now)
    assert [f.value for f in kept.facts] == ["nuts"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_names_both_values(language: str) -> None:
    story = told(fact("birthday", "3 May"), fact("birthday", "4 May"))
    text = story.last.questions[0].question(language)
    assert "3 May" in text and "4 May" in text
    story = told(fact("allergy", "nuts"), fact("allergy", "nuts", retracts=True))
    assert "nuts" in story.last.questions[0].question(language)


EDGES = [
    datetime.min,
    datetime.max,
    datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    datetime(2026, 1, 5),
]


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_dates_at_the_edges_of_the_calendar_break_nothing(edge: datetime) -> None:
    known = (
        fact("home", "Lyon", valid_from=edge, learned_at=edge, confirmed_at=edge, id="a"),
        fact("likes", "tea", valid_to=edge, id="b"),
    )
    found = [fact("home", "Nice", valid_from=edge), fact("likes", "tea", valid_to=edge)]
    for now in (*EDGES, START):
        done = merge(known, found, now)
        current(done.facts, now)
        as_of(done.facts, done.ended, valid=edge, believed=now)


def test_a_strengthened_fact_that_the_same_message_ends_is_retired() -> None:
    story = told(fact("likes", "tea"))
    done = merge(
        story.known,
        identified([fact("likes", "tea", "x"), fact("likes", "", "x", retracts=True)]),
        story.now + DAY,
    )
    assert (done.facts, done.changed) == ((), ())
    assert done.retired == (story.known[0].id,)


def test_merging_nothing_changes_nothing() -> None:
    known = told(fact("mood", "tired", valid_to=START)).known
    assert merge(known, (), START + 9 * DAY) == Merge(known, (), ())


APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6))


def holding(story: Story, slot: str, at: datetime) -> list[str]:
    return [f.value for f in as_of(story.known, story.ended, valid=at) if f.slot == slot]


@pytest.mark.parametrize("source", ["turn", "settings"])
def test_what_begins_in_time_to_come_ends_what_holds_until_then(source: str) -> None:
    story = told(fact("home", "Turin", source=source), fact("home", "Genoa", valid_from=APRIL))
    assert holding(story, "home", APRIL - DAY) == ["Turin"]
    assert holding(story, "home", APRIL) == ["Genoa"] == holding(story, "home", MAY)
    (turin,) = [f for f in as_of(story.known, story.ended, valid=story.now) if f.slot == "home"]
    assert turin.valid_to == APRIL
    # Before and after anything is said in April.
    assert [f.value for f in current(story.known, APRIL - DAY)] == ["Turin"]
    assert [f.value for f in current(story.known, MAY)] == ["Genoa"]
    believed = as_of(story.known, story.ended, believed=story.now)
    assert [f.value for f in believed] == ["Turin"]


def test_a_move_that_is_called_off_ends_nothing() -> None:
    story = told(
        fact("home", "Turin"),
        fact("home", "Genoa", valid_from=APRIL),
        fact("home", "Genoa", retracts=True),
    )
    assert holding(story, "home", MAY) == ["Turin"] == story.values("home")


def test_two_moves_in_time_to_come_follow_each_other() -> None:
    story = told(
        fact("home", "Turin"),
        fact("home", "Genoa", valid_from=APRIL),
        fact("home", "Oslo", valid_from=JUNE),
    )
    assert holding(story, "home", APRIL - DAY) == ["Turin"]
    assert holding(story, "home", MAY) == ["Genoa"]
    assert holding(story, "home", JUNE) == ["Oslo"]
    for at, home in ((APRIL - DAY, "Turin"), (MAY, "Genoa"), (JUNE, "Oslo")):
        assert [f.value for f in current(story.known, at)] == [home]


def test_what_begins_for_somebody_else_or_beside_ends_nothing() -> None:
    story = told(
        (fact("home", "Turin"), fact("likes", "tea")),
        (fact("home", "Genoa", valid_from=APRIL, about="mother"),
         fact("likes", "coffee", valid_from=APRIL)),
    )  # fmt: skip
    assert holding(story, "home", MAY) == ["Turin", "Genoa"]
    assert holding(story, "likes", MAY) == ["tea", "coffee"]


def test_a_stay_for_a_time_does_not_end_a_home() -> None:
    story = told(fact("home", "Turin"), fact("home", "Genoa", valid_from=APRIL, valid_to=MAY))
    assert "Turin" in holding(story, "home", JUNE)


def test_a_correction_ends_what_two_extractors_read_from_the_same_words() -> None:
    # 我信佛: one reads 佛, another 信佛; both are values of the slot that is corrected.
    def read(value: str, extractor: str, start: int) -> Fact:
        where = Provenance("turn", extractor, "one", start, 3)
        return Fact("religion", value, "religion", 0.8, where)

    once = merge((), identified([read("佛", "a", 2)]), START)
    known = merge(once.facts, identified([replace(read("信佛", "b", 1), multiple=True)]), START)
    assert len(known.facts) == 2
    said = fact("religion", "道教", "two", corrects=True)
    last = merge(known.facts, identified([said]), START + DAY)
    assert [f.value for f in last.facts] == ["道教"]
