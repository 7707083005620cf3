"""Scopes, challenges and refusals on every route, as an HTTP client sees them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from access_kit import Clock, MemoryKeys

from metier._ready import Ready
from metier.access import SCOPES, Attempts, Authenticator, ScopeName
from metier.model import Actor, Fact, Manifest, Provenance
from metier.pipeline import profile
from metier.server import create_app

ROUTES: list[tuple[str, str, tuple[ScopeName, ...]]] = [
    ("POST", "/v1/chat/completions", ("chat",)),
    ("POST", "/v1/responses", ("chat",)),
    ("GET", "/v1/models", ("chat", "search")),
    ("GET", "/v1/models/{name}", ("chat", "search")),
    ("GET", "/v1/profile", ("profile",)),
    ("PUT", "/v1/profile", ("profile",)),
    ("DELETE", "/v1/profile/{fact_id}", ("profile",)),
    ("PATCH", "/v1/profile", ("profile",)),
    ("GET", "/v1/profile/history", ("profile",)),
    ("GET", "/v1/profile/{fact_id}/why", ("profile",)),
    ("GET", "/v1/profile/undo", ("profile",)),
    ("POST", "/v1/profile/undo/{undo_id}", ("profile",)),
    ("GET", "/v1/profile/imports", ("profile",)),
    ("POST", "/v1/profile/imports", ("profile",)),
    ("POST", "/v1/profile/imports/preview", ("profile",)),
    ("DELETE", "/v1/profile/imports/{import_id}", ("profile",)),
    ("POST", "/v1/feedback", ("chat",)),
    ("POST", "/v1/search", ("search",)),
    ("POST", "/v1/recommend", ("chat",)),
    ("POST", "/v1/embeddings", ("search",)),
    ("POST", "/v1/why", ("chat",)),
    ("POST", "/v1/privacy/analyze", ("privacy",)),
    ("GET", "/v1/privacy/supportedentities", ("privacy",)),
    ("POST", "/v1/privacy/pseudonymise", ("privacy",)),
    ("POST", "/v1/privacy/restore", ("privacy",)),
    ("POST", "/v1/plugins/{plugin}/{path:path}", ("chat",)),
    ("GET", "/v1/subject/export", ("subject",)),
    ("POST", "/v1/subject/erase", ("subject",)),
    ("POST", "/v1/subject/certificate", ("subject",)),
    ("POST", "/v1/subject/correct", ("subject",)),
    ("GET", "/v1/subject/standing", ("subject",)),
    ("POST", "/v1/subject/restrict", ("subject",)),
    ("POST", "/v1/subject/hold", ("subject",)),
    ("GET", "/v1/subject/consents", ("subject",)),
    ("GET", "/v1/subject/consent-text/{category}", ("subject",)),
    ("POST", "/v1/subject/consents", ("subject",)),
    ("POST", "/v1/subject/consents/withdraw", ("subject",)),
    ("GET", "/v1/responses/{response_id}", ("chat",)),
    ("GET", "/v1/responses/{response_id}/input_items", ("chat",)),
    ("POST", "/v1/responses/{response_id}/cancel", ("chat",)),
    ("DELETE", "/v1/responses/{response_id}", ("subject",)),
    ("GET", "/v1/chat/completions/{completion_id}", ("chat",)),
    ("DELETE", "/v1/chat/completions/{completion_id}", ("subject",)),
]
OPEN = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/openapi.json")}


class Toy:
    """An application that only notes who reached it."""

    parts = None

    def __init__(self) -> None:
        self.reached: list[Actor] = []

    def domains(self) -> list[Manifest]:
        return [Manifest(name="toy", title="Toy", description="Nothing.")]

    async def known(self, actor: Actor, subject: str | None = None) -> profile.Known:
        self.reached.append(actor)
        fact = Fact("diet", "none", "preference", 1.0, Provenance("settings", "settings"))
        return profile.Known((fact,), 1)

    async def ready(self) -> Ready:
        return Ready({"store": ""}, True)


class Client(httpx.AsyncClient):
    app: Toy
    store: MemoryKeys
    clock: Clock
    asgi: Any

    async def key(self, tenant: str = "acme", **more: Any) -> dict[str, str]:
        _, text = await self.store.keys(self.clock).create(tenant, "anna", by="me", **more)
        return {"Authorization": f"Bearer {text}"}


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app, store, clock = Toy(), MemoryKeys(), Clock()
    access = Authenticator({}, keys=store.keys(clock), attempts=Attempts(1000))
    asgi = create_app(app, access=access)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=asgi, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with Client(transport=transport, base_url="http://test") as found:
        found.app, found.store, found.clock, found.asgi = app, store, clock, asgi
        yield found


def filled(path: str) -> str:
    """A path with something in the place of its names."""
    return re.sub(r"\{[^}]*\}", "toy", path)


def problem(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    return answer.status_code, error["code"]


def test_every_route_is_among_those_tried_here() -> None:
    from metier.server._asgi import _HOT
    from metier.server._rest import create_rest
    from metier.server._wire import Limits

    rest = create_rest(Toy(), Authenticator({}), Limits())  # type: ignore[arg-type]
    there = {("POST", path) for path in _HOT}
    there |= {
        (method, route.path)  # type: ignore[attr-defined]
        for route in rest.routes
        for method in route.methods - {"HEAD"}  # type: ignore[attr-defined]
    }
    tried = {(method, path) for method, path, _ in ROUTES}
    assert there - OPEN == tried


@pytest.mark.parametrize(("method", "path", "scopes"), ROUTES)
async def test_a_route_opens_to_its_scope_and_to_no_other(
    client: Client, method: str, path: str, scopes: tuple[ScopeName, ...]
) -> None:
    for scope in SCOPES:
        answer = await client.request(
            method, filled(path), headers=await client.key(scopes=[scope])
        )
        if scope == "*" or scope in scopes:
            assert answer.status_code not in (401, 403), answer.text
            continue
        assert problem(answer) == (403, "scope_missing")
        assert answer.json()["error"]["type"] == "permission_error"
        assert f'scope="{scopes[0]}"' in answer.headers["WWW-Authenticate"]
    if path != "/v1/profile":
        assert not client.app.reached


@pytest.mark.parametrize(("method", "path", "scopes"), ROUTES)
async def test_no_route_opens_without_a_good_key(
    client: Client, method: str, path: str, scopes: tuple[ScopeName, ...]
) -> None:
    expired = await client.key(scopes=["*"], expires_days=1)
    client.clock.on(86400)
    for headers, code in (
        ({}, "invalid_api_key"),
        ({"Authorization": "Bearer wrong"}, "invalid_api_key"),
        ({"Authorization": "Bearer metier_wrong"}, "api_key_mistyped"),
        (expired, "api_key_expired"),
    ):
        answer = await client.request(method, filled(path), headers=headers)
        assert problem(answer) == (401, code)
        assert answer.json()["error"]["type"] == "authentication_error"
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="metier"')
        assert ("invalid_token" in challenge) == bool(headers)
    assert not client.app.reached


async def test_two_tenants_keys_reach_the_application_each_as_its_own(client: Client) -> None:
    for tenant in ("acme", "globex"):
        answer = await client.get(
            "/v1/profile", headers=await client.key(tenant, scopes=["profile"])
        )
        assert answer.status_code == 200
    assert [(a.tenant, a.id) for a in client.app.reached] == [("acme", "anna"), ("globex", "anna")]


async def test_a_reason_for_breaking_the_glass_reaches_the_application(client: Client) -> None:
    headers = await client.key(scopes=["profile"])
    reason = "抢救病人需要查看过敏史，三号病房"
    more = {"X-Metier-Break-Glass": reason.encode()}
    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    raw += [(k.encode(), v) for k, v in more.items()]
    assert (await client.get("/v1/profile", headers=raw)).status_code == 200
    assert client.app.reached[-1].break_glass == reason
    headers["X-Metier-Break-Glass"] = "please"
    assert problem(await client.get("/v1/profile", headers=headers)) == (400, "break_glass_reason")


async def test_too_many_failures_of_an_address_are_answered_429_on_both_kinds_of_route() -> None:
    asgi = create_app(Toy(), access=Authenticator({}, attempts=Attempts(2)))  # type: ignore[arg-type]
    for path in ("/v1/chat/completions", "/v1/feedback"):
        transport = httpx.ASGITransport(app=asgi, client=(path, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Authorization": "Bearer wrong"}
            codes = [(await client.post(path, headers=headers)).status_code for _ in range(3)]
            assert codes == [401, 401, 429]
            answer = await client.post(path, headers=headers)
            assert problem(answer) == (429, "too_many_failures")
            assert int(answer.headers["Retry-After"]) > 0


async def test_keys_given_as_a_mapping_go_on_working() -> None:
    digest = hashlib.sha256(b"k").hexdigest()
    app = Toy()
    asgi = create_app(app, keys={digest: Actor("t", "anna")})  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=asgi)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get("/v1/profile", headers={"Authorization": "Bearer k"})
        assert answer.status_code == 200 and app.reached == [Actor("t", "anna")]
    for wrong in ({}, {"keys": {}, "access": Authenticator({})}):
        with pytest.raises(TypeError):
            create_app(app, **wrong)  # type: ignore[arg-type]
