"""The policies of laws: they load, only take away, are explained, and decide as their cases say."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from metier.model import MetierError
from metier.policy import (
    LOCAL,
    SPECIAL_CATEGORIES,
    Case,
    Known,
    Policy,
    PolicySet,
    Target,
    cases_beside,
    compose,
    difference,
    find_faults,
    load,
    load_cases,
    run_case,
)
from metier.privacy import (
    DeclaredPattern,
    Detector,
    default_recognizers,
)
from metier_policies import CONSENTS, FILES, LAWS, consent_texts, laws, plugin

NAMES = sorted(laws())
PAGES = Path(__file__).parents[2] / "docs" / "policies"
PAGE_OF = {"hipaa-limited": "hipaa"}
ACTIONS = ("keep", "generalise", "shift", "surrogate", "pseudonymise", "hash", "redact", "drop",
           "block")  # fmt: skip
KEPT_AT_LEAST = {
    "hipaa": 6 * 365 + 2,  # 45 CFR 164.316(b)(2)(i): six years
    "hipaa-limited": 6 * 365 + 2,
    "pipl": 3 * 365 + 1,  # Article 56: three years
    "ccpa": 2 * 365 + 1,  # 11 CCR 7101: 24 months
    "pci": 366,  # 10.5.1: twelve months
}
"""Days that a law asks records of actions to be kept; the others name none."""


def in_force(*names: str) -> PolicySet:
    """The shipped files and these laws, as one set."""
    paths = [p for p in FILES.glob("*.yaml") if not p.name.endswith(".cases.yaml")]
    return compose([load(p) for p in paths] + [load(laws()[name]) for name in names])


def law(name: str) -> Policy:
    return load(laws()[name])


@cache
def detector(name: str) -> Detector:
    """What is found where a law's file is in force."""
    declared = [
        DeclaredPattern(
            each.entity,
            each.pattern,
            name=each.rule,
            score=each.score,
            ignore_case=not each.match_case,
            context=each.context,
        )
        for each in compose([law(name)]).declared
    ]
    return Detector([*default_recognizers(), *declared])


CASES = [(name, case) for name in NAMES for case in load_cases(cases_beside(laws()[name])).cases]


@pytest.mark.parametrize(("name", "case"), CASES, ids=lambda x: getattr(x, "name", x))
def test_a_case_is_decided_as_it_says(name: str, case: Case) -> None:
    besides = load_cases(cases_beside(laws()[name])).policies
    policies = compose([law(name), *(load(FILES / f"{other}.yaml") for other in besides)])
    result = run_case(case, policies, lambda text, _: {s.entity for s in detector(name).scan(text)})
    assert result.differences == ()


def test_no_law_is_in_force_because_the_package_is_installed() -> None:
    assert NAMES == ["ccpa", "ferpa-coppa", "gdpr", "hipaa", "hipaa-limited", "pci", "pipl"]
    kinds: dict[str, set[str]] = {}
    for file in plugin.policies():
        kinds.setdefault(file.kind, set()).add(file.name)
    assert kinds["law"] == set(NAMES)
    assert kinds["policy"] == {"baseline", "education", "healthcare", "support", "writing"}
    assert kinds["consent"] == {path.stem for path in consent_texts()}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_has_its_name_a_source_and_cases(name: str) -> None:
    model = law(name).model
    assert model.name == name
    assert model.sources
    assert model.regulated
    assert cases_beside(LAWS / f"{name}.yaml").exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_law_beside_the_shipped_files_allows_nothing_more(name: str) -> None:
    changes = difference(in_force(), in_force(name))
    assert [change for change in changes if change.direction == "allowed"] == []
    assert changes  # and it forbids something


def test_no_law_lets_out_what_another_holds_back() -> None:
    together = in_force(*NAMES)
    for name in NAMES:
        loosened = [c for c in difference(in_force(name), together) if c.direction == "allowed"]
        assert loosened == [], name


