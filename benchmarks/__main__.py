"""The pipeline's overhead without a model, over raw ASGI that answers at once.

Both are driven in process through the ASGI interface, alternating, in one run.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metier import config
from metier.app import Metier, make_keys
from metier.model import Actor
from metier.server import create_app

ROUNDS = 200
KEY = "benchmark"
BODY = json.dumps(
    {"model": "writing", "messages": [{"role": "user", "content": "Please correct: Its a day."}]}
).encode()


async def bare(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """Raw ASGI that reads the body and answers the same shape."""
    await receive()
    body = b'{"choices": [{"message": {"content": "ok"}}]}'
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


async def call(app: Any) -> tuple[float, int]:
    """Seconds and status of one request."""
    status = 0
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()
        sent = True
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/chat/completions",
        "headers": [(b"authorization", f"Bearer {KEY}".encode())],
    }  # fmt: skip
    started = time.perf_counter()
    await app(scope, receive, send)
    return time.perf_counter() - started, status


async def main() -> None:
    import hashlib

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_keys(home)
        settings = config.Settings(embeddings="none")
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        async with Metier.open(home, settings) as metier:
            app = create_app(metier, keys={digest: Actor("default", "me")})
            times: dict[str, list[float]] = {"raw ASGI": [], "pipeline": []}
            for round_ in range(ROUNDS + 20):
                for name, target in (("raw ASGI", bare), ("pipeline", app)):
                    seconds, status = await call(target)
                    if status != 200:
                        raise SystemExit(f"{name} answered {status}")
                    if round_ >= 20:
                        times[name].append(seconds * 1000)
    for name, found in times.items():
        p50 = statistics.median(found)
        p95 = statistics.quantiles(found, n=20)[18]
        print(f"{name:10}  p50 {p50:8.3f} ms   p95 {p95:8.3f} ms   n {len(found)}")
    over = statistics.median(times["pipeline"]) - statistics.median(times["raw ASGI"])
    print(f"overhead of a whole turn, engine grounded, p50: {over:.3f} ms")


if __name__ == "__main__":
    asyncio.run(main())
