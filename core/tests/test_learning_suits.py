"""The learned personalizer: shrinks to the group, says why, keeps nothing of a few people."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.learning import (
    PROTECTED,
    Cause,
    Experience,
    Outcome,
    PersonView,
    Prior,
    Suits,
    fit_suits,
)
from metier.model import Fact, MetierError, Provenance

PRIOR = Prior("strategy", "concise", 0.8, 10.0, "night-class")


def view(
    *facts: Fact, outcomes: tuple[Outcome, ...] = (), priors: tuple[Prior, ...] = ()
) -> PersonView:
    return PersonView("education", "en", "", facts, outcomes=outcomes, priors=priors)


def fact(slot: str, value: str, category: str = "level", number: int = 0) -> Fact:
    return Fact(slot, value, category, 0.9, Provenance("settings", "t"), id=f"{slot}{number}")


def experience(people: int, seed: int = 0) -> list[Experience]:
    """Beginners like worked examples (.9), experts don't (.2); all like "coach" at .6."""
    draw = Random(seed)
    rows = []
    for n in range(people):
        beginner = n % 2 == 0
        good = sum(draw.random() < (0.9 if beginner else 0.2) for _ in range(4))
        coach = sum(draw.random() < 0.6 for _ in range(4))
        rows.append(
            Experience(
                f"p{n}", "education", "en", (fact("level", "Beginner" if beginner else "expert"),),
                (Outcome("strategy", "worked_example", good, 4 - good),
                 Outcome("strategy", "coach", coach, 4 - coach)),
            )
        )  # fmt: skip
    return rows


LEARNED = fit_suits(experience(200))


def test_of_nobody_in_particular_nothing_is_changed() -> None:
    assert Suits().personalize(view()).changes == ()
    assert LEARNED.personalize(view()).changes == ()


def test_ten_observations_weigh_as_much_as_a_prior_of_ten() -> None:
    found = Suits().chance(
        view(outcomes=(Outcome("strategy", "concise", 0, 10),), priors=(PRIOR,)),
        "strategy", "concise",
    )  # fmt: skip
    assert found == pytest.approx(0.4)  # half way from the group's .8 to the person's own 0


@given(st.integers(0, 40), st.integers(0, 40))
def test_with_feedback_the_chance_lies_between_the_prior_and_the_persons_own(
    good: int, bad: int
) -> None:
    own = (Outcome("strategy", "concise", good, bad),)
    chance = Suits().chance(view(outcomes=own, priors=(PRIOR,)), "strategy", "concise")
    share = good / (good + bad) if good + bad else 0.8
    assert min(share, 0.8) - 1e-6 <= chance <= max(share, 0.8) + 1e-6


def test_what_people_with_a_fact_liked_is_learned_and_explained() -> None:
    beginner, expert = fact("level", "beginner"), fact("level", "expert", number=1)
    up, down = LEARNED.personalize(view(beginner)), LEARNED.personalize(view(expert))
    assert up.strategy("worked_example") > 0.3 > -0.3 > down.strategy("worked_example")
    assert abs(up.strategy("coach")) < 0.2
    reason = next(c.reason for c in up.changes if c.name == "worked_example")
    assert reason.because == (Cause("fact", (beginner.id,)),)
    assert "level=beginner" in reason.words.en and "同样情况" in reason.words.zh


def test_every_change_goes_with_its_cause() -> None:
    before = view(
        fact("level", "beginner"),
        outcomes=(Outcome("strategy", "coach", 9, 0), Outcome("tag", "example", 0, 9)),
        priors=(PRIOR,),
    )
    found = LEARNED.personalize(before)
    assert {c.kind for r in found.reasons for c in r.because} == {"fact", "cohort", "feedback"}
    for reason in found.reasons:
        (cause,) = reason.because
        left = LEARNED.personalize(before.without(cause))
        assert reason.rule not in {r.rule for r in left.reasons}


def test_held_out_people_are_foretold_better_than_by_the_names_alone_and_calibrated() -> None:
    assert LEARNED.table is not None
    metrics = LEARNED.table.metrics
    assert metrics["log_loss"] < metrics["log_loss_of_names"] - 0.05
    assert metrics["ece"] < 0.06


def test_the_learned_chance_is_near_the_one_that_was_drawn_from() -> None:
    for value, drawn in (("beginner", 0.9), ("expert", 0.2)):
        chance = LEARNED.chance(view(fact("level", value)), "strategy", "worked_example")
        assert abs(chance - drawn) < 0.08


def test_where_the_fact_says_nothing_little_is_learned_from_it() -> None:
    draw = Random(1)
    rows = [
        Experience(f"p{n}", "d", "en", (fact("level", draw.choice(["a", "b"])),),
                   (Outcome("strategy", "x", n % 2, 1 - n % 2),))
        for n in range(200)
    ]  # fmt: skip
    found = fit_suits(rows).personalize(view(fact("level", "a")))
    assert abs(found.strategy("x")) < 0.25


def test_nothing_is_learned_of_what_fewer_than_five_people_share() -> None:
    rare = [
        Experience(f"r{n}", "d", "en", (fact("likes", "falconry"),),
                   (Outcome("strategy", "rare", 5, 0),))
        for n in range(4)
    ]  # fmt: skip
    table = fit_suits(experience(40) + rare, k=1).table
    assert table is not None
    assert "likes=falconry" not in table.features and "strategy:rare" not in table.names
    assert fit_suits(rare).table is None


@pytest.mark.parametrize(
    ("slot", "category"),
    [*((slot, "preference") for slot in sorted(PROTECTED)), ("likes", "religion"),
     ("allergy", "health"), ("email", "contact"), ("motto", "identity")],
)  # fmt: skip
def test_who_somebody_is_is_never_a_feature(slot: str, category: str) -> None:
    rows = [
        Experience(f"p{n}", "d", "en", (fact(slot, f"v{n % 2}", category),),
                   (Outcome("strategy", "x", n % 2, 1 - n % 2),))
        for n in range(40)
    ]  # fmt: skip
    table = fit_suits(rows).table
    assert table is not None and table.features == ()


def test_it_comes_back_from_its_bytes_as_it_was() -> None:
    again = Suits.read(LEARNED.pack())
    here = view(fact("level", "beginner"), priors=(PRIOR,))
    assert again.personalize(here) == LEARNED.personalize(here)
    assert Suits.read(Suits().pack()).table is None
    assert again.pack() == LEARNED.pack()


@given(st.binary(max_size=300), st.integers(0, 10_000))
def test_bytes_that_are_not_as_they_were_written_are_refused(noise: bytes, place: int) -> None:
    good = LEARNED.pack()
    for data in (noise, good[: place % len(good)], good + b"x"):
        with pytest.raises(MetierError) as caught:
            Suits.read(data)
        assert caught.value.code == "bad_model"
    place %= len(good)
    with pytest.raises(MetierError):
        Suits.read(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])


def test_fitting_twice_gives_the_same_bytes() -> None:
    assert fit_suits(experience(60)).pack() == fit_suits(experience(60)).pack()


@given(st.floats(0, 1), st.floats(0.1, 50), st.integers(0, 1000), st.integers(0, 1000))
def test_changes_stay_in_bounds(mean: float, weight: float, good: int, bad: int) -> None:
    prior = Prior("tag", "example", mean, weight, "c")
    found = Suits().personalize(view(outcomes=(Outcome("tag", "example", good, bad),),
                                     priors=(prior,)))  # fmt: skip
    for change in found.changes:
        assert -1 < change.by < 1 and math.isfinite(change.by)
