"""Several servers of one target behind one engine.

They are of one target, so each may get just what the others may: whatever goes
from one to the next has been pseudonymised and guarded for all of them. What is
for another target never gets here; see `metier.pipeline`.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from metier.inference._circuit import Circuit, State
from metier.inference._prefix import prefix_key, ranked
from metier.model import (
    Engine,
    EngineError,
    EngineRequest,
    Event,
    MetierError,
    batches_of,
    flattened,
)

_ELSEWHERE: Final = frozenset(
    {
        "engine_unavailable", "engine_timeout", "engine_cut", "engine_protocol",
        "engine_busy", "engine_unauthorised", "engine_not_found",
    }
)  # fmt: skip
"""Errors that another server may not have."""
_HEALTHY: Final = frozenset({"engine_busy", "engine_not_found"})
"""Errors of a server that works: it has enough to do, or has no such adapter."""
_SPARE: Final = 1.25
"""How much more than its share a server takes for its cache's sake, before the next one does
(Mirrokni, Thorup, Zadimoghaddam 2018, "Consistent hashing with bounded loads")."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds that an answer may take, seen from whoever waits for it.

    Args:
        first_token: until the first event.
        between_tokens: between two of them.
        whole: for all of it.
    """

    first_token: float = 120.0
    between_tokens: float = 60.0
    whole: float = 900.0


@dataclass(slots=True)
class Backend:
    """One server of the target: its engine, its circuit, and how much it has to do.

    Args:
        name: short, and no address: everybody may read it.
    """

    name: str
    engine: Engine
    circuit: Circuit = field(default_factory=Circuit)
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a server stands."""

    name: str
    circuit: State
    in_flight: int


class Pool:
    """Sends each request to the server that fits best, and to the next where that one fails.

    First comes who has read the beginning already, as long as it has not much more to do
    than the others; a server whose circuit is open gets nothing. Before the first event a
    request may move on; after it never, as the caller has seen words of it. A caller who
    leaves ends the request at its server.

    Args:
        backends: servers of one target that serve the same models.
        timeouts: see there.
        retries: to how many further servers a request may move on.
        hedge: seconds without an event after which a second server is asked as well;
            whoever has one first answers, and the other is left. 0: never.

    Raises:
        MetierError: there is none, two have one name, or not all are of one target.
    """

    def __init__(
        self,
        backends: Sequence[Backend],
        timeouts: Timeouts | None = None,
        *,
        retries: int = 2,
        hedge: float = 0.0,
    ) -> None:
        names = [backend.name for backend in backends]
        if not backends or len(set(names)) < len(names):
            raise MetierError(
                "An engine needs at least one server, and each server a name of its own.",
                code="bad_config",
            )
        first = backends[0].engine
        if any(backend.engine.target != first.target for backend in backends):
            raise MetierError(
                "All servers of an engine must be of one target: what was made for one must be "
                "fit for the others. Put those of another target under `fallbacks`.",
                code="bad_config",
            )
        self.name, self.target = first.name, first.target
        self.looks = getattr(first, "looks", True)
        self._first = first
        self._backends = {backend.name: backend for backend in backends}
        self._timeouts = timeouts or Timeouts()
        self._retries = retries
        self._hedge = hedge

    def __repr__(self) -> str:
        return f"Pool(target={self.target!r}, backends={list(self._backends)})"

    def encode(self, request: EngineRequest) -> bytes:
        """The exact bytes that each of the servers may be sent."""
        return self._first.encode(request)

    def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        """The events one by one; see `batches`."""
        return flattened(self.batches(body, request))

    async def batches(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Sequence[Event]]:
        """Posts exactly `body` to one server after the other until one begins to answer.

        Raises:
            EngineError: none did, with what the last one had; "engine_unavailable" at
                once where every circuit is open; "engine_timeout" (504) naming what took
                too long; and whatever breaks an answer that has begun.
            BadRequest: a server names one of the caller's settings as wrong.
        """
        end = asyncio.get_running_loop().time() + self._timeouts.whole
        turns = self._turns(request)
        attempt, batch = await self._begun(body, request, turns, end)
        try:
            while batch is not None:
                yield batch
                batch = await attempt.next(self._timeouts.between_tokens, end, "between two tokens")
        finally:
            await attempt.close()

    async def reach(self) -> None:
        """Sees that at least one server is there.

        Raises:
            MetierError: what the first one had, where none is.
        """
        faults = await self.faults()
        if len(faults) == len(self._backends):
            raise next(iter(faults.values()))

    async def faults(self) -> Mapping[str, MetierError]:
        """What each server that is not there has, by its name."""
        asked = (self._reached(backend) for backend in self._backends.values())
        found = zip(self._backends, await asyncio.gather(*asked), strict=True)
        return {name: fault for name, fault in found if fault is not None}

    def standing(self) -> tuple[Standing, ...]:
        """How each server stands."""
        return tuple(
            Standing(each.name, each.circuit.state, each.in_flight)
            for each in self._backends.values()
        )

    async def figures(self) -> Mapping[str, Mapping[str, float]]:
        """What each server tells of its work, by its name; those that tell nothing are left out."""
        asked = (_figures(backend.engine) for backend in self._backends.values())
        found = zip(self._backends, await asyncio.gather(*asked), strict=True)
        return {name: told for name, told in found if told}

    async def close(self) -> None:
        """Closes the connections to all of them."""
        for backend in self._backends.values():
            await backend.engine.close()

    async def _reached(self, backend: Backend) -> MetierError | None:
        ask = getattr(backend.engine, "reach", None)
        try:
            if ask is not None:
                await ask()
        except MetierError as error:
            return error
        return None

    def _turns(self, request: EngineRequest) -> Iterator[Backend]:
        """The servers in the order in which they get the request; asked for one at a time."""
        claims = (
            [self._backends[name] for name in ranked(prefix_key(request), self._backends)]
            if len(self._backends) > 1
            else list(self._backends.values())
        )
        while claims:
            may = [backend for backend in claims if backend.circuit.lets]
            if not may:
                return
            load = sum(backend.in_flight for backend in may) + 1
            share = math.ceil(_SPARE * load / len(may))
            free = (backend for backend in may if backend.in_flight < share)
            chosen = next(free, None) or min(may, key=lambda each: each.in_flight)
            claims.remove(chosen)
            yield chosen

    async def _begun(
        self, body: bytes, request: EngineRequest, turns: Iterator[Backend], end: float
    ) -> tuple[_Attempt, Sequence[Event] | None]:
        """The attempt that has brought its first events, and those."""
        fault: EngineError | None = None
        now = asyncio.get_running_loop().time
        for asked in range(self._retries + 1):
            backend = next(turns, None)
            if backend is None or (fault is not None and now() >= end):
                break
            # An answer in one piece has its first event when all of it is made.
            patience = self._timeouts.whole if request.whole else self._timeouts.first_token
            attempt = _Attempt(backend, body, request, patience, end, again=asked > 0)
            try:
                if self._hedge > 0 and not request.whole:
                    return await self._hedged(attempt, body, request, turns, end)
                return attempt, await attempt.first()
            except EngineError as error:
                if error.code not in _ELSEWHERE:
                    raise
                fault = error
        raise fault or self._all_open()

    async def _hedged(
        self,
        attempt: _Attempt,
        body: bytes,
        request: EngineRequest,
        turns: Iterator[Backend],
        end: float,
    ) -> tuple[_Attempt, Sequence[Event] | None]:
        """As `attempt.first`, with a second server asked where the first one is slow."""
        running = {asyncio.create_task(attempt.first()): attempt}
        fault: EngineError | None = None
        try:
            await asyncio.wait(running, timeout=self._hedge)
            slow = next(turns, None) if not next(iter(running)).done() else None
            if slow is not None:
                second = _Attempt(slow, body, request, self._timeouts.first_token, end, again=True)
                running[asyncio.create_task(second.first())] = second
            while running:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    begun = running.pop(task)
                    try:
                        return begun, task.result()
                    except EngineError as error:
                        if error.code not in _ELSEWHERE:
                            raise
                        fault = error
        finally:
            for task, other in running.items():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                await other.close()
        assert fault is not None
        raise fault

    def _all_open(self) -> EngineError:
        waits = min(backend.circuit.waits for backend in self._backends.values())
        return EngineError(
            f"Every server of the target '{self.target}' has failed lately and is left alone; "
            f"one is tried again in {math.ceil(waits)} s. Look at their logs, and at `/readyz`.",
            code="engine_unavailable",
            status=503,
            retry_after=max(1, math.ceil(waits)),
        )


