"""Reading a running metier: what it is configured to do, and how it stands."""

from __future__ import annotations

import asyncio
import hashlib
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import orjson

from metier.compliance._access import access, api_keys, platforms
from metier.compliance._controls import controls
from metier.compliance._dependencies import installed
from metier.compliance._events import Told, told
from metier.compliance._findings import (
    Category,
    Configuration,
    Decision,
    Domain,
    Entity,
    Exercise,
    Findings,
    Key,
    Plugin,
    Policy,
    Retention,
    Role,
    Target,
    Verified,
)
from metier.compliance._flows import connections, servers, targets
from metier.policy import (
    KEPT,
    RIGHTS,
    ROLES,
    SPECIAL_CATEGORIES,
    PolicySet,
    rules_of,
)

if TYPE_CHECKING:
    from metier.audit import Verification
    from metier.config import Settings
    from metier.crypto import Keyring
    from metier.model import Manifest
    from metier.pipeline import Parts

_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
_NOT_QUOTED = ("contacts.", "declare.allow", "disclosures.", "targets.")
"""Rules whose words may name people or places behind an address; targets have a section."""
_NO_VALUE = frozenset({"PLACEHOLDER"})
"""What recognizers report and is no value of a person: metier's own placeholders."""


class Installation(Protocol):
    """What a report is made of; `metier.app.Metier` is one."""

    @property
    def settings(self) -> Settings: ...

    @property
    def parts(self) -> Parts: ...

    async def verify_audit(self) -> Verification: ...


async def gather(app: Installation, lock: Path | None = None) -> Findings:
    """Everything that the report says of a running metier.

    Checks the audit log, which takes time in the number of its events, and loads
    the recognizers. Nothing is changed, and no content is opened.

    Args:
        lock: a requirements file with hashes, for the bill of materials.

    Raises:
        MetierError: the store, the keys or the lock file can't be read.
    """
    parts, settings = app.parts, app.settings
    policy = parts.policy
    manifests = sorted(parts.registry.domains.values(), key=lambda m: m.name)
    entities = await asyncio.to_thread(_entity_types, parts, manifests)
    places = targets(policy, settings, manifests, entities)
    audit = await _verified(app)
    events = await told(parts.audit) if audit.ok else None
    rows = await api_keys(parts.store, settings.tenant)
    now = int(parts.clock().timestamp() * 1000)
    standing = platforms(settings, rows, parts.clock)
    unknown = (*_UNKNOWN, *((_PLATFORM_AGE,) if standing else ()))
    return Findings(
        made=parts.clock(),
        configuration=_configuration(app, places),
        targets=places,
        connections=connections(settings, parts.store.url),
        entities=_entities(policy, entities, places, manifests),
        domains=_domains(parts, manifests),
        categories=_categories(policy, manifests),
        crossings=_crossings(policy, manifests),
        roles=_roles(policy),
        notices=_notices(policy, manifests),
        policies=_policies(policy, settings),
        retention=_retention(policy, manifests),
        consents=events.consents() if events else None,
        keys=await asyncio.to_thread(_keys, parts.keyring),
        access=access(settings, rows, now, events),
        platforms=standing,
        rights=events.rights() if events else None,
        events=events.counted() if events else None,
        audit=audit,
        exercises=await _exercises(app, events),
        plugins=_plugins(parts),
        dependencies=await asyncio.to_thread(installed, lock),
        frameworks=controls(),
        unknown=unknown if events else (_NOT_WHOLE, *unknown),
    )


# --- what is configured ----------------------------------------------------------


def _configuration(app: Installation, places: Sequence[Target]) -> Configuration:
    settings, parts = app.settings, app.parts
    said = settings.model_dump(mode="json")
    chosen = settings.durability
    asked = parts.policy.durability
    scheme = urlsplit(parts.store.url).scheme.partition("+")[0]
    declared = next((t.address for t in places if t.name == settings.engine.target), "")
    return Configuration(
        tenant=settings.tenant,
        version=version("metier"),
        python=platform.python_version(),
        policy=parts.policy.version,
        digest=hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        engine=parts.engine.name,
        model=settings.engine.model,
        target=settings.engine.target,
        addresses=servers(settings).get(settings.engine.target) or tuple(filter(None, [declared])),
        stand_ins=tuple(each.target for each in settings.engine.fallbacks),
        embeddings=settings.embeddings,
        names=settings.privacy.names,
        database=_DATABASES.get(scheme, scheme),
        durability=asked.level if chosen == "policy" else chosen,
        durability_rule=asked.rule if chosen == "policy" else "the setting `durability`",
    )


