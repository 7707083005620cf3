"""Stage 12: one durable commit of everything the turn changed; only then the finish goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, replace

import orjson

from metier.audit import AuditEvent
from metier.model import (
    Answer,
    Citation,
    HookFailure,
    Json,
    Message,
    Passage,
    Role,
    Trace,
    Verdict,
    Why,
)
from metier.pipeline._admit import known_facts
from metier.pipeline._identity import chain, encode_past
from metier.pipeline._infer import Inferred
from metier.pipeline._state import State
from metier.profile import encode_fact, merge
from metier.store import Conflict, SealedRow, TurnCommit

_MARK = re.compile(r"\[(\d{1,2})\]")
_RETRIES = 5


def citations(text: str, passages: tuple[Passage, ...]) -> tuple[Citation, ...]:
    """The citations in `text` that point to a passage of the plan, in order of appearance."""
    numbers = dict.fromkeys(int(m.group(1)) for m in _MARK.finditer(text))
    return tuple(
        Citation(n, p.id, p.title, p.source, p.locator, p.url, p.date, p.licence)
        for n in numbers
        if 1 <= n <= len(passages)
        for p in (passages[n - 1],)
    )


async def new_plugin_states(
    state: State, answer: str
) -> tuple[dict[str, Mapping[str, Json]], tuple[HookFailure, ...]]:
    """Asks `remember` of every plugin; each returns its own new state or None."""
    outcome = await state.host.call("remember", state.narrow, answer=answer)
    return {c.plugin: c.value for c in outcome.contributions}, outcome.failures


def why(state: State) -> Why:
    """What shaped the answer."""
    parts = state.parts
    return Why(
        learned=state.merge.changed if state.merge else (),
        used=state.turn.facts if state.plan else (),
        withheld=state.withheld,
        passages=state.passages if state.plan else (),
        strategy=state.turn.strategy,
        hidden=_hidden(state) if state.plan else (),
        outgoing=state.outgoing.decode(),
        engine=parts.engine.name if state.outgoing else "",
        target=parts.engine.target if state.outgoing else "",
    )


def _hidden(state: State) -> tuple[tuple[str, str], ...]:
    """(pseudonym, entity type) of the values this turn's bytes stand in for."""
    sent = state.outgoing.decode()
    entries = state.past.vault.entries.values()
    return tuple((e.pseudonym, e.entity) for e in entries if e.pseudonym in sent)


async def remember(
    state: State,
    texts: Mapping[int, str],
    inferred: Inferred | None,
    verdicts: tuple[Verdict, ...],
    finish: str,
) -> tuple[Answer, State]:
    """Commits the turn and returns the answer.

    Raises:
        StoreUnavailable: where nothing could be written; then nothing is half-written.
        Conflict: where other turns of this subject kept winning.
    """
    turn = state.turn
    text = texts.get(0, "")
    answer = Answer(
        id=turn.id,
        conversation=state.past.id,
        domain=turn.domain,
        text=text,
        language=turn.language,
        finish=finish,
        citations=citations(text, state.passages) if state.plan else (),
        verdicts=verdicts,
        tool_calls=inferred.client_calls if inferred else (),
        why=why(state),
        trace=Trace(turn.id),
        choices=tuple(texts[i] for i in sorted(texts)),
    )
    if inferred:
        answer = replace(answer, usage=inferred.usage)
    states: dict[str, Mapping[str, Json]] = {}
    if state.request.store:
        if not turn.private and state.plan:
            states, failures = await new_plugin_states(state, text)
            state = replace(state, failures=state.failures + failures)
        await _commit(state, answer, states)
    await state.parts.audit.append(
        AuditEvent(
            kind="turn",
            actor=state.request.actor.id,
            subject=turn.subject,
            tenant=turn.tenant,
            detail={
                "turn": turn.id,
                "domain": turn.domain,
                "finish": finish,
                "stored": state.request.store,
                "learned": len(answer.why.learned),
                "policy": state.parts.policy.version,
            },
        )
    )
    return answer, replace(state, notes={"states": len(states), "stored": state.request.store})


async def _commit(state: State, answer: Answer, states: Mapping[str, Mapping[str, Json]]) -> None:
    turn, parts = state.turn, state.parts
    for attempt in range(_RETRIES):
        try:
            await parts.store.commit_turn(_turn_commit(state, answer, states))
            return
        except Conflict:
            if attempt == _RETRIES - 1:
                raise
            # Another turn of this subject was faster: merge again with what it left.
            known = () if turn.private else await known_facts(state)
            state = replace(
                state,
                revision=await parts.store.revision(turn.tenant, turn.subject),
                known=known,
                merge=merge(known, state.found, turn.now),
            )


def _turn_commit(
    state: State, answer: Answer, states: Mapping[str, Mapping[str, Json]]
) -> TurnCommit:
    turn, key, actor = state.turn, state.key, state.request.actor
    spoken = [m for m in state.request.messages if m.role not in (Role.SYSTEM, Role.DEVELOPER)]
    history = [*turn.history, Message(Role.USER, turn.message), *state.trail]
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
        digest=head,
        record=seal("record", "turn_record", turn.id, orjson.dumps(record)),
    )
