"""The dispatcher: every kind of implementation, deadlines, order, failures, the breaker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from metier.hookspecs import FAILS_CLOSED, hookimpl
from metier.model import (
    Composition,
    Decision,
    Fact,
    HookFailure,
    Manifest,
    MetierError,
    Passage,
    Provenance,
    Turn,
    Verdict,
)
from metier.plugins import Host, Registry, discover
from metier.plugins._breaker import COOLDOWN, THRESHOLD, Breaker
from metier.plugins._host import THREADS

SECRET = "Anna Smith, +44 20 7946 0958"


def plugin(name: str = "garden", **hooks: Callable[..., Any]) -> Any:
    """A plugin whose hooks are plain functions without `self`."""
    manifest = Manifest(name, name.title(), "A plugin of the tests.")

    @hookimpl
    def domain() -> Manifest:
        return manifest

    members: dict[str, Any] = {"domain": domain, **hooks}
    return type(name, (), {key: staticmethod(value) for key, value in members.items()})()


def extension(name: str, *, before: Any = (), after: Any = (), **hooks: Callable[..., Any]) -> Any:
    manifest = Manifest(name, name.title(), "Joins.", domain=False, before=before, after=after)

    @hookimpl
    def domain() -> Manifest:
        return manifest

    members: dict[str, Any] = {"domain": domain, **hooks}
    return type(name, (), {key: staticmethod(value) for key, value in members.items()})()


def registry(*plugins: object) -> Registry:
    found = discover(plugins)
    broken = {p.name: p.reason for p in found.plugins if p.status != "ok"}
    assert not broken
    return found


def host(*plugins: Any) -> Host:
    found = registry(*plugins)
    manifests = [p.domain() for p in plugins]
    first = next(m.name for m in manifests if m.domain)
    return found.host(first, [m.name for m in manifests if not m.domain])


def narrow(manifest: Manifest) -> None:
    return None


def told(text: str) -> Callable[..., Any]:
    """A `rewrite_query` that says `text`."""

    @hookimpl
    def rewrite_query() -> list[str]:
        return [text]

    return rewrite_query


# --- kinds of implementation ---------------------------------------------------


async def test_plain_async_blocking_and_hidden_async_implementations_all_answer() -> None:
    thread: list[str] = []

    @hookimpl
    async def asynchronous() -> list[str]:
        await asyncio.sleep(0)
        return ["async"]

    @hookimpl(blocking=True)
    def blocking() -> list[str]:
        thread.append(threading.current_thread().name)
        return ["blocking"]

    async def inner() -> list[str]:
        await asyncio.sleep(0)
        return ["hidden"]

    @hookimpl
    def hidden() -> Any:
        return inner()  # a `def` that gives back a coroutine, as decorators make them

    called = host(
        plugin("a", rewrite_query=asynchronous),
        extension("b", rewrite_query=blocking),
        extension("c", rewrite_query=told("plain")),
        extension("d", rewrite_query=hidden),
    )
    outcome = await called.call("rewrite_query", narrow)
    assert [c.value for c in outcome.contributions] == [
        ("async",), ("blocking",), ("plain",), ("hidden",)
    ]  # fmt: skip
    assert not outcome.failures
    assert thread != [threading.current_thread().name]


async def test_an_implementation_gets_just_the_arguments_it_names() -> None:
    seen: list[Any] = []

    @hookimpl
    def retrieve(queries: Any) -> list[Passage]:
        seen.append(queries)
        return []

    await host(plugin(retrieve=retrieve)).call("retrieve", narrow, queries=("q",))
    assert seen == [("q",)]


async def test_the_turn_each_plugin_gets_is_the_one_narrowed_for_it() -> None:
    seen: list[Any] = []

    @hookimpl
    def rewrite_query(turn: Turn) -> list[str]:
        seen.append(turn)
        return []

    called = host(
        plugin("a", rewrite_query=rewrite_query), extension("b", rewrite_query=rewrite_query)
    )
    await called.call("rewrite_query", lambda manifest: manifest.name)  # type: ignore[arg-type, return-value]
    assert seen == ["a", "b"]


async def test_every_contribution_says_whose_it_is() -> None:
    outcome = await host(plugin(rewrite_query=told("x"))).call("rewrite_query", narrow)
    (found,) = outcome.contributions
    assert (found.plugin, found.hook) == ("garden", "rewrite_query")
    assert found.distribution == __name__


async def test_first_stops_at_the_first_contribution() -> None:
    asked: list[str] = []

    def composes(name: str, answer: Composition | None) -> Callable[..., Any]:
        @hookimpl
        def compose() -> Composition | None:
            asked.append(name)
            return answer

        return compose

    called = host(
        plugin("a", compose=composes("a", None)),
        extension("b", compose=composes("b", Composition("b"))),
        extension("c", compose=composes("c", Composition("c"))),
    )
    outcome = await called.first("compose", narrow)
    assert [c.value.text for c in outcome.contributions] == ["b"]
    assert asked == ["a", "b"]


# --- order -----------------------------------------------------------------------


async def order_of(*plugins: Any) -> list[str]:
    outcome = await host(*plugins).call("rewrite_query", narrow)
    return [c.plugin for c in outcome.contributions]


async def test_order_is_tryfirst_then_declared_then_name_then_trylast() -> None:
    @hookimpl(tryfirst=True)
    def first() -> list[str]:
        return []

    @hookimpl(trylast=True)
    def last() -> list[str]:
        return []

    def declared(name: str, **order: Any) -> Any:
        return extension(name, rewrite_query=told(name), **order)

    found = await order_of(
        plugin("m", rewrite_query=told("m")),
        declared("z", before=("b",)),
        declared("b"),
        declared("a", after=("m",)),
        declared("c"),
        extension("a-last", rewrite_query=last),
        extension("z-first", rewrite_query=first),
    )
    # b waits for z, a for m; where nothing is declared the name decides.
    assert found == ["z-first", "c", "m", "a", "z", "b", "a-last"]


async def test_before_and_after_of_plugins_that_are_not_there_are_ignored() -> None:
    one = plugin("b", rewrite_query=told("b"))
    two = extension("a", before=("nobody",), after=("nowhere",), rewrite_query=told("a"))
    assert await order_of(one, two) == ["a", "b"]


# --- failures --------------------------------------------------------------------


class Strange(BaseException):
    pass


@pytest.mark.parametrize("kind", ["plain", "async", "blocking"])
@pytest.mark.parametrize(
    ("error", "name"),
    [
        (RuntimeError(SECRET), "RuntimeError"),
        (SystemExit(SECRET), "SystemExit"),
        (Strange(SECRET), "Strange"),
        (asyncio.CancelledError(SECRET), "CancelledError"),
        (TimeoutError(SECRET), "TimeoutError"),
        (MetierError(SECRET), "MetierError"),
    ],
)
async def test_whatever_a_hook_raises_is_recorded_by_its_type_and_the_others_run(
    kind: str, error: BaseException, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> Any:
        raise error

    async def fails_later() -> Any:
        raise error

    bad = {
        "plain": hookimpl(fails),
        "async": hookimpl(fails_later),
        "blocking": hookimpl(blocking=True)(fails),
    }[kind]
    called = host(plugin(rewrite_query=bad), extension("other", rewrite_query=told("x")))
    outcome = await called.call("rewrite_query", narrow)
    assert [c.plugin for c in outcome.contributions] == ["other"]
    assert outcome.failures == (HookFailure("garden", "rewrite_query", name),)
    assert not outcome.failed_closed
    assert SECRET not in repr(outcome) + caplog.text


async def test_an_interrupt_from_the_keyboard_is_nobodys_failure() -> None:
    @hookimpl
    def rewrite_query() -> list[str]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await host(plugin(rewrite_query=rewrite_query)).call("rewrite_query", narrow)


async def test_a_caller_who_gives_up_cancels_the_hook() -> None:
    started, stopped = asyncio.Event(), asyncio.Event()

    @hookimpl(deadline=60)
    async def rewrite_query() -> list[str]:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return []

    call = asyncio.ensure_future(
        host(plugin(rewrite_query=rewrite_query)).call("rewrite_query", narrow)
    )
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.wait_for(stopped.wait(), 5)


GOOD = Fact("slot", "v", "preference", 0.5, Provenance("turn", "x:y"))


@pytest.mark.parametrize(
    ("hook", "value"),
    [
        ("check_input", True),
        ("check_input", "refuse"),
        ("check_input", Verdict("refuse", "x")),  # type: ignore[arg-type]
        ("extract_profile", [{"slot": "a"}]),
        ("extract_profile", [Fact("slot", 5, "c", 0.5, GOOD.provenance)]),  # type: ignore[arg-type]
        ("rewrite_query", "one text, not a list of them"),
        ("rewrite_query", [b"bytes"]),
        ("rewrite_query", ["\ud800"]),
        ("retrieve", {"id": "x"}),
        ("retrieve", [Passage("i", None, "t", "s")]),  # type: ignore[arg-type]
        ("rank", [("id", 0.1)]),
        ("rank", {"id": "high"}),
        ("rank", {"id": float("nan")}),
        ("rank", {"id": True}),
        ("assemble_prompt", ["You help."]),
        ("tools", ["water"]),
        ("compose", "text"),
        ("compose", Composition("\ud800")),
        ("check_output", {"decision": "refuse"}),
        ("remember", ["not", "a", "mapping"]),
        ("remember", {"when": object()}),
        ("remember", {1: "x"}),
        ("remember", {"x": "\ud800"}),
        ("recommend", ["prune"]),
        ("on_feedback", 5),
    ],
)
async def test_a_contribution_of_the_wrong_type_is_a_failure_of_its_hook(
    hook: str, value: Any
) -> None:
    called = host(plugin(**{hook: hookimpl(lambda: value)}))
    outcome = await called.call(hook, narrow, queries=(), passages=(), answer="", feedback=None)
    assert outcome.contributions == ()
    assert outcome.failures == (HookFailure("garden", hook, "WrongType"),)
    assert outcome.failed_closed is (hook in FAILS_CLOSED)


async def test_sequences_of_any_kind_are_taken_once_and_become_tuples() -> None:
    @hookimpl
    def extract_profile() -> Any:
        yield GOOD

    @hookimpl
    def rewrite_query() -> Any:
        raise_later = ["a"]
        yield from raise_later
        raise ValueError(SECRET)

    called = host(plugin(extract_profile=extract_profile, rewrite_query=rewrite_query))
    good = await called.call("extract_profile", narrow)
    assert good.contributions[0].value == (GOOD,)
    bad = await called.call("rewrite_query", narrow)
    assert [f.error for f in bad.failures] == ["ValueError"]


# --- safety ----------------------------------------------------------------------


@pytest.mark.parametrize("hook", ["check_input", "check_output"])
@pytest.mark.parametrize("how", ["raises", "late", "wrong", "off"])
async def test_a_safety_hook_that_does_not_answer_fails_closed(hook: str, how: str) -> None:
    @hookimpl(deadline=0.01)
    async def check() -> Any:
        if how == "late":
            await asyncio.sleep(60)
        if how == "wrong":
            return "fine"
        raise RuntimeError(SECRET)

    def allows() -> Verdict:
        return Verdict(Decision.ALLOW)

    called = host(plugin(**{hook: check}), extension("calm", **{hook: hookimpl(allows)}))
    calls = THRESHOLD + 1 if how == "off" else 1
    for _ in range(calls):
        outcome = await called.call(hook, narrow, answer="")
    assert outcome.failed_closed
    assert [c.plugin for c in outcome.contributions] == ["calm"]
    expected = {"raises": "RuntimeError", "late": "Late", "wrong": "WrongType"}
    assert outcome.failures[0].error == expected.get(how, "SwitchedOff")


@pytest.mark.parametrize("hook", ["recognizers", "policies"])
@pytest.mark.parametrize("value", [RuntimeError(SECRET), SystemExit(SECRET), "text", [object()]])
def test_recognizers_and_policies_that_cannot_be_had_stop_the_start(hook: str, value: Any) -> None:
    def gives() -> Any:
        if isinstance(value, BaseException):
            raise value
        return value

    called = host(plugin(**{hook: hookimpl(gives)}))
    with pytest.raises(MetierError, match="garden") as error:
        called.collect(hook)
    assert SECRET not in error.value.message and error.value.__cause__ is None


def test_another_contribution_that_cannot_be_had_is_left_out_and_listed() -> None:
    @hookimpl
    def views() -> Any:
        raise SystemExit(SECRET)

    found = registry(plugin(views=views))
    assert found.host("garden").collect("views") == ()
    assert [(s.plugin, s.hook, s.error) for s in found.breakers()] == [
        ("garden", "views", "SystemExit")
    ]


# --- deadlines -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["async", "stubborn", "blocking", "plain"])
async def test_a_late_hook_is_skipped_and_its_result_never_used(kind: str) -> None:
    free = threading.Event()

    @hookimpl(deadline=0.01)
    async def asynchronous() -> list[str]:
        await asyncio.sleep(60)
        return ["late"]

    @hookimpl(deadline=0.01)
    async def stubborn() -> list[str]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)  # it does not want to stop
        return ["late"]

    @hookimpl(deadline=0.01, blocking=True)
    def blocking() -> list[str]:
        free.wait(60)
        return ["late"]

    @hookimpl(deadline=0.01)
    def plain() -> list[str]:
        threading.Event().wait(0.05)
        return ["late"]

    late = {"async": asynchronous, "stubborn": stubborn, "blocking": blocking, "plain": plain}[kind]
    called = host(plugin(rewrite_query=late), extension("other", rewrite_query=told("x")))
    try:
        outcome = await asyncio.wait_for(called.call("rewrite_query", narrow), 10)
    finally:
        free.set()
    assert outcome.failures == (HookFailure("garden", "rewrite_query", "Late"),)
    assert [c.plugin for c in outcome.contributions] == ["other"]


async def test_hanging_blocking_hooks_take_no_thread_that_others_need() -> None:
    """The loop's own threads guard, search and pseudonymise; a hang must not use them up."""
    free = threading.Event()

    @hookimpl(deadline=0.01, blocking=True)
    def rewrite_query() -> list[str]:
        free.wait(60)
        return []

    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    called = host(plugin("hanging", rewrite_query=rewrite_query))
    try:
        for _ in range(40):
            await called.call("rewrite_query", narrow)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "served"), 5) == "served"
        hanging = [t for t in threading.enumerate() if t.name.startswith("metier-hook-hanging")]
        assert len(hanging) <= THRESHOLD and all(t.daemon for t in hanging)
    finally:
        free.set()


