"""A LangChain chat model gets what the guard scanned, and nobody watches it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.globals import set_debug
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import RunnableLambda
from langsmith.run_helpers import get_tracing_context
from langsmith.utils import tracing_is_enabled
from pydantic import PrivateAttr

from metier.inference import LangChainEngine
from metier.model import (
    Attachment,
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
    ToolCall,
    ToolCallDelta,
    Usage,
    Volatility,
)
from metier.prompt import build_plan

TOOL = Tool("find_order", "Finds an order.", {"type": "object", "properties": {}})


def said(message: Message, volatility: Volatility = Volatility.MESSAGE) -> Segment:
    return Segment(message.content, "client", volatility, message.role, message=message)


PLAN = build_plan(
    [Segment("You help.", "d", Volatility.DOMAIN), said(Message(Role.USER, "Ann, 你好"))]
)
ASK = EngineRequest(PLAN)


class Scripted(BaseChatModel):
    """Streams the given chunks and remembers what it was given."""

    script: list[Any] = []
    wait: float = 0.0
    _seen: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _options: list[dict[str, Any]] = PrivateAttr(default_factory=list)
    _traced: list[object] = PrivateAttr(default_factory=list)
    _ended: list[str] = PrivateAttr(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        raise NotImplementedError

    async def _astream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, *_: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self._seen.append(messages)
        self._options.append({"stop": stop, **kwargs})
        self._traced.append(tracing_is_enabled())
        try:
            for item in self.script:
                if isinstance(item, Exception):
                    raise item
                chunk = AIMessageChunk(content=item) if isinstance(item, str) else item
                yield ChatGenerationChunk(message=chunk)
                await asyncio.sleep(self.wait)
        finally:
            self._ended.append("ended")

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self.bind(tools=tools, **kwargs)


class Silent(BaseChatModel):
    """Can't stream and can't bind tools."""

    answer: AIMessage

    @property
    def _llm_type(self) -> str:
        return "silent"

    def _generate(self, *_: Any, **__: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self.answer)])


class Spy(AsyncCallbackHandler):
    """Remembers that it was called at all."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.calls.append("start")

    async def on_llm_new_token(self, *_: Any, **__: Any) -> None:
        self.calls.append("token")


async def ask(engine: LangChainEngine, request: EngineRequest = ASK) -> list[Event]:
    return [event async for event in engine.send(engine.encode(request), request)]


async def test_text_streams_and_ends_with_finish_and_the_sum_of_usage() -> None:
    def counts(read: int, wrote: int) -> AIMessageChunk:
        return AIMessageChunk(
            content="",
            usage_metadata={
                "input_tokens": read,
                "output_tokens": wrote,
                "total_tokens": read + wrote,
                "input_token_details": {"cache_read": read},
            },
        )

    last = AIMessageChunk(content="", response_metadata={"stop_reason": "max_tokens"})
    model = Scripted(script=[counts(5, 0), "Hello ", "你好", counts(0, 2), last])
    assert await ask(LangChainEngine(model, "t")) == [
        TextDelta("Hello "),
        TextDelta("你好"),
        Finish("length"),
        Usage(5, 2, 5),
    ]


async def test_reasoning_and_text_blocks_are_told_apart() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm"},
        {"type": "text", "text": "ok"},
        {"type": "image", "url": "x"},
        "plain",
    ]
    deep = AIMessageChunk(content="", additional_kwargs={"reasoning_content": "deep"})
    model = Scripted(script=[deep, AIMessageChunk(content=blocks)])  # type: ignore[arg-type]
    assert await ask(LangChainEngine(model, "t")) == [
        ReasoningDelta("deep"),
        ReasoningDelta("hm"),
        TextDelta("ok"),
        TextDelta("plain"),
        Finish("stop"),
    ]


async def test_the_model_gets_the_messages_of_the_body_and_nothing_of_the_request() -> None:
    model = Scripted(script=["ok"])
    engine = LangChainEngine(model, "t")
    call = ToolCall("c1", "find_order", '{"id": 1}')
    plan = build_plan(
        [
            *PLAN.segments,
            said(Message(Role.ASSISTANT, "", tool_calls=(call,))),
            said(Message(Role.TOOL, "{}", "find_order", tool_call_id="c1")),
        ]
    )
    other = EngineRequest(Plan((said(Message(Role.USER, "never scanned")),)))
    body = engine.encode(replace(ASK, plan=plan, stop=("END",)))
    async for _ in engine.send(body, other):
        pass
    [messages] = model._seen
    assert [(m.type, m.content) for m in messages] == [
        ("system", "You help."),
        ("human", "Ann, 你好"),
        ("ai", ""),
        ("tool", "{}"),
    ]
    assert isinstance(messages[2], AIMessage) and isinstance(messages[3], ToolMessage)
    assert messages[2].tool_calls[0]["args"] == {"id": 1}
    assert messages[3].tool_call_id == "c1"
    assert model._options == [{"stop": ["END"]}]


