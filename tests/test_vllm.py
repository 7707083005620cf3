"""Turns against a real vLLM: what the `openai` engine promises, on the wire it is made for.

The model is tiny and random, so nothing here judges what it says; `vllm_model.py`
sees to it that it says printable text and seldom ends by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from toy import Gardening
from vllm_server import ADAPTER, CONTEXT, MODEL, VllmServer, require

from metier import hookimpl
from metier.egress import EgressClient, TargetRule
from metier.inference import (
    STANDARD_EXTRA,
    VLLM_EXTRA,
    OpenAIEngine,
    ServerEngine,
    VllmOptions,
)
from metier.model import (
    Actor,
    Answer,
    BadRequest,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Message,
    MetierError,
    Request,
    Role,
    Segment,
    TextDelta,
    Tool,
    ToolCallDelta,
    Turn,
    Usage,
    Volatility,
)
from metier.prompt import build_plan
from metier.server import create_app

pytestmark = pytest.mark.slow

ME = Actor("default", "me")
LONG = 7_000
"""Tokens of an answer that would take the better part of a minute."""
WATER = {
    "type": "object",
    "properties": {"plant": {"enum": ["rose"]}},
    "required": ["plant"],
    "additionalProperties": False,
}
FORCED = {"type": "function", "function": {"name": "water"}}


class Watering(Gardening):
    """Gardening whose one action has only one argument that fits."""

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        return [replace(tool, parameters=WATER) for tool in super().tools(turn)]


@pytest.fixture(scope="module")
def only_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    require()
    server = VllmServer(tmp_path_factory.mktemp("vllm"))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def vllm(only_server: VllmServer) -> VllmServer:
    """The server, up; started again where a test before has killed it."""
    if not only_server.healthy():
        only_server.start()
    return only_server


@pytest.fixture
async def engine(vllm: VllmServer) -> AsyncIterator[OpenAIEngine]:
    client = EgressClient({"local": TargetRule(vllm.base_url, private=True)})
    found = OpenAIEngine(client, "local", MODEL)
    yield found
    await found.close()


def asking(text: str, **settings: Any) -> EngineRequest:
    said = Message(Role.USER, text)
    plan = build_plan(
        [
            Segment("You help gardeners.", "toy", Volatility.DOMAIN),
            Segment(text, "client", Volatility.MESSAGE, Role.USER, message=said),
        ]
    )
    return EngineRequest(plan, **{"max_tokens": 32, **settings})


async def events_of(engine: OpenAIEngine, request: EngineRequest) -> list[Event]:
    return [event async for event in engine.send(engine.encode(request), request)]


def text_of(events: Sequence[object], choice: int = 0) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta) and e.choice == choice)


def usage_of(events: Sequence[object]) -> Usage:
    (usage,) = (e for e in events if isinstance(e, Usage))
    return usage


def saying(text: str, conversation: str | None = None, **settings: Any) -> Request:
    message = Message(Role.USER, text)
    settings = {"max_tokens": 32, **settings}
    return Request("gardening", (message,), ME, conversation=conversation, **settings)


def in_json(**properties: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties),
              "additionalProperties": False}  # fmt: skip
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


async def running(vllm: VllmServer, wanted: bool) -> None:
    """Waits until the server computes something, or nothing."""
    async with asyncio.timeout(120):
        # It is another process, so there is no event to wait for.
        while bool(await asyncio.to_thread(vllm.metric, "vllm:num_requests_running")) is not wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


@asynccontextmanager
async def aborted(vllm: VllmServer) -> AsyncIterator[None]:
    """What happens inside makes the server give up one long answer, and work on it no longer.

    Counted from there: how much it had made before says how long the test took to see it begin.
    """
    ended = vllm.metric("vllm:request_success_total", finished_reason="length")
    yield
    tokens = vllm.metric("vllm:generation_tokens_total")
    await running(vllm, False)
    assert vllm.metric("vllm:generation_tokens_total") - tokens < LONG / 4
    assert vllm.metric("vllm:request_success_total", finished_reason="length") == ended


# --- the engine ----------------------------------------------------------------


async def test_text_streams_in_pieces_then_finish_then_usage(engine: OpenAIEngine) -> None:
    events = await events_of(engine, asking("When do I prune? 什么时候修剪?"))
    pieces = [e for e in events if isinstance(e, TextDelta)]
    assert len(pieces) > 8 and all(piece.text for piece in pieces)
    assert events[-2] == Finish("length")
    usage = usage_of(events[-1:])
    assert usage.prompt > 0 and usage.completion == 32


async def test_the_same_seed_gives_the_same_text_and_another_another(engine: OpenAIEngine) -> None:
    texts = [text_of(await events_of(engine, asking("Hello", seed=seed))) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


SETTINGS: dict[str, Any] = {
    "presence_penalty": 0.5,
    "frequency_penalty": -0.5,
    "logit_bias": {"5": -100},
    "reasoning_effort": "low",
    "top_k": 20,
    "min_p": 0.05,
    "repetition_penalty": 1.1,
    "min_tokens": 3,
    "stop_token_ids": [2],
    "allowed_token_ids": list(range(40, 80)),
    "ignore_eos": True,
    "include_stop_str_in_output": True,
    "skip_special_tokens": False,
    "spaces_between_special_tokens": False,
    "include_reasoning": False,
    "thinking_token_budget": 10,
    "chat_template_kwargs": {"enable_thinking": False},
    "structured_outputs": {"choice": ["yes", "no"]},
}


async def test_the_server_takes_every_setting_that_is_passed_on_to_it(engine: OpenAIEngine) -> None:
    assert set(SETTINGS) == (STANDARD_EXTRA | VLLM_EXTRA) - {"verbosity"}
    refused = {}
    for name, value in SETTINGS.items():
        try:
            await events_of(engine, asking("Hello", seed=1, extra={name: value}))
        except MetierError as error:
            refused[name] = error.message
    # A budget for thinking needs a model that thinks; its own error comes back with its name.
    assert set(refused) <= {"thinking_token_budget"}, refused


def test_the_server_knows_every_setting_by_its_name(vllm: VllmServer) -> None:
    """It drops what it doesn't know without a word, so that taking it proves nothing."""
    root = vllm.base_url.removesuffix("/v1")
    schemas = httpx.get(f"{root}/openapi.json").json()["components"]["schemas"]
    known = schemas["ChatCompletionRequest"]["properties"].keys()
    assert known >= set(SETTINGS) and "verbosity" not in known


