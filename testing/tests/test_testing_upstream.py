"""The recording upstream shows exactly what a model server would have seen."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from metier_testing.upstream import RecordingUpstream

ASK = {"model": "m", "messages": [{"role": "user", "content": "Ask <PERSON_7KQ2M> 你好"}]}
STREAM = {**ASK, "stream": True, "stream_options": {"include_usage": True}}


async def post(upstream: RecordingUpstream, body: dict[str, Any]) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{upstream.base_url}/chat/completions", data=orjson.dumps(body)) as response,
    ):
        return response.status, await response.read()


def chunks(raw: bytes) -> list[dict[str, Any]]:
    *events, done = raw.decode().strip().split("\n\n")
    assert done == "data: [DONE]"
    return [orjson.loads(event.removeprefix("data: ")) for event in events]


def texts(raw: bytes) -> list[str]:
    deltas = [c["delta"] for chunk in chunks(raw) for c in chunk["choices"]]
    return [d["content"] for d in deltas if d.get("content")]


async def test_every_request_is_kept_byte_for_byte() -> None:
    async with RecordingUpstream() as upstream:
        await post(upstream, ASK)
        await post(upstream, STREAM)
    assert upstream.requests == [orjson.dumps(ASK), orjson.dumps(STREAM)]
    assert upstream.bodies == [ASK, STREAM]
    assert len(upstream.headers) == 2


async def test_the_default_reply_echoes_the_message_and_all_pseudonyms() -> None:
    body = {**ASK, "messages": [{"role": "system", "content": "<PHONE_ABC23>"}, *ASK["messages"]]}
    async with RecordingUpstream() as upstream:
        status, raw = await post(upstream, body)
    answer = orjson.loads(raw)
    assert status == 200
    assert answer["choices"][0]["message"]["content"] == (
        "You said: Ask <PERSON_7KQ2M> 你好\nI saw: <PERSON_7KQ2M>, <PHONE_ABC23>."
    )
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["prompt_tokens"] == 4


@pytest.mark.parametrize("split", ["char", "random", "whole"])
async def test_a_split_stream_joins_to_the_same_text(split: Any) -> None:
    async with RecordingUpstream(split=split) as upstream:
        upstream.reply_with("Dear <PERSON_7KQ2M>, 你好！")
        _, raw = await post(upstream, STREAM)
    pieces = texts(raw)
    assert "".join(pieces) == "Dear <PERSON_7KQ2M>, 你好！"
    if split == "char":
        assert all(len(piece) == 1 for piece in pieces)
    if split == "whole":
        assert len(pieces) == 1
    assert chunks(raw)[-1]["usage"]["completion_tokens"] > 0


async def test_replies_may_be_chunks_or_a_function_of_the_request() -> None:
    async with RecordingUpstream(split="char") as upstream:
        upstream.reply_with(["on", "e"])
        assert texts((await post(upstream, STREAM))[1]) == ["on", "e"]
        upstream.reply_with(lambda body: body["model"].upper())
        assert texts((await post(upstream, STREAM))[1]) == ["M"]
        upstream.reply_with(None)
        assert "You said" in "".join(texts((await post(upstream, STREAM))[1]))


async def test_a_tool_call_is_made_once_in_both_forms() -> None:
    async with RecordingUpstream(split="char") as upstream:
        upstream.tool_call("find", {"id": 7})
        upstream.tool_call("find", '{"id":8}')
        _, streamed = await post(upstream, STREAM)
        _, whole = await post(upstream, ASK)
        _, plain = await post(upstream, ASK)
    calls = [
        c["delta"]["tool_calls"][0]["function"]
        for chunk in chunks(streamed)
        for c in chunk["choices"]
        if c["delta"].get("tool_calls")
    ]
    assert calls[0]["name"] == "find"
    assert orjson.loads("".join(c["arguments"] for c in calls)) == {"id": 7}
    choice = orjson.loads(whole)["choices"][0]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"id":8}'
    assert "tool_calls" not in orjson.loads(plain)["choices"][0]["message"]


async def test_failures_come_as_often_as_asked_and_leak_like_careless_servers() -> None:
    async with RecordingUpstream() as upstream:
        upstream.fail(503, times=2)
        answers = [await post(upstream, ASK) for _ in range(3)]
    assert [status for status, _ in answers] == [503, 503, 200]
    assert "你好" in orjson.loads(answers[0][1])["error"]["message"]


async def test_a_cut_stream_breaks_off_and_is_not_counted_as_the_clients_doing() -> None:
    async with RecordingUpstream(split="char") as upstream:
        upstream.cut_after(2)
        with pytest.raises(aiohttp.ClientPayloadError):
            await post(upstream, STREAM)
        assert (await post(upstream, ASK))[0] == 200
    assert upstream.aborted == 0


async def test_a_client_that_leaves_is_counted() -> None:
    async with RecordingUpstream(split="char") as upstream:
        upstream.delay(0, between=30)
        waiting = asyncio.create_task(post(upstream, STREAM))
        await upstream.until_requests()
        waiting.cancel()
        await upstream.until_aborted()
    assert upstream.aborted == 1


async def test_several_choices_are_given_when_asked_for() -> None:
    async with RecordingUpstream() as upstream:
        _, whole = await post(upstream, {**ASK, "n": 3})
        _, streamed = await post(upstream, {**STREAM, "n": 2})
    assert [c["index"] for c in orjson.loads(whole)["choices"]] == [0, 1, 2]
    assert {c["index"] for chunk in chunks(streamed) for c in chunk["choices"]} == {0, 1}


async def test_a_model_thinks_aloud_before_its_words_until_told_to_stop() -> None:
    async with RecordingUpstream(split="char") as upstream:
        upstream.think("hm")
        _, whole = await post(upstream, ASK)
        _, streamed = await post(upstream, STREAM)
        upstream.think("")
        _, after = await post(upstream, ASK)
    assert orjson.loads(whole)["choices"][0]["message"]["reasoning_content"] == "hm"
    deltas = [c["delta"] for chunk in chunks(streamed) for c in chunk["choices"]]
    assert [d["reasoning_content"] for d in deltas if "reasoning_content" in d] == ["h", "m"]
    assert "".join(texts(streamed)).startswith("You said")
    assert "reasoning_content" not in orjson.loads(after)["choices"][0]["message"]


async def test_models_are_listed() -> None:
    async with (
        RecordingUpstream(models=("a", "b")) as upstream,
        aiohttp.ClientSession() as session,
        session.get(f"{upstream.base_url}/models") as response,
    ):
        assert [m["id"] for m in (await response.json())["data"]] == ["a", "b"]