async def test_an_abandoned_async_hook_is_forgotten_once_it_ends() -> None:
    free = asyncio.Event()

    @hookimpl(deadline=0.01)
    async def rewrite_query() -> list[str]:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await free.wait()
        return []

    called = host(plugin(rewrite_query=rewrite_query))
    await called.call("rewrite_query", narrow)
    (task,) = called._leftover
    free.set()
    await asyncio.wait({task})
    await asyncio.sleep(0)
    assert not called._leftover


async def test_a_blocking_hook_has_so_many_threads_and_not_more() -> None:
    free, most = threading.Event(), 0

    @hookimpl(deadline=30, blocking=True)
    def rewrite_query() -> list[str]:
        nonlocal most
        most = max(most, sum(t.name.startswith("metier-hook-pool") for t in threading.enumerate()))
        free.wait(0.01)
        return ["done"]

    called = host(plugin("pool", rewrite_query=rewrite_query))
    outcomes = await asyncio.gather(
        *(called.call("rewrite_query", narrow) for _ in range(3 * THREADS))
    )
    assert all(o.contributions for o in outcomes)
    assert 1 < most <= THREADS


# --- breaker ---------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_breaker_opens_after_failures_in_a_row_and_only_then() -> None:
    breaker = Breaker(Clock())
    for _ in range(THRESHOLD - 1):
        breaker.failed("p", "h", "ValueError")
    breaker.succeeded("p", "h")
    for _ in range(THRESHOLD - 1):
        breaker.failed("p", "h", "ValueError")
    assert breaker.allows("p", "h")
    breaker.failed("p", "h", "ValueError")
    assert not breaker.allows("p", "h")
    assert breaker.allows("p", "other") and breaker.allows("q", "h")


