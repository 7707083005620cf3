"""What `policy` computes: cases, sentences about differences, and one text explained."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from metier.cli._policy_files import Installation
from metier.model import EgressBlocked, MetierError
from metier.policy import (
    EVERY,
    ROLES,
    Change,
    Decided,
    Explanation,
    Result,
    cases_beside,
    compose,
    load,
    load_cases,
    run_case,
)

_MANY = 6


def run_cases(here: Installation, path: Path) -> list[Result]:
    """Runs the cases beside a policy file.

    Raises:
        MetierError: the cases or a policy they name can't be used.
    """
    cases = load_cases(cases_beside(path))
    beside = [path.with_name(f"{name}.yaml") for name in cases.policies]
    more = [
        file if file.exists() else here.files(name)[0]
        for name, file in zip(cases.policies, beside, strict=True)
    ]
    policies = compose([load(each) for each in (path, *more)])
    detectors = cache(lambda domain: here.detector(policies, domain))

    def find(text: str, domain: str) -> Iterable[str]:
        return (span.entity for span in detectors(domain).scan(text))

    return [run_case(case, policies, find) for case in cases.cases]


def sentence(change: Change) -> str:
    """One line for a difference."""
    where = ", ".join(
        f"{name} {_several(values)}" for name, values in change.where.items() if values != EVERY
    )
    place = f" ({where})" if where else ""
    rule = f"  [{change.new_rule or change.old_rule}]" if change.new_rule or change.old_rule else ""
    return f"{change.what}{place}: {change.old} -> {change.new}{rule}"


def _several(values: Sequence[str]) -> str:
    named = ["any other" if value == "*" else value for value in sorted(values, reverse=True)]
    named.sort(key=lambda value: value == "any other")
    more = f" and {len(named) - _MANY} more" if len(named) > _MANY else ""
    return " | ".join(named[:_MANY]) + more


def in_language(told: Explanation | None, language: str) -> str:
    """Why a rule is there; in English where it is not said in the language."""
    return "" if told is None else told.why.get(language) or told.why["en"]


@dataclass(frozen=True, slots=True)
class Found:
    """An entity type in the text, and what happens to its values."""

    entity: str
    count: int
    action: str
    rule: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One text as the policies treat it.

    Args:
        target, sent: where it would go, and whether it may.
        domain: in which it would be said.
        roles: who would read it.
        turns, profile: whether they may read other people's turns and facts.
        found: what is sensitive in it.
        hidden: as the target would see it; None where nothing is sent.
        refusal: why nothing is sent.
    """

    target: str
    sent: Decided
    domain: str
    roles: tuple[str, ...]
    turns: Decided
    profile: Decided
    found: tuple[Found, ...]
    hidden: str | None
    refusal: str

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            "target": {"name": self.target, **self.sent._asdict()},
            "domain": self.domain,
            "roles": {"names": self.roles, "read_turns": self.turns._asdict(),
                      "read_profile": self.profile._asdict()},
            "found": [asdict(each) for each in self.found],
            "text": self.hidden,
            "refusal": self.refusal,
        }  # fmt: skip

    def as_text(self) -> str:
        """For people."""
        who = ", ".join(self.roles)
        lines = [
            f"target {self.target}: {_word(self.sent)}",
            f"{who} reading other people's conversations: {_word(self.turns)}",
            f"{who} reading other people's facts: {_word(self.profile)}",
        ]
        if not self.found:
            lines.append("nothing sensitive found")
        for each in self.found:
            lines.append(f"{each.entity} x {each.count}: {each.action} ({each.rule})")
            if each.why:
                lines.append(f"    {each.why} [{each.source}]")
        lines += ["", self.refusal or f"{self.target} would see:"]
        if self.hidden is not None:
            lines.append(self.hidden)
        return "\n".join(lines)


def explained(
    here: Installation,
    text: str,
    target: str,
    roles: tuple[str, ...],
    domain: str,
    language: str,
) -> Explained:
    """Explains one text. Placeholders, hashes and shifted dates are drawn anew at each call.

    Raises:
        MetierError: there is no such domain or role.
    """
    from metier.privacy import Means, Scrubber, new_shift

    for role in roles:
        if role not in ROLES:
            raise MetierError(
                f"There is no role '{role}'; there are {', '.join(ROLES)}.", code="unknown_role"
            )
    policies = here.in_force
    sent = policies.may_send(target)
    detector = here.detector(policies, domain)
    counted = Counter(span.entity for span in detector.scan(text))
    found = []
    for entity, count in sorted(counted.items()):
        decided = policies.entity_action(entity, target, domain)
        told = policies.explanation(decided.rule)
        found.append(
            Found(
                entity, count, decided.action, decided.rule, in_language(told, language),
                told.source if told else "",
            )
        )  # fmt: skip
    hidden, refusal = None, ""
    if sent.allowed:
        means = Means(secrets.token_bytes(32), new_shift())
        scrubber = Scrubber(
            detector, lambda entity: policies.entity_action(entity, target, domain), means
        )
        try:
            hidden = scrubber.hide(text)
        except EgressBlocked as error:
            refusal = f"Nothing is sent: {error.message}"
    else:
        refusal = f"Nothing is sent: the target is not allowed ({sent.rule})."
    return Explained(
        target, sent, domain, roles, policies.may(roles, "read_turns"),
        policies.may(roles, "read_profile"), tuple(found), hidden, refusal,
    )  # fmt: skip


def _word(decided: Decided) -> str:
    return f"{'allowed' if decided.allowed else 'not allowed'} ({decided.rule})"
