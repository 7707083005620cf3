"""A model server for tests that records what it was sent, byte for byte.

It speaks the OpenAI protocol on a real socket of this machine, so a test with
it shows what leaves the process, what comes back through pseudonyms and
streams, and what happens when a server fails, stalls or breaks off.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from aiohttp import web

Reply = str | Sequence[str] | Callable[[dict[str, Any]], str | Sequence[str]]
"""A text, chunks of one, or a function of the request's body that gives either."""
Split = Literal["char", "random", "whole"]

PSEUDONYM = re.compile(r"<[A-Z][A-Z0-9_]*_[A-Z2-7]{5}(?:_[0-9]{1,2})?>")
"""How a pseudonym looks on the wire, as in "<PERSON_7KQ2M>" or "<PERSON_7KQ2M_2>"."""


@dataclass
class _Script:
    """What is special about one reply."""

    status: int = 200
    call: tuple[str, str] | None = None
    cut_after: int | None = None


@dataclass
class _Answer:
    """One reply, worked out."""

    chunks: list[str] = field(default_factory=list)
    call: tuple[str, str] | None = None
    cut_after: int | None = None
    thought: str = ""


class RecordingUpstream:
    """An OpenAI-compatible server on 127.0.0.1 with scripted answers.

    With no script it repeats the last user message and every pseudonym it saw
    anywhere in the request, so that a test sees values restored.

    Attributes:
        requests: the raw body of every chat completion asked for, in order.
        headers: their headers.
        aborted: how many clients went away before their answer was complete.
        split: how a streamed text is cut: "char", "random" (the same for the
            same seed) or "whole". Chunks given as a list are kept as they are.

    Args:
        split: see above.
        seed: of the random cuts.
        models: what `/v1/models` lists.

    Example:
        >>> async with RecordingUpstream(split="char") as upstream:
        ...     upstream.reply_with("Hello")
        ...     ...  # point an engine at upstream.base_url and ask it something
        ...     assert b"Ann" not in upstream.requests[0]
    """

    def __init__(
        self, *, split: Split = "whole", seed: int = 0, models: Sequence[str] = ("test-model",)
    ) -> None:
        self.split: Split = split
        self.requests: list[bytes] = []
        self.headers: list[Mapping[str, str]] = []
        self.aborted = 0
        self._models = tuple(models)
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._reply: Reply | None = None
        self._thought = ""
        self._scripts: deque[_Script] = deque()
        self._first = 0.0
        self._between = 0.0
        self._changed = asyncio.Event()
        self._closing = False
        self._cutting: set[int] = set()
        """Requests whose connection we break ourselves, which is no client's abort."""
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_get("/v1/models", self._list)
        # A handler is cancelled as soon as its client goes away.
        runner = web.AppRunner(
            app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1
        )
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self._runner = runner
        self._port = runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing = True
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def base_url(self) -> str:
        """The base URL for an engine, ending in "/v1"."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """`requests`, parsed."""
        return [json.loads(body) for body in self.requests]

    # --- the script ------------------------------------------------------------

    def reply_with(self, reply: Reply | None) -> None:
        """Sets the text of all replies from now on; None goes back to the echo."""
        self._reply = reply

    def think(self, text: str) -> None:
        """Lets the model think aloud before each text from now on; "" stops that."""
        self._thought = text

    def tool_call(self, name: str, arguments: Mapping[str, Any] | str) -> None:
        """Makes the next unscripted reply call a tool. A string is sent as it is."""
        text = arguments if isinstance(arguments, str) else json.dumps(dict(arguments))
        self._scripts.append(_Script(call=(name, text)))

    def fail(self, status: int, times: int = 1) -> None:
        """Answers the next `times` unscripted requests with an HTTP error.

        Its body repeats the request, as careless servers do.
        """
        self._scripts.extend(_Script(status=status) for _ in range(times))

    def cut_after(self, chunks: int) -> None:
        """Breaks the connection of the next unscripted reply after so many chunks."""
        self._scripts.append(_Script(cut_after=chunks))

    def delay(self, seconds: float, between: float = 0.0) -> None:
        """Waits before each reply's first byte, and between its chunks, from now on."""
        self._first = seconds
        self._between = between

    async def until_requests(self, count: int = 1) -> None:
        """Waits until `count` requests have come in."""
        while len(self.requests) < count:
            self._changed.clear()
            await self._changed.wait()

    async def until_aborted(self, count: int = 1) -> None:
        """Waits until `count` clients have gone away early."""
        while self.aborted < count:
            self._changed.clear()
            await self._changed.wait()

    # --- the server --------------------------------------------------------------

    async def _list(self, request: web.Request) -> web.Response:
        data = [{"id": name, "object": "model", "owned_by": "tests"} for name in self._models]
        return web.json_response({"object": "list", "data": data})

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        self.requests.append(raw)
        self.headers.append(dict(request.headers))
        self._changed.set()
        try:
            return await self._respond(request, raw)
        except (asyncio.CancelledError, ConnectionResetError):
            if not self._closing and id(request) not in self._cutting:
                self.aborted += 1
                self._changed.set()
            raise
        finally:
            self._cutting.discard(id(request))

    async def _respond(self, request: web.Request, raw: bytes) -> web.StreamResponse:
        script = self._scripts.popleft() if self._scripts else _Script()
        if self._first:
            await asyncio.sleep(self._first)
        if script.status != 200:
            error = {"error": {"message": raw.decode("utf-8", "replace"), "code": None}}
            return web.json_response(error, status=script.status)
        try:
            body = json.loads(raw)
            messages = body["messages"]
        except (ValueError, TypeError, KeyError):
            return web.json_response({"error": {"message": "not a chat request"}}, status=400)
        answer = _Answer(call=script.call, cut_after=script.cut_after)
        if script.call is None:
            answer.chunks, answer.thought = self._chunks(body, raw), self._thought
        usage = {
            "prompt_tokens": sum(len(str(m.get("content") or "").split()) for m in messages),
            "completion_tokens": len("".join(answer.chunks).split()),
            "prompt_tokens_details": {"cached_tokens": 0},
        }
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]  # type: ignore[operator]
        if body.get("stream"):
            return await self._stream(request, body, answer, usage)
        if self._between:  # who waits for the whole waits for all of its parts
            await asyncio.sleep(self._between * (len(list(self._deltas(answer))) - 1))
        return self._whole(request, body, answer, usage)

    def _chunks(self, body: dict[str, Any], raw: bytes) -> list[str]:
        reply = self._reply
        if reply is None:
            reply = _echo(body, raw)
        elif callable(reply):
            reply = reply(body)
        return list(self._cut(reply)) if isinstance(reply, str) else list(reply)

    def _cut(self, text: str) -> Iterator[str]:
        if self.split == "whole":
            if text:
                yield text
            return
        start = 0
        while start < len(text):
            size = 1 if self.split == "char" else self._random.randint(1, 12)
            yield text[start : start + size]
            start += size

    def _whole(
        self, request: web.Request, body: dict[str, Any], answer: _Answer, usage: dict[str, Any]
    ) -> web.Response:
        if answer.cut_after is not None:
            self._break(request)
        message: dict[str, Any] = {"role": "assistant", "content": "".join(answer.chunks)}
        if answer.thought:
            message["reasoning_content"] = answer.thought
        if answer.call:
            message["content"] = None
            message["tool_calls"] = [_call(self._call_id(), *answer.call)]
        reason = "tool_calls" if answer.call else "stop"
        choices = [
            {"index": n, "message": message, "finish_reason": reason}
            for n in range(int(body.get("n") or 1))
        ]
        frame = _frame(body, "chat.completion")
        return web.json_response({**frame, "choices": choices, "usage": usage})

    async def _stream(
        self, request: web.Request, body: dict[str, Any], answer: _Answer, usage: dict[str, Any]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        frame = _frame(body, "chat.completion.chunk")
        numbers = range(int(body.get("n") or 1))

        async def send(choices: list[dict[str, Any]], **more: Any) -> None:
            data = json.dumps({**frame, "choices": choices, **more}, ensure_ascii=False)
            await response.write(f"data: {data}\n\n".encode())

        def each(delta: dict[str, Any], reason: str | None = None) -> list[dict[str, Any]]:
            return [{"index": n, "delta": delta, "finish_reason": reason} for n in numbers]

        await send(each({"role": "assistant", "content": ""}))
        for place, delta in enumerate(self._deltas(answer)):
            if place == answer.cut_after:
                break
            if place and self._between:
                await asyncio.sleep(self._between)
            await send(each(delta))
        if answer.cut_after is not None:
            self._break(request)
            return response
        await send(each({}, "tool_calls" if answer.call else "stop"))
        if (body.get("stream_options") or {}).get("include_usage"):
            await send([], usage=usage)
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    def _break(self, request: web.Request) -> None:
        self._cutting.add(id(request))
        if request.transport is not None:
            request.transport.close()

    def _deltas(self, answer: _Answer) -> Iterator[dict[str, Any]]:
        if answer.call is None:
            yield from ({"reasoning_content": piece} for piece in self._cut(answer.thought))
            yield from ({"content": chunk} for chunk in answer.chunks)
            return
        name, arguments = answer.call
        yield {"tool_calls": [{"index": 0, **_call(self._call_id(), name, "")}]}
        for piece in self._cut(arguments):
            yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}

    def _call_id(self) -> str:
        return f"call_{len(self.requests)}"


def _echo(body: dict[str, Any], raw: bytes) -> str:
    said = [m.get("content") for m in body["messages"] if m.get("role") == "user"]
    last = said[-1] if said else ""
    text = last if isinstance(last, str) else json.dumps(last, ensure_ascii=False)
    seen = sorted(set(PSEUDONYM.findall(raw.decode("utf-8", "replace"))))
    return f"You said: {text}\nI saw: {', '.join(seen) if seen else 'no pseudonyms'}."


def _frame(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-test", "object": kind, "created": 0, "model": body.get("model", "")}


def _call(identity: str, name: str, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": identity, "type": "function", "function": function}
