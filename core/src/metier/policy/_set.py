"""Several policies as one: the most restrictive rule wins, and every decision names it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from metier.model import EntityAction, MetierError
from metier.policy._decisions import BUILT_IN_NAME, LOCAL, Decided, Detecting, Reviewed, built_in
from metier.policy._groups import GroupRules
from metier.policy._load import Policy
from metier.policy._memory import Memory
from metier.policy._model import Detection, PartsModel, Review, TargetModel
from metier.policy._people import PeopleRules, matches
from metier.policy._personalize import PersonalizeRules

ACTIONS = (
    "keep", "generalise", "shift", "surrogate", "pseudonymise", "hash", "redact", "drop", "block",
)  # fmt: skip
"""From the least to the most restrictive: how much of the value can be told from what is shown."""
HANDLING = ("pass", "text", "redact", "refuse")
"""From the least to the most restrictive: what becomes of a part that isn't text."""
_PARTS = {"image": "redact", "file": "text"}
"""Where no file says anything; what is not named is refused."""
REVIEWS: tuple[Review, ...] = ("pass", "sentence", "whole")
DETECTIONS: tuple[Detection, ...] = ("precision", "balanced", "recall")


@dataclass(frozen=True, slots=True)
class Target:
    """A place that text may be sent, as the policies declare it."""

    name: str
    operator: str
    region: str
    agreement: str = ""
    base_url: str = ""
    private: bool = False
    base_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """An entity type that a policy declares: terms, or else a pattern.

    Args:
        rule: names the policy and the place in it.
    """

    entity: str
    rule: str
    terms: tuple[str, ...] = ()
    pattern: str = ""
    match_case: bool = True
    context: tuple[str, ...] = ()
    score: float = 0.85


_HERE = Target(LOCAL, "this installation", "here")


def compose(policies: Sequence[Policy]) -> PolicySet:
    """Joins policies.

    Raises:
        MetierError: two files have one name, or declare one target differently.
    """
    names = [p.name for p in policies]
    for name in names:
        if names.count(name) > 1:
            raise MetierError(
                f"Two policy files are named '{name}'; give each its own name.", code="bad_policy"
            )
    targets: dict[str, tuple[TargetModel, str]] = {}
    for policy in policies:
        for name, target in policy.model.targets.items():
            known = targets.setdefault(name, (target, policy.name))
            if known[0] != target:
                raise MetierError(
                    f"The policies '{known[1]}' and '{policy.name}' declare the target '{name}' "
                    "differently; leave one declaration.",
                    code="bad_policy",
                )
    return PolicySet(
        tuple(sorted(policies, key=lambda p: p.name)),
        {name: _target(name, model) for name, (model, _) in targets.items()},
    )


def _target(name: str, model: TargetModel) -> Target:
    return Target(
        name, model.operator, model.region, model.agreement, model.base_url, model.private,
        model.base_urls,
    )  # fmt: skip


