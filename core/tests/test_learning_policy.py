"""Policies about personalizers: of several files the most restrictive rule wins, and is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_kit import policies

from metier.model import MetierError
from metier.policy import SPECIAL_CATEGORIES, PolicySet, compose
from metier.policy._model import PersonalizeModel, PolicyModel

NAMES = ("core", "suits")


def test_where_no_file_says_anything_all_run_in_the_order_of_their_names() -> None:
    found = compose([]).personalizing("education", ["suits", "core"])
    assert found.order == NAMES
    assert found.weights == {"core": 1.0, "suits": 1.0}
    assert set(found.rules.values()) == {"built-in@1:personalize"}


def test_a_personalizer_that_one_file_forbids_does_not_run_and_the_rule_is_named(
    tmp_path: Path,
) -> None:
    both = policies(
        tmp_path,
        'personalize: {"*": {"*": {allow: true}}}',
        "personalize: {healthcare: {suits: {allow: false}}}",
    )
    assert both.personalizing("healthcare", NAMES).order == ("core",)
    assert both.personalizing("healthcare", NAMES).rules["suits"] == (
        "p1@1:personalize.healthcare.suits"
    )
    assert both.personalizing("education", NAMES).order == NAMES


def test_within_a_file_the_domain_counts_before_the_star_and_the_name_before_its_star(
    tmp_path: Path,
) -> None:
    one = policies(
        tmp_path,
        'personalize: {"*": {"*": {allow: false}, core: {allow: true}}, writing: {"*": '
        "{allow: true}}}",
    )
    assert one.personalizing("writing", NAMES).order == NAMES
    assert one.personalizing("support", NAMES).order == ("core",)


def test_the_smallest_weight_of_all_files_counts_and_none_is_not_to_run(tmp_path: Path) -> None:
    both = policies(
        tmp_path,
        'personalize: {"*": {core: {allow: true, weight: 0.5}, suits: {allow: true, weight: 0}}}',
        'personalize: {"*": {core: {allow: true, weight: 0.8}}}',
    )
    assert both.personalizing("education", NAMES).weights == {"core": 0.5}


def test_those_named_first_are_trusted_most(tmp_path: Path) -> None:
    one = policies(tmp_path, 'personalize: {"*": {suits: {allow: true}, core: {allow: true}}}')
    assert one.personalizing("education", ("a", *NAMES)).order == ("suits", "core", "a")


def test_categories_must_be_in_every_file_that_speaks_of_the_personalizer(tmp_path: Path) -> None:
    both = policies(
        tmp_path,
        'personalize: {"*": {"*": {allow: true, categories: [style, level]}}}',
        'personalize: {"*": {core: {allow: true, categories: [style, goal]}}}',
    )
    assert both.may_personalize("core", "education", "style").allowed
    assert both.may_personalize("core", "education", "goal").rule == "p0@1:personalize.*.*"
    assert both.may_personalize("core", "education", "level").rule == "p1@1:personalize.*.core"
    assert both.may_personalize("suits", "education", "level").allowed


def test_a_special_category_is_used_only_where_a_file_names_it(tmp_path: Path) -> None:
    refused = compose([]).may_personalize("core", "healthcare", "health")
    assert refused == (False, "built-in@1:personalize.special")
    star = policies(tmp_path, 'personalize: {"*": {"*": {allow: true}}}')
    assert not star.may_personalize("core", "healthcare", "health").allowed
    named = policies(
        tmp_path, "personalize: {healthcare: {core: {allow: true, categories: ['*', health]}}}"
    )
    assert named.may_personalize("core", "healthcare", "health").allowed
    assert not named.may_personalize("core", "support", "health").allowed
    assert not named.may_personalize("core", "healthcare", "religion").allowed


def test_what_is_expected_of_groups_may_be_taken_away_alone(tmp_path: Path) -> None:
    one = policies(tmp_path, 'personalize: {"*": {suits: {allow: true, groups: false}}}')
    assert one.may_use_groups("suits", "support") == (False, "p0@1:personalize.*.suits")
    assert one.may_personalize("suits", "support").allowed
    assert one.may_use_groups("core", "support").allowed


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MetierError, match="no such setting"):
        policies(tmp_path, 'personalize: {"*": {core: {allow: true, wieght: 1}}}')


_rules = st.builds(
    PersonalizeModel,
    allow=st.booleans(),
    categories=st.sampled_from([("*",), ("style",), ("health",), ("*", "health")]),
    groups=st.booleans(),
    weight=st.floats(0, 1),
)
_files = st.dictionaries(
    st.sampled_from(["*", "education", "healthcare"]),
    st.dictionaries(st.sampled_from(["*", *NAMES]), _rules, max_size=3),
    max_size=3,
)


def _set(*files: dict[str, dict[str, PersonalizeModel]]) -> PolicySet:
    from metier.policy import Policy

    return compose(
        [
            Policy(
                PolicyModel(name=f"p{n}", version="1", description="Drawn.", personalize=file),
                str(n),
            )
            for n, file in enumerate(files)
        ]
    )


@given(_files, _files, st.sampled_from(["education", "healthcare", "other"]))
def test_another_file_never_allows_more_but_for_special_categories_it_names(
    one: dict[str, dict[str, PersonalizeModel]],
    two: dict[str, dict[str, PersonalizeModel]],
    domain: str,
) -> None:
    alone, both = _set(one), _set(one, two)
    before, after = alone.personalizing(domain, NAMES), both.personalizing(domain, NAMES)
    assert set(after.order) <= set(before.order)
    for name in after.order:
        assert after.weights[name] <= before.weights[name]
        now = both.may_use_groups(name, domain)
        assert not now.allowed or alone.may_use_groups(name, domain).allowed
    for name in NAMES:
        for category in ("style", "goal", "health"):
            if both.may_personalize(name, domain, category).allowed:
                assert alone.may_personalize(name, domain, category).allowed or (
                    category in SPECIAL_CATEGORIES
                )
