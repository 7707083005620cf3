"""What the routes share: limits, keys, bodies to requests, errors in the OpenAI shape."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import orjson

from metier._ready import Ready
from metier.model import (
    Actor,
    Answer,
    BadRequest,
    Event,
    Fact,
    Feedback,
    Finish,
    Json,
    Manifest,
    Message,
    MetierError,
    Passage,
    ReasoningDelta,
    Recommendation,
    RefusalDelta,
    Request,
    Role,
    Tool,
    ToolCall,
    ToolCallDelta,
)
from metier.server._fields import known_keys
from metier.server._platform import HEADER, Chat, chat_of

MOST_NESTED = 100
"""Levels of lists and objects in a body; what is deeper can't be written on by every server."""


class App(Protocol):
    """What the server needs of `metier.Metier`."""

    def stream(self, request: Request) -> AsyncGenerator[Event | Answer]: ...
    def domains(self) -> list[Manifest]: ...
    async def profile(self, actor: Actor, subject: str | None = None) -> list[Fact]: ...
    async def set_fact(
        self, actor: Actor, subject: str | None, slot: str, value: str, category: str
    ) -> Fact: ...
    async def forget_fact(self, actor: Actor, subject: str | None, fact_id: str) -> str: ...
    async def feedback(self, actor: Actor, feedback: Feedback) -> None: ...
    async def recommend(
        self, actor: Actor, subject: str | None, domain: str
    ) -> list[Recommendation]: ...
    async def search(
        self, actor: Actor, domain: str, query: str, limit: int = 5
    ) -> list[Passage]: ...
    async def call_route(self, actor: Actor, plugin: str, path: str, body: Json) -> Json: ...
    async def ready(self) -> Ready: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may bring."""

    max_body_bytes: int = 4 * 1024 * 1024
    max_messages: int = 1000
    max_choices: int = 8
    max_tools: int = 128
    max_stops: int = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """A parsed request and how its answer goes back."""

    request: Request
    stream: bool = False
    usage_chunk: bool = False
    explain: bool = False
    counted: bool = False
    """Whether sources are told so that Open WebUI can count them."""
    extra: Mapping[str, Json] = field(default_factory=dict)

    @property
    def turn(self) -> str:
        return self.request.metadata["metier.turn_id"]

    @property
    def created(self) -> int:
        """Seconds since 1970: when the request came, also where its answer is read again."""
        return int(self.request.metadata["metier.created"])


@dataclass(slots=True)
class Gathered:
    """What the events of a whole answer brought that the answer doesn't hold, by choice."""

    finishes: dict[int, str] = field(default_factory=dict)
    reasoning: dict[int, str] = field(default_factory=dict)
    calls: dict[int, list[ToolCall]] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    """Choices whose text is a refusal."""

    def add(self, batch: Sequence[Event | Answer]) -> None:
        """Takes in events; those of a call come in one piece from the pipeline."""
        for item in batch:
            match item:
                case Finish():
                    self.finishes[item.choice] = item.reason
                case ReasoningDelta():
                    said = self.reasoning.get(item.choice, "")
                    self.reasoning[item.choice] = said + item.text
                case RefusalDelta():
                    self.refused.add(item.choice)
                case ToolCallDelta():
                    call = ToolCall(item.id, item.name, item.arguments)
                    self.calls.setdefault(item.choice, []).append(call)
                case _:
                    pass


_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def error_body(error: MetierError) -> bytes:
    """An error in the OpenAI shape; its message never holds content."""
    kind = _KINDS.get(error.status, "invalid_request_error" if error.status < 500 else "api_error")
    return orjson.dumps(
        {"error": {"message": error.message, "type": kind, "param": error.param,
                   "code": error.code}}
    )  # fmt: skip


def load_object(data: bytes) -> dict[str, Any]:
    """A JSON object.

    Raises:
        BadRequest: not UTF-8, not JSON, no object, or nested too deeply; the text
            itself is not quoted.
    """
    try:
        value = orjson.loads(data)
    except (orjson.JSONDecodeError, RecursionError):
        raise BadRequest(
            "The body is not valid JSON in UTF-8.", code="invalid_json", param="body"
        ) from None
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object.", code="invalid_json", param="body")
    # Few bodies have so many brackets at all, so few are gone through.
    if data.count(b"{") + data.count(b"[") > MOST_NESTED and _deeper(value, MOST_NESTED):
        raise BadRequest(
            f"The body is nested more than {MOST_NESTED} levels deep.",
            code="invalid_json",
            param="body",
        )
    return value


def _deeper(value: Json, most: int) -> bool:
    """Whether a JSON value has more than `most` levels of lists and objects."""
    level: list[Json] = [value]
    for _ in range(most):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


_WORDS: Mapping[type, str] = {
    str: "a text", list: "a list", dict: "an object", bool: "true or false", int: "a whole number",
}  # fmt: skip
"""Types as a caller knows them, who may not know Python."""