@cache
def known() -> Known:
    """What the installed plugins have."""
    from metier.plugins import discover

    registry = discover()
    manifests = [p.manifest for p in registry.plugins if p.manifest]
    brought = [r for each in registry.collect("recognizers") for r in each.value]
    return Known(
        entities=frozenset(
            e for r in [*default_recognizers(), *brought] for e in r.supported_entities
        ),
        categories=frozenset(c for m in manifests for c in (*m.reads, *m.writes)),
        domains={m.name: m.purposes for m in manifests if m.domain},
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_names_what_exists_and_is_explained_in_both_languages(name: str) -> None:
    found = find_faults(in_force(name), known(), explained=[name])
    # That another file is stricter is no fault of a file that states minimums.
    mine = [f for f in found if f.rule.startswith(f"{name}@") and "never decides" not in f.message]
    assert mine == []


@pytest.mark.parametrize("count", range(1, len(NAMES) + 1))
def test_records_are_never_kept_shorter_than_a_law_in_force_asks(count: int) -> None:
    for names in combinations(NAMES, count):
        days = in_force(*names).retention("audit").days
        asked = max((KEPT_AT_LEAST.get(name, 0) for name in names), default=0)
        assert days is None or days >= asked, names


@pytest.mark.parametrize("name", NAMES)
def test_a_target_without_an_agreement_gets_nothing(name: str) -> None:
    with_target = reaching(name, Target("remote", "somebody", "on premises"))
    assert with_target.may_send("remote").rule == f"{name}@1:require_agreement"
    agreed = reaching(name, Target("remote", "somebody", "on premises", agreement="DPA 2026"))
    assert agreed.may_send("remote").allowed


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [("gdpr", "DE", "US"), ("gdpr", "NO", "CN"), ("pipl", "中国", "EU")],
)
def test_a_target_stands_where_the_law_lets_data_go(name: str, inside: str, outside: str) -> None:
    there = reaching(name, Target("remote", "somebody", inside, agreement="DPA"))
    assert there.may_send("remote").allowed
    elsewhere = reaching(name, Target("remote", "somebody", outside, agreement="DPA"))
    assert elsewhere.may_send("remote").rule == f"{name}@1:allow_regions"


def reaching(name: str, target: Target) -> PolicySet:
    """A law with a file that allows a target."""
    own = Policy.__new__(Policy)
    model = law(name).model.model_validate(
        {"name": "site", "version": "1", "description": "", "allow_targets": [target.name]},
        strict=False,
    )
    Policy.__init__(own, model, "0" * 64)
    return PolicySet([law(name), own], {target.name: target})


@pytest.mark.parametrize(
    ("name", "age", "below"),
    [("gdpr", 16, "no_profile"), ("pipl", 14, "refuse"), ("ferpa-coppa", 13, "refuse")],
)
def test_children_are_held_to_the_age_of_the_law(name: str, age: int, below: str) -> None:
    assert in_force(name).minors[:2] == (age, below)


# --- HIPAA ---------------------------------------------------------------------------------


def safe_harbor() -> set[tuple[str, str]]:
    """The letters of 45 CFR 164.514(b)(2)(i) and the entity types that stand for them."""
    page = (PAGES.parent / "safe-harbor.md").read_text("utf-8")
    return set(re.findall(r"^\| ([A-R]) \| .+? \| `(\w+)` \|", page, re.M))


def test_each_of_the_eighteen_identifiers_is_named_and_held_back() -> None:
    rows = safe_harbor()
    assert len({letter for letter, _ in rows}) == 18
    model, policies = law("hipaa").model, compose([law("hipaa")])
    for letter, entity in rows:
        assert entity in model.entities, (letter, entity)
        least = "generalise" if letter == "C" or entity == "POSTAL_CODE" else "pseudonymise"
        for domain in ("", "healthcare", "education", "writing", "support"):
            action = policies.entity_action(entity, "remote", domain).action
            assert ACTIONS.index(action) >= ACTIONS.index(least), (letter, entity)


def test_under_safe_harbor_nothing_but_a_country_goes_out_as_it_is() -> None:
    policies = compose([law("hipaa")])
    kept = {
        entity
        for entity in known().entities
        if policies.entity_action(entity, "remote", "education").action == "keep"
    }
    assert kept == {"COUNTRY"}


def test_a_limited_data_set_keeps_dates_ages_towns_and_postcodes_alone() -> None:
    policies = compose([law("hipaa-limited")])
    kept = {
        entity
        for entity in known().entities
        if policies.entity_action(entity, "remote", "healthcare").action == "keep"
    }
    assert kept == {"AGE", "COUNTRY", "DATE_OF_BIRTH", "DATE_TIME", "LOCATION", "POSTAL_CODE"}


@pytest.mark.parametrize("name", ["hipaa", "hipaa-limited"])
def test_no_picture_or_recording_leaves(name: str) -> None:
    for domain in ("", "healthcare", "education"):
        assert in_force(name).part("image", "remote", domain).action == "refuse"
        assert in_force(name).part("audio", LOCAL, domain).action == "refuse"


