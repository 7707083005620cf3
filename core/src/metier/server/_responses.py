"""POST /v1/responses: body to request, events to typed events, answer to response."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from metier.model import (
    Actor,
    Answer,
    BadRequest,
    Event,
    Json,
    Message,
    Role,
    TextDelta,
    ToolCall,
    ToolCallDelta,
)
from metier.server._content import content_of
from metier.server._fields import (
    RESPONSE_REASONING,
    RESPONSE_TEXT,
    RESPONSES,
    check_fields,
    known_keys,
)
from metier.server._response_shape import (
    call_item,
    message_item,
    output_items,
    response_object,
    status_of,
    text_part,
)
from metier.server._settings import format_of, stream_options_of, tool_choice_of
from metier.server._wire import (
    Gathered,
    Limits,
    Wanted,
    build_request,
    call_of,
    conversation_id,
    role_of,
    take,
    text_of,
    tool_of,
    wants_explanation,
)


def parse(raw: dict[str, Any], actor: Actor, headers: Mapping[str, str], limits: Limits) -> Wanted:
    extra = check_fields(raw, RESPONSES)
    messages: list[Message] = []
    instructions = take(raw, "instructions", str, "")
    if instructions:
        messages.append(Message(Role.SYSTEM, text_of(instructions, "instructions")))
    given = take(raw, "input", (str, list), [])
    if not given:
        raise BadRequest("`input` is empty; say in words what you want.", param="input")
    if isinstance(given, str):
        messages.append(Message(Role.USER, text_of(given, "input")))
    else:
        for i, item in enumerate(given):
            message = _item(item, f"input[{i}]")
            if message is not None:
                messages.append(message)
    tools = []
    for i, item in enumerate(take(raw, "tools", list, [])):
        if not isinstance(item, dict) or item.get("type") != "function":
            raise BadRequest(f"tools[{i}]: only function tools are supported.", param="tools")
        tools.append(tool_of(item, f"tools[{i}]", "type"))
    previous, conversation = take(raw, "previous_response_id", str), _conversation(raw)
    if previous and conversation:
        raise BadRequest(
            "`conversation` and `previous_response_id` both say what to go on with. Send one.",
            param="conversation",
        )
    form, verbosity = _text(take(raw, "text", dict, {}))
    extra = _effort(raw) | verbosity | extra
    if "structured_outputs" in extra and form is not None:
        raise BadRequest(
            "`structured_outputs` and `text.format` can't hold together. Send one of them.",
            param="structured_outputs",
        )
    _check_include(raw)
    stream_options_of(raw)
    request = build_request(
        raw,
        _joined(messages),
        actor,
        headers,
        limits,
        max_tokens="max_output_tokens",
        tools=tools,
        tool_choice=tool_choice_of(raw, tools, nested=False),
        response_format=form,
        extra=extra,
        conversation=conversation,
        previous=previous.removeprefix("resp_") if previous else None,
        store=take(raw, "store", bool, True),
    )
    echoed = {"instructions": instructions or None, "previous_response_id": previous,
              "metadata": raw.get("metadata") or {}, "tools": raw.get("tools") or [],
              "tool_choice": raw.get("tool_choice") or "auto",
              "conversation": {"id": conversation} if conversation else None}  # fmt: skip
    return Wanted(
        request,
        stream=take(raw, "stream", bool, False),
        explain=wants_explanation(raw),
        created=int(time.time()),
        extra=echoed,
    )


def _conversation(raw: Mapping[str, Any]) -> str | None:
    """The conversation that a body names; it begins with its first answer."""
    given = take(raw, "conversation", (str, dict))
    if isinstance(given, dict):
        known_keys(given, ("id",), "conversation")
        given = given.get("id") or 0  # without its id an object names nothing
    return conversation_id(given, "conversation")


def _text(given: Mapping[str, Any]) -> tuple[Json, dict[str, Json]]:
    """The format of the answer, and how wordy it is to be."""
    wordy = check_fields(given, RESPONSE_TEXT, "text")
    return format_of(take(given, "format", dict), "text.format", nested=False), wordy


def _effort(raw: Mapping[str, Any]) -> dict[str, Json]:
    """How much a model is to think, as the chat wire has it."""
    passed = check_fields(take(raw, "reasoning", dict, {}), RESPONSE_REASONING, "reasoning")
    return {"reasoning_effort": passed["effort"]} if passed else {}


def _check_include(raw: Mapping[str, Any]) -> None:
    if any(name != "reasoning.encrypted_content" for name in take(raw, "include", list, [])):
        raise BadRequest(
            "`include` may hold `reasoning.encrypted_content` only: the tools that the others "
            "are about aren't here, and log probabilities are refused.",
            code="unsupported_parameter",
            param="include",
        )


_ITEMS: Final = {
    "message": ("role", "content", "phase"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "reasoning": ("summary", "content", "encrypted_content"),
}
"""Items of `input` and what they hold. Thinking is let pass and not sent to a model again."""


def _item(item: Any, where: str) -> Message | None:
    if not isinstance(item, dict):
        raise BadRequest(f"{where} must be an object.", param=where)
    kind = item.get("type", "message")
    if isinstance(kind, str) and kind in _ITEMS:
        known_keys(item, ("type", "id", "status", *_ITEMS[kind]), where)
    if kind == "message":
        role, place = role_of(item, where), f"{where}.content"
        if role is not Role.USER:
            return Message(role, text_of(item.get("content"), place))
        text, attachments = content_of(item.get("content"), place)
        return Message(role, text, attachments=attachments)
    if kind == "function_call":
        call = call_of(item.get("call_id"), item.get("name"), item.get("arguments"), where)
        return Message(Role.ASSISTANT, "", tool_calls=(call,))
    if kind == "function_call_output":
        output = item.get("output")
        text = text_of(output, f"{where}.output")
        return Message(Role.TOOL, text, tool_call_id=take(item, "call_id", str))
    if kind == "reasoning":
        return None
    if kind == "item_reference":
        raise BadRequest(
            f"{where}: items are not kept by their ids. Send the item itself, or "
            "`previous_response_id`.",
            code="unsupported_parameter",
            param=where,
        )
    raise BadRequest(f"{where}: items of this type are not supported.", param=where)


def _joined(messages: list[Message]) -> list[Message]:
    """Calls that follow each other are one assistant message, as on the chat wire."""
    result: list[Message] = []
    for message in messages:
        last = result[-1] if result else None
        if message.tool_calls and last and last.role is Role.ASSISTANT:
            calls = last.tool_calls + message.tool_calls
            result[-1] = Message(Role.ASSISTANT, last.content, tool_calls=calls)
        else:
            result.append(message)
    return result


def completion(wanted: Wanted, answer: Answer, gathered: Gathered) -> bytes:
    """The whole answer as one object."""
    return orjson.dumps(
        response_object(wanted, status_of(answer), output_items(wanted, answer), answer)
    )


class Chunks:
    """Turns events into the typed events of the Responses wire."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._sequence = 0
        self._text: str | None = None
        self._calls: list[ToolCall] = []

    def opening(self) -> Iterator[bytes]:
        started = response_object(self._wanted, "in_progress", [], None)
        yield self._event("response.created", response=started)
        yield self._event("response.in_progress", response=started)

    def event(self, event: Event) -> Iterator[bytes]:
        item = f"msg_{self._wanted.turn}"
        match event:
            case TextDelta() if event.choice == 0:
                if self._text is None:
                    self._text = ""
                    yield self._event(
                        "response.output_item.added", output_index=0,
                        item=message_item(self._wanted, "", None, "in_progress"),
                    )  # fmt: skip
                    yield self._event(
                        "response.content_part.added", item_id=item, output_index=0,
                        content_index=0, part=text_part("", None),
                    )  # fmt: skip
                self._text += event.text
                yield self._event(
                    "response.output_text.delta", item_id=item, output_index=0,
                    content_index=0, delta=event.text, logprobs=[],
                )  # fmt: skip
            case ToolCallDelta():
                call = ToolCall(event.id, event.name, event.arguments)
                place = len(self._calls) + (self._text is not None)
                self._calls.append(call)
                empty = call_item(ToolCall(call.id, call.name, ""), "in_progress")
                ids = {"item_id": empty["id"], "output_index": place}
                yield self._event("response.output_item.added", output_index=place, item=empty)
                yield self._event(
                    "response.function_call_arguments.delta", delta=call.arguments, **ids
                )
                yield self._event(
                    "response.function_call_arguments.done", arguments=call.arguments,
                    name=call.name, **ids,
                )  # fmt: skip
                yield self._event(
                    "response.output_item.done", output_index=place, item=call_item(call)
                )

    def closing(self, answer: Answer) -> Iterator[bytes]:
        if self._text is None and not self._calls:
            yield from self.event(TextDelta(""))
        if self._text is not None:
            item = f"msg_{self._wanted.turn}"
            ids = {"item_id": item, "output_index": 0, "content_index": 0}
            yield self._event("response.output_text.done", text=answer.text, logprobs=[], **ids)
            yield self._event(
                "response.content_part.done", part=text_part(answer.text, answer), **ids
            )
            yield self._event(
                "response.output_item.done", output_index=0,
                item=message_item(self._wanted, answer.text, answer, "completed"),
            )  # fmt: skip
        status = status_of(answer)
        output = output_items(self._wanted, answer)
        yield self._event(
            f"response.{status}", response=response_object(self._wanted, status, output, answer)
        )

    def failure(self, body: bytes) -> Iterator[bytes]:
        error = orjson.loads(body)["error"]
        failed = response_object(self._wanted, "failed", [], None)
        failed["error"] = {"code": error["code"], "message": error["message"]}
        yield self._event("response.failed", response=failed)

    def _event(self, kind: str, **fields: Json) -> bytes:
        data = {"type": kind, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
