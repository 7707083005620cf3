"""Stages 8 and 9: guard the exact outgoing bytes, then infer; tools loop here, bounded."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial

import orjson

from metier.audit import AuditEvent
from metier.inference import adapter_of
from metier.model import (
    BadRequest,
    Composer,
    Composition,
    EgressBlocked,
    EngineError,
    EngineRequest,
    Event,
    Finish,
    Json,
    Message,
    MetierError,
    Plan,
    ReasoningDelta,
    RefusalDelta,
    Role,
    Segment,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
    Volatility,
    batches_of,
)
from metier.pipeline._calls import append, named
from metier.pipeline._fall_back import CAN_FALL, fall_back
from metier.pipeline._prepare import pseudonymise
from metier.pipeline._review import granularity
from metier.pipeline._state import State, narrow
from metier.pipeline._trace import Recorder
from metier.pipeline._words import say
from metier.plugins import Host
from metier.privacy import Found, Hidden, guard, public_texts, restore_json
from metier.prompt import passage_line


@dataclass(frozen=True, slots=True)
class Inferred:
    """The end of inference: the state with tool results, and how each choice finished."""

    state: State
    finish: Mapping[int, str]
    usage: Usage
    client_calls: Mapping[int, tuple[ToolCall, ...]] = field(default_factory=dict)
    """Calls of the client's own tools, arguments restored, by choice."""


_SHORT = 4_096
"""Bytes of a body that the guard is through with in about a millisecond."""


async def send_guarded(state: State) -> tuple[State, EngineRequest]:
    """Stage 8: encodes the request, scans those bytes, and records the intent to send.

    Where the policy allows repair, a value that was found is hidden everywhere
    and the new bytes are scanned once more.

    Raises:
        EgressBlocked: where something sensitive is in the bytes, or looking failed.
    """
    try:
        return await _send_guarded(state)
    except Found as found:
        if not state.parts.policy.repair:
            raise
        hidden = Hidden(found.entity, found.value)
        vault = state.past.vault.adding([hidden])
        mended = await pseudonymise(state.but(past=replace(state.past, vault=vault)))
        return await _send_guarded(mended)


async def _send_guarded(state: State) -> tuple[State, EngineRequest]:
    assert state.masked is not None
    parts, turn = state.parts, state.turn
    request = _engine_request(state)
    body = parts.engine.encode(request)
    public = public_texts(state.masked) + _shown_passages(state.masked)
    try:
        look = partial(
            guard,
            body,
            state.past.vault,
            parts.detector(turn.domain),
            lambda entity: parts.policy.entity_action(entity, parts.engine.target, turn.domain),
            public,
            {shown.payload for shown in state.pictures.values()},
        )
        # A short body is looked at on the spot: a thread's turn takes as long as the look.
        await asyncio.to_thread(look) if len(body) > _SHORT else look()
    except EgressBlocked as error:
        entity = error.entity if isinstance(error, Found) else None
        blocked: dict[str, str | int | float | bool | None] = {"bytes": len(body), "entity": entity}
        await parts.audit.append(_event(state, "egress-blocked", blocked))
        raise
    digest = hashlib.sha256(body).hexdigest()
    attempt = len(state.sent) + 1
    detail: dict[str, str | int | float | bool | None] = {
        "bytes": len(body), "sha256": digest, "attempt": attempt,
    }  # fmt: skip

    async def intended(server: str | None = None) -> None:
        named = {} if server is None else {"server": server}
        await parts.audit.append(_event(state, "egress-intent", {**detail, **named}))

    await intended()
    return state.but(outgoing=body, notes={"bytes": len(body)}), replace(request, again=intended)


def _received(state: State, usage: Usage, finish: Mapping[int, str]) -> State:
    """Notes how a send ended, to be written with the turn; a turn that fails says so itself."""
    ended = "done" if finish else "cut off"
    event = _event(
        state, "egress-outcome",
        {"attempt": len(state.sent) + 1, "outcome": ended, "tokens": usage.completion},
    )  # fmt: skip
    return state.but(sent=(*state.sent, event))


