"""The keys of an issuer: fetched, kept, renewed, and given up in time."""

from __future__ import annotations

import asyncio
import json
import logging

import jwt
import pytest
from access_kit import (
    KEYS,
    Clock,
    Issuer,
    actor,
    private_jwk,
    public_jwk,
    refused,
    verifier,
)

from metier.access import AccessError, IssuerKeys


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


async def test_keys_are_fetched_once_and_again_when_they_are_old(issuer: Issuer) -> None:
    known = verifier(issuer)
    for _ in range(5):
        await known.verify(issuer.token())
    assert issuer.asked == 1
    issuer.clock.on(301)
    await known.verify(issuer.token())  # by the old keys; the new ones come in the background
    await _settled()
    assert issuer.asked == 2
    await known.close()


async def test_a_new_key_is_taken_at_once_and_asking_has_a_limit(issuer: Issuer) -> None:
    known = verifier(issuer)
    await known.verify(issuer.token())
    for _ in range(20):  # unknown names don't make the issuer answer for each
        with pytest.raises(AccessError):
            await known.verify(issuer.token("other"))
    assert issuer.asked == 1
    issuer.clock.on(10)
    issuer.listed.append(public_jwk("other"))
    assert (await known.verify(issuer.token("other"))).actor.id == "anna"
    assert issuer.asked == 2


async def test_a_key_the_issuer_took_back_ends_with_the_next_fetch(issuer: Issuer) -> None:
    known = verifier(issuer)
    await known.verify(issuer.token("ec"))
    issuer.listed = [public_jwk("rsa")]
    issuer.clock.on(301)
    await known.verify(issuer.token("rsa"))
    await _settled()
    with pytest.raises(AccessError) as error:
        await known.verify(issuer.token("ec"))
    assert error.value.code == "token_key_unknown"


async def test_while_the_issuer_is_down_its_keys_last_for_an_hour_and_then_nobody_comes_in(
    issuer: Issuer, caplog: pytest.LogCaptureFixture
) -> None:
    known = verifier(issuer)
    await known.verify(issuer.token())
    issuer.up = False
    with caplog.at_level(logging.WARNING, "metier.access"):
        for _ in range(3):
            issuer.clock.on(1200)
            assert (await known.verify(issuer.token())).actor.id == "anna"
            await _settled()
    assert "can't be reached" in caplog.text and "anna" not in caplog.text
    issuer.clock.on(1)
    for _ in range(5):
        with pytest.raises(AccessError) as error:
            await known.verify(issuer.token())
        assert (error.value.code, error.value.status) == ("issuer_unavailable", 503)
        assert error.value.headers["Retry-After"] == "10"
    issuer.up = True
    issuer.clock.on(10)
    assert (await known.verify(issuer.token())).actor.id == "anna"


async def test_an_issuer_never_reached_lets_nobody_in_and_is_asked_within_a_limit(
    issuer: Issuer,
) -> None:
    issuer.up = False
    known = verifier(issuer)
    for _ in range(5):
        with pytest.raises(AccessError) as error:
            await known.verify(issuer.token())
        assert error.value.code == "issuer_unavailable"
    assert issuer.asked == 1


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', b'{"keys": [5, null]}',
        json.dumps({"keys": [{"kty": "oct", "kid": "rsa", "k": "AAAA", "alg": "HS256"}]}).encode(),
        json.dumps({"keys": [public_jwk("short")]}).encode(),
        json.dumps({"keys": [public_jwk("rsa", use="enc")]}).encode(),
        json.dumps({"keys": [private_jwk("rsa"), private_jwk("ec")]}).encode(),
        json.dumps({"keys": [public_jwk("rsa", n="!!!")]}).encode(),
        json.dumps({"keys": [public_jwk("rsa", key_ops=["encrypt"])]}).encode(),
        json.dumps({"keys": [public_jwk("rsa", alg="HS256")]}).encode(),
        json.dumps({"keys": [public_jwk("rsa", kid=5)]}).encode(),
        json.dumps({"keys": [public_jwk("rsa")] * 101}).encode(),
    ],
)  # fmt: skip
async def test_a_key_set_without_a_usable_key_is_none(body: bytes) -> None:
    async def fetch() -> bytes:
        return body

    keys = IssuerKeys("id.example", fetch, 3600, Clock().monotonic)
    with pytest.raises(AccessError) as error:
        await keys.find("rsa", "RS256")
    assert error.value.code == "issuer_unavailable"


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_a_bad_key_beside_good_ones_is_left_out(issuer: Issuer) -> None:
    issuer.listed += [public_jwk("short"), public_jwk("other", n="!!!"), {"kty": "new"}]
    assert (await actor(issuer, issuer.token())).id == "anna"
    for kid in ("short", "other"):
        assert await refused(issuer, issuer.token(kid)) == "token_key_unknown"


async def test_a_key_signs_by_the_algorithm_it_is_for_alone(issuer: Issuer) -> None:
    issuer.listed = [public_jwk("rsa", alg="RS256")]
    token = jwt.encode(issuer.claims(), KEYS["rsa"][0], "PS256", headers={"kid": "rsa"})
    more = {"algorithms": ("RS256", "PS256")}
    assert await refused(issuer, token, **more) == "token_key_unknown"
    issuer.listed = [public_jwk("rsa")]
    assert (await actor(issuer, token, **more)).id == "anna"


async def test_two_keys_of_one_name_are_not_guessed_between(issuer: Issuer) -> None:
    issuer.listed = [public_jwk("rsa"), public_jwk("other", kid="rsa")]
    assert await refused(issuer, issuer.token()) == "token_key_unknown"


async def _settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