def test_after_the_cooldown_one_trial_decides() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(THRESHOLD):
        breaker.failed("p", "h", "ValueError")
    clock.now = COOLDOWN + 1
    assert breaker.allows("p", "h") and not breaker.allows("p", "h")
    breaker.failed("p", "h", "KeyError")
    assert not breaker.allows("p", "h")
    clock.now += COOLDOWN + 1
    assert breaker.allows("p", "h")
    breaker.succeeded("p", "h")
    assert breaker.allows("p", "h") and breaker.states() == []


async def test_a_hook_that_keeps_failing_is_switched_off_and_listed() -> None:
    calls: list[int] = []

    @hookimpl
    def rewrite_query() -> list[str]:
        calls.append(1)
        raise ValueError(SECRET)

    found = registry(plugin(rewrite_query=rewrite_query))
    called = found.host("garden")
    for _ in range(THRESHOLD + 3):
        outcome = await called.call("rewrite_query", narrow)
    assert len(calls) == THRESHOLD
    assert outcome.failures == (HookFailure("garden", "rewrite_query", "SwitchedOff"),)
    (state,) = found.breakers()
    assert (state.plugin, state.hook, state.open) == ("garden", "rewrite_query", True)
    assert (state.failures, state.error) == (THRESHOLD, "ValueError")


