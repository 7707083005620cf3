"""The engine over any LangChain chat model, with tracing and callbacks forced off."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final

import orjson

from metier._messages import render, render_tools
from metier.inference._dialect import Calls, end_of, words_of
from metier.inference._openai import refuse_extra
from metier.model import (
    BadRequest,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Json,
    MetierError,
    ReasoningDelta,
    Usage,
)

_SETTINGS: Final = {
    "max_tokens": ("max_tokens", "max_output_tokens", "max_new_tokens", "num_predict"),
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "seed": ("seed", "random_seed"),
}
"""A request's settings, and the fields of chat models that hold them."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """The model raised an exception of this type. Its message can hold content."""

    kind: str


class LangChainEngine:
    """Drives a LangChain chat model.

    What the guard scans is the canonical JSON that `encode` makes of messages
    and tools, and `send` decodes that very JSON into what the model gets; nothing
    else of the request reaches it. The model class then words its provider's own
    HTTP body from these messages. That holds as long as the class only
    translates: one that adds text of its own (a memory, a retriever, documents,
    few-shot examples, a system prompt that holds personal data, text in
    `model_kwargs`) sends what no guard has seen, and one with its own HTTP
    client goes past the egress allow-list. Use such a class only for a target
    whose policy permits that.

    Callbacks (the model's own too), the response cache and LangSmith tracing are
    off for each call, whatever the environment says, and the model runs in an
    empty context, so no run around it collects anything. `max_tokens`,
    `temperature`, `top_p` and `seed` are set in a copy of the model, where its
    class has a field for them, and refused where it has none. `cache_salt` is
    not passed: LangChain has no common way to.

    Args:
        chat_model: a `langchain_core` `BaseChatModel`. It is copied, never changed.
        target: the declared target its provider is.

    Raises:
        MetierError: "bad_config" where `chat_model` is no chat model.
    """

    name = "langchain"

    def __init__(self, chat_model: Any, target: str) -> None:
        from langchain_core.language_models import BaseChatModel

        if not isinstance(chat_model, BaseChatModel):
            raise MetierError(
                f"The LangChain engine needs a chat model, not {type(chat_model).__name__}. "
                "Give the model itself, without bound tools or chains.",
                code="bad_config",
            )
        self.target = target
        quiet = {"callbacks": None, "verbose": False, "cache": False}
        self._model = chat_model.model_copy(update=quiet)

    def __repr__(self) -> str:
        return f"LangChainEngine({type(self._model).__name__}, target={self.target!r})"

    def encode(self, request: EngineRequest) -> bytes:
        """Canonical JSON of the messages, tools, stop sequences and settings.

        Raises:
            BadRequest: for what LangChain chat models have no common way to do, and for a
                setting that this one doesn't have.
        """
        refuse_extra(request, ())
        if request.n != 1:
            raise BadRequest("This engine gives one answer a request. Set n to 1.", param="n")
        wanted = request.response_format
        if wanted is not None and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
            raise BadRequest(
                "This engine can't hold a model to a JSON format. Leave response_format out, or "
                "configure the OpenAI-compatible engine.",
                param="response_format",
            )
        body: dict[str, Json] = {"messages": render(request.plan)}
        tools = render_tools((*request.plan.tools, *request.tools))
        if tools and request.tool_choice != "none":
            body["tools"] = tools
            if request.tool_choice is not None:
                body["tool_choice"] = request.tool_choice
            if request.parallel_tool_calls is not None:
                body["parallel_tool_calls"] = request.parallel_tool_calls
        if request.stop:
            body["stop"] = list(request.stop)
        for name in _SETTINGS:
            value = getattr(request, name)
            if value is not None:
                self._field(name)
                body[name] = value
        return orjson.dumps(body)

    def _field(self, name: str) -> str:
        """The field of the model's class that holds a setting.

        Raises:
            BadRequest: it has none.
        """
        kind = type(self._model)
        for field in _SETTINGS[name]:
            if field in kind.model_fields:
                return field
        raise BadRequest(
            f"The chat model {kind.__name__} has no setting for `{name}`. Leave it out, or "
            "configure another model.",
            code="unsupported_parameter",
            param=name,
        )

    async def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        """Decodes `body`, streams the model with it, and yields its events.

        Raises:
            BadRequest: where tools are offered and the model class can't bind them.
            EngineError: "engine_unavailable" with the type of what the model
                raised; its message is not repeated, as it can hold content.
        """
        from langchain_core.globals import get_debug

        if get_debug():
            raise EngineError(
                "LangChain's debug mode prints every prompt. Turn it off to use this engine.",
                code="engine_misconfigured",
                status=500,
            )
        queue: asyncio.Queue[Any] = asyncio.Queue(maxsize=1)
        # One task with an empty context: callbacks and tracers that hang in the
        # caller's context don't reach the model, and what tracing_context sets
        # here doesn't leak out between two events.
        task = asyncio.create_task(
            self._pump(orjson.loads(body), queue), context=contextvars.Context()
        )
        try:
            answer = _Answer()
            while (item := await queue.get()) is not None:
                if isinstance(item, _Failed):
                    raise EngineError(
                        f"The chat model of target '{self.target}' failed ({item.kind}). "
                        "Check its configuration and that its provider is up.",
                    )
                if isinstance(item, MetierError):
                    raise item
                for event in answer.events(item):
                    yield event
            for event in answer.end():
                yield event
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def close(self) -> None:
        """Nothing to release: the chat model belongs to whoever made it."""

    async def _pump(self, body: dict[str, Json], queue: asyncio.Queue[Any]) -> None:
        from langchain_core.messages import convert_to_messages
        from langsmith.run_helpers import tracing_context

        end: _Failed | MetierError | None = None
        with tracing_context(enabled=False, parent=False):
            try:
                model = self._bound(body)
                stream = model.astream(
                    convert_to_messages(body["messages"]),
                    config={"callbacks": []},
                    stop=body.get("stop"),
                )
                async with aclosing(stream) as chunks:
                    async for chunk in chunks:
                        await queue.put(chunk)
            except MetierError as error:
                end = error
            except Exception as error:
                end = _Failed(type(error).__name__)
        await queue.put(end)

    def _bound(self, body: dict[str, Json]) -> Any:
        given = {self._field(name): body[name] for name in _SETTINGS if name in body}
        model = self._model.model_copy(update=given) if given else self._model
        if "tools" not in body:
            return model
        options = {k: body[k] for k in ("tool_choice", "parallel_tool_calls") if k in body}
        if isinstance(options.get("tool_choice"), dict):
            # LangChain wants the bare name.
            options["tool_choice"] = options["tool_choice"]["function"]["name"]
        try:
            return model.bind_tools(body["tools"], **options)
        except NotImplementedError:
            raise BadRequest(
                f"The chat model {type(self._model).__name__} can't call tools. Leave tools out, "
                "or configure another model.",
                param="tools",
            ) from None