def take(
    raw: Mapping[str, Any], name: str, kind: type | tuple[type, ...], default: Any = None
) -> Any:
    """A field of the body, checked; `default` where it is absent or null.

    Raises:
        BadRequest: naming the field and the type it needs.
    """
    value = raw.get(name)
    if value is None:
        return default
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        names = "a number" if float in kinds else " or ".join(_WORDS[k] for k in kinds)
        raise BadRequest(f"`{name}` must be {names}.", param=name)
    return value


def number(
    raw: Mapping[str, Any], name: str, kind: type[int] | type[float], low: float, high: float
) -> Any:
    """A number of the body between `low` and `high`; None where it is absent.

    Raises:
        BadRequest: naming the field and what it may be.
    """
    value = take(raw, name, int if kind is int else (int, float))
    if value is not None and not low <= value <= high:
        raise BadRequest(f"`{name}` must be {low} to {high}.", param=name)
    return value


def line(raw: Mapping[str, Any], name: str, most: int) -> str:
    """A short text of the body; "" where it is absent.

    Raises:
        BadRequest: where it is no text, longer than `most` characters, or holds a NUL.
    """
    value: str = take(raw, name, str, "")
    if len(value) > most:
        raise BadRequest(f"`{name}` is longer than {most:,} characters.", param=name)
    if "\0" in value:
        raise BadRequest(f"`{name}` contains a NUL character; remove it.", param=name)
    return value


_INSTEAD = {
    "image_url": "say in words what the picture shows",
    "input_image": "say in words what the picture shows",
    "computer_screenshot": "say in words what the picture shows",
    "input_audio": "send a transcript of the recording",
    "file": "paste what it says",
    "input_file": "paste what it says",
    "video_url": "say in words what the video shows",
    "input_video": "say in words what the video shows",
}
"""Parts that aren't text, and what to do where they can't be taken."""

HINTS = ("annotations", "logprobs", "cache_control", "prompt_cache_breakpoint")
"""Keys of a part without an effect: what came with an answer, and hints for other caches."""

_UNSEARCHED = "it can't be searched for personal data here and nothing is passed on unsearched"


def refused_part(kind: Any, where: str, reason: str = _UNSEARCHED) -> BadRequest:
    """Why a part is refused, and what to send instead."""
    instead = _INSTEAD.get(kind) if isinstance(kind, str) else None
    if instead is None:
        message = f"{where}: only text parts (`text`, `input_text`) are supported."
    else:
        message = (
            f"{where}: a part of type `{kind}` is refused, because {reason}. "
            f"Instead, {instead} in a text part."
        )
    return BadRequest(message, code="unsupported_content", param=where)


def text_of(value: Any, where: str) -> str:
    """Text of a content field: a string, or a list of text parts."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = value
    elif isinstance(value, list):
        parts: list[str] = []
        for part in value:
            kind = part.get("type") if isinstance(part, dict) else None
            if kind not in ("text", "input_text", "output_text", "refusal"):
                raise refused_part(kind, where)
            key = "refusal" if kind == "refusal" else "text"
            known_keys(part, ("type", key, *HINTS), where)
            # Parts of a person's message are texts of their own, those of an answer its pieces.
            if parts and kind in ("text", "input_text"):
                parts.append("\n")
            parts.append(take(part, key, str, ""))
        text = "".join(parts)
    else:
        raise BadRequest(f"{where} must be text or a list of text parts.", param=where)
    if "\0" in text:
        raise BadRequest(f"{where} contains a NUL character; remove it.", param=where)
    return text


def role_of(raw: Mapping[str, Any], where: str) -> Role:
    try:
        return Role(raw.get("role", ""))
    except ValueError:
        raise BadRequest(f"{where}.role is not a known role.", param=f"{where}.role") from None


def call_of(call_id: Any, name: Any, arguments: Any, where: str) -> ToolCall:
    if not (isinstance(call_id, str) and isinstance(name, str) and isinstance(arguments, str)):
        raise BadRequest(f"{where} needs `id`, `name` and `arguments` as text.", param=where)
    return ToolCall(call_id, name, arguments)


_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""As the OpenAI API has it. A name reaches the model as it is, so it is no place for values."""


def tool_of(raw: Any, where: str, *also: str) -> Tool:
    """A function of `tools`.

    Args:
        also: keys that stand beside it on this wire.
    """
    name = raw.get("name") if isinstance(raw, dict) else None
    if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
        raise BadRequest(
            f"{where} needs a name of 1 to 64 letters, digits, underscores and hyphens.",
            param=where,
        )
    known_keys(raw, ("name", "description", "parameters", "strict", *also), where)
    parameters = take(raw, "parameters", dict, {"type": "object", "properties": {}})
    description, strict = take(raw, "description", str, ""), take(raw, "strict", bool)
    return Tool(name, description, parameters, strict=strict)


