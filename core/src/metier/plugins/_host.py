"""One host: the plugins of one domain and set of extensions, called in order.

pluggy registers, validates and orders; this dispatcher calls. pluggy's own call
stops `firstresult` at the first coroutine and hands coroutines to wrappers, so
it can't mix `def` and `async def` implementations.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from metier.hookspecs import FAILS_CLOSED, HookOptions
from metier.model import HookFailure, Manifest, MetierError, Turn
from metier.plugins._breaker import Breaker

DEADLINE = 2.0
"""Seconds a hook may take where it names no deadline of its own."""

Narrow = Callable[[Manifest], Turn | None]
Only = Callable[[HookOptions], bool]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one implementation returned, and whose it is."""

    plugin: str
    distribution: str
    hook: str
    value: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """The contributions of one call in order, and what failed."""

    contributions: tuple[Contribution, ...] = ()
    failures: tuple[HookFailure, ...] = ()
    failed_closed: bool = False
    """True where a hook that fails closed did not answer: the turn must not go on."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """One implementation of one hook, ready to be called."""

    plugin: str
    distribution: str
    hook: str
    manifest: Manifest
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    options: HookOptions


class Late(Exception):
    """A hook took longer than its deadline."""


class Host:
    """Calls the hooks of the core, one domain and its extensions; never another domain's."""

    def __init__(
        self,
        domain: str,
        implementations: dict[str, tuple[Implementation, ...]],
        manifests: dict[str, Manifest],
        breaker: Breaker,
    ) -> None:
        self.domain = domain
        self._implementations = implementations
        self._manifests = manifests
        self._breaker = breaker

    def manifest_of(self, plugin: str) -> Manifest:
        return self._manifests[plugin]

    async def call(
        self, hook: str, narrow: Narrow, *, only: Only | None = None, **arguments: Any
    ) -> Outcome:
        """Calls every implementation of `hook`, one after the other.

        Args:
            hook: its name in `hookspecs`.
            narrow: gives each plugin the turn it may see.
            only: chooses implementations by their options.
            arguments: the hook's other arguments.
        """
        return await self._call(hook, narrow, only, arguments, first=False)

    async def first(self, hook: str, narrow: Narrow, **arguments: Any) -> Outcome:
        """Calls implementations in order until one contributes; at most one contribution."""
        return await self._call(hook, narrow, None, arguments, first=True)

    async def _call(
        self,
        hook: str,
        narrow: Narrow,
        only: Only | None,
        arguments: dict[str, Any],
        *,
        first: bool,
    ) -> Outcome:
        contributions: list[Contribution] = []
        failures: list[HookFailure] = []
        for each in self._implementations.get(hook, ()):
            if only is not None and not only(each.options):
                continue
            if not self._breaker.allows(each.plugin, hook):
                failures.append(HookFailure(each.plugin, hook, "SwitchedOff"))
                continue
            try:
                value = await _run(each, {"turn": narrow(each.manifest), **arguments})
            except Late:
                self._fail(failures, each, "Late")
                continue
            except Exception as error:  # a plugin may raise anything; only its type is kept
                self._fail(failures, each, type(error).__name__)
                continue
            self._breaker.succeeded(each.plugin, hook)
            if value is not None:
                contributions.append(Contribution(each.plugin, each.distribution, hook, value))
                if first:
                    break
        closed = bool(failures) and hook in FAILS_CLOSED
        return Outcome(tuple(contributions), tuple(failures), closed)

    def _fail(self, failures: list[HookFailure], each: Implementation, error: str) -> None:
        self._breaker.failed(each.plugin, each.hook, error)
        failures.append(HookFailure(each.plugin, each.hook, error))

    def collect(self, hook: str) -> tuple[Contribution, ...]:
        """Reads a contribution hook, which takes no arguments.

        Raises:
            MetierError: where a hook that fails closed raised.
        """
        found: list[Contribution] = []
        for each in self._implementations.get(hook, ()):
            try:
                value = each.function()
            except Exception as error:  # only the type is kept
                self._breaker.failed(each.plugin, hook, type(error).__name__)
                if hook in FAILS_CLOSED:
                    raise MetierError(
                        f"The plugin '{each.plugin}' failed to give its {hook} "
                        f"({type(error).__name__}). Without them nothing is served; mend or "
                        "remove the plugin.",
                        code="plugin_failed",
                    ) from None
                continue
            if value is not None:
                found.append(Contribution(each.plugin, each.distribution, hook, value))
        return tuple(found)


async def _run(each: Implementation, given: dict[str, Any]) -> Any:
    """Calls one implementation with the arguments it takes, within its deadline.

    Asynchronous and blocking calls are cut off; an inline one can only be timed
    afterwards, and its late result is not used.
    """
    deadline = each.options.deadline if each.options.deadline is not None else DEADLINE
    arguments = {name: given[name] for name in each.arguments}
    if inspect.iscoroutinefunction(each.function):
        return await _within(each.function(**arguments), deadline)
    if each.options.blocking:
        return await _within(asyncio.to_thread(each.function, **arguments), deadline)
    started = time.perf_counter()
    value = each.function(**arguments)
    if time.perf_counter() - started > deadline:
        raise Late
    return value


async def _within(awaitable: Any, deadline: float) -> Any:
    try:
        async with asyncio.timeout(deadline) as timer:
            return await awaitable
    except TimeoutError:
        if timer.expired():
            raise Late from None
        raise


def ordered(
    implementations: Sequence[Implementation], tries: dict[str, int], order: Sequence[str]
) -> tuple[Implementation, ...]:
    """Sorts by tryfirst (-1) and trylast (1), then by the plugins' declared order."""
    places = {name: place for place, name in enumerate(order)}
    return tuple(sorted(implementations, key=lambda i: (tries.get(i.plugin, 0), places[i.plugin])))
