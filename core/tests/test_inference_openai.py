"""The OpenAI engine sends what was scanned and reads whatever servers stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiohttp import web

from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import (
    BadRequest,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Message,
    MetierError,
    Plan,
    ReasoningDelta,
    Role,
    Segment,
    TextDelta,
    Tool,
    ToolCallDelta,
    Usage,
    Volatility,
    batches_of,
)
from metier.prompt import build_plan, render
from metier_testing.upstream import RecordingUpstream

TOOL = Tool("find_order", "Finds an order.", {"type": "object", "properties": {"id": {}}})


def said(text: str, role: Role = Role.USER, volatility: Volatility = Volatility.MESSAGE) -> Segment:
    return Segment(text, "client", volatility, role, message=Message(role, text))


PLAN = build_plan([Segment("You help.", "d", Volatility.DOMAIN), said("Ann, 你好")])
ASK = EngineRequest(PLAN)


@asynccontextmanager
async def engine_at(base_url: str, **rule: float) -> AsyncIterator[OpenAIEngine]:
    client = EgressClient({"t": replace(TargetRule(base_url, private=True), **rule)})  # type: ignore[arg-type]
    engine = OpenAIEngine(client, "t", "m", api_key="the-key")
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def raw_server(
    *pieces: bytes, content_type: str = "text/event-stream", status: int = 200, **headers: str
) -> AsyncIterator[OpenAIEngine]:
    """A server that answers with just these pieces of bytes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            status=status, headers={"Content-Type": content_type, **headers}
        )
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
            await asyncio.sleep(0)
        return response

    app = web.Application()
    app.router.add_post("/chat/completions", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with engine_at(f"http://127.0.0.1:{runner.addresses[0][1]}") as engine:
            yield engine
    finally:
        await runner.cleanup()


async def ask(engine: OpenAIEngine, request: EngineRequest = ASK) -> list[Event]:
    return [event async for event in engine.send(engine.encode(request), request)]


def text_of(events: list[Event], choice: int = 0) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta) and e.choice == choice)


def sse(*payloads: Any, done: bool = True) -> bytes:
    events = [b"data: " + orjson.dumps(p) + b"\n\n" for p in payloads]
    return b"".join(events) + (b"data: [DONE]\n\n" if done else b"")


def delta(reason: str | None = None, index: int = 0, **parts: Any) -> dict[str, Any]:
    return {"choices": [{"index": index, "delta": parts, "finish_reason": reason}]}


# --- encode --------------------------------------------------------------------


def offline() -> OpenAIEngine:
    return OpenAIEngine(EgressClient({}), "t", "m")


