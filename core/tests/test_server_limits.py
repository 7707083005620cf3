"""Back-pressure, rates and the drain: what is refused, with what words, and what goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import pytest

from metier.access import AccessError, Rates
from metier.config import LimitSettings
from metier.model import Actor
from metier.server._drain import Drain
from metier.server._plain import Asgi
from metier.server._pressure import Pressure, resident_bytes

Answer = tuple[int, dict[str, str], dict[str, Any]]


class Held:
    """An application whose requests wait until they are let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.began = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.began += 1
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


async def ask(asgi: Asgi, path: str = "/v1/chat/completions", key: str = "") -> Answer:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("the body of what is refused is not read")

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
    await asgi({"type": "http", "path": path, "headers": headers}, receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0].get("headers", [])}
    return sent[0]["status"], found, json.loads(sent[1]["body"])


async def begun(held: Held, count: int) -> None:
    while held.began < count:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def waiting(asgi: Asgi, held: Held, keys: list[str]) -> list[asyncio.Task[Answer]]:
    before = held.began
    tasks = [asyncio.create_task(ask(asgi, key=key)) for key in keys]
    await begun(held, before + len(keys))
    return tasks


# --- pressure ------------------------------------------------------------------------------


async def test_what_is_too_much_gets_429_with_when_to_come_again() -> None:
    held, told = Held(), list[str]()
    asgi = Pressure(LimitSettings(requests=2), told.append).around(held)
    tasks = await waiting(asgi, held, ["a", "b"])
    status, headers, body = await ask(asgi, key="c")
    assert (status, headers["retry-after"]) == (429, "1")
    assert body["error"]["code"] == "server_busy" and told == ["server_busy"]
    held.go.set()
    assert [(await task)[0] for task in tasks] == [200, 200]
    assert (await ask(asgi, key="c"))[0] == 200


async def test_health_is_told_however_much_is_under_way() -> None:
    held = Held()
    asgi = Pressure(LimitSettings(requests=1)).around(held)
    tasks = await waiting(asgi, held, ["a"])
    probe = asyncio.create_task(ask(asgi, "/readyz"))
    await begun(held, 2)
    held.go.set()
    assert [(await task)[0] for task in (*tasks, probe)] == [200, 200]


async def test_one_key_can_not_take_it_all() -> None:
    held = Held()
    asgi = Pressure(LimitSettings(requests=10, requests_a_key=2)).around(held)
    tasks = await waiting(asgi, held, ["a", "a"])
    assert (await ask(asgi, key="a"))[2]["error"]["code"] == "too_many_requests"
    tasks += await waiting(asgi, held, ["b"])
    held.go.set()
    assert [(await task)[0] for task in tasks] == [200, 200, 200]
    assert (await ask(asgi, key="a"))[0] == 200


async def test_nothing_new_begins_where_memory_is_short() -> None:
    held, resident, now = Held(), [50 << 20], [0.0]
    held.go.set()
    pressure = Pressure(
        LimitSettings(memory_mb=100), memory=lambda: resident[0], clock=lambda: now[0]
    )
    asgi = pressure.around(held)
    assert (await ask(asgi))[0] == 200
    resident[0], now[0] = 101 << 20, 1.0
    assert (await ask(asgi))[2]["error"]["code"] == "server_busy_memory"
    resident[0], now[0] = 99 << 20, 2.0
    assert (await ask(asgi))[0] == 200
    assert resident_bytes() > 0


async def test_what_fails_or_is_left_counts_no_longer() -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError

    held = Held()
    pressure = Pressure(LimitSettings(requests=1, requests_a_key=1))
    with pytest.raises(RuntimeError):
        await ask(pressure.around(fails), key="a")
    (task,) = await waiting(pressure.around(held), held, ["a"])
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    held.go.set()
    assert (await ask(pressure.around(held), key="a"))[0] == 200
    assert not pressure._by_key


# --- rates ----------------------------------------------------------------------------------


def test_an_actor_that_asks_too_fast_is_told_how_long_to_wait() -> None:
    now = [0.0]
    rates = Rates(60, burst=2, clock=lambda: now[0])
    anna, other = Actor("north", "anna"), Actor("south", "anna")
    rates.spend(anna)
    rates.spend(anna)
    with pytest.raises(AccessError) as error:
        rates.spend(anna)
    assert (error.value.status, error.value.headers["Retry-After"]) == (429, "1")
    rates.spend(other)  # of another tenant, and so another person
    now[0] = 1.0
    rates.spend(anna)
    with pytest.raises(AccessError):
        rates.spend(anna)


def test_without_a_rate_nothing_is_counted() -> None:
    rates = Rates(0)
    for _ in range(1000):
        rates.spend(Actor("north", "anna"))
    assert not rates._buckets


# --- the end --------------------------------------------------------------------------------


async def test_the_end_refuses_what_is_new_and_waits_for_what_is_under_way() -> None:
    held, drain = Held(), Drain(seconds=60)
    asgi = drain.around(held)
    (task,) = await waiting(asgi, held, ["a"])
    drain.begin()
    status, headers, body = await ask(asgi)
    assert (status, body["error"]["code"]) == (503, "server_draining")
    assert headers["connection"] == "close" and headers["retry-after"]
    status, _, body = await ask(asgi, "/readyz")
    assert (status, body["reasons"]) == (503, {"server": "draining"})
    assert not drain.over
    held.go.set()
    assert (await task)[0] == 200 and drain.over


async def test_the_end_has_a_bound_and_a_notice() -> None:
    held = Held()
    late = Drain(seconds=0)
    tasks = await waiting(late.around(held), held, ["a"])
    late.begin()
    assert late.over
    noticed = Drain(seconds=60, notice=60)
    noticed.begin()
    assert not noticed.closed and not noticed.over
    assert (await ask(noticed.around(held), "/readyz"))[0] == 503
    tasks += await waiting(noticed.around(held), held, ["b"])
    held.go.set()
    assert [(await task)[0] for task in tasks] == [200, 200]
