"""A policy's faults are found: names of nothing, rules that decide nothing, contradictions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from policy_kit import policies

from metier.policy import Finding, Known, find_faults

KNOWN = Known(
    entities=frozenset({"PERSON", "URL", "DATE_TIME"}),
    categories=frozenset({"goal", "contact"}),
    domains={"clinic": ("answering",), "shop": ("answering", "service")},
)


def found(folder: Path, *texts: str, explained: tuple[str, ...] = ()) -> list[Finding]:
    return find_faults(policies(folder, *texts), KNOWN, explained)


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(each.level, each.rule) for each in findings]


def test_a_policy_without_faults_has_none(tmp_path: Path) -> None:
    assert not found(
        tmp_path,
        "entities: {'*': {'*': pseudonymise}, PERSON: {'*': redact, local: keep}}\n"
        "collect: {goal: {allow: true, domains: [shop], purposes: [service]}}\n"
        "show: {goal: {domains: [shop]}}\n"
        "retention: {'*': 30, goal: 60, audit: 100}\n"
        "roles: {privacy_officer: {categories: [goal, health]}}\n",
    )


@pytest.mark.parametrize(
    ("text", "level", "rule", "words"),
    [
        ("entities: {PERSONS: {'*': redact}}", "error", "entities.PERSONS", "mean 'PERSON'?"),
        ("entities: {MRN: {'*': redact}}", "warning", "entities.MRN", "entity type 'MRN'"),
        ("entities: {URL: {remote: keep}}", "warning", "entities.URL.remote", "target 'remote'"),
        ("review: {clinics: whole}", "error", "review.clinics", "did you mean 'clinic'?"),
        ("domains: {bank: {}}", "warning", "domains.bank", "is the domain 'bank'"),
        ("collect: {goals: {allow: false}}", "error", "collect.goals", "mean 'goal'?"),
        ("collect: {goal: {allow: true, domains: [bank]}}", "warning", "collect.goal", "'bank'"),
        ("show: {goal: {purposes: [answring]}}", "error", "show.goal", "mean 'answering'?"),
        ("consent: {helth: {kind: none}}", "error", "consent.helth", "mean 'health'?"),
        ("retention: {conversation: 9}", "error", "retention.conversation", "'conversations'?"),
        ("cross_domain: {luggage: {allow: false}}", "warning", "cross_domain.luggage", "luggage"),
        ("roles: {privacy_officer: {categories: [goals]}}", "error",
         "roles.privacy_officer.categories", "mean 'goal'?"),
        ("allow_targets: [locale]", "error", "allow_targets", "mean 'local'?"),
        ("contacts: {privacy: {bank: {name: A, how: b}}}", "warning", "contacts.privacy.bank",
         "'bank'"),
    ],
)  # fmt: skip
def test_a_name_of_nothing_is_an_error_where_it_looks_like_a_slip_and_else_a_warning(
    tmp_path: Path, text: str, level: str, rule: str, words: str
) -> None:
    (only,) = found(tmp_path, text)
    assert (only.level, only.rule) == (level, f"p0@1:{rule}") and words in only.message


def test_what_a_file_declares_is_known(tmp_path: Path) -> None:
    assert not found(
        tmp_path,
        "declare: {patterns: {TICKET: {pattern: 'T[0-9]+'}}}\n"
        "targets: {eu: {operator: X, region: EU}}\n"
        "entities: {TICKET: {eu: redact}}",
    )


@pytest.mark.parametrize(
    ("weak", "strong", "rule", "by"),
    [
        ("entities: {PERSON: {'*': keep}}", "entities: {'*': {'*': block}}",
         "entities.PERSON.*", "entities.*.*"),
        ("entities: {PERSON: {local: keep}}", "entities: {PERSON: {'*': hash}}",
         "entities.PERSON.local", "entities.PERSON.*"),
        ("domains: {shop: {entities: {URL: {'*': keep}}}}", "entities: {URL: {'*': drop}}",
         "domains.shop.entities.URL.*", "entities.URL.*"),
        ("parts: {image: redact}", "parts: {image: refuse}", "parts.image", "parts.image"),
        ("consent: {goal: {kind: given}}", "consent: {'*': {kind: explicit}}",
         "consent.goal", "consent.*"),
        ("retention: {turns: 90}", "retention: {'*': 30}", "retention.turns", "retention.*"),
        ("review: {shop: sentence}", "review: {'*': whole}", "review.shop", "review.*"),
        ("detection: {'*': balanced}", "detection: {'*': recall}", "detection.*", "detection.*"),
        ("durability: wal", "regulated: true", "durability", "regulated"),
        ("collect: {goal: {allow: true, domains: [shop]}}",
         "collect: {goal: {allow: true, domains: [clinic]}}", "collect.goal", "collect.goal"),
        ("show: {goal: {domains: [shop]}}", "show: {'*': {domains: [clinic]}}",
         "show.goal", "show.*"),
        ("cross_domain: {goal: {allow: true}}", "cross_domain: {goal: {allow: false}}",
         "cross_domain.goal", "cross_domain.goal"),
    ],
)  # fmt: skip
def test_a_rule_that_another_overrides_everywhere_is_told_with_the_stricter_one(
    tmp_path: Path, weak: str, strong: str, rule: str, by: str
) -> None:
    said = {each.rule: each.message for each in found(tmp_path, weak, strong)}
    assert said[f"p0@1:{rule}"] == f"never decides: p1@1:{by} is stricter wherever it holds"


def test_a_rule_that_decides_anywhere_is_not_overridden(tmp_path: Path) -> None:
    weak = "entities: {PERSON: {'*': keep}}"
    assert not found(tmp_path, weak, "entities: {PERSON: {local: block}}")
    assert not found(tmp_path, weak, weak)
    assert not found(tmp_path, "retention: {'*': 90}", "retention: {turns: 30}")


def test_a_domain_that_no_language_is_left_for_is_an_error(tmp_path: Path) -> None:
    (only,) = found(tmp_path, "languages: {clinic: [en]}", "languages: {'*': [zh, fr], shop: [en]}")
    assert (only.level, only.rule) == ("error", "p1@1:languages.*")
    assert "no language is left for 'clinic'" in only.message


def test_a_target_that_is_allowed_and_refused_is_told(tmp_path: Path) -> None:
    target = "targets: {us: {operator: X, region: US}}\nallow_targets: [local, us]\n"
    (only,) = found(tmp_path, target, "allow_regions: [EU]")
    assert only.rule == "p0@1:allow_targets"
    assert only.message == "allows 'us', which p1@1:allow_regions refuses"


def test_facts_that_are_collected_and_never_shown_are_told(tmp_path: Path) -> None:
    (only,) = found(
        tmp_path,
        "collect: {goal: {allow: true, domains: [shop]}}",
        "show: {goal: {domains: [clinic]}}",
    )
    assert told([only]) == [("warning", "p0@1:collect.goal")]
    assert only.message == "'shop' learns it, and p1@1:show.goal never lets it see it"


def test_what_is_taken_from_a_role_that_never_had_it_is_told(tmp_path: Path) -> None:
    findings = found(tmp_path, "roles: {auditor: {deny: [export, report], categories: [goal]}}")
    assert told(findings) == [
        ("warning", "p0@1:roles.auditor.categories"), ("warning", "p0@1:roles.auditor.deny")
    ]  # fmt: skip
    assert "never has 'export'" in findings[1].message


def test_an_explanation_of_no_rule_is_an_error(tmp_path: Path) -> None:
    text = (
        "retention: {'*': 30}\nexplain:\n  retenton: {why: W, source: S}\n"
        "  retention.turns: {why: W, source: S}\n"
    )
    assert told(found(tmp_path, text)) == [("error", "p0@1:explain")] * 2
    assert not found(tmp_path, text.split("explain")[0])


def test_where_explanations_are_asked_for_every_rule_needs_one(tmp_path: Path) -> None:
    text = (
        "retention: {'*': 30, audit: 100}\ndurability: commit\nregulated: true\n"
        "explain:\n  retention: {why: {en: W, zh: 因为}, source: S}\n"
        "  durability: {why: W, source: S}\n"
    )
    findings = found(tmp_path, text, explained=("p0",))
    assert told(findings) == [("error", "p0@1:regulated"), ("warning", "p0@1:durability")]
    assert "not explained in Chinese" in findings[1].message
    assert not found(tmp_path, text)


def test_a_category_that_a_domain_writes_and_may_not_learn_is_named_with_the_rule(
    tmp_path: Path,
) -> None:
    known = replace(KNOWN, writes={"clinic": ("goal",), "shop": ("goal", "contact")})
    base = "collect: {'*': {allow: false}, goal: {allow: true}}\n"
    alone = find_faults(policies(tmp_path, base), known)
    assert [each.rule.split(":", 1)[1] for each in alone] == ["collect.*"]
    assert "'shop' has facts of the category 'contact'" in alone[0].message
    own = "collect: {contact: {allow: true, domains: [shop]}, goal: {allow: true, domains: [shop]}}"
    (taken,) = find_faults(policies(tmp_path, base, own), known)
    assert "'clinic' has facts of the category 'goal'" in taken.message
