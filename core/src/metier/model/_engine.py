"""Engines: the request they get, the events they give."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, cast

from metier.model._base import Json, empty
from metier.model._messages import ToolCall
from metier.model._plan import Plan, Tool


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """Words in place of what was asked for: of a model that would not answer, or of our own where
    the form of the answer is set and they don't have it."""

    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A fragment of a tool call; `arguments` is appended to what came before."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """`reason` is "stop", "length", "tool_calls" or "content_filter"."""

    reason: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts. The grounded engine has no tokens and reports zero."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0
    """Of the completion's: how many were thinking, where the server says so."""


Event = TextDelta | RefusalDelta | ReasoningDelta | ToolCallDelta | Finish | Usage


@dataclass(frozen=True, slots=True)
class Composition:
    """What a domain's `compose` hook returns: text, or tool calls, never both.

    Cite a passage by its place in `turn.passages`, 1-based, as "[1]".
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


Composer = Callable[[Plan], Awaitable[Composition | None]]
Again = Callable[[str], Awaitable[None]]
"""Told the name of a further server of the target before the same bytes go to it as well."""


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One request to an engine. Everything in it is already pseudonymised."""

    plan: Plan
    model: str = ""
    tools: tuple[Tool, ...] = ()
    tool_choice: Json = None
    parallel_tool_calls: bool | None = None
    response_format: Json = None
    n: int = 1
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    extra: Mapping[str, Json] = field(default_factory=empty)
    """Further settings by their names on the wire; an engine refuses those it can't honour."""
    adapter: str | None = None
    cache_salt: str | None = None
    composer: Composer | None = None
    """Set by the pipeline: the domain's `compose` hooks. Only the grounded engine uses it."""
    whole: bool = False
    """Nobody waits for the first words: the answer may come in one piece."""
    background: bool = False
    """Nobody waits at all: what people wait for may go first."""
    again: Again | None = None
    """Set by the pipeline: an engine that asks several servers calls it before each one but the
    first, so that the audit log has each send. What it raises ends the request unsent."""


class Engine(Protocol):
    """Turns a request into events.

    `encode` yields the exact bytes that would leave the trust boundary, so that
    the guard can scan them; `send` sends just those bytes. An engine that takes
    words only says so with `looks = False`; it is given notes in place of attachments.
    One that gets several events at once may also have `batches`, which yields them
    together as `send` would one by one; ask with `batches_of`.
    """

    name: str
    target: str

    def encode(self, request: EngineRequest) -> bytes: ...

    def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]: ...

    async def close(self) -> None: ...


T = TypeVar("T")


class _Batching(Protocol):
    def batches(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Sequence[Event]]: ...


def batches_of(
    engine: Engine, body: bytes, request: EngineRequest
) -> AsyncGenerator[Sequence[Event]]:
    """An engine's events, those together that came together; one by one where it has no `batches`.

    A step of an asynchronous generator for each event costs more than the event.
    """
    if hasattr(engine, "batches"):
        return cast(_Batching, engine).batches(body, request)
    return one_by_one(engine.send(body, request))


async def one_by_one(items: AsyncGenerator[T]) -> AsyncGenerator[Sequence[T]]:
    """Each item as a batch of its own; closes `items` when it is closed."""
    async with aclosing(items) as each:
        async for item in each:
            yield (item,)


async def flattened(batches: AsyncGenerator[Sequence[T]]) -> AsyncGenerator[T]:
    """The items of batches; closes `batches` when it is closed."""
    async with aclosing(batches) as each:
        async for batch in each:
            for item in batch:
                yield item