# --- PCI DSS -------------------------------------------------------------------------------

CODES = [
    ("CARD_VERIFICATION_CODE", "CVV2=9876", "9876"),
    ("CARD_VERIFICATION_CODE", "cvc: 321", "321"),
    ("CARD_VERIFICATION_CODE", "the card security code is 482", "482"),
    ("CARD_VERIFICATION_CODE", "cvv2 number is 1234", "1234"),
    ("CARD_VERIFICATION_CODE", "ＣＶＶ：１２３", "１２３"),
    ("CARD_VERIFICATION_CODE", "安全码是456", "456"),
    ("CARD_VERIFICATION_CODE", "背面的三位数字：482", "482"),
    ("CARD_PIN", "card pin: 4821", "4821"),
    ("CARD_PIN", "支付密码 123456", "123456"),
    ("CARD_TRACK", ";4111111111111111=27121010000012300?", ";4111111111111111=27121010000012300?"),
]


@pytest.mark.parametrize(("entity", "text", "value"), CODES)
def test_sensitive_authentication_data_is_found_and_blocked_for_every_target(
    entity: str, text: str, value: str
) -> None:
    found = {(s.entity, text[s.start : s.end]) for s in detector("pci").scan(text)}
    assert (entity, value) in found
    for target in (LOCAL, "remote"):
        for domain in ("", "support", "healthcare"):
            assert in_force("pci").entity_action(entity, target, domain).action == "block"


@pytest.mark.parametrize(
    "text",
    ["my cvv is on the back", "security code 12345", "安全码的长度是3位", "cid: 4567", "PIN 4821"],
)
def test_what_only_resembles_a_code_does_not_stop_a_message(text: str) -> None:
    codes = {"CARD_VERIFICATION_CODE", "CARD_TRACK", "CARD_PIN"}
    assert not codes & {s.entity for s in detector("pci").scan(text)}


# --- texts for people ----------------------------------------------------------------------


def texts() -> list[tuple[str, dict[str, Any]]]:
    return [(path.stem, yaml.safe_load(path.read_text("utf-8"))) for path in consent_texts()]


def test_there_is_a_text_for_each_special_category_and_for_use_across_domains() -> None:
    assert {name for name, _ in texts()} == {*SPECIAL_CATEGORIES, "cross-domain"}
    assert all(path.parent == CONSENTS for path in consent_texts())


@pytest.mark.parametrize(("name", "text"), texts())
def test_a_text_says_what_for_that_one_may_refuse_and_take_it_back(
    name: str, text: dict[str, Any]
) -> None:
    assert set(text) == {"version", "category", "en", "zh"}
    assert text["category"] == name
    assert isinstance(text["version"], str)
    for phrase in ("would", "for nothing else", "free to say no", "at any time", "as easily"):
        assert phrase in text["en"]
    for phrase in ("您是否同意", "可以拒绝", "随时", "同样方便", "撤回"):
        assert phrase in text["zh"]
    assert not re.search(r"[一-鿿]", text["en"])
    assert not re.search(r"[A-Za-z]", text["zh"])


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_to_people_is_there_in_english_and_chinese(name: str) -> None:
    for text in law(name).model.disclosures.values():
        assert text.en
        assert re.search(r"[一-鿿]", text.zh)


# --- the pages -----------------------------------------------------------------------------

ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.M)


@pytest.mark.parametrize("name", NAMES)
def test_a_page_explains_each_rule_as_the_file_does(name: str) -> None:
    page = (PAGES / f"{PAGE_OF.get(name, name)}.md").read_text("utf-8")
    rows = {(path, why, source) for path, _, why, source in ROW.findall(page)}
    for path, told in law(name).model.explain.items():
        assert not isinstance(told.why, str)
        assert (path, " ".join(told.why.en.split()), told.source) in rows


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda p: p.stem)
def test_a_page_says_what_its_file_cannot_do_and_what_was_read(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "\n## What it can't do\n" in text
    assert "\n## What was read for it\n" in text
    assert "not legal advice" in text.replace("\n", " ")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (page.parent / link).exists(), link


def test_every_law_has_a_page() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == {PAGE_OF.get(n, n) for n in NAMES}


def test_a_mistyped_setting_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "gdpr.yaml"
    broken.write_text((LAWS / "gdpr.yaml").read_text("utf-8").replace("minors:", "minor:"))
    with pytest.raises(MetierError, match="minor"):
        load(broken)
