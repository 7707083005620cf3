"""From person to group: who counts how much, and how that is estimated."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.profile.cohorts import (
    STRENGTH,
    Level,
    shrink,
    strength_of_means,
    strength_of_rates,
)

COHORT = Level("cohort:a", 1e9, 0.2)


def test_the_tenth_observation_of_a_person_begins_to_outweigh_the_group() -> None:
    for n in range(1, 20):
        weights = shrink(Level("person", n, 0.9), [COHORT]).weights
        assert (weights["person"] > weights["cohort:a"]) is (n >= 10)


def test_with_no_observation_the_group_is_all() -> None:
    assert shrink(None, [COHORT]).mean == 0.2
    assert shrink(Level("person", 0, 0.0), [COHORT]).mean == 0.2


def test_a_level_that_knows_nothing_gives_its_weight_to_the_next() -> None:
    levels = [Level("cohort:a", 0, 0.0), Level("tenant", 100, 0.5), Level("domain", 9, 0.1)]
    found = shrink(None, levels)
    assert "cohort:a" not in found.weights
    assert found.weights["tenant"] == pytest.approx(100 / 109)


def test_it_is_the_posterior_mean_of_a_beta_binomial() -> None:
    found = shrink(Level("person", 4, 0.75, strength=6), [Level("cohort:a", 1, 0.5)])
    alpha, beta, wins, losses = 3, 3, 3, 1
    assert found.mean == pytest.approx((alpha + wins) / (alpha + beta + wins + losses))


def test_shares_of_values_are_shrunk_alike() -> None:
    found = shrink(Level("person", 9, {"a": 1.0}), [Level("cohort:x", 1, {"a": 0.2, "b": 0.8})])
    assert found.shares == pytest.approx({"a": 0.6, "b": 0.4})


def test_shares_and_means_are_not_mixed_and_something_must_be_known() -> None:
    with pytest.raises(ValueError, match="shares"):
        shrink(Level("person", 1, {"a": 1.0}), [COHORT])
    with pytest.raises(ValueError, match="knows"):
        shrink(None, [])


LEVELS = st.lists(
    st.builds(
        Level,
        st.sampled_from(["cohort:a", "cohort:b", "tenant", "domain"]),
        st.floats(0, 1e6),
        st.floats(0, 1),
        st.floats(0, 1e4),
    ),
    min_size=1,
    max_size=5,
).filter(lambda levels: any(level.n > 0 for level in levels))


@given(LEVELS, st.floats(0, 1000), st.floats(0, 1))
@settings(deadline=None)
def test_weights_sum_to_one_and_the_value_lies_between_the_levels(
    levels: list[Level], n: float, value: float
) -> None:
    found = shrink(Level("person", n, value), levels)
    assert sum(found.weights.values()) == pytest.approx(1.0)
    assert all(weight >= 0 for weight in found.weights.values())
    values = [float(level.value) for level in levels if level.n > 0]  # type: ignore[arg-type]
    values += [value] if n > 0 else []
    assert min(values) - 1e-9 <= found.mean <= max(values) + 1e-9


@given(st.integers(1, 200), st.floats(0.3, 1))
@settings(deadline=None)
def test_more_observations_of_a_person_weigh_more(n: int, value: float) -> None:
    fewer, more = (shrink(Level("person", k, value), [COHORT]) for k in (n, n + 1))
    assert more.weights["person"] > fewer.weights["person"]
    assert abs(more.mean - value) <= abs(fewer.mean - value) + 1e-12


@pytest.mark.parametrize("strength", [2.0, 8.0, 40.0])
def test_the_strength_of_rates_is_found_again(strength: float) -> None:
    draw = random.Random(1)
    groups = []
    for _ in range(3000):
        rate = draw.betavariate(0.4 * strength, 0.6 * strength)
        wins = sum(draw.random() < rate for _ in range(20))
        groups.append((20.0, {"yes": wins / 20}))
    assert strength_of_rates(groups, most=1000) == pytest.approx(strength, rel=0.2)


def test_the_strength_of_means_is_the_ratio_of_variances() -> None:
    draw = random.Random(2)
    groups = []
    for _ in range(2000):
        middle = draw.gauss(0, 1)
        values = [draw.gauss(middle, 2) for _ in range(10)]
        mean = sum(values) / 10
        groups.append((10.0, mean, sum((v - mean) ** 2 for v in values) / 9))
    assert strength_of_means(groups, most=1000) == pytest.approx(4.0, rel=0.2)


def test_where_groups_do_not_differ_or_are_too_few_the_cap_counts() -> None:
    same = [(50.0, {"a": 0.5})] * 10
    assert strength_of_rates(same) == STRENGTH == strength_of_rates(same[:1])
    assert strength_of_means([(50.0, 0.5, 0.2)] * 10) == STRENGTH
    assert strength_of_means([]) == STRENGTH
    assert strength_of_rates(same, most=100.0) == 100.0


def test_groups_that_differ_wholly_are_worth_nothing_to_each_other() -> None:
    assert strength_of_rates([(50.0, {"a": 1.0}), (50.0, {"b": 1.0})]) == 0.0
