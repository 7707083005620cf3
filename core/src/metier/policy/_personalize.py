"""What the policies say of personalizers: which may run where, on what, how strongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from metier.policy._decisions import SPECIAL_CATEGORIES, Decided, built_in
from metier.policy._load import Policy
from metier.policy._memory import Memory
from metier.policy._model import PersonalizeModel
from metier.policy._people import matches


class Personalizing(NamedTuple):
    """The personalizers that may run in a domain.

    Args:
        order: their names, the most trusted first.
        weights: of each, in [0, 1].
        rules: by name, the rule that lets each run, or that keeps it from running.
    """

    order: tuple[str, ...]
    weights: dict[str, float]
    rules: dict[str, str]


class PersonalizeRules:
    """The part of a `PolicySet` that is about personalizers."""

    policies: tuple[Policy, ...]
    _memory: Memory

    def personalizing(self, domain: str, names: Iterable[str]) -> Personalizing:
        """Which of the personalizers may run in a domain, in which order, how strongly.

        Every file that speaks of one must allow it; the smallest weight of all holds. They come
        in the order in which the files first name them, and then by name.
        """
        names = tuple(sorted(set(names)))
        question = ("personalizing", domain, names)
        return self._memory.once(question, lambda: self._personalizing(domain, names))

    def _personalizing(self, domain: str, names: tuple[str, ...]) -> Personalizing:
        rules: dict[str, str] = {}
        weights: dict[str, float] = {}
        for name in names:
            allowed, rules[name] = self.may_personalize(name, domain)
            weight = min((r.weight for r, _ in self._personal(name, domain)), default=1.0)
            if allowed and weight > 0:
                weights[name] = weight
        named = list(dict.fromkeys(self._trusted(domain)))
        order = sorted(weights, key=lambda n: (named.index(n) if n in named else len(named), n))
        return Personalizing(tuple(order), {name: weights[name] for name in order}, rules)

    def may_personalize(self, name: str, domain: str, category: str = "") -> Decided:
        """Whether a personalizer may run in a domain, and on facts of a category.

        Where no file says anything it may. A special category it may use only where every file
        that speaks of the personalizer names it and at least one does: `*` covers none.
        """
        allowed_by = built_in("personalize")
        named = False
        for rule, path in self._personal(name, domain):
            if not rule.allow or (category and not _covers(rule, category)):
                return Decided(False, path)
            allowed_by, named = path, named or category in rule.categories
        if category in SPECIAL_CATEGORIES and not named:
            return Decided(False, built_in("personalize.special"))
        return Decided(True, allowed_by)

    def may_use_groups(self, name: str, domain: str) -> Decided:
        """Whether a personalizer may use what is expected of the person's groups."""
        allowed, allowed_by = self.may_personalize(name, domain)
        for rule, path in self._personal(name, domain):
            if not rule.groups:
                return Decided(False, path)
        return Decided(allowed, allowed_by)

    def _personal(self, name: str, domain: str) -> Iterator[tuple[PersonalizeModel, str]]:
        """The most particular rule of each file: by domain first, then by personalizer."""
        for policy in self.policies:
            for place in dict.fromkeys((domain, "*")):
                by_name = policy.model.personalize.get(place, {})
                key = name if name in by_name else "*"
                if key in by_name:
                    yield by_name[key], policy.rule("personalize", place, key)
                    break

    def _trusted(self, domain: str) -> Iterator[str]:
        for policy in self.policies:
            for place in (domain, "*"):
                yield from policy.model.personalize.get(place, {})


def _covers(rule: PersonalizeModel, category: str) -> bool:
    if category in SPECIAL_CATEGORIES:
        return category in rule.categories
    return matches(rule.categories, category)
