"""A model server that costs next to nothing: answers of 200 tokens, at once or at a pace.

Written on the protocol, since a server on a framework would be what is measured. It repeats the
pseudonyms of the request, so that an answer has something to restore. `max_tokens` chooses the
pace, since every proxy passes it on; `GET /` tells how many answers were broken off.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from functools import lru_cache
from typing import cast

TOKENS = 200
AT_ONCE, PACED, SLOW = 4096, 4097, 4098
"""What is sent as `max_tokens`."""
_PACES = {PACED: (0.020, 0.005), SLOW: (0.020, 0.250)}
"""Seconds to the first token, and between two."""
_ASKED = re.compile(rb'"max_(?:completion_)?tokens":\s*(\d+)')
_PSEUDONYM = re.compile(rb"<[A-Z][A-Z0-9_]*_[A-Z2-7]{5}(?:_[0-9]{1,2})?>")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)


def _words(body: bytes) -> list[str]:
    seen = list(dict.fromkeys(m.decode() for m in _PSEUDONYM.findall(body)))
    words = [f"word{i % 10}" for i in range(TOKENS)]
    for place, each in enumerate(seen[:20]):
        words[5 + 9 * place] = each
    return [f"{word} " for word in words]


@lru_cache(maxsize=10_000)
def _word(text: str) -> bytes:
    return _event({"content": text})


def _event(delta: dict[str, object], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "m",
             "choices": [choice]}  # fmt: skip
    data = b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def _json(value: object) -> bytes:
    body = json.dumps(value).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


class _Model(asyncio.Protocol):
    aborted = 0
    """Answers whose client went away before their end, of all connections."""

    def __init__(self) -> None:
        self._held = b""
        self._work: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._work is not None and not self._work.done():
            self._work.cancel()
            _Model.aborted += 1

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._held, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._held) < whole:
                return
            told = self._held.startswith(b"GET ")
            body, self._held = self._held[end + 4 : whole], self._held[whole:]
            if told:
                self._out.write(_json({"aborted": _Model.aborted}))
            else:
                self._answer(body)

    def _answer(self, body: bytes) -> None:
        words = _words(body)
        asked = _ASKED.search(body)
        pace = _PACES.get(int(asked[1])) if asked else None
        if b'"stream":true' not in body.replace(b" ", b"")[:100_000]:
            message = {"role": "assistant", "content": "".join(words)}
            whole = _json(
                {"id": "c", "object": "chat.completion", "created": 0, "model": "m",
                 "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                 "usage": {"prompt_tokens": 1, "completion_tokens": TOKENS, "total_tokens": 201}}
            )  # fmt: skip
            if pace is None:
                self._out.write(whole)
            else:
                self._work = asyncio.ensure_future(self._late(whole, pace[0] + TOKENS * pace[1]))
            return
        head = (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                b"transfer-encoding: chunked\r\n\r\n")  # fmt: skip
        events = [_event({"role": "assistant", "content": ""})]
        events += map(_word, words)
        done = b"data: [DONE]\n\n"
        last = _event({}, "stop") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(done), done)
        if pace is not None:
            self._work = asyncio.ensure_future(self._paced(head, events, last, *pace))
        else:
            self._out.write(head + b"".join(events) + last)

    async def _late(self, whole: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._out.write(whole)

    async def _paced(
        self, head: bytes, events: list[bytes], last: bytes, first: float, between: float
    ) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + first
        self._out.write(head + events[0])
        for event in events[1:]:
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._out.write(event)
            due += between
        self._out.write(last)


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(_Model, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(_main())
    except KeyboardInterrupt:
        sys.exit(0)
