"""The dispatcher: every kind of implementation, their order, and who is in which host."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from plugin_kit import SECRET, extension, host, narrow, plugin, registry, told

from metier.hookspecs import hookimpl
from metier.model import (
    Composition,
    MetierError,
    Passage,
    Turn,
)
from metier.plugins import discover

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
    assert found.distribution == host.__module__


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
