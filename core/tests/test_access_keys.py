"""API keys: made, read, refused; kept as a digest; one tenant's never another's."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace

import pytest
from access_kit import Clock, MemoryKeys
from hypothesis import given
from hypothesis import strategies as st

from metier.access import AccessError, ApiKeys, new_key, parse_key
from metier.model import BadRequest, MetierError


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> MemoryKeys:
    return MemoryKeys()


@pytest.fixture
def keys(store: MemoryKeys, clock: Clock) -> ApiKeys:
    return store.keys(clock)


async def refused(keys: ApiKeys, text: str) -> str:
    with pytest.raises(AccessError) as error:
        await keys.verify(text)
    assert error.value.status == 401
    assert error.value.headers["WWW-Authenticate"].startswith("Bearer ")
    assert text not in error.value.message
    return error.value.code


# --- the form ---------------------------------------------------------------------------


def test_a_key_has_the_documented_form_and_256_random_bits() -> None:
    made = [new_key() for _ in range(200)]
    for key in made:
        assert re.fullmatch(r"metier_[0-9a-f]{16}_[0-9A-Za-z]{49}", key.text())
        assert key.secret not in repr(key)
    assert len({key.id for key in made}) == len({key.secret for key in made}) == 200
    # 43 letters of base 62 hold 256 bits, and 42 don't.
    assert 62**42 < 2**256 < 62**43
    assert any(int(key.digest().hex(), 16) for key in made)


def test_a_key_reads_back() -> None:
    key = new_key()
    assert parse_key(key.text()) == key


@given(st.integers(0, 71), st.characters(codec="utf-8"))
def test_a_key_with_one_other_character_is_mistyped(place: int, letter: str) -> None:
    text = new_key().text()
    assert len(text) == 73
    wrong = text[:place] + letter + text[place + 1 :]
    if wrong != text:
        with pytest.raises(AccessError) as error:
            parse_key(wrong)
        assert error.value.code == "api_key_mistyped"


@given(st.integers(7, 71))
def test_a_key_with_two_neighbours_swapped_is_mistyped(place: int) -> None:
    text = new_key().text()
    wrong = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if wrong != text:
        with pytest.raises(AccessError):
            parse_key(wrong)


@given(st.text(max_size=200))
def test_no_text_that_is_no_key_is_taken_for_one_or_breaks_the_reading(text: str) -> None:
    for given_text in (text, f"metier_{text}", new_key().text() + text[:5] + "x"):
        with pytest.raises(AccessError):
            parse_key(given_text)


@pytest.mark.parametrize("around", [" {}", "{} ", "{}\n", "{}\0", "x{}", "METIER{}"])
def test_nothing_may_stand_around_a_key(around: str) -> None:
    with pytest.raises(AccessError):
        parse_key(around.format(new_key().text()))


# --- making and keeping -------------------------------------------------------------------


async def test_a_key_stands_for_its_actor_with_roles_scopes_and_grants(keys: ApiKeys) -> None:
    row, text = await keys.create(
        "acme", "anna", by="me", roles=["privacy_officer", "member"], scopes=["subject", "audit"],
        may_act_for=["ben", "王丽华"],
    )  # fmt: skip
    actor = (await keys.verify(text)).actor
    assert (actor.tenant, actor.id) == ("acme", "anna")
    assert actor.roles == {"privacy_officer", "member"}
    assert actor.scopes == {"subject", "audit"}
    assert actor.may_act_for == {"ben", "王丽华"}
    assert actor.break_glass == ""
    assert text.startswith(f"metier_{row.id}_")


async def test_only_the_digest_of_the_secret_is_kept(keys: ApiKeys, store: MemoryKeys) -> None:
    row, text = await keys.create("acme", "anna", by="me")
    secret = parse_key(text).secret
    assert store.rows[row.id].digest[:32] == hashlib.sha256(secret.encode()).digest()
    kept = repr(store.rows) + repr(store.events) + repr(await keys.list("acme"))
    assert secret not in kept and text not in kept
    assert row.digest.hex() not in repr(await keys.list("acme")) + repr(store.events)


async def test_each_change_is_told_to_the_audit_log(keys: ApiKeys, store: MemoryKeys) -> None:
    row, _ = await keys.create("acme", "anna", by="root", scopes=["chat"], may_act_for=["*"])
    assert await keys.revoke("acme", row.id, by="eve")
    made, ended = store.events
    assert (made.kind, made.key, made.by, made.actor) == (
        "api-key-created", row.id, "root", "anna",
    )  # fmt: skip
    assert (made.scopes, made.grants, made.expires) == (("chat",), -1, row.expires)
    assert (ended.kind, ended.key, ended.by, ended.actor) == (
        "api-key-revoked", row.id, "eve", "anna",
    )  # fmt: skip


async def test_a_key_ends_after_its_days(keys: ApiKeys, clock: Clock) -> None:
    _, text = await keys.create("acme", "anna", by="me", expires_days=2)
    clock.on(2 * 86400 - 1)
    left = (await keys.verify(text)).seconds
    assert left == pytest.approx(1)
    clock.on(1)
    assert await refused(keys, text) == "api_key_expired"
    assert [k.state for k in await keys.list("acme")] == ["expired"]


async def test_without_days_said_a_key_ends_after_ninety(keys: ApiKeys, clock: Clock) -> None:
    _, text = await keys.create("acme", "anna", by="me")
    _, lasting = await keys.create("acme", "anna", by="me", expires_days=None)
    clock.on(90 * 86400)
    assert await refused(keys, text) == "api_key_expired"
    assert (await keys.verify(lasting)).seconds is None


async def test_a_revoked_key_is_refused_and_can_be_revoked_once(keys: ApiKeys) -> None:
    row, text = await keys.create("acme", "anna", by="me")
    assert await keys.revoke("acme", row.id, by="me")
    assert not await keys.revoke("acme", row.id, by="me")
    assert await refused(keys, text) == "api_key_revoked"
    assert [k.state for k in await keys.list("acme")] == ["revoked"]


async def test_that_a_key_ended_is_told_to_the_holder_of_its_secret_alone(
    keys: ApiKeys, clock: Clock
) -> None:
    row, _ = await keys.create("acme", "anna", by="me", expires_days=1)
    await keys.revoke("acme", row.id, by="me")
    clock.on(3 * 86400)
    guess = replace(new_key(), id=row.id).text()
    assert await refused(keys, guess) == "invalid_api_key"
    assert await refused(keys, new_key().text()) == "invalid_api_key"


async def test_two_tenants_keys_stay_apart(keys: ApiKeys, store: MemoryKeys) -> None:
    ours, ours_text = await keys.create("acme", "anna", by="me")
    theirs, theirs_text = await keys.create("globex", "anna", by="me")
    assert (await keys.verify(ours_text)).actor.tenant == "acme"
    assert (await keys.verify(theirs_text)).actor.tenant == "globex"
    assert [k.id for k in await keys.list("acme")] == [ours.id]
    assert not await keys.revoke("acme", theirs.id, by="me")
    assert (await keys.verify(theirs_text)).actor.tenant == "globex"
    assert [change.kind for change in store.events] == ["api-key-created"] * 2
    # The secret of one key under the id of another is neither.
    mixed = replace(parse_key(ours_text), id=theirs.id).text()
    assert await refused(keys, mixed) == "invalid_api_key"


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"roles": ["root"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"scopes": []}, "scopes"),
        ({"expires_days": 0}, "expires_days"),
        ({"expires_days": 3651}, "expires_days"),
        ({"may_act_for": [""]}, "may_act_for"),
        ({"may_act_for": ["a\nb"]}, "may_act_for"),
    ],
)
async def test_what_a_key_cannot_be_is_refused(
    keys: ApiKeys, store: MemoryKeys, wrong: dict[str, object], param: str
) -> None:
    with pytest.raises(BadRequest) as error:
        await keys.create("acme", "anna", by="me", **wrong)  # type: ignore[arg-type]
    assert error.value.param == param
    assert not store.rows and not store.events


@pytest.mark.parametrize("name", ["", " ", "a\0b", "\ud800", "x" * 513, " anna"])
async def test_an_actor_and_a_tenant_need_a_usable_name(keys: ApiKeys, name: str) -> None:
    with pytest.raises(BadRequest):
        await keys.create("acme", name, by="me")
    with pytest.raises(BadRequest):
        await keys.create(name, "anna", by="me")


CHANGES: dict[str, object] = {
    "roles": '["privacy_officer"]', "scopes": '["*"]', "may_act_for": '["*"]', "actor": "ben",
    "tenant": "globex", "expires": None, "created": 0,
}  # fmt: skip


@pytest.mark.parametrize("column", CHANGES)
async def test_a_row_that_was_changed_lets_nobody_in(
    keys: ApiKeys, store: MemoryKeys, column: str
) -> None:
    row, text = await keys.create("acme", "anna", by="me")
    for value in (CHANGES[column], "", b"x", 7):
        store.rows[row.id] = replace(row, **{column: value})  # type: ignore[arg-type]
        with pytest.raises(MetierError) as error:
            await keys.verify(text)
        assert (error.value.code, error.value.status) == ("api_key_damaged", 503)
        listed = await keys.list(store.rows[row.id].tenant)
        assert "damaged" in {info.state for info in listed}


async def test_a_revoked_key_stays_revoked_where_its_older_row_is_put_back(
    keys: ApiKeys, store: MemoryKeys
) -> None:
    row, text = await keys.create("acme", "anna", by="me")
    assert await keys.revoke("acme", row.id, by="me")
    kept = store.rows[row.id]
    for value in (0, 1, b"x"):  # when it ended is of the log
        store.rows[row.id] = replace(kept, revoked=value)  # type: ignore[arg-type]
        assert [(k.state, k.revoked) for k in await keys.list("acme")] == [
            ("revoked", kept.revoked)
        ]
    store.rows[row.id] = row
    assert await refused(keys, text) == "api_key_revoked"
    assert [k.state for k in await keys.list("acme")] == ["damaged"]


async def test_a_key_whose_row_is_gone_is_listed_as_gone(keys: ApiKeys, store: MemoryKeys) -> None:
    row, text = await keys.create("acme", "anna", by="me")
    del store.rows[row.id]
    assert [(k.id, k.state) for k in await keys.list("acme")] == [(row.id, "gone")]
    assert await refused(keys, text) == "invalid_api_key"
