"""POST /v1/chat/completions: body to request, events to chunks, answer to completion."""

from __future__ import annotations

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
    RefusalDelta,
    Role,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from metier.server._about import about
from metier.server._content import content_of
from metier.server._fields import CHAT, CHAT_MESSAGE, check_fields, known_keys
from metier.server._platform import chat_of, counted_notes
from metier.server._settings import format_of, stream_options_of, tool_choice_of
from metier.server._wire import (
    Gathered,
    Limits,
    Wanted,
    build_request,
    call_of,
    number,
    role_of,
    take,
    text_of,
    tool_of,
    wants_explanation,
)


def parse(raw: dict[str, Any], actor: Actor, headers: Mapping[str, str], limits: Limits) -> Wanted:
    extra = check_fields(raw, CHAT)
    listed = take(raw, "messages", list, [])
    if not listed:
        raise BadRequest("`messages` is empty; send at least one user message.", param="messages")
    messages = [_message(item, f"messages[{i}]") for i, item in enumerate(listed)]
    tools = [_tool(item, f"tools[{i}]") for i, item in enumerate(take(raw, "tools", list, []))]
    request = build_request(
        raw,
        messages,
        actor,
        headers,
        limits,
        max_tokens=_limit(raw),
        tools=tools,
        tool_choice=tool_choice_of(raw, tools, nested=True),
        response_format=format_of(
            take(raw, "response_format", dict), "response_format", nested=True
        ),
        extra=extra,
        n=number(raw, "n", int, 1, limits.max_choices) or 1,
        store=take(raw, "store", bool, True),
    )
    if "structured_outputs" in extra and request.response_format is not None:
        raise BadRequest(
            "`structured_outputs` and `response_format` can't hold together. Send one of them.",
            param="structured_outputs",
        )
    options = stream_options_of(raw, "include_usage")
    return Wanted(
        request,
        stream=take(raw, "stream", bool, False),
        usage_chunk=options.get("include_usage", False),
        explain=wants_explanation(raw),
        counted=chat_of(headers).open_webui,
    )


def _limit(raw: Mapping[str, Any]) -> str:
    """The field that bounds the answer, which has two names."""
    old, new = raw.get("max_tokens"), raw.get("max_completion_tokens")
    if old is not None and new is not None and old != new:
        raise BadRequest(
            "`max_tokens` and `max_completion_tokens` are two names of one setting and differ. "
            "Send one of them.",
            param="max_tokens",
        )
    return "max_tokens" if new is None else "max_completion_tokens"


def _tool(item: Any, where: str) -> Tool:
    if not isinstance(item, dict) or item.get("type", "function") != "function":
        raise BadRequest(f"{where}: only function tools are supported.", param=where)
    known_keys(item, ("type", "function", "cache_control"), where)
    return tool_of(item.get("function"), where)


def _message(item: Any, where: str) -> Message:
    if not isinstance(item, dict):
        raise BadRequest(f"{where} must be an object.", param=where)
    check_fields(item, CHAT_MESSAGE, where)
    calls = [
        _call(call, f"{where}.tool_calls[{i}]")
        for i, call in enumerate(take(item, "tool_calls", list, []))
    ]
    role, place = role_of(item, where), f"{where}.content"
    if calls and role is not Role.ASSISTANT:
        raise BadRequest(f"{where}: only an assistant's message has `tool_calls`.", param=where)
    # A model that would not answer has its words elsewhere.
    content = item.get("content") or take(item, "refusal", str)
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


def _call(call: Any, where: str) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        raise BadRequest(f"{where} needs a `function`.", param=where)
    if call.get("type", "function") != "function":
        raise BadRequest(f"{where}: only calls of functions are supported.", param=where)
    known_keys(call, ("id", "type", "function", "index"), where)
    known_keys(function, ("name", "arguments", "parsed_arguments"), where)
    return call_of(call.get("id"), function.get("name"), function.get("arguments"), where)


def _usage(usage: Usage) -> dict[str, Json]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }


def _notes(wanted: Wanted, answer: Answer) -> list[Json]:
    """The citations of an answer that have an address, as OpenAI marks them."""
    if wanted.counted:
        return counted_notes(answer)
    return [
        {"type": "url_citation",
         "url_citation": {"start_index": at, "end_index": at + len(mark), "title": c.title,
                          "url": c.url}}
        for c in answer.citations
        if c.url and (at := answer.text.find(mark := f"[{c.number}]")) >= 0
    ]  # fmt: skip


def completion(wanted: Wanted, answer: Answer, gathered: Gathered) -> bytes:
    """The whole answer as one object."""
    texts = dict(enumerate(answer.choices or (answer.text,)))
    finishes = {0: answer.finish} | gathered.finishes
    notes = _notes(wanted, answer)
    choices = [
        _choice(gathered, index, texts.get(index, ""), finishes.get(index, answer.finish), notes)
        for index in sorted(texts.keys() | finishes.keys())
    ]
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


def _choice(
    gathered: Gathered, index: int, text: str, finish: str, notes: list[Json]
) -> dict[str, Json]:
    message: dict[str, Json] = {"role": "assistant", "content": text, "refusal": None}
    if index in gathered.refused:
        message |= {"content": None, "refusal": text}
    if notes and index == 0:
        message["annotations"] = notes
    # Thinking isn't checked: where the answer was stopped, it could say what that must not.
    thought = gathered.reasoning.get(index)
    if thought and finish != "content_filter":
        message["reasoning_content"] = thought
    if calls := gathered.calls.get(index):
        message["content"] = message["content"] or None
        message["tool_calls"] = [
            {"id": c.id, "type": "function",
             "function": {"name": c.name, "arguments": c.arguments}}
            for c in calls
        ]  # fmt: skip
    return {"index": index, "message": message, "finish_reason": finish, "logprobs": None}


_WORDS = "\0words\0"
"""Stands for the words of a chunk; no name of a domain holds it."""


class Chunks:
    """Turns events into server-sent events, one for one."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._started: set[int] = set()
        self._around: dict[int, tuple[bytes, bytes]] = {}
        """What stands before and after the words of a choice in each of its chunks."""
        self._ends: dict[int, str] = {}
        """How the choices finished; said with the answer, which comes at the same time."""

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
            case RefusalDelta():
                yield self._chunk(event.choice, {"refusal": event.text})
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
                self._ends[event.choice] = event.reason

    def closing(self, answer: Answer) -> Iterator[bytes]:
        """Sources, then how each choice ended, `metier` with the last; then usage, alone."""
        if notes := _notes(self._wanted, answer):
            yield self._chunk(0, {"annotations": notes})
        ends = sorted((self._ends or {0: answer.finish}).items())
        for choice, reason in ends[:-1]:
            yield self._chunk(choice, {}, reason)
        choice, reason = ends[-1]
        yield self._chunk(choice, {}, reason, metier=about(self._wanted, answer))
        if self._wanted.usage_chunk:
            last = self._base() | {"choices": [], "usage": _usage(answer.usage)}
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

    def _chunk(
        self, choice: int, delta: dict[str, Json], finish: str | None = None, **more: Json
    ) -> bytes:
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
        return b"data: " + orjson.dumps(body | more) + b"\n\n"
