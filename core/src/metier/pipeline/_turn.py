"""The way of a turn, from top to bottom."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from itertools import groupby
from typing import cast

import orjson

from metier._faults import as_error, log_fault
from metier.audit import AuditEvent
from metier.model import (
    Answer,
    Decision,
    Event,
    Finish,
    HookFailure,
    MetierError,
    ReasoningDelta,
    RefusalDelta,
    Request,
    TextDelta,
    ToolCallDelta,
    Usage,
    Verdict,
    flattened,
)
from metier.pipeline._about_you import recalled
from metier.pipeline._admit import admit
from metier.pipeline._beside import answered_beside
from metier.pipeline._confirm import declines
from metier.pipeline._consent import heed, notice
from metier.pipeline._consent_along import ask_along
from metier.pipeline._infer import Inferred, Words, in_place, infer
from metier.pipeline._kept import bears_on
from metier.pipeline._prepare import assemble, learn, pseudonymise, retrieve, screen
from metier.pipeline._questions import TOOL as SETTLES
from metier.pipeline._questions import answered, asked
from metier.pipeline._recall import recall
from metier.pipeline._remember import remember
from metier.pipeline._review import Delivery, granularity
from metier.pipeline._small_talk import small_talk
from metier.pipeline._state import Parts, State
from metier.pipeline._trace import Recorder
from metier.pipeline._words import say
from metier.privacy import StreamRestorer

_PREPARE: tuple[tuple[str, Callable[[State], Awaitable[State]]], ...] = (
    ("learn", learn),
    ("recall", recall),
    ("retrieve", retrieve),
    ("assemble", assemble),
    ("pseudonymise", pseudonymise),
)


class Pipeline:
    """Runs turns over the given parts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def run(self, request: Request) -> AsyncGenerator[Event | Answer]:
        """Runs one turn: yields its events one by one and, last, the `Answer`; see `batches`."""
        return flattened(self.batches(request))

    async def batches(self, request: Request) -> AsyncGenerator[Sequence[Event | Answer]]:
        """Runs one turn: yields events that came together and, last, the `Answer`.

        The finish event and the answer come after the durable commit. A turn
        that the caller abandons is audited; its answer is not remembered.

        Raises:
            MetierError: for anything a caller can act on.
        """
        recorder = Recorder(
            request.domain if request.domain in self._parts.registry.domains else "?",
            self._parts.watch,
        )
        state: State | None = None
        failed: BaseException | None = None
        try:
            with recorder.stage("admit"):
                state = await admit(self._parts, request)
            state = await recorder.run("screen", screen, state)
            async with aclosing(_way(recorder, state)) as batches:
                async for batch in batches:
                    yield batch
        except (asyncio.CancelledError, GeneratorExit) as gone:
            failed = gone
            await self._note(request, state, "turn-aborted", "aborted")
            raise
        except MetierError as error:
            failed = error
            await self._note(request, state, "turn-failed", error.code)
            raise
        except Exception as error:  # a fault of ours: its type is kept, its message may be content
            failed = error
            await self._note(request, state, "turn-failed", type(error).__name__)
            raise as_error(error) from None
        finally:
            recorder.end(failed)

    async def _note(self, request: Request, state: State | None, kind: str, outcome: str) -> None:
        """Audits how a turn ended; where that fails too, the turn's own error still goes out."""
        event = AuditEvent(
            kind=kind,
            actor=_whole(request.actor.id),
            subject=state.turn.subject if state else _whole(_named(request)),
            tenant=_whole(request.actor.tenant),
            detail={"turn": state.turn.id if state else None, "outcome": outcome},
        )
        try:
            await self._parts.audit.append(event)
        except MetierError as error:
            log_fault(error, f"Auditing {kind}")


def _named(request: Request) -> str:
    """Whom a request that was not admitted is about, as far as it says."""
    return request.subject or request.actor.user or request.actor.id


def _whole(text: str) -> str:
    """An id that may not have been checked yet, with half characters replaced."""
    return text.encode("utf-8", "replace").decode()


def _way(recorder: Recorder, state: State) -> AsyncGenerator[Sequence[Event | Answer]]:
    """The way that a turn takes once it is screened."""
    if state.side_call is not None and state.side_call.has_form:
        return answered_beside(recorder, state, state.side_call)
    if not state.stopped:
        state = answered(state) or heed(state)
    spoken = state.stopped or state.said
    return _stopped(recorder, state) if spoken else _answered(recorder, state)


