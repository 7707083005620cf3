"""POST /v1/responses: body to request, events to typed events, answer to response."""

from __future__ import annotations

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
    ReasoningDelta,
    RefusalDelta,
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
    thinking_item,
    thinking_part,
    words_part,
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
    given, previous = take(raw, "input", (str, list), []), take(raw, "previous_response_id", str)
    if not given:
        raise BadRequest("`input` is empty; say in words what you want.", param="input")
    if isinstance(given, str):
        messages.append(Message(Role.USER, text_of(given, "input")))
    else:
        said, previous = _input(given, previous)
        messages += said
    tools = []
    for i, item in enumerate(take(raw, "tools", list, [])):
        if not isinstance(item, dict) or item.get("type") != "function":
            raise BadRequest(f"tools[{i}]: only function tools are supported.", param="tools")
        tools.append(tool_of(item, f"tools[{i}]", "type"))
    conversation = _conversation(raw)
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
    echoed = {"instructions": instructions or None,
              "previous_response_id": raw.get("previous_response_id"),
              "metadata": raw.get("metadata") or {}, "tools": raw.get("tools") or [],
              "tool_choice": raw.get("tool_choice") or "auto",
              "conversation": {"id": conversation} if conversation else None}  # fmt: skip
    return Wanted(
        request,
        stream=take(raw, "stream", bool, False),
        explain=wants_explanation(raw),
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


def _input(given: list[Any], previous: str | None) -> tuple[list[Message], str | None]:
    """The messages of `input`, and the response they go on with.

    An item that stands for an answer by its id names that answer: what was said before it is
    kept with it, so of the items before it only instructions count.

    Raises:
        BadRequest: an item can't be taken, or another answer than `previous` is referred to.
    """
    messages: list[Message] = []
    referred: str | None = None
    for i, item in enumerate(given):
        where = f"input[{i}]"
        if isinstance(item, dict) and item.get("type") == "item_reference":
            if (turn := _referred(item, where)) is not None:
                referred = f"resp_{turn}"
                messages = [m for m in messages if m.role in (Role.SYSTEM, Role.DEVELOPER)]
        elif (message := _item(item, where)) is not None:
            messages.append(message)
    if previous and referred and previous != referred:
        raise BadRequest(
            "`previous_response_id` and an item of `input` refer to different answers. Send one.",
            param="previous_response_id",
        )
    return messages, referred or previous


def _referred(item: Mapping[str, Any], where: str) -> str | None:
    """The turn whose answer an item stands for; None for thinking, which is not shown again."""
    known_keys(item, ("type", "id"), where)
    identity: str = take(item, "id", str, "")
    if identity.startswith("rs_"):
        return None
    if not identity.startswith("msg_"):
        raise BadRequest(
            f"{where}: only the message of an answer is known by its id. Send the item itself.",
            code="unsupported_parameter",
            param=where,
        )
    return identity.removeprefix("msg_")


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
    output = output_items(wanted, answer, gathered.reasoning.get(0), 0 in gathered.refused)
    return orjson.dumps(response_object(wanted, status_of(answer), output, answer))


class Chunks:
    """Turns events into the typed events of the Responses wire."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._sequence = 0
        self._output: list[Json] = []
        """The items so far, in their order; that of the message is made at the end."""
        self._message: int | None = None
        """Where the message stands among them."""
        self._refused = False
        """Whether its words are a refusal."""
        self._thought: str | None = None
        """The thinking that is under way; it is the last of them."""
        self._thoughts = 0

    def opening(self) -> Iterator[bytes]:
        started = response_object(self._wanted, "in_progress", [], None)
        yield self._event("response.created", response=started)
        yield self._event("response.in_progress", response=started)

    def event(self, event: Event) -> Iterator[bytes]:
        match event:
            case TextDelta() | RefusalDelta() if event.choice == 0:
                if self._message is None:
                    yield from self._begins(type(event) is RefusalDelta)
                if self._refused:
                    yield self._event("response.refusal.delta", delta=event.text, **self._words())
                else:
                    yield self._event(
                        "response.output_text.delta", delta=event.text, logprobs=[],
                        **self._words(),
                    )  # fmt: skip
            case ReasoningDelta() if event.choice == 0:
                yield from self._thinks(event.text)
            case ToolCallDelta():
                yield from self._thought_through()
                call = ToolCall(event.id, event.name, event.arguments)
                place = len(self._output)
                self._output.append(call_item(call))
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
        yield from self._thought_through()
        if self._message is None and not answer.tool_calls:
            yield from self.event(TextDelta(""))
        if self._message is not None:
            part, ids = words_part(answer.text, answer, self._refused), self._words()
            message = message_item(self._wanted, part, status_of(answer))
            self._output[self._message] = message
            for number, note in enumerate(part.get("annotations", ())):
                yield self._event(
                    "response.output_text.annotation.added", annotation_index=number,
                    annotation=note, **ids,
                )  # fmt: skip
            if self._refused:
                yield self._event("response.refusal.done", refusal=answer.text, **ids)
            else:
                yield self._event("response.output_text.done", text=answer.text, logprobs=[], **ids)
            yield self._event("response.content_part.done", part=part, **ids)
            yield self._event("response.output_item.done", output_index=self._message, item=message)
        status = status_of(answer)
        whole = response_object(self._wanted, status, self._output, answer)
        yield self._event(f"response.{status}", response=whole)

    def _begins(self, refused: bool) -> Iterator[bytes]:
        """Begins the message, with its one part."""
        yield from self._thought_through()
        self._message, self._refused = len(self._output), refused
        self._output.append(None)
        begun = message_item(self._wanted, None, "in_progress")
        yield self._event("response.output_item.added", output_index=self._message, item=begun)
        part = words_part("", None, refused)
        yield self._event("response.content_part.added", part=part, **self._words())

    def _words(self) -> dict[str, Json]:
        """Where the words of the message stand."""
        item = f"msg_{self._wanted.turn}"
        return {"item_id": item, "output_index": self._message, "content_index": 0}

    def _thinks(self, text: str) -> Iterator[bytes]:
        """A piece of a model's thinking; the first one begins an item."""
        if self._thought is None:
            begun = thinking_item(self._wanted, None, self._thoughts)
            self._output.append(begun)
            self._thoughts += 1
            place = len(self._output) - 1
            yield self._event("response.output_item.added", output_index=place, item=begun)
            yield self._event(
                "response.content_part.added", part=thinking_part(""), **self._thinking()
            )
        self._thought = (self._thought or "") + text
        yield self._event("response.reasoning_text.delta", delta=text, **self._thinking())

    def _thought_through(self) -> Iterator[bytes]:
        """Ends the thinking that is under way, where some is."""
        if self._thought is None:
            return
        text, ids, self._thought = self._thought, self._thinking(), None
        item = thinking_item(self._wanted, text, self._thoughts - 1)
        self._output[-1] = item
        yield self._event("response.reasoning_text.done", text=text, **ids)
        yield self._event("response.content_part.done", part=thinking_part(text), **ids)
        yield self._event("response.output_item.done", output_index=ids["output_index"], item=item)

    def _thinking(self) -> dict[str, Json]:
        """Where the thinking that is under way stands."""
        place = len(self._output) - 1
        return {"item_id": self._output[place]["id"], "output_index": place, "content_index": 0}

    def failure(self, body: bytes) -> Iterator[bytes]:
        error = orjson.loads(body)["error"]
        failed = response_object(self._wanted, "failed", [], None)
        failed["error"] = {"code": error["code"], "message": error["message"]}
        yield self._event("response.failed", response=failed)

    def _event(self, kind: str, **fields: Json) -> bytes:
        data = {"type": kind, "sequence_number": self._sequence, **fields}
        self._sequence += 1
        return b"event: " + kind.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"
