"""Requests that refer to what is kept: results of tools alone, and answers by their ids."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from served import CHAT, KEY, RESPONSES, Client, client_of, engine, problem
from toy import Gardening

from metier.model import Actor
from metier_testing.upstream import RecordingUpstream

SECRET = "Zebulon Quartermain"
ASKED = f"I am {SECRET}. Where is the weather nice?"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"type": "function", "name": "weather", "parameters": SCHEMA}
CHAT_TOOL = {"type": "function", "function": {"name": "weather", "parameters": SCHEMA}}
OTHER = "metier-other-key"


@pytest.fixture
async def upstream() -> AsyncIterator[RecordingUpstream]:
    async with RecordingUpstream() as server:
        yield server


@pytest.fixture
async def client(open_metier: Any, upstream: RecordingUpstream) -> AsyncIterator[Client]:
    app = await open_metier(Gardening(), engine=engine(upstream.base_url))
    async with client_of(app, {OTHER: Actor("default", "bert")}) as found:
        yield found


async def respond(client: Client, given: Any, **more: Any) -> dict[str, Any]:
    body = {"model": "gardening", "input": given, "tools": [TOOL], **more}
    answer = await client.post(RESPONSES, json=body)
    assert answer.status_code == 200, answer.text
    return json.loads(answer.text)


def result(call: dict[str, Any], output: str = "clear") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call["call_id"], "output": output}


def reference(answer: dict[str, Any]) -> dict[str, Any]:
    (message,) = [item for item in answer["output"] if item["type"] == "message"]
    return {"type": "item_reference", "id": message["id"]}


def roles(upstream: RecordingUpstream) -> list[str]:
    return [m["role"] for m in upstream.bodies[-1]["messages"] if m["role"] != "system"]


async def called(client: Client, upstream: RecordingUpstream) -> dict[str, Any]:
    """A response that calls a tool."""
    upstream.tool_call("weather", {"city": "Oslo"})
    return await respond(client, ASKED)


async def test_results_alone_go_on_with_the_answer_that_asked_for_them(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await called(client, upstream)
    (call,) = first["output"]
    second = await respond(client, [result(call)], previous_response_id=first["id"])
    assert roles(upstream) == ["user", "assistant", "tool"]
    assert SECRET in second["output"][0]["content"][0]["text"]
    assert SECRET.encode() not in upstream.requests[-1]
    third = await respond(client, "And then?", previous_response_id=second["id"])
    assert roles(upstream) == ["user", "assistant", "tool", "assistant", "user"]
    conversations = {a["metier"]["conversation"] for a in (first, second, third)}
    assert len(conversations) == 1


async def test_the_answer_that_asked_for_them_is_still_known_afterwards(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await called(client, upstream)
    (call,) = first["output"]
    for output in ("clear", "rain"):
        await respond(client, [result(call, output)], previous_response_id=first["id"])
        assert roles(upstream) == ["user", "assistant", "tool"]
        assert upstream.bodies[-1]["messages"][-1]["content"] == output


async def test_calls_that_come_along_with_their_results_are_not_said_twice(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await called(client, upstream)
    (call,) = first["output"]
    await respond(client, [call, result(call)], previous_response_id=first["id"])
    assert roles(upstream) == ["user", "assistant", "tool"]


async def test_a_loop_of_several_calls_goes_on_by_the_id_of_each(
    client: Client, upstream: RecordingUpstream
) -> None:
    answer = await called(client, upstream)
    for _ in range(2):
        upstream.tool_call("weather", {"city": "Bergen"})
        given = [result(answer["output"][0])]
        answer = await respond(client, given, previous_response_id=answer["id"])
    await respond(client, [result(answer["output"][0])], previous_response_id=answer["id"])
    assert roles(upstream) == ["user", *["assistant", "tool"] * 3]


async def test_results_alone_go_on_with_a_conversation_by_its_name(
    client: Client, upstream: RecordingUpstream
) -> None:
    upstream.tool_call("weather", {"city": "Oslo"})
    headers = {"X-Metier-Conversation": "trip"}
    body = {"model": "gardening", "tools": [CHAT_TOOL]}
    asked = {**body, "messages": [{"role": "user", "content": ASKED}]}
    first = (await client.post(CHAT, json=asked, headers=headers)).json()
    (call,) = first["choices"][0]["message"]["tool_calls"]
    said = {"role": "tool", "tool_call_id": call["id"], "content": "clear"}
    answer = await client.post(CHAT, json={**body, "messages": [said]}, headers=headers)
    assert answer.status_code == 200 and SECRET in answer.text
    assert roles(upstream) == ["user", "assistant", "tool"]
    next_one = {**body, "messages": [{"role": "user", "content": "And then?"}]}
    await client.post(CHAT, json=next_one, headers=headers)
    assert roles(upstream) == ["user", "assistant", "tool", "assistant", "user"]


@pytest.mark.parametrize("previous", ["resp_unknown", None])
async def test_results_of_nothing_that_is_kept_are_refused(
    client: Client, upstream: RecordingUpstream, previous: str | None
) -> None:
    given = [result({"call_id": "call_1"})]
    body = {"model": "gardening", "input": given, "previous_response_id": previous}
    problem(await client.post(RESPONSES, json=body), 404 if previous else 400)
    assert not upstream.requests


async def test_results_for_a_call_of_another_answer_are_refused(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await called(client, upstream)
    given = [result({"call_id": "call_of_nobody"})]
    body = {"model": "gardening", "input": given, "previous_response_id": first["id"]}
    problem(await client.post(RESPONSES, json=body), 400)
    assert len(upstream.requests) == 1


async def test_an_answer_that_is_referred_to_is_gone_on_with(
    client: Client, upstream: RecordingUpstream
) -> None:
    asked = {"role": "user", "content": ASKED}
    first = await respond(client, [asked])
    then = {"role": "user", "content": "And then?"}
    second = await respond(client, [asked, reference(first), then])
    assert roles(upstream) == ["user", "assistant", "user"]
    assert SECRET.encode() not in upstream.requests[-1]
    again = {"role": "user", "content": "And after that?"}
    system = {"role": "system", "content": "Be brief."}
    items = [system, asked, reference(first), then, reference(second), again]
    third = await respond(client, items)
    assert roles(upstream) == ["user", "assistant", "user", "assistant", "user"]
    assert any("Be brief." in m["content"] for m in upstream.bodies[-1]["messages"])
    assert {a["metier"]["conversation"] for a in (first, second, third)} == {
        first["metier"]["conversation"]
    }


async def test_an_answer_with_a_call_is_referred_to_before_its_result(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await called(client, upstream)
    call = first["output"][-1]
    message = {"type": "item_reference", "id": first["id"].replace("resp_", "msg_")}
    asked = {"role": "user", "content": ASKED}
    await respond(client, [asked, message, call, result(call)])
    assert roles(upstream) == ["user", "assistant", "tool"]


async def test_thinking_that_is_referred_to_is_let_pass(
    client: Client, upstream: RecordingUpstream
) -> None:
    thought = {"type": "item_reference", "id": "rs_1"}
    await respond(client, [thought, {"role": "user", "content": ASKED}])
    assert roles(upstream) == ["user"]


async def test_nobody_refers_to_anothers_answer(
    client: Client, upstream: RecordingUpstream
) -> None:
    first = await respond(client, ASKED)
    body = {"model": "gardening", "input": [reference(first), {"role": "user", "content": "?"}]}
    headers = {"Authorization": f"Bearer {OTHER}"}
    error = problem(await client.post(RESPONSES, json=body, headers=headers), 404)
    assert error["code"] == "previous_response_not_found"
    assert len(upstream.requests) == 1 and KEY not in error["message"]


@pytest.mark.parametrize(
    ("item", "previous"),
    [
        ({"type": "item_reference", "id": "fc_1"}, None),
        ({"type": "item_reference"}, None),
        ({"type": "item_reference", "id": "msg_1", SECRET: 1}, None),
        ({"type": "item_reference", "id": "msg_1"}, "resp_2"),
    ],
)
async def test_what_stands_for_no_answer_is_refused(
    client: Client, upstream: RecordingUpstream, item: dict[str, Any], previous: str | None
) -> None:
    given = [item, {"role": "user", "content": ASKED}]
    body = {"model": "gardening", "input": given, "previous_response_id": previous}
    problem(await client.post(RESPONSES, json=body), 400)
    assert not upstream.requests
