"""What vLLM takes beyond the OpenAI protocol, and what other servers must not be sent."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from metier.inference._openai import STANDARD_EXTRA, VLLM_EXTRA, OpenAIEngine, refuse_extra
from metier.model import EngineRequest, Event, Json, MetierError

_OF_VLLM: Final = (STANDARD_EXTRA | VLLM_EXTRA) - {"verbosity"}
_VERSIONED: Final = re.compile(r"[A-Za-z0-9][\w.-]*-(v[0-9]+|[0-9a-f]{8,64})")


@dataclass(frozen=True, slots=True)
class VllmOptions:
    """What is set for every request to a vLLM.

    Args:
        priority: lower goes first, and what nobody waits for gets one more; needs
            `--scheduling-policy=priority` there.
        truncate_prompt_tokens: how many tokens of the end of a prompt are read. The
            beginning is what is lost: the domain's instructions and the constraints.
    """

    priority: int | None = None
    truncate_prompt_tokens: int | None = None


class ServerEngine:
    """An OpenAI engine that sends each server what it knows.

    A vLLM gets `cache_salt`, an adapter, `priority` and the like; prefix caches are shared
    under one salt only, so that nobody can find out by timing what somebody else has
    asked. Any other server gets none of that: OpenAI's own refuses fields that it doesn't know.
    A setting of the caller that the server doesn't know is refused, since vLLM would drop it.

    Args:
        inner: sends.
        vllm: options of a vLLM; None for any other server.
        figures: asks the server what it tells of its work; None where nobody wants to know.
    """

    def __init__(
        self,
        inner: OpenAIEngine,
        vllm: VllmOptions | None = None,
        figures: Callable[[], Awaitable[Mapping[str, float]]] | None = None,
    ) -> None:
        self._inner = inner
        self._figures = figures
        self._vllm = vllm is not None
        self.name, self.target = inner.name, inner.target
        options = vllm or VllmOptions()
        self._priority = options.priority
        self._more: dict[str, Json] = {}
        if options.priority is not None:
            self._more["priority"] = options.priority
        if options.truncate_prompt_tokens is not None:
            self._more["truncate_prompt_tokens"] = options.truncate_prompt_tokens

    def __repr__(self) -> str:
        return f"ServerEngine({self._inner!r}, vllm={self._vllm})"

    def encode(self, request: EngineRequest) -> bytes:
        """The exact bytes `send` will post; vLLM's own fields come last.

        Raises:
            BadRequest: the request has a setting that the server doesn't know.
        """
        refuse_extra(request, _OF_VLLM if self._vllm else STANDARD_EXTRA)
        if not self._vllm:
            request = replace(request, cache_salt=None, adapter=None)
        body, more = self._inner.encode(request), self._more
        if request.background and self._priority is not None:
            more = more | {"priority": self._priority + 1}
        return body[:-1] + b"," + orjson.dumps(more)[1:] if more else body

    def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        """As `OpenAIEngine.send`."""
        return self._inner.send(body, request)

    def batches(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Sequence[Event]]:
        """As `OpenAIEngine.batches`."""
        return self._inner.batches(body, request)

    async def reach(self) -> None:
        """As `OpenAIEngine.reach`."""
        await self._inner.reach()

    async def figures(self) -> Mapping[str, float]:
        """What the server tells of its work, by the names of `FIGURES`."""
        return await self._figures() if self._figures is not None else {}

    async def close(self) -> None:
        """Closes the connections."""
        await self._inner.close()


def check_adapter(name: str) -> str:
    """The name of a LoRA adapter, which must say its version.

    vLLM keys its prefix cache by the adapter's name: another adapter under a name that was
    used before would be answered from the cache of the old one.

    Raises:
        MetierError: it ends neither in a version ("-v3") nor in a digest ("-1f8a09c2").
    """
    if not _VERSIONED.fullmatch(name):
        raise MetierError(
            f"The adapter '{name}' has no version in its name. End it in '-v1', '-v2' and so on, "
            "or in the digest that `metier vllm serve --lora` gives it: a name that is used again "
            "would be answered from the prefix cache of the adapter that had it before.",
            code="bad_config",
        )
    return name
