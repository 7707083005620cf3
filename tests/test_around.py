"""What is asked and changed outside a turn, and what is kept together with its audit event."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from served import audited, client_of, problem, stored
from toy import Gardening

from metier import hookimpl
from metier.knowledge import Index
from metier.model import (
    Actor,
    BadRequest,
    Feedback,
    MetierError,
    Passage,
    Route,
    Turn,
    View,
)
from metier.plugins import Registry
from metier.plugins._breaker import THRESHOLD

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


async def test_a_search_does_not_see_who_searches(
    open_metier: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: list[list[str]] = []

    def search(_: Index, __: str, ___: str, wanted: list[str], ____: int) -> list[Passage]:
        queries.append(wanted)
        return []

    app = await open_metier(Gardening())
    monkeypatch.setattr(Index, "search", search)
    async with client_of(app) as client:
        for who in ("Nigerian", "Norwegian"):
            query = f"I am {who}. When are roses cut?"
            await app.search(ME, "gardening", query)
            asked = {"domain": "gardening", "query": query}
            assert (await client.post("/v1/search", json=asked)).status_code == 200
        assert await app.search(ME, "gardening", "I am Nigerian.") == []
    assert {q for wanted in queries for q in wanted} == {"When are roses cut?"}


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


SECRET = "Anna Smith, +44 20 7946 0958"


class Served(Gardening):
    """Gardening with routes and views that do what a test says."""

    def __init__(self, does: Callable[..., Any]) -> None:
        super().__init__()
        self.does = does

    @hookimpl(deadline=0.2)
    def routes(self) -> Sequence[Route]:
        return [Route("plots", self.does), Route("fine", self._fine)]

    @hookimpl(deadline=0.2)
    def views(self) -> Sequence[View]:
        return [View("plots", "Plots", self.does)]

    async def _fine(self, turn: Turn, body: Any) -> Any:
        return {"subject": turn.subject, "body": body}


def raises(*_: object) -> Any:
    raise ValueError(SECRET)


async def raises_later(*_: object) -> Any:
    raise KeyError(SECRET)


def leaves(*_: object) -> Any:
    raise SystemExit(SECRET)


async def hangs(*_: object) -> Any:
    await asyncio.Event().wait()


async def will_not_end(*_: object) -> Any:
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.5)
            return None


def blocks(*_: object) -> Any:
    threading.Event().wait(5)


def unfit(*_: object) -> Any:
    return object()


FAILING = [
    (raises, "failed (ValueError)", 500), (raises_later, "failed (KeyError)", 500),
    (leaves, "failed (SystemExit)", 500), (hangs, "took too long", 504),
    (will_not_end, "took too long", 504), (blocks, "took too long", 504),
]  # fmt: skip


@pytest.mark.parametrize(("does", "what", "status"), [*FAILING, (unfit, "failed", 500)])
async def test_a_route_that_fails_or_hangs_is_an_error_that_names_it_without_content(
    open_metier: Any, does: Callable[..., Any], what: str, status: int
) -> None:
    app = await open_metier(Served(does))
    async with client_of(app) as client:
        answer = await client.post("/v1/plugins/gardening/plots", json={"q": SECRET})
        told = problem(answer, status)
        assert told["code"] == "plugin_failed" and what in told["message"]
        assert "`routes/plots` of the plugin 'gardening'" in told["message"]
        assert SECRET not in answer.text
        fine = await client.post("/v1/plugins/gardening/fine", json={"q": 1})
        assert fine.json() == {"subject": "anna", "body": {"q": 1}}


@pytest.mark.parametrize(("does", "what", "status"), [*FAILING, (unfit, "failed", 500)])
async def test_a_view_that_fails_or_hangs_is_an_error_that_names_it_without_content(
    open_metier: Any, does: Callable[..., Any], what: str, status: int
) -> None:
    app = await open_metier(Served(does))
    with pytest.raises(MetierError) as error:
        await app.view(ME, None, "gardening", "plots")
    assert error.value.status == status and what in error.value.message
    assert SECRET not in error.value.message and error.value.__cause__ is None


async def test_a_route_that_keeps_failing_is_switched_off_alone_and_listed(
    open_metier: Any,
) -> None:
    app = await open_metier(Served(raises))
    calls = [await _status(app, "plots") for _ in range(THRESHOLD + 1)]
    assert calls == [500] * THRESHOLD + [503]
    assert await _status(app, "fine") == 200
    (off,) = [s for s in app.parts.registry.breakers() if s.open]
    assert (off.plugin, off.hook, off.error) == ("gardening", "routes/plots", "ValueError")


async def _status(app: Any, path: str) -> int:
    try:
        await app.call_route(ME, "gardening", path, {})
    except MetierError as error:
        return error.status
    return 200


async def test_what_a_route_refuses_is_its_own_word_and_no_failure(open_metier: Any) -> None:
    async def refuses(turn: Turn, body: Any) -> Any:
        raise BadRequest("`plot` is missing.", param="plot")

    app = await open_metier(Served(refuses))
    async with client_of(app) as client:
        for _ in range(THRESHOLD + 1):
            answer = await client.post("/v1/plugins/gardening/plots", json={})
            assert problem(answer, 400)["message"] == "`plot` is missing."
    assert app.parts.registry.breakers() == []


async def test_a_caller_who_gives_up_a_route_switches_nothing_off(open_metier: Any) -> None:
    app = await open_metier(Served(hangs))
    for _ in range(THRESHOLD + 1):
        task = asyncio.ensure_future(app.call_route(ME, "gardening", "plots", {}))
        await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
    assert app.parts.registry.breakers() == []
