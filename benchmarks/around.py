"""What figures, limits and drain around the application cost: `python -m benchmarks.around`.

Prints microseconds a streamed answer of 200 events, without and with them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

from metier.config import LimitSettings
from metier.server._drain import Drain
from metier.server._plain import Asgi, Scope
from metier.server._pressure import Pressure
from metier.server._watched import watched
from metier.telemetry import Meters

_EVENTS = 200
_REQUESTS = 2000
_SCOPE: Scope = {
    "type": "http",
    "path": "/v1/chat/completions",
    "headers": [(b"authorization", b"Bearer key")],
}


async def _answer(scope: Scope, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(_EVENTS):
        await send({"type": "http.response.body", "body": b"data", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _receive() -> MutableMapping[str, Any]:
    return {"type": "http.request", "body": b""}


async def _send(message: MutableMapping[str, Any]) -> None: ...


async def _microseconds(asgi: Asgi) -> float:
    started = time.perf_counter()
    for _ in range(_REQUESTS):
        await asgi(dict(_SCOPE), _receive, _send)
    return (time.perf_counter() - started) / _REQUESTS * 1e6


def main() -> None:
    pressure = Pressure(LimitSettings(requests_a_key=10))
    around = watched(Drain().around(pressure.around(_answer)), Meters(), False)
    pairs = [
        (asyncio.run(_microseconds(_answer)), asyncio.run(_microseconds(around))) for _ in range(5)
    ]
    bare, whole = (min(values) for values in zip(*pairs, strict=True))
    print(f"an answer of {_EVENTS} events: {bare:.0f} us bare, {whole:.0f} us with all around it")


if __name__ == "__main__":
    main()
