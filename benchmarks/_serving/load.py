"""Requests of many people at once, and what they take."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any

import aiohttp

from benchmarks._serving.upstream import AT_ONCE

NAMES = ("Grace Miller", "Tom Baker", "Li Ming", "Ana Souza", "Omar Haddad", "Ivy Chen")


@dataclass(frozen=True)
class Target:
    """What is asked: a metier, or the model itself."""

    base: str
    model: str
    key: str = ""
    people: int = 200
    """Subjects among whom each request is one; 0 where the header means nothing."""
    restores: bool = True
    """Whether the values of the message must come back in the answer."""
    others: tuple[str, ...] = ()
    """Further processes of the same metier, each asked in its turn."""


@dataclass
class Seen:
    """What came of a run.

    Args:
        whole: seconds of each request.
        first: seconds to the first word of each stream.
        gaps: seconds between two events with words.
        events: events with words of each stream.
        tokens: words of each stream.
        wrong: answers with another status, cut short, or without the values restored.
    """

    seconds: float = 0.0
    whole: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    wrong: int = 0

    @property
    def rate(self) -> float:
        return len(self.whole) / self.seconds if self.seconds else 0.0

    def p50(self, what: list[float]) -> float:
        return statistics.median(what) * 1000 if what else float("nan")


def _said(number: int) -> tuple[str, tuple[str, ...]]:
    """A message with identifiers, and the values that an answer should bring back."""
    name = NAMES[number % len(NAMES)]
    mail = f"user{number}@example.com"
    phone = f"+44 20 7946 0{number % 900 + 100}"
    text = f"My name is {name}, write to {mail} or call {phone}. How do I return a parcel?"
    return text, (mail,)


async def run(
    target: Target, *, at_once: int, seconds: float, stream: bool, tokens: int = AT_ONCE
) -> Seen:
    """Keeps `at_once` requests going for some seconds; those that began are finished.

    Args:
        tokens: the pace of the model; see `upstream`.
    """
    seen, dice = Seen(), random.Random(at_once)
    turns = in_turn(target)
    ends = time.perf_counter() + seconds
    limit = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=limit, timeout=aiohttp.ClientTimeout(total=120)
    ) as session:

        async def one_after_another(lane: int) -> None:
            number = lane * 1_000_000
            while time.perf_counter() < ends:
                number += 1
                body, values = asked(target, number, stream, tokens)
                person = dice.randrange(10**6)
                await _one(session, next(turns), body, values, person, seen)

        started = time.perf_counter()
        await asyncio.gather(*(one_after_another(lane) for lane in range(at_once)))
        seen.seconds = time.perf_counter() - started
    return seen


def _processes(target: Target) -> list[Target]:
    return [replace(target, base=base) for base in (target.base, *target.others)]


def in_turn(target: Target) -> Iterator[Target]:
    """The processes of a metier, one after the other, for ever."""
    return cycle(_processes(target))


async def steady(target: Target, rate: float, seconds: float) -> Seen:
    """Begins `rate` requests a second, whether or not earlier ones are answered; half are streams.

    More than 500 that wait are not added to: the load is then above what can be served.
    """
    seen, dice, under_way = Seen(), random.Random(7), set[asyncio.Task[None]]()
    limit = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=limit, timeout=aiohttp.ClientTimeout(total=120)
    ) as session:
        began = time.perf_counter()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            if len(under_way) < 500:
                body, values = asked(target, number, number % 2 == 0, AT_ONCE)
                work = _one(session, target, body, values, dice.randrange(10**6), seen)
                task = asyncio.ensure_future(work)
                under_way.add(task)
                task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
        seen.seconds = time.perf_counter() - began
    return seen


async def warm(target: Target) -> None:
    """A short turn of each person: what is measured is people who were there before.

    Of several processes the first makes their keys; the others load what they need once.
    """
    limit = aiohttp.TCPConnector(limit=16)
    async with aiohttp.ClientSession(connector=limit) as session:
        bodies = [asked(target, number, False, AT_ONCE) for number in range(max(8, target.people))]
        for place, each in enumerate(_processes(target)):
            some = bodies[:16] if place else bodies
            await asyncio.gather(
                *(_one(session, each, body, (), i, Seen()) for i, (body, _) in enumerate(some))
            )


def asked(
    target: Target, number: int, stream: bool, tokens: int
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A request, and the values that its answer should bring back."""
    text, values = _said(number)
    messages = [{"role": "user", "content": text}]
    body = {
        "model": target.model, "messages": messages, "stream": stream, "max_tokens": tokens,
    }  # fmt: skip
    return body, values if target.restores else ()


def headers_of(target: Target, person: int) -> dict[str, str]:
    """Who asks, and for whom."""
    headers = {"Authorization": f"Bearer {target.key or 'none'}"}
    if target.people:
        headers["X-Metier-Subject"] = f"p{person % target.people}"
    return headers


async def _one(
    session: aiohttp.ClientSession,
    target: Target,
    body: dict[str, Any],
    values: tuple[str, ...],
    person: int,
    seen: Seen,
) -> None:
    started = time.perf_counter()
    try:
        async with session.post(
            f"{target.base}/chat/completions", json=body, headers=headers_of(target, person)
        ) as answer:
            if answer.status != 200:
                seen.wrong += 1
                await answer.read()
                await asyncio.sleep(0.01)
                return
            if not body["stream"]:
                told = await _whole(answer)
            elif body["max_tokens"] == AT_ONCE:
                told = await _at_once(answer, seen)
            else:
                told = await _stream(answer, started, seen)
    except aiohttp.ClientError:
        seen.wrong += 1
        return
    seen.whole.append(time.perf_counter() - started)
    if not all(value in told for value in values):
        seen.wrong += 1


async def _whole(answer: aiohttp.ClientResponse) -> str:
    return str(json.loads(await answer.read())["choices"][0]["message"]["content"])


async def _at_once(answer: aiohttp.ClientResponse, seen: Seen) -> str:
    """A stream that comes as fast as it can: its events are counted and not read one by one.

    Reading them would take this process longer than sending them took the server.
    """
    raw = await answer.read()
    words = [e for e in raw.split(b"\n\n") if b'"content":"' in e]
    seen.events.append(len(words))
    return raw.decode() if raw.endswith(b"data: [DONE]\n\n") else ""


async def _stream(answer: aiohttp.ClientResponse, started: float, seen: Seen) -> str:
    parts: list[str] = []
    events, last = 0, 0.0
    async for line in answer.content:
        if not line.startswith(b"data: {"):
            continue
        choices = json.loads(line[6:]).get("choices") or [{}]
        words = choices[0].get("delta", {}).get("content")
        if words is None:
            continue
        now = time.perf_counter()
        if words:
            if not parts:
                seen.first.append(now - started)
            elif last:
                seen.gaps.append(now - last)
            parts.append(words)
            last = now
        events += 1
    seen.events.append(events)
    text = "".join(parts)
    seen.tokens.append(text.count(" "))
    return text
