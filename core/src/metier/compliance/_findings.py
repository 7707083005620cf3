"""What a compliance report says: frozen values, content-free, numbers instead of people.

A renderer reads nothing but these. Where a figure can't be told it is None, and
`Findings.unknown` says why; nothing is shown as zero because nobody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Status = Literal["covered", "partly", "not covered"]
STATUSES: tuple[Status, ...] = ("covered", "partly", "not covered")


@dataclass(frozen=True, slots=True)
class Configuration:
    """Which configuration the report is about.

    Args:
        policy: the version of the policies together; changes with any byte of any file.
        digest: SHA-256 of the settings, so that two reports can be told apart.
        addresses: of the engine's servers; none for an engine in the process.
        stand_ins: targets of the engines that answer where the first can't.
    """

    tenant: str
    version: str
    python: str
    policy: str
    digest: str
    engine: str
    model: str
    target: str
    addresses: tuple[str, ...]
    stand_ins: tuple[str, ...]
    embeddings: str
    names: str
    database: str
    durability: str
    durability_rule: str


@dataclass(frozen=True, slots=True)
class Target:
    """A place that text may be sent.

    Args:
        rule: what allows or forbids it.
        used: what sends to it: "engine", one that stands in for it, or the names of plugins.
        address: of its servers; empty where there is none, as for an engine in the process.
        sees: how many entity types reach it by what is done to their values, in the domain
            that does the least.
        parts: what becomes of pictures, recordings and files on the way to it, and where it
            is something else in a domain.
    """

    name: str
    operator: str
    region: str
    agreement: str
    address: str
    private: bool
    local: bool
    allowed: bool
    rule: str
    used: tuple[str, ...]
    sees: Mapping[str, int]
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Connection:
    """A server besides the targets of text that metier connects to.

    Args:
        what: what it is for: "index", "store", "keys", "root key", "issuer", "audit sink" or
            "collector".
        address: without path and user; or the variable that holds it.
        gets: what reaches it.
    """

    what: str
    kind: str
    address: str
    gets: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for something, and the rule that decided."""

    of: str
    action: str
    rule: str


def alike(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions with the same action and rule as one, for all that they are about."""
    found: dict[tuple[str, str], list[str]] = {}
    for decision in decisions:
        found.setdefault((decision.action, decision.rule), []).append(decision.of)
    return [Decision(", ".join(of), action, rule) for (action, rule), of in found.items()]


@dataclass(frozen=True, slots=True)
class Entity:
    """What becomes of the values of an entity type, by target.

    Args:
        domain: empty for every domain without rules of its own.
    """

    name: str
    domain: str
    actions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Domain:
    """A trade that is served, and what its plugin declares."""

    name: str
    title: str
    version: str
    distribution: str
    languages: tuple[str, ...]
    purposes: tuple[str, ...]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    targets: tuple[str, ...]
    review: str
    detection: str


@dataclass(frozen=True, slots=True)
class Category:
    """A category of facts: where it may be learnt and shown, and the consent it needs."""

    name: str
    special: bool
    learnt: tuple[Decision, ...]
    shown: tuple[Decision, ...]
    consent: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """What a role may do with the data of other people, each right with its rule."""

    name: str
    rights: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy file in force.

    Args:
        signer: the public key whose signature was checked, in hex; empty where none was.
        rules: each rule by its name, with what it says; people's contact data are left out.
    """

    name: str
    version: str
    digest: str
    description: str
    sources: tuple[str, ...]
    required: bool
    signer: str
    rules: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long something is kept; None for as long as it is in use."""

    kind: str
    days: int | None
    rule: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Consents for one category and purpose: of how many people, and of how many no more.

    Args:
        purpose: "remember" (keep facts beyond the conversation) or "share" (use them in
            another domain).
    """

    category: str
    purpose: str
    in_force: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class Key:
    """Keys of one level of the hierarchy.

    Args:
        oldest: when the oldest that is in use was made.
    """

    level: str
    kind: str
    id: str
    count: int | None
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Platform:
    """A chat platform whose keys act for users that it signs for.

    Args:
        acts_for: whom its keys may act for.
        signature: how the users are signed, and whether that secret can do it.
        keys: those in force.
        oldest: when the oldest key of the store was made.
        secret_written: when the file of the secret was written; None where a variable holds it.
        missing: what keeps its users out.
    """

    actor: str
    tenant: str
    acts_for: str
    signature: str
    keys: int
    oldest: datetime | None
    secret_written: datetime | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something there are."""

    of: str
    count: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the audit log gave.

    Args:
        checkpoints: signed ones that were compared.
        problem: where it was changed, content-free; empty where it was not.
    """

    at: datetime
    ok: bool
    events: int
    chains: int
    checkpoints: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Exercise:
    """The last time something was done that ought to be done now and then."""

    what: str
    command: str
    at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Plugin:
    """An installed plugin: whether it works, runs apart, and which hooks are switched off."""

    name: str
    distribution: str
    version: str
    status: str
    reason: str
    isolated: bool = False
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependency:
    """An installed distribution.

    Args:
        licence: an SPDX expression where it can be told, else its own words.
        spdx: whether `licence` is an SPDX expression.
        runtime: whether metier or one of its plugins needs it.
        requires: names of the distributions it needs here.
        hashes: SHA-256 of the artifacts that the lock file admits, in hex.
    """

    name: str
    version: str
    licence: str
    spdx: bool
    runtime: bool
    requires: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a control holds: a test of the repository, or a command to run."""

    kind: Literal["test", "command"]
    name: str


@dataclass(frozen=True, slots=True)
class Control:
    """One requirement of a framework and how far it is met.

    Args:
        does: what metier does about it; empty where it does nothing.
        missing: what it does not do, and whose that is; empty where it is covered.
    """

    id: str
    title: str
    status: Status
    does: str
    missing: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """A law or a standard, as far as the report looks at it."""

    id: str
    name: str
    edition: str
    publisher: str
    source: str
    scope: str
    controls: tuple[Control, ...]

    def count(self, status: Status) -> int:
        return sum(control.status == status for control in self.controls)


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a compliance report says.

    Args:
        crossings: where facts of one domain may be used in another, if the person agrees.
        notices: what people are told, and what holds for minors, by rule and without words.
        consents: None where they can't be counted.
        rights: requests about people's data so far; None where they can't be counted.
        events: the kinds of events in the audit log, with what each means; None where they
            can't be counted.
        unknown: what could not be told, and why.
    """

    made: datetime
    configuration: Configuration
    targets: tuple[Target, ...]
    connections: tuple[Connection, ...]
    entities: tuple[Entity, ...]
    domains: tuple[Domain, ...]
    categories: tuple[Category, ...]
    crossings: tuple[Decision, ...]
    roles: tuple[Role, ...]
    notices: tuple[Decision, ...]
    policies: tuple[Policy, ...]
    retention: tuple[Retention, ...]
    consents: tuple[Consent, ...] | None
    keys: tuple[Key, ...]
    access: tuple[Count, ...]
    platforms: tuple[Platform, ...]
    rights: tuple[Count, ...] | None
    events: tuple[Count, ...] | None
    audit: Verified
    exercises: tuple[Exercise, ...]
    plugins: tuple[Plugin, ...]
    dependencies: tuple[Dependency, ...]
    frameworks: tuple[Framework, ...]
    unknown: tuple[str, ...] = field(default=())

    def count(self, status: Status) -> int:
        return sum(framework.count(status) for framework in self.frameworks)