async def test_the_model_gets_a_picture_as_the_body_has_it() -> None:
    model = Scripted(script=["ok"])
    picture = Attachment("image", "image/png", b"abc")
    plan = build_plan([said(Message(Role.USER, "What is this?", attachments=(picture,)))])
    request = EngineRequest(plan)
    engine = LangChainEngine(model, "t")
    async for _ in engine.send(engine.encode(request), request):
        pass
    [[message]] = model._seen
    assert message.content == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}},
    ]


async def test_tools_are_bound_with_choice_by_name() -> None:
    model = Scripted(script=["ok"])
    engine = LangChainEngine(model, "t")
    choice = {"type": "function", "function": {"name": "find_order"}}
    request = replace(ASK, plan=Plan(PLAN.segments, (TOOL,)), tool_choice=choice)
    await ask(engine, request)
    [options] = model._options
    assert options["tools"][0]["function"]["name"] == "find_order"
    assert options["tool_choice"] == "find_order"


async def test_tool_choice_none_offers_no_tools() -> None:
    model = Scripted(script=["ok"])
    engine = LangChainEngine(model, "t")
    request = replace(ASK, tools=(TOOL,), tool_choice="none")
    assert "tools" not in orjson.loads(engine.encode(request))


async def test_tool_calls_come_in_fragments() -> None:
    def fragment(**piece: Any) -> AIMessageChunk:
        whole = {"name": None, "args": "", "id": None, "index": 0, **piece}
        return AIMessageChunk(content="", tool_call_chunks=[whole])  # type: ignore[list-item]

    script = [fragment(name="find_order", id="c1", args='{"id"'), fragment(args=":1}")]
    assert await ask(LangChainEngine(Scripted(script=script), "t")) == [
        ToolCallDelta(0, "c1", "find_order", '{"id"'),
        ToolCallDelta(0, "", "", ":1}"),
        Finish("tool_calls"),
    ]


async def test_a_model_that_cannot_stream_gives_the_same_events() -> None:
    call = {"name": "find_order", "args": {"id": 1}, "id": "c1", "type": "tool_call"}
    answer = AIMessage(content="ok", tool_calls=[call])
    assert await ask(LangChainEngine(Silent(answer=answer), "t")) == [
        TextDelta("ok"),
        ToolCallDelta(0, "c1", "find_order", '{"id":1}'),
        Finish("tool_calls"),
    ]


async def test_a_model_that_cannot_call_tools_says_so() -> None:
    engine = LangChainEngine(Silent(answer=AIMessage(content="x")), "t")
    with pytest.raises(BadRequest) as caught:
        await ask(engine, replace(ASK, tools=(TOOL,)))
    assert caught.value.param == "tools"


