"""Privacy for LangChain agents: what the model is sent is pseudonymised, its answer restored."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.messages import BaseMessage, SystemMessage
from langchain_core.utils.function_calling import convert_to_openai_tool

from metier.langchain._messages import hidden_messages, restored_message
from metier.privacy import Scrubber

_KEPT = 1000
"""Threads whose vaults are kept in memory; the oldest unused one goes first."""


class PrivacyMiddleware(AgentMiddleware[Any, Any, Any]):
    """Hides personal data from an agent's model and restores its answers and tool arguments.

    Each thread has a vault of its own; a call without a thread gets a fresh
    one, so two people never share one. What the model is sent is guarded like a
    turn of metier: a value that slipped stops the call. Vaults live in this
    process's memory only.

    Tokens that are streamed while the model runs stay pseudonymised; the
    message that the agent keeps is restored.

    Args:
        scrubber: makes the scrubber of a new thread.

    Raises:
        EgressBlocked: from the model call, where something sensitive is left.
        BadRequest: a message part that can't be searched.
    """

    def __init__(self, scrubber: Callable[[], Scrubber] | None = None) -> None:
        super().__init__()
        self._build = scrubber or Scrubber
        self._threads: OrderedDict[str, Scrubber] = OrderedDict()

    def wrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Around a synchronous model call."""
        scrubber = self._scrubber(request)
        return _restored(handler(_hidden(request, scrubber)), scrubber)

    async def awrap_model_call(
        self,
        request: ModelRequest[Any],
        handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Around an asynchronous model call."""
        scrubber = self._scrubber(request)
        return _restored(await handler(_hidden(request, scrubber)), scrubber)

    def _scrubber(self, request: ModelRequest[Any]) -> Scrubber:
        info = getattr(request.runtime, "execution_info", None)
        thread = getattr(info, "thread_id", None)
        if thread is None:
            return self._build()
        if thread not in self._threads:
            self._threads[thread] = self._build()
            while len(self._threads) > _KEPT:
                self._threads.popitem(last=False)
        self._threads.move_to_end(thread)
        return self._threads[thread]


def _hidden(request: ModelRequest[Any], scrubber: Scrubber) -> ModelRequest[Any]:
    system = [request.system_message] if request.system_message else []
    hidden = hidden_messages([*system, *request.messages], scrubber)
    tools = [convert_to_openai_tool(tool) for tool in request.tools]
    scrubber.guard(orjson.dumps({"messages": _plain(hidden), "tools": tools}))
    first = hidden[0] if system else None
    return request.override(
        system_message=first if isinstance(first, SystemMessage) else None,
        messages=hidden[len(system) :],  # type: ignore[arg-type]
    )


def _plain(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    return [
        {
            "content": m.content,
            "name": m.name,
            "tool_calls": [
                {"name": c["name"], "arguments": orjson.dumps(c["args"]).decode()}
                for c in getattr(m, "tool_calls", ())
            ],
        }
        for m in messages
    ]


def _restored(response: ModelResponse[Any], scrubber: Scrubber) -> ModelResponse[Any]:
    return replace(response, result=[restored_message(m, scrubber) for m in response.result])