async def test_a_structure_holds_the_model(engine: OpenAIEngine) -> None:
    choice = asking("Hello", seed=1, extra={"structured_outputs": {"choice": ["yes", "no"]}})
    assert text_of(await events_of(engine, choice)) in ("yes", "no")
    alone = asking("Hello", seed=1, extra={"allowed_token_ids": [50], "min_tokens": 32})
    assert len(set(text_of(await events_of(engine, alone)))) <= 2


async def test_a_stop_sequence_ends_the_text_before_it(engine: OpenAIEngine) -> None:
    whole = text_of(await events_of(engine, asking("Hello", seed=1)))
    mark = whole[20:23]
    events = await events_of(engine, asking("Hello", seed=1, stop=(mark,)))
    assert text_of(events) == whole[: whole.index(mark)]
    assert Finish("stop") in events


async def test_choices_are_told_apart(engine: OpenAIEngine) -> None:
    events = await events_of(engine, asking("Hello", n=2, seed=1))
    first, second = text_of(events, 0), text_of(events, 1)
    assert first and second and first != second
    assert {e.choice for e in events if isinstance(e, Finish)} == {0, 1}
    assert usage_of(events).completion == 64


async def test_a_json_schema_is_kept_to(engine: OpenAIEngine) -> None:
    wanted = in_json(plant={"enum": ["rose", "玫瑰"]}, litres={"type": "integer", "minimum": 1,
                     "maximum": 9}, why={"type": "string", "maxLength": 12})  # fmt: skip
    for seed in range(3):
        request = asking("Hello", response_format=wanted, max_tokens=300, seed=seed)
        events = await events_of(engine, request)
        answer = json.loads(text_of(events))
        assert set(answer) == {"plant", "litres", "why"}
        assert answer["plant"] in ("rose", "玫瑰")
        assert 1 <= answer["litres"] <= 9 and len(answer["why"]) <= 12
        assert Finish("stop") in events


