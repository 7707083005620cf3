"""The stock `openai` client and LangChain's `ChatOpenAI`, unchanged, against every domain."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from live_server import served_domains

from metier.model import Actor
from metier.server import create_app

KEY = "metier-test-key"
DOMAINS = {
    "education": ("Solve 2x + 3 = 11", "hint"),
    "healthcare": ("What helps against a sore throat?", "throat"),
    "support": ("Where is my order ORD-10427?", "shipped"),
    "writing": ("Please correct: Its a example.", "It's an example"),
}


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    actors = {KEY: Actor("default", "anna")}
    with served_domains(tmp_path_factory.mktemp("home"), actors) as url:
        yield url


@pytest.fixture
def client(base_url: str) -> Any:
    from openai import OpenAI

    with OpenAI(base_url=base_url, api_key=KEY, max_retries=0) as found:
        yield found


def test_domains_are_models(client: Any) -> None:
    assert {m.id for m in client.models.list()} == set(DOMAINS)
    assert client.models.retrieve("writing").id == "writing"


@pytest.mark.parametrize("domain", DOMAINS)
def test_chat_whole_and_streamed_say_the_same(client: Any, domain: str) -> None:
    message, expected = DOMAINS[domain]
    messages = [{"role": "user", "content": message}]
    whole = client.chat.completions.create(model=domain, messages=messages)
    assert expected in whole.choices[0].message.content
    assert whole.usage.total_tokens == 0 and whole.choices[0].finish_reason == "stop"
    chunks = list(
        client.chat.completions.create(
            model=domain, messages=messages, stream=True, stream_options={"include_usage": True}
        )
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert expected in text
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage is not None


@pytest.mark.parametrize("domain", DOMAINS)
def test_responses_whole_and_streamed(client: Any, domain: str) -> None:
    message, expected = DOMAINS[domain]
    whole = client.responses.create(model=domain, input=message)
    assert expected in whole.output_text and whole.status == "completed"
    events = list(client.responses.create(model=domain, input=message, stream=True))
    assert events[0].type == "response.created" and events[-1].type == "response.completed"
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert expected in text
    assert [e.sequence_number for e in events] == list(range(len(events)))


def test_a_response_is_continued_by_its_id(client: Any) -> None:
    first = client.responses.create(model="education", input="Solve 2x + 3 = 11")
    second = client.responses.create(
        model="education", input="x = 4", previous_response_id=first.id
    )
    assert "right" in second.output_text


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("responses", [False, True])
def test_langchain_chat_openai(base_url: str, domain: str, responses: bool) -> None:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        model=domain, base_url=base_url, api_key=KEY, use_responses_api=responses, max_retries=0
    )
    message, expected = DOMAINS[domain]
    assert expected in model.invoke(message).text
    streamed = "".join(chunk.text for chunk in model.stream(message))
    assert expected in streamed


def test_an_action_is_confirmed_in_the_next_message(client: Any) -> None:
    asked = "Please cancel order ORD-10428"
    messages: list[dict[str, str]] = [{"role": "user", "content": asked}]
    first = client.chat.completions.create(model="support", messages=messages)
    question = first.choices[0].message.content
    assert "confirm" in question and "ORD-10428" in question
    messages += [{"role": "assistant", "content": question}, {"role": "user", "content": "yes"}]
    second = client.chat.completions.create(model="support", messages=messages)
    assert "ORD-10428 is cancelled" in second.choices[0].message.content


def test_errors_have_the_types_the_client_knows(client: Any, base_url: str) -> None:
    import openai

    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="nope", messages=[{"role": "user", "content": "x"}])
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="writing", messages=[])
    stranger = openai.OpenAI(base_url=base_url, api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.models.list()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{oops", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"model": "writing", "messages": [{"role": "user", "content": "a\\u0000b"}]}', 400),
        (b'{"model": "writing", "messages": [{"role": "wizard", "content": "x"}]}', 400),
        (b'{"model": "writing", "n": "x", "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "writing", "messages": [{"role": "user", "content": ""}]}', 400),
        (b"x" * 300_000, 413),
    ],
)
def test_bad_bodies_get_the_openai_error_shape(base_url: str, body: bytes, status: int) -> None:
    import httpx

    for path in ("chat/completions", "responses"):
        if path == "responses" and b"messages" in body:
            continue
        answer = httpx.post(
            f"{base_url}/{path}", content=body, headers={"Authorization": f"Bearer {KEY}"}
        )
        assert answer.status_code == status
        assert set(answer.json()["error"]) == {"message", "type", "param", "code"}


def test_profile_search_health_and_plugin_routes(base_url: str) -> None:
    import httpx

    root = base_url.removesuffix("/v1")
    with httpx.Client(headers={"Authorization": f"Bearer {KEY}"}) as http:
        body = {"slot": "contact_channel", "value": "e-mail", "category": "commerce"}
        fact = http.put(f"{base_url}/profile", json=body).json()
        assert fact["id"] in [f["id"] for f in http.get(f"{base_url}/profile").json()["data"]]
        assert http.delete(f"{base_url}/profile/{fact['id']}").json()["deleted"]
        found = http.post(
            f"{base_url}/search", json={"domain": "healthcare", "query": "sore throat"}
        ).json()["data"]
        assert found[0]["title"] == "Sore throat"
        assert http.post(f"{base_url}/recommend", json={"domain": "support"}).json()["data"]
        assert "mastery" in http.post(f"{base_url}/plugins/education/mastery", json={}).json()
        assert http.get(f"{base_url}/nothing").json()["error"]["code"] == "not_found"
    assert httpx.get(f"{root}/healthz").json() == {"status": "ok"}
    assert httpx.get(f"{root}/readyz").status_code == 200
    assert httpx.get(f"{base_url}/profile").status_code == 401


async def test_a_client_that_goes_away_closes_the_turn() -> None:
    closed = asyncio.Event()

    class Slow:
        async def stream(self, request: Any) -> Any:
            try:
                await asyncio.sleep(30)
                yield None
            finally:
                closed.set()

        def domains(self) -> list[Any]:
            return []

    digest = hashlib.sha256(KEY.encode()).hexdigest()
    asgi = create_app(Slow(), keys={digest: Actor("default", "anna")})  # type: ignore[arg-type]
    body = b'{"model": "writing", "messages": [{"role": "user", "content": "x"}]}'
    incoming = iter([{"type": "http.request", "body": body}, {"type": "http.disconnect"}])

    async def receive() -> Any:
        await asyncio.sleep(0.01)
        return next(incoming)

    async def send(message: Any) -> None:
        raise AssertionError("nothing is sent to a client that is gone")

    scope = {
        "type": "http", "method": "POST", "path": "/v1/chat/completions",
        "headers": [(b"authorization", f"Bearer {KEY}".encode())],
    }  # fmt: skip
    with suppress(asyncio.CancelledError):
        await asgi(scope, receive, send)
    assert closed.is_set()


def test_nothing_of_a_turn_is_in_clear_on_disk(client: Any, base_url: str, tmp_path: Path) -> None:
    secret = "Zebulon Quartermain"
    client.chat.completions.create(
        model="writing", messages=[{"role": "user", "content": f"My name is {secret}."}]
    )
    folders = [p for p in Path(tmp_path).parent.glob("home*") if p.is_dir()]
    assert folders
    for file in (f for folder in folders for f in folder.rglob("*") if f.is_file()):
        assert b"Quartermain" not in file.read_bytes()
