"""How much of a prompt a vLLM finds in its prefix cache: `python -m benchmarks.prefix`.

Conversations of 20 turns run through metier, each turn with a few sources of its own and facts
that become known on the way. What went out is then asked of a real vLLM twice: as metier
ordered it, and in the order of the usual template for answers from sources, where they stand
with the instructions at the top, before the history. The words are the same, and so are their
number; only their order differs. vLLM says of each prompt how many tokens it had cached.

The model is the tiny one of the tests, which reads bytes, on the CPU: the share doesn't depend
on what a model says. `tests/provision_vllm.sh` makes the environment. One JSON line comes last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from metier import config, hookimpl
from metier.app import Metier, make_keys
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import (
    EngineRequest,
    Event,
    Finish,
    Manifest,
    Passage,
    Segment,
    TextDelta,
    Turn,
    Volatility,
)

if TYPE_CHECKING:
    from vllm_server import VllmServer

TURNS: Final = 20
TESTS: Final = Path(__file__).parents[1] / "tests"
_PLANTS: Final = (
    "roses", "lilies", "dahlias", "ferns", "irises", "peonies", "asters", "tulips", "violets",
    "poppies", "lupins", "sages", "heathers", "azaleas", "camellias", "hostas", "mallows",
    "phloxes", "sedums", "yarrows",
)  # fmt: skip
_ASKED: Final = (
    "When are {} cut back, and how far?",
    "I like {} best. How often do they want water?",
    "My name is Ada. Which soil suits {}?",
    "Can {} stand a winter in the open?",
)
_INSTRUCTIONS: Final = (
    "You help gardeners with what grows on balconies and in small gardens. Say what to do, when "
    "to do it, and why, in a few plain sentences. Say so where you don't know."
)


class Almanac:
    """A domain with a page on each plant, of which a turn gets the three that it asks for."""

    @hookimpl
    def domain(self) -> Manifest:
        known = ("identity", "preference")
        return Manifest("almanac", "Almanac", "On plants.", languages=("en",), reads=known,
                        writes=known)  # fmt: skip

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        return [Segment(_INSTRUCTIONS, "almanac", Volatility.DOMAIN)]

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        at = next((n for n, plant in enumerate(_PLANTS) if plant in turn.message), 0)
        found = [_PLANTS[(at + step) % len(_PLANTS)] for step in (0, 7, 13)]
        return [
            Passage(plant, f"{plant.capitalize()} are cut back after they have flowered and "
                    "watered in the morning.", plant.capitalize(), "Almanac", score=0.9 - n / 10)
            for n, plant in enumerate(found)
        ]  # fmt: skip


class Listening:
    """An engine that keeps what it is sent, and says the same each time."""

    name, target = "listening", "local"

    def __init__(self, inner: OpenAIEngine) -> None:
        self._inner = inner
        self.sent: list[dict[str, Any]] = []

    def encode(self, request: EngineRequest) -> bytes:
        return self._inner.encode(request)

    async def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        self.sent.append(json.loads(body))
        yield TextDelta("After they have flowered, by a third, so that new shoots come in spring "
                        "and the plant keeps its shape. [1]")  # fmt: skip
        yield Finish("stop")

    async def close(self) -> None:
        await self._inner.close()


@dataclass(frozen=True, slots=True)
class Share:
    """How many tokens were read, and how many of them were cached."""

    prompt: int
    cached: int

    @property
    def value(self) -> float:
        return self.cached / self.prompt if self.prompt else 0.0


async def outgoing(conversations: int) -> list[list[dict[str, Any]]]:
    """What metier sends to a model in each turn of each conversation."""
    inner = OpenAIEngine(EgressClient({"local": TargetRule("http://127.0.0.1:9/v1", private=True)}),
                         "local", "tiny")  # fmt: skip
    engine, found = Listening(inner), []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_keys(home)
        settings = config.Settings(embeddings="none")
        async with Metier.open(home, settings, plugins=[Almanac()], engine=engine) as app:
            for number in range(conversations):
                person = f"person-{number}"
                for turn in range(TURNS):
                    plant = _PLANTS[(turn + number) % len(_PLANTS)]
                    said = _ASKED[turn % len(_ASKED)].format(plant)
                    request = app.request("almanac", said, subject=person, conversation=person)
                    await app.respond(request)
                found.append(engine.sent[-TURNS:])
    return found


def naive(body: dict[str, Any]) -> dict[str, Any]:
    """The same words with what stands before the message moved up to the instructions.

    Raises:
        ValueError: the body isn't ordered as metier orders it, so there is nothing to compare.
    """
    first, *middle, message = body["messages"]
    sources = [each for each in middle if each["role"] == "system"]
    history = [each for each in middle if each["role"] != "system"]
    if first["role"] != "system" or not sources or message["role"] != "user":
        raise ValueError("a body without instructions, sources or a message")
    return body | {"messages": [first, *sources, *history, message]}


async def asked(base_url: str, conversations: Sequence[Sequence[dict[str, Any]]]) -> Share:
    """What a vLLM has cached of the conversations' prompts, turn by turn."""
    prompt = cached = 0
    async with aiohttp.ClientSession() as session:
        for turns in conversations:
            salt = secrets.token_hex(16)  # so that nothing is shared with another order
            for body in turns:
                wanted = body | {"cache_salt": salt, "max_tokens": 1, "stream": False}
                wanted.pop("stream_options", None)
                async with session.post(f"{base_url}/chat/completions", json=wanted) as answer:
                    answer.raise_for_status()
                    usage = (await answer.json())["usage"]
                prompt += usage["prompt_tokens"]
                cached += (usage["prompt_tokens_details"] or {}).get("cached_tokens") or 0
    return Share(prompt, cached)


async def measure(server: VllmServer, conversations: int) -> tuple[Share, Share]:
    """The shares of plan order and of naive order."""
    planned = await outgoing(conversations)
    moved = [[naive(body) for body in turns] for turns in planned]
    return await asked(server.base_url, planned), await asked(server.base_url, moved)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--conversations", type=int, default=3, metavar="N")
    count = parser.parse_args().conversations
    sys.path.insert(0, str(TESTS))
    from vllm_server import ENVIRONMENT, VllmServer

    if not (ENVIRONMENT / ".ready").exists():
        print("There is no .vllm/ environment; tests/provision_vllm.sh makes it.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        server = VllmServer(Path(folder))
        try:
            server.start()
            plan, other = asyncio.run(measure(server, count))
        finally:
            server.stop()
    print(f"{count} conversations of {TURNS} turns: cached share of the prompts' tokens")
    for name, share in (("plan order", plan), ("naive order", other)):
        print(f"  {name:<12} {share.value:6.1%}  {share.cached:>9,} of {share.prompt:,}")
    print(json.dumps({
        "benchmark": "prefix", "conversations": count, "turns": TURNS,
        "plan": round(plan.value, 4), "naive": round(other.value, 4),
        "ratio": round(plan.value / other.value, 2) if other.cached else None,
    }))  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
