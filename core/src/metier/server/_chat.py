"""POST /v1/chat/completions: body to request, events to chunks, answer to completion."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from metier.model import (
    Actor,
    Answer,
    BadRequest,
    Event,
    Finish,
    Json,
    Message,
    ReasoningDelta,
    Role,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from metier.server._about import about
from metier.server._content import content_of
from metier.server._wire import (
    Limits,
    Wanted,
    build_request,
    call_of,
    role_of,
    take,
    text_of,
    tool_of,
    wants_explanation,
)


def parse(raw: dict[str, Any], actor: Actor, headers: Mapping[str, str], limits: Limits) -> Wanted:
    listed = take(raw, "messages", list, [])
    messages = [_message(item, f"messages[{i}]") for i, item in enumerate(listed)]
    tools = []
    for i, item in enumerate(take(raw, "tools", list, [])):
        where = f"tools[{i}]"
        if not isinstance(item, dict) or item.get("type", "function") != "function":
            raise BadRequest(f"{where}: only function tools are supported.", param=where)
        tools.append(tool_of(item.get("function"), where))
    limit = "max_completion_tokens" if "max_completion_tokens" in raw else "max_tokens"
    request = build_request(
        raw,
        messages,
        actor,
        headers,
        limits,
        max_tokens=limit,
        tools=tools,
        response_format=take(raw, "response_format", dict),
        store=take(raw, "store", bool, True),
    )
    options = take(raw, "stream_options", dict, {})
    return Wanted(
        request,
        stream=take(raw, "stream", bool, False),
        usage_chunk=bool(options.get("include_usage")),
        explain=wants_explanation(raw),
        created=int(time.time()),
    )


def _message(item: Any, where: str) -> Message:
    if not isinstance(item, dict):
        raise BadRequest(f"{where} must be an object.", param=where)
    calls = []
    for i, call in enumerate(take(item, "tool_calls", list, [])):
        place = f"{where}.tool_calls[{i}]"
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise BadRequest(f"{place} needs a `function`.", param=place)
        calls.append(
            call_of(call.get("id"), function.get("name"), function.get("arguments"), place)
        )
    role, place = role_of(item, where), f"{where}.content"
    content = item.get("content")
    text, attachments = (
        content_of(content, place) if role is Role.USER else (text_of(content, place), ())
    )
    return Message(
        role,
        text,
        take(item, "name", str),
        tuple(calls),
        take(item, "tool_call_id", str),
        attachments,
    )


def _usage(usage: Usage) -> dict[str, Json]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }


def completion(wanted: Wanted, answer: Answer, finishes: Mapping[int, str]) -> bytes:
    """The whole answer as one object."""
    texts = answer.choices or (answer.text,)
    choices = []
    for index, text in enumerate(texts):
        message: dict[str, Json] = {"role": "assistant", "content": text, "refusal": None}
        if index == 0 and answer.tool_calls:
            message["content"] = text or None
            message["tool_calls"] = [
                {"id": c.id, "type": "function",
                 "function": {"name": c.name, "arguments": c.arguments}}
                for c in answer.tool_calls
            ]  # fmt: skip
        finish = finishes.get(index, answer.finish)
        choices.append(
            {"index": index, "message": message, "finish_reason": finish, "logprobs": None}
        )
    return orjson.dumps(
        {
            "id": f"chatcmpl-{answer.id}",
            "object": "chat.completion",
            "created": wanted.created,
            "model": wanted.request.domain,
            "choices": choices,
            "usage": _usage(answer.usage),
            "metier": about(wanted, answer),
        }
    )


_WORDS = "\0words\0"
"""Stands for the words of a chunk; no name of a domain holds it."""


class Chunks:
    """Turns events into server-sent events, one for one."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._started: set[int] = set()
        self._around: dict[int, tuple[bytes, bytes]] = {}
        """What stands before and after the words of a choice in each of its chunks."""

    def opening(self) -> Iterator[bytes]:
        yield from ()

    def event(self, event: Event) -> Iterable[bytes]:
        if type(event) is TextDelta and event.choice in self._around:
            before, after = self._around[event.choice]
            return (before + orjson.dumps(event.text) + after,)
        return self._event(event)

    def _event(self, event: Event) -> Iterator[bytes]:
        match event:
            case TextDelta():
                yield self._chunk(event.choice, {"content": event.text})
                before, _, after = self._chunk(event.choice, {"content": _WORDS}).partition(
                    orjson.dumps(_WORDS)
                )
                self._around[event.choice] = (before, after)
            case ReasoningDelta():
                yield self._chunk(event.choice, {"reasoning_content": event.text})
            case ToolCallDelta():
                call: dict[str, Json] = {"index": event.index, "function": {}}
                if event.id:
                    call |= {"id": event.id, "type": "function"}
                if event.name:
                    call["function"]["name"] = event.name
                call["function"]["arguments"] = event.arguments
                yield self._chunk(event.choice, {"tool_calls": [call]})
            case Finish():
                yield self._chunk(event.choice, {}, event.reason)

    def closing(self, answer: Answer) -> Iterator[bytes]:
        wanted = self._wanted
        last = self._base() | {"choices": [], "metier": about(wanted, answer)}
        if wanted.usage_chunk:
            last["usage"] = _usage(answer.usage)
        yield b"data: " + orjson.dumps(last) + b"\n\n"
        yield b"data: [DONE]\n\n"

    def failure(self, body: bytes) -> Iterator[bytes]:
        yield b"data: " + body + b"\n\n"

    def _base(self) -> dict[str, Json]:
        return {
            "id": f"chatcmpl-{self._wanted.turn}",
            "object": "chat.completion.chunk",
            "created": self._wanted.created,
            "model": self._wanted.request.domain,
        }

    def _chunk(self, choice: int, delta: dict[str, Json], finish: str | None = None) -> bytes:
        if choice not in self._started:
            self._started.add(choice)
            delta = {"role": "assistant", **delta}
        body = self._base() | {
            "choices": [
                {"index": choice, "delta": delta, "finish_reason": finish, "logprobs": None}
            ]
        }
        if self._wanted.usage_chunk:
            body["usage"] = None
        return b"data: " + orjson.dumps(body) + b"\n\n"