async def _stopped(recorder: Recorder, state: State) -> AsyncGenerator[Sequence[Event | Answer]]:
    """A turn that screening ended, or that is about consent: the answer is the core's own."""
    text = state.said
    if state.stopped is not None:
        text = state.stopped.message or say("refused", state.turn.language)
        text += _whom_to_turn_to(state)
    yield (in_place(state, text),)
    with recorder.stage("remember"):
        answer, state = await remember(state, {0: text}, None, state.verdicts, "stop")
    yield Finish("stop"), replace(answer, trace=recorder.trace(state.turn.id, state.failures))


def _whom_to_turn_to(state: State) -> str:
    """The contact that a policy names for what is escalated."""
    assert state.stopped is not None
    if state.stopped.decision is not Decision.ESCALATE:
        return ""
    contact = state.parts.policy.contact("escalation", state.turn.domain)
    return f"\n\n{contact.name}: {contact.how}" if contact else ""


async def _answered(recorder: Recorder, state: State) -> AsyncGenerator[Sequence[Event | Answer]]:
    """A turn that reaches the engine: stages 3 to 12."""
    for name, stage in _PREPARE:
        state = await recorder.run(name, stage, state)

    outputs = Outputs(recorder, state)
    async with aclosing(outputs.batches()) as batches:
        async for batch in batches:
            yield batch
    state, inferred = outputs.state, outputs.inferred

    rest = await outputs.close()
    for choice, calls in sorted(inferred.client_calls.items()):
        for place, call in enumerate(calls):
            rest.append(ToolCallDelta(place, call.id, call.name, call.arguments, choice))
    if rest:
        yield rest

    reasons, texts = outputs.reasons(), outputs.texts()
    state = state.but(failures=state.failures + outputs.failures)
    along = ""
    if reasons[0] == "stop":
        state, along = ask_along(state)
    words, told = notice(state, state.passing)
    words += along
    if reasons[0] == "stop":
        state, question = asked(state)
        words += question
    if words and reasons[0] == "stop":
        yield (TextDelta(words),)
        texts[0] = texts.get(0, "") + words
        state = state.but(past=replace(state.past, told=(*state.past.told, *told)))
    with recorder.stage("remember") as notes:
        answer, state = await remember(
            state, texts, inferred, state.verdicts + outputs.verdicts, reasons[0]
        )
        notes.update(state.notes)
    finishes = [Finish(reason, choice) for choice, reason in sorted(reasons.items())]
    answer = replace(answer, trace=recorder.trace(state.turn.id, state.failures))
    yield *finishes, answer.usage, answer


_Kind = type[TextDelta] | type[RefusalDelta]


