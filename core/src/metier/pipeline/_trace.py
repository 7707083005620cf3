"""The content-free record of a turn: its stages, as a trace and as OpenTelemetry spans.

Names follow OpenTelemetry's semantic conventions for generative AI: the turn is
an `invoke_agent` span of the domain, inference is a `chat` span below it, and
each other stage a span `metier.STAGE`. Attributes hold names and counts only.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from opentelemetry import trace
from opentelemetry.trace import Span, Status, StatusCode

from metier.model import HookFailure, MetierError, StageRecord, Trace, Usage
from metier.pipeline._seen import CallSeen, TurnSeen, Watch
from metier.pipeline._state import State

STAGES = (
    "admit", "screen", "learn", "recall", "retrieve", "assemble",
    "pseudonymise", "guard", "infer", "restore", "review", "remember",
)  # fmt: skip
"""The twelve stages in order, as the trace names them."""

Notes = dict[str, int | float | str | bool]


class Recorder:
    """Times the stages of one turn and notes them.

    Spans are parented by hand and never made current: a turn is an asynchronous
    generator, which may be closed from another context than it was started in.
    """

    def __init__(self, domain: str, watch: Watch | None = None) -> None:
        self._domain = domain
        self._watch = watch
        self._started = time.perf_counter()
        self._calls: list[CallSeen] = []
        self._failures: tuple[HookFailure, ...] = ()
        self._records: dict[str, StageRecord] = {}
        self._tracer = trace.get_tracer("metier")
        self._root = self._tracer.start_span(
            f"invoke_agent {domain}",
            attributes={
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.provider.name": "metier",
                "gen_ai.agent.name": domain,
            },
        )
        self._parent = trace.set_span_in_context(self._root)

    @contextmanager
    def stage(self, name: str) -> Iterator[Notes]:
        """Records what is done within as one run of a stage; runs of one stage add up."""
        notes: Notes = {}
        started = time.perf_counter()
        span = self._tracer.start_span(f"metier.{name}", context=self._parent)
        try:
            yield notes
        except BaseException as error:
            _failed(span, error)
            raise
        finally:
            for note, value in notes.items():
                span.set_attribute(f"metier.{note}", value)
            span.end()
            self._keep(name, time.perf_counter() - started, notes)

    async def run(
        self, name: str, stage: Callable[[State], Awaitable[State]], state: State
    ) -> State:
        """Runs a stage that takes a state and returns the next one."""
        with self.stage(name) as notes:
            state = await stage(state.but(notes={}))
            notes.update(state.notes)
        return state

    def add(self, name: str, seconds: float, notes: Mapping[str, int | float | str | bool]) -> None:
        """Records a stage whose work was spread over a stream; its span ends now."""
        now = time.time_ns()
        span = self._tracer.start_span(
            f"metier.{name}",
            context=self._parent,
            start_time=now - int(seconds * 1e9),
            attributes={f"metier.{note}": value for note, value in notes.items()},
        )
        span.end(now)
        self._keep(name, seconds, notes)

    def _keep(
        self, name: str, seconds: float, notes: Mapping[str, int | float | str | bool]
    ) -> None:
        before = self._records.get(name)
        if before is not None:
            seconds, notes = before.seconds + seconds, {**before.notes, **notes}
        self._records[name] = StageRecord(name, seconds, notes)

    @contextmanager
    def inference(
        self, engine: str, model: str
    ) -> Iterator[Callable[[Usage, Mapping[int, str]], None]]:
        """The `chat` span; call what it yields with the usage and the finish reasons."""
        span = self._tracer.start_span(
            f"chat {model or engine}",
            context=self._parent,
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": engine,
                "gen_ai.request.model": model or engine,
            },
        )

        seen = CallSeen(engine, model or engine, 0.0, Usage())
        started = time.perf_counter()

        def finished(usage: Usage, reasons: Mapping[int, str]) -> None:
            nonlocal seen
            seen = replace(seen, usage=usage)
            span.set_attribute("gen_ai.usage.input_tokens", usage.prompt)
            span.set_attribute("gen_ai.usage.output_tokens", usage.completion)
            span.set_attribute("gen_ai.response.finish_reasons", tuple(reasons.values()))

        try:
            yield finished
        except BaseException as error:
            _failed(span, error)
            seen = replace(seen, error=_named(error))
            raise
        finally:
            span.end()
            self._calls.append(replace(seen, seconds=time.perf_counter() - started))

    def end(self, error: BaseException | None = None) -> None:
        """Ends the turn's span."""
        if error is not None:
            _failed(self._root, error)
        self._root.end()
        if self._watch is not None:
            self._watch(self._seen(error))

    def _seen(self, error: BaseException | None) -> TurnSeen:
        screened = self._records.get("screen")
        stopped = screened is not None and bool(screened.notes.get("stopped"))
        gone = isinstance(error, asyncio.CancelledError | GeneratorExit)
        return TurnSeen(
            self._domain,
            "aborted" if gone else "failed" if error else "stopped" if stopped else "answered",
            "" if error is None or gone else _named(error),
            time.perf_counter() - self._started,
            {name: record.seconds for name, record in self._records.items()},
            tuple(self._calls),
            self._failures,
        )

    def trace(self, turn: str, failures: tuple[HookFailure, ...]) -> Trace:
        """The stages so far, in their order."""
        self._failures = failures
        placed = sorted(self._records.values(), key=lambda record: STAGES.index(record.stage))
        return Trace(turn, tuple(placed), failures)


def _named(error: BaseException) -> str:
    """The code of an error of ours, the type of another."""
    return error.code if isinstance(error, MetierError) else type(error).__name__


def _failed(span: Span, error: BaseException) -> None:
    """Marks a span failed by the type of the error; its message may hold content."""
    span.set_attribute("error.type", type(error).__name__)
    span.set_status(Status(StatusCode.ERROR))
