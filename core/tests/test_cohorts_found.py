"""Found groups: only where policy allows, of k at least, with ids that stay."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metier.model import Fact, MetierError, Provenance
from metier.policy import SPECIAL_CATEGORIES, Groups
from metier.profile.cohorts import (
    Found,
    Release,
    affinities,
    belonging,
    decode_found,
    encode_found,
    fact_vector,
    find,
    membership,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ALLOWED = Groups(5, 1.0, 1e-6, True, "test")
AXES = ([1.0, 0.1, 0.1], [0.1, 1.0, 0.1], [0.1, 0.1, 1.0])


def around(counts: tuple[int, ...], seed: int = 0) -> dict[str, list[float]]:
    draw = random.Random(seed)
    return {
        f"s-{axis}-{n}": [x + draw.gauss(0, 0.05) for x in AXES[axis]]
        for axis, count in enumerate(counts)
        for n in range(count)
    }


def test_groups_are_not_found_where_policy_does_not_allow_it() -> None:
    with pytest.raises(MetierError) as error:
        find(around((20, 20)), ALLOWED._replace(clustering=False), NOW)
    assert error.value.code == "clustering_not_allowed" and error.value.status == 403


def test_people_who_are_alike_are_one_group() -> None:
    vectors = around((20, 15, 10))
    found = find(vectors, ALLOWED, NOW)
    assert [cluster.size for cluster in found.clusters] == [20, 15, 10]
    groups = {
        axis: {membership(v, found).cohort for s, v in vectors.items() if s[2] == str(axis)}  # type: ignore[union-attr]
        for axis in range(3)
    }
    assert all(len(names) == 1 for names in groups.values())
    assert len(set.union(*groups.values())) == 3


@pytest.mark.parametrize("counts", [(20, 4), (4, 4), (9,), (0, 0)])
def test_no_group_is_of_fewer_than_k(counts: tuple[int, ...]) -> None:
    found = find(around(counts), ALLOWED, NOW)
    assert all(cluster.size >= 5 for cluster in found.clusters)
    assert len(found.clusters) != 1


@given(
    st.lists(st.lists(st.floats(-1, 1), min_size=3, max_size=3), max_size=40), st.integers(5, 12)
)
@settings(max_examples=40, deadline=None)
def test_every_found_group_is_of_k_people_and_everybody_is_in_one(
    points: list[list[float]], k: int
) -> None:
    vectors = {str(n): point for n, point in enumerate(points)}
    found = find(vectors, ALLOWED._replace(k=k), NOW)
    used = sum(any(abs(x) > 0 for x in point) for point in points)
    assert all(cluster.size >= k for cluster in found.clusters)
    assert sum(cluster.size for cluster in found.clusters) in (0, used)


def test_the_order_of_people_changes_nothing() -> None:
    vectors = around((20, 15, 10))
    turned = dict(reversed(list(vectors.items())))
    assert find(vectors, ALLOWED, NOW) == find(turned, ALLOWED, NOW)


def test_a_group_keeps_its_id_while_it_lasts_and_no_id_is_used_twice() -> None:
    first = find(around((20, 15)), ALLOWED, NOW)
    a, b = (cluster.id for cluster in first.clusters)
    grown = find(around((16, 30, 0), seed=1), ALLOWED, NOW, previous=first)
    assert [cluster.id for cluster in grown.clusters] == [b, a]
    other = find(around((0, 20, 20), seed=2), ALLOWED, NOW, previous=grown)
    assert b in {cluster.id for cluster in other.clusters}
    assert {cluster.id for cluster in other.clusters} - {a, b} == {"found-3"}
    gone = find({}, ALLOWED, NOW, previous=other)
    assert gone.clusters == () and gone.next_id == other.next_id


def test_of_somebody_unknown_the_shares_are_those_of_the_groups() -> None:
    found = find(around((30, 10)), ALLOWED, NOW)
    unknown = affinities([0.0, 0.0, 0.0], found)
    assert unknown[found.clusters[0].id] == pytest.approx(0.75)
    near = affinities([0.0, 1.0, 0.0], found)
    assert near[found.clusters[1].id] > 0.9 and sum(near.values()) == pytest.approx(1.0)
    assert membership([0.0, 0.0, 0.0], found) is None
    assert membership([1.0, 0.0, 0.0], Found()) is None and affinities([1.0], Found()) == {}


def test_vectors_that_are_none_are_refused() -> None:
    broken = around((20, 20)) | {"x": [float("nan"), 0.0, 0.0]}
    with pytest.raises(ValueError, match="finite"):
        find(broken, ALLOWED, NOW)


def test_nobody_is_grouped_by_what_is_protected() -> None:
    said = Provenance("turn", "x")
    hidden = [Fact("some", "x", category, 1.0, said) for category in sorted(SPECIAL_CATEGORIES)]
    hidden += [
        Fact("gender", "x", "level", 1.0, said), Fact("年龄", "30", "level", 1.0, said),
        Fact("name", "Li", "identity", 1.0, said), Fact("home", "Oslo", "contact", 1.0, said),
        Fact("level", "x", "level", 1.0, said, about="mother"),
    ]  # fmt: skip
    assert not any(fact_vector(hidden, NOW))
    plain = Fact("水平", "初级", "level", 1.0, said)
    assert fact_vector([*hidden, plain], NOW) == fact_vector([plain], NOW)
    assert sum(x * x for x in fact_vector([plain], NOW)) == pytest.approx(1.0)


def test_found_groups_are_read_as_they_were_written() -> None:
    found = find(around((20, 15)), ALLOWED, NOW)
    assert decode_found(encode_found(found)) == found
    with pytest.raises(MetierError):
        decode_found(b"{}")


def test_a_new_person_is_of_the_group_that_has_what_they_have() -> None:
    told = {
        "a": Release("a", NOW, 60.0, {"level": {"beginner": 50.0}}),
        "b": Release("b", NOW, 40.0, {"level": {"beginner": 2.0, "advanced": 30.0}}),
        "c": Release("c", NOW),
    }
    assert belonging([], told) == pytest.approx({"a": 0.6, "b": 0.4})
    beginner = belonging([("level", " Beginner ")], told)
    assert beginner["a"] > 0.85 and sum(beginner.values()) == pytest.approx(1.0)
    assert belonging([("level", "advanced")], told)["b"] > 0.8
    assert belonging([("mood", "good")], told) == pytest.approx({"a": 0.6, "b": 0.4})
    assert belonging([("level", "x")], {}) == {}


def test_figures_with_much_noise_tell_less_of_where_a_person_belongs() -> None:
    values = {"a": {"level": {"x": 50.0}}, "b": {"level": {"x": 5.0}}}
    clear, noisy = (
        belonging(
            [("level", "x")],
            {each: Release(each, NOW, 60.0, own, scale=scale) for each, own in values.items()},
        )
        for scale in (0.0, 40.0)
    )
    assert 0.5 < noisy["a"] < clear["a"]
