"""Stage 12: one durable commit of everything the turn changed; only then the finish goes out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from metier.model import (
    Answer,
    Citation,
    Influence,
    Passage,
    Replaced,
    Trace,
    Verdict,
    Why,
)
from metier.pipeline._anew import used
from metier.pipeline._attachments import without_payloads
from metier.pipeline._commit import commit, outcome
from metier.pipeline._infer import Inferred
from metier.pipeline._influence import influences
from metier.pipeline._questions import TOOL
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


async def why(state: State) -> Why:
    """What shaped the answer."""
    parts = state.parts
    done = influences(state) if state.plan else ()
    return Why(
        learned=state.merge.changed if state.merge else (),
        passing=state.passing,
        used=await used(state),
        withheld=state.withheld,
        left_out=tuple((left.fact.id, left.reason) for left in state.selected.left_out)
        if state.selected
        else (),
        memories=state.turn.memories if state.plan else (),
        cohorts=_cohorts(state, done),
        influences=(*done, *_question(state)),
        passages=state.passages if state.plan else (),
        strategy=state.turn.strategy,
        hidden=_hidden(state) if state.plan else (),
        outgoing=without_payloads(state.outgoing.decode(), state.pictures),
        engine=parts.engine.name if state.outgoing else "",
        target=parts.engine.target if state.outgoing else "",
    )


def _cohorts(state: State, done: Sequence[Influence]) -> tuple[str, ...]:
    """The groups from which something came into the plan; a person may belong to more."""
    assumed = {f.provenance.extractor for f in state.plan.facts} if state.plan else set()
    because = {cause for each in done for cause in each.because}
    return tuple(n for n in state.group.names if f"cohort:{n}" in assumed | because)


def _question(state: State) -> tuple[Influence, ...]:
    """What this turn asks the person, since two things they said don't go together."""
    if state.asked is None or state.asked.name != TOOL:
        return ()
    asked = orjson.loads(state.asked.arguments)["id"]
    return tuple(
        Influence(f"question:{q.id}", f"core:{q.reason}", (f"fact:{q.old}",),
                  q.question(state.turn.language))
        for q in state.questions if q.id == asked
    )  # fmt: skip


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
        tool_calls=inferred.client_calls.get(0, ()) if inferred else (),
        why=await why(state),
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
    return answer, state.but(notes={**dict(state.notes), "stored": state.request.store})
