"""LangChain messages through a scrubber, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from langchain_core.messages import AIMessage, BaseMessage

from metier.model import BadRequest, Message, Role, ToolCall
from metier.privacy import Scrubber

_ROLES = {
    "system": Role.SYSTEM,
    "human": Role.USER,
    "ai": Role.ASSISTANT,
    "tool": Role.TOOL,
}


def hidden_messages(messages: Sequence[BaseMessage], scrubber: Scrubber) -> list[BaseMessage]:
    """Copies of the messages with every text, name and argument hidden.

    Raises:
        BadRequest: a part that can't be searched (an image, a file, audio).
    """
    pieces = [piece for message in messages for piece in _pieces(message)]
    hidden = iter(scrubber.hide_messages(pieces))
    return [_rebuilt(message, [next(hidden) for _ in _pieces(message)]) for message in messages]


def _pieces(message: BaseMessage) -> list[Message]:
    """One message for each text block; the first carries name and tool calls."""
    role = _ROLES.get(message.type, Role.USER)
    texts = [message.content] if isinstance(message.content, str) else _texts(message.content)
    calls = tuple(
        ToolCall(call["id"] or "", call["name"], orjson.dumps(call["args"]).decode())
        for call in getattr(message, "tool_calls", ())
    )
    first = Message(role, texts[0] if texts else "", message.name, calls)
    return [first, *(Message(role, text) for text in texts[1:])]


def _texts(blocks: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for block in blocks:
        if isinstance(block, str):
            found.append(block)
        elif block.get("type") == "text":
            found.append(block["text"])
        elif block.get("type") in ("tool_use", "tool_call", "function_call"):
            continue  # said again in `tool_calls`
        else:
            raise BadRequest(
                f"A message part of type '{block.get('type')}' can't be searched for personal "
                "data and was not sent; leave it out.",
                code="unsupported_content",
            )
    return found


def _rebuilt(message: BaseMessage, hidden: Sequence[Message]) -> BaseMessage:
    texts = [m.content for m in hidden]
    changes: dict[str, Any] = {
        "content": texts[0] if len(texts) == 1 else [{"type": "text", "text": t} for t in texts],
        "name": hidden[0].name,
        "additional_kwargs": {},
        "response_metadata": {},
    }
    if isinstance(message, AIMessage):
        changes["tool_calls"] = [
            {**call, "args": orjson.loads(masked.arguments)}
            for call, masked in zip(message.tool_calls, hidden[0].tool_calls, strict=True)
        ]
    artifact = {"artifact": None} if hasattr(message, "artifact") else {}
    return message.model_copy(update=changes | artifact)


def restored_message(message: BaseMessage, scrubber: Scrubber) -> BaseMessage:
    """A copy of a model's message with the values put back."""
    changes: dict[str, Any] = {"content": _restored_content(message.content, scrubber)}
    if isinstance(message, AIMessage):
        changes["tool_calls"] = [
            {
                **call,
                "args": orjson.loads(scrubber.restore_json(orjson.dumps(call["args"]).decode())),
            }
            for call in message.tool_calls
        ]
        # Providers repeat calls here as they came; LangChain reads `tool_calls` first.
        changes["additional_kwargs"] = {
            k: v for k, v in message.additional_kwargs.items() if k != "tool_calls"
        }
    return message.model_copy(update=changes)


def _restored_content(content: Any, scrubber: Scrubber) -> Any:
    if isinstance(content, str):
        return scrubber.restore(content)
    return [
        {**block, "text": scrubber.restore(block["text"])}
        if isinstance(block, dict) and isinstance(block.get("text"), str)
        else scrubber.restore(block)
        if isinstance(block, str)
        else block
        for block in content
    ]
