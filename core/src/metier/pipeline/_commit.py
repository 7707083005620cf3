"""The one durable commit of a turn, and what to do where another turn was faster."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from typing import TypeVar

import orjson

from metier.audit import AuditEvent
from metier.model import Answer, HookFailure, Json, Message, Role
from metier.pipeline._admit import with_subject
from metier.pipeline._attachments import last_said
from metier.pipeline._expiry import oldest_kept
from metier.pipeline._identity import chain, encode_past, load_conversation
from metier.pipeline._state import State
from metier.profile import encode_fact, merge
from metier.store import Conflict, SealedRow, TurnCommit

_RETRIES = 40
_WAIT = 0.005
"""Seconds, times the tries so far: the most a loser waits before it tries again."""

_States = Mapping[str, Mapping[str, Json]]
T = TypeVar("T")


def outcome(state: State, answer: Answer) -> AuditEvent:
    """The event that tells how a turn ended."""
    turn = state.turn
    return AuditEvent(
        kind="turn",
        actor=state.request.actor.id,
        subject=turn.subject,
        tenant=turn.tenant,
        detail={
            "turn": turn.id,
            "domain": turn.domain,
            "finish": answer.finish,
            "stored": state.request.store,
            "learned": len(state.merge.changed) if state.merge else 0,
            "policy": state.parts.policy.version,
        },
    )


async def retried(work: Callable[[], Awaitable[T]]) -> T:
    """Does `work`, anew as often as another change of the subject was faster.

    Raises:
        Conflict: where others kept winning.
    """
    for attempt in range(_RETRIES):
        try:
            return await work()
        except Conflict:
            if attempt == _RETRIES - 1:
                raise
            await _wait(attempt)
    raise AssertionError("the last try returns or raises")


async def _wait(attempt: int) -> None:
    await asyncio.sleep(random.uniform(0, _WAIT * (attempt + 1)))  # noqa: S311


async def commit(state: State, answer: Answer) -> tuple[State, Answer]:
    """Writes everything the turn changed and its outcome's event, in one transaction.

    Turns of one person may end at the same time. The loser of a race reads what
    the winner left, asks the plugins to remember again on top of it, and tries
    once more. Where the winner spoke in the same conversation, the loser's
    exchange follows it under an explicit id, and is a branch otherwise.

    Returns: the state and the answer, with the conversation they were kept in.

    Raises:
        StoreUnavailable: where nothing could be written; then nothing is half-written.
        Conflict: where other turns of this subject kept winning.
    """
    for attempt in range(_RETRIES):
        states, failures = await _new_plugin_states(state, answer.text)
        try:
            await state.parts.store.commit_turn(_turn_commit(state, answer, states))
        except Conflict:
            if attempt == _RETRIES - 1:
                raise
            await _wait(attempt)
            state = await _caught_up(state)
            answer = replace(answer, conversation=state.past.id)
        else:
            notes = {"states": len(states), "tries": attempt + 1}
            return replace(state, failures=state.failures + failures, notes=notes), answer
    raise AssertionError("the last try returns or raises")


async def _new_plugin_states(
    state: State, answer: str
) -> tuple[dict[str, Mapping[str, Json]], tuple[HookFailure, ...]]:
    """Asks `remember` of every plugin; each returns its own new state or None."""
    if state.turn.private or state.plan is None:
        return {}, ()
    outcome = await state.host.call("remember", state.narrow, answer=answer)
    return {c.plugin: c.value for c in outcome.contributions}, outcome.failures


async def _caught_up(state: State) -> State:
    """The state on top of what other turns have written meanwhile."""
    before, turn = state.past, state.turn
    state = await with_subject(state)
    if state.merge is not None:
        state = replace(state, merge=merge(state.known, state.found, turn.now))
    actor, since = state.request.actor, oldest_kept(state.parts)
    now = await load_conversation(
        state.parts.store, state.key, turn.tenant, turn.subject, actor, before.id, since
    )
    if now.turns == before.turns:
        return state
    if state.request.conversation is None:
        return replace(state, past=replace(before, id=secrets.token_hex(16), pending=None))
    if turn.history == before.messages:
        state = state.with_turn(history=now.messages)
    return replace(state, past=replace(now, vault=now.vault.joined(before.vault)))


def _turn_commit(state: State, answer: Answer, states: _States) -> TurnCommit:
    turn, key, actor = state.turn, state.key, state.request.actor
    spoken = [m for m in state.request.messages if m.role not in (Role.SYSTEM, Role.DEVELOPER)]
    said = Message(Role.USER, turn.message, attachments=last_said(state.request).attachments)
    history = [*turn.history, said.noted(), *state.trail]
    reply = Message(Role.ASSISTANT, answer.text, tool_calls=answer.tool_calls)
    head = chain(state.parts.keyring, actor, turn.subject, [*spoken, reply])
    messages = (*history, reply)
    # A client that replays history may know earlier messages than are stored; they have no turn.
    earlier = state.past.turns if turn.history == state.past.messages else ("",) * len(turn.history)
    turns = (*earlier, *((turn.id,) * (len(messages) - len(earlier))))
    past = replace(state.past, messages=messages, turns=turns, head=head, pending=state.asked)

    def seal(purpose: str, table: str, row: str, data: bytes) -> bytes:
        return key.seal(data, state.context(purpose, table, row))

    merged = state.merge
    record = {
        "message": turn.message,
        "answer": answer.text,
        "outgoing": answer.why.outgoing,
        "passages": [p.id for p in answer.why.passages],
        "facts": [f.id for f in answer.why.used],
        "verdicts": [asdict(v) for v in answer.verdicts],
    }
    return TurnCommit(
        tenant=turn.tenant,
        subject=turn.subject,
        actor=actor.id,
        turn=turn.id,
        conversation=past.id,
        at=int(turn.now.timestamp()),
        domain=turn.domain,
        expected_revision=state.revision,
        vault=seal("conversation", "vault", past.id, past.vault.dumps()),
        messages=seal("conversation", "conversation", past.id, encode_past(past)),
        facts=tuple(
            SealedRow(f.id, seal("profile", "fact", f.id, encode_fact(f)))
            for f in (merged.changed if merged else ())
        ),
        retired_facts=merged.retired if merged else (),
        plugin_states={
            name: seal("plugin", "plugin_state", name, orjson.dumps(value))
            for name, value in states.items()
        },
        event=state.parts.audit.entry(outcome(state, answer)),
        digest=head,
        record=seal("record", "turn_record", turn.id, orjson.dumps(record)),
    )
