"""What is wrong with policies that can be read: rules that name nothing, or decide nothing."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from metier.policy._decisions import ABOUT_CONTENT, KEPT, LOCAL, MATRIX, SPECIAL_CATEGORIES
from metier.policy._load import Policy
from metier.policy._overridden import overridden
from metier.policy._rules import rules_of
from metier.policy._set import PolicySet


@dataclass(frozen=True, slots=True)
class Known:
    """What the installed plugins have, against which names in rules are checked.

    Args:
        entities: types that a recognizer finds.
        categories: of facts that a manifest reads or writes.
        domains: each domain's purposes.
        writes: the categories that each domain's manifest writes.
    """

    entities: frozenset[str]
    categories: frozenset[str]
    domains: Mapping[str, tuple[str, ...]]
    writes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a rule.

    Args:
        level: an "error" makes the check fail; a "warning" wants a look.
        rule: names it.
        message: what is wrong, and how to mend it.
    """

    level: Literal["error", "warning"]
    rule: str
    message: str


def find_faults(
    policies: PolicySet, known: Known, explained: Collection[str] = ()
) -> list[Finding]:
    """Looks for rules that name what does not exist, decide nothing, or contradict each other.

    Args:
        policies: those in force together.
        known: what the rules may name.
        explained: names of policies in which every rule must be explained.
    """
    found = [
        *_unknown_names(policies, known),
        *_contradictions(policies, known),
        *(Finding("warning", *each) for each in overridden(policies, known.domains)),
        *_taken_from_nobody(policies),
        *_explanations(policies, explained),
    ]
    return sorted(dict.fromkeys(found), key=lambda f: (f.level, f.rule))


# --- names ---------------------------------------------------------------------------------


def _unknown_names(policies: PolicySet, known: Known) -> Iterator[Finding]:
    entities = known.entities | {declared.entity for declared in policies.declared}
    categories = known.categories | SPECIAL_CATEGORIES
    purposes = {purpose for each in known.domains.values() for purpose in each}
    sets: dict[str, tuple[str, Collection[str]]] = {
        "entity": ("no recognizer finds the entity type", entities),
        "category": ("no installed plugin has the category", categories),
        "kind": ("no installed plugin has the category, and nothing kept is called", 
                 categories | KEPT),
        "domain": ("no installed plugin is the domain", known.domains),
        "purpose": ("no installed domain has the purpose", purposes),
        "target": ("no policy declares the target", {LOCAL, *policies.targets}),
    }  # fmt: skip
    for policy in policies.policies:
        for kind, name, path in _names(policy):
            problem, names = sets[kind]
            if name == "*" or name in names:
                continue
            near = difflib.get_close_matches(name, names, 1, 0.8)
            yield Finding(
                "error" if near else "warning",
                policy.rule(path),
                f"{problem} '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""),
            )


