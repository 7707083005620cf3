"""The points at which decisions of policies can differ."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from metier.policy._decisions import KEPT, LOCAL, SPECIAL_CATEGORIES
from metier.policy._set import PolicySet

OTHER = ""
"""A domain or purpose that no rule names; it is decided by the rules for `*`."""


class Universe:
    """Every name that a rule of the policies holds for; all others are decided as `*` is.

    Args:
        sets: the policies.
        domains: further domains.
    """

    def __init__(self, sets: Iterable[PolicySet], domains: Collection[str] = ()) -> None:
        sets = list(sets)
        models = [policy.model for each in sets for policy in each.policies]
        entities = [m.entities for m in models]
        entities += [own.entities for m in models for own in m.domains.values()]
        by_category = [rules for m in models for rules in (m.collect, m.show)]
        scoped = [rule for m in models for rules in (m.collect, m.show, m.consent, m.cross_domain)
                  for rule in rules.values()]  # fmt: skip
        keyed: list[Iterable[str]] = [m.domains for m in models]
        keyed += [m.review for m in models]
        keyed += [keys for m in models for keys in (m.detection, m.languages, m.disclosures)]
        keyed += [m.personalize for m in models]
        personal = [rules for m in models for rules in m.personalize.values()]
        contacts = [(kind, names) for m in models for kind, names in m.contacts.items()]

        self.entities = _sorted(entities, {"*"})
        places = (rules for each in entities for rules in each.values())
        self.targets = _sorted(places, {"*", LOCAL})
        for each in sets:
            self.targets = _sorted([self.targets, each.targets])
        for model in models:
            self.targets = _sorted([self.targets, model.allow_targets or ()])
        self.domains = _sorted(
            [*(rule.domains for rule in scoped), *keyed, *(names for _, names in contacts)],
            {OTHER, *domains}, without={"*"},
        )  # fmt: skip
        self.purposes = _sorted(
            (rule.purposes for rules in by_category for rule in rules.values()),
            {OTHER}, without={"*"},
        )  # fmt: skip
        self.categories = _sorted(
            [*by_category, *(m.consent for m in models), *(m.cross_domain for m in models),
             *(rule.categories for rules in personal for rule in rules.values()),
             *(taken.categories or () for m in models for taken in m.roles.values())],
            {"*"} | SPECIAL_CATEGORIES,
        )  # fmt: skip
        self.kept = _sorted((m.retention for m in models), set(KEPT), without={"*"})
        self.personalizers = _sorted(personal, {OTHER}, without={"*"})
        self.contacts = _sorted([[kind] for kind, _ in contacts])


def _sorted(
    groups: Iterable[Iterable[str]],
    more: Collection[str] = (),
    without: Collection[str] = (),
) -> list[str]:
    return sorted({name for group in groups for name in group}.union(more).difference(without))