def test_a_plain_request_holds_only_what_is_set() -> None:
    assert orjson.loads(offline().encode(ASK)) == {
        "model": "m",
        "messages": render(PLAN),
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_everything_set_is_serialised_in_a_fixed_order() -> None:
    request = EngineRequest(
        Plan(PLAN.segments, (TOOL,)),
        model="ignored",
        tools=(TOOL,),
        tool_choice="required",
        parallel_tool_calls=False,
        response_format={"type": "json_object"},
        n=2,
        stop=("END",),
        max_tokens=5,
        temperature=0.0,
        top_p=0.5,
        seed=0,
        adapter="lora-a",
        cache_salt="salt",
    )
    body = orjson.loads(offline().encode(request))
    assert body.pop("messages") == render(PLAN)
    tool = {
        "name": "find_order",
        "description": "Finds an order.",
        "parameters": dict(TOOL.parameters),
    }
    assert list(body.items()) == [
        ("model", "lora-a"),
        ("tools", [{"type": "function", "function": tool}]),
        ("tool_choice", "required"),
        ("parallel_tool_calls", False),
        ("response_format", {"type": "json_object"}),
        ("n", 2),
        ("stop", ["END"]),
        ("max_tokens", 5),
        ("temperature", 0.0),
        ("top_p", 0.5),
        ("seed", 0),
        ("cache_salt", "salt"),
        ("stream", True),
        ("stream_options", {"include_usage": True}),
    ]


def test_tool_choice_without_tools_is_left_out_since_servers_refuse_it() -> None:
    request = replace(ASK, tool_choice="auto", parallel_tool_calls=True)
    assert offline().encode(request) == offline().encode(ASK)


def test_a_longer_conversation_begins_with_the_bytes_of_the_shorter_one() -> None:
    rules = Segment("You help.", "d", Volatility.DOMAIN)
    history = [
        said("One?", Role.USER, Volatility.HISTORY),
        said("1.", Role.ASSISTANT, Volatility.HISTORY),
    ]
    first = offline().encode(EngineRequest(build_plan([rules, said("One?")])))
    second = offline().encode(EngineRequest(build_plan([rules, *history, said("Two?")])))
    shared = first[: first.index(b'"One?"') + len(b'"One?"}')]
    assert second.startswith(shared)


def test_the_key_is_in_no_repr() -> None:
    engine = OpenAIEngine(EgressClient({}), "t", "m", api_key="the-key")
    assert "the-key" not in repr(engine)


# --- send ----------------------------------------------------------------------


async def test_exactly_the_encoded_bytes_are_sent_with_the_key() -> None:
    async with RecordingUpstream() as upstream, engine_at(upstream.base_url) as engine:
        body = engine.encode(ASK) + b" "
        async for _ in engine.send(body, ASK):
            pass
    assert upstream.requests == [body]
    assert upstream.headers[0]["Authorization"] == "Bearer the-key"


@pytest.mark.parametrize("split", ["char", "random", "whole"])
async def test_a_stream_gives_text_then_finish_then_usage(split: Any) -> None:
    async with RecordingUpstream(split=split) as upstream, engine_at(upstream.base_url) as engine:
        upstream.reply_with("Hello 你好 😀")
        events = await ask(engine)
    assert text_of(events) == "Hello 你好 😀"
    assert isinstance(events[-1], Usage) and events[-1].completion == 3
    assert events[-2] == Finish("stop")


async def test_tool_calls_come_in_fragments_by_index() -> None:
    calls = [{"index": 1, "id": "b", "function": {"name": "g", "arguments": '{"x"'}}]
    more = [{"index": 0, "id": "a", "function": {"name": "f"}}]
    rest = [{"index": 1, "function": {"arguments": ":1}"}}]
    stream = sse(
        delta(tool_calls=calls), delta(tool_calls=more), delta("tool_calls", tool_calls=rest)
    )
    async with raw_server(stream) as engine:
        events = await ask(engine)
    assert events == [
        ToolCallDelta(1, "b", "g", '{"x"'),
        ToolCallDelta(0, "a", "f", ""),
        ToolCallDelta(1, "", "", ":1}"),
        Finish("tool_calls"),
    ]


@pytest.mark.parametrize(
    "parts",
    [
        {"reasoning_content": "hm"},
        {"reasoning": "hm"},
        {"reasoning": "hm", "reasoning_content": "hm"},
    ],
)
async def test_reasoning_is_told_apart_and_once(parts: dict[str, Any]) -> None:
    async with raw_server(sse(delta(**parts), delta("stop", content="ok"))) as engine:
        assert await ask(engine) == [ReasoningDelta("hm"), TextDelta("ok"), Finish("stop")]


async def test_choices_keep_their_index() -> None:
    stream = sse(
        delta(content="a"),
        delta(index=1, content="b"),
        delta("stop", index=1),
        delta("length"),
    )
    async with raw_server(stream) as engine:
        events = await ask(engine, replace(ASK, n=2))
    assert (text_of(events, 0), text_of(events, 1)) == ("a", "b")
    assert events[-2:] == [Finish("stop", 1), Finish("length", 0)]


async def test_usage_is_reported_once_with_cached_and_thinking_tokens() -> None:
    counts = {
        "prompt_tokens": 9,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 1},
    }
    early = {**delta(content="a"), "usage": {"prompt_tokens": 9, "completion_tokens": 1}}
    stream = sse(early, delta("stop"), {"choices": [], "usage": counts})
    async with raw_server(stream) as engine:
        events = await ask(engine)
    assert [e for e in events if isinstance(e, Usage)] == [Usage(9, 2, 8, 1)]
    assert events[-1] == Usage(9, 2, 8, 1)


