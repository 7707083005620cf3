"""Rules that decide nothing, because another is stricter wherever they hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import product
from typing import Any, NamedTuple

from metier.policy._load import Policy
from metier.policy._people import CONSENTS, matches, retention_key
from metier.policy._rules import rules_of
from metier.policy._set import (
    ACTIONS,
    DETECTIONS,
    HANDLING,
    REVIEWS,
    PolicySet,
    entity_rule,
    part_rule,
)
from metier.policy._universe import Universe


class _Held(NamedTuple):
    """What one rule of one file says at one point; a higher level is stricter."""

    level: int
    path: str
    allows: bool = True
    """False where a rule forbids at this point only because it is limited to others."""


_Point = tuple[str, ...]
_Own = Callable[[Policy, _Point], Iterable[_Held]]


def overridden(policies: PolicySet, domains: Collection[str]) -> Iterator[tuple[str, str]]:
    """The rules that decide nothing, each with a sentence that says which does.

    Args:
        policies: those in force together.
        domains: those that are installed; others that rules name are added.
    """
    universe = Universe([policies], domains)
    for own, points in _sections(policies, universe):
        yield from _beaten(policies, own, points)


def _beaten(policies: PolicySet, own: _Own, points: Iterable[_Point]) -> Iterator[tuple[str, str]]:
    deciding: set[str] = set()
    stricter: dict[str, str] = {}
    for point in points:
        held = [
            (each, policy.rule(each.path))
            for policy in policies.policies
            for each in own(policy, point)
        ]
        if not held:
            continue
        top, name = max(held, key=lambda pair: (pair[0].level, pair[1]))
        for each, rule in held:
            if each.level == top.level and each.allows:
                deciding.add(rule)
            elif each.allows:
                stricter.setdefault(rule, name)
    stated = {policy.rule(rule.path) for policy in policies.policies for rule in rules_of(policy)}
    for rule, name in stricter.items():
        if rule not in deciding and rule in stated:
            yield rule, f"never decides: {name} is stricter wherever it holds"


def _sections(policies: PolicySet, u: Universe) -> Iterator[tuple[_Own, Iterable[_Point]]]:
    yield _entities, product(u.entities, u.targets, u.domains)
    yield _parts, product(("image", "audio", "file"), u.targets, u.domains)
    yield _consents, product(u.categories, u.domains)
    yield _kept, product(u.kept)
    yield _reviews, product(u.domains)
    yield _detections, product(u.domains)
    yield _durability, [()]
    yield _shown, product(u.categories, u.domains, u.purposes)
    for section in ("collect", "cross_domain"):
        named = {key for p in policies.policies for key in getattr(p.model, section)}
        yield _allowing(section, named), product(u.categories, u.domains, u.purposes)


def _entities(policy: Policy, point: _Point) -> Iterator[_Held]:
    found = entity_rule(policy, *point)
    if found:
        yield _Held(ACTIONS.index(found[0]), found[1])


def _parts(policy: Policy, point: _Point) -> Iterator[_Held]:
    found = part_rule(policy, *point)
    if found:
        yield _Held(HANDLING.index(found[0]), found[1])


def _consents(policy: Policy, point: _Point) -> Iterator[_Held]:
    category, domain = point
    for key in (category, "*"):
        rule = policy.model.consent.get(key)
        if rule is not None and matches(rule.domains, domain):
            yield _Held(CONSENTS.index(rule.kind), f"consent.{key}")
            return


def _kept(policy: Policy, point: _Point) -> Iterator[_Held]:
    key = retention_key(policy, point[0])
    if key is not None:
        yield _Held(-policy.model.retention[key], f"retention.{key}")


def _reviews(policy: Policy, point: _Point) -> Iterator[_Held]:
    for key in (point[0], "*"):
        if key in policy.model.review:
            yield _Held(REVIEWS.index(policy.model.review[key]), f"review.{key}")


def _detections(policy: Policy, point: _Point) -> Iterator[_Held]:
    said: dict[str, Any] = dict(policy.model.detection)
    key = point[0] if point[0] in said else "*"
    if key in said:
        yield _Held(DETECTIONS.index(said[key]), f"detection.{key}")


def _durability(policy: Policy, point: _Point) -> Iterator[_Held]:
    if policy.model.durability is not None:
        yield _Held(int(policy.model.durability == "commit"), "durability")
    if policy.model.regulated:
        yield _Held(1, "regulated")


def _shown(policy: Policy, point: _Point) -> Iterator[_Held]:
    category, domain, purpose = point
    for key in (category, "*"):
        rule = policy.model.show.get(key)
        if rule is not None:
            allowed = matches(rule.domains, domain) and matches(rule.purposes, purpose)
            yield _Held(int(not allowed), f"show.{key}", allowed)
            return


def _allowing(section: str, named: Collection[str]) -> _Own:
    """Of rules of which those for a category set aside all files' rules for `*`."""

    def own(policy: Policy, point: _Point) -> Iterator[_Held]:
        category, domain, purpose = point
        key = category if category in named else "*"
        rule = getattr(policy.model, section).get(key)
        if rule is not None:
            inside = matches(rule.domains, domain)
            inside = inside and matches(getattr(rule, "purposes", ("*",)), purpose)
            allowed = rule.allow and inside
            yield _Held(int(not allowed), f"{section}.{key}", allowed or not rule.allow)

    return own