async def _figures(engine: Engine) -> Mapping[str, float]:
    ask = getattr(engine, "figures", None)
    return await ask() if ask is not None else {}


class _Attempt:
    """One request at one server, from its first event to its end.

    Args:
        again: another server has been asked before, so that this send is to be announced.
    """

    def __init__(
        self,
        backend: Backend,
        body: bytes,
        request: EngineRequest,
        patience: float,
        end: float,
        *,
        again: bool,
    ) -> None:
        self._backend = backend
        self._announce = request.again if again else None
        self._patience = patience
        self._end = end
        self._batches = batches_of(backend.engine, body, request)
        self._begun = False
        self._judged = False
        self._closed = False
        backend.in_flight += 1
        self._trial = backend.circuit.begin()

    async def first(self) -> Sequence[Event] | None:
        """The first events; None where the answer ended without any."""
        try:
            if self._announce is not None:
                await self._announce(self._backend.name)
            batch = await self.next(self._patience, self._end, "before the first token")
        except BaseException:
            await self.close()
            raise
        if batch is not None:
            self._begun = True
            self._backend.circuit.answering(self._trial)
            self._trial = False
        return batch

    async def next(self, patience: float, end: float, when: str) -> Sequence[Event] | None:
        """The events that come next; None at the end. The server is judged by how it ends.

        Raises:
            EngineError: as the engine's `send`, and "engine_timeout" saying when it was slow.
        """
        deadline = min(asyncio.get_running_loop().time() + patience, end)
        try:
            async with asyncio.timeout_at(deadline):
                batch = await anext(self._batches, None)
        except TimeoutError:
            if deadline < end or not self._begun:  # else it was at work all the time
                self._judge(failed=True)
            raise self._slow(when if deadline < end else "for the whole answer") from None
        except EngineError as error:
            self._judge(failed=error.code in _ELSEWHERE - _HEALTHY)
            raise
        except MetierError:
            self._judge(failed=False)  # it answered: the request is at fault
            raise
        if batch is None:
            self._judge(failed=False)
        return batch

    async def close(self) -> None:
        """Ends the request at the server, where it still runs."""
        if self._closed:
            return
        self._closed = True
        self._backend.in_flight -= 1
        if not self._judged:
            self._backend.circuit.left(self._trial)
        async with aclosing(self._batches):
            pass

    def _judge(self, *, failed: bool) -> None:
        self._judged = True
        if failed:
            self._backend.circuit.failed(self._trial)
        else:
            self._backend.circuit.succeeded()

    def _slow(self, when: str) -> EngineError:
        return EngineError(
            f"The server '{self._backend.name}' of target '{self._backend.engine.target}' took "
            f"too long {when}. Try again, or raise `engine.timeouts`.",
            code="engine_timeout",
            status=504,
        )
