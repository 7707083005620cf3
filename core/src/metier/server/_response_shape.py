"""The objects of the Responses wire: a response, its items, their parts, its usage."""

from __future__ import annotations

from metier.model import Answer, Json, ToolCall, Usage
from metier.server._about import about
from metier.server._wire import Wanted


def usage_object(usage: Usage) -> dict[str, Json]:
    return {
        "input_tokens": usage.prompt,
        # No server that is asked here counts apart what it wrote to a cache.
        "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": 0},
        "output_tokens": usage.completion,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.prompt + usage.completion,
    }


def response_object(
    wanted: Wanted, status: str | None, output: list[Json], answer: Answer | None
) -> Json:
    incomplete = {"length": "max_output_tokens", "content_filter": "content_filter"}
    reason = incomplete.get(answer.finish) if answer else None
    return {
        "id": f"resp_{wanted.turn}",
        "object": "response",
        "created_at": wanted.created,
        "status": status,
        "model": wanted.request.domain,
        "output": output,
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "parallel_tool_calls": wanted.request.parallel_tool_calls is not False,
        "temperature": wanted.request.temperature,
        "top_p": wanted.request.top_p,
        "usage": usage_object(answer.usage) if answer else None,
        **wanted.extra,
        **({"metier": about(wanted, answer)} if answer else {}),
    }


def message_item(wanted: Wanted, part: Json | None, status: str) -> Json:
    return {
        "id": f"msg_{wanted.turn}",
        "type": "message",
        "role": "assistant",
        "status": status,
        "content": [] if part is None else [part],
    }


def words_part(text: str, answer: Answer | None, refused: bool) -> Json:
    """The words of a message; of one that refuses, a part of another type."""
    return {"type": "refusal", "refusal": text} if refused else text_part(text, answer)


def text_part(text: str, answer: Answer | None) -> Json:
    notes = [
        {"type": "url_citation", "url": c.url, "title": c.title,
         "start_index": at, "end_index": at + len(f"[{c.number}]")}
        for c in (answer.citations if answer else ())
        if c.url and (at := text.find(f"[{c.number}]")) >= 0
    ]  # fmt: skip
    return {"type": "output_text", "text": text, "annotations": notes, "logprobs": []}


def call_item(call: ToolCall, status: str = "completed") -> Json:
    return {
        "id": f"fc_{call.id}",
        "type": "function_call",
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments,
        "status": status,
    }


def thinking_item(wanted: Wanted, text: str | None, number: int = 0) -> dict[str, Json]:
    """A model's thinking; None where it has yet to come.

    Args:
        number: how many such items came before it in this answer.
    """
    return {
        "id": f"rs_{wanted.turn}" + (f"_{number}" if number else ""),
        "type": "reasoning",
        "summary": [],
        "content": [] if text is None else [thinking_part(text)],
        "status": "in_progress" if text is None else "completed",
    }


def thinking_part(text: str) -> dict[str, Json]:
    return {"type": "reasoning_text", "text": text}


def status_of(answer: Answer) -> str:
    return "incomplete" if answer.finish in ("length", "content_filter") else "completed"


def output_items(
    wanted: Wanted, answer: Answer, thought: str | None = None, refused: bool = False
) -> list[Json]:
    """The items of a whole answer.

    Args:
        refused: its words are a refusal.
        thought: the model's thinking. Nothing checks it: of an answer that was stopped it
            could say what that must not, and is left out.
    """
    output: list[Json] = []
    if thought and answer.finish != "content_filter":
        output.append(thinking_item(wanted, thought))
    if answer.text or not answer.tool_calls:
        part = words_part(answer.text, answer, refused)
        output.append(message_item(wanted, part, status_of(answer)))
    return output + [call_item(c) for c in answer.tool_calls]