class _Answer:
    """Turns LangChain's chunks into events."""

    def __init__(self) -> None:
        self._reason = ""
        self._calls = Calls()
        self._called = False
        self._usage: Usage | None = None

    def events(self, chunk: Any) -> Iterator[Event]:
        yield from _content(chunk)
        yield from self._tool_calls(chunk)
        metadata = chunk.response_metadata or {}
        self._reason = metadata.get("finish_reason") or metadata.get("stop_reason") or self._reason
        if counts := chunk.usage_metadata:
            # Partial counts: LangChain's rule is to add them up over the chunks.
            before = self._usage or Usage()
            details = counts.get("input_token_details") or {}
            spent = counts.get("output_token_details") or {}
            self._usage = Usage(
                before.prompt + counts.get("input_tokens", 0),
                before.completion + counts.get("output_tokens", 0),
                before.cached + (details.get("cache_read") or 0),
                before.reasoning + (spent.get("reasoning") or 0),
            )

    def end(self) -> Iterator[Event]:
        default = "tool_calls" if self._called else "stop"
        yield Finish(end_of(str(self._reason), default))
        if self._usage is not None:
            yield self._usage

    def _tool_calls(self, chunk: Any) -> Iterator[Event]:
        pieces = getattr(chunk, "tool_call_chunks", None)
        if pieces is None:  # a model that can't stream gives one whole message
            pieces = [
                {**call, "index": place, "args": orjson.dumps(call["args"]).decode()}
                for place, call in enumerate(chunk.tool_calls)
            ]
        for piece in pieces:
            self._called = True
            function = {"name": piece.get("name"), "arguments": piece.get("args")}
            yield self._calls.piece({**piece, "function": function}, 0)


def _content(chunk: Any) -> Iterator[Event]:
    reasoning = chunk.additional_kwargs.get("reasoning_content")
    if isinstance(reasoning, str) and reasoning:
        yield ReasoningDelta(reasoning)
    yield from words_of(chunk.content)
