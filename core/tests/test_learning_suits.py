"""The learned personalizer: shrinks to the group, says why."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metier.learning import Outcome, PersonView, Prior, Suits, Text

PRIOR = Prior("strategy", "concise", 0.8, 10.0, "night-class", Text("Night class", "夜校"))


def view(*, outcomes: tuple[Outcome, ...] = (), priors: tuple[Prior, ...] = ()) -> PersonView:
    return PersonView("education", "en", "", outcomes=outcomes, priors=priors)


def test_of_nobody_in_particular_nothing_is_changed() -> None:
    assert Suits().personalize(view()).changes == ()


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


def test_the_tenth_judgement_against_the_group_begins_to_outweigh_it() -> None:
    group = Prior("strategy", "concise", 1.0, 9.0, "night-class")
    for bad, liked in ((9, 0), (10, -1)):
        chance = Suits().chance(
            view(outcomes=(Outcome("strategy", "concise", 0, bad),), priors=(group,)),
            "strategy", "concise",
        )  # fmt: skip
        assert math.copysign(1, chance - 0.5) == liked or chance == pytest.approx(0.5)


def test_every_change_goes_with_its_cause_and_says_it_in_both_languages() -> None:
    before = view(
        outcomes=(Outcome("strategy", "coach", 9, 0), Outcome("tag", "example", 0, 9)),
        priors=(PRIOR, Prior("tag", "plain", 0.9, 9.0, "*")),
    )
    found = Suits().personalize(before)
    assert {c.kind for r in found.reasons for c in r.because} == {"cohort", "feedback"}
    for reason in found.reasons:
        (cause,) = reason.because
        left = Suits().personalize(before.without(cause))
        assert reason.rule not in {r.rule for r in left.reasons}
    words = {r.rule: r.words for r in found.reasons}
    assert "“Night class”" in words["suits:strategy:concise:cohort"].en
    assert "夜校" in words["suits:strategy:concise:cohort"].zh
    assert words["suits:tag:plain:cohort"].en.startswith("People here")
    assert "0/9" in words["suits:tag:example:feedback"].zh


@given(st.floats(0, 1), st.floats(0.1, 50), st.integers(0, 1000), st.integers(0, 1000))
def test_changes_stay_in_bounds(mean: float, weight: float, good: int, bad: int) -> None:
    prior = Prior("tag", "example", mean, weight, "c")
    found = Suits().personalize(view(outcomes=(Outcome("tag", "example", good, bad),),
                                     priors=(prior,)))  # fmt: skip
    for change in found.changes:
        assert -1 < change.by < 1 and math.isfinite(change.by)