def _names(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """The kind, the name and the path of everything that a file's rules name."""
    model = policy.model
    yield from _entity_names("entities", model.entities)
    for domain, own in model.domains.items():
        yield "domain", domain, f"domains.{domain}"
        yield from _entity_names(f"domains.{domain}.entities", own.entities)
    for section in ("collect", "show", "consent", "cross_domain"):
        for category, rule in getattr(model, section).items():
            path = f"{section}.{category}"
            yield "category", category, path
            for domain in rule.domains:
                yield "domain", domain, path
            for purpose in getattr(rule, "purposes", ()):
                yield "purpose", purpose, path
    for domain, personal in model.personalize.items():
        yield "domain", domain, f"personalize.{domain}"
        for name, allowed in personal.items():
            for category in allowed.categories:
                yield "category", category, f"personalize.{domain}.{name}"
    for kind in model.retention:
        yield "kind", kind, f"retention.{kind}"
    for role, taken in model.roles.items():
        for category in taken.categories or ():
            yield "category", category, f"roles.{role}.categories"
    for section in ("review", "detection", "disclosures", "languages"):
        for domain in getattr(model, section):
            yield "domain", domain, f"{section}.{domain}"
    for contact, by_domain in model.contacts.items():
        for domain in by_domain:
            yield "domain", domain, f"contacts.{contact}.{domain}"
    for target in model.allow_targets or ():
        yield "target", target, "allow_targets"


def _entity_names(
    path: str, entities: Mapping[str, Mapping[str, object]]
) -> Iterator[tuple[str, str, str]]:
    for entity, by_target in entities.items():
        yield "entity", entity, f"{path}.{entity}"
        for target in by_target:
            yield "target", target, f"{path}.{entity}.{target}"


# --- contradictions ---------------------------------------------------------------------------


def _contradictions(policies: PolicySet, known: Known) -> Iterator[Finding]:
    for domain in known.domains:
        if policies.languages(domain) == ():
            last = [p for p in policies.policies if {domain, "*"} & p.model.languages.keys()][-1]
            key = domain if domain in last.model.languages else "*"
            yield Finding(
                "error", last.rule("languages", key),
                f"with the other files no language is left for '{domain}'",
            )  # fmt: skip
    for domain, categories in known.writes.items():
        for category in categories:
            learnt = policies.may_learn(category, domain, known.domains[domain])
            if not learnt.allowed:
                yield Finding(
                    "warning", learnt.rule,
                    f"'{domain}' has facts of the category '{category}', and none of them is kept; "
                    "allow it in the plugin's own policy file, or take it out of its manifest",
                )  # fmt: skip
    for policy in policies.policies:
        for target in policy.model.allow_targets or ():
            decided = policies.may_send(target)
            if not decided.allowed and (target in policies.targets or target == LOCAL):
                yield Finding(
                    "warning", policy.rule("allow_targets"),
                    f"allows '{target}', which {decided.rule} refuses",
                )  # fmt: skip
        for category, rule in policy.model.collect.items():
            for domain, purposes in known.domains.items():
                if category == "*" or not rule.allow or domain not in rule.domains:
                    continue
                shown = policies.may_show(category, domain, purposes)
                if policies.may_learn(category, domain, purposes).allowed and not shown.allowed:
                    yield Finding(
                        "warning", policy.rule("collect", category),
                        f"'{domain}' learns it, and {shown.rule} never lets it see it",
                    )  # fmt: skip


def _taken_from_nobody(policies: PolicySet) -> Iterator[Finding]:
    for policy in policies.policies:
        for role, taken in policy.model.roles.items():
            for right in taken.deny:
                if right not in MATRIX[role]:
                    yield Finding(
                        "warning", policy.rule("roles", role, "deny"),
                        f"the role never has '{right}'",
                    )  # fmt: skip
            if taken.categories is not None and not MATRIX[role] & ABOUT_CONTENT:
                yield Finding(
                    "warning", policy.rule("roles", role, "categories"),
                    "the role never sees facts of any category",
                )  # fmt: skip


# --- explanations -------------------------------------------------------------------------------


def _explanations(policies: PolicySet, explained: Collection[str]) -> Iterator[Finding]:
    for policy in policies.policies:
        paths = [rule.path for rule in rules_of(policy)]
        for key in policy.model.explain:
            if not any(path == key or path.startswith(f"{key}.") for path in paths):
                near = difflib.get_close_matches(key, paths, 1, 0.8)
                hint = f"; did you mean '{near[0]}'?" if near else ""
                yield Finding("error", policy.rule("explain"), f"'{key}' is no rule{hint}")
        if policy.name not in explained:
            continue
        for path in paths:
            told = policies.explanation(policy.rule(path))
            if told is None:
                yield Finding("error", policy.rule(path), "is not explained; add it to `explain`")
            elif "zh" not in told.why:
                yield Finding("warning", policy.rule(path), "is not explained in Chinese")
        for domain, text in policy.model.disclosures.items():
            if not text.zh:
                yield Finding(
                    "warning", policy.rule("disclosures", domain), "is not said in Chinese"
                )