class Outputs:
    """The choices of one answer while they stream: restored, reviewed, counted."""

    def __init__(self, recorder: Recorder, state: State) -> None:
        self.state = state
        self.inferred = Inferred(state, {}, Usage())
        self._recorder = recorder
        self._vault = state.past.vault
        self._deliveries: dict[int, Delivery] = {}
        self._reasoning: dict[int, StreamRestorer] = {}
        self._kinds: dict[int, _Kind] = {}
        """What the words of a choice are, by the first of them."""
        # No check reads a model's thinking, so where answers are checked it doesn't go out:
        # it would tell a learner the solution, or somebody a dose, that the check holds back.
        self._thinks_aloud = granularity(state) == "pass"

    async def batches(self) -> AsyncGenerator[Sequence[Event]]:
        """Text and reasoning as they may go out; ends when the engine does, or review stops it."""
        async with aclosing(infer(self.state, self._recorder)) as items:
            async for item in items:
                if isinstance(item, Inferred):
                    self.inferred, self.state = item, item.state
                    return
                self.state, words = item
                out: list[Event] = []
                for run in _runs(words):
                    out += await self._shown(run)
                yield out
                if self._all_stopped():
                    self.inferred = replace(self.inferred, state=self.state)
                    return

    async def _shown(self, run: Sequence[Words]) -> list[Words]:
        """Words of one kind and choice as they may go out, each event its own."""
        kind, choice, texts = type(run[0]), run[0].choice, [event.text for event in run]
        if kind is not ReasoningDelta:
            kind = self._kinds.setdefault(choice, cast("_Kind", kind))
            shown = await self._delivery(choice).feed(self.state, texts)
        elif not self._thinks_aloud:
            return []
        else:
            restorer = self._reasoning.get(choice)
            if restorer is None:
                restorer = StreamRestorer(self.state.past.vault, self.state.turn.language)
                self._reasoning[choice] = restorer
            shown = restorer.feed_all(texts)
        if shown is texts and kind is type(run[0]):
            return list(run)
        return [kind(text, choice) for text in shown]

    def _delivery(self, choice: int) -> Delivery:
        if self.state.past.vault is not self._vault:
            self._vault = self.state.past.vault
            for delivery in self._deliveries.values():
                delivery.renew(self.state)
        if choice not in self._deliveries:
            self._deliveries[choice] = Delivery(self.state)
        return self._deliveries[choice]

    def _all_stopped(self) -> bool:
        stopped = sum(d.stopped is not None for d in self._deliveries.values())
        return stopped >= self.state.request.n

    async def close(self) -> list[Event]:
        """What was held back of reasoning and text, after the checks of the whole."""
        rest: list[Event] = [
            ReasoningDelta(text, choice)
            for choice, restorer in self._reasoning.items()
            if (text := restorer.close())
        ]
        if not self._deliveries and not self.inferred.client_calls:
            said = _unanswered(self.state, self.inferred.finish.get(0, "stop"))
            rest += await self._shown([in_place(self.state, said)])
        for choice, delivery in self._deliveries.items():
            if text := await delivery.close(self.state):
                rest.append(self._kinds[choice](text, choice))
        spent = [d.seconds for d in self._deliveries.values()]
        self._recorder.add(
            "restore", sum(s.restore for s in spent), {"pseudonyms": len(self.state.past.vault)}
        )
        self._recorder.add("review", sum(s.review for s in spent), {"verdicts": len(self.verdicts)})
        return rest

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return tuple(v for d in self._deliveries.values() for v in d.verdicts)

    @property
    def failures(self) -> tuple[HookFailure, ...]:
        return tuple(f for d in self._deliveries.values() for f in d.failures)

    def texts(self) -> dict[int, str]:
        return {choice: d.sent for choice, d in self._deliveries.items()}

    def reasons(self) -> dict[int, str]:
        """How each choice finished; what review stopped or corrected is a content filter."""
        reasons = {0: "stop", **dict.fromkeys(self._deliveries, "stop"), **self.inferred.finish}
        for choice, reason in reasons.items():
            if self.inferred.client_calls.get(choice):
                reasons[choice] = "tool_calls"
            elif reason == "tool_calls":
                reasons[choice] = "stop"
        for choice, delivery in self._deliveries.items():
            if delivery.filtered or (self.state.request.formed and _lost_its_form(delivery)):
                reasons[choice] = "content_filter"
        return reasons


def _lost_its_form(delivery: Delivery) -> bool:
    """Whether words of a check stand in an answer of a set form, which is no JSON any more."""
    if all(verdict.decision is not Decision.REVISE for verdict in delivery.verdicts):
        return False
    try:
        orjson.loads(delivery.sent)
    except orjson.JSONDecodeError:
        return True
    return False


def _runs(words: Sequence[Words]) -> list[Sequence[Words]]:
    """Cuts events into stretches of one kind and choice; there is rarely more than one."""
    first = words[0]
    if all(type(w) is type(first) and w.choice == first.choice for w in words):
        return [words]
    return [list(run) for _, run in groupby(words, lambda w: (type(w), w.choice))]


_WORDLESS = {"length": "no_room", "content_filter": "refused"}
"""What is said where a model ended so, before its first word."""


def _unanswered(state: State, reason: str) -> str:
    """What is said where no domain and no source had an answer, or a model said nothing."""
    turn, reminder = state.turn, bears_on(state.turn)
    if reason in _WORDLESS:
        return say(_WORDLESS[reason], turn.language)
    waiting = state.past.pending
    if waiting is not None and waiting.name != SETTLES and declines(turn.message):
        return say("not_done", turn.language)
    if words := recalled(turn):
        return f"{reminder}\n\n{words}" if reminder else words
    if not state.found and small_talk(state):
        return say("small_talk", turn.language)
    # Who says something of themselves asked nothing that could be missing.
    asks = any(mark in turn.message for mark in "?？")
    nothing = say("noted" if state.found and not asks else "nothing_found", turn.language)
    return f"{reminder}\n\n{nothing}" if reminder else nothing