def _entity_types(parts: Parts, manifests: Sequence[Manifest]) -> list[str]:
    found = {
        name
        for manifest in manifests
        for recognizer in parts.detector(manifest.name).recognizers
        for name in recognizer.supported_entities
    }
    return sorted(found - _NO_VALUE)


def _entities(
    policy: PolicySet,
    entities: Sequence[str],
    targets: Sequence[Target],
    manifests: Sequence[Manifest],
) -> tuple[Entity, ...]:
    """A row an entity, and one more for each domain that does something else with it."""
    found = []
    for name in entities:
        general = _actions(policy, name, targets, "")
        found.append(Entity(name, "", general))
        for manifest in manifests:
            own = _actions(policy, name, targets, manifest.name)
            if own != general:
                found.append(Entity(name, manifest.name, own))
    return tuple(found)


def _actions(
    policy: PolicySet, entity: str, targets: Sequence[Target], domain: str
) -> tuple[Decision, ...]:
    said = ((t.name, policy.entity_action(entity, t.name, domain)) for t in targets if t.allowed)
    return tuple(Decision(target, action.action, action.rule) for target, action in said)


def _domains(parts: Parts, manifests: Sequence[Manifest]) -> tuple[Domain, ...]:
    loaded = {p.name: p for p in parts.registry.plugins if p.status == "ok"}
    return tuple(
        Domain(
            name=m.name,
            title=m.title,
            version=loaded[m.name].version,
            distribution=loaded[m.name].distribution,
            languages=parts.policy.languages(m.name) or m.languages,
            purposes=m.purposes,
            reads=m.reads,
            writes=m.writes,
            targets=m.targets,
            review=max(m.review, parts.policy.review(m.name), key=_REVIEWS.index),
            detection=parts.policy.detection(m.name),
        )
        for m in manifests
    )


_REVIEWS = ("pass", "sentence", "whole")


def _categories(policy: PolicySet, manifests: Sequence[Manifest]) -> tuple[Category, ...]:
    """What domains declare or policies speak of, and every special category."""
    names = set(SPECIAL_CATEGORIES)
    names.update(name for m in manifests for name in (*m.reads, *m.writes))
    names.update(name for p in policy.policies for name in p.model.collect if name != "*")
    return tuple(
        Category(
            name=name,
            special=name in SPECIAL_CATEGORIES,
            learnt=tuple(
                _yes(m.name, *policy.may_learn(name, m.name, m.purposes))
                for m in manifests
                if name in m.writes
            ),
            shown=tuple(
                _yes(m.name, *policy.may_show(name, m.name, m.purposes))
                for m in manifests
                if name in m.reads
            ),
            consent=tuple(
                _consent(policy, name, m.name)
                for m in manifests
                if name in m.reads or name in m.writes
            ),
        )
        for name in sorted(names)
    )


def _yes(of: str, allowed: bool, rule: str) -> Decision:
    return Decision(of, "allowed" if allowed else "not allowed", rule)


def _consent(policy: PolicySet, category: str, domain: str) -> Decision:
    asked = policy.consent(category, domain)
    text = f", text {asked.text_version}" if asked.text_version else ""
    return Decision(domain, f"{asked.kind}{text}", asked.rule)


def _crossings(policy: PolicySet, manifests: Sequence[Manifest]) -> tuple[Decision, ...]:
    """Where facts learnt in one domain may be used in another, if the person agrees."""
    found = []
    for origin in manifests:
        for other in manifests:
            for category in sorted(set(origin.writes) & set(other.reads)):
                decided = policy.cross_domain(category, origin.name, other.name)
                if origin is not other and decided.allowed:
                    said = f"{category}: {origin.name} to {other.name}"
                    found.append(Decision(said, "allowed with consent", decided.rule))
    return tuple(found)


def _roles(policy: PolicySet) -> tuple[Role, ...]:
    return tuple(
        Role(role, tuple(_yes(right, *policy.may({role}, right)) for right in RIGHTS))
        for role in ROLES
    )


def _notices(policy: PolicySet, manifests: Sequence[Manifest]) -> tuple[Decision, ...]:
    """What people are told, and what holds for minors; no words and no names."""
    minors = policy.minors
    below = f"below {minors.min_age}: {minors.below}" if minors.min_age else "no rule"
    found = [Decision("Minors", below, minors.rule)]
    for manifest in manifests:
        for said in policy.disclosures(manifest.name, "en"):
            found.append(Decision(f"Disclosure in {manifest.name}", "is said", said.rule))
    kinds = sorted({kind for p in policy.policies for kind in p.model.contacts})
    for kind in kinds:
        contact = policy.contact(kind)
        if contact is not None:
            found.append(Decision(f"Contact for {kind}", "is named", contact.rule))
    return tuple(found)


