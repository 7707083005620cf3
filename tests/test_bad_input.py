"""What can't be served is refused: in the OpenAI shape, without content, never half done."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from served import (
    CHAT,
    KEY,
    RESPONSES,
    SECRET,
    Client,
    broken_off,
    chat,
    client_of,
    engine,
    nothing_stored,
    problem,
    stored,
)
from toy import Gardening

from metier import hookimpl
from metier.knowledge import Index
from metier.model import Route
from metier.store import Store
from metier_testing.upstream import RecordingUpstream

Serve = Callable[..., Any]


class Routed(Gardening):
    """Gardening with routes that go wrong."""

    @hookimpl
    def routes(self) -> list[Route]:
        async def fail(turn: Any, body: Any) -> Any:
            raise ValueError(SECRET)

        async def odd(turn: Any, body: Any) -> Any:
            return {"value": object()}

        return [Route("fail", fail), Route("odd", odd)]


@pytest.fixture
async def serve(open_metier: Any) -> AsyncIterator[Serve]:
    """`await serve(plugin, …, engine=…)`: a client of the application, in this process."""
    async with AsyncExitStack() as stack:

        async def build(*plugins: object, **options: Any) -> Client:
            app = await open_metier(*(plugins or (Routed(),)), **options)
            return await stack.enter_async_context(client_of(app))

        yield build


# --- bodies ----------------------------------------------------------------------

USER = b'{"model": "gardening", "%s": [{"role": "user", "content": "%s"}]}'
BODIES: dict[str, bytes] = {
    "no JSON": b"{oops " + SECRET.encode(),
    "a list": b"[]",
    "a text": b'"x"',
    "a number": b"5",
    "null": b"null",
    "half a body": b'{"model": "gardening", "mess',
    "bad UTF-8": b'{"model": "\xff\xfe"}',
    "UTF-16": '{"model": "gardening"}'.encode("utf-16"),
    "a surrogate in bytes": b'{"model": "\xed\xa0\x80"}',
    "a high surrogate alone": USER % (b"messages", b"\\ud800"),
    "a low surrogate alone": USER % (b"messages", b"a\\udfffb"),
    "surrogates the wrong way round": USER % (b"messages", b"\\udc00\\ud800"),
    "a raw control character": USER % (b"messages", b"a\x00b"),
    "deep lists": b'{"model": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "deep objects": b'{"a": ' * 3000 + b"1" + b"}" * 3000,
    "an infinite number": b'{"model": "gardening", "temperature": 1e999}',
    "NaN": b'{"model": "gardening", "temperature": NaN}',
}


@pytest.mark.parametrize("path", [CHAT, RESPONSES, "/v1/search", "/v1/recommend", "/v1/feedback"])
async def test_a_body_that_is_no_json_object_is_a_400(serve: Serve, path: str, home: Path) -> None:
    client = await serve()
    for what, body in BODIES.items():
        problem(await client.post(path, content=body), 400, what)
    if path in (CHAT, RESPONSES):  # elsewhere it stands for an object without fields
        problem(await client.post(path, content=b""), 400)
    assert nothing_stored(home)


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_json_that_is_nested_too_deeply_to_be_sent_on_is_a_400(
    serve: Serve, path: str, home: Path
) -> None:
    client = await serve()
    body = USER[:-1] % (b"messages" if path == CHAT else b"input", b"hello")
    for depth in (130, 300, 900):
        deep = b'{"a": ' * depth + b"1" + b"}" * depth
        tools = b'[{"type": "function", "function": {"name": "x", "parameters": %s}}]' % deep
        for field in ("tools", "tool_choice", "response_format", "text", "metadata", "other"):
            value = tools if field == "tools" else deep
            content = body + b', "%s": %s}' % (field.encode(), value)
            error = problem(await client.post(path, content=content), 400, (field, depth))
            assert "nested" in error["message"]
    assert nothing_stored(home)


async def test_brackets_inside_a_text_are_no_nesting(serve: Serve) -> None:
    client = await serve()
    body = chat(messages=[{"role": "user", "content": "[" * 3000 + "{" * 3000 + " prune?"}])
    assert (await client.post(CHAT, json=body)).status_code == 200


async def test_a_body_that_is_too_large_is_a_413_whatever_it_says_of_its_length(
    serve: Serve,
) -> None:
    client = await serve()
    big = b"x" * 300_000

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 10_000):
            yield big[start : start + 10_000]

    for path in (CHAT, RESPONSES, "/v1/search"):
        problem(await client.post(path, content=big), 413)
        problem(await client.post(path, content=pieces()), 413)


# --- fields ----------------------------------------------------------------------

FIELDS: list[tuple[dict[str, Any], int, str]] = [
    ({"model": "nope"}, 404, "model"),
    ({"model": ""}, 400, "model"),
    ({"model": None}, 400, "model"),
    ({"model": 5}, 400, "model"),
    ({"model": ["gardening"]}, 400, "model"),
    ({"messages": []}, 400, "messages"),
    ({"messages": None}, 400, "messages"),
    ({"messages": "hello"}, 400, "messages"),
    ({"messages": ["hello"]}, 400, "messages[0]"),
    ({"messages": [None]}, 400, "messages[0]"),
    ({"messages": [{"content": "x"}]}, 400, "messages[0].role"),
    ({"messages": [{"role": ["user"], "content": "x"}]}, 400, "messages[0].role"),
    ({"messages": [{"role": "user"}]}, 400, "messages"),
    ({"messages": [{"role": "user", "content": ""}]}, 400, "messages"),
    ({"messages": [{"role": "user", "content": " \n\u3000"}]}, 400, "messages"),
    ({"messages": [{"role": "user", "content": 5}]}, 400, "messages[0].content"),
    ({"messages": [{"role": "user", "content": ["x"]}]}, 400, "messages[0].content"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400,
     "messages[0].content"),
    ({"messages": [{"role": "user", "content": f"{SECRET}\0"}]}, 400, "messages[0].content"),
    ({"messages": [{"role": "user", "content": SECRET * 2000}]}, 413, "messages"),
    ({"messages": [{"role": "system", "content": "x"}]}, 400, "messages"),
    ({"messages": [{"role": "assistant", "content": "x"}]}, 400, "messages"),
    ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}, 400,
     "messages"),
    ({"messages": [{"role": "user", "content": "x"}, {"role": "system", "content": "y"}]}, 400,
     "messages"),
    ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "a"},
                   {"role": "user", "content": "x"}]}, 400, "messages"),
    ({"messages": [{"role": "user", "content": "x"}] * 1001}, 400, "messages"),
    ({"messages": [{"role": "assistant", "tool_calls": ["x"]}]}, 400, "messages[0].tool_calls[0]"),
    ({"messages": [{"role": "assistant", "tool_calls": [{"function": {"name": 5}}]}]}, 400,
     "messages[0].tool_calls[0]"),
    ({"n": 0}, 400, "n"),
    ({"n": 9}, 400, "n"),
    ({"n": True}, 400, "n"),
    ({"n": 123456789012345678901234567890}, 400, "n"),
    ({"max_tokens": 0}, 400, "max_tokens"),
    ({"max_tokens": -5}, 400, "max_tokens"),
    ({"max_tokens": 2**60}, 400, "max_tokens"),
    ({"max_completion_tokens": "many"}, 400, "max_completion_tokens"),
    ({"temperature": -1}, 400, "temperature"),
    ({"temperature": 1e300}, 400, "temperature"),
    ({"temperature": "hot"}, 400, "temperature"),
    ({"top_p": 2}, 400, "top_p"),
    ({"seed": 2**63}, 400, "seed"),
    ({"seed": "x"}, 400, "seed"),
    ({"stop": [5]}, 400, "stop"),
    ({"stop": ["x"] * 17}, 400, "stop"),
    ({"stop": 5}, 400, "stop"),
    ({"stream": "yes"}, 400, "stream"),
    ({"stream": 1}, 400, "stream"),
    ({"stream_options": []}, 400, "stream_options"),
    ({"store": "no"}, 400, "store"),
    ({"metadata": []}, 400, "metadata"),
    ({"metadata": {"metier_conversation": {"a": 1}}}, 400, "metadata.metier_conversation"),
    ({"metadata": {"metier_conversation": "x" * 600}}, 400, "metadata.metier_conversation"),
    ({"metadata": {f"k{n}": "x" for n in range(17)}}, 400, "metadata"),
    ({"metadata": {"k" * 65: "x"}}, 400, "metadata"),
    ({"metadata": {"k": "x" * 513}}, 400, "metadata"),
    ({"metadata": {"k": 5}}, 400, "metadata"),
    ({"metadata": {"k": None}}, 400, "metadata"),
    ({"tools": {}}, 400, "tools"),
    ({"tools": ["x"]}, 400, "tools[0]"),
    ({"tools": [{"type": "web_search"}]}, 400, "tools[0]"),
    ({"tools": [{"type": "function"}]}, 400, "tools[0]"),
    ({"tools": [{"type": "function", "function": {"name": ""}}]}, 400, "tools[0]"),
    ({"tools": [{"type": "function", "function": {"name": "x", "parameters": []}}]}, 400,
     "parameters"),
    ({"tools": [{"type": "function", "function": {"name": "x"}}] * 200}, 400, "tools"),
    ({"response_format": "json"}, 400, "response_format"),
    ({"tool_choice": 5}, 400, "tool_choice"),
]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
async def test_a_field_that_cannot_be_served_is_named(
    serve: Serve, stream: bool, home: Path
) -> None:
    client = await serve()
    for fields, status, param in FIELDS:
        body = chat(**{"stream": stream, **fields})
        error = problem(await client.post(CHAT, json=body), status, fields)
        assert error["param"] == param, fields
    assert nothing_stored(home)


async def test_metadata_as_much_as_openai_takes_is_taken(serve: Serve) -> None:
    client = await serve()
    most = {str(n).rjust(64, "k"): "长" * 512 for n in range(16)}
    answer = await client.post(CHAT, json=chat(metadata=most))
    assert answer.status_code == 200, answer.text


INPUTS: list[tuple[dict[str, Any], int, str]] = [
    ({"model": "nope"}, 404, "model"),
    ({"input": []}, 400, "input"),
    ({"input": ""}, 400, "input"),
    ({"input": 5}, 400, "input"),
    ({"input": ["x"]}, 400, "input[0]"),
    ({"input": [{"type": "computer_call"}]}, 400, "input[0]"),
    ({"input": [{"type": ["x"]}]}, 400, "input[0]"),
    ({"input": [{"type": "function_call", "name": 5}]}, 400, "input[0]"),
    ({"input": f"{SECRET}\0"}, 400, "input"),
    ({"input": SECRET * 2000}, 413, "messages"),
    ({"instructions": 5}, 400, "instructions"),
    ({"instructions": "\0"}, 400, "instructions"),
    ({"previous_response_id": 5}, 400, "previous_response_id"),
    ({"previous_response_id": "resp_unknown"}, 404, "previous_response_id"),
    ({"max_output_tokens": 0}, 400, "max_output_tokens"),
    ({"text": []}, 400, "text"),
    ({"text": {"format": {"type": ["x"]}}}, 400, "text.format"),
    ({"tools": [{"type": "web_search"}]}, 400, "tools"),
    ({"metadata": 5}, 400, "metadata"),
    ({"metadata": {"k": ["x"]}}, 400, "metadata"),
    ({"metadata": {"k": "x" * 513}, "conversation": "c"}, 400, "metadata"),
]


async def test_a_field_of_the_responses_wire_is_named_too(serve: Serve, home: Path) -> None:
    client = await serve()
    for fields, status, param in INPUTS:
        body = {"model": "gardening", "input": f"I am {SECRET}", **fields}
        error = problem(await client.post(RESPONSES, json=body), status, fields)
        assert error["param"] == param, fields
    assert nothing_stored(home)


OTHERS: list[tuple[str, str, Any, int]] = [
    ("POST", "/v1/search", {"domain": "nope", "query": SECRET}, 404),
    ("POST", "/v1/search", {"query": SECRET}, 400),
    ("POST", "/v1/search", {"domain": "gardening"}, 400),
    ("POST", "/v1/search", {"domain": "gardening", "query": SECRET * 1000}, 400),
    ("POST", "/v1/search", {"domain": "gardening", "query": "\0"}, 400),
    ("POST", "/v1/search", {"domain": "gardening", "query": "x", "limit": "ten"}, 400),
    ("POST", "/v1/recommend", {"domain": "nope"}, 404),
    ("POST", "/v1/recommend", {"model": "gardening"}, 400),
    ("POST", "/v1/recommend", {"domain": 5}, 400),
    ("POST", "/v1/feedback", {"answer": "unknown", "rating": 1}, 404),
    ("POST", "/v1/feedback", {"answer": "unknown", "rating": 5}, 400),
    ("POST", "/v1/feedback", {"answer": "x", "rating": 1, "comment": SECRET * 1000}, 400),
    ("PUT", "/v1/profile", {"slot": "", "value": SECRET}, 400),
    ("PUT", "/v1/profile", {"slot": "likes", "value": ""}, 400),
    ("PUT", "/v1/profile", {"slot": "likes", "value": f"{SECRET}\0"}, 400),
    ("PUT", "/v1/profile", {"slot": "likes", "value": SECRET * 1000}, 400),
    ("PUT", "/v1/profile", {"slot": "likes", "value": "x", "category": "secrets"}, 403),
    ("DELETE", "/v1/profile/unknown", None, 404),
    ("GET", "/v1/models/nope", None, 404),
    ("GET", "/v1/nothing", None, 404),
    ("GET", CHAT, None, 405),
    ("PATCH", "/v1/search", None, 405),
    ("PATCH", "/v1/profile", {"facts": {"likes": SECRET * 1000}}, 400),
    ("PATCH", "/v1/profile", {"facts": [SECRET]}, 400),
    ("PATCH", "/v1/profile", {"likes": SECRET}, 400),
    ("PATCH", "/v1/profile", {"facts": {"likes": "x"}, "revision": 999}, 412),
    ("GET", "/v1/profile/history?valid=10000-01-01", None, 400),
    ("GET", "/v1/profile/history?valid=9999-12-31T23:59-14:00", None, 400),
    ("GET", "/v1/profile/unknown/why", None, 404),
    ("POST", "/v1/profile/undo/unknown", None, 404),
    ("POST", "/v1/plugins/gardening/nope", {}, 404),
    ("POST", "/v1/plugins/nope/fail", {}, 404),
    ("POST", "/v1/plugins/gardening/fail", {}, 500),
    ("POST", "/v1/plugins/gardening/odd", {}, 500),
]


async def test_the_other_routes_refuse_in_the_same_shape(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve()
    for method, path, body, status in OTHERS:
        problem(await client.request(method, path, json=body), status, (method, path, body))
    assert SECRET not in caplog.text
    # What a plugin's route raised is logged by its type and place alone.
    assert "`routes/fail` of the plugin 'gardening' failed: ValueError at " in caplog.text


async def test_without_the_right_key_nothing_is_read(serve: Serve) -> None:
    client = await serve()
    for key in ("", "Bearer", "Bearer wrong", f"Basic {KEY}", "Bearer \xff\xfe"):
        headers = {"Authorization": key.encode("latin-1")}
        for path in (CHAT, RESPONSES, "/v1/search"):
            problem(await client.post(path, content=b"{oops", headers=headers), 401, key)


async def test_a_subject_without_a_grant_is_a_403(serve: Serve) -> None:
    client = await serve()
    for path in (CHAT, "/v1/recommend"):
        body = chat() if path == CHAT else {"domain": "gardening"}
        answer = await client.post(path, json=body, headers={"X-Metier-Subject": "someone"})
        assert problem(answer, 403)["type"] == "permission_error"


# --- a model server in trouble -----------------------------------------------------


@pytest.mark.parametrize(
    ("trouble", "status", "code"),
    [
        ("down", 502, "engine_unavailable"),
        ("500", 502, "engine_unavailable"),
        ("429", 503, "engine_busy"),
        ("401", 502, "engine_unauthorised"),
        ("slow first", 504, "engine_timeout"),
        ("slow between", 504, "engine_timeout"),
        ("cut", 502, "engine_cut"),
    ],
)
async def test_a_model_server_in_trouble_is_a_clear_error_and_nothing_is_stored(
    serve: Serve, trouble: str, status: int, code: str, caplog: pytest.LogCaptureFixture, home: Path
) -> None:
    async with RecordingUpstream(split="char") as upstream:
        slow = trouble.startswith("slow")
        address = "http://127.0.0.1:9/v1" if trouble == "down" else upstream.base_url
        client = await serve(engine=engine(address, 0.5 if slow else 10.0))
        if slow:
            upstream.delay(*((30, 0) if trouble == "slow first" else (0, 30)))
        for path in (CHAT,) if slow else (CHAT, RESPONSES):
            for stream in (False, True):
                match trouble:
                    case "cut":
                        upstream.cut_after(3)
                    case "500" | "429" | "401":
                        upstream.fail(int(trouble))
                said: dict[str, Any] = chat(stream=stream)
                if path == RESPONSES:
                    said["input"] = said.pop("messages")
                answer = await client.post(path, json=said)
                if stream and trouble in ("slow between", "cut"):
                    assert broken_off(answer, path)["code"] == code
                else:
                    assert problem(answer, status, path)["code"] == code
        assert nothing_stored(home)
        assert SECRET not in caplog.text
        upstream.delay(0)
        if trouble != "down":  # the next turn is served, however long it may take here
            client.app.parts.engine._client = engine(address)._client
            assert (await client.post(CHAT, json=chat())).status_code == 200


# --- a store or an index in trouble ------------------------------------------------


@pytest.mark.parametrize("trouble", ["full", "locked"])
async def test_a_store_in_trouble_is_a_503_and_nothing_is_half_written(
    serve: Serve, trouble: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metier.app.Store", functools.partial(Store, busy_seconds=0.1))
    client = await serve()
    assert (await client.post(CHAT, json=chat())).status_code == 200
    before = stored(home)
    other = sqlite3.connect(home / "store.db", isolation_level=None)
    if trouble == "full":
        other.execute(
            "create trigger full before insert on turn_record "
            "begin select raise(abort, 'database or disk is full'); end"
        )
    else:
        other.execute("BEGIN IMMEDIATE")
    error = problem(await client.post(CHAT, json=chat()), 503)
    assert error["code"] == "store_unavailable"
    assert {"full": "Free some space", "locked": "Try again"}[trouble] in error["message"]
    answer = await client.post(CHAT, json=chat(stream=True))
    if trouble == "full":  # the text was out before the commit; the stream must not look whole
        assert broken_off(answer, CHAT)["code"] == "store_unavailable"
    else:  # not even the intent to send could be recorded, so nothing was sent
        problem(answer, 503)
    assert stored(home) == before
    other.execute("drop trigger full" if trouble == "full" else "ROLLBACK")
    other.close()
    assert (await client.post(CHAT, json=chat())).status_code == 200
    assert (await client.app.verify_audit()).ok


async def test_an_index_that_another_process_owns_is_a_503(serve: Serve, home: Path) -> None:
    client = await serve()
    other = Index.open(home / "index", None)
    for path, body in ((CHAT, chat()), ("/v1/search", {"domain": "gardening", "query": "frost"})):
        assert problem(await client.post(path, json=body), 503)["code"] == "index_busy"
    assert nothing_stored(home)
    other.close()
    assert (await client.post(CHAT, json=chat())).status_code == 200
