"""What the policies say of people: consent, retention, roles, disclosures, contacts, minors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from metier.policy._decisions import (
    ABOUT_CONTENT,
    KEPT_BY_STAR,
    MATRIX,
    SPECIAL_CATEGORIES,
    ConsentRule,
    Contact,
    Decided,
    Durability,
    Explanation,
    Minors,
    Retention,
    Said,
    built_in,
)
from metier.policy._load import Policy
from metier.policy._memory import Memory
from metier.policy._model import Below, Consent, Role, TextModel

CONSENTS: tuple[Consent, ...] = ("none", "given", "explicit")
BELOW: tuple[Below, ...] = ("no_profile", "refuse")
"""Both from the least to the most restrictive."""


class PeopleRules:
    """The part of a `PolicySet` that is about people and their data at rest."""

    policies: tuple[Policy, ...]
    _memory: Memory

    # --- consent -------------------------------------------------------------------

    def consent(self, category: str, domain: str) -> ConsentRule:
        """What a person must have said before a domain keeps or uses facts of a category.

        In each file the rule for the category counts, else the one for `*`; of
        several files the strictest. A special category needs explicit consent
        unless a file names it, so that `*` never lowers it.
        """
        question = ("consent", category, domain)
        return self._memory.once(question, lambda: self._consent(category, domain))

    def _consent(self, category: str, domain: str) -> ConsentRule:
        special = category in SPECIAL_CATEGORIES
        found: list[tuple[int, str, str]] = []
        named = False
        for policy in self.policies:
            for key in (category, "*"):
                rule = policy.model.consent.get(key)
                if rule is None or not matches(rule.domains, domain):
                    continue
                level = CONSENTS.index(rule.kind)
                found.append((level, policy.rule("consent", key), rule.text_version))
                named = named or key != "*"
                break
        if special and not named:
            found.append((CONSENTS.index("explicit"), built_in("consent.special"), ""))
        if not found:
            return ConsentRule("none", built_in("consent"))
        level, name, version = max(found, key=lambda f: (f[0], bool(f[2]), f[1]))
        if not version and level:
            # A weaker rule's text must still have been shown.
            version = max((f[2] for f in found if f[0]), default="")
        return ConsentRule(CONSENTS[level], name, version)

    def cross_domain(self, category: str, origin: str, domain: str) -> Decided:
        """Whether a fact learnt in `origin` may be used in `domain`, where the person agrees too.

        Every file that names the category must allow it; where none does, every
        file with a rule for `*`, which never covers a special category. Where no
        file says anything it may not.
        """
        if origin == domain:
            return Decided(True, built_in("cross_domain.same"))
        keys = (category,) if category in SPECIAL_CATEGORIES else (category, "*")
        for key in keys:
            rules = [(p, p.model.cross_domain.get(key)) for p in self.policies]
            said = [(p, rule) for p, rule in rules if rule is not None]
            for policy, rule in said:
                inside = matches(rule.domains, origin) and matches(rule.domains, domain)
                if not (rule.allow and inside):
                    return Decided(False, policy.rule("cross_domain", key))
            if said:
                return Decided(True, said[-1][0].rule("cross_domain", key))
        return Decided(False, built_in("cross_domain"))

    # --- how long, and how safely -----------------------------------------------------

    def retention(self, kind: str) -> Retention:
        """How long a kind of data is kept: the shortest of all files.

        Args:
            kind: a category of facts, or `conversations` (vaults and messages),
                `turns`, `feedback`, `memories`, `consents` or `audit`. In a file that
                does not name them, `*` holds for the first four.
        """
        return self._memory.once(("retention", kind), lambda: self._retention(kind))

    def _retention(self, kind: str) -> Retention:
        found: list[tuple[int, str]] = []
        for policy in self.policies:
            key = retention_key(policy, kind)
            if key is not None:
                found.append((policy.model.retention[key], policy.rule("retention", key)))
        if not found:
            return Retention(None, built_in("retention"))
        days, name = min(found)
        return Retention(days, name)

    @property
    def durability(self) -> Durability:
        """When a write is on the disk: "commit" where a file says so or is `regulated`."""
        for policy in self.policies:
            if policy.model.durability == "commit":
                return Durability("commit", policy.rule("durability"))
        for policy in self.policies:
            if policy.model.regulated:
                return Durability("commit", policy.rule("regulated"))
        for policy in self.policies:
            if policy.model.durability == "wal":
                return Durability("wal", policy.rule("durability"))
        return Durability("wal", built_in("durability"))

    # --- who ---------------------------------------------------------------------------

    def may(self, roles: Iterable[str], action: str, category: str = "*") -> Decided:
        """Whether somebody of these roles may do something with other people's data.

        One role that may is enough. The built-in matrix (`MATRIX`) gives; files
        can only take away.

        Args:
            roles: those of the actor; a role that is not known gives nothing.
            action: one of `RIGHTS`; anything else is refused.
            category: of the facts concerned; `*` for all of them together, which a
                role that a file narrows to some categories may not touch.
        """
        refused = built_in("roles")
        for role, given in MATRIX.items():
            if role not in roles:
                continue
            if action not in given:
                refused = built_in(f"roles.{role}")
                continue
            taken = self._taken(role, action, category)
            if taken is None:
                return Decided(True, built_in(f"roles.{role}.{action}"))
            refused = taken
        return Decided(False, refused)

    def _taken(self, role: Role, action: str, category: str) -> str | None:
        """The rule that takes an action away from a role, if one does."""
        for policy in self.policies:
            rule = policy.model.roles.get(role)
            if rule is None:
                continue
            if action in rule.deny:
                return policy.rule("roles", role, "deny")
            narrowed = rule.categories is not None and action in ABOUT_CONTENT
            if narrowed and not matches(rule.categories or (), category):
                return policy.rule("roles", role, "categories")
        return None

    # --- what people are told ------------------------------------------------------------

    def disclosures(self, domain: str, language: str) -> tuple[Said, ...]:
        """What each file wants said to the person, in the order of the files.

        In a language that a file does not have, its English text: said in another
        language is better than not said.
        """
        found: dict[str, Said] = {}
        for policy in self.policies:
            said = policy.model.disclosures
            for key in [key for key in (domain, "*") if key in said][:1]:
                text = _in_language(said[key], language)
                found.setdefault(text, Said(text, policy.rule("disclosures", key)))
        return tuple(found.values())

    def disclosure(self, domain: str, language: str) -> str | None:
        """All that must be said to the person, one paragraph a file; None for nothing."""
        return "\n\n".join(said.text for said in self.disclosures(domain, language)) or None

    def languages(self, domain: str) -> tuple[str, ...] | None:
        """The languages a domain may answer in: those in every file's list; None for any."""
        allowed: tuple[str, ...] | None = None
        for policy in self.policies:
            said = policy.model.languages
            own = said.get(domain, said.get("*"))
            if own is not None:
                allowed = own if allowed is None else tuple(x for x in allowed if x in own)
        return allowed

    def contact(self, kind: str, domain: str = "*") -> Contact | None:
        """Whom to turn to; a file's own contact for the domain before anybody's for `*`."""
        for key in dict.fromkeys((domain, "*")):
            for policy in self.policies:
                found = policy.model.contacts.get(kind, {}).get(key)
                if found is not None:
                    return Contact(found.name, found.how, policy.rule("contacts", kind, key))
        return None

    @property
    def minors(self) -> Minors:
        """The highest age and the strictest treatment that any file names."""
        said = [(p, p.model.minors) for p in self.policies if p.model.minors is not None]
        if not said:
            return Minors(None, None, built_in("minors"))
        age = max(m.min_age for _, m in said if m)
        level = max(BELOW.index(m.below) for _, m in said if m)
        name = max((m.min_age, BELOW.index(m.below), p.rule("minors")) for p, m in said if m)[2]
        return Minors(age, BELOW[level], name)

    def explanation(self, rule: str) -> Explanation | None:
        """Why a rule is there, in the words of its own file; None where it does not say.

        Of several explanations the one with the longest path counts.
        """
        file, _, path = rule.partition(":")
        for policy in self.policies:
            if f"{policy.model.name}@{policy.model.version}" != file:
                continue
            parts = path.split(".")
            for length in range(len(parts), 0, -1):
                found = policy.model.explain.get(".".join(parts[:length]))
                if found is not None:
                    why = found.why
                    by_language = {"en": why} if isinstance(why, str) else why.model_dump()
                    texts = {key: text for key, text in by_language.items() if text}
                    return Explanation(texts, found.source)
        return None


def retention_key(policy: Policy, kind: str) -> str | None:
    """The key of a file's `retention` that holds for a kind of data."""
    keys = (kind, "*") if kind in KEPT_BY_STAR else (kind,)
    return next((key for key in keys if key in policy.model.retention), None)


def matches(names: Sequence[str], name: str) -> bool:
    """Whether a name is among those that a rule lists."""
    return "*" in names or name in names


def _in_language(text: TextModel, language: str) -> str:
    return text.zh if text.zh and language.lower().split("-")[0] == "zh" else text.en
