"""Who reaches whose profile over HTTP, by grant, by role, and by breaking the glass."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from metier import config
from metier.app import Metier, make_keys
from metier.hookspecs import hookimpl
from metier.model import Manifest
from metier.server import api_keys, create_app, make_authenticator

REASON = "unconscious patient on ward 3, looking for allergies"
POLICY = """
name: narrow
version: '1'
description: An officer reads no profile, except by breaking the glass.
roles: {privacy_officer: {deny: [read_profile]}}
"""


class Toy:
    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(name="toy", title="Toy", description="Nothing.", reads=("preference",))


class Client(httpx.AsyncClient):
    app: Metier

    async def key(self, actor: str, tenant: str = "default", **more: Any) -> str:
        _, text = await api_keys(self.app).create(
            tenant, actor, by="test", scopes=["profile"], **more
        )
        return text

    async def read(self, key: str, subject: str, reason: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}", "X-Metier-Subject": subject}
        if reason is not None:
            headers["X-Metier-Break-Glass"] = reason
        return await self.get("/v1/profile", headers=headers)

    async def events(self, kind: str) -> list[dict[str, Any]]:
        rows = await self.app.parts.store.audit_events(self.app.settings.tenant)
        return [event for row in rows if (event := json.loads(row.body))["kind"] == kind]


@pytest.fixture(params=["", POLICY], ids=["built-in", "narrow"])
async def client(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Client]:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    make_keys(home)
    policies: tuple[Path, ...] = ()
    if request.param:
        (home / "narrow.yaml").write_text(request.param, "utf-8")
        policies = (home / "narrow.yaml",)
    settings = config.Settings(embeddings="none", policies=policies)
    async with Metier.open(home, settings, plugins=[Toy()]) as app:
        asgi = create_app(app, access=make_authenticator(app))
        transport = httpx.ASGITransport(app=asgi)  # type: ignore[arg-type]
        async with Client(transport=transport, base_url="http://test") as found:
            found.app = app
            yield found


async def told(client: Client) -> None:
    """Ben states something of himself."""
    own = await client.key("ben")
    answer = await client.put(
        "/v1/profile", json={"slot": "likes", "value": "tea"},
        headers={"Authorization": f"Bearer {own}"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert [f["value"] for f in (await client.read(own, "ben")).json()["data"]] == ["tea"]


def not_granted(answer: httpx.Response) -> bool:
    return answer.status_code == 403 and answer.json()["error"]["code"] == "not_granted"


async def test_a_grant_reaches_its_subject_and_nobody_else(client: Client) -> None:
    await told(client)
    platform = await client.key("platform", may_act_for=["ben"])
    assert (await client.read(platform, "ben")).json()["data"][0]["value"] == "tea"
    assert not_granted(await client.read(platform, "carl"))
    for role in ("member", "author", "operator", "auditor"):
        key = await client.key(role, roles=[role])
        assert not_granted(await client.read(key, "ben"))
        assert not_granted(await client.read(key, "ben", REASON))  # no role of theirs may


async def test_a_key_of_another_tenant_finds_nothing_whatever_it_may(client: Client) -> None:
    await told(client)
    for more in ({"may_act_for": ["*"]}, {"roles": ["privacy_officer"]}, {}):
        key = await client.key("ben", tenant="globex", **more)
        assert (await client.read(key, "ben", REASON)).json()["data"] == []


async def test_the_glass_is_broken_only_where_no_role_leads_there_and_never_in_silence(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    await told(client)
    narrow = client.app.settings.policies != ()
    officer = await client.key("dpo", roles=["privacy_officer"])
    plain = await client.read(officer, "ben")
    assert not_granted(plain) if narrow else plain.status_code == 200
    assert (await client.read(officer, "ben", "because")).status_code == 400
    assert await client.events("break-glass") == []
    with caplog.at_level(logging.WARNING, "metier"):
        assert (await client.read(officer, "ben", REASON)).json()["data"][0]["value"] == "tea"
    events = await client.events("break-glass")
    warned = [r for r in caplog.records if "broke the glass" in r.getMessage()]
    assert len(events) == len(warned) == (1 if narrow else 0)
    assert REASON not in caplog.text and "ben" not in caplog.text
    for event in events:
        assert (event["actor"], event["subject"]) == ("dpo", "ben")
        assert event["detail"]["reason"] == REASON
        assert event["detail"]["action"] == "read_profile"
