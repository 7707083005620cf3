"""The engine for vLLM and every other server that speaks the OpenAI protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import orjson

from metier._messages import render, render_tools
from metier.egress import TargetUnavailable
from metier.inference._dialect import Calls, end_of, words_of
from metier.inference._sse import SseParser
from metier.model import (
    BadRequest,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Json,
    MetierError,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Usage,
    flattened,
)

if TYPE_CHECKING:  # aiohttp loads with them, and only when a client is made
    from metier.egress import EgressClient, EgressResponse

_ERROR_BODY: Final = 64 * 1024
_WHOLE_BODY: Final = 16 * 1024 * 1024
_BROKEN: Final = frozenset({"abort", "error", "cancelled", "insufficient_system_resource"})
STANDARD_EXTRA: Final = frozenset(
    {"presence_penalty", "frequency_penalty", "logit_bias", "reasoning_effort", "verbosity"}
)
"""Names of `EngineRequest.extra` that the OpenAI protocol has."""
VLLM_EXTRA: Final = frozenset(
    {
        "top_k", "min_p", "repetition_penalty", "min_tokens", "stop_token_ids",
        "allowed_token_ids", "ignore_eos", "include_stop_str_in_output", "skip_special_tokens",
        "spaces_between_special_tokens", "include_reasoning", "thinking_token_budget",
        "chat_template_kwargs", "structured_outputs",
    }
)  # fmt: skip
"""Names of it that only a vLLM knows."""
# Fields of the body that hold only what the caller set. `tools` is not among them:
# it holds the domain's too, and whether a server takes any is the operator's choice.
_CALLERS: Final = frozenset(
    {"max_tokens", "n", "response_format", "seed", "stop", "temperature", "top_p"}
    | STANDARD_EXTRA
    | VLLM_EXTRA
)
_ROLE_TOO: Final = {"role", "content"}
_TOO_LONG: Final = (b"context_length_exceeded", b"context length", b"context size")
_FILTERED: Final = ("content_filter", "content_policy_violation")
"""What servers call a conversation that is too long, and a prompt that their own filter stops."""


class OpenAIEngine:
    """Streams chat completions from an OpenAI-compatible server.

    Args:
        client: reaches the target under its rule.
        target: the declared target's name.
        model: the model's name on that server. A request's `adapter` replaces it,
            as vLLM serves LoRA adapters under names of their own.
        api_key: sent as a bearer token.
        path: behind the target's base URL.
    """

    name = "openai"

    def __init__(
        self,
        client: EgressClient,
        target: str,
        model: str,
        api_key: str | None = None,
        path: str = "/chat/completions",
    ) -> None:
        self.target = target
        self._client = client
        self._model = model
        self._path = path
        key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._headers = {
            False: {"Accept": "text/event-stream", **key},
            True: {"Accept": "application/json", **key},
        }

    def __repr__(self) -> str:
        return f"OpenAIEngine(target={self.target!r}, model={self._model!r})"

    def encode(self, request: EngineRequest) -> bytes:
        """The exact bytes `send` will post.

        Keys come in a fixed order and nothing is sorted, so the same plan gives
        the same bytes and a longer conversation begins like a shorter one. What
        is not set is left out, so that the server's own defaults hold.

        Raises:
            BadRequest: `extra` names what is no setting, or one that something else sets.
        """
        refuse_extra(request, STANDARD_EXTRA | VLLM_EXTRA)
        body: dict[str, Json] = {
            "model": request.adapter or self._model,
            "messages": render(request.plan),
        }
        tools = render_tools((*request.plan.tools, *request.tools))
        if tools:
            body["tools"] = tools
            _put(body, "tool_choice", request.tool_choice)
            _put(body, "parallel_tool_calls", request.parallel_tool_calls)
        _put(body, "response_format", request.response_format)
        if request.n != 1:
            body["n"] = request.n
        if request.stop:
            body["stop"] = list(request.stop)
        for key in ("max_tokens", "temperature", "top_p", "seed", "cache_salt"):
            _put(body, key, getattr(request, key))
        body.update(request.extra)
        if not request.whole:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        return orjson.dumps(body)

    def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        """Posts exactly `body` and yields the answer's events one by one; see `batches`."""
        return flattened(self.batches(body, request))

    async def batches(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Sequence[Event]]:
        """Posts exactly `body` and yields the answer's events as they arrive.

        Closing this iterator early closes the connection, and the server stops.

        Raises:
            EngineError: `code` is "engine_unavailable", "engine_timeout",
                "engine_cut" (the stream ended before the answer did),
                "engine_protocol", "engine_rejected", "context_length_exceeded", "content_filter",
                "engine_unauthorised", "engine_not_found" or "engine_busy". The
                server's own words are never repeated, as they can hold content.
            BadRequest: the server names one of the caller's settings as wrong.
            TargetRefused: the target is not permitted.
        """
        try:
            post, headers = self._client.post, self._headers[request.whole]
            asked = post(self.target, self._path, body, headers, whole=request.whole)
            async with asked as response:
                if response.status != 200:
                    raise await self._refused(response)
                answer = _Answer(self.target, request.n)
                if response.content_type == "application/json":
                    # A server that can't stream, or was told not to.
                    yield answer.whole(await response.read(_WHOLE_BODY))
                else:
                    # Closed by hand: the iterator of a generator left early is
                    # otherwise closed at some later time.
                    async with aclosing(_stream(response, answer)) as batches:
                        async for batch in batches:
                            yield batch
        except TargetUnavailable as error:
            code = error.code.replace("target_", "engine_")
            raise EngineError(error.message, code=code, status=error.status) from None

    async def reach(self) -> None:
        """Asks the server for its models, to see that it is there; sends no content.

        Raises:
            EngineError: it isn't, it fails, or it doesn't know the API key.
            TargetRefused: the target is not permitted.
        """
        asked = self._client.send("GET", self.target, "/models", None, self._headers[True])
        try:
            async with asked as response:
                # A key may be for chat alone (403), and some servers list no models (404).
                if response.status == 401 or response.status >= 500:
                    raise await self._refused(response)
        except TargetUnavailable as error:
            code = error.code.replace("target_", "engine_")
            raise EngineError(error.message, code=code, status=error.status) from None

    async def close(self) -> None:
        """Closes the client's connections."""
        await self._client.close()

    async def _refused(self, response: EgressResponse) -> EngineError | BadRequest:
        status = response.status
        said = f"The model server of target '{self.target}' answered {status}"
        if status in (401, 403):
            return EngineError(
                f"{said}: it doesn't accept the API key. Check the key in the configuration.",
                code="engine_unauthorised",
            )
        if status == 404:
            return EngineError(
                f"{said}: it has no such path, or no model '{self._model}' or adapter. "
                "Check base_url and the model's name.",
                code="engine_not_found",
            )
        if status in (408, 504):
            return EngineError(
                f"{said}: it took too long. Try again.", code="engine_timeout", status=504
            )
        if status == 429:
            return EngineError(
                f"{said}: it is busy or its quota is used up. Try again later.",
                code="engine_busy",
                status=503,
                retry_after=_seconds(response.headers.get("Retry-After")),
            )
        if status < 500:
            return _rejected(self.target, status, await response.read(_ERROR_BODY))
        return EngineError(
            f"{said}: it failed. Try again; if it stays so, look at its log.",
            code="engine_unavailable",
        )