async def test_a_schema_that_no_answer_can_be_held_to_is_refused(engine: OpenAIEngine) -> None:
    with pytest.raises(EngineError) as caught:
        await events_of(engine, asking("Hello", response_format=in_json(x={"type": "leaf"})))
    assert caught.value.code == "engine_rejected" and "leaf" not in str(caught.value)


async def test_a_forced_tool_is_called_with_arguments_of_its_schema(engine: OpenAIEngine) -> None:
    tool = Tool("water", "Waters a plant.", WATER)
    request = asking("Hello", tools=(tool,), tool_choice=FORCED, max_tokens=300, seed=1)
    events = await events_of(engine, request)
    calls = [e for e in events if isinstance(e, ToolCallDelta)]
    assert [c.name for c in calls if c.name] == ["water"] and calls[0].id
    assert json.loads("".join(c.arguments for c in calls)) == {"plant": "rose"}
    assert not text_of(events)


async def test_a_tool_may_be_offered_without_being_called(engine: OpenAIEngine) -> None:
    tool = Tool("water", "Waters a plant.", WATER)
    for choice in (None, "auto", "none"):
        request = asking("Hello", tools=(tool,), tool_choice=choice, parallel_tool_calls=False)
        assert text_of(await events_of(engine, request))


async def test_prefixes_are_shared_under_one_cache_salt_only(engine: OpenAIEngine) -> None:
    long = "Roses are pruned when the frost is over. " * 12

    async def cached(salt: str) -> int:
        request = asking(long, cache_salt=salt, max_tokens=1)
        return usage_of(await events_of(engine, request)).cached

    assert await cached("tenant-a") == 0
    assert await cached("tenant-a") > 0
    assert await cached("tenant-b") == 0


async def test_an_adapter_is_asked_for_by_name(engine: OpenAIEngine) -> None:
    base, tuned = [
        text_of(await events_of(engine, asking("Hello", temperature=0.0, adapter=adapter)))
        for adapter in (None, ADAPTER)
    ]
    assert base and tuned and base != tuned
    with pytest.raises(EngineError) as caught:
        await events_of(engine, asking("Hello", adapter="nobody"))
    assert caught.value.code == "engine_not_found"


@pytest.mark.parametrize("background", [False, True])
async def test_the_server_takes_priorities(engine: OpenAIEngine, background: bool) -> None:
    """One that doesn't schedule by them refuses any but 0."""
    server = ServerEngine(engine, VllmOptions(priority=0))
    request = asking("Hello", background=background)
    body = server.encode(request)
    assert json.loads(body)["priority"] == int(background)
    assert text_of([event async for event in server.send(body, request)])


