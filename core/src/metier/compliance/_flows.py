"""Where data goes by the configuration: the targets of text, and what else is connected to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from metier.compliance._findings import Connection, Target
from metier.policy import ACTIONS, LOCAL, PolicySet

if TYPE_CHECKING:
    from metier.config import Settings
    from metier.model import Manifest

_PARTS = ("image", "audio", "file")


def place(url: str) -> str:
    """Scheme, host and port of an address; a path or a user in it may be a secret."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def servers(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The addresses that the settings name for engines, by their target."""
    engine = settings.engine
    urls = (engine.base_url, *(backend.base_url for backend in engine.backends))
    found = [(engine.target, url) for url in urls]
    found += [(each.target, each.base_url) for each in engine.fallbacks]
    named: dict[str, tuple[str, ...]] = {}
    for target, url in found:
        if at := place(url):
            named[target] = tuple(dict.fromkeys((*named.get(target, ()), at)))
    return named


def targets(
    policy: PolicySet,
    settings: Settings,
    manifests: Sequence[Manifest],
    entities: Sequence[str],
) -> tuple[Target, ...]:
    """Every target that is declared or used, `local` first, then those that are allowed."""
    use: dict[str, list[str]] = {settings.engine.target: ["engine"]}
    for each in settings.engine.fallbacks:
        use.setdefault(each.target, []).append("engine that stands in")
    for manifest in manifests:
        for name in manifest.targets:
            use.setdefault(name, []).append(f"plugin {manifest.name}")
    at = servers(settings)
    domains = [m.name for m in manifests]
    found = [
        _target(policy, name, tuple(use.get(name, ())), at.get(name, ()), domains, entities)
        for name in {LOCAL, *policy.targets, *use}
    ]
    return tuple(sorted(found, key=lambda t: (not t.local, not t.allowed, t.name)))


def _target(
    policy: PolicySet,
    name: str,
    used: tuple[str, ...],
    at: tuple[str, ...],
    domains: Sequence[str],
    entities: Sequence[str],
) -> Target:
    sent = policy.may_send(name)
    declared = policy.targets.get(name) or policy.target(name)
    # What is declared for `local` may be the index's address; an engine there is in the settings.
    known = place(declared.base_url) if declared and name != LOCAL else ""
    seen = Counter(
        min(
            (policy.entity_action(entity, name, domain).action for domain in domains or ("",)),
            key=ACTIONS.index,
        )
        for entity in entities
    )
    return Target(
        name=name,
        operator=declared.operator if declared else "not declared",
        region=declared.region if declared else "not declared",
        agreement=declared.agreement if declared else "",
        address=", ".join(at) or known,
        private=declared.private if declared else False,
        local=name == LOCAL,
        allowed=sent.allowed and declared is not None,
        rule=sent.rule,
        used=used,
        sees=dict(seen.most_common()),
        parts={kind: _handled(policy, kind, name, domains) for kind in _PARTS},
    )


def _handled(policy: PolicySet, kind: str, target: str, domains: Iterable[str]) -> str:
    """What becomes of such parts, with the domains where it is something else."""
    general = policy.part(kind, target).action
    said = ((domain, policy.part(kind, target, domain).action) for domain in domains)
    other = [f"in {domain}: {action}" for domain, action in said if action != general]
    return f"{general} ({'; '.join(other)})" if other else general


def connections(settings: Settings, store_url: str) -> tuple[Connection, ...]:
    """What metier connects to besides the targets of text, by the settings.

    Args:
        store_url: where the store is; only its host is told.
    """
    found = [
        *_index(settings),
        *_stores(settings, store_url),
        *_root(settings),
        *(_issuer(each.jwks_url) for each in settings.access.issuers),
        *_sinks(settings),
    ]
    if settings.telemetry.otlp_endpoint:
        at = place(settings.telemetry.otlp_endpoint)
        gets = "figures and spans of turns; no content and no ids of people"
        found.append(Connection("collector", "OTLP", at, gets))
    return tuple(found)


def _index(settings: Settings) -> Iterable[Connection]:
    if settings.index.url:
        yield Connection(
            "index",
            "Qdrant",
            place(settings.index.url),
            "terms and vectors of what is searched for, without who searches but not "
            "pseudonymised; passages of knowledge in clear",
        )


def _stores(settings: Settings, store_url: str) -> Iterable[Connection]:
    scheme = urlsplit(store_url).scheme.partition("+")[0]
    if scheme != "sqlite":
        yield Connection(
            "store",
            "PostgreSQL",
            f"{scheme}://{urlsplit(store_url).hostname or ''}",
            "sealed records; ids, times and sizes in clear",
        )
    if settings.keys.url_env:
        said = f"the variable {settings.keys.url_env}"
        yield Connection("keys", "PostgreSQL", said, "wrapped keys, ids of people in clear")


def _root(settings: Settings) -> Iterable[Connection]:
    root = settings.root
    if root.kind not in ("file", "passphrase"):
        at = place(root.address) or place(root.key) or "the provider's own"
        yield Connection("root key", root.kind, at, "wrapped keys and a digest of their place")


def _issuer(url: str) -> Connection:
    return Connection("issuer", "OpenID Connect", place(url), "nothing: its public keys are read")


def _sinks(settings: Settings) -> Iterable[Connection]:
    for sink in settings.audit.sinks:
        gets = (
            "every event of the audit log, with ids of actors and people; no content"
            if sink.events
            else "signed checkpoints of the audit log; no event and no id of a person"
        )
        if sink.kind == "syslog" and not sink.address.startswith("unix:"):
            yield Connection("audit sink", sink.kind, place(sink.address), gets)
        elif sink.kind == "webhook":
            yield Connection("audit sink", sink.kind, place(sink.url), gets)