def refuse_extra(request: EngineRequest, known: Collection[str]) -> None:
    """Refuses settings that an engine can't honour, rather than leave them out unseen.

    Raises:
        BadRequest: `request.extra` has one that is not among `known`.
    """
    for name in request.extra:
        if name not in known:
            shown = f"`{name}`" if name in STANDARD_EXTRA | VLLM_EXTRA else "A further setting"
            raise BadRequest(
                f"{shown} can't be honoured by the model server that answers here. Leave it out.",
                code="unsupported_parameter",
                param=name if shown.startswith("`") else None,
            )


def _seconds(value: str | None) -> int | None:
    """The seconds of a `Retry-After`; None where it has none, or is a date."""
    return min(int(value), 3600) if value and value.isdecimal() and len(value) < 9 else None


def _rejected(target: str, status: int, body: bytes) -> EngineError | BadRequest:
    """What a server that doesn't accept a request meant. Its own words are only looked at."""
    said = f"The model server of target '{target}' answered {status}"
    error, detail = _error(body), body.lower()
    param = error.get("param")
    if isinstance(param, str) and param in _CALLERS:
        return BadRequest(
            f"{said}: it doesn't accept this value of `{param}`. Change it, or leave it out.",
            param=param,
        )
    if error.get("code") in _FILTERED:
        return EngineError(
            f"{said}: its own filter stopped what it was sent. Put it another way.",
            code="content_filter",
            status=400,
        )
    if any(mark in detail for mark in _TOO_LONG):
        return EngineError(
            "The conversation is longer than the model can read. Start a new one, or send less.",
            code="context_length_exceeded",
            status=400,
        )
    return EngineError(
        f"{said}: it doesn't accept the request. It may lack a feature that was asked "
        "for, such as tools or a response format. Its log has the reason.",
        code="engine_rejected",
    )


