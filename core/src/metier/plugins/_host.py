"""One host: the plugins of one domain and set of extensions, called in order.

pluggy registers, validates and orders; this dispatcher calls. pluggy's own call
stops `firstresult` at the first coroutine and hands coroutines to wrappers, so
it can't mix `def` and `async def` implementations.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from metier._faults import log_fault
from metier.hookspecs import FAILS_CLOSED, HookOptions
from metier.model import BadRequest, HookFailure, Manifest, MetierError, PurposeRefused, Turn
from metier.plugins._breaker import Breaker
from metier.plugins._purpose import Purposes
from metier.plugins._results import WrongType, checked, promised

DEADLINE = 2.0
"""Seconds a hook may take where it names no deadline of its own."""

THREADS = 16
"""Calls of one blocking implementation at a time; more wait, which is not the hook's time."""

_LOOKS = 20
"""A deadline passes in so many parts, each at most one, however late the loop comes to it: where
other turns hold up the loop, that is not the hook's time either."""

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


class _Threads:
    """The places for threads of one blocking implementation."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(THREADS)
        self._ended = 0

    async def take(self, deadline: float) -> None:
        """Waits for a place as long as the calls before get on.

        Raises:
            Late: none of them ended within a deadline.
        """
        while True:
            seen = self._ended
            try:
                async with asyncio.timeout(deadline):
                    await self._places.acquire()
                return
            except TimeoutError:
                if self._ended == seen:
                    raise Late from None

    def give(self) -> None:
        self._ended += 1
        self._places.release()


class Host:
    """Calls the hooks of the core, one domain and its extensions; never another domain's."""

    def __init__(
        self,
        domain: str,
        implementations: dict[str, tuple[Implementation, ...]],
        manifests: dict[str, Manifest],
        breaker: Breaker,
        purposes: Purposes,
    ) -> None:
        self.domain = domain
        self._implementations = implementations
        self._manifests = manifests
        self._breaker = breaker
        self._purposes = purposes
        self._threads: dict[tuple[str, str], _Threads] = {}
        self._leftover: set[asyncio.Future[Any]] = set()
        """Calls that were given up but have not ended; the loop itself holds tasks weakly."""

    def manifest_of(self, plugin: str) -> Manifest:
        return self._manifests[plugin]

    def has(self, hook: str) -> bool:
        """Whether any plugin implements `hook`."""
        return bool(self._implementations.get(hook))

    def apart(self) -> Host:
        """The same plugins, with what fails counted apart: for runs that only compare."""
        return Host(self.domain, self._implementations, self._manifests, Breaker(), self._purposes)

    async def call(
        self, hook: str, narrow: Narrow, *, only: Only | None = None, **arguments: Any
    ) -> Outcome:
        """Calls every implementation of `hook`, one after the other.

        A plugin that reaches for what its manifest doesn't declare fails with
        `PurposeRefused`; of what it gives, the undeclared part is left out, recorded likewise.

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
            turn = self._purposes.narrowed(narrow(each.manifest), each.manifest)
            given = {"turn": turn, **arguments}
            try:
                value = await self._run(each, {name: given[name] for name in each.arguments})
                _no_reach(turn)
            except BaseException as error:  # a plugin may raise anything; only its type is kept
                if _is_ours(error):
                    raise
                error = await self._told(each.plugin, hook, turn) or error
                self._breaker.failed(each.plugin, hook, type(error).__name__)
                if not isinstance(error, Late | PurposeRefused):
                    wrong = type(error) is WrongType
                    gives = f", which is to give {promised(hook)}," if wrong else ""
                    log_fault(error, f"`{hook}` of the plugin '{each.plugin}'{gives}")
                failures.append(HookFailure(each.plugin, hook, type(error).__name__))
                continue
            self._breaker.succeeded(each.plugin, hook)
            if value is not None:
                value, refused = self._purposes.sifted(hook, value, each.manifest)
                if refused:
                    await self._purposes.tell(refused, turn)
                    failures.append(HookFailure(each.plugin, hook, PurposeRefused.__name__))
                contributions.append(Contribution(each.plugin, each.distribution, hook, value))
                if first:
                    break
        closed = bool(failures) and hook in FAILS_CLOSED
        return Outcome(tuple(contributions), tuple(failures), closed)

    async def _told(self, plugin: str, hook: str, turn: Any) -> PurposeRefused | None:
        """Reports what the plugin reached for in this call; the error that stands for it."""
        reached = _reached(turn)
        found = [self._purposes.refusal(plugin, hook, "read", name) for name in reached]
        await self._purposes.tell(found, turn)
        return PurposeRefused(plugin, found[0].name) if found else None

    async def _run(self, each: Implementation, arguments: dict[str, Any]) -> Any:
        """Calls one implementation within its deadline and checks what it gives back.

        Asynchronous and blocking calls are given up when they are late; an inline
        one can only be timed afterwards, and its late result is not used.
        """
        deadline = each.options.deadline if each.options.deadline is not None else DEADLINE
        if each.options.blocking:
            # In the thread too: going through what a generator gives can block.
            return await self._in_thread(
                each.plugin,
                each.hook,
                lambda: checked(each.hook, each.function(**arguments)),
                deadline,
            )
        started = time.perf_counter()
        value = each.function(**arguments)
        if inspect.isawaitable(value):
            return checked(each.hook, await self._within(value, deadline))
        value = checked(each.hook, value)
        if time.perf_counter() - started > deadline:
            raise Late
        return value

    async def _within(self, awaitable: Awaitable[Any], deadline: float) -> Any:
        """The result, or `Late`; what does not want to stop is left behind, not waited for."""
        task = asyncio.ensure_future(_outcome(awaitable))
        try:
            for _ in range(_LOOKS):
                done, _ = await asyncio.wait({task}, timeout=deadline / _LOOKS)
                if done:
                    break
        except asyncio.CancelledError:
            self._give_up(task)
            raise
        if not done:
            self._give_up(task)
            raise Late
        value, error = task.result()
        if error is not None:
            raise error
        return value

    def _give_up(self, task: asyncio.Future[Any]) -> None:
        task.cancel()
        self._leftover.add(task)
        task.add_done_callback(self._leftover.discard)

    async def _in_thread(
        self, plugin: str, hook: str, call: Callable[[], Any], deadline: float
    ) -> Any:
        """Runs `call` in a thread of its own, and gives it up when it is late.

        Not in the loop's pool: a hook that hangs would take its few threads from
        the guard and the search, and the process would wait for it at its end.

        Args:
            deadline: seconds from when it has a thread.
        """
        threads = self._threads.setdefault((plugin, hook), _Threads())
        await threads.take(deadline)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Any, BaseException | None]] = loop.create_future()
        context = contextvars.copy_context()

        def settle(outcome: tuple[Any, BaseException | None]) -> None:
            threads.give()
            if not future.done():
                future.set_result(outcome)

        def work() -> None:
            try:
                outcome: tuple[Any, BaseException | None] = context.run(call), None
            except BaseException as error:  # raised again where the hook was called
                outcome = None, error
            if not loop.is_closed():  # else nobody waits any more
                loop.call_soon_threadsafe(settle, outcome)

        name = f"metier-hook-{plugin}-{hook}"
        try:
            threading.Thread(target=work, name=name, daemon=True).start()
        except RuntimeError:  # the system gives no more threads
            threads.give()
            raise

        async def ended() -> Any:
            value, error = await future
            if error is not None:
                raise error
            return value

        return await self._within(ended(), deadline)

    async def use(
        self,
        plugin: str,
        hook: str,
        name: str,
        function: Callable[..., Any],
        *arguments: Any,
        fits: Callable[[Any], bool],
    ) -> Any:
        """Calls what a plugin has contributed, such as a route, as its hooks are called.

        A plain function runs in a thread. The deadline is that of the hook that
        contributed it; repeated failures switch off this one contribution.

        Args:
            plugin: whose it is.
            hook: the hook that contributed it.
            name: its name among what the hook contributed.
            function: what was contributed, called with `arguments`; a turn among them is
                narrowed to what the plugin declares.
            fits: whether a result is what it should be.

        Raises:
            BadRequest: the plugin's own word to the caller about what was asked.
            MetierError: 500 where it failed, 503 where it is switched off, 504 where it
                was late; naming plugin and contribution, never content.
        """
        part = f"{hook}/{name}"
        if not self._breaker.allows(plugin, part):
            raise _unusable(plugin, part, "is switched off after repeated failures", 503)
        options = [i.options for i in self._implementations.get(hook, ()) if i.plugin == plugin]
        deadline = next((o.deadline for o in options if o.deadline is not None), DEADLINE)

        given = self._narrowed(plugin, arguments)
        turn = next((a for a in given if isinstance(a, Turn)), None)

        try:
            if inspect.iscoroutinefunction(function):
                value = function(*given)
            else:
                value = await self._in_thread(plugin, part, lambda: function(*given), deadline)
            if inspect.isawaitable(value):
                value = await self._within(value, deadline)
            _no_reach(turn)
            if not fits(value):
                raise WrongType
        except BadRequest:
            await self._told(plugin, part, turn)
            self._breaker.succeeded(plugin, part)
            raise
        except BaseException as error:  # a plugin may raise anything; only its type is kept
            if _is_ours(error):
                raise
            error = await self._told(plugin, part, turn) or error
            self._breaker.failed(plugin, part, type(error).__name__)
            if isinstance(error, Late):
                raise _unusable(plugin, part, "took too long", 504) from None
            if not isinstance(error, PurposeRefused):
                log_fault(error, f"`{part}` of the plugin '{plugin}'")
            raise _unusable(plugin, part, f"failed ({type(error).__name__})", 500) from None
        self._breaker.succeeded(plugin, part)
        return value

    async def apply(
        self,
        plugin: str,
        hook: str,
        function: Callable[..., Any],
        *arguments: Any,
        deadline: float | None = DEADLINE,
    ) -> Any:
        """Calls a part of a contribution in the turn: a tool, its words, a strategy's score.

        Unlike `use` it raises what the plugin raises, and runs a plain function inline. A
        turn among the arguments is narrowed to what the plugin declares, not the domain.

        Args:
            plugin: whose it is.
            hook: the hook that contributed it.
            function: what was contributed, called with `arguments`.
            deadline: seconds that it may be awaited; None where the caller sees to it.

        Raises:
            PurposeRefused: it reached for what the plugin's manifest doesn't declare.
        """
        given = self._narrowed(plugin, arguments)
        turn = next((a for a in given if isinstance(a, Turn)), None)
        try:
            value = function(*given)
            if inspect.isawaitable(value):
                value = await (value if deadline is None else self._within(value, deadline))
        except BaseException as error:
            if _is_ours(error):
                raise
            refused = await self._told(plugin, hook, turn)
            if refused is not None:
                raise refused from None
            raise
        refused = await self._told(plugin, hook, turn)
        if refused is not None:
            raise refused
        return value

    def _narrowed(self, plugin: str, arguments: Sequence[Any]) -> tuple[Any, ...]:
        manifest = self._manifests[plugin]
        return tuple(self._purposes.narrowed(argument, manifest) for argument in arguments)

    def collect(self, hook: str) -> tuple[Contribution, ...]:
        """Reads a contribution hook, which takes no arguments.

        Raises:
            MetierError: where a hook that fails closed raised, or gave something else.
        """
        found: list[Contribution] = []
        for each in self._implementations.get(hook, ()):
            try:
                value = checked(hook, each.function())
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # only the type is kept
                self._breaker.failed(each.plugin, hook, type(error).__name__)
                if hook in FAILS_CLOSED:
                    raise MetierError(
                        f"The plugin '{each.plugin}' failed to give its {hook} "
                        f"({type(error).__name__}). Without them nothing is served; mend or "
                        "remove the plugin.",
                        code="plugin_failed",
                    ) from None
                continue
            self._breaker.succeeded(each.plugin, hook)
            if value is not None:
                found.append(Contribution(each.plugin, each.distribution, hook, value))
        return tuple(found)


def _reached(turn: Any) -> list[str]:
    """The categories that were reached for and refused, though the plugin may have gone on."""
    return turn.scope.reached if isinstance(turn, Turn) and turn.scope is not None else []


def _no_reach(turn: Any) -> None:
    """Raises for what was reached for, also where the plugin has caught it."""
    reached = _reached(turn)
    if reached:
        raise PurposeRefused(turn.scope.plugin, reached[0])


def _unusable(plugin: str, part: str, what: str, status: int) -> MetierError:
    return MetierError(
        f"`{part}` of the plugin '{plugin}' {what}. See `metier plugins`.",
        code="plugin_failed",
        status=status,
    )


async def _outcome(awaitable: Awaitable[Any]) -> tuple[Any, BaseException | None]:
    """The result or the error as a value: a `SystemExit` of a task would end the loop."""
    try:
        return await awaitable, None
    except BaseException as error:  # raised again where the hook was called
        return None, error


def _is_ours(error: BaseException) -> bool:
    """Whether it is not the plugin's: an interrupt, or the end of the turn around the hook."""
    if isinstance(error, asyncio.CancelledError):
        task = asyncio.current_task()
        return task is not None and task.cancelling() > 0
    return isinstance(error, KeyboardInterrupt | GeneratorExit)


def ordered(
    implementations: Sequence[Implementation], tries: dict[str, int], order: Sequence[str]
) -> tuple[Implementation, ...]:
    """Sorts by tryfirst (-1) and trylast (1), then by the plugins' declared order."""
    places = {name: place for place, name in enumerate(order)}
    return tuple(sorted(implementations, key=lambda i: (tries.get(i.plugin, 0), places[i.plugin])))