def _shown_passages(plan: Plan) -> tuple[str, ...]:
    """Public passages just as they are rendered, title and publisher included."""
    cited = [s for s in plan.segments if s.passage]
    return tuple(
        passage_line(number, s)
        for number, s in enumerate(cited, 1)
        if s.passage and s.passage.kind == "knowledge"
    )


def _event(
    state: State, kind: str, detail: Mapping[str, str | int | float | bool | None]
) -> AuditEvent:
    engine = state.parts.engine
    return AuditEvent(
        kind=kind,
        actor=state.request.actor.id,
        subject=state.turn.subject,
        tenant=state.turn.tenant,
        detail={
            "turn": state.turn.id,
            "domain": state.turn.domain,
            "engine": engine.name,
            "target": engine.target,
            "policy": state.parts.policy.version,
            **detail,
        },
    )


def _engine_request(state: State) -> EngineRequest:
    assert state.masked is not None
    asked = state.request
    return EngineRequest(
        plan=state.masked,
        tools=state.masked.tools,
        # A forced tool is forced once; its result must be worded freely.
        tool_choice="auto" if state.turn.tool_results and asked.tool_choice else asked.tool_choice,
        parallel_tool_calls=asked.parallel_tool_calls,
        response_format=state.masked_format,
        n=asked.n,
        stop=state.masked_stop,
        max_tokens=asked.max_tokens,
        temperature=asked.temperature,
        top_p=asked.top_p,
        seed=asked.seed,
        extra=state.masked_extra,
        adapter=adapter_of(state.parts.engine, state.turn.domain),
        cache_salt=_cache_salt(state),
        composer=_composer(state),
        # Where sentences are checked as they come, one may end the answer: that spares the rest.
        whole=asked.whole and granularity(state) != "sentence",
        background=asked.background,
    )


def _cache_salt(state: State) -> str:
    """Keeps apart in a model server's cache whom the policies keep apart; nobody can guess it."""
    turn = state.turn
    alone = state.parts.policy.prompt_cache == "subject"
    return state.parts.keyring.digest(
        turn.tenant, "cache-salt", *((turn.subject,) if alone else ())
    )[:32]


def _composer(state: State) -> Composer:
    """The domain's `compose` hooks over the pseudonymised plan, for the grounded engine."""

    async def compose(plan: Plan) -> Composition | None:
        if state.side_call is not None and state.side_call.has_form:
            return None  # the domain has nothing to say to it
        current = [
            s.message for s in plan.segments if s.volatility is Volatility.MESSAGE and s.message
        ]
        asked = next(m for m in current if m.role is Role.USER)
        masked = replace(
            state.turn,
            message=asked.content,
            history=plan.history,
            facts=plan.facts,
            passages=plan.passages,
            memories=plan.memories,
            tool_results=tuple(m for m in current if m.role is Role.TOOL),
            confirmed=state.masked_confirmed,
        )
        outcome = await state.host.first(
            "compose", lambda manifest: narrow(state, masked, manifest)
        )
        if outcome.failures and not outcome.contributions:
            raise MetierError(
                f"The domain '{state.turn.domain}' failed to compose an answer "
                f"({outcome.failures[0].error}). The log says where, docs/plugin.md what it means.",
                code="compose_failed",
            )
        composition = outcome.contributions[0].value if outcome.contributions else None
        _check_calls(state, plan, composition)
        return composition

    return compose


def _check_calls(state: State, plan: Plan, composition: Composition | None) -> None:
    """A plugin that calls what nobody offers has a fault; it must not end in an empty answer."""
    offered = {tool.name for tool in plan.tools}
    for call in composition.tool_calls if composition else ():
        if call.name not in offered:
            raise MetierError(
                f"`compose` of the domain '{state.turn.domain}' calls the tool '{call.name}', "
                f"not offered in this turn. Offered: {', '.join(sorted(offered)) or 'none'}. "
                "Let the `tools` hook offer it, or don't call it.",
                code="compose_failed",
            )


Words = TextDelta | RefusalDelta | ReasoningDelta


def in_place(state: State, text: str, choice: int = 0) -> TextDelta | RefusalDelta:
    """Words in place of the answer: a refusal where its form is set, which they don't have.

    Elsewhere they are its text, since chats show that, and few of them a refusal.
    """
    return RefusalDelta(text, choice) if state.request.formed else TextDelta(text, choice)