def _error(body: bytes) -> Mapping[str, Json]:
    """The error object of a body; some servers send it without one around it."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    error = parsed.get("error", parsed) if isinstance(parsed, dict) else None
    return error if isinstance(error, dict) else {}


async def _stream(
    response: EgressResponse, answer: _Answer
) -> AsyncGenerator[Sequence[Event], None]:
    """The events of each read of the connection."""
    parser = SseParser()
    async with aclosing(response.chunks()) as pieces:
        async for piece in pieces:
            found = parser.feed(piece)
            done = next((i for i, data in enumerate(found) if data.strip() == b"[DONE]"), None)
            batch, fault = answer.chunks(found[:done])
            if batch:
                yield batch
            if fault is not None:
                raise fault
            if done is not None:
                yield answer.end(done=True)
                return
    ended = False
    rest: list[Event] = []
    for data in parser.close():
        if data.strip() == b"[DONE]":
            ended = True
        else:
            rest += answer.chunk(data, last=True)
    if rest:
        yield rest
    yield answer.end(done=ended)


class _Answer:
    """What one answer has brought so far, to tell a whole one from a cut one."""

    def __init__(self, target: str, choices: int) -> None:
        self._target = target
        self._wanted = choices
        self._seen: set[int] = set()
        self._finished: set[int] = set()
        self._calls: dict[int, Calls] = {}
        self._usage: Usage | None = None

    def chunks(self, found: Sequence[bytes]) -> tuple[list[Event], MetierError | None]:
        """The events of streamed chunks that came together, and the fault that ends them."""
        events: list[Event] = []
        try:
            for data in found:
                parsed = orjson.loads(data)
                words = self._words(parsed)
                if words is not None:
                    events.append(words)
                else:
                    events.extend(self._events(parsed, "delta"))
        except orjson.JSONDecodeError:
            return events, self._strange()
        except MetierError as fault:
            return events, fault
        return events, None

    def _words(self, parsed: Json) -> TextDelta | None:
        """The event of a chunk that brings words of a known choice and nothing else: most do."""
        try:
            (choice,) = parsed["choices"]
            delta, number = choice["delta"], choice["index"]
            text = delta["content"]
        except (TypeError, KeyError, ValueError):
            return None
        plain = (
            type(text) is str and text and type(number) is int and number in self._seen
            and choice.get("finish_reason") is None
            and (len(delta) == 1 or delta.keys() == _ROLE_TOO)
            and parsed.get("usage") is None and "error" not in parsed
        )  # fmt: skip
        return TextDelta(text, number) if plain else None

    def chunk(self, data: bytes, last: bool = False) -> Iterator[Event]:
        """The events of one streamed chunk."""
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise (self._cut() if last else self._strange()) from None
        yield from self._events(parsed, "delta")

    def whole(self, data: bytes) -> list[Event]:
        """The events of an answer that came in one piece."""
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError:
            raise self._strange() from None
        return [*self._events(parsed, "message"), *self.end(done=True)]

    def end(self, done: bool) -> list[Event]:
        """The events that close the answer.

        Raises:
            EngineError: "engine_cut" where it is not complete.
            BadRequest: it is, with fewer choices than were asked for.
        """
        complete = len(self._finished) >= self._wanted
        if not complete and not (done and len(self._seen) >= self._wanted):
            if done and self._finished and self._finished == self._seen:
                raise BadRequest(
                    f"The model server of target '{self._target}' gives fewer answers at a time "
                    "than `n` asks for. Set it to 1, and ask several times.",
                    code="unsupported_parameter",
                    param="n",
                )
            raise self._cut()
        # The server ended these in order, but didn't say why.
        events: list[Event] = [Finish("stop", c) for c in sorted(self._seen - self._finished)]
        if self._usage is not None:
            events.append(self._usage)
        return events

    def _events(self, parsed: Json, key: str) -> Iterator[Event]:
        if not isinstance(parsed, dict):
            raise self._strange()
        if error := parsed.get("error") or (parsed.get("object") == "error" and parsed):
            # vLLM checks a schema only after it has answered 200 to a stream.
            if isinstance(error, dict) and error.get("code") in (400, 422):
                raise _rejected(self._target, error["code"], orjson.dumps(parsed))
            raise EngineError(
                f"The model server of target '{self._target}' reported an error in the middle of "
                "its answer. Its log has the reason.",
                code="engine_cut",
            )
        if isinstance(usage := parsed.get("usage"), dict):
            self._usage = _usage(usage)  # the last one counts; some servers repeat it
        for choice in _list(parsed.get("choices")):
            if not isinstance(choice, dict):
                raise self._strange()
            given, delta = choice.get("index"), choice.get(key) or {}
            number = given if type(given) is int else 0
            if number not in range(self._wanted) or not isinstance(delta, dict):
                raise self._strange()
            self._seen.add(number)
            yield from _delta(delta, number)
            yield from self._called(_list(delta.get("tool_calls")), number, key == "message")
            reason = choice.get("finish_reason")
            if isinstance(reason, str) and reason in _BROKEN:
                raise self._cut()
            if reason and number not in self._finished:
                self._finished.add(number)
                yield Finish(end_of(str(reason)), number)

    def _called(self, pieces: Sequence[Json], choice: int, alone: bool) -> Iterator[Event]:
        """Pieces of calls; each is a call of its own where the answer came whole."""
        for piece in pieces:
            calls = self._calls.setdefault(choice, Calls())
            try:
                yield calls.piece(piece, choice, alone=alone)
            except ValueError:
                raise self._strange() from None

    def _cut(self) -> EngineError:
        return EngineError(
            f"The model server of target '{self._target}' broke off before the answer was "
            "complete. Try again; if it stays so, look at its log.",
            code="engine_cut",
        )

    def _strange(self) -> EngineError:
        return EngineError(
            f"The server of target '{self._target}' doesn't speak the OpenAI protocol as "
            "expected. Check base_url, and that it serves chat completions.",
            code="engine_protocol",
        )


def _delta(delta: Json, choice: int) -> Iterator[Event]:
    # vLLM says `reasoning`, formerly `reasoning_content`, as DeepSeek does; some send both.
    reasoning = delta.get("reasoning_content") or delta.get("reasoning")
    if isinstance(reasoning, str) and reasoning:
        yield ReasoningDelta(reasoning, choice)
    yield from words_of(delta.get("content"), choice)
    refusal = delta.get("refusal")
    if isinstance(refusal, str) and refusal:
        yield RefusalDelta(refusal, choice)


def _usage(usage: dict[str, Json]) -> Usage:
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    spent = usage.get("completion_tokens_details")
    thought = spent.get("reasoning_tokens") if isinstance(spent, dict) else 0
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _count(cached),
        _count(thought),
    )


def _list(value: Json) -> Sequence[Json]:
    """What a list holds; of anything else that is there, that itself, which nothing can read."""
    return value if isinstance(value, list) else [value] if value else ()


def _count(value: Json) -> int:
    return value if type(value) is int and value >= 0 else 0


def _put(body: dict[str, Json], key: str, value: Json) -> None:
    if value is not None:
        body[key] = value
