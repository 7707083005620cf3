"""Whom a chat platform's key acts for, and which of its chats a request belongs to."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from served import CHAT, audited, client_of, nothing_stored, problem, stored
from toy import Gardening

from metier.access import Authenticator, PlatformUsers
from metier.app import Metier
from metier.config import Settings
from metier.model import Actor, Answer, MetierError, Passage, Why
from metier.pipeline._remember import citations
from metier.server import create_app, make_authenticator
from metier.server._platform import counted_notes

KEY, MEMBER = "platform-key", "member-key"
SECRET = "s" * 32
ANNA, BEN = "0b5e7f9a-anna", "77d1c2e4-ben"
NAME, EMAIL = "Zebulon Quartermain", "zebulon@mail.example"


def token(user: Any, secret: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    now = int(time.time())
    given = {
        "sub": user, "name": NAME, "email": EMAIL, "role": "user", "iss": "open-webui",
        "iat": now, "exp": now + 300, **claims,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(given, secret, algorithm)


def signed(user: str, **headers: str) -> dict[str, str]:
    return {"X-OpenWebUI-User-Jwt": token(user), **headers}


@asynccontextmanager
async def platform_of(app: Metier, grants: frozenset[str]) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the key of a platform."""
    actors = {KEY: Actor("default", "chat", may_act_for=grants), MEMBER: Actor("default", "eve")}
    fixed = {hashlib.sha256(key.encode()).hexdigest(): actor for key, actor in actors.items()}
    access = Authenticator(fixed, users=PlatformUsers({("default", "chat"): SECRET}))
    transport = httpx.ASGITransport(app=create_app(app, access=access))  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def platform(open_metier: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with platform_of(await open_metier(Gardening()), frozenset("*")) as client:
        yield client


def body(*said: str) -> dict[str, Any]:
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(said)]
    return {"model": "gardening", "messages": messages}


async def ask(
    client: httpx.AsyncClient, headers: Mapping[str, str], *said: str
) -> tuple[str, dict[str, Any]]:
    answer = await client.post(CHAT, json=body(*said), headers=dict(headers))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return found["choices"][0]["message"]["content"], found["metier"]


async def test_two_users_of_a_platform_are_two_subjects(
    platform: httpx.AsyncClient, home: Path
) -> None:
    await ask(platform, signed(ANNA), "My balcony faces north.")
    assert "north" in (await ask(platform, signed(ANNA), "When do I prune?"))[0]
    assert "north" not in (await ask(platform, signed(BEN), "When do I prune?"))[0]
    ended = [e for e in audited(home) if e["kind"] == "turn"]
    assert [(e["actor"], e["subject"]) for e in ended] == [
        ("chat", ANNA), ("chat", ANNA), ("chat", BEN),
    ]  # fmt: skip


async def test_the_profile_that_is_shown_is_the_users(platform: httpx.AsyncClient) -> None:
    await ask(platform, signed(ANNA), "My balcony faces north.")
    for user, known in ((ANNA, 1), (BEN, 0)):
        facts = (await platform.get("/v1/profile", headers=signed(user))).json()["data"]
        assert len(facts) == known


