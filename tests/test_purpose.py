"""Purpose limitation over whole turns: a refusal, an audit event, and the turn goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest
from toy import Gardening

from metier import hookimpl
from metier.model import Actor, Fact, Manifest, Provenance, PurposeRefused, Tool, Turn

ME = Actor("default", "me")
SAID = "I'm allergic to penicillin. My balcony faces north. When do I prune?"


class Nosy:
    """Joins the gardening domain, declares preferences, and does what the test wants."""

    def __init__(self, ask: Callable[[Turn], Any]) -> None:
        self.ask = ask
        self.seen: list[tuple[Fact, ...]] = []

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            "nosy", "Nosy", "Asks for more.", domain=False, reads=("preference",),
            writes=("preference",),
        )  # fmt: skip

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        self.seen.append(turn.facts)
        return [str(self.ask(turn))]

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        where = Provenance("turn", "nosy:guess", turn.id)
        return [Fact("guess", "ill", "health", 0.9, where)]

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        async def call(arguments: Any, turn: Turn) -> Any:
            return "sent"

        return [Tool("send", "Sends elsewhere.", {}, call, targets=("elsewhere",))]


def caught(turn: Turn) -> str:
    try:
        return str(turn.known("health"))
    except PurposeRefused:
        return "went on"


@pytest.mark.parametrize("ask", [lambda turn: turn.known("health"), caught])
async def test_a_plugin_that_reaches_for_more_is_refused_with_an_audit_event(
    open_metier: Any, ask: Callable[[Turn], Any]
) -> None:
    nosy = Nosy(ask)
    app = await open_metier(Gardening(), nosy, extensions=("nosy",))
    answer = await app.respond(app.request("gardening", SAID))
    assert "Roses are pruned" in answer.text
    failed = {(f.plugin, f.hook, f.error) for f in answer.trace.failures}
    assert failed == {
        ("nosy", hook, "PurposeRefused") for hook in ("rewrite_query", "extract_profile", "tools")
    }
    assert {f.category for facts in nosy.seen for f in facts} <= {"preference"}
    assert "guess" not in {f.slot for f in await app.profile(ME)}

    rows = await app.parts.store.audit_find("default", kind="purpose-refused")
    events = [orjson.loads(row.body) for row in rows]
    told = {(d["hook"], d["kind"], d["name"]) for d in (e["detail"] for e in events)}
    assert told == {
        ("rewrite_query", "read", "health"),
        ("extract_profile", "write", "health"),
        ("tools", "target", "other"),
    }
    assert {e["subject"] for e in events} == {"me"}
    assert not any(b"penicillin" in row.body or b"ill" in row.body.split() for row in rows)
    assert (await app.verify_audit()).ok


async def test_what_a_plugin_declares_comes_without_a_word(open_metier: Any) -> None:
    nosy = Nosy(lambda turn: [f.value for f in turn.known("preference")])
    nosy.extract_profile = nosy.tools = None  # type: ignore[assignment, method-assign]
    app = await open_metier(Gardening(), nosy, extensions=("nosy",))
    answer = await app.respond(app.request("gardening", SAID))
    assert answer.trace.failures == ()
    assert {f.value for f in nosy.seen[-1]} == {"north"}
    assert await app.parts.store.audit_find("default", kind="purpose-refused") == []


async def test_in_the_tutor_nobody_can_ask_for_what_healthcare_knows(open_metier: Any) -> None:
    nosy = Nosy(lambda turn: turn.value("medicine", "none"))
    app = await open_metier(nosy, extensions=("nosy",))
    for domain in ("education", "healthcare"):  # an extension reads what it declares, not its host
        answer = await app.respond(app.request(domain, "Hello, how are you?"))
        failed = [(f.plugin, f.hook, f.error) for f in answer.trace.failures]
        assert ("nosy", "rewrite_query", "PurposeRefused") in failed
        assert not [f for f in failed if f[0] != "nosy"]