class PolicySet(PeopleRules, GroupRules, PersonalizeRules):
    """The policies in force.

    Where no file says anything, the built-in rules hold: every entity is
    pseudonymised for every target, nothing goes to a target but `local`, facts
    may be learned and shown only as the domains' manifests declare.
    """

    def __init__(self, policies: Sequence[Policy], targets: dict[str, Target]) -> None:
        self.policies = tuple(policies)
        self.targets = targets
        self._memory = Memory()
        digest = hashlib.sha256(BUILT_IN_NAME.encode())
        for policy in self.policies:
            digest.update(policy.digest.encode())
        self.version = digest.hexdigest()[:16]
        """Changes with any byte of any file."""

    def entity_action(self, entity: str, target: str, domain: str = "") -> EntityAction:
        """What happens to values of an entity type on their way to a target, in a domain."""
        question = ("entity", entity, target, domain)
        return self._memory.once(question, lambda: self._entity_action(entity, target, domain))

    def _entity_action(self, entity: str, target: str, domain: str) -> EntityAction:
        found: list[tuple[int, str]] = []
        for policy in self.policies:
            rule = entity_rule(policy, entity, target, domain)
            if rule is not None:
                found.append((ACTIONS.index(rule[0]), policy.rule(rule[1])))
        if not found:
            return EntityAction("pseudonymise", built_in("entities"))
        level, rule_name = max(found)
        return EntityAction(ACTIONS[level], rule_name)

    def part(self, kind: str, target: str, domain: str = "") -> EntityAction:
        """What becomes of a part that isn't text on its way to a target, in a domain.

        Its action is "pass" (as it came), "text" (what it says), "redact" or
        "refuse". A policy's `local` is "pass" for the target `local`, and "refuse"
        for every other. Of several files the most restrictive rule wins.
        """
        question = ("part", kind, target, domain)
        return self._memory.once(question, lambda: self._part(kind, target, domain))

    def _part(self, kind: str, target: str, domain: str) -> EntityAction:
        found: list[tuple[int, str]] = []
        for policy in self.policies:
            rule = part_rule(policy, kind, target, domain)
            if rule is not None:
                found.append((HANDLING.index(rule[0]), policy.rule(rule[1])))
        if not found:
            return EntityAction(_PARTS.get(kind, "refuse"), built_in(f"parts.{kind}"))
        level, rule_name = max(found)
        return EntityAction(HANDLING[level], rule_name)

    def may_learn(
        self, category: str, domain: str, purposes: Sequence[str] | None = None
    ) -> Decided:
        """Whether a domain may learn facts of a category, for at least one of its purposes.

        Every file that names the category must allow it; where none does, every
        file with a rule for `*`. Without `purposes` they are not asked for.
        """
        for key in (category, "*"):
            rules = [(p, p.model.collect[key]) for p in self.policies if key in p.model.collect]
            for policy, rule in rules:
                purpose = purposes is None or any(matches(rule.purposes, p) for p in purposes)
                if not (rule.allow and purpose and matches(rule.domains, domain)):
                    return Decided(False, policy.rule("collect", key))
            if rules:
                return Decided(True, rules[-1][0].rule("collect", key))
        return Decided(True, built_in("collect"))

    def may_show(self, category: str, domain: str, purposes: Sequence[str]) -> Decided:
        """Whether a domain sees facts of a category for at least one of its purposes."""
        question = ("show", category, domain, tuple(purposes))
        return self._memory.once(question, lambda: self._may_show(category, domain, purposes))

    def _may_show(self, category: str, domain: str, purposes: Sequence[str]) -> Decided:
        allowed_by = built_in("show")
        for policy in self.policies:
            for key in (category, "*"):
                rule = policy.model.show.get(key)
                if rule is None:
                    continue
                name = policy.rule("show", key)
                purpose = any(matches(rule.purposes, p) for p in purposes)
                if not (purpose and matches(rule.domains, domain)):
                    return Decided(False, name)
                allowed_by = name
                break
        return Decided(True, allowed_by)

    def review(self, domain: str) -> Review:
        """The least granularity at which answers of a domain are reviewed."""
        return self.reviewed(domain).level

    def reviewed(self, domain: str) -> Reviewed:
        """As `review`, with the rule that says so."""
        return self._memory.once(("review", domain), lambda: self._reviewed(domain))

    def _reviewed(self, domain: str) -> Reviewed:
        found = [
            (REVIEWS.index(policy.model.review[key]), policy.rule("review", key))
            for policy in self.policies
            for key in (domain, "*")
            if key in policy.model.review
        ]
        level, rule = max(found, default=(0, built_in("review")))
        return Reviewed(REVIEWS[level], rule)

    def detection(self, domain: str) -> Detection:
        """The operating point of the name model in a domain: the one that finds most."""
        return self.detecting(domain).level

    def detecting(self, domain: str) -> Detecting:
        """As `detection`, with the rule that says so."""
        found = [
            (DETECTIONS.index(policy.model.detection[key]), policy.rule("detection", key))
            for policy in self.policies
            for key in ([domain] if domain in policy.model.detection else ["*"])
            if key in policy.model.detection
        ]
        level, rule = max(found, default=(1, built_in("detection")))
        return Detecting(DETECTIONS[level], rule)

    @property
    def declared(self) -> tuple[Declared, ...]:
        """What the policies declare to be sensitive, besides what recognizers know."""
        found = []
        for policy in self.policies:
            declare = policy.model.declare
            for entity, words in declare.dictionaries.items():
                rule = policy.rule("declare", "dictionaries", entity)
                found.append(
                    Declared(
                        entity, rule, policy.terms[entity], match_case=words.match_case,
                        context=words.context,
                    )
                )  # fmt: skip
            for entity, form in declare.patterns.items():
                rule = policy.rule("declare", "patterns", entity)
                found.append(
                    Declared(
                        entity, rule, pattern=form.pattern, match_case=not form.ignore_case,
                        context=form.context, score=form.score,
                    )
                )  # fmt: skip
        return tuple(found)

    @property
    def allowed_values(self) -> tuple[str, ...]:
        """Values that a policy lets through, whatever finds them."""
        return tuple(value for policy in self.policies for value in policy.model.declare.allow)

    @property
    def regions(self) -> tuple[str, ...]:
        """Further countries whose national telephone formats are looked for."""
        every = (region for policy in self.policies for region in policy.model.declare.regions)
        return tuple(dict.fromkeys(every))

    @property
    def prompt_cache(self) -> Literal["tenant", "subject"]:
        """Among whom a model server may share the computed beginning of prompts; one file that
        says "subject" is enough."""
        said = {policy.model.prompt_cache for policy in self.policies}
        return "subject" if "subject" in said else "tenant"

    @property
    def repair(self) -> bool:
        """Whether a stopped turn may be mended and sent; every file that says so must agree."""
        said = [p.model.repair for p in self.policies if p.model.repair is not None]
        return bool(said) and all(said)

    def target(self, name: str) -> Target | None:
        """The target, where text may be sent to it (see `may_send`); else None."""
        if not self.may_send(name).allowed:
            return None
        return self.targets.get(name, _HERE if name == LOCAL else None)

    def may_send(self, name: str) -> Decided:
        """Whether text may be sent to a target, and the rule that says so.

        Every file that names allowed targets must name it (where none does, `local`
        is the only one); its region must be in every file's `allow_regions`, and
        where a file asks for an agreement it must have one. `local` is this
        installation: it needs no agreement, and no region unless a file declares one.
        """
        allowed_by = ""
        for policy in self.policies:
            names = policy.model.allow_targets
            if names is not None and name not in names:
                return Decided(False, policy.rule("allow_targets"))
            allowed_by = allowed_by or (policy.rule("allow_targets") if names is not None else "")
        if not allowed_by and name != LOCAL:
            return Decided(False, built_in("allow_targets"))
        target = self.targets.get(name)
        if target is None:
            here = name == LOCAL
            return Decided(here, (here and allowed_by) or built_in("targets"))
        for policy in self.policies:
            regions = policy.model.allow_regions
            if regions is not None and target.region.casefold() not in map(str.casefold, regions):
                return Decided(False, policy.rule("allow_regions"))
            if policy.model.require_agreement and name != LOCAL and not target.agreement.strip():
                return Decided(False, policy.rule("require_agreement"))
        return Decided(True, allowed_by or built_in("allow_targets"))

    def fewer_rights(self, name: str, than: str) -> str | None:
        """The rule by which a target gets less than another one; None where there is none.

        It may see less of an entity type or of a part in any domain, or may not be sent
        text at all.
        """
        question = ("fewer_rights", name, than)
        return self._memory.once(question, lambda: (self._fewer_rights(name, than),))[0]

    def _fewer_rights(self, name: str, than: str) -> str | None:
        sending = self.may_send(name)
        if not sending.allowed:
            return sending.rule
        models = [policy.model for policy in self.policies]
        domains = {"", *(domain for model in models for domain in model.domains)}
        rules = [model.entities for model in models]
        rules += [own.entities for model in models for own in model.domains.values()]
        entities = {"*", *(entity for each in rules for entity in each)}
        for domain in sorted(domains):
            for entity in sorted(entities):
                mine = self.entity_action(entity, name, domain)
                if ACTIONS.index(mine.action) > ACTIONS.index(
                    self.entity_action(entity, than, domain).action
                ):
                    return mine.rule
            for kind in PartsModel.model_fields:
                mine = self.part(kind, name, domain)
                if HANDLING.index(mine.action) > HANDLING.index(
                    self.part(kind, than, domain).action
                ):
                    return mine.rule
        return None


def entity_rule(policy: Policy, entity: str, target: str, domain: str) -> tuple[str, str] | None:
    """The action of one file and the path of its most particular rule.

    By entity first, then by domain, then by target.
    """
    own = policy.model.domains.get(domain)
    for key in (entity, "*"):
        for place in (target, "*"):
            action = own.entities.get(key, {}).get(place) if own else None
            if action is not None:
                return action, f"domains.{domain}.entities.{key}.{place}"
        for place in (target, "*"):
            action = policy.model.entities.get(key, {}).get(place)
            if action is not None:
                return action, f"entities.{key}.{place}"
    return None


def part_rule(policy: Policy, kind: str, target: str, domain: str) -> tuple[str, str] | None:
    """What one file does with a part that isn't text, and the path of its rule."""
    own = policy.model.domains.get(domain)
    for parts, path in (
        (own.parts if own else None, f"domains.{domain}.parts.{kind}"),
        (policy.model.parts, f"parts.{kind}"),
    ):
        said = parts.model_dump().get(kind) if parts else None
        if said is not None:
            here = "pass" if target == LOCAL else "refuse"
            return (here if said == "local" else said), path
    return None
