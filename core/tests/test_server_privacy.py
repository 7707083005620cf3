"""The privacy layer over HTTP: Presidio's fields, tokens bound to their actor, OpenAI errors."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metier import config
from metier.app import Metier, make_keys
from metier.hookspecs import hookimpl
from metier.model import Actor, Manifest
from metier.privacy import PSEUDONYM, Detector
from metier.server import Limits, create_app
from metier.server._privacy import MOST_CHARACTERS, TOKEN_LIFE

SECRET = "Zebulon Quartermain"
ACTORS = {
    "anna-key": Actor("default", "anna"),
    "ben-key": Actor("default", "ben"),
    "other-key": Actor("other", "anna"),
}


class Toy:
    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(name="toy", title="Toy", description="Nothing.")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Client(httpx.AsyncClient):
    clock: Clock

    async def ask(self, route: str, key: str = "anna-key", **body: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return await self.post(f"/v1/privacy/{route}", json=body, headers=headers)

    async def told(self, route: str, **body: Any) -> Any:
        reply = await self.ask(route, **body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def refused(self, route: str, status: int, key: str = "anna-key", **body: Any) -> str:
        """The code of an error, which has the OpenAI shape and no content."""
        reply = await self.ask(route, key, **body)
        assert reply.status_code == status, reply.text
        assert SECRET not in reply.text and "王丽华" not in reply.text
        error = reply.json()["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        code: str = error["code"]
        return code


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Metier, Clock]:
    home = tmp_path_factory.mktemp("home")
    make_keys(home)
    clock = Clock()
    app = Metier.open(home, config.Settings(embeddings="none"), plugins=[Toy()], clock=clock)
    return app, clock


@pytest.fixture
async def client(served: tuple[Metier, Clock]) -> AsyncIterator[Client]:
    app, clock = served
    keys = {hashlib.sha256(key.encode()).hexdigest(): actor for key, actor in ACTORS.items()}
    asgi = create_app(app, keys=keys, limits=Limits(max_body_bytes=2_000_000))
    transport = httpx.ASGITransport(app=asgi)
    async with Client(transport=transport, base_url="http://test") as client:
        client.clock = clock
        yield client


# --- analyze ----------------------------------------------------------------------------


async def test_analyze_answers_as_presidio_does(client: Client) -> None:
    text = "My name is Anna Smith, anna@mail.example"
    found = await client.told("analyze", text=text, language="en", correlation_id="c-1")
    assert [f["entity_type"] for f in found] == ["PERSON", "EMAIL_ADDRESS"]
    assert [text[f["start"] : f["end"]] for f in found] == ["Anna Smith", "anna@mail.example"]
    fields = {"entity_type", "start", "end", "score", "analysis_explanation"}
    assert all(f.keys() == fields and 0 <= f["score"] <= 1 for f in found)


async def test_offsets_are_characters_also_in_chinese_and_after_emoji(client: Client) -> None:
    text = "👩‍⚕️你好，我叫王丽华，电话13812345678。"
    found = await client.told("analyze", text=text, language="zh")
    assert {text[f["start"] : f["end"]] for f in found} == {"王丽华", "13812345678"}


async def test_a_list_of_texts_gives_a_list_for_each(client: Client) -> None:
    one, two, none = await client.told(
        "analyze", text=["I am Anna Smith.", "我叫王丽华。", "Frost."], language="en"
    )
    assert one[0]["entity_type"] == two[0]["entity_type"] == "PERSON" and none == []


async def test_entities_threshold_and_allow_list_choose(client: Client) -> None:
    asked = {"text": "I am Anna Smith, anna@mail.example", "language": "en"}
    only = await client.told("analyze", **asked, entities=["EMAIL_ADDRESS"])
    assert [f["entity_type"] for f in only] == ["EMAIL_ADDRESS"]
    every = await client.told("analyze", **asked)
    most = max(f["score"] for f in every)
    kept = await client.told("analyze", **asked, score_threshold=most)
    assert kept == [f for f in every if f["score"] == most]
    allowed = await client.told("analyze", **asked, allow_list=["Anna Smith"])
    assert [f["entity_type"] for f in allowed] == ["EMAIL_ADDRESS"]


async def test_what_can_be_found_is_listed(client: Client) -> None:
    reply = await client.get(
        "/v1/privacy/supportedentities", headers={"Authorization": "Bearer anna-key"}
    )
    assert {"PERSON", "EMAIL_ADDRESS", "PHONE_NUMBER"} <= set(reply.json())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": 3},
        {"text": ["a", 3]},
        {"text": "a", "entities": ["NO_SUCH_TYPE"]},
        {"text": "a", "entities": "PERSON"},
        {"text": "a", "score_threshold": 2},
        {"text": "a", "return_decision_process": True},
        {"text": "a", "ad_hoc_recognizers": [{"name": "x"}]},
        {"text": "a", "context": ["x"]},
        {"text": "a", "allow_list": ["x"], "allow_list_match": "regex"},
    ],
)
async def test_what_would_change_the_answer_and_is_not_there_is_refused(
    client: Client, body: dict[str, Any]
) -> None:
    await client.refused("analyze", 400, **body)


# --- pseudonymise and restore ----------------------------------------------------------------


async def test_text_goes_there_and_back(client: Client) -> None:
    text = "I am Anna Smith. 我叫王丽华，电话13812345678。"
    hidden = await client.told("pseudonymise", text=text)
    assert hidden.keys() == {"text", "vault", "expires_at"}
    for value in ("Anna", "Smith", "王丽华", "13812345678"):
        assert value not in hidden["text"] and value not in hidden["vault"]
    back = await client.told("restore", text=hidden["text"], vault=hidden["vault"])
    assert back == {"text": text}


async def test_a_name_in_one_text_of_a_list_is_hidden_in_all(client: Client) -> None:
    texts = ["Smith called.", "I am Anna Smith."]
    hidden = await client.told("pseudonymise", text=texts)
    assert not any("Smith" in text for text in hidden["text"])
    back = await client.told("restore", text=hidden["text"], vault=hidden["vault"])
    assert back["text"] == texts


async def test_messages_keep_their_shape(client: Client) -> None:
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "name": "Anna Smith", "content": [
            {"type": "text", "text": "我叫王丽华。"}, {"type": "text", "text": "Call 王丽华."}]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {
                "name": "call", "arguments": '{"name": "王丽华", "phone": 13812345678}'}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
    ]  # fmt: skip
    hidden = await client.told("pseudonymise", messages=messages)
    shown = json.dumps(hidden["messages"], ensure_ascii=False)
    assert "王丽华" not in shown and "Smith" not in shown and "13812345678" not in shown
    assert [m.keys() for m in hidden["messages"]] == [m.keys() for m in messages]
    back = await client.told("restore", messages=hidden["messages"], vault=hidden["vault"])
    assert back["messages"] == messages


async def test_json_keeps_keys_and_numbers(client: Client) -> None:
    value = {"患者姓名": "罗丝", "phone": 13812345678, "n": [1.5, None, True], "a@b.example": "x"}
    hidden = await client.told("pseudonymise", json=value)
    assert "罗丝" not in str(hidden["json"]) and "a@b" not in str(hidden["json"])
    assert hidden["json"]["n"] == value["n"] and "患者姓名" in hidden["json"]
    back = await client.told("restore", json=hidden["json"], vault=hidden["vault"])
    assert back["json"] == value


async def test_a_vault_that_is_given_back_keeps_the_pseudonyms(client: Client) -> None:
    first = await client.told("pseudonymise", text="I am Anna Smith.")
    more = await client.told("pseudonymise", text="Anna Smith and Ben Jones", vault=first["vault"])
    (anna,) = PSEUDONYM.findall(first["text"])
    assert anna in more["text"]
    back = await client.told("restore", text=first["text"] + more["text"], vault=more["vault"])
    assert back["text"] == "I am Anna Smith.Anna Smith and Ben Jones"


@pytest.mark.parametrize("key", ["ben-key", "other-key"])
async def test_the_token_of_another_actor_or_tenant_is_refused(client: Client, key: str) -> None:
    hidden = await client.told("pseudonymise", text=f"I am {SECRET}.")
    asked = {"text": hidden["text"], "vault": hidden["vault"]}
    assert await client.refused("restore", 403, key, **asked) == "vault_refused"
    assert await client.refused("pseudonymise", 403, key, **asked) == "vault_refused"


async def test_a_token_expires(client: Client) -> None:
    hidden = await client.told("pseudonymise", text="I am Anna Smith.")
    asked = {"text": hidden["text"], "vault": hidden["vault"]}
    client.clock.now += TOKEN_LIFE - timedelta(seconds=1)
    assert (await client.told("restore", **asked))["text"] == "I am Anna Smith."
    client.clock.now += timedelta(seconds=1)
    assert await client.refused("restore", 410, **asked) == "vault_expired"
    assert await client.refused("pseudonymise", 410, **asked) == "vault_expired"


async def test_a_token_that_was_changed_is_refused(client: Client) -> None:
    token = (await client.told("pseudonymise", text="I am Anna Smith."))["vault"]
    for broken in (token[:-8], token[8:], token[:60] + "AAAA" + token[64:], "x", "é", "===="):
        assert await client.refused("restore", 403, text="a", vault=broken) == "vault_refused"


@pytest.mark.parametrize("route", ["analyze", "pseudonymise", "restore"])
async def test_a_key_is_needed_and_sizes_are_limited(client: Client, route: str) -> None:
    assert await client.refused(route, 401, "no-key", text=SECRET) == "invalid_api_key"
    token = (await client.told("pseudonymise", text="x"))["vault"]
    long = "x" * (MOST_CHARACTERS + 1)
    assert await client.refused(route, 413, text=long, vault=token) == "text_too_long"
    assert await client.refused(route, 413, text=["x" * 2_000_000]) == "body_too_large"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {}),
        (400, {"text": "a", "json": {}}),
        (400, {"messages": [{"role": "user", "content": "a", "user": SECRET}]}),
        (400, {"messages": [{"role": "user", "content": [{"type": "image_url", "x": SECRET}]}]}),
        (400, {"messages": [{"role": "assistant", "tool_calls": [{"id": "1", "x": SECRET}]}]}),
        (400, {"messages": [SECRET]}),
        (403, {"text": "a", "target": "nowhere"}),
        (404, {"text": "a", "domain": "nope"}),
    ],
)
async def test_what_would_not_be_searched_is_refused(
    client: Client, status: int, body: dict[str, Any]
) -> None:
    await client.refused("pseudonymise", status, **body)


async def test_the_event_loop_is_free_while_texts_are_searched(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    scan = Detector.scan
    monkeypatch.setattr(Detector, "scan", lambda d, text: go.wait(60) and scan(d, text))
    searching = asyncio.ensure_future(client.told("analyze", text="I am Anna Smith."))
    headers = {"Authorization": "Bearer anna-key"}
    assert (await client.get("/v1/models", headers=headers)).status_code == 200
    assert not searching.done()
    go.set()
    assert [f["entity_type"] for f in await searching] == ["PERSON"]


LEAVES = st.sampled_from(
    ["Anna Smith", "王丽华", "anna@mail.example", "13812345678", "<PERSON_7KQ22>", "hello", ""]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
VALUES = st.recursive(
    LEAVES | st.integers(-(2**53), 2**53) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LEAVES, inner, max_size=3),
    max_leaves=6,
)


@settings(
    deadline=None, max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(value=st.dictionaries(LEAVES, VALUES, max_size=3))
async def test_json_comes_back(client: Client, value: dict[str, Any]) -> None:
    hidden = await client.told("pseudonymise", json=value)
    back = await client.told("restore", json=hidden["json"], vault=hidden["vault"])
    assert back["json"] == value
