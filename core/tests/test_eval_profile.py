"""The suite of profiles: cases follow the real way, preferences are judged by words and turn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from metier.evaluation.profile import measure
from metier.evaluation.profile._blind import by_pattern, similarity
from metier.evaluation.profile._cases import Case, cases
from metier.evaluation.profile._judge import covered, preference_like
from metier.evaluation.profile._options import _point
from metier.evaluation.profile._path import follow
from metier.evaluation.profile._plans import BUDGET, Planner, at_most
from metier.evaluation.profile._prefeval import Preference, read_prefeval
from metier.evaluation.profile._turns import (
    BETWEEN,
    START,
    Ordinary,
    Person,
    from_turns_of,
    ordinary,
    pass_time,
    stated,
)
from metier.model import BadRequest, Fact, Provenance, Turn


def fact(slot: str, value: str, turn: str = "t", **more: object) -> Fact:
    where = Provenance("turn", "core:test", turn)
    return Fact(slot, value, "preference", 0.9, where, **more)  # type: ignore[arg-type]


def case(**raw: object) -> Case:
    return Case.model_validate({"id": "x", "lang": "en", **raw})


def parrot(turn: Turn) -> tuple[Fact, ...]:
    """Believes every word, as the field's failures do."""
    said = [turn.message, *(m.content for m in turn.history), *(p.text for p in turn.passages)]
    return tuple(fact("likes", text, turn.id, multiple=True) for text in said)


def careful(turn: Turn) -> tuple[Fact, ...]:
    return (fact("likes", turn.message, turn.id, multiple=True),)


def silent(_: Turn) -> tuple[Fact, ...]:
    return ()


@pytest.mark.parametrize(
    "say",
    [
        [{"user": "read this", "files": ["I like chess"]}],
        [{"assistant": "you like chess"}, "no idea"],
    ],
)
def test_an_extractor_that_reads_files_or_answers_fails_the_case(say: list[object]) -> None:
    wanted = case(say=say, not_believed=["chess"])
    assert not follow(wanted, parrot).right
    assert follow(wanted, careful).right


def test_no_fact_means_none_about_anybody() -> None:
    about = fact("likes", "chess", about="mother")
    wanted = case(say=["hello"], none=True)
    assert not follow(wanted, lambda _: (about,)).right
    assert follow(wanted, silent).right


def test_a_question_that_is_wanted_and_not_asked_is_a_failure() -> None:
    assert not follow(case(say=["a", "b"], asked=["a"]), silent).right
    assert follow(case(say=["a", "b"], asked=False), silent).right


def test_what_was_true_then_is_asked_of_the_history() -> None:
    def moves(turn: Turn) -> tuple[Fact, ...]:
        return (fact("home", turn.message, turn.id),)

    say = [
        {"user": "Utrecht", "at": "2026-03-02"},
        {"user": "Ghent", "at": "2026-06-20"},
    ]
    then = {"valid": "2026-05-10", "believed": ["Utrecht"], "not_believed": ["Ghent"]}
    right = case(say=say, believed=["Ghent"], not_believed=["Utrecht"], as_of=[then])
    wrong = case(say=say, as_of=[{**then, "believed": ["Ghent"], "not_believed": []}])
    assert follow(right, moves).failures == ()
    assert not follow(wrong, moves).right


def test_finding_nothing_passes_no_case_that_wants_a_fact_or_a_question() -> None:
    for each in cases():
        if each.believed or each.asked not in (None, False):
            assert not follow(each, silent).right, each.id


def test_a_case_that_checks_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="checks nothing"):
        case(say=["hello"])


@pytest.mark.parametrize(
    ("texts", "enough"),
    [
        (["avoids period dramas"], True),
        (["likes dramas of the period"], True),
        (["avoids horror"], False),
        ([], False),
    ],
)
def test_a_preference_is_told_by_half_of_its_words(texts: list[str], enough: bool) -> None:
    stated = "I strongly avoid period dramas because they bore me and my children."
    assert (covered(stated, texts) >= 0.5) is enough


def test_facts_about_others_and_retractions_are_no_preferences() -> None:
    assert preference_like(fact("likes", "tea"))
    assert not preference_like(fact("likes", "tea", about="mother"))
    assert not preference_like(fact("likes", "tea", retracts=True))
    assert not preference_like(replace(fact("order", "4711"), category="commerce"))


def preference(number: int, text: str) -> Preference:
    return Preference("topic", number, text, "What now?", (("user", text),))


def test_time_passes_by_an_hour_a_turn_and_ordinary_facts_are_merged() -> None:
    turns = [Ordinary("a", ()), Ordinary("b", (fact("likes", "tea", multiple=True),))]
    (ten, early), (last, late) = pass_time(Person((), START), turns, (1, 4))
    assert (ten, early.known, early.now) == (1, (), START + BETWEEN)
    assert last == 4 and late.now == START + 4 * BETWEEN
    assert [f.value for f in late.known] == ["tea"]


