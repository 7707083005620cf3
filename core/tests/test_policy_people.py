"""Policies about people: consent, other domains, retention, roles, what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_kit import policies, policy

from metier.model import MetierError
from metier.policy import RIGHTS, ROLES, SPECIAL_CATEGORIES, compose

# --- consent -----------------------------------------------------------------------------


def test_special_categories_need_explicit_consent_where_no_file_says_anything() -> None:
    nothing = compose([])
    for category in SPECIAL_CATEGORIES:
        assert nothing.consent(category, "x") == ("explicit", "built-in@1:consent.special", "")
    assert nothing.consent("goal", "x") == ("none", "built-in@1:consent", "")


def test_the_strictest_consent_of_all_files_counts_and_names_its_rule(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "consent: {goal: {kind: given, text_version: '3'}, '*': {kind: none}}",
        "consent: {'*': {kind: given}, level: {kind: explicit}}",
    )
    assert chosen.consent("goal", "x") == ("given", "p0@1:consent.goal", "3")
    assert chosen.consent("level", "x") == ("explicit", "p1@1:consent.level", "")
    assert chosen.consent("style", "x") == ("given", "p1@1:consent.*", "")


def test_only_a_file_that_names_a_special_category_lowers_its_consent(tmp_path: Path) -> None:
    every = policies(tmp_path, "consent: {'*': {kind: none}}")
    assert every.consent("health", "x").kind == "explicit"
    named = policies(tmp_path, "consent: {health: {kind: none, domains: [clinic]}}")
    assert named.consent("health", "clinic") == ("none", "p0@1:consent.health", "")
    assert named.consent("health", "tutor").kind == "explicit"
    both = policies(tmp_path, "consent: {health: {kind: none}}", "consent: {health: {kind: given}}")
    assert both.consent("health", "x") == ("given", "p1@1:consent.health", "")


def test_a_stricter_rule_without_a_text_keeps_the_text_that_another_demands(
    tmp_path: Path,
) -> None:
    chosen = policies(
        tmp_path,
        "consent: {goal: {kind: given, text_version: '3'}}",
        "consent: {goal: {kind: explicit}}",
    )
    assert chosen.consent("goal", "x") == ("explicit", "p1@1:consent.goal", "3")


# --- other domains ------------------------------------------------------------------------


def test_use_in_another_domain_is_off_until_every_file_that_names_the_category_allows_it(
    tmp_path: Path,
) -> None:
    assert compose([]).cross_domain("goal", "a", "b") == (False, "built-in@1:cross_domain")
    assert compose([]).cross_domain("goal", "a", "a").allowed
    allow = "cross_domain: {goal: {allow: true}, '*': {allow: true}}"
    one = policies(tmp_path, allow)
    assert one.cross_domain("goal", "a", "b") == (True, "p0@1:cross_domain.goal")
    assert one.cross_domain("style", "a", "b") == (True, "p0@1:cross_domain.*")
    two = policies(tmp_path, allow, "cross_domain: {goal: {allow: false}}")
    assert two.cross_domain("goal", "a", "b") == (False, "p1@1:cross_domain.goal")


def test_a_rule_for_all_categories_never_covers_a_special_one(tmp_path: Path) -> None:
    every = policies(tmp_path, "cross_domain: {'*': {allow: true}}")
    assert not every.cross_domain("health", "clinic", "tutor").allowed
    named = policies(tmp_path, "cross_domain: {health: {allow: true, domains: [clinic, tutor]}}")
    assert named.cross_domain("health", "clinic", "tutor").allowed
    assert not named.cross_domain("health", "clinic", "shop").allowed


def test_facts_are_learned_for_a_purpose_that_every_file_allows(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "collect: {goal: {allow: true, purposes: [answering, planning]}}",
        "collect: {goal: {allow: true, purposes: [answering]}}",
    )
    assert chosen.may_learn("goal", "x", ["answering"]) == (True, "p1@1:collect.goal")
    assert chosen.may_learn("goal", "x", ["planning"]) == (False, "p1@1:collect.goal")
    assert not chosen.may_learn("goal", "x", []).allowed
    assert chosen.may_learn("goal", "x").allowed


# --- how long and how safely ----------------------------------------------------------------


def test_the_shortest_retention_of_all_files_counts(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "retention: {'*': 90, turns: 10, health: 365}",
        "retention: {'*': 30, audit: 2000, health: 400}",
    )
    assert chosen.retention("conversations") == (30, "p1@1:retention.*")
    assert chosen.retention("turns") == (10, "p0@1:retention.turns")
    assert chosen.retention("feedback") == (30, "p1@1:retention.*")
    assert chosen.retention("health") == (365, "p0@1:retention.health")
    assert chosen.retention("audit") == (2000, "p1@1:retention.audit")


def test_a_rule_for_all_does_not_cover_facts_consents_and_the_audit_log(tmp_path: Path) -> None:
    chosen = policies(tmp_path, "retention: {'*': 30}")
    for kind in ("goal", "health", "consents", "audit"):
        assert chosen.retention(kind) == (None, "built-in@1:retention")


@pytest.mark.parametrize(
    ("texts", "level", "rule"),
    [
        ((), "wal", "built-in@1:durability"),
        (("durability: wal",), "wal", "p0@1:durability"),
        (("durability: wal", "durability: commit"), "commit", "p1@1:durability"),
        (("durability: wal", "regulated: true"), "commit", "p1@1:regulated"),
        (("regulated: false",), "wal", "built-in@1:durability"),
    ],
)
def test_writes_are_durable_where_a_file_says_so_or_is_regulated(
    tmp_path: Path, texts: tuple[str, ...], level: str, rule: str
) -> None:
    assert policies(tmp_path, *texts).durability == (level, rule)


# --- who ---------------------------------------------------------------------------------------


def test_without_files_the_matrix_holds_and_nobody_but_the_privacy_officer_sees_content() -> None:
    nothing = compose([])
    content = ("read_profile", "export", "correct", "erase")
    for role in ROLES:
        for action in content:
            assert nothing.may([role], action).allowed == (role == "privacy_officer")
        assert not nothing.may([role], "read_turns").allowed
    assert nothing.may({"auditor"}, "export_audit") == (
        True, "built-in@1:roles.auditor.export_audit"
    )  # fmt: skip
    assert not nothing.may({"operator"}, "read_audit").allowed
    assert not any(nothing.may({"member"}, action).allowed for action in RIGHTS)


def test_an_unknown_role_or_action_may_nothing() -> None:
    assert not compose([]).may({"root", "user"}, "report").allowed
    assert not compose([]).may({"privacy_officer"}, "delete_everything").allowed
    assert not compose([]).may(frozenset(), "report").allowed


def test_a_file_only_takes_away(tmp_path: Path) -> None:
    chosen = policies(tmp_path, "roles: {operator: {deny: [backup]}}", "roles: {auditor: {}}")
    assert chosen.may({"operator"}, "backup") == (False, "p0@1:roles.operator.deny")
    assert chosen.may({"operator"}, "report").allowed
    for text in ("roles: {operator: {allow: [export]}}", "roles: {root: {deny: [export]}}",
                 "roles: {operator: {deny: [everything]}}"):  # fmt: skip
        with pytest.raises(MetierError, match="roles"):
            policy(tmp_path, text)


def test_one_role_that_may_is_enough(tmp_path: Path) -> None:
    chosen = policies(tmp_path, "roles: {operator: {deny: [report]}}")
    assert chosen.may({"operator", "auditor"}, "report") == (
        True, "built-in@1:roles.auditor.report"
    )  # fmt: skip


def test_a_role_narrowed_to_categories_sees_those_and_never_all_at_once(tmp_path: Path) -> None:
    chosen = policies(tmp_path, "roles: {privacy_officer: {categories: [contact, goal]}}")
    officer = {"privacy_officer"}
    assert chosen.may(officer, "export", "goal").allowed
    assert chosen.may(officer, "export", "health") == (
        False, "p0@1:roles.privacy_officer.categories"
    )  # fmt: skip
    assert not chosen.may(officer, "erase").allowed
    assert chosen.may(officer, "hold").allowed  # is about no category


# --- targets ------------------------------------------------------------------------------------

TARGETS = (
    "targets: {eu: {operator: X, region: EU, agreement: DPA}, us: {operator: Y, region: US}}\n"
    "allow_targets: [local, eu, us]\n"
)


@pytest.mark.parametrize(
    ("text", "refused", "rule"),
    [
        ("", (), ""),
        ("allow_regions: [eu, on premises]", ("us",), "p1@1:allow_regions"),
        ("require_agreement: true", ("us",), "p1@1:require_agreement"),
        ("allow_regions: []", ("eu", "us"), "p1@1:allow_regions"),
        ("allow_targets: [local]", ("eu", "us"), "p1@1:allow_targets"),
    ],
)
def test_a_target_in_another_region_or_without_agreement_is_refused_by_the_rule(
    tmp_path: Path, text: str, refused: tuple[str, ...], rule: str
) -> None:
    chosen = policies(tmp_path, TARGETS, text)
    for target in ("local", "eu", "us"):
        decided = chosen.may_send(target)
        assert decided.allowed == (target not in refused)
        assert (chosen.target(target) is not None) == decided.allowed
        if target in refused:
            assert decided.rule == rule
    assert chosen.may_send("unheard-of") == (False, "p0@1:allow_targets")


def test_local_needs_no_agreement_and_a_region_only_where_one_is_declared(tmp_path: Path) -> None:
    strict = "require_agreement: true\nallow_regions: [EU]\n"
    assert policies(tmp_path, strict).may_send("local").allowed
    declared = strict + "targets: {local: {operator: us, region: US}}"
    assert policies(tmp_path, declared).may_send("local") == (False, "p0@1:allow_regions")


# --- what people are told -------------------------------------------------------------------------


def test_every_file_s_disclosure_is_said_in_the_language_of_the_person(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "disclosures: {'*': {en: I am a machine., zh: 我是机器。}}",
        "disclosures: {clinic: {en: No doctor reads this.}}",
    )
    assert chosen.disclosure("clinic", "en") == "I am a machine.\n\nNo doctor reads this."
    assert chosen.disclosure("clinic", "zh-CN") == "我是机器。\n\nNo doctor reads this."
    assert chosen.disclosure("shop", "fr") == "I am a machine."
    assert [said.rule for said in chosen.disclosures("clinic", "en")] == [
        "p0@1:disclosures.*", "p1@1:disclosures.clinic"
    ]  # fmt: skip
    assert compose([]).disclosure("clinic", "en") is None


def test_only_languages_that_every_file_allows_are_left(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path, "languages: {'*': [en, zh, fr], clinic: [en, zh]}", "languages: {clinic: [zh]}"
    )
    assert chosen.languages("clinic") == ("zh",)
    assert chosen.languages("shop") == ("en", "zh", "fr")
    assert compose([]).languages("clinic") is None


def test_a_contact_for_the_domain_goes_before_one_for_all(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "contacts: {escalation: {'*': {name: Desk, how: '1'}}}",
        "contacts: {escalation: {clinic: {name: Nurse, how: '2'}}}",
    )
    assert chosen.contact("escalation", "clinic") == (
        "Nurse", "2", "p1@1:contacts.escalation.clinic"
    )  # fmt: skip
    found = chosen.contact("escalation", "shop")
    assert found and found.name == "Desk"
    assert chosen.contact("privacy") is None


def test_the_highest_age_and_the_strictest_treatment_of_minors_hold(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path, "minors: {min_age: 13, below: refuse}", "minors: {min_age: 16, below: no_profile}"
    )
    assert chosen.minors == (16, "refuse", "p1@1:minors")
    assert compose([]).minors == (None, None, "built-in@1:minors")


def test_the_explanation_with_the_longest_path_is_given(tmp_path: Path) -> None:
    chosen = policies(
        tmp_path,
        "entities: {PERSON: {'*': redact, local: keep}, URL: {'*': keep}}\n"
        "explain:\n"
        "  entities: {why: In general., source: A law}\n"
        "  entities.PERSON: {why: {en: Names., zh: 姓名。}, source: Another law}\n",
    )
    one = chosen.explanation(chosen.entity_action("PERSON", "local").rule)
    assert one and one.why == {"en": "Names.", "zh": "姓名。"} and one.source == "Another law"
    other = chosen.explanation(chosen.entity_action("URL", "x").rule)
    assert other and other.why == {"en": "In general."}
    for rule in ("p0@1:collect.health", "p0@2:entities.URL.*", "built-in@1:entities", ""):
        assert chosen.explanation(rule) is None


def test_the_rule_for_review_and_detection_is_named(tmp_path: Path) -> None:
    chosen = policies(tmp_path, "review: {clinic: whole}", "detection: {'*': recall}")
    assert chosen.reviewed("clinic") == ("whole", "p0@1:review.clinic")
    assert chosen.reviewed("shop") == ("pass", "built-in@1:review")
    assert chosen.detecting("shop") == ("recall", "p1@1:detection.*")
