"""Policies about groups: of several files the strictest counts, and k is never below five."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_kit import policies

from metier.model import MetierError
from metier.policy import compose


def test_where_no_file_says_anything_groups_are_not_found_and_the_budget_never_renews() -> None:
    found = compose([]).groups()
    assert (found.k, found.epsilon, found.delta) == (5, 1.0, 1e-6)
    assert (found.clustering, found.renew_days, found.protected) == (False, None, ())
    assert "built-in@1:groups.k" in found.rule


def test_the_largest_k_and_the_smallest_epsilon_and_delta_of_all_files_count(
    tmp_path: Path,
) -> None:
    chosen = policies(
        tmp_path,
        "groups: {k: 20, epsilon: 2.0, delta: 0.00001}",
        "groups: {k: 8, epsilon: 0.5, delta: 0.0001}",
    ).groups()
    assert (chosen.k, chosen.epsilon, chosen.delta) == (20, 0.5, 0.00001)
    assert chosen.rule.startswith("p0@1:groups.k, p1@1:groups.epsilon, p0@1:groups.delta")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["", ""], False),
        (["groups: {clustering: true}", ""], True),
        (["groups: {clustering: true}", "groups: {clustering: true}"], True),
        (["groups: {clustering: true}", "groups: {clustering: false}"], False),
        (["groups: {clustering: false}", "groups: {k: 9}"], False),
    ],
)
def test_groups_are_found_only_where_all_that_speak_allow_and_one_does(
    tmp_path: Path, files: list[str], found: bool
) -> None:
    assert policies(tmp_path, *files).groups().clustering is found


@pytest.mark.parametrize(
    ("files", "days"),
    [
        (["groups: {renew_days: 90}", ""], 90),
        (["groups: {renew_days: 90}", "groups: {renew_days: 365}"], 365),
        (["groups: {renew_days: 90}", "groups: {renew_days: never}"], None),
    ],
)
def test_the_budget_renews_after_the_longest_time_and_not_where_a_file_says_never(
    tmp_path: Path, files: list[str], days: int | None
) -> None:
    assert policies(tmp_path, *files).groups().renew_days == days


def test_a_protected_attribute_is_allowed_by_every_file_that_names_some(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path, "groups: {protected: [age, health]}", "groups: {protected: [age]}", ""
    )
    assert chosen.groups().protected == ("age",)


@pytest.mark.parametrize(
    "text",
    [
        "groups: {k: 4}", "groups: {epsilon: 0.0}", "groups: {epsilon: 11.0}",
        "groups: {delta: 0.0}", "groups: {delta: 0.1}", "groups: {clustering: maybe}",
        "groups: {renew_days: sometimes}", "groups: {size: 5}",
    ],
)  # fmt: skip
def test_a_file_that_would_tell_of_fewer_than_five_or_of_anybody_surely_is_refused(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(MetierError):
        policies(tmp_path, text)
