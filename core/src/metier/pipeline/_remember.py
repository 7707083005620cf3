"""Stage 12: one durable commit of everything the turn changed; only then the finish goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from metier.model import (
    Answer,
    Citation,
    Fact,
    Passage,
    Replaced,
    Trace,
    Verdict,
    Why,
)
from metier.pipeline._attachments import without_payloads
from metier.pipeline._commit import commit, outcome
from metier.pipeline._infer import Inferred
from metier.pipeline._recall import influences
from metier.pipeline._state import State

_MARK = re.compile(r"\[(\d{1,2})\]")


def citations(text: str, passages: tuple[Passage, ...]) -> tuple[Citation, ...]:
    """The citations in `text` that point to a passage of the plan, in order of appearance."""
    numbers = dict.fromkeys(int(m.group(1)) for m in _MARK.finditer(text))
    return tuple(
        Citation(n, p.id, p.title, p.source, p.locator, p.url, p.date, p.licence)
        for n in numbers
        if 1 <= n <= len(passages)
        for p in (passages[n - 1],)
    )


def why(state: State) -> Why:
    """What shaped the answer."""
    parts = state.parts
    return Why(
        learned=state.merge.changed if state.merge else (),
        passing=state.passing,
        used=used(state),
        withheld=state.withheld,
        left_out=tuple((left.fact.id, left.reason) for left in state.selected.left_out)
        if state.selected
        else (),
        memories=state.turn.memories if state.plan else (),
        cohorts=state.group.names if state.plan else (),
        influences=influences(state) if state.plan else (),
        passages=state.passages if state.plan else (),
        strategy=state.turn.strategy,
        hidden=_hidden(state) if state.plan else (),
        outgoing=without_payloads(state.outgoing.decode(), state.pictures),
        engine=parts.engine.name if state.outgoing else "",
        target=parts.engine.target if state.outgoing else "",
    )


def used(state: State) -> tuple[Fact, ...]:
    """The facts in the plan, and those that hooks asked for, in the order they are known."""
    if state.plan is None:
        return ()
    planned = set(state.plan.facts)
    asked = state.asked_slots
    return tuple(f for f in state.turn.facts if f in planned or (f.slot in asked and not f.about))


def _hidden(state: State) -> tuple[Replaced, ...]:
    """The values this turn's bytes stand in for, each with the rule that hid it."""
    sent, vault, parts = state.outgoing.decode(), state.past.vault, state.parts
    stand_ins = [(e.pseudonym, e.entity) for e in vault.entries.values() if e.pseudonym in sent]
    lost = [(shown, entity) for (entity, _), shown in vault.lost.items()]
    found = []
    for shown, entity in (*stand_ins, *lost):
        decided = parts.policy.entity_action(entity, parts.engine.target, state.turn.domain)
        found.append(Replaced(shown, entity, decided.action, decided.rule))
    return tuple(found)


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
        choices=tuple(texts.get(i, "") for i in range(max(texts, default=-1) + 1)),
    )
    if inferred:
        answer = replace(answer, usage=inferred.usage)
    if state.request.store:
        state, answer = await commit(state, answer)
    else:
        for event in (*state.sent, outcome(state, answer)):
            await state.parts.audit.append(event)
    return answer, replace(state, notes={**dict(state.notes), "stored": state.request.store})