def build_request(
    raw: Mapping[str, Any],
    messages: Sequence[Message],
    actor: Actor,
    headers: Mapping[str, str],
    limits: Limits,
    *,
    max_tokens: str,
    tools: Sequence[Tool],
    response_format: Json,
    tool_choice: Json = None,
    extra: Mapping[str, Json] = MappingProxyType({}),
    n: int = 1,
    conversation: str | None = None,
    previous: str | None = None,
    store: bool = True,
) -> Request:
    """The request of a body's common fields; headers name subject and conversation.

    Args:
        max_tokens: the name of the field that bounds the answer.
        extra: settings that go to the model by their names.
        conversation: its id, where the body has one that goes before others.
    """
    domain, chat = take(raw, "model", str), chat_of(headers)
    named = _conversation(raw, headers, chat)
    if not domain:
        raise BadRequest("`model` is missing; name a domain, see GET /v1/models.", param="model")
    if len(messages) > limits.max_messages:
        raise BadRequest(f"More than {limits.max_messages} messages.", param="messages")
    if len(tools) > limits.max_tools:
        raise BadRequest(f"More than {limits.max_tools} tools.", param="tools")
    if len({tool.name for tool in tools}) < len(tools):
        raise BadRequest("Two of `tools` have the same name. Rename one.", param="tools")
    return Request(
        domain=domain,
        messages=tuple(messages),
        actor=actor,
        subject=headers.get("x-metier-subject") or None,
        conversation=conversation or named,
        previous=previous,
        tools=tuple(tools),
        tool_choice=tool_choice,
        parallel_tool_calls=take(raw, "parallel_tool_calls", bool),
        response_format=response_format,
        n=n,
        stop=_stops(raw, limits),
        max_tokens=number(raw, max_tokens, int, 1, 2**31 - 1),
        temperature=number(raw, "temperature", float, 0, 2),
        top_p=number(raw, "top_p", float, 0, 1),
        seed=number(raw, "seed", int, -(2**63), 2**63 - 1),
        extra=extra,
        store=store and chat.kept,
        replayed=chat.open_webui,
        side_call=headers.get("x-metier-side-call"),
        shared=chat.shared or headers.get("x-metier-shared", "").lower() in ("1", "true", "yes"),
        metadata={
            "metier.turn_id": secrets.token_hex(16),
            "metier.created": str(int(time.time())),
        },
    )


def _stops(raw: Mapping[str, Any], limits: Limits) -> tuple[str, ...]:
    stop = take(raw, "stop", (str, list), ())
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    if len(stops) > limits.max_stops or not all(isinstance(s, str) and s for s in stops):
        raise BadRequest(
            f"`stop` must be at most {limits.max_stops} texts, none of them empty.", param="stop"
        )
    return stops


def _conversation(raw: Mapping[str, Any], headers: Mapping[str, str], chat: Chat) -> str | None:
    """An explicit id of the conversation, from a header, the metadata or the platform."""
    metadata = take(raw, "metadata", dict, {})
    given = headers.get("x-metier-conversation") or metadata.get("metier_conversation")
    named = conversation_id(given, "metadata.metier_conversation")
    _check_metadata(metadata)
    return named or conversation_id(chat.id, HEADER)


_PAIRS, _KEY, _VALUE = 16, 64, 512
"""Of `metadata`, as OpenAI publishes them: pairs, and characters of a key and of a value."""


def _check_metadata(metadata: Mapping[str, Any]) -> None:
    """Refuses `metadata` that OpenAI would refuse.

    Raises:
        BadRequest: it doesn't repeat a key, which can be anything that somebody wrote.
    """
    if len(metadata) > _PAIRS:
        raise BadRequest(f"`metadata` has more than {_PAIRS} pairs. Send fewer.", param="metadata")
    for place, (key, value) in enumerate(metadata.items(), 1):
        if len(key) > _KEY:
            raise BadRequest(
                f"`metadata`: key number {place} is longer than {_KEY} characters. Shorten it.",
                param="metadata",
            )
        if not isinstance(value, str) or len(value) > _VALUE:
            raise BadRequest(
                f"`metadata`: value number {place} must be a text of at most {_VALUE} characters.",
                param="metadata",
            )


def conversation_id(given: Any, where: str) -> str | None:
    """The id of a conversation; None where there is none.

    Raises:
        BadRequest: it is no text, or too long.
    """
    if given is None or given == "":
        return None
    if not isinstance(given, str) or len(given) > 512 or "\0" in given:
        raise BadRequest(
            "The id of a conversation must be a text of at most 512 characters.", param=where
        )
    return given


def wants_explanation(raw: Mapping[str, Any]) -> bool:
    """Whether the body's `metier` object asks for what `metier ask --explain` shows.

    Raises:
        BadRequest: where it is no object, or holds anything but a true or false `explain`.
    """
    asked = take(raw, "metier", dict, {})
    if asked.keys() - {"explain"}:  # the unknown name isn't quoted: it may be anything
        raise BadRequest("`metier` takes one field only: `explain`.", param="metier")
    explain = asked.get("explain", False)
    if not isinstance(explain, bool):
        raise BadRequest("`metier.explain` must be true or false.", param="metier.explain")
    return explain
