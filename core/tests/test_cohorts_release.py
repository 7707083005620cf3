"""What is told of a group: of five at least, with noise, from a budget, and no more than once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import MetierError
from metier.policy import Groups
from metier.profile.cohorts import (
    EVERY,
    BudgetSpent,
    Contribution,
    Gaussian,
    Learn,
    Ledger,
    Release,
    decode_ledger,
    decode_release,
    encode_ledger,
    encode_release,
    refresh,
    still_allowed,
    threshold_of,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LEARN = Learn(slots={"level": "level"}, strategies=("example",), most=2)
GROUPS = Groups(5, 1.0, 1e-6, False, "test", renew_days=365)


class Noiseless:
    """Shows the figures as they are, of a scale that a test chooses."""

    name = "none"

    def __init__(self, scale: float = 0.0, add: int = 0) -> None:
        self.chosen = scale
        self.more = add

    def scale(self, sensitivity: float, epsilon: float, delta: float) -> float:
        return self.chosen

    def add(self, values: Sequence[int], scale: float) -> list[int]:
        return [value + self.more for value in values]


def people(**levels: int) -> list[Contribution]:
    rated = (("strategy", "example", 1.0),)
    return [
        Contribution((("level", level),), rated)  # type: ignore[arg-type]
        for level, count in levels.items()
        for _ in range(count)
    ]


def told(parts: Sequence[Contribution], groups: Groups = GROUPS, **more: object) -> Release:
    more = {"noise": Noiseless(), **more}
    return refresh("c", parts, LEARN, groups, Ledger(), NOW, **more).release  # type: ignore[arg-type]


# --- k ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(10))
def test_nothing_is_told_of_fewer_than_five(count: int) -> None:
    found = told(people(beginner=count))
    assert (found.size is not None) is (count >= 5)
    assert bool(found.values) is (count >= 5)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12)), st.integers(5, 9))
@settings(max_examples=60, deadline=None)
def test_no_figure_is_of_fewer_than_k_whatever_the_noise(counts: dict[str, int], k: int) -> None:
    parts = people(**counts)
    generous = Noiseless(add=10_000)
    found = told(parts, GROUPS._replace(k=k), noise=generous)
    shown = Counter(part.values[0][1] for part in parts)
    for value in found.values.get("level", {}):
        assert shown[value] >= k
    if found.size is None:
        assert not found.values and not found.ratings


def test_a_rating_is_told_of_as_many_people_as_a_value() -> None:
    lonely = [*people(a=20), *[Contribution((("level", "a"),)) for _ in range(10)]]
    assert told(lonely).ratings["strategy"]["example"].mean == 1.0
    few = [*people(a=4), *[Contribution((("level", "a"),)) for _ in range(10)]]
    assert told(few).ratings == {}


def test_a_figure_must_pass_the_threshold_with_its_noise() -> None:
    assert told(people(a=30), noise=Noiseless(scale=10)).size is None
    assert told(people(a=70), noise=Noiseless(scale=10)).size == 70


def test_where_what_is_left_over_is_a_few_people_one_more_figure_is_withheld() -> None:
    found = told(people(a=40, b=20, c=3))
    assert found.size == 63
    assert found.values["level"] == {"a": 40}
    assert told(people(a=40, b=20, c=7)).values["level"] == {"a": 40, "b": 20, "c": 7}


def test_what_is_left_over_says_nothing_where_the_noise_is_of_k_people() -> None:
    parts = people(a=400, b=200, c=3)
    assert told(parts, noise=Noiseless(scale=4.9)).values["level"] == {"a": 400}
    assert told(parts, noise=Noiseless(scale=5.0)).values["level"] == {"a": 400, "b": 200}


def test_whether_a_fifth_person_is_there_is_not_told() -> None:
    """Four who know each other learn nothing from what comes out for them and a fifth."""
    for count in (4, 5):
        made = refresh("c", people(a=count), LEARN, GROUPS, Ledger(), NOW)
        assert made.release.size is None and not made.release.values and not made.release.ratings
        assert made.ledger == Ledger().charge("c", 0.5, 0.5e-6, GROUPS, NOW)


def test_the_chance_to_pass_with_k_people_is_below_delta() -> None:
    """With a delta of a tenth, so that the chance can be seen: 3 figures a person."""
    scale, delta = 7.0, 0.1
    needed = threshold_of(5, scale, delta, most=2)
    made = Gaussian().add([50] * 5000, scale * 10)
    passing = sum(value / 10 >= needed for value in made) / len(made)
    assert passing <= delta / 3


def test_a_part_that_is_larger_than_it_may_be_is_refused() -> None:
    part = Contribution((("a", "x"), ("b", "x"), ("c", "x")))
    with pytest.raises(ValueError, match=r"learn\.most"):
        told([part] * 10)


# --- noise ------------------------------------------------------------------------------


def test_the_noise_is_that_which_the_budget_asks_for() -> None:
    mechanism = Gaussian()
    scale = mechanism.scale(2.0, 1.0, 1e-6)
    assert mechanism.scale(2.0, 0.5, 1e-6) > 1.8 * scale
    made = mechanism.add([1000] * 2000, scale * 10)
    mean = sum(made) / len(made)
    spread = (sum((value - mean) ** 2 for value in made) / len(made)) ** 0.5
    assert spread == pytest.approx(scale * 10, rel=0.1)
    assert mean == pytest.approx(1000, abs=5 * scale * 10 / 2000**0.5)


def test_two_releases_of_the_same_people_differ() -> None:
    parts = people(a=500)
    first, second = (told(parts, noise=Gaussian()) for _ in range(2))
    assert first.size != second.size or first.values != second.values


def test_the_difference_of_two_overlapping_groups_is_hidden_by_the_noise_of_both() -> None:
    """The same people with and without one: the figures differ by far more than one person."""
    one, other = people(a=500), people(a=499)
    with_one = [told(one, noise=Gaussian()).size for _ in range(20)]
    without = [told(other, noise=Gaussian()).size for _ in range(20)]
    gaps = [abs((a or 0) - (b or 0)) for a, b in zip(with_one, without, strict=True)]
    assert sorted(gaps)[10] > 5


def test_without_the_library_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "opendp.prelude", None)
    monkeypatch.setitem(sys.modules, "opendp", None)
    with pytest.raises(MetierError) as error:
        told(people(a=100), noise=Gaussian(), epsilon=0.123)
    assert error.value.code == "noise_missing"


# --- again and again --------------------------------------------------------------------


def test_between_refreshes_the_same_figures_are_given_again_and_cost_nothing() -> None:
    made = refresh("c", people(a=500), LEARN, GROUPS, Ledger(), NOW)
    later = NOW + EVERY - timedelta(seconds=1)
    again = refresh("c", people(a=900), LEARN, GROUPS, made.ledger, later, previous=made.release)
    assert again.release is made.release and again.ledger is made.ledger and not again.new


@pytest.mark.parametrize("stricter", [{"k": 6}, {"epsilon": 0.4}, {"delta": 1e-7}])
def test_figures_that_policy_no_longer_allows_are_not_given_again(
    stricter: dict[str, float],
) -> None:
    made = refresh("c", people(a=9), LEARN, GROUPS, Ledger(), NOW, noise=Noiseless())
    strict = GROUPS._replace(**stricter)  # type: ignore[arg-type]
    assert still_allowed(made.release, GROUPS) and not still_allowed(made.release, strict)
    assert still_allowed(Release("c", NOW), strict), "nobody's data is in what was declared"
    later = NOW + timedelta(days=400)
    again = refresh(
        "c", people(a=9), LEARN, strict, made.ledger, later,
        previous=made.release, every=timedelta(days=900), noise=Noiseless(),
    )  # fmt: skip
    assert again.new


def test_an_erased_member_is_not_in_the_next_figures() -> None:
    made = refresh("c", people(a=20, b=9), LEARN, GROUPS, Ledger(), NOW, noise=Noiseless())
    after = refresh(
        "c", people(a=20), LEARN, GROUPS, made.ledger, NOW + EVERY,
        previous=made.release, noise=Noiseless(),
    )  # fmt: skip
    assert made.release.values["level"] == {"a": 20, "b": 9}
    assert after.new and after.release.values["level"] == {"a": 20} and after.release.size == 20


def test_a_spent_budget_refuses_and_says_when_it_renews() -> None:
    ledger = Ledger()
    for month in range(2):
        ledger = refresh(
            "c", people(a=9), LEARN, GROUPS, ledger, NOW + month * EVERY, noise=Noiseless()
        ).ledger
    with pytest.raises(BudgetSpent, match="renews on 2027-05-01") as error:
        refresh("c", people(a=9), LEARN, GROUPS, ledger, NOW + 2 * EVERY, noise=Noiseless())
    assert error.value.code == "privacy_budget_spent"
    never = GROUPS._replace(renew_days=None)
    with pytest.raises(BudgetSpent, match="doesn't renew"):
        refresh("c", people(a=9), LEARN, never, ledger, NOW + 99 * EVERY, noise=Noiseless())
    renewed = NOW + timedelta(days=365)
    assert refresh("c", [], LEARN, GROUPS, ledger, renewed, noise=Noiseless()).new


def test_another_cohort_and_a_stricter_policy_have_their_own_accounts() -> None:
    ledger = Ledger().charge("a", 1.0, 1e-6, GROUPS, NOW)
    assert ledger.left("a", GROUPS, NOW) == (0.0, 0.0)
    assert ledger.left("b", GROUPS, NOW) == (1.0, 1e-6)
    assert ledger.left("a", GROUPS._replace(epsilon=0.1), NOW)[0] == 0.0
    assert ledger.left("a", GROUPS._replace(epsilon=3.0, delta=1e-3), NOW)[0] == 2.0


@given(
    st.lists(st.tuples(st.floats(0.01, 1.0), st.integers(0, 900)), max_size=40),
    st.integers(1, 400),
)
@settings(max_examples=80, deadline=None)
def test_in_no_period_is_more_spent_than_the_budget(
    asked: list[tuple[float, int]], days: int
) -> None:
    groups = GROUPS._replace(renew_days=days)
    ledger = Ledger()
    for epsilon, day in sorted(asked, key=lambda each: each[1]):
        now = NOW + timedelta(days=day)
        try:
            ledger = ledger.charge("c", epsilon, 1e-9, groups, now)
        except BudgetSpent as error:
            assert error.renews is None or error.renews >= now
    for entry in ledger.entries:
        window = [
            each.epsilon
            for each in ledger.entries
            if entry.at - timedelta(days=days) < each.at <= entry.at
        ]
        assert sum(window) <= 1.0 + 1e-6


@pytest.mark.parametrize("cost", [0.0, -1.0, float("nan")])
def test_a_release_that_costs_nothing_is_none(cost: float) -> None:
    with pytest.raises(BudgetSpent):
        Ledger().charge("c", cost, 1e-9, GROUPS, NOW)


# --- records ----------------------------------------------------------------------------


def test_releases_and_ledgers_are_read_as_they_were_written() -> None:
    made = refresh("c", people(a=50, 中文=60), LEARN, GROUPS, Ledger(), NOW, noise=Noiseless())
    assert decode_release(encode_release(made.release)) == made.release
    assert decode_ledger(encode_ledger(made.ledger)) == made.ledger


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v": 2}',
        b'{"v": 1, "entries": [1]}',
        b'{"v": 1, "entries": [{"cohort": "c", "at": "2026-05-01", "epsilon": null, "delta": 0}]}',
        b'{"v": 1, "entries": [{"cohort": "c", "at": "2026-05-01", "epsilon": -9, "delta": 0}]}',
    ],
)
def test_a_ledger_that_cannot_be_read_is_no_new_budget(data: bytes) -> None:
    with pytest.raises(MetierError) as error:
        decode_ledger(data)
    assert error.value.code == "bad_group_record"
    with pytest.raises(MetierError):
        decode_release(data)
