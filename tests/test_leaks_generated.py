"""Generated conversations over every request part: what is planted does not reach the upstream.

METIER_CONVERSATIONS says how many; the default suite runs 150.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import Any

import orjson
import pytest
import pytest_asyncio
from leak_generator import FIXED, Conversation, Planted, conversation
from toy import Gardening

from metier import config
from metier.app import Metier, make_keys
from metier.egress import EgressClient, TargetRule
from metier.inference import OpenAIEngine
from metier.model import Actor, Answer, Request
from metier_testing.upstream import RecordingUpstream

COUNT = int(os.environ.get("METIER_CONVERSATIONS", "150"))
NAMES_MISSED = 0.02


def texts_of(body: bytes) -> str:
    """Every string of a body, escapes decoded, JSON within strings too."""
    found: list[str] = []

    def walk(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
            if value[:1] in "{[":
                with suppress(orjson.JSONDecodeError):
                    walk(orjson.loads(value))
        elif isinstance(value, dict):
            for key, item in value.items():
                found.append(key)
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)
        elif value is not None:
            found.append(str(value))

    walk(orjson.loads(body))
    return "\n".join(found)


async def run(app: Metier, upstream: RecordingUpstream, case: Conversation) -> list[Planted]:
    """Runs one conversation; returns what leaked."""
    before = len(upstream.requests)
    request = Request(
        "gardening", case.messages, Actor("default", "me"), tools=case.tools, stop=case.stop,
        store=False,
    )  # fmt: skip
    answer = await app.respond(request)
    assert isinstance(answer, Answer)
    assert len(upstream.requests) == before + 1
    sent = texts_of(upstream.requests[-1])
    upstream.requests.clear()
    return [p for p in case.planted if p.value in sent]


Tally = tuple[Counter[str], Counter[str], Counter[tuple[str, str]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tallied(tmp_path_factory: pytest.TempPathFactory) -> Tally:
    """Runs all conversations: what was planted and what leaked by type, and where it leaked."""
    home = tmp_path_factory.mktemp("home")
    make_keys(home)
    planted: Counter[str] = Counter()
    leaked: Counter[str] = Counter()
    where: Counter[tuple[str, str]] = Counter()
    async with RecordingUpstream(split="whole") as upstream:
        client = EgressClient({"local": TargetRule(upstream.base_url, private=True)})
        settings, engine = config.Settings(embeddings="none"), OpenAIEngine(client, "local", "tiny")
        async with Metier.open(home, settings, plugins=[Gardening()], engine=engine) as app:
            for seed in range(COUNT):
                case = conversation(seed)
                planted.update(p.kind for p in case.planted)
                for miss in await run(app, upstream, case):
                    leaked[miss.kind] += 1
                    where[miss.kind, miss.part] += 1
    assert set(planted) >= {*FIXED, "NAME", "NAME_ZH"}
    return planted, leaked, where


@pytest.mark.timeout(3000)
def test_no_value_with_a_checksum_or_a_fixed_grammar_leaves(tallied: Tally) -> None:
    _, leaked, where = tallied
    fixed = {kind: leaked[kind] for kind in FIXED if leaked[kind]}
    assert not fixed, f"leaked by type: {fixed}, by place: {dict(where)}"


@pytest.mark.timeout(3000)
def test_at_most_two_names_in_a_hundred_leave(tallied: Tally) -> None:
    planted, leaked, _ = tallied
    for kind in ("NAME", "NAME_ZH"):
        share = leaked[kind] / planted[kind]
        assert share <= NAMES_MISSED, f"{kind}: {leaked[kind]} of {planted[kind]} leaked"