# --- one host per domain and extension set -------------------------------------------


async def test_a_domain_never_sees_the_hooks_of_another() -> None:
    found = registry(
        plugin("a", rewrite_query=told("a")),
        plugin("b", rewrite_query=told("b")),
        extension("x", rewrite_query=told("x")),
    )
    alone = await found.host("a").call("rewrite_query", narrow)
    assert [c.plugin for c in alone.contributions] == ["a"]
    joined = await found.host("a", ["x"]).call("rewrite_query", narrow)
    assert [c.plugin for c in joined.contributions] == ["a", "x"]


def test_there_is_one_host_for_a_domain_and_a_set_of_extensions() -> None:
    found = registry(plugin("a"), extension("x"), extension("y"))
    assert found.host("a", ["x", "y"]) is found.host("a", ("y", "x", "x"))
    assert found.host("a", ["x"]) is not found.host("a")


def test_a_host_that_cannot_be_built_says_why() -> None:
    class Broken:
        @hookimpl
        def domain(self) -> Any:
            raise RuntimeError(SECRET)

    found = discover([plugin("a"), plugin("b"), extension("x"), Broken()])
    cases: list[tuple[str, list[str], str]] = [
        ("nope", [], "no plugin 'nope'.*a, b"),
        ("a", ["nope"], "no plugin 'nope'"),
        ("a", ["b"], "'b' is a domain"),
        ("x", [], "'x' is an extension"),
        ("broken", [], "'broken' does not work.*RuntimeError"),
        ("a", ["broken"], "'broken' does not work"),
    ]
    for domain, extensions, reason in cases:
        with pytest.raises(MetierError, match=reason) as error:
            found.host(domain, extensions)
        assert SECRET not in error.value.message


def test_the_core_is_in_every_host_once_even_where_it_is_named_again() -> None:
    core = extension("core", rewrite_query=told("core"))
    found = discover([plugin("a")], defaults=(core,))
    assert len(found.host("a", ["core"])._implementations["rewrite_query"]) == 1