async def infer(
    state: State, recorder: Recorder
) -> AsyncGenerator[tuple[State, Sequence[Words]] | Inferred]:
    """Stage 9: yields (state, words that came together), and at the end one `Inferred`.

    Texts are still pseudonymised. Own tools run here, at most `parts.tool_rounds`
    times; calls of the client's tools are handed back. Own tools are run for the first
    choice only: another one that calls them says that it could not finish.
    """
    offered = state.plan.tools if state.plan else ()
    own = {tool.name: tool for tool in offered if tool.call}
    client = {tool.name for tool in offered if not tool.call}
    usage = Usage()
    for _ in range(state.parts.tool_rounds + 1):
        calls: dict[int, dict[int, ToolCall]] = {}
        finish: dict[int, str] = {}
        async with aclosing(_sent(state, recorder)) as sent:
            async for state, batch in sent:
                words: list[Words] = []
                for event in batch:
                    match event:
                        case TextDelta() | ReasoningDelta():
                            words.append(event)
                        case RefusalDelta():
                            words.append(in_place(state, event.text, event.choice))
                        case ToolCallDelta():
                            append(calls.setdefault(event.choice, {}), event)
                        case Finish():
                            finish[event.choice] = event.reason
                        case Usage():
                            usage = _sum(usage, event)
                if words:
                    yield state, words
        state = _received(state, usage, finish)
        calls = {choice: named(found) for choice, found in calls.items()}
        asked = tuple(calls.get(0, {}).values())
        if all(call.name in client for call in asked):
            handed = {
                choice: _restored(state, found.values())
                for choice, found in calls.items()
                if all(call.name in client for call in found.values())
            }
            for choice in sorted(calls.keys() - handed.keys()):
                yield state, (in_place(state, say("tool_limit", state.turn.language), choice),)
            yield Inferred(state, finish, usage, handed)
            return
        state = await _run_tools(state, own, asked)
    yield state, (in_place(state, say("tool_limit", state.turn.language)),)
    yield Inferred(state, {0: "stop"}, usage)


async def _sent(state: State, recorder: Recorder) -> AsyncGenerator[tuple[State, Sequence[Event]]]:
    """Guards and sends; yields the state as sent, with nothing at first, then with what came.

    Where nothing has come and the engine can't answer, the next one is asked that the
    policies let see as much; what it gets is hidden and guarded anew, by its own rules.
    """
    fault: EngineError | None = None
    while True:
        try:
            with recorder.stage("guard") as notes:
                state, request = await send_guarded(state)
                notes.update(state.notes)
            fault = None
        except BadRequest:
            if fault is None:
                raise
        if fault is None:
            yield state, ()
            came = False
            try:
                async with aclosing(_events(state, request, recorder)) as events:
                    async for batch in events:
                        came = True
                        yield state, batch
                return
            except EngineError as error:
                if came or error.code not in CAN_FALL:
                    raise
                fault, state = error, _received(state, Usage(), {})
        # What stood in could not do what is asked, or has failed as well.
        fallen = await fall_back(state)
        if fallen is None:
            raise fault
        state = fallen


async def _events(
    state: State, request: EngineRequest, recorder: Recorder
) -> AsyncGenerator[Sequence[Event]]:
    """The engine's events as they came, with the time spent waiting for them on record."""
    engine = state.parts.engine
    waited, reasons, usage = 0.0, {}, Usage()
    with recorder.inference(engine.name, request.model) as finished:
        mark = time.perf_counter()
        try:
            # Closing at once is what aborts the generation when the caller goes away.
            async with aclosing(batches_of(engine, state.outgoing, request)) as batches:
                async for batch in batches:
                    waited += time.perf_counter() - mark
                    for event in batch:
                        if isinstance(event, Finish):
                            reasons[event.choice] = event.reason
                        elif isinstance(event, Usage):
                            usage = event
                    yield batch
                    mark = time.perf_counter()
            waited += time.perf_counter() - mark
        finally:
            finished(usage, reasons)
            recorder.add("infer", waited, {"tokens": usage.prompt + usage.completion})


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        one.prompt + other.prompt,
        one.completion + other.completion,
        one.cached + other.cached,
        one.reasoning + other.reasoning,
    )