@pytest.mark.parametrize(
    ("change", "param"),
    [({"n": 2}, "n"), ({"response_format": {"type": "json_object"}}, "response_format")],
)
def test_what_chat_models_have_no_common_way_to_do_is_refused(
    change: dict[str, Any], param: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        LangChainEngine(Scripted(), "t").encode(replace(ASK, **change))
    assert caught.value.param == param


SETTINGS: dict[str, Any] = {"max_tokens": 7, "temperature": 0.0, "top_p": 0.5, "seed": 3}


class Tunable(Scripted):
    """Has the settings that LangChain gives a common name, and tells what they were."""

    temperature: float | None = 0.9
    top_p: float | None = None
    seed: int | None = None
    max_tokens: int | None = None

    async def _astream(self, *arguments: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        self._options.append({name: getattr(self, name) for name in SETTINGS})
        yield ChatGenerationChunk(message=AIMessageChunk(content="ok"))


async def test_the_settings_of_a_request_reach_a_model_that_has_them() -> None:
    model = Tunable()
    engine = LangChainEngine(model, "t")
    await ask(engine, replace(ASK, **SETTINGS))
    await ask(engine)
    assert model._options == [
        SETTINGS,
        {"max_tokens": None, "temperature": 0.9, "top_p": None, "seed": None},
    ]


def test_the_guard_sees_the_settings_too() -> None:
    body = orjson.loads(LangChainEngine(Tunable(), "t").encode(replace(ASK, **SETTINGS)))
    assert {name: body[name] for name in SETTINGS} == SETTINGS


async def test_a_setting_goes_by_the_models_own_name() -> None:
    class Ollamalike(Scripted):
        num_predict: int | None = None

        async def _astream(self, *_: Any, **__: Any) -> AsyncIterator[ChatGenerationChunk]:
            yield ChatGenerationChunk(message=AIMessageChunk(content=str(self.num_predict)))

    engine = LangChainEngine(Ollamalike(), "t")
    assert (await ask(engine, replace(ASK, max_tokens=7)))[0] == TextDelta("7")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_that_a_model_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="Scripted") as caught:
        LangChainEngine(Scripted(), "t").encode(replace(ASK, **{name: SETTINGS[name]}))
    assert (caught.value.code, caught.value.param) == ("unsupported_parameter", name)


def test_openais_own_class_sends_what_was_set() -> None:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(model="m", api_key="k", base_url="http://localhost:1/v1")
    engine = LangChainEngine(model, "t")
    body = orjson.loads(engine.encode(replace(ASK, **SETTINGS)))
    sent = engine._bound(body)._get_request_payload(body["messages"])
    sent["max_tokens"] = sent.pop("max_completion_tokens", sent.get("max_tokens"))
    assert {name: sent[name] for name in SETTINGS} == SETTINGS


async def test_tracing_is_off_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from langsmith import utils

    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    utils.get_env_var.cache_clear()  # type: ignore[attr-defined]
    try:
        assert tracing_is_enabled()  # the environment does switch it on outside
        model = Scripted(script=["a", "b"])
        engine = LangChainEngine(model, "t")
        stream = engine.send(engine.encode(ASK), ASK)
        await anext(stream)
        # The caller's own context is left as it was, also in the middle of a stream.
        assert tracing_is_enabled() and get_tracing_context()["enabled"] is None
        await stream.aclose()  # type: ignore[attr-defined]
        assert model._traced == [False]
    finally:
        monkeypatch.undo()
        utils.get_env_var.cache_clear()  # type: ignore[attr-defined]


async def test_neither_the_models_callbacks_nor_those_around_it_are_called() -> None:
    own, around = Spy(), Spy()
    model = Scripted(script=["ok"], callbacks=[own])
    engine = LangChainEngine(model, "t")

    async def run(_: object) -> list[Event]:
        return await ask(engine)

    config: Any = {"callbacks": [around]}
    assert text_of(await RunnableLambda(run).ainvoke(None, config)) == "ok"
    assert own.calls == around.calls == []
    assert model.callbacks == [own]  # the caller's model is not changed
    async for _ in model.astream("x", config):
        pass
    assert own.calls and around.calls  # they do work without the engine


def text_of(events: list[Event]) -> str:
    return "".join(e.text for e in events if isinstance(e, TextDelta))


async def test_debug_mode_is_refused_because_it_prints_prompts() -> None:
    set_debug(True)
    try:
        with pytest.raises(EngineError) as caught:
            await ask(LangChainEngine(Scripted(script=["ok"]), "t"))
    finally:
        set_debug(False)
    assert caught.value.code == "engine_misconfigured"


async def test_an_error_of_the_model_is_told_by_type_only() -> None:
    model = Scripted(script=["a", ValueError("the secret of Ann")])
    engine = LangChainEngine(model, "t")
    events: list[Event] = []
    with pytest.raises(EngineError) as caught:
        async for event in engine.send(engine.encode(ASK), ASK):
            events.append(event)
    assert events == [TextDelta("a")]
    assert "ValueError" in str(caught.value) and "Ann" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


async def test_leaving_early_stops_the_model() -> None:
    model = Scripted(script=["a"] * 100, wait=30)
    engine = LangChainEngine(model, "t")
    stream = engine.send(engine.encode(ASK), ASK)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert model._ended == ["ended"]


def test_only_a_chat_model_is_accepted() -> None:
    with pytest.raises(MetierError) as caught:
        LangChainEngine(RunnableLambda(lambda x: x), "t")
    assert caught.value.code == "bad_config"


def test_encoding_is_deterministic() -> None:
    model = Scripted()
    engine = LangChainEngine(model, "t")
    assert engine.encode(ASK) == engine.encode(ASK)
    assert list(orjson.loads(engine.encode(ASK))) == ["messages"]