def _policies(policy: PolicySet, settings: Settings) -> tuple[Policy, ...]:
    return tuple(
        Policy(
            name=p.name,
            version=p.model.version,
            digest=p.digest,
            description=p.model.description,
            sources=p.model.sources,
            required=p.name in settings.required_policies,
            signer=p.signer,
            rules=tuple(
                (rule.path, "set" if rule.path.startswith(_NOT_QUOTED) else rule.says)
                for rule in rules_of(p)
            ),
        )
        for p in policy.policies
    )


def _retention(policy: PolicySet, manifests: Sequence[Manifest]) -> tuple[Retention, ...]:
    written = sorted({name for m in manifests for name in m.writes})
    kinds = [*sorted(KEPT), *(f"facts: {name}" for name in written)]
    found = []
    for kind in kinds:
        days, rule = policy.retention(kind.removeprefix("facts: "))
        found.append(Retention(kind, days, rule))
    return tuple(found)


def _plugins(parts: Parts) -> tuple[Plugin, ...]:
    off = [state for state in parts.registry.breakers() if state.open]
    return tuple(
        Plugin(
            name=p.name,
            distribution=p.distribution,
            version=p.version,
            status=p.status,
            reason=p.reason,
            isolated=p.isolated,
            off=tuple(state.hook for state in off if state.plugin == p.name),
        )
        for p in parts.registry.plugins
    )


# --- how it stands ------------------------------------------------------------------


def _keys(keyring: Keyring) -> tuple[Key, ...]:
    """The keys in use, from the root down: of each tenant and use the newest generation."""
    newest: dict[tuple[str, str], int] = {}
    for row in keyring.store.tenant_keys():  # oldest generation first
        newest[row.tenant, row.use] = row.made
    people = [keyring.store.key_figures(tenant) for tenant in keyring.store.tenants()]
    made = [figures.oldest for figures in people if figures.oldest is not None]
    count = sum(figures.keys for figures in people)
    return (
        Key("root", keyring.root.kind, keyring.root.id, 1, None),
        Key("tenant", "AES-256, wrapped by the root", "", len(newest), _oldest(newest.values())),
        Key("person", "AES-256, wrapped by the tenant's", "", count, _oldest(made)),
    )


def _oldest(seconds: Iterable[int]) -> datetime | None:
    first = min(seconds, default=None)
    return None if first is None else datetime.fromtimestamp(first, UTC)


_UNKNOWN = (
    "The age of the root key: whoever keeps it knows it.",
    "Whether the agreements that targets name exist and fit: only their names are configured.",
    "What runs outside metier: the proxy, the operating system, disks and copies of them.",
    "What a target does with the words it gets.",
)
_PLATFORM_AGE = (
    "The age of a platform's secret that a variable holds, and whether both sides have the same."
)
_NOT_WHOLE = (
    "Consents, requests about people's data and access in an emergency: they are counted from the "
    "audit log, and the log is not whole."
)


async def _verified(app: Installation) -> Verified:
    found = await app.verify_audit()
    first = found.findings[0] if found.findings else None
    return Verified(
        at=app.parts.clock(),
        ok=found.ok,
        events=found.events,
        chains=found.chains,
        checkpoints=found.checkpoints,
        problem=f"Event {first.seq} of a chain: {first.kind}." if first else "",
    )


async def _exercises(app: Installation, events: Told | None) -> tuple[Exercise, ...]:
    rotations = [r for r in app.parts.keyring.store.rotations() if r.finished is not None]
    last = max(rotations, key=lambda r: r.finished or 0, default=None)
    marks = [
        row.at
        for tenant in await app.parts.store.audit_tenants()
        for row in (await app.parts.store.checkpoints(tenant))[-1:]
    ]
    found = [
        Exercise(
            "Rotation of keys",
            "metier keys rotate",
            _oldest([last.finished]) if last and last.finished else None,
            f"{last.level}, {last.done:,} of {last.total:,}" if last else "none so far",
        ),
        Exercise(
            "Signed checkpoint of the audit log",
            "metier audit checkpoint",
            datetime.fromtimestamp(max(marks) / 1000, UTC) if marks else None,
            "in the store" if marks else "none so far",
        ),
    ]
    if events is not None:
        found += [
            _last(events, "Backup", "backup", "metier backup", "made"),
            _last(events, "Restore", "restore", "metier restore", "done"),
            _last(events, "Test of a restore", "restore-test", "metier restore", events.tested),
        ]
    return tuple(found)


def _last(events: Told, what: str, kind: str, command: str, outcome: str) -> Exercise:
    at = events.when(kind)
    return Exercise(what, command, at, outcome if at else "none so far")
