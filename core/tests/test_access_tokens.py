"""Tokens of an issuer: what holds, what doesn't, and what the claims make of a person."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import jwt
import pytest
from access_kit import (
    AUDIENCE,
    ISSUER,
    KEYS,
    Clock,
    Issuer,
    actor,
    b64,
    public_jwk,
    refused,
    settings,
    verifier,
)
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from metier.access import AccessError, IssuerSettings
from metier.model import Actor


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def issuer(clock: Clock) -> Issuer:
    return Issuer(clock)


def forged(header: dict[str, Any], claims: dict[str, Any], key: bytes | None = None) -> str:
    """A token made by hand; signed with HMAC where a key is given, else not at all."""
    body = f"{b64(json.dumps(header))}.{b64(json.dumps(claims))}"
    signature = hmac.digest(key, body.encode(), "sha256") if key is not None else b""
    return f"{body}.{b64(signature)}"


# --- what holds -----------------------------------------------------------------------------


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
async def test_a_good_token_stands_for_its_person(issuer: Issuer, kid: str) -> None:
    issuer.listed.append(public_jwk("ed"))
    more = {"algorithms": ("RS256", "ES256", "EdDSA")}
    found = await verifier(issuer, **more).verify(issuer.token(kid))
    assert found.actor == Actor(
        "home", "anna", roles=frozenset({"member"}),
        scopes=frozenset({"chat", "profile", "privacy", "search", "subject"}),
    )  # fmt: skip
    assert found.seconds == 600 + 30


async def test_a_token_for_several_audiences_holds_where_ours_is_among_them(
    issuer: Issuer,
) -> None:
    assert (await actor(issuer, issuer.token(aud=["other", AUDIENCE]))).id == "anna"


async def test_a_token_without_a_key_name_needs_an_issuer_with_one_such_key(
    issuer: Issuer,
) -> None:
    def nameless() -> str:
        return jwt.encode(issuer.claims(), KEYS["rsa"][0], "RS256")

    assert (await actor(issuer, nameless())).id == "anna"
    issuer.listed.append(public_jwk("other"))
    assert await refused(issuer, nameless()) == "token_key_unknown"


# --- forged and tampered ----------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 5, ["RS256"]])
async def test_a_token_without_a_signature_is_refused(issuer: Issuer, algorithm: Any) -> None:
    for kid in ("rsa", None):
        token = forged({"alg": algorithm, "typ": "JWT", "kid": kid}, issuer.claims())
        assert await refused(issuer, token) in ("token_algorithm", "token_malformed")


async def test_a_public_key_is_no_secret_for_hmac(issuer: Issuer) -> None:
    public = KEYS["rsa"][0].public_key()
    pem, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = [
        public.public_bytes(pem, form),
        public.public_bytes(pem, form).strip(),
        public.public_bytes(serialization.Encoding.DER, form),
        json.dumps(public_jwk("rsa")).encode(),
        b"",
    ]
    for secret in secrets:
        for algorithm in ("HS256", "RS256", "ES256"):
            token = forged({"alg": algorithm, "kid": "rsa"}, issuer.claims(), secret)
            code = await refused(issuer, token)
            assert code == (
                "token_algorithm" if algorithm == "HS256"
                else "token_signature" if algorithm == "RS256"
                else "token_key_unknown"  # the RSA key's name can't be borrowed by ES256
            )  # fmt: skip


def test_no_symmetric_algorithm_can_be_configured() -> None:
    for algorithm in ("HS256", "none", "dir"):
        with pytest.raises(ValueError):
            settings(algorithms=(algorithm,))
    with pytest.raises(ValueError):
        settings(algorithms=())


async def test_a_key_the_token_brings_itself_is_not_looked_at(issuer: Issuer) -> None:
    attacker = public_jwk("other")
    for extra in (
        {"jwk": attacker},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
    ):
        token = issuer.token("other", headers={**extra, "kid": "rsa"})
        assert await refused(issuer, token) == "token_signature"
        assert await refused(issuer, issuer.token("other", headers=extra)) == "token_key_unknown"
    assert issuer.asked == 8  # once for each verifier: no address but the issuer's own


@pytest.mark.parametrize(
    "kid",
    ["../../../../dev/null", "' OR 1=1 --", "rsa\0", "RSA", " rsa", "", "x" * 256, "键", "*"],
)
async def test_a_key_name_is_compared_and_nothing_else(issuer: Issuer, kid: str) -> None:
    assert await refused(issuer, issuer.token(headers={"kid": kid})) == "token_key_unknown"


@pytest.mark.parametrize("kid", ["x" * 257, 5, ["rsa"], {"rsa": 1}, True])
async def test_a_key_name_must_be_a_short_text(issuer: Issuer, kid: Any) -> None:
    token = forged({"alg": "RS256", "kid": kid}, issuer.claims())
    assert await refused(issuer, token) == "token_malformed"


async def test_a_key_of_another_issuer_does_not_sign_for_this_one(clock: Clock) -> None:
    class Two(Issuer):
        async def __call__(self, asked: IssuerSettings | None = None) -> bytes:
            assert asked is not None
            kid = "rsa" if asked.issuer == ISSUER else "other"
            return json.dumps({"keys": [public_jwk(kid, kid="shared")]}).encode()

    issuer = Two(clock)
    second = "https://other.example"
    configured = (
        settings(actor_prefix="a:"),
        settings(issuer=second, tenant="globex", actor_prefix="b:"),
    )
    both = verifier(issuer, *configured)
    good = await both.verify(issuer.token("rsa", headers={"kid": "shared"}))
    assert (good.actor.tenant, good.actor.id) == ("home", "a:anna")
    good = await both.verify(issuer.token("other", headers={"kid": "shared"}, iss=second))
    assert (good.actor.tenant, good.actor.id) == ("globex", "b:anna")
    for kid, name in (("rsa", second), ("other", ISSUER)):
        with pytest.raises(AccessError) as error:
            await both.verify(issuer.token(kid, headers={"kid": "shared"}, iss=name))
        assert error.value.code == "token_signature"


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://evil.example"}, "token_issuer_unknown"),
        ({"iss": ISSUER + "/"}, "token_issuer_unknown"),
        ({"iss": None}, "token_issuer_unknown"),
        ({"aud": "other"}, "token_audience"),
        ({"aud": []}, "token_claims"),
        ({"aud": "metie"}, "token_audience"),
        ({"aud": AUDIENCE + "\0"}, "token_audience"),
        ({"aud": None}, "token_claims"),
        ({"exp": None}, "token_claims"),
        ({"iat": None}, "token_claims"),
        ({"sub": None}, "token_claims"),
        ({"sub": ""}, "token_claims"),
        ({"sub": "a\0b"}, "token_claims"),
        ({"sub": "x" * 513}, "token_claims"),
    ],
)
async def test_a_claim_that_is_missing_or_wrong_is_refused(
    issuer: Issuer, claims: dict[str, Any], code: str
) -> None:
    assert await refused(issuer, issuer.token(**claims)) == code


@pytest.mark.parametrize(
    "value", ["tomorrow", "9999999999", True, [1], 1e400, {}, 10**400, -(2**63), float("nan")]
)
@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
async def test_a_time_must_be_a_number(issuer: Issuer, name: str, value: Any) -> None:
    token = issuer.token(**{name: value})
    assert await refused(issuer, token) in ("token_claims", "token_malformed")


async def test_times_hold_within_the_leeway_and_not_beyond(issuer: Issuer) -> None:
    token = issuer.token()
    for seconds, code in ((629, ""), (1, "token_expired"), (10**6, "token_expired")):
        issuer.clock.on(seconds)
        if code:
            assert await refused(issuer, token) == code
        else:
            assert (await actor(issuer, token)).id == "anna"
    now = int(issuer.clock.now.timestamp())
    for claim in ("iat", "nbf"):
        times = {"iat": now, "exp": now + 600}
        assert (await actor(issuer, issuer.token(**times | {claim: now + 30}))).id == "anna"
        early = issuer.token(**times | {claim: now + 31})
        assert await refused(issuer, early) == "token_early"
    assert await refused(issuer, issuer.token(exp=now - 1, iat=now - 2), leeway_seconds=0)


async def test_a_token_that_lives_too_long_is_refused(issuer: Issuer) -> None:
    now = int(issuer.clock.now.timestamp())
    assert await refused(issuer, issuer.token(exp=now + 24 * 3600 + 1)) == "token_lifetime"
    assert (await actor(issuer, issuer.token(exp=now + 24 * 3600))).id == "anna"


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", 5])
async def test_a_token_of_another_type_is_refused(issuer: Issuer, kind: Any) -> None:
    header = {"typ": kind, "kid": "rsa"}
    key, algorithm = KEYS["rsa"]
    body = f"{b64(json.dumps({**header, 'alg': algorithm}))}.{b64(json.dumps(issuer.claims()))}"
    signature = jwt.get_algorithm_by_name(algorithm).sign(body.encode(), key)
    assert await refused(issuer, f"{body}.{b64(signature)}") == "token_type"


async def test_an_extension_that_must_be_known_is_refused(issuer: Issuer) -> None:
    token = issuer.token(headers={"crit": ["exp"]})
    assert await refused(issuer, token) == "token_malformed"


async def test_an_oversized_token_is_refused_before_it_is_read(issuer: Issuer) -> None:
    assert await refused(issuer, issuer.token(more="x" * 8192)) == "token_too_long"
    assert issuer.asked == 0


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "...", "a.b.c", "[" * 8000, f"{b64('[' * 2000)}.{b64('{}')}.", "é.é.é",
     f"{b64('{}')}.{b64('[' * 3000)}.{b64('x')}", f"{b64('{}')}.{b64('[]')}."],
)  # fmt: skip
async def test_what_is_no_token_is_refused(issuer: Issuer, token: str) -> None:
    assert await refused(issuer, token) == "token_malformed"
    assert issuer.asked == 0


@given(st.data())
@hypothesis_settings(
    max_examples=200, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
async def test_a_token_with_one_other_character_never_holds(data: st.DataObject) -> None:
    issuer = Issuer(Clock())
    token = issuer.token(data.draw(st.sampled_from(["rsa", "ec"])))
    place = data.draw(st.integers(0, len(token) - 2))  # the last may carry unused bits
    letter = data.draw(st.sampled_from("ABab01-_.=% \x00é"))
    wrong = token[:place] + letter + token[place + 1 :]
    if wrong == token or _unused_bits(token, wrong):
        return
    await refused(issuer, wrong)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    ["iss", "aud", "sub", "exp", "iat", "nbf", "jti", "roles", "wards", "org", "typ", "crit",
     "b64", "zip", "kid", "alg", "cty", "jwk", "enc"]
)  # fmt: skip


@given(st.dictionaries(_NAMES, _JSON))
@hypothesis_settings(max_examples=100, deadline=None)
async def test_whatever_a_signed_token_claims_it_holds_or_is_refused(
    claims: dict[str, Any],
) -> None:
    issuer = Issuer(Clock())
    more: dict[str, Any] = {
        "roles_claim": "roles", "roles": {"dpo": ("privacy_officer",)},
        "may_act_for_claim": "wards", "tenant_claim": "org", "tenants": ("acme",),
    }  # fmt: skip
    body = issuer.claims(org="acme") | claims
    signed = f"{b64(json.dumps({'alg': 'ES256', 'kid': 'ec'}))}.{b64(json.dumps(body))}"
    signature = jwt.get_algorithm_by_name("ES256").sign(signed.encode(), KEYS["ec"][0])
    try:
        found = await actor(issuer, f"{signed}.{b64(signature)}", **more)
    except AccessError as error:
        assert error.status == 401
        return
    assert found.tenant == "acme" and found.id == body["sub"]
    assert found.roles <= {"member", "privacy_officer"} and "*" not in found.may_act_for


@given(st.dictionaries(_NAMES, _JSON), st.dictionaries(_NAMES, _JSON), st.binary(max_size=80))
@hypothesis_settings(max_examples=100, deadline=None)
async def test_whatever_an_unsigned_token_says_it_is_refused(
    header: dict[str, Any], claims: dict[str, Any], signature: bytes
) -> None:
    issuer = Issuer(Clock())
    for names in ({}, {"alg": "ES256", "kid": "ec"}, {"alg": "RS256", "kid": "rsa"}):
        parts = [json.dumps(header | names), json.dumps(issuer.claims() | claims), signature]
        await refused(issuer, ".".join(map(b64, parts)))


def _unused_bits(token: str, wrong: str) -> bool:
    """Whether both read as the same bytes: the last letter of a part can have bits to spare."""

    def read(text: str) -> list[bytes]:
        return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")]

    try:
        return read(token) == read(wrong) and token.split(".")[:2] == wrong.split(".")[:2]
    except ValueError:
        return False


# --- claims to actor ----------------------------------------------------------------------------


async def test_roles_are_mapped_and_unknown_ones_give_nothing(issuer: Issuer) -> None:
    roles = {"dpo": ("privacy_officer",), "it": ("operator", "author")}
    more: dict[str, Any] = {"roles_claim": "realm_access.roles", "roles": roles}
    for given_roles, found in (
        (["dpo", "member", "root", "privacy_officer"], {"privacy_officer"}),
        (["it", "dpo"], {"operator", "author", "privacy_officer"}),
        ("dpo it", {"operator", "author", "privacy_officer"}),
        (["root"], {"member"}),
        ([], {"member"}),
    ):
        token = issuer.token(realm_access={"roles": given_roles})
        assert (await actor(issuer, token, **more)).roles == found
    assert (await actor(issuer, issuer.token(), **more)).roles == {"member"}
    assert (await actor(issuer, issuer.token(roles=["dpo"]))).roles == {"member"}


@pytest.mark.parametrize("roles", [5, {"dpo": True}, [["dpo"]], ["dpo", None]])
async def test_a_roles_claim_of_another_form_is_refused(issuer: Issuer, roles: Any) -> None:
    more: dict[str, Any] = {"roles_claim": "roles", "roles": {"dpo": ("privacy_officer",)}}
    assert await refused(issuer, issuer.token(roles=roles), **more) == "token_claims"


async def test_a_claim_whose_name_is_an_address_is_found(issuer: Issuer) -> None:
    name = "https://acme.example/roles"
    more: dict[str, Any] = {"roles_claim": name, "roles": {"dpo": ("privacy_officer",)}}
    token = issuer.token(**{name: ["dpo"]})
    assert (await actor(issuer, token, **more)).roles == {"privacy_officer"}


async def test_a_tenant_of_a_claim_must_be_on_the_issuers_list(issuer: Issuer) -> None:
    more: dict[str, Any] = {"tenant_claim": "org", "tenants": ("acme", "globex")}
    assert (await actor(issuer, issuer.token(org="globex"), **more)).tenant == "globex"
    for org, code in (
        ("evil", "token_tenant"), ("acme ", "token_claims"), ("ACME", "token_tenant"),
        ("home", "token_tenant"), ("", "token_claims"), (None, "token_claims"),
        (["acme"], "token_claims"), ("*", "token_tenant"),
    ):  # fmt: skip
        assert await refused(issuer, issuer.token(org=org), **more) == code


async def test_a_tenant_claim_without_configuration_changes_nothing(issuer: Issuer) -> None:
    token = issuer.token(tenant="globex", org="globex")
    assert (await actor(issuer, token)).tenant == "home"
    assert (await actor(issuer, token, tenant="acme")).tenant == "acme"


async def test_grants_come_from_their_claim_and_never_for_everybody(issuer: Issuer) -> None:
    more = {"may_act_for_claim": "wards"}
    token = issuer.token(wards=["ben", "王丽华"])
    assert (await actor(issuer, token, **more)).may_act_for == {"ben", "王丽华"}
    assert (await actor(issuer, token)).may_act_for == frozenset()
    for wards in (["*"], ["ben", "*"], "*", [""], ["a\0"], [5]):
        assert await refused(issuer, issuer.token(wards=wards), **more) == "token_claims"


async def test_scopes_are_the_issuers_and_no_claim_adds_to_them(issuer: Issuer) -> None:
    token = issuer.token(scope="* audit access", scopes=["*"])
    assert (await actor(issuer, token, scopes=("chat",))).scopes == {"chat"}


async def test_another_claim_can_name_the_person_with_the_issuers_prefix(issuer: Issuer) -> None:
    token = issuer.token(preferred_username="王丽华")
    more = {"actor_claim": "preferred_username", "actor_prefix": "acme:"}
    assert (await actor(issuer, token, **more)).id == "acme:王丽华"
