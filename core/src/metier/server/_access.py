"""What lets requests into a server of a home: its key, its actors, its store's keys, issuers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from metier._sources import secret
from metier.access import CREATED, REVOKED, ApiKeys, Attempts, Authenticator, KeyChange, Rates
from metier.audit import AuditEvent, Detail, Wanted
from metier.model import Actor, MetierError

if TYPE_CHECKING:
    from metier.access import PlatformUsers, TokenVerifier
    from metier.app import Metier
    from metier.store import AuditBuild


def make_authenticator(app: Metier) -> Authenticator:
    """Who is let in, by the configuration of the app and the keys in its store."""
    settings = app.settings
    access = settings.access
    return Authenticator(
        _fixed(app),
        keys=api_keys(app),
        tokens=_tokens(app),
        attempts=Attempts(access.failures_a_minute),
        users=_users(app),
        rates=Rates(settings.limits.requests_a_minute, settings.limits.burst),
        recheck=access.recheck_seconds,
    )


def _tokens(app: Metier) -> TokenVerifier | None:
    issuers = app.settings.access.issuers
    if not issuers:
        return None
    from metier.access import IssuerFetch, TokenVerifier

    fetch = IssuerFetch(issuers)
    return TokenVerifier(issuers, app.settings.tenant, fetch, clock=app.parts.clock)


def _users(app: Metier) -> PlatformUsers | None:
    """Finds whom platforms' keys act for.

    Raises:
        MetierError: a platform's secret is missing, or too short to sign with.
    """
    platforms = app.settings.access.platforms
    if not platforms:
        return None
    from metier.access import SHORTEST_SECRET, PlatformUsers

    secrets = {}
    for each in platforms:
        found = secret(each.secret_env) or ""
        if len(found.encode()) < SHORTEST_SECRET:
            raise MetierError(
                f"{each.secret_env}, named by `access.platforms`, must hold a secret of at least "
                f"{SHORTEST_SECRET} bytes; `openssl rand -hex 32` makes one. Give Open WebUI the "
                "same as FORWARD_USER_INFO_HEADER_JWT_SECRET.",
                code="bad_config",
            )
        secrets[each.tenant or app.settings.tenant, each.actor] = found
    return PlatformUsers(secrets, app.parts.clock)


def api_keys(app: Metier) -> ApiKeys:
    """The API keys in the app's store; each change is an event in its audit log."""

    def event(change: KeyChange) -> AuditBuild:
        detail: dict[str, str | int | float | bool | None] = {"key": change.key}
        if change.kind == "api-key-created":
            detail |= {
                "roles": " ".join(change.roles),
                "scopes": " ".join(change.scopes),
                "grants": change.grants,
                "expires": change.expires,
            }
        else:
            detail["revoked"] = change.at
        return app.parts.audit.entry(
            AuditEvent(change.kind, change.by, change.actor, change.tenant, detail)
        )

    async def changes(tenant: str, actor: str | None) -> list[KeyChange]:
        kinds = (CREATED, REVOKED) if actor is None else (REVOKED,)
        return [
            KeyChange(
                e.kind, e.tenant, str(e.detail["key"]), e.actor, e.subject, at=_number(e.detail)
            )
            for kind in kinds
            async for e in app.parts.audit.find(tenant, Wanted(subject=actor, kind=kind))
        ]

    def mac_key(tenant: str) -> bytes | None:
        # A row that was changed may name any tenant; none gets keys by that.
        keyring = app.parts.keyring
        known = keyring.knows(tenant) or tenant in keyring.store.tenants()
        return keyring.purpose_key(tenant, "api-keys") if known else None

    return ApiKeys(
        app.parts.store,
        event,
        app.parts.clock,
        mac_key=mac_key,
        changes=changes,
    )


def _number(detail: Detail) -> int | None:
    found = detail.get("revoked")
    return found if isinstance(found, int) else None


def _fixed(app: Metier) -> dict[str, Actor]:
    """The actors of metier.toml by the digest of their key; the home's own is the person's."""
    tenant = app.settings.tenant
    keys = {
        a.key_sha256: Actor(
            a.tenant or tenant,
            a.id,
            roles=frozenset(a.roles),
            may_act_for=frozenset(a.may_act_for),
            scopes=frozenset(a.scopes),
        )
        for a in app.settings.actors
    }
    local = app.home / "api-key"
    if local.exists():
        digest = hashlib.sha256(local.read_text("utf-8").strip().encode()).hexdigest()
        keys[digest] = Actor(tenant, "me")
    return keys
