"""The way of a turn, from top to bottom."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from opentelemetry import trace

from metier.audit import AuditEvent
from metier.model import (
    Answer,
    Event,
    Finish,
    MetierError,
    ReasoningDelta,
    Request,
    StageRecord,
    TextDelta,
    ToolCallDelta,
    Trace,
    Usage,
)
from metier.pipeline._admit import admit
from metier.pipeline._infer import Inferred, infer
from metier.pipeline._prepare import assemble, learn, pseudonymise, recall, retrieve, screen
from metier.pipeline._remember import remember
from metier.pipeline._review import Delivery
from metier.pipeline._state import Parts, State
from metier.pipeline._words import say
from metier.privacy import StreamRestorer

Stage = Callable[[State], Awaitable[State]]

STAGES = (
    "admit", "screen", "learn", "recall", "retrieve", "assemble",
    "pseudonymise", "guard", "infer", "restore", "review", "remember",
)  # fmt: skip
"""The twelve stages in order, as the trace names them."""


class Pipeline:
    """Runs turns over the given parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tracer = trace.get_tracer("metier")

    async def run(self, request: Request) -> AsyncIterator[Event | Answer]:
        """Runs one turn: yields its events and, last, the `Answer`.

        The finish event and the answer come after the durable commit.

        Raises:
            MetierError: for anything a caller can act on.
        """
        records: list[StageRecord] = []
        state: State | None = None
        try:
            async with asyncio.timeout(None):
                started = time.perf_counter()
                with self._tracer.start_as_current_span("metier.admit"):
                    state = await admit(self._parts, request)
                records.append(StageRecord("admit", time.perf_counter() - started))
                state = await self._stage(records, "screen", screen, state)
                turn = (
                    self._answer(records, state)
                    if not state.stopped
                    else self._stop(records, state)
                )
                async with aclosing(turn) as events:
                    async for event in events:
                        yield event
        except (asyncio.CancelledError, GeneratorExit):
            await self._note(request, state, "turn-aborted", "aborted")
            raise
        except MetierError as error:
            await self._note(request, state, "turn-failed", error.code)
            raise

    async def _stage(
        self, records: list[StageRecord], name: str, stage: Stage, state: State
    ) -> State:
        started = time.perf_counter()
        with self._tracer.start_as_current_span(f"metier.{name}") as span:
            state = await stage(replace(state, notes={}))
            for note, value in dict(state.notes).items():
                span.set_attribute(f"metier.{note}", value)
        records.append(StageRecord(name, time.perf_counter() - started, dict(state.notes)))
        return state

    async def _stop(
        self, records: list[StageRecord], state: State
    ) -> AsyncIterator[Event | Answer]:
        """A turn that screening ended: the verdict's message is the answer."""
        assert state.stopped is not None
        text = state.stopped.message or say("refused", state.turn.language)
        yield TextDelta(text)
        started = time.perf_counter()
        answer, state = await remember(state, {0: text}, None, state.verdicts, "stop")
        records.append(StageRecord("remember", time.perf_counter() - started))
        yield Finish("stop")
        yield replace(answer, trace=Trace(state.turn.id, tuple(records), state.failures))

    async def _answer(
        self, records: list[StageRecord], state: State
    ) -> AsyncIterator[Event | Answer]:
        for name, stage in (
            ("learn", learn),
            ("recall", recall),
            ("retrieve", retrieve),
            ("assemble", assemble),
            ("pseudonymise", pseudonymise),
        ):
            state = await self._stage(records, name, stage, state)
        started = time.perf_counter()
        deliveries: dict[int, Delivery] = {}
        reasoning: dict[int, StreamRestorer] = {}
        vault = state.past.vault
        inferred: Inferred | None = None
        with self._tracer.start_as_current_span(
            "metier.infer",
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": state.parts.engine.name,
            },
        ):
            async with aclosing(infer(state)) as items:
                async for item in items:
                    if isinstance(item, Inferred):
                        inferred = item
                        break
                    current, event = item
                    if isinstance(event, ReasoningDelta):
                        restorer = reasoning.setdefault(event.choice, StreamRestorer(vault))
                        yield replace(event, text=restorer.feed(event.text))
                    elif isinstance(event, TextDelta):
                        delivery = deliveries.setdefault(event.choice, Delivery(current))
                        if current.past.vault is not vault:
                            vault = current.past.vault
                            delivery.renew(current)
                        yield TextDelta(await delivery.feed(current, event.text), event.choice)
                        if (
                            all(d.stopped for d in deliveries.values())
                            and len(deliveries) >= state.request.n
                        ):
                            break
        if inferred is None:  # review stopped every choice before the engine was done
            inferred = Inferred(current, {}, Usage())
        state = inferred.state
        records.append(StageRecord("guard", 0.0, {"bytes": len(state.outgoing)}))
        records.append(StageRecord("infer", time.perf_counter() - started))
        records.append(StageRecord("restore", 0.0, {"pseudonyms": len(state.past.vault)}))
        started = time.perf_counter()
        if not deliveries and not inferred.client_calls:
            deliveries[0] = Delivery(state)
            yield TextDelta(
                await deliveries[0].feed(state, say("nothing_found", state.turn.language))
            )
        for choice, delivery in deliveries.items():
            rest = await delivery.close(state)
            if rest:
                yield TextDelta(rest, choice)
            state = replace(state, failures=state.failures + delivery.failures)
        verdicts = state.verdicts + tuple(v for d in deliveries.values() for v in d.verdicts)
        filtered = {c for c, d in deliveries.items() if d.filtered}
        records.append(
            StageRecord("review", time.perf_counter() - started, {"verdicts": len(verdicts)})
        )
        reasons = {
            c: "content_filter" if c in filtered else reason
            for c, reason in (inferred.finish or dict.fromkeys(deliveries, "stop")).items()
        }
        reasons.update(dict.fromkeys(filtered, "content_filter"))
        if inferred.client_calls:
            reasons[0] = "tool_calls"
        for place, call in enumerate(inferred.client_calls):
            yield ToolCallDelta(place, call.id, call.name, call.arguments)
        started = time.perf_counter()
        texts = {choice: delivery.sent for choice, delivery in deliveries.items()}
        answer, state = await remember(state, texts, inferred, verdicts, reasons.get(0, "stop"))
        records.append(StageRecord("remember", time.perf_counter() - started, dict(state.notes)))
        for choice in sorted(reasons or {0: "stop"}):
            yield Finish(reasons.get(choice, "stop"), choice)
        yield answer.usage
        yield replace(answer, trace=Trace(state.turn.id, tuple(records), state.failures))

    async def _note(self, request: Request, state: State | None, kind: str, outcome: str) -> None:
        await self._parts.audit.append(
            AuditEvent(
                kind=kind,
                actor=request.actor.id,
                subject=state.turn.subject if state else (request.subject or request.actor.id),
                tenant=request.actor.tenant,
                detail={"turn": state.turn.id if state else None, "outcome": outcome},
            )
        )