@pytest.mark.parametrize(
    ("said", "known"), [("7", 7), ("86400", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", None)]
)
async def test_a_busy_server_says_when_to_come_again(said: str, known: int | None) -> None:
    async with raw_server(status=429, **{"Retry-After": said}) as engine:
        with pytest.raises(EngineError) as error:
            await ask(engine)
    assert error.value.retry_after == known


async def test_odd_framing_makes_no_difference() -> None:
    stream = b": ping\r\n\r\n" + sse(delta(content="你好"), delta("stop")).replace(b"\n", b"\r\n")
    async with raw_server(*(stream[i : i + 1] for i in range(len(stream)))) as engine:
        assert await ask(engine) == [TextDelta("你好"), Finish("stop")]


async def test_an_answer_in_one_piece_is_read_too() -> None:
    answer = {
        "choices": [{"index": 0, "message": {"content": "ok"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "prompt_tokens_details": None},
    }
    async with raw_server(orjson.dumps(answer), content_type="application/json") as engine:
        assert await ask(engine) == [TextDelta("ok"), Finish("stop"), Usage(1, 1, 0)]


@pytest.mark.parametrize(
    "stream",
    [
        sse(delta("stop", content="ok"), done=False),
        sse(delta(content="ok"), done=True),
        sse(delta("stop", content="ok"), done=False) + b"data: [DONE]",
        sse(delta("eos", content="ok")),
    ],
    ids=["no DONE", "no reason", "DONE unterminated", "unknown reason"],
)
async def test_an_answer_that_ended_in_order_is_whole(stream: bytes) -> None:
    async with raw_server(stream) as engine:
        assert await ask(engine) == [TextDelta("ok"), Finish("stop")]


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        sse(delta(content="ok"), done=False),
        sse(delta(content="ok"), done=False) + b'data: {"choices": [{"ind',
        sse(done=True),
        sse(delta("abort", content="ok")),
        sse(delta(content="ok"), {"error": {"message": "the secret of Ann"}}),
    ],
    ids=["empty", "no finish", "half an event", "only DONE", "aborted", "error event"],
)
async def test_an_answer_that_broke_off_is_an_error(stream: bytes) -> None:
    async with raw_server(stream) as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert caught.value.code == "engine_cut"
    assert "Ann" not in str(caught.value)


async def test_one_of_several_choices_missing_is_a_cut() -> None:
    async with raw_server(sse(delta("stop", content="a"), done=False)) as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine, replace(ASK, n=2))
    assert caught.value.code == "engine_cut"


@pytest.mark.parametrize(
    "stream",
    [
        b"data: <html>\n\n",
        b"data: [1]\n\n",
        sse({"choices": ["x"]}),
        sse({"choices": [{"index": 0, "delta": ["x"]}]}),
        sse(delta(tool_calls=["x"])),
    ],
)
async def test_what_is_no_openai_stream_is_said_plainly(stream: bytes) -> None:
    async with raw_server(stream) as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert caught.value.code == "engine_protocol"


async def test_a_connection_cut_in_the_middle_is_an_error_after_what_came() -> None:
    async with RecordingUpstream(split="char") as upstream, engine_at(upstream.base_url) as engine:
        upstream.reply_with("Hello")
        upstream.cut_after(2)
        events: list[Event] = []
        with pytest.raises(EngineError) as caught:
            async for event in engine.send(engine.encode(ASK), ASK):
                events.append(event)
    assert caught.value.code == "engine_cut"
    assert events == [TextDelta("H"), TextDelta("e")]


@pytest.mark.parametrize(
    ("status", "code", "ours"),
    [
        (400, "engine_rejected", 502),
        (401, "engine_unauthorised", 502),
        (403, "engine_unauthorised", 502),
        (404, "engine_not_found", 502),
        (408, "engine_timeout", 504),
        (422, "engine_rejected", 502),
        (429, "engine_busy", 503),
        (500, "engine_unavailable", 502),
        (503, "engine_unavailable", 502),
        (504, "engine_timeout", 504),
    ],
)
async def test_error_statuses_are_told_apart_and_never_echo_the_servers_words(
    status: int, code: str, ours: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with RecordingUpstream() as upstream, engine_at(upstream.base_url) as engine:
        upstream.fail(status)  # its body repeats the whole request
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert (caught.value.code, caught.value.status) == (code, ours)
    told = str(caught.value) + repr(caught.value.__cause__) + caplog.text
    assert "Ann" not in told and "the-key" not in told


async def test_a_conversation_that_is_too_long_is_the_callers_to_mend() -> None:
    words = b'{"error":{"message":"This model\'s maximum context length is 8 tokens"}}'
    async with raw_server(words, status=400, content_type="application/json") as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert (caught.value.code, caught.value.status) == ("context_length_exceeded", 400)


@pytest.mark.parametrize("param", ["temperature", "top_p", "max_tokens", "response_format"])
async def test_a_setting_the_server_names_as_wrong_is_the_callers_to_mend(param: str) -> None:
    """As vLLM words it; its message may hold what was sent, so only the name is taken."""
    error = {"message": "the secret of Ann", "type": "BadRequestError", "param": param, "code": 400}
    words = orjson.dumps({"error": error})
    async with raw_server(words, status=400, content_type="application/json") as engine:
        with pytest.raises(BadRequest) as caught:
            await ask(engine)
    assert (caught.value.status, caught.value.param) == (400, param)
    assert param in caught.value.message and "Ann" not in str(caught.value)


@pytest.mark.parametrize(
    ("param", "code", "status"),
    [(None, "engine_rejected", 502), ("seed", "invalid_request", 400)],
)
async def test_a_refusal_that_comes_as_an_event_is_no_broken_answer(
    param: str | None, code: str, status: int
) -> None:
    """So vLLM says that it can't hold an answer to a schema, after a status of 200."""
    error = {"message": "the secret of Ann", "type": "BadRequestError", "param": param, "code": 400}
    async with raw_server(sse({"error": error})) as engine:
        with pytest.raises(MetierError) as caught:
            await ask(engine)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert "Ann" not in str(caught.value)


@pytest.mark.parametrize("code", [500, None, "400", True])
async def test_any_other_error_event_is_a_broken_answer(code: Any) -> None:
    async with raw_server(sse({"error": {"message": "no", "code": code}})) as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert caught.value.code == "engine_cut"


@pytest.mark.parametrize(
    "words",
    [
        b'{"error": {"message": "no", "param": "messages"}}',
        b'{"error": {"message": "no", "param": "the secret of Ann"}}',
        b'{"error": {"message": "no", "param": ["temperature"]}}',
        b'{"error": {"message": "no", "param": null}}',
        b'{"error": "temperature"}',
        b'["temperature"]',
        b"temperature",
        b"",
    ],
)
async def test_any_other_refusal_is_the_operators_to_mend(words: bytes) -> None:
    async with raw_server(words, status=400, content_type="application/json") as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert (caught.value.code, caught.value.status) == ("engine_rejected", 502)
    assert caught.value.param is None and "Ann" not in str(caught.value)


async def test_a_server_that_is_down_is_unavailable() -> None:
    async with RecordingUpstream() as upstream:
        base_url = upstream.base_url
    async with engine_at(base_url) as engine:
        with pytest.raises(EngineError) as caught:
            await ask(engine)
    assert caught.value.code == "engine_unavailable"


async def test_a_server_that_stalls_times_out() -> None:
    async with RecordingUpstream() as upstream:
        upstream.delay(30)
        async with engine_at(upstream.base_url, first_byte=0.1, connect=0.1) as engine:
            with pytest.raises(EngineError) as caught:
                await ask(engine)
    assert (caught.value.code, caught.value.status) == ("engine_timeout", 504)


async def first_and_close(engine: OpenAIEngine) -> None:
    stream = engine.send(engine.encode(ASK), ASK)
    await anext(stream)
    await stream.aclose()


async def cancel(engine: OpenAIEngine) -> None:
    task = asyncio.create_task(ask(engine))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("leave", [first_and_close, cancel])
async def test_a_client_that_leaves_stops_the_server(leave: Callable[..., Any]) -> None:
    async with RecordingUpstream(split="char") as upstream, engine_at(upstream.base_url) as engine:
        upstream.delay(0, between=30)
        await leave(engine)
        async with asyncio.timeout(10):
            await upstream.until_aborted()
    assert upstream.aborted == 1


def _chunk(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    return b"data: " + orjson.dumps({"choices": [choice]}) + b"\n\n"


async def test_events_of_one_read_come_together_and_each_stays_an_event() -> None:
    end = b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\n'
    async with raw_server(b"".join(_chunk(f"w{i} ") for i in range(9)) + end) as engine:
        body = engine.encode(ASK)
        batches = [batch async for batch in engine.batches(body, ASK)]
        one_by_one = [event async for event in engine.send(body, ASK)]
    assert [e for batch in batches for e in batch] == one_by_one
    assert [e.text for e in one_by_one if isinstance(e, TextDelta)] == [f"w{i} " for i in range(9)]
    assert len(batches) < len(one_by_one)


async def test_words_before_a_fault_in_the_same_read_still_come() -> None:
    async with raw_server(_chunk("first") + b'data: {"error": {"message": "x"}}\n\n') as engine:
        seen: list[Event] = []
        with pytest.raises(EngineError) as raised:
            async for batch in engine.batches(engine.encode(ASK), ASK):
                seen += batch
    assert (seen, raised.value.code) == ([TextDelta("first")], "engine_cut")


class _OneByOne:
    """An engine of the plain form, without `batches`."""

    name, target = "plain", "local"
    closed = False

    def encode(self, request: EngineRequest) -> bytes:
        return b""

    async def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        try:
            yield TextDelta("a")
            yield Finish("stop")
        finally:
            self.closed = True

    async def close(self) -> None: ...


async def test_an_engine_without_batches_is_asked_one_by_one_and_closed_at_once() -> None:
    engine = _OneByOne()
    assert [b async for b in batches_of(engine, b"", ASK)] == [(TextDelta("a"),), (Finish("stop"),)]
    left = _OneByOne()
    batches = batches_of(left, b"", ASK)
    assert await anext(batches) == (TextDelta("a"),)
    await batches.aclose()
    assert left.closed


WHOLE = replace(ASK, whole=True)


async def test_an_answer_that_nobody_waits_for_word_by_word_comes_in_one_piece() -> None:
    async with RecordingUpstream(split="char") as upstream, engine_at(upstream.base_url) as engine:
        upstream.reply_with("Hello there")
        body = engine.encode(WHOLE)
        batches = [batch async for batch in engine.batches(body, WHOLE)]
        assert (upstream.requests, "stream" in orjson.loads(body)) == ([body], False)
    assert len(batches) == 1
    assert batches[0][:2] == [TextDelta("Hello there"), Finish("stop")]


async def test_a_whole_answer_has_the_time_that_making_it_takes() -> None:
    async with RecordingUpstream() as upstream:
        upstream.delay(0.5)
        async with engine_at(upstream.base_url, first_byte=0.05) as engine:
            assert [b async for b in engine.batches(engine.encode(WHOLE), WHOLE)]
        async with engine_at(upstream.base_url, whole=0.05, connect=0.05) as engine:
            with pytest.raises(EngineError) as raised:
                [b async for b in engine.batches(engine.encode(WHOLE), WHOLE)]
    assert raised.value.code == "engine_timeout"


async def test_who_leaves_while_a_whole_answer_is_made_stops_it() -> None:
    async with RecordingUpstream() as upstream, engine_at(upstream.base_url) as engine:
        upstream.delay(60)
        asked = asyncio.ensure_future(anext(engine.batches(engine.encode(WHOLE), WHOLE)))
        while not upstream.requests:  # noqa: ASYNC110  (a list of the upstream's thread)
            await asyncio.sleep(0.01)
        asked.cancel()
        async with asyncio.timeout(5):
            await upstream.until_aborted()


async def test_a_server_that_goes_while_it_makes_a_whole_answer_has_cut_it() -> None:
    async with RecordingUpstream() as upstream, engine_at(upstream.base_url) as engine:
        upstream.cut_after(0)
        with pytest.raises(EngineError) as raised:
            [b async for b in engine.batches(engine.encode(WHOLE), WHOLE)]
    assert raised.value.code == "engine_cut"


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, None), (404, None), (403, None), (401, "engine_unauthorised"),
     (503, "engine_unavailable")],
)  # fmt: skip
async def test_a_server_is_reached_with_the_key_and_one_that_takes_another_is_not(
    status: int, code: str | None
) -> None:
    """403 is no fault: a key may be for chat alone, and 404 neither: some list no models."""
    seen: list[str | None] = []

    async def models(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.json_response({}, status=status)

    app = web.Application()
    app.router.add_get("/models", models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with engine_at(f"http://127.0.0.1:{runner.addresses[0][1]}") as engine:
            if code is None:
                await engine.reach()
            else:
                with pytest.raises(EngineError) as caught:
                    await engine.reach()
                assert caught.value.code == code
    finally:
        await runner.cleanup()
    assert seen == ["Bearer the-key"]