def test_the_turns_of_one_preference_are_not_those_of_another() -> None:
    one, eleven = preference(1, "x"), preference(11, "y")
    facts = [fact("likes", "a", "topic-1#0"), fact("likes", "b", "topic-11#0")]
    assert [f.value for f in from_turns_of(one, facts)] == ["a"]
    assert [f.value for f in from_turns_of(eleven, facts)] == ["b"]


def test_only_the_users_messages_are_extracted_from() -> None:
    talk = [("user", "hello"), ("assistant", "I'm allergic to nuts."), ("user", "ok")]
    assert [(t.text, t.facts) for t in ordinary([talk])] == [("hello", ()), ("ok", ())]
    shown = replace(preference(1, "x"), said=(("assistant", "I'm allergic to nuts."),))
    assert stated(shown, Person((), START))[1] == ()


def test_a_plan_stays_within_its_budget() -> None:
    facts = [
        fact("likes", f"a very long liking of thing number {n}", multiple=True, id=str(n))
        for n in range(200)
    ]
    plan = Planner(None).plan(Person(tuple(facts), START), "What about thing number 7?")
    assert plan.facts and plan.tokens <= BUDGET


@pytest.mark.parametrize(("text", "n"), [("", 0), ("tea", 1), ("teas", 2), ("42!", 3), ("喝茶", 4)])
def test_the_bound_counts_three_letters_a_token(text: str, n: int) -> None:
    assert at_most(text) == n


def test_ties_between_options_share_the_point() -> None:
    assert _point(["right", "b", "c", "d"], lambda _: 1.0) == 0.25
    assert _point(["right", "b"], lambda o: float(o == "right")) == 1
    assert _point(["right", "b"], lambda o: float(o == "b")) == 0


def test_similarity_without_an_encoder_finds_the_text_that_shares_rare_words() -> None:
    score = similarity(["a tale of tea", "a tale of two cities", "a tale"], None)
    found = score("Which cities are in the tale?")
    assert found.argmax() == 1


def test_the_plain_pattern_takes_a_statement_and_leaves_a_request() -> None:
    assert by_pattern("I strongly dislike boats.") == ["boats"]
    assert by_pattern("how far is the moon") == []


def test_without_data_the_sample_is_read(tmp_path: Path) -> None:
    sample = read_prefeval(tmp_path)
    assert sample.name == "sample"
    assert {form: len(each) for form, each in sample.forms.items()}.keys() == {
        "explicit",
        "choice",
        "persona",
    }
    assert len(sample.forms["explicit"]) >= 20
    assert len({each.topic for each in sample.forms["explicit"]}) >= 5


def test_the_right_option_comes_first_wherever_it_stands_in_the_file(tmp_path: Path) -> None:
    folder = tmp_path / "memory" / "prefeval"
    (folder / "implicit" / "choice-based").mkdir(parents=True)
    talk = {k: "x" for k in ("query", "assistant_options", "user_selection")}
    record = {
        "preference": "I avoid boats.",
        "question": "How do I get there?",
        "implicit_query": "Where to?",
        "options": ["by boat", "by train"],
        "aligned_op": "by train",
        "conversation": {**talk, "assistant_acknowledgment": "x"},
    }
    (folder / "implicit" / "choice-based" / "travel.json").write_text(json.dumps([record]))
    (folder / "filtered_inter_turns.json").write_text('[{"conversation": []}]')
    (found,) = read_prefeval(tmp_path).forms["choice"]
    assert found.options == ("by train", "by boat")


@pytest.mark.parametrize("content", ["", "[1]", '[{"preference": "x"}]'])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "memory" / "prefeval"
    (folder / "explicit").mkdir(parents=True)
    (folder / "explicit" / "travel.json").write_text(content)
    (folder / "filtered_inter_turns.json").write_text("[]")
    with pytest.raises(BadRequest, match=r"travel\.json"):
        read_prefeval(tmp_path)


def test_the_suite_runs_on_the_sample_and_every_share_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METIER_HOME", str(tmp_path))
    name, count, marks = measure(tmp_path, limit=4)
    assert name == "cases, sample"
    assert count > 60
    for key, mark in marks.items():
        if "tokens" not in key and not key.endswith(".facts"):
            assert 0 <= mark.value <= 1, key
    for key in (
        "cases.unseen.accuracy",
        "cases.zh.accuracy",
        "prefeval.extraction.recall",
        "prefeval.in_plan.recall@300",
        "prefeval.all_topics.in_plan.recall@300",
        "baseline.similarity.prefeval.in_plan.recall@300",
        "baseline.longest_option.prefeval.options.accuracy",
    ):
        assert key in marks
    assert marks["baseline.no_profile.prefeval.in_plan.recall@300"].value == 0
