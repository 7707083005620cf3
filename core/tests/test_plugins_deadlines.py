"""Hooks that are late, and hooks that keep failing: given up, switched off, listed."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from plugin_kit import SECRET, extension, host, narrow, plugin, registry, told

from metier.hookspecs import hookimpl
from metier.model import HookFailure
from metier.plugins._breaker import COOLDOWN, THRESHOLD, Breaker
from metier.plugins._host import THREADS

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
    free, counted = threading.Event(), threading.Lock()
    now = most = 0

    @hookimpl(deadline=30, blocking=True)
    def rewrite_query() -> list[str]:
        # Counted here: a thread whose call has ended may live a moment longer than its place.
        nonlocal now, most
        with counted:
            now += 1
            most = max(most, now)
        free.wait(0.01)
        with counted:
            now -= 1
        return ["done"]

    called = host(plugin("pool", rewrite_query=rewrite_query))
    outcomes = await asyncio.gather(
        *(called.call("rewrite_query", narrow) for _ in range(3 * THREADS))
    )
    assert all(o.contributions for o in outcomes)
    assert 1 < most <= THREADS


async def test_waiting_for_a_thread_is_not_the_hooks_time_while_others_get_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Under load many turns wait for the threads of a hook that is well."""
    monkeypatch.setattr("metier.plugins._host.THREADS", 1)

    @hookimpl(deadline=0.4, blocking=True)
    def rewrite_query() -> list[str]:
        threading.Event().wait(0.05)
        return ["done"]

    called = host(plugin(rewrite_query=rewrite_query))
    outcomes = await asyncio.gather(*(called.call("rewrite_query", narrow) for _ in range(20)))
    assert not [o.failures for o in outcomes if o.failures]


async def test_waiting_for_a_thread_ends_where_nobody_gets_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("metier.plugins._host.THREADS", 1)
    free = threading.Event()

    @hookimpl(deadline=0.01, blocking=True)
    def rewrite_query() -> list[str]:
        free.wait(60)
        return []

    called = host(plugin(rewrite_query=rewrite_query))
    both = asyncio.gather(*(called.call("rewrite_query", narrow) for _ in range(2)))
    try:
        outcomes = await asyncio.wait_for(both, 10)
    finally:
        free.set()
    assert [f.error for o in outcomes for f in o.failures] == ["Late", "Late"]


async def test_a_loop_that_is_held_up_makes_no_hook_late() -> None:
    @hookimpl(deadline=0.05)
    async def rewrite_query() -> list[str]:
        for _ in range(3):
            await asyncio.to_thread(lambda: None)
        return ["done"]

    async def hold_up() -> None:
        while True:
            threading.Event().wait(0.06)  # on purpose in the loop: other turns compute
            await asyncio.sleep(0)

    called = host(plugin(rewrite_query=rewrite_query))
    others = asyncio.ensure_future(hold_up())
    try:
        outcome = await asyncio.wait_for(called.call("rewrite_query", narrow), 30)
    finally:
        others.cancel()
    assert not outcome.failures and outcome.contributions


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