@pytest.mark.parametrize(
    ("settings", "param"),
    [
        ({"temperature": -3.0}, "temperature"),
        ({"top_p": 7.0}, "top_p"),
        ({"max_tokens": CONTEXT + 1}, "max_tokens"),
    ],
)
async def test_a_setting_out_of_range_is_the_callers_to_mend(
    engine: OpenAIEngine, settings: Mapping[str, Any], param: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        await events_of(engine, asking("Hello", **settings))
    assert (caught.value.status, caught.value.param) == (400, param)


async def test_a_stream_that_is_left_early_stops_the_server(
    vllm: VllmServer, engine: OpenAIEngine
) -> None:
    request = asking("Hello", max_tokens=LONG)
    async with aborted(vllm):
        stream = engine.send(engine.encode(request), request)
        await anext(stream)
        await running(vllm, True)
        await stream.aclose()


# --- turns ---------------------------------------------------------------------


async def test_a_turn_streams_and_reports_its_usage(open_metier: Any, engine: Any) -> None:
    app = await open_metier(Gardening(), engine=engine)
    items = [item async for item in app.stream(saying("My balcony faces north. When do I prune?"))]
    answer = items[-1]
    assert isinstance(answer, Answer) and answer.text == text_of(items) != ""
    assert len([i for i in items if isinstance(i, TextDelta)]) > 8
    assert answer.finish == "length" and Finish("length") in items
    assert answer.usage == usage_of(items)
    assert answer.usage.prompt > 0 and answer.usage.completion == 32
    assert [(f.slot, f.value) for f in await app.profile(ME)] == [("light", "north")]


async def test_a_turn_gives_every_choice_that_was_asked_for(open_metier: Any, engine: Any) -> None:
    app = await open_metier(Gardening(), engine=engine)
    answer = await app.respond(saying("When do I prune?", n=2, seed=1))
    first, second = answer.choices
    assert answer.text == first != second != ""


async def test_a_follow_up_finds_its_prefix_in_the_servers_cache(
    open_metier: Any, engine: Any
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    first = await app.respond(saying("When do I prune? " * 10, "c"))
    second = await app.respond(saying("And lilies?", "c"))
    assert first.usage.cached == 0
    assert second.usage.cached > 0


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("My name is Anna Smith. When do I prune?", "Anna Smith"),
        ("我叫王小明。什么时候修剪玫瑰？", "王小明"),
    ],
)
async def test_a_pseudonym_the_model_spells_letter_by_letter_is_restored(
    open_metier: Any, engine: Any, said: str, name: str
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    await app.respond(saying(said, "c"))
    wanted = in_json(greeting={"const": f"Dear {name}!"})
    answer = await app.respond(
        saying("Greet me.", "c", response_format=wanted, max_tokens=200, seed=1)
    )
    assert name not in answer.why.outgoing and '"const":"Dear <PERSON_' in answer.why.outgoing
    assert json.loads(answer.text) == {"greeting": f"Dear {name}!"}


async def test_an_action_the_model_calls_runs_after_it_is_confirmed(
    open_metier: Any, engine: Any
) -> None:
    plugin = Watering()
    app = await open_metier(plugin, engine=engine)
    settings = {"tool_choice": FORCED, "max_tokens": 200, "seed": 1}
    asked = await app.respond(saying("Water my rose", "c", **settings))
    assert plugin.watered == [] and asked.text
    done = await app.respond(saying("yes", "c", **settings))
    assert plugin.watered == ["rose"] and done.text


async def test_a_call_of_the_clients_tool_is_handed_back(open_metier: Any, engine: Any) -> None:
    app = await open_metier(Gardening(), engine=engine)
    tool = Tool("measure", "Measures a plant.", WATER)
    forced = {"type": "function", "function": {"name": "measure"}}
    answer = await app.respond(
        saying("How high is it?", tools=(tool,), tool_choice=forced, max_tokens=300, seed=1)
    )
    (call,) = answer.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("measure", {"plant": "rose"})
    assert answer.finish == "tool_calls"


async def test_a_conversation_the_model_cannot_hold_is_said_so_without_content(
    open_metier: Any, engine: Any
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    with pytest.raises(MetierError) as caught:
        await app.respond(saying("My balcony faces north. " + "Tulips? " * 2_000))
    error = caught.value
    assert (error.code, error.status) == ("context_length_exceeded", 400)
    assert "ulip" not in str(error) + repr(error.__cause__) + repr(error.__context__)
    assert await app.profile(ME) == []


async def test_an_abandoned_turn_stops_the_server_and_stores_nothing(
    open_metier: Any, vllm: VllmServer, engine: Any
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    async with aborted(vllm):
        stream = app.stream(saying("My balcony faces north.", max_tokens=LONG))
        await anext(stream)
        await running(vllm, True)
        await stream.aclose()
    assert await app.profile(ME) == []
    assert (await app.verify_audit()).ok


# --- the whole way: stock client, metier's server, vLLM --------------------------


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[Any]:
    """The stock client of a metier server over `app`."""
    from openai import AsyncOpenAI

    keys = {hashlib.sha256(b"key").hexdigest(): ME}
    server = uvicorn.Server(
        uvicorn.Config(create_app(app, keys=keys), port=0, log_level="warning", access_log=False)
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        url = f"http://127.0.0.1:{port}/v1"
        async with AsyncOpenAI(base_url=url, api_key="key", max_retries=0) as client:
            yield client
    finally:
        server.should_exit = True
        await serving


def body(text: str, **settings: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": "gardening", "messages": messages, "max_tokens": 32, **settings}


async def test_the_stock_client_gets_text_and_usage_whole_and_streamed(
    open_metier: Any, engine: Any
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    asked = body("When do I prune?", seed=1, temperature=0.7)
    async with client_of(app) as client:
        whole = await client.chat.completions.create(**asked)
        stream = await client.chat.completions.create(
            **asked, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert whole.choices[0].finish_reason == "length"
    assert whole.usage.prompt_tokens > 0 and whole.usage.completion_tokens == 32
    pieces = [c.choices[0].delta.content or "" for c in chunks if c.choices]
    assert len(pieces) > 8
    assert "".join(pieces) == whole.choices[0].message.content
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "length"
    assert chunks[-1].usage.completion_tokens == 32


async def test_a_client_that_goes_away_stops_the_model(
    open_metier: Any, vllm: VllmServer, engine: Any
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    async with client_of(app) as client, aborted(vllm):
        stream = await client.chat.completions.create(
            **body("When do I prune?", stream=True) | {"max_tokens": LONG}
        )
        await anext(aiter(stream))
        await running(vllm, True)
        await stream.close()


async def test_what_vllm_refuses_reaches_the_stock_client_as_its_own_error(
    open_metier: Any, engine: Any
) -> None:
    import openai

    app = await open_metier(Gardening(), engine=engine)
    async with client_of(app) as client:
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(**body("Tulips? " * 2_000, stream=True))
        assert caught.value.code == "context_length_exceeded"
        with pytest.raises(openai.BadRequestError) as caught:
            await client.chat.completions.create(**body("Tulips?", temperature=-1))
    assert caught.value.param == "temperature"
    assert "ulip" not in str(caught.value)


# --- silence, and the end ----------------------------------------------------------


async def test_nothing_said_is_in_anything_that_vllm_writes(
    vllm: VllmServer, engine: OpenAIEngine
) -> None:
    secret, chinese = "Zebulon Quartermain", "欧阳秋水"
    said = f"{secret} {chinese}"
    answer = text_of(await events_of(engine, asking(said, stop=(said,))))
    greeting = in_json(greeting={"const": said})
    spoken = await events_of(engine, asking(said, response_format=greeting, max_tokens=300))
    assert json.loads(text_of(spoken)) == {"greeting": said}
    tool = Tool("water", said, WATER)
    await events_of(engine, asking(said, tools=(tool,), tool_choice=FORCED, max_tokens=300))
    stream = engine.send(engine.encode(asking(said, max_tokens=LONG)), asking(said))
    await anext(stream)
    await stream.aclose()
    for refused in (
        asking(said * 1_000),
        asking(said, temperature=-1.0),
        asking(said, adapter="nobody"),
        asking(said, response_format=in_json(x={"type": said})),
        asking(said, tool_choice=FORCED, tools=(Tool("other", said, WATER),)),
    ):
        with pytest.raises(MetierError) as caught:
            await events_of(engine, refused)
        assert secret not in str(caught.value) and chinese not in str(caught.value)
    await running(vllm, False)
    assert "POST /v1/chat/completions" in vllm.log()
    words = {*secret.split(), chinese, answer}
    spelt = {w.encode() for w in words} | {json.dumps(w)[1:-1].encode() for w in words}
    assert [f.name for f in vllm.written() if any(s in f.read_bytes() for s in spelt)] == []


@pytest.mark.parametrize("crash", ["kill_engine", "kill"])
async def test_a_server_that_dies_in_mid_stream_is_an_error_and_nothing_is_stored(
    open_metier: Any, home: Path, vllm: VllmServer, engine: Any, crash: str
) -> None:
    app = await open_metier(Gardening(), engine=engine)
    stream = app.stream(saying("My balcony faces north.", "c", max_tokens=LONG))
    for _ in range(5):
        await anext(stream)
    getattr(vllm, crash)()
    with pytest.raises(EngineError) as caught:
        async for _ in stream:
            pass
    assert caught.value.code == "engine_cut"
    assert await app.profile(ME) == []
    assert (await app.verify_audit()).ok
    with pytest.raises(EngineError):
        await app.respond(saying("My balcony faces north.", "c"))
