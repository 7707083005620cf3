"""Who is acting, by what they present; failures by address; keys fetched over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from access_kit import Clock, Issuer, MemoryKeys, key_server, public_jwk, settings
from aiohttp import web

from metier.access import (
    AccessError,
    Attempts,
    Authenticator,
    IssuerFetch,
    TokenVerifier,
    new_key,
)
from metier.model import Actor, BadRequest, MetierError

FIXED = "a-key-of-metier.toml"
REASON = "unconscious patient, ward 3"


class Door:
    """An authenticator over doubles, and the doubles."""

    def __init__(self, most: int = 3, recheck: float = 5.0) -> None:
        self.clock = Clock()
        self.store = MemoryKeys()
        self.issuer = Issuer(self.clock)
        self.keys = self.store.keys(self.clock)
        tokens = TokenVerifier(
            [settings()], "home", self.issuer, clock=self.clock, monotonic=self.clock.monotonic
        )
        fixed = {FIXED: Actor("home", "fixed"), "键-密钥": Actor("home", "王")}
        self.access = Authenticator(
            {hashlib.sha256(key.encode()).hexdigest(): actor for key, actor in fixed.items()},
            keys=self.keys,
            tokens=tokens,
            attempts=Attempts(most, 60, clock=self.clock.monotonic),
            recheck=recheck,
            clock=self.clock.monotonic,
        )

    async def actor(self, credential: str, client: str = "10.0.0.1", **headers: str) -> Actor:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.access.actor({"authorization": f"Bearer {credential}"} | given, client)

    async def refused(self, credential: str, client: str = "10.0.0.1") -> tuple[int, str]:
        with pytest.raises(AccessError) as error:
            await self.actor(credential, client)
        assert len(credential) < 20 or credential not in error.value.message
        return error.value.status, error.value.code


@pytest.fixture
def door() -> Door:
    return Door()


async def test_each_kind_of_credential_names_its_actor(door: Door) -> None:
    _, key = await door.keys.create("acme", "anna", by="me")
    assert (await door.actor(FIXED)).id == "fixed"
    found = await door.actor(key)
    assert (found.tenant, found.id) == ("acme", "anna")
    found = await door.actor(door.issuer.token(sub="ben"))
    assert (found.tenant, found.id) == ("home", "ben")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  ", " Bearer"])
async def test_the_scheme_may_be_written_in_any_case(door: Door, scheme: str) -> None:
    actor = await door.access.actor({"authorization": f"{scheme} {FIXED} "})
    assert actor.id == "fixed"


async def test_a_key_of_other_letters_is_compared_by_its_bytes(door: Door) -> None:
    as_servers_read_it = "键-密钥".encode().decode("latin-1")
    assert (await door.actor(as_servers_read_it)).id == "王"


@pytest.mark.parametrize("header", ["", " ", "Bearer", "Bearer ", f"Basic {FIXED}", FIXED])
async def test_without_a_bearer_key_the_challenge_names_no_error(door: Door, header: str) -> None:
    for _ in range(10):  # nothing was presented, so nothing has failed
        with pytest.raises(AccessError) as error:
            await door.access.actor({"authorization": header}, "10.0.0.1")
        assert (error.value.status, error.value.code) == (401, "invalid_api_key")
        assert error.value.headers["WWW-Authenticate"] == 'Bearer realm="metier"'
    assert (await door.actor(FIXED)).id == "fixed"


async def test_a_wrong_credential_is_challenged_as_an_invalid_token(door: Door) -> None:
    for wrong in ("x", "sk-1234", f"{FIXED}x", "a.b.c", "metier_x", new_key().text()):
        with pytest.raises(AccessError) as error:
            await door.actor(wrong, client=wrong)
        assert error.value.status == 401
        assert 'error="invalid_token"' in error.value.headers["WWW-Authenticate"]
    assert await door.refused("x" * 8193, "other") == (401, "token_too_long")
    assert await door.refused("\ud800.é.\0", "other") == (401, "token_malformed")


async def test_keys_and_tokens_are_unknown_where_neither_is_set_up() -> None:
    access = Authenticator({})
    for credential in (new_key().text(), Issuer(Clock()).token(), "x"):
        with pytest.raises(AccessError) as error:
            await access.actor({"authorization": f"Bearer {credential}"})
        assert error.value.code == "invalid_api_key"


# --- what held is not checked again for a moment ---------------------------------------------


async def test_what_held_is_checked_again_after_a_moment(door: Door) -> None:
    _, key = await door.keys.create("acme", "anna", by="me")
    for _ in range(5):
        await door.actor(key)
    assert door.store.asked == 1
    door.clock.on(5)
    await door.actor(key)
    assert door.store.asked == 2


async def test_with_recheck_at_zero_everything_is_checked_each_time() -> None:
    door = Door(recheck=0)
    _, key = await door.keys.create("acme", "anna", by="me")
    for _ in range(3):
        await door.actor(key)
    assert door.store.asked == 3


async def test_a_key_revoked_here_is_refused_at_once(door: Door) -> None:
    row, key = await door.keys.create("acme", "anna", by="me")
    await door.actor(key)
    await door.keys.revoke("acme", row.id, by="me")
    assert await door.refused(key) == (401, "api_key_revoked")


async def test_a_key_revoked_elsewhere_is_refused_after_the_moment(door: Door) -> None:
    row, key = await door.keys.create("acme", "anna", by="me")
    await door.actor(key)
    await door.store.keys(door.clock).revoke("acme", row.id, by="another process")
    door.clock.on(5)
    assert await door.refused(key) == (401, "api_key_revoked")


async def test_a_key_and_a_token_end_on_time_however_short_ago_they_held(door: Door) -> None:
    _, key = await door.keys.create("acme", "anna", by="me", expires_days=1)
    token = door.issuer.token(exp=int(door.clock.now.timestamp()) + 86400 - 30)
    door.clock.on(86399)
    await door.actor(key)
    await door.actor(token)
    door.clock.on(1)
    assert await door.refused(key) == (401, "api_key_expired")
    assert await door.refused(token) == (401, "token_expired")


async def test_a_key_revoked_while_it_was_checked_is_not_remembered(door: Door) -> None:
    row, key = await door.keys.create("acme", "anna", by="me")
    look_up = door.keys._changes

    async def slow(tenant: str, actor: str | None) -> Any:
        found = list(await look_up(tenant, actor))
        door.keys._changes = look_up
        await door.keys.revoke("acme", row.id, by="me")
        return found

    door.keys._changes = slow
    await door.actor(key)  # it was good when it was looked up
    assert await door.refused(key) == (401, "api_key_revoked")


# --- failures by address ------------------------------------------------------------------------


async def test_an_address_that_failed_too_often_has_to_wait(door: Door) -> None:
    for _ in range(3):
        assert await door.refused("wrong") == (401, "invalid_api_key")
    asked = door.store.asked
    for credential in ("wrong", new_key().text(), door.issuer.token()):
        assert await door.refused(credential) == (429, "too_many_failures")
    assert (door.store.asked, door.issuer.asked) == (asked, 0)
    with pytest.raises(AccessError) as error:
        await door.actor("wrong")
    assert error.value.headers["Retry-After"] == "60"
    assert await door.refused("wrong", "10.0.0.2") == (401, "invalid_api_key")
    door.clock.on(60)
    assert (await door.actor(door.issuer.token())).id == "anna"


async def test_one_clients_failures_do_not_shut_out_who_was_known_before(door: Door) -> None:
    _, key = await door.keys.create("acme", "anna", by="me")
    _, new = await door.keys.create("acme", "ben", by="me")
    await door.actor(key)
    for _ in range(10):
        await door.refused("wrong")
    assert (await door.actor(FIXED)).id == "fixed"
    door.clock.on(30)  # it is checked again, as ever
    assert (await door.actor(key)).id == "anna"
    assert await door.refused(new) == (429, "too_many_failures")


async def test_a_credential_that_held_once_gets_no_further_chances(door: Door) -> None:
    row, key = await door.keys.create("acme", "anna", by="me")
    await door.actor(key)
    await door.keys.revoke("acme", row.id, by="me")
    for _ in range(3):
        assert await door.refused(key) == (401, "api_key_revoked")
    assert await door.refused(key) == (429, "too_many_failures")


async def test_an_issuer_that_is_down_is_nobodys_failure(door: Door) -> None:
    door.issuer.up = False
    for _ in range(10):
        assert await door.refused(door.issuer.token()) == (503, "issuer_unavailable")
    assert await door.refused("wrong") == (401, "invalid_api_key")


# --- breaking the glass --------------------------------------------------------------------------


@pytest.mark.parametrize("reason", [REASON, "抢救病人需要查看过敏史，三号病房"])
async def test_a_reason_goes_with_the_actor(door: Door, reason: str) -> None:
    as_servers_read_it = reason.encode().decode("latin-1")
    for text in (reason, as_servers_read_it, f"  {as_servers_read_it} "):
        actor = await door.actor(FIXED, x_metier_break_glass=text)
        assert (actor.id, actor.break_glass) == ("fixed", reason)
    assert (await door.actor(FIXED)).break_glass == ""


@pytest.mark.parametrize(
    "reason", ["", "because", " " * 20, "x" * 201, "two\nlines of it", "\0" * 12]
)
async def test_what_is_no_reason_is_refused(door: Door, reason: str) -> None:
    with pytest.raises(BadRequest) as error:
        await door.actor(FIXED, x_metier_break_glass=reason)
    assert error.value.code == "break_glass_reason"


async def test_a_reason_lets_nobody_in(door: Door) -> None:
    with pytest.raises(AccessError):
        await door.actor("wrong", x_metier_break_glass=REASON)


# --- an issuer's keys over HTTP ----------------------------------------------------------------


async def test_keys_come_from_the_issuers_address_by_a_bare_get() -> None:
    clock, seen = Clock(), []

    def answer(request: web.Request) -> web.Response:
        seen.append((request.method, request.path_qs, request.headers.get("Authorization")))
        return web.json_response({"keys": [public_jwk("rsa")]})

    async with key_server(answer) as url:
        issuer = settings(jwks_url=url)
        tokens = TokenVerifier([issuer], "home", IssuerFetch([issuer]), clock=clock)
        for _ in range(3):
            assert (await tokens.verify(Issuer(clock).token())).actor.id == "anna"
        await tokens.close()
    assert seen == [("GET", "/realms/acme/certs", None)]


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=302, headers={"Location": "https://evil.example/keys"}),
        web.Response(status=404, text=json.dumps({"keys": [public_jwk("rsa")]})),
        web.Response(status=500),
        web.Response(text="x" * (256 * 1024 + 1)),
        web.Response(text="<html>"),
    ],
    ids=["redirect", "404", "500", "endless", "page"],
)
async def test_an_answer_that_is_no_key_set_lets_nobody_in(answer: web.Response) -> None:
    clock = Clock()
    body, headers, status = answer.body, answer.headers.copy(), answer.status
    headers.popall("Content-Type", None)
    async with key_server(lambda _: web.Response(body=body, status=status, headers=headers)) as url:
        issuer = settings(jwks_url=url)
        tokens = TokenVerifier([issuer], "home", IssuerFetch([issuer]), clock=clock)
        with pytest.raises(AccessError) as error:
            await tokens.verify(Issuer(clock).token())
        assert error.value.code == "issuer_unavailable"
        await tokens.close()


async def test_an_answer_that_never_ends_is_given_up() -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    async with key_server(drip) as url:
        issuer = settings(jwks_url=url)
        fetch = IssuerFetch([issuer], seconds=0.2)
        with pytest.raises(MetierError, match="did not send its keys"):
            await fetch(issuer)
        await fetch.close()


async def test_a_private_address_needs_to_be_declared() -> None:
    for url in ("https://127.1/keys", "https://10.0.0.1/keys", "https://169.254.169.254/keys"):
        issuer = settings(jwks_url=url)
        with pytest.raises(MetierError) as error:
            await IssuerFetch([issuer])(issuer)
        assert error.value.code == "target_refused"


@pytest.mark.parametrize(
    "wrong",
    [
        {"jwks_url": "http://id.example/keys"},
        {"jwks_url": "http://localhost.evil.example/keys"},
        {"jwks_url": "ftp://localhost/keys"},
        {"jwks_url": "https:///keys"},
        {"jwks_url": "https://me:pw@id.example/keys"},
        {"jwks_url": "https://id.example/keys?p=1"},
        {"tenant": "a", "tenant_claim": "org", "tenants": ("a",)},
        {"tenant_claim": "org"},
        {"tenants": ("a",)},
        {"roles": {"dpo": ("privacy_officer",)}},
        {"roles_claim": "r", "roles": {"dpo": ("root",)}},
        {"scopes": ("everything",)},
        {"leeway_seconds": 301},
        {"max_hours": 0},
        {"issuer": ""},
        {"audience": ""},
        {"secret": "x"},
    ],
)
def test_settings_that_let_too_many_in_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        settings(**wrong)


def test_the_configuration_of_the_page_is_accepted() -> None:
    from metier.config import Settings

    page = Path(__file__).parents[2] / "docs" / "access.md"
    code, users = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.S)
    (platform,) = Settings.model_validate(tomllib.loads(users)).access.platforms
    assert (platform.actor, platform.tenant) == ("chat", "")
    (issuer,) = Settings.model_validate(tomllib.loads(code)).access.issuers
    plain = settings(issuer=issuer.issuer, jwks_url=issuer.jwks_url)
    said = {"tenant_claim", "tenants", "roles_claim", "roles", "may_act_for_claim"}
    assert issuer.model_dump(exclude=said) == plain.model_dump(exclude=said)  # the defaults


@pytest.mark.parametrize(
    ("prefixes", "tenants", "fits"),
    [
        (("", ""), (("a",), ("b",)), True),
        (("", ""), (("a", "c"), ("b", "c")), False),
        (("x:", "y:"), (("a",), ("a",)), True),
        (("x:", ""), (("a",), ("a",)), False),
        (("x:", "x:y:"), (("a",), ("a",)), False),
        (("x:", "x:"), (("a",), ("a",)), False),
    ],
)
def test_no_issuer_can_name_anothers_people(
    prefixes: tuple[str, str], tenants: tuple[tuple[str, ...], tuple[str, ...]], fits: bool
) -> None:
    from metier.config import Settings

    issuers = [
        {"issuer": f"https://{i}.example", "audience": "m", "jwks_url": "https://x.example/k",
         "actor_prefix": prefixes[i], "tenant_claim": "org", "tenants": tenants[i]}
        for i in (0, 1)
    ]  # fmt: skip
    given = {"access": {"issuers": issuers}}
    if fits:
        assert len(Settings.model_validate(given).access.issuers) == 2
        return
    with pytest.raises(ValueError, match="actor_prefix"):
        Settings.model_validate(given)


def test_two_issuers_without_a_tenant_share_that_of_the_installation() -> None:
    from metier.config import Settings

    one = {"issuer": "https://1.example", "audience": "m", "jwks_url": "https://x.example/k"}
    two = one | {"issuer": "https://2.example", "tenant": "home"}
    for issuers, match in (([one, two], "actor_prefix"), ([one, one], "same `issuer`")):
        with pytest.raises(ValueError, match=match):
            Settings.model_validate({"tenant": "home", "access": {"issuers": issuers}})
    Settings.model_validate({"tenant": "acme", "access": {"issuers": [one, two]}})
