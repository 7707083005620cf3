"""Doubles for the tests of access: a store of keys, an issuer that signs, clocks to turn."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from inspect import isawaitable
from typing import Any

import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from metier.access import AccessError, ApiKeys, IssuerSettings, KeyChange, TokenVerifier
from metier.model import Actor
from metier.store import ApiKeyRow, AuditBuild

ISSUER = "https://id.example/realms/acme"
AUDIENCE = "metier"


class Clock:
    """A time to turn, as UTC and as monotonic seconds."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.seconds = 1000.0

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.seconds

    def on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


class MemoryKeys:
    """A store of API keys that notes the events of its changes and the look-ups."""

    def __init__(self) -> None:
        self.rows: dict[str, ApiKeyRow] = {}
        self.events: list[KeyChange] = []
        self.asked = 0

    async def add_api_key(self, row: ApiKeyRow, event: AuditBuild) -> None:
        self.rows[row.id] = row
        event(len(self.events) + 1, b"")

    async def api_key(self, key_id: str) -> ApiKeyRow | None:
        self.asked += 1
        return self.rows.get(key_id)

    async def api_keys(self, tenant: str) -> list[ApiKeyRow]:
        return [row for row in self.rows.values() if row.tenant == tenant]

    async def revoke_api_key(self, tenant: str, key_id: str, at: int, event: AuditBuild) -> bool:
        row = self.rows[key_id]
        if row.tenant != tenant or row.revoked is not None:
            return False
        self.rows[key_id] = replace(row, revoked=at)
        event(len(self.events) + 1, b"")
        return True

    def keys(self, clock: Clock) -> ApiKeys:
        def event(change: KeyChange) -> AuditBuild:
            def build(seq: int, previous: bytes) -> Any:
                self.events.append(change)

            return build

        async def changes(tenant: str, actor: str | None) -> list[KeyChange]:
            return [c for c in self.events if c.tenant == tenant and actor in (None, c.actor)]

        return ApiKeys(self, event, clock, mac_key=lambda _: bytes(32), changes=changes)


def b64(data: bytes | str) -> str:
    raw = data.encode() if isinstance(data, str) else data
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_RSA = rsa.generate_private_key(65537, 2048)
_OTHER = rsa.generate_private_key(65537, 2048)
_SHORT = rsa.generate_private_key(65537, 1024)
_EC = ec.generate_private_key(ec.SECP256R1())
_ED = ed25519.Ed25519PrivateKey.generate()
KEYS: dict[str, tuple[Any, str]] = {
    "rsa": (_RSA, "RS256"),
    "other": (_OTHER, "RS256"),
    "short": (_SHORT, "RS256"),
    "ec": (_EC, "ES256"),
    "ed": (_ED, "EdDSA"),
}


def public_jwk(name: str, **more: Any) -> dict[str, Any]:
    """The public half of one of `KEYS`, as a key set lists it."""
    key, algorithm = KEYS[name]
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    found = dict(made)
    found.pop("key_ops", None)
    return found | {"kid": name, "use": "sig"} | more


def private_jwk(name: str) -> dict[str, Any]:
    """One of `KEYS` whole, as no issuer should ever publish it."""
    key, algorithm = KEYS[name]
    made = jwt.get_algorithm_by_name(algorithm).to_jwk(key, as_dict=True)
    return dict(made) | {"kid": name, "use": "sig", "key_ops": ["sign", "verify"]}


@dataclass
class Issuer:
    """An issuer: what its key set holds, whether it is up, how often it was asked."""

    clock: Clock
    listed: list[dict[str, Any]] = field(
        default_factory=lambda: [public_jwk("rsa"), public_jwk("ec")]
    )
    up: bool = True
    asked: int = 0

    async def __call__(self, _: IssuerSettings | None = None) -> bytes:
        from metier.egress import TargetUnavailable

        self.asked += 1
        if not self.up:
            raise TargetUnavailable("The target can't be reached.")
        return json.dumps({"keys": self.listed}).encode()

    def claims(self, **more: Any) -> dict[str, Any]:
        now = int(self.clock.now.timestamp())
        given = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 600}
        return {name: value for name, value in (given | more).items() if value is not None}

    def token(self, kid: str = "rsa", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        key, algorithm = KEYS[kid]
        return jwt.encode(
            self.claims(**claims), key, algorithm, headers={"kid": kid} | (headers or {})
        )


def settings(**more: Any) -> IssuerSettings:
    given: dict[str, Any] = {
        "issuer": ISSUER, "audience": AUDIENCE, "jwks_url": "https://id.example/keys",
    }  # fmt: skip
    return IssuerSettings(**(given | more))


@asynccontextmanager
async def key_server(answer: Callable[[web.Request], Any]) -> AsyncIterator[str]:
    """The address of a key set; every request gets the answer, which may be awaitable."""

    async def handle(request: web.Request) -> web.StreamResponse:
        given: web.StreamResponse = await found if isawaitable(found := answer(request)) else found
        return given

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/realms/acme/certs"
    finally:
        await runner.cleanup()


def verifier(issuer: Issuer, *configured: IssuerSettings, **more: Any) -> TokenVerifier:
    """A verifier of the issuer's tokens; `more` are its settings."""
    return TokenVerifier(
        configured or (settings(**more),), "home", issuer,
        clock=issuer.clock, monotonic=issuer.clock.monotonic,
    )  # fmt: skip


async def actor(issuer: Issuer, token: str, **more: Any) -> Actor:
    """Whom a token stands for."""
    return (await verifier(issuer, **more).verify(token)).actor


async def refused(issuer: Issuer, token: str, **more: Any) -> str:
    """The code with which a token is refused; the message holds neither it nor its person."""
    with pytest.raises(AccessError) as error:
        await verifier(issuer, **more).verify(token)
    assert error.value.status == 401
    assert error.value.headers["WWW-Authenticate"].startswith("Bearer ")
    assert len(token) < 20 or token not in error.value.message
    assert "anna" not in error.value.message
    return error.value.code
