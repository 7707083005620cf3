"""The difference of policies is what they decide, not how they are written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from policy_kit import policies, policy

from metier.policy import EVERY, Change, compose, difference


def changes(folder: Path, old: str, new: str) -> list[Change]:
    return difference(policies(folder, old), policies(folder, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("", "# a comment"),
        ("entities: {PERSON: {'*': redact}}", "entities: {PERSON: {'*': redact, local: redact}}"),
        ("", "entities: {'*': {'*': pseudonymise}}"),
        ("collect: {goal: {allow: true}}", ""),
        ("review: {'*': whole}", "review: {'*': whole, shop: sentence}"),
        (
            "retention: {'*': 30}",
            "retention: {conversations: 30, turns: 30, feedback: 30, memories: 30}",
        ),
        ("", "roles: {auditor: {deny: [export]}}"),
        ("durability: commit", "regulated: true"),
    ],
)
def test_files_that_decide_alike_have_no_difference(tmp_path: Path, old: str, new: str) -> None:
    assert changes(tmp_path, old, new) == []


TARGET = "targets: {eu: {operator: X, region: EU}}\n"


@pytest.mark.parametrize(
    ("loose", "strict", "what", "where", "says"),
    [
        ("entities: {PERSON: {'*': keep}}", "", "entity",
         {"entity": ("PERSON",), "target": EVERY, "domain": EVERY}, ("keep", "pseudonymise")),
        ("domains: {shop: {entities: {URL: {local: keep}}}}", "", "entity",
         {"entity": ("URL",), "target": ("local",), "domain": ("shop",)}, ("keep", "pseudonymise")),
        (TARGET + "allow_targets: [local, eu]", TARGET, "send", {"target": ("eu",)}, ("yes", "no")),
        (TARGET + "allow_targets: [local, eu]",
         TARGET + "allow_targets: [local, eu]\nrequire_agreement: true",
         "send", {"target": ("eu",)}, ("yes", "no")),
        ("parts: {audio: local}", "", "part",
         {"kind": ("audio",), "target": ("local",), "domain": EVERY}, ("pass", "refuse")),
        ("", "collect: {goal: {allow: false}}", "learn",
         {"category": ("goal",), "domain": EVERY, "purpose": EVERY}, ("yes", "no")),
        ("", "show: {goal: {purposes: [answering]}}", "show",
         {"category": ("goal",), "domain": EVERY, "purpose": ("*",)}, ("yes", "no")),
        ("", "consent: {goal: {kind: given}}", "consent",
         {"category": ("goal",), "domain": EVERY}, ("none", "given")),
        ("cross_domain: {health: {allow: true, domains: [a, b]}}", "", "cross_domain",
         {"category": ("health",), "origin": ("a",), "domain": ("b",)}, ("yes", "no")),
        ("retention: {audit: 90}", "retention: {audit: 30}", "keep",
         {"kind": ("audit",)}, ("90 days", "30 days")),
        ("", "retention: {goal: 30}", "keep", {"kind": ("goal",)}, ("until erased", "30 days")),
        ("", "roles: {operator: {deny: [backup]}}", "role",
         {"role": ("operator",), "action": ("backup",), "category": EVERY}, ("yes", "no")),
        ("", "review: {shop: whole}", "review", {"domain": ("shop",)}, ("pass", "whole")),
        ("", "detection: {'*': recall}", "detection", {"domain": EVERY}, ("balanced", "recall")),
        ("", "minors: {min_age: 13, below: refuse}", "minors", {}, ("no rule", "below 13: refuse")),
        ("", "regulated: true", "durability", {}, ("wal", "commit")),
        ("repair: true", "", "repair", {}, ("yes", "no")),
        ("", "groups: {k: 20}", "groups: k", {}, ("5", "20")),
        ("groups: {epsilon: 2.0}", "groups: {epsilon: 0.5}", "groups: epsilon", {}, ("2", "0.5")),
        ("groups: {clustering: true}", "", "groups: clustering", {}, ("yes", "no")),
        ("groups: {renew_days: 90}", "", "groups: renew_days", {}, ("after 90 days", "never")),
        ("groups: {protected: [age]}", "", "groups: protected", {}, ("age", "none")),
        ("", "personalize: {shop: {suits: {allow: true, categories: [style]}}}", "personalize",
         {"personalizer": ("suits",), "domain": ("shop",), "category": ("*",)}, ("yes", "no")),
        ("", "personalize: {shop: {'*': {allow: true, groups: false}}}", "personalize: groups",
         {"personalizer": EVERY, "domain": ("shop",)}, ("yes", "no")),
        ("", "personalize: {'*': {suits: {allow: true, weight: 0.5}}}", "personalize: weight",
         {"personalizer": ("suits",), "domain": EVERY}, ("1", "0.5")),
    ],
)  # fmt: skip
def test_what_is_stricter_becomes_forbidden_and_the_other_way_round_allowed(
    tmp_path: Path,
    loose: str,
    strict: str,
    what: str,
    where: dict[str, tuple[str, ...]],
    says: tuple[str, str],
) -> None:
    found = [c for c in changes(tmp_path, loose, strict) if c.where == where]
    assert [(c.direction, c.what, c.old, c.new) for c in found] == [("forbidden", what, *says)]
    back = [c for c in changes(tmp_path, strict, loose) if c.where == where]
    assert [(c.direction, c.what, c.old, c.new) for c in back] == [("allowed", what, *says[::-1])]


@pytest.mark.parametrize(
    ("new", "what"),
    [
        ("languages: {'*': [zh]}", "languages"),
        ("disclosures: {'*': {en: I am a machine.}}", "disclosure"),
        ("contacts: {privacy: {'*': {name: A, how: b}}}", "contact"),
        ("declare: {allow: [Acme]}", "values let through"),
        ("declare: {patterns: {T: {pattern: a}}}", "values declared"),
        ("declare: {regions: [AR]}", "values declared"),
    ],
)
def test_what_is_neither_is_told_as_changed(tmp_path: Path, new: str, what: str) -> None:
    assert {(c.direction, c.what) for c in changes(tmp_path, "", new)} == {("changed", what)}


def test_a_change_names_the_rules_of_both_sides(tmp_path: Path) -> None:
    (only,) = changes(tmp_path, "entities: {URL: {'*': drop}}", "entities: {URL: {'*': keep}}")
    assert (only.old_rule, only.new_rule) == ("p0@1:entities.URL.*",) * 2
    assert (only.direction, only.old, only.new) == ("allowed", "drop", "keep")


def test_changes_that_are_alike_are_told_once(tmp_path: Path) -> None:
    entities = "entities: {URL: {'*': drop}, AGE: {'*': drop}, PERSON: {'*': drop, eu: drop}}"
    found = changes(tmp_path, entities, entities.replace("drop}, P", "hash}, P"))
    assert [c.where["entity"] for c in found] == [("AGE",)]
    (only,) = changes(
        tmp_path, "", "collect: {goal: {allow: true, domains: [a]}}\nreview: {b: pass}"
    )
    assert only.where == {"category": ("goal",), "domain": ("*", "b"), "purpose": EVERY}


# --- whatever the files say --------------------------------------------------------------

CATEGORIES = ("goal", "health", "contact")
SAYS_ALL = """\
entities: {'*': {'*': keep}}
parts: {image: local, audio: local, file: text}
collect: {'*': {allow: true}, goal: {allow: true}, health: {allow: true}, contact: {allow: true}}
cross_domain: {goal: {allow: true}, health: {allow: true}, contact: {allow: true}}
consent: {'*': {kind: none}, health: {kind: none}}
retention: {'*': 900}
targets: {eu: {operator: X, region: EU}, us: {operator: Y, region: US, agreement: A}}
allow_targets: [local, eu, us]
detection: {'*': precision}
groups: {epsilon: 10.0, delta: 0.001, clustering: true, renew_days: 1, protected: [age, health]}
personalize: {'*': {'*': {allow: true, categories: ['*', health]}}}
repair: true
"""


def random_policy(draw: random.Random) -> str:
    """A policy that says something of a few things."""
    pick = draw.choice
    actions = ["keep", "pseudonymise", "redact", "block"]
    entity, target, domain = (
        pick(["'*'", "PERSON", "URL"]), pick(["'*'", "local", "eu"]), pick(["shop", "clinic"])
    )  # fmt: skip
    allow, days, category = pick(["true", "false"]), draw.randint(1, 999), pick(CATEGORIES)
    sections = [
        f"entities: {{{entity}: {{{target}: {pick(actions)}}}}}",
        f"domains: {{{domain}: {{entities: {{{entity}: {{{target}: {pick(actions)}}}}}}}}}",
        f"parts: {{image: {pick(['redact', 'local', 'refuse'])}}}",
        f"collect: {{{category}: {{allow: {allow}, domains: [{domain}]}}}}",
        f"show: {{{category}: {{domains: [{domain}], purposes: [answering]}}}}",
        f"cross_domain: {{{category}: {{allow: {allow}}}}}",
        f"consent: {{{category}: {{kind: {pick(['none', 'given', 'explicit'])}}}}}",
        f"retention: {{{pick(['turns', 'goal', 'audit'])}: {days}}}",
        f"roles: {{{pick(['operator', 'auditor'])}: {{deny: [{pick(['report', 'backup'])}]}}}}",
        f"allow_targets: [local, {pick(['eu', 'us'])}]",
        f"allow_regions: [{pick(['EU', 'US'])}]",
        f"require_agreement: {allow}",
        f"review: {{{domain}: {pick(['pass', 'sentence', 'whole'])}}}",
        f"detection: {{{domain}: {pick(['precision', 'balanced', 'recall'])}}}",
        f"minors: {{min_age: {draw.randint(10, 20)}, below: {pick(['refuse', 'no_profile'])}}}",
        f"regulated: {allow}",
        f"groups: {{k: {draw.randint(5, 50)}, clustering: {allow}, renew_days: never}}",
        f"groups: {{epsilon: {draw.uniform(0.1, 9)}, protected: [{pick(['age', 'gender'])}]}}",
        f"personalize: {{{domain}: {{core: {{allow: {allow}, weight: {draw.random()}}}}}}}",
        f"repair: {allow}",
    ]
    chosen = draw.sample(sections, draw.randint(1, 8))
    return "\n".join({section.partition(":")[0]: section for section in chosen}.values())


@pytest.mark.parametrize("seed", range(60))
def test_a_further_file_never_allows_more_of_what_the_others_speak_of(
    tmp_path: Path, seed: int
) -> None:
    draw = random.Random(seed)
    texts = [SAYS_ALL, random_policy(draw), random_policy(draw)]
    files = [policy(tmp_path, text, f"p{n}") for n, text in enumerate(texts)]
    found = difference(compose(files[:2]), compose(files))
    assert not [change for change in found if change.direction == "allowed"], texts


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_files_decides_nothing(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    files = [policy(tmp_path, random_policy(draw), f"p{n}") for n in range(4)]
    first = compose(files)
    draw.shuffle(files)
    second = compose(files)
    assert difference(first, second) == [] and first.version == second.version
    for entity in ("PERSON", "URL", "AGE"):
        for domain in ("shop", "clinic", ""):
            assert first.entity_action(entity, "eu", domain) == second.entity_action(
                entity, "eu", domain
            )
