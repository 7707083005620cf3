"""What metier-policies ships: the schema is current, and every file is explained and fits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metier.policy import cases_beside, compose, json_schema, load, load_cases, rules_of
from metier_policies import FILES, LAWS, plugin

SCHEMA = FILES.parent / "policy.schema.json"
EVERY = [
    path
    for folder in (FILES, LAWS)
    for path in sorted(folder.glob("*.yaml"))
    if not path.name.endswith(".cases.yaml")
]


def test_the_published_schema_is_that_of_the_code() -> None:
    """`metier policy schema` prints what belongs there."""
    assert json.loads(SCHEMA.read_text("utf-8")) == json_schema()


def test_the_schema_says_of_every_setting_what_it_is() -> None:
    schema = json_schema()
    for name, part in {**schema["$defs"], "PolicyModel": schema}.items():
        assert part["description"], name
        for setting, about in part["properties"].items():
            assert about["description"], f"{name}.{setting}"


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_rule_is_explained_in_both_languages_with_a_source(path: Path) -> None:
    policies = compose([load(path)])
    (policy,) = policies.policies
    assert policy.name == path.stem
    for rule in rules_of(policy):
        told = policies.explanation(policy.rule(rule.path))
        assert told is not None and set(told.why) == {"en", "zh"} and told.source, rule.path


def test_what_is_in_force_everywhere_is_the_baseline_and_one_file_for_each_trade() -> None:
    assert [file.name for file in plugin.policies() if file.kind == "policy"] == [
        "baseline", "education", "healthcare", "support", "writing"
    ]  # fmt: skip


@pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)
def test_every_shipped_policy_has_cases(path: Path) -> None:
    """`metier policy test` runs them on the recognizers that are installed."""
    assert load_cases(cases_beside(path)).cases