def _restored(state: State, calls: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
    vault = state.past.vault
    return tuple(replace(c, arguments=restore_json(c.arguments, vault)) for c in calls)


async def _run_tools(state: State, own: Mapping[str, Tool], calls: tuple[ToolCall, ...]) -> State:
    """Runs the domain's tools and puts calls and results into the plan, pseudonymised."""
    assert state.plan is not None
    plan = state.plan
    messages = [Message(Role.ASSISTANT, "", tool_calls=_restored(state, calls))]
    for call in messages[0].tool_calls:
        if call.name in own:
            state, result = await _run_tool(state, own[call.name], call)
        elif any(tool.name == call.name for tool in plan.tools):  # the client's
            result = {"error": "Not run, because another tool ran first. Call it again alone."}
        else:  # a model made it up
            known = ", ".join(sorted(tool.name for tool in plan.tools))
            result = {"error": f"There is no such tool. There are: {known or 'none'}."}
        content = orjson.dumps(result).decode()
        messages.append(Message(Role.TOOL, content, call.name, tool_call_id=call.id))
    segments = tuple(
        Segment(m.content, "core", Volatility.MESSAGE, m.role, message=m) for m in messages
    )
    plan = replace(plan, segments=plan.segments + segments)
    state = state.with_turn(tool_results=(*state.turn.tool_results, *messages[1:]))
    return await pseudonymise(state.but(plan=plan))


def _same_call(one: ToolCall | None, other: ToolCall) -> bool:
    return one is not None and one.name == other.name and (
        json.loads(one.arguments or "{}") == json.loads(other.arguments or "{}")
    )  # fmt: skip


async def _worded(host: Host, tool: Tool, arguments: Mapping[str, Json], language: str) -> str:
    """What a call would do: in the tool's words, else its description and the arguments.

    The person has to see what they agree to, so no argument is left out.
    """
    try:
        words = (
            await host.apply(tool.owner, "tools", tool.describe, arguments) if tool.describe else ""
        )
    except Exception:  # a plugin's code; the question is still asked, and nothing is done
        words = ""
    if words:
        return words.rstrip(_STOPS)
    colon, comma, begin, end = ("：", "，", "（", "）") if language == "zh" else _LATIN
    listed = comma.join(f"{name}{colon}{_shown(value)}" for name, value in arguments.items())
    action = tool.description.rstrip(_STOPS)
    return f"{action}{begin}{listed}{end}" if listed else action


_LATIN = (": ", ", ", " (", ")")
_STOPS = " .。"
"""The question ends the sentence itself."""


def _shown(value: Json) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


async def _run_tool(state: State, tool: Tool, call: ToolCall) -> tuple[State, Json]:
    try:
        arguments = orjson.loads(call.arguments or "{}")
    except orjson.JSONDecodeError:
        return state, {"error": "The arguments are not valid JSON."}
    missing = (
        [n for n in tool.parameters.get("required", ()) if n not in arguments]
        if isinstance(arguments, dict)
        else ["an object"]
    )
    if missing:
        return state, {"error": "Missing arguments: " + ", ".join(missing)}
    if tool.confirm and not _same_call(state.turn.confirmed, call):
        action = await _worded(state.host, tool, arguments, state.turn.language)
        question = say("confirm", state.turn.language, action=action)
        await state.parts.audit.append(_event(state, "tool-asked", {"tool": tool.name}))
        return state.but(asked=call), {"confirmation_required": True, "question": question}
    assert tool.call is not None
    await state.parts.audit.append(_event(state, "tool-intent", {"tool": tool.name}))
    try:
        async with asyncio.timeout(state.parts.tool_deadline):
            turn = state.narrow(state.host.manifest_of(tool.owner))
            result = await state.host.apply(
                tool.owner, "tools", tool.call, arguments, turn, deadline=None
            )
        orjson.dumps(result)
        outcome = "done"
    except Exception as error:  # a plugin's tool may raise anything; its text may be personal
        result = {
            "error": f"The action failed ({type(error).__name__}). "
            "Nothing is known to have been done."
        }
        outcome = type(error).__name__
    await state.parts.audit.append(
        _event(state, "tool-outcome", {"tool": tool.name, "outcome": outcome})
    )
    return state, result
