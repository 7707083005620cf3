"""How a plan reads as OpenAI chat messages and tools.

It stands below both `metier.prompt` (whose door re-exports `render`) and
`metier.inference` (whose engines serialise what it returns), since rooms of
one level don't import each other. Pure and deterministic: no clock, no random
id, no reordering, so that equal prefixes give equal bytes and a model server's
prefix cache hits.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from metier.model import Attachment, Json, Message, Passage, Plan, Role, Segment, Tool

_SYSTEM = (Role.SYSTEM, Role.DEVELOPER)


def render(plan: Plan) -> list[dict[str, Json]]:
    """Renders `plan` as OpenAI chat messages, in the plan's order.

    - Consecutive system segments become one system message, with blank lines
      between them. Developer segments count as system: many chat templates
      know no developer role.
    - Passages become one system message of their own with a line
      "[1] title — source: text" each; the number is the passage's place in
      `plan.passages`. They are never merged with the instructions, so the
      first message stays byte-identical from one turn to the next.
    - Segments that stand for a message keep its role, name and tool calls.

    Segments without any text and without a message are left out.
    """
    messages: list[dict[str, Json]] = []
    blocks: list[str] = []
    lines: list[str] = []

    def flush() -> None:
        # Only one of the two holds anything: each is flushed before the other grows.
        if blocks:
            messages.append({"role": "system", "content": "\n\n".join(blocks)})
            blocks.clear()
        if lines:
            messages.append({"role": "system", "content": "\n".join(lines)})
            lines.clear()

    number = 0
    for segment in plan.segments:
        if segment.passage is not None:
            number += 1
            if blocks:
                flush()
            lines.append(passage_line(number, segment))
        elif _is_system(segment):
            text = segment.text or (segment.message.content if segment.message else "")
            if not text:
                continue
            if lines:
                flush()
            blocks.append(text)
        else:
            rendered = _message(segment)
            if rendered is not None:
                flush()
                messages.append(rendered)
    flush()
    return _answered(messages)


NO_RESULT = "No result came."


def _answered(messages: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """`messages`, where each call has a result: OpenAI's models refuse those that have none.

    A client may have stopped a tool, or gone on without it.
    """
    told: list[dict[str, Json]] = []
    waiting: list[str] = []
    for message in messages:
        if message["role"] == "tool" and message.get("tool_call_id") in waiting:
            waiting.remove(message["tool_call_id"])
        elif message["role"] != "tool":
            told += _unanswered(waiting)
            waiting = [call["id"] for call in message.get("tool_calls", ())]
        told.append(message)
    return told + _unanswered(waiting)


def _unanswered(calls: Iterable[str]) -> list[dict[str, Json]]:
    return [{"role": "tool", "content": NO_RESULT, "tool_call_id": call} for call in calls]


def render_tools(tools: Iterable[Tool]) -> list[dict[str, Json]]:
    """Renders `tools` as the OpenAI `tools` array; the first tool of a name wins."""
    seen: dict[str, dict[str, Json]] = {}
    for tool in tools:
        seen.setdefault(
            tool.name,
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": _plain(tool.parameters),
                    **({} if tool.strict is None else {"strict": tool.strict}),
                },
            },
        )
    return list(seen.values())


def _is_system(segment: Segment) -> bool:
    role = segment.message.role if segment.message else segment.role
    return role in _SYSTEM


def passage_line(number: int, segment: Segment) -> str:
    """How a passage is shown to the model: its number, title, source and text."""
    passage = segment.passage or Passage("", segment.text, "", "")
    head = " — ".join(part for part in (passage.title, passage.source) if part)
    text = segment.text or passage.text
    return f"[{number}] {head}: {text}" if head else f"[{number}] {text}"


def _message(segment: Segment) -> dict[str, Json] | None:
    message = segment.message or Message(segment.role, segment.text)
    content = segment.text or message.content
    if not (content or message.tool_calls or message.attachments) and message.role is not Role.TOOL:
        return None
    rendered: dict[str, Json] = {"role": message.role.value}
    # The wire wants null, not "", where an assistant message only calls tools.
    rendered["content"] = content if content or not message.tool_calls else None
    if message.attachments:
        rendered["content"] = _with_attachments(content, message.attachments)
    if message.name:
        rendered["name"] = message.name
    if message.tool_calls:
        rendered["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        rendered["tool_call_id"] = message.tool_call_id
    return rendered


def _with_attachments(content: str, attachments: Sequence[Attachment]) -> Json:
    """Text and files as one text, which every server takes; a list of parts where bytes come too.

    A file's name is not sent: it says little to a model, and often who wrote it.
    """
    texts = [content, *(f"{a.note}\n{a.text}".strip() for a in attachments if not a.data)]
    text = "\n\n".join(t for t in texts if t)
    parts = [_part(a) for a in attachments if a.data]
    return [{"type": "text", "text": text}, *parts] if parts else text


def _part(attachment: Attachment) -> dict[str, Json]:
    payload = wire_payload(attachment)
    if attachment.kind == "audio":
        form = attachment.media_type.removeprefix("audio/")
        return {"type": "input_audio", "input_audio": {"data": payload, "format": form}}
    image = {"url": payload, "detail": attachment.detail}
    return {"type": "image_url", "image_url": {k: v for k, v in image.items() if v}}


def wire_payload(attachment: Attachment) -> str:
    """An attachment's bytes as text: a `data:` URL for a picture, base64 for a recording."""
    encoded = base64.b64encode(attachment.data).decode()
    if attachment.kind == "audio":
        return encoded
    return f"data:{attachment.media_type};base64,{encoded}"


def _plain(value: Json) -> Json:
    """Turns mappings and sequences of any kind into what orjson serialises."""
    if hasattr(value, "items"):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
