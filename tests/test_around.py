"""What is asked and changed outside a turn, and what is kept together with its audit event."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from served import audited, client_of, stored
from toy import Gardening

from metier import hookimpl
from metier.knowledge import Index
from metier.model import Actor, Feedback, MetierError, Passage, Turn
from metier.plugins import Registry

ME = Actor("default", "me")


class Taught(Gardening):
    """Gardening that counts its turns and what people thought of them in one state."""

    @hookimpl
    def on_feedback(self, turn: Turn, feedback: Feedback) -> Mapping[str, Any]:
        return {**turn.state, "liked": turn.state.get("liked", 0) + 1}

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Any]:
        return {**turn.state, "turns": turn.state.get("turns", 0) + 1}

    @hookimpl
    def check_input(self, turn: Turn) -> None:
        self.seen = dict(turn.state)


async def test_feedback_and_turns_at_the_same_time_forget_nothing_of_each_other(
    open_metier: Any,
) -> None:
    plugin = Taught()
    app = await open_metier(plugin)
    ids = [
        (await app.respond(app.request("gardening", f"prune {n}?", conversation=f"{n}"))).id
        for n in range(4)
    ]
    turns = [
        app.respond(app.request("gardening", "And now?", conversation=f"x{n}")) for n in range(4)
    ]
    judged = [app.feedback(ME, Feedback(answer, 1)) for answer in ids]
    await asyncio.gather(*turns, *judged)
    await app.respond(app.request("gardening", "And last?"))
    assert plugin.seen == {"turns": 8, "liked": 4}
    assert (await app.verify_audit()).ok


async def test_facts_set_at_the_same_time_are_all_kept(open_metier: Any, home: Path) -> None:
    app = await open_metier(Gardening())
    values = [f"plant {n}" for n in range(6)]
    await asyncio.gather(*(app.set_fact(ME, None, "likes", v, "preference") for v in values))
    assert sorted(f.value for f in await app.profile(ME)) == values
    assert [e["kind"] for e in audited(home)].count("profile-set") == 6


@pytest.mark.parametrize("doing", ["turn", "set", "forget", "feedback"])
async def test_what_cannot_be_audited_is_not_kept(open_metier: Any, home: Path, doing: str) -> None:
    app = await open_metier(Taught())
    answer = await app.respond(app.request("gardening", "prune?"))
    fact = await app.set_fact(ME, None, "likes", "roses", "preference")
    before = stored(home)
    kind = {"turn": "turn", "feedback": "feedback"}.get(doing, f"profile-{doing}")
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute(
            f"create trigger stop before insert on audit_event when instr(new.body, "
            f'cast(\'"kind":"{kind}"\' as blob)) '
            "begin select raise(abort, 'database or disk is full'); end"
        )
    work = {
        "turn": lambda: app.respond(app.request("gardening", "My balcony faces north.")),
        "set": lambda: app.set_fact(ME, None, "likes", "lilies", "preference"),
        "forget": lambda: app.forget_fact(ME, None, fact.id),
        "feedback": lambda: app.feedback(ME, Feedback(answer.id, 1)),
    }[doing]
    with pytest.raises(MetierError) as error:
        await work()
    assert error.value.code == "store_unavailable"
    assert stored(home) == before
    assert (await app.verify_audit()).ok


@pytest.mark.parametrize("path", ["/v1/search", "python"])
async def test_a_search_never_computes_on_the_thread_of_the_loop(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    threads: list[threading.Thread] = []

    def search(*_: object) -> list[Passage]:
        threads.append(threading.current_thread())
        return []

    app = await open_metier(Gardening())
    monkeypatch.setattr(Index, "search", search)
    async with client_of(app) as client:
        if path == "python":
            assert await app.search(ME, "gardening", "roses") == []
        else:
            asked = {"domain": "gardening", "query": "roses"}
            assert (await client.post(path, json=asked)).status_code == 200
    assert len(threads) == 1 and threads[0] is not threading.current_thread()


@pytest.mark.parametrize("doing", ["read", "set", "forget"])
async def test_a_profile_without_any_domain_says_what_is_missing(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch, doing: str
) -> None:
    app = await open_metier()
    monkeypatch.setattr(Registry, "domains", {})
    work = {
        "read": lambda: app.profile(ME),
        "set": lambda: app.set_fact(ME, None, "likes", "roses", "preference"),
        "forget": lambda: app.forget_fact(ME, None, "f"),
    }[doing]
    with pytest.raises(MetierError, match="No domain is installed") as error:
        await work()
    assert (error.value.code, error.value.status) == ("no_domain", 503)


async def test_what_is_of_a_domain_says_that_none_is_installed(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await open_metier()
    monkeypatch.setattr(Registry, "domains", {})
    for work in (app.recommend(ME, None, "x"), app.view(ME, None, "x", "y")):
        with pytest.raises(MetierError, match="none is installed"):
            await work
