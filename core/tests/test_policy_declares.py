"""What a policy declares is found, hidden and let through in every domain."""

from __future__ import annotations

from pathlib import Path

import pytest

from metier import config
from metier.app import Metier, make_keys
from metier.model import MetierError
from metier.privacy import Scrubber


def opened(home: Path, declare: str) -> Metier:
    make_keys(home)
    (home / "projects.txt").write_text("Blue Heron\n蓝鹭计划\n", "utf-8")
    policy = home / "own.yaml"
    text = f'name: own\nversion: "1"\ndescription: a test\ndeclare:\n{declare}'
    policy.write_text(text, "utf-8")
    return Metier.open(home, config.Settings(embeddings="none", policies=(policy,)))


def test_terms_and_patterns_of_a_policy_are_hidden_in_both_languages(tmp_path: Path) -> None:
    app = opened(
        tmp_path,
        "  dictionaries: {PROJECT: {file: projects.txt}}\n"
        "  patterns: {TICKET: {pattern: 'TCK[0-9]{5}'}}\n",
    )
    text = "When does blue heron start? 蓝鹭计划什么时候开始，见TCK48213。"
    scrubber = Scrubber(app.parts.detector("support"))
    hidden = scrubber.hide(text)
    assert not any(value in hidden for value in ("blue heron", "蓝鹭计划", "TCK48213"))
    assert "<PROJECT_" in hidden and "<TICKET_" in hidden
    assert scrubber.restore(hidden) == text


def test_a_value_that_a_policy_allows_stays(tmp_path: Path) -> None:
    app = opened(tmp_path, "  allow: [service@acme.example]\n")
    spans = app.parts.detector("support").scan("Write to service@acme.example or a@acme.example")
    assert [s.start for s in spans] == [33]


def test_further_countries_telephone_numbers_are_found(tmp_path: Path) -> None:
    argentine = "011 15-2345-6789"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = opened(tmp_path / "a", "  allow: []\n").parts.detector("support")
    more = opened(tmp_path / "b", "  regions: [AR]\n").parts.detector("support")
    assert not plain.scan(argentine)
    assert [s.entity for s in more.scan(argentine)] == ["PHONE_NUMBER"]


@pytest.mark.parametrize(
    ("declare", "problem"),
    [
        ("  patterns: {X: {pattern: '(a+)+b'}}\n", "own@1:declare.patterns.X"),
        ("  patterns: {X: {pattern: '['}}\n", "own@1:declare.patterns.X"),
    ],
)
def test_a_dangerous_pattern_stops_the_start_and_names_the_rule(
    tmp_path: Path, declare: str, problem: str
) -> None:
    with pytest.raises(MetierError) as error:
        opened(tmp_path, declare)
    assert problem in error.value.message and error.value.code == "bad_policy"
