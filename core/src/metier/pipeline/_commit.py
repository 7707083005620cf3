"""The one durable commit of a turn, and what to do where another turn was faster."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TypeVar

import orjson

from metier.audit import AuditEvent
from metier.crypto import Change
from metier.learning import tags_of
from metier.model import Answer, Fact, HookFailure, Json, Message, MetierError, Role
from metier.pipeline._admit import with_stored
from metier.pipeline._attachments import last_said
from metier.pipeline._forget import Rewritten, without_categories
from metier.pipeline._identity import chain, encode_past, open_conversation, vault_row
from metier.pipeline._memories import Left, left_by, open_rows
from metier.pipeline._retention import oldest_kept
from metier.pipeline._rows import ENDED
from metier.pipeline._state import State
from metier.pipeline._subject import opened
from metier.pipeline._tidy import due
from metier.profile import encode_fact, merge, settle
from metier.store import AgedRow, Conflict, SealedRow, Sought, SubjectChange, TurnCommit

_RETRIES = 40
_WAIT = 0.005
"""Seconds, times the tries so far: the most a loser waits before it tries again."""

_States = Mapping[str, Mapping[str, Json]]
T = TypeVar("T")


def outcome(state: State, answer: Answer, revision: int | None = None) -> AuditEvent:
    """The event that tells how a turn ended, and the revision of the records it left."""
    turn, call = state.turn, state.side_call
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
            "consents": " ".join(
                f"{c.category}:{c.purpose}:{'given' if c.given else 'withdrawn'}"
                for c in state.stated
            ),
            **({"side_call": call.kind} if call else {}),
        },
        revision=revision,
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
        withdrawn = tuple(c.category for c in state.stated if not c.given)
        kept = await open_rows(state.parts, state.records) if withdrawn else {}
        left = left_by(state, answer.text)
        try:
            commit = _turn_commit(state, answer, states, withdrawn, kept, left)
            await state.parts.store.commit_turn(commit)
        except Conflict:
            if attempt == _RETRIES - 1:
                raise
            await _wait(attempt)
            state = await _caught_up(state)
            answer = replace(answer, conversation=state.past.id)
        else:
            tenant, subject = state.turn.tenant, state.turn.subject
            if left is not None:
                revision = state.records.revision + 1
                state.parts.memories.written(tenant, subject, left.row, revision, left.data)
            if due(state.records):
                state.parts.memories.untidy.add((tenant, subject))
            notes = {"states": len(states), "tries": attempt + 1}
            return state.but(failures=state.failures + failures, notes=notes), answer
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
    before, turn, parts, actor = state.past, state.turn, state.parts, state.request.actor
    found = await parts.store.start_turn(turn.tenant, turn.subject, actor.id, Sought(before.id))
    seen = state.records.revision
    state = with_stored(state, await opened(parts, turn.tenant, turn.subject, found.subject))
    if state.records.revision < seen:
        raise MetierError(
            "This person's data was erased while the turn was under way; nothing of it is kept.",
            code="erased",
            status=409,
        )
    if state.merge is not None:
        merged = merge(state.known, state.found, turn.now)
        if state.settled is not None:
            merged = settle(state.known, *state.settled, turn.now)
        state = state.but(merge=merged)
    now = open_conversation(state.records, found.rows, actor, before.id, oldest_kept(parts))
    if now.turns == before.turns:
        return state
    if state.request.conversation is None:
        return state.but(past=replace(before, id=secrets.token_hex(16), pending=None))
    if turn.history == before.messages:
        state = state.with_turn(history=now.messages)
    past = replace(now, vault=now.vault.joined(before.vault), facts=before.facts, told=before.told)
    return state.but(past=past)


def _turns(state: State, messages: Sequence[Message]) -> tuple[str, ...]:
    """The turn in which each message was said.

    A client that replays history may know earlier messages than are stored; they have no turn.
    What the results of tools answer was said in a turn before.
    """
    turn, past = state.turn, state.past
    known = len(turn.history)
    if turn.history != past.messages[:known]:
        return (*("",) * known, *(turn.id,) * (len(messages) - known))
    while (
        state.continued and known < len(past.messages) and messages[known] == past.messages[known]
    ):
        known += 1
    return (*past.turns[:known], *(turn.id,) * (len(messages) - known))


def _turn_commit(
    state: State,
    answer: Answer,
    states: _States,
    withdrawn: Sequence[str],
    kept: Mapping[str, bytes],
    left: Left | None,
) -> TurnCommit:
    turn, actor = state.turn, state.request.actor
    spoken = [m for m in state.request.messages if m.role not in (Role.SYSTEM, Role.DEVELOPER)]
    said = Message(Role.USER, turn.message, attachments=last_said(state.request).attachments)
    history = [*turn.history, said.noted(), *state.trail]
    reply = Message(Role.ASSISTANT, answer.text, tool_calls=answer.tool_calls)
    head = chain(state.parts.keyring, actor, turn.subject, [*spoken, reply])
    messages = (*history, reply)
    turns = _turns(state, messages)
    past = replace(state.past, messages=messages, turns=turns, head=head, pending=state.asked)

    merged, at = state.merge, int(turn.now.timestamp())
    record = {
        "at": at,
        "created": int(state.request.metadata.get("metier.created") or at),
        "domain": turn.domain,
        "conversation": past.id,
        "message": turn.message,
        "now": turn.now.isoformat(),
        "private": turn.private,
        "states": {name: dict(state.states).get(name, {}) for name in states},
        "answer": answer.text,
        "calls": [[c.id, c.name, c.arguments] for c in answer.tool_calls],
        "finish": answer.finish,
        "usage": [answer.usage.prompt, answer.usage.completion, answer.usage.cached],
        "language": answer.language,
        "engine": answer.why.engine,
        "citations": [asdict(c) for c in answer.citations],
        "outgoing": answer.why.outgoing,
        "passages": [p.id for p in answer.why.passages],
        "facts": [f.id for f in answer.why.used],
        "memories": [m.id for m in answer.why.memories],
        "strategy": answer.why.strategy,
        "tags": sorted({tag for p in answer.why.passages for tag in tags_of(p)}),
        "withheld": answer.why.withheld,
        "cohorts": answer.why.cohorts,
        "influences": [asdict(each) for each in answer.why.influences],
        "verdicts": [asdict(v) for v in answer.verdicts],
    }
    change = state.records.change()
    facts = tuple(
        SealedRow(f.id, change.seal("fact", f.id, encode_fact(f)))
        for f in (merged.changed if merged else ())
    )
    retired = merged.retired if merged else ()
    for fact_id in retired:
        change.remove("fact", fact_id)
    new_states = tuple(
        SealedRow(name, change.seal("plugin_state", name, orjson.dumps(value)))
        for name, value in states.items()
    )
    statements = tuple(
        SealedRow(each.id, change.seal("ledger", each.id, orjson.dumps(each.encode())))
        for each in state.stated
    )
    memory = (
        *((left.sealed(change),) if left else ()),
        *ended_rows(change, merged.ended if merged else ()),
    )
    forgotten = (
        without_categories(change, kept, withdrawn, state.parts.terms())
        if withdrawn
        else Rewritten()
    )
    vault = change.seal("vault", vault_row(past.id, actor), past.vault.dumps(), at)
    sealed_messages = change.seal("conversation", past.id, encode_past(past), at)
    return TurnCommit(
        change=SubjectChange(
            tenant=turn.tenant,
            subject=turn.subject,
            expected_revision=state.records.revision,
            key_id=change.key_id,
            roster=change.sealed_roster(),
            event=state.parts.audit.entry(outcome(state, answer, change.revision)),
            at=at,
            facts=facts,
            plugin_states=new_states,
            ledger=statements,
            memory=(*memory, *forgotten.rows),
            gone={"fact": retired, "memory": forgotten.gone},
        ),
        actor=actor.id,
        turn=turn.id,
        domain=turn.domain,
        conversation=past.id,
        digest=head,
        vault=vault,
        messages=sealed_messages,
        record=change.seal("turn_record", turn.id, orjson.dumps(record)),
        before=tuple(state.parts.audit.entry(event) for event in state.sent),
    )


def ended_rows(change: Change, ended: Sequence[Fact]) -> tuple[AgedRow, ...]:
    """What was believed before: the sealed rows of history."""
    rows = []
    for fact in ended:
        name, over = f"{ENDED}{fact.id}", fact.unlearned_at or fact.learned_at
        at = int(over.timestamp()) if over else 0
        rows.append(AgedRow(name, change.seal("memory", name, encode_fact(fact), at), at))
    return tuple(rows)