REFUSED: dict[str, tuple[dict[str, str], int, str]] = {
    "no user": ({}, 403, "user_missing"),
    "an unsigned user": ({"X-OpenWebUI-User-Id": ANNA}, 403, "user_missing"),
    "a subject without a signature": ({"X-Metier-Subject": ANNA}, 403, "user_missing"),
    "another subject than signed for": (signed(BEN, **{"X-Metier-Subject": ANNA}), 403,
                                        "user_missing"),
    **{
        name: ({"X-OpenWebUI-User-Jwt": given}, 401, "user_token")
        for name, given in {
            "another secret": token(ANNA, "t" * 32),
            "no algorithm": token(ANNA, "", "none"),
            "another algorithm": token(ANNA, "s" * 64, "HS512"),
            "another issuer": token(ANNA, iss="somebody"),
            "no issuer": token(ANNA, iss=None),
            "no subject": token(None),
            "an empty subject": token(""),
            "a number": token(ANNA, sub=7),
            "no end": token(ANNA, exp=None),
            "no beginning": token(ANNA, iat=None),
            "past": token(ANNA, iat=int(time.time()) - 700, exp=int(time.time()) - 400),
            "to come": token(ANNA, iat=int(time.time()) + 400, exp=int(time.time()) + 700),
            "too long a life": token(ANNA, exp=int(time.time()) + 86_400),
            "no time": token(ANNA, iat=True),
            "endless": "a" * 9000,
            "no token": "Bearer",
        }.items()
    },
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
async def test_a_platforms_key_does_nothing_without_the_signature_of_a_user(
    platform: httpx.AsyncClient, home: Path, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers, status, code = REFUSED[case]
    with caplog.at_level(logging.DEBUG):
        answer = await platform.post(CHAT, json=body("My balcony faces north."), headers=headers)
    error = problem(answer, status, case)
    assert error["code"] == code
    assert nothing_stored(home)
    assert not any(word in answer.text + caplog.text for word in (NAME, EMAIL, ANNA, SECRET))


async def test_a_user_is_acted_for_only_with_a_grant(open_metier: Any) -> None:
    async with platform_of(await open_metier(Gardening()), frozenset({BEN})) as client:
        await ask(client, signed(BEN), "When do I prune?")
        answer = await client.post(CHAT, json=body("Hello"), headers=signed(ANNA))
    assert problem(answer, 403)["code"] == "not_granted"


async def test_the_models_are_listed_without_a_user(platform: httpx.AsyncClient) -> None:
    listed = (await platform.get("/v1/models")).json()["data"]
    assert "gardening" in {m["id"] for m in listed}


async def test_the_header_is_nothing_to_other_keys(platform: httpx.AsyncClient, home: Path) -> None:
    await ask(platform, {"Authorization": f"Bearer {MEMBER}", **signed(ANNA)}, "Hello")
    assert [e["subject"] for e in audited(home) if e["kind"] == "turn"] == ["eve"]


async def test_name_and_address_of_a_user_are_nowhere(
    platform: httpx.AsyncClient, home: Path
) -> None:
    await ask(platform, signed(ANNA), "When do I prune?")
    everything = repr(stored(home)) + repr(audited(home))
    assert not any(word in everything for word in (NAME, EMAIL, SECRET))


async def test_the_words_sent_to_the_model_are_not_shown_to_a_platform(
    platform: httpx.AsyncClient,
) -> None:
    asked = body("When do I prune?") | {"metier": {"explain": True}}
    answer = (await platform.post(CHAT, json=asked, headers=signed(ANNA))).json()
    assert answer["metier"]["why"]["outgoing"] is None


@pytest.mark.parametrize("secret", [None, "short"])
async def test_a_platform_without_a_secret_lets_no_server_start(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    platforms = [{"actor": "chat", "secret_env": "METIER_TEST_SECRET"}]
    app = await open_metier(Gardening(), access={"platforms": platforms})
    monkeypatch.delenv("METIER_TEST_SECRET", raising=False)
    if secret:
        monkeypatch.setenv("METIER_TEST_SECRET", secret)
    with pytest.raises(MetierError, match="METIER_TEST_SECRET"):
        make_authenticator(app)
    monkeypatch.setenv("METIER_TEST_SECRET", SECRET)
    assert isinstance(make_authenticator(app), Authenticator)


def test_a_platform_is_configured_with_an_actor_and_a_secret() -> None:
    with pytest.raises(ValueError, match="secret_env"):
        Settings(access={"platforms": [{"actor": "chat"}]})  # type: ignore[arg-type]


# --- chats ----------------------------------------------------------------------------

CHAT_ID = "X-OpenWebUI-Chat-Id"


async def test_a_chat_of_the_platform_is_a_conversation(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        _, first = await ask(client, {CHAT_ID: "c-1"}, "Hello")
        _, other = await ask(client, {CHAT_ID: "c-2"}, "Hello")
        # The platform shows an answer in its own way, so no chain of messages would hold.
        _, again = await ask(client, {CHAT_ID: "c-1"}, "Hello", "shown otherwise", "And roses?")
    assert first["conversation"] == again["conversation"] != other["conversation"]


async def test_an_answer_that_is_made_anew_does_not_see_the_one_before(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        asked = body("When do I prune?") | {"metier": {"explain": True}}
        for _ in range(2):
            answer = (await client.post(CHAT, json=asked, headers={CHAT_ID: "c-1"})).json()
    assert answer["metier"]["why"]["outgoing"].count("When do I prune?") == 1


@pytest.mark.parametrize("chat", ["temporary:a1", "local:a1"])
async def test_a_temporary_chat_is_kept_nowhere(open_metier: Any, home: Path, chat: str) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        await ask(client, {CHAT_ID: chat}, "My balcony faces north.")
        assert nothing_stored(home)
        shown, _ = await ask(client, {CHAT_ID: chat}, "When do I prune?")
    assert "north" not in shown


async def test_in_a_channel_no_profile_is_used_and_nothing_is_learnt(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        await ask(client, {}, "My balcony faces north.")
        shown, _ = await ask(client, {CHAT_ID: "channel:a1"}, "Ben: When do I prune?")
        await ask(client, {CHAT_ID: "channel:a1"}, "I am Ben Miller.")
        facts = (await client.get("/v1/profile")).json()["data"]
    assert "north" not in shown
    assert {f["slot"] for f in facts} == {"light"}


async def test_a_chats_id_is_bounded(open_metier: Any) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        answer = await client.post(CHAT, json=body("Hello"), headers={CHAT_ID: "c" * 600})
    assert problem(answer, 400)["param"] == CHAT_ID


# --- sources --------------------------------------------------------------------------


def passage(name: str, url: str) -> Passage:
    return Passage(name, f"About {name}.", name.title(), "Almanac", url=url)


def answer_citing(text: str, *passages: Passage) -> Answer:
    why = Why(passages=passages)
    return Answer(
        id="a", conversation="c", domain="gardening", text=text, language="en", finish="stop",
        citations=citations(text, passages), why=why,
    )  # fmt: skip


def told(answer: Answer) -> list[tuple[str, str]]:
    notes = [note["url_citation"] for note in counted_notes(answer)]
    return [(note["title"], note["url"]) for note in notes]


PAGES = (
    passage("frost", "https://example.org/frost"), passage("rain", "https://example.org/rain"),
    passage("snow", "https://example.org/frost"), passage("wind", ""),
    passage("sun", "https://example.org/sun"),
)  # fmt: skip


def test_sources_are_told_in_the_order_of_their_numbers_whatever_is_cited_first() -> None:
    assert told(answer_citing("Snow [2], frost [1].", *PAGES)) == [
        ("Frost", "https://example.org/frost"), ("Rain", "https://example.org/rain"),
    ]  # fmt: skip


def test_what_is_not_cited_keeps_the_place_of_its_number() -> None:
    assert told(answer_citing("It rains. [2]", *PAGES)) == [
        ("Not cited: Frost", "#1"), ("Rain", "https://example.org/rain"),
    ]  # fmt: skip


def test_no_two_sources_have_one_address() -> None:
    shown = told(answer_citing("[1] [2] [3] [4]", *PAGES))
    assert shown[2:] == [("Snow", "https://example.org/frost#3"), ("Wind", "#4")]
    assert len({url for _, url in shown}) == 4


def test_a_note_points_to_its_mark() -> None:
    text = "Rain [2]. Frost [1]."
    for number, note in enumerate(counted_notes(answer_citing(text, *PAGES)), 1):
        place = note["url_citation"]
        assert text[place["start_index"] : place["end_index"]] == f"[{number}]"
    assert told(answer_citing("Nothing.", *PAGES)) == []


async def test_open_webui_is_told_of_sources_in_the_stream_and_in_the_whole(
    open_metier: Any,
) -> None:
    async with client_of(await open_metier(Gardening())) as client:
        asked, headers = body("When do I prune?"), {CHAT_ID: "c-1"}
        whole = (await client.post(CHAT, json=asked, headers=headers)).json()
        stream = await client.post(CHAT, json={**asked, "stream": True}, headers=headers)
    lines = [x.removeprefix("data: ") for x in stream.text.split("\n") if x.startswith("data: {")]
    deltas = [c["delta"] for x in lines for c in json.loads(x)["choices"]]
    (notes,) = [d["annotations"] for d in deltas if "annotations" in d]
    assert notes == whole["choices"][0]["message"]["annotations"]
    assert notes[0]["url_citation"]["url"] == "https://example.org/frost"
