"""Stages 2, 3 and 5 to 7: screen, learn, retrieve, assemble, pseudonymise."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import orjson

from metier.knowledge import Index
from metier.model import (
    BadRequest,
    Decision,
    HookFailure,
    Json,
    Passage,
    Plan,
    Segment,
    Strategy,
    Tool,
    Verdict,
    Volatility,
)
from metier.pipeline._asked import asked, impersonal_query
from metier.pipeline._attachments import hide_attachments, last_said
from metier.pipeline._consent import consent_in_force
from metier.pipeline._influence import best_passages, winner
from metier.pipeline._own_words import own_words
from metier.pipeline._person import near_passages
from metier.pipeline._same_words import in_their_categories, strictness
from metier.pipeline._segments import near_segments, profile_segments
from metier.pipeline._state import State
from metier.pipeline._whose_words import of_the_sender
from metier.pipeline._words import say
from metier.plugins import Outcome
from metier.privacy import Means, Scrubber, tenant_means
from metier.profile import Merge, identified, merge
from metier.prompt import build_plan

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEVERITY = {Decision.ALLOW: 0, Decision.REVISE: 1, Decision.REFUSE: 2, Decision.ESCALATE: 3}
_CORE = "core"


def worst(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The most severe verdict; the first of equals."""
    return max(verdicts, key=lambda v: _SEVERITY[v.decision], default=None)


def verdicts_of(outcome: Outcome, language: str) -> tuple[Verdict, ...]:
    """The verdicts of a safety hook, with the check stamped; a failure refuses."""
    found = tuple(
        replace(c.value, check=f"{c.plugin}:{c.value.reason}") for c in outcome.contributions
    )
    if outcome.failed_closed:
        failed = Verdict(
            Decision.REFUSE, "check_failed", say("check_failed", language), "core:check_failed"
        )
        return (*found, failed)
    return found


async def screen(state: State) -> State:
    """Stage 2: `check_input` on the message as typed. Refuse and escalate end the turn."""
    if state.continued:
        return state.but(notes={"checks": 0})
    outcome = await state.host.call("check_input", state.narrow)
    verdicts = verdicts_of(outcome, state.turn.language)
    verdict = worst(verdicts)
    stop = verdict if verdict and _SEVERITY[verdict.decision] >= 2 else None
    return state.but(
        verdicts=verdicts,
        stopped=stop,
        failures=state.failures + outcome.failures,
        notes={"verdicts": len(verdicts), "stopped": stop is not None},
    )


async def learn(state: State) -> State:
    """Stage 3: `extract_profile` on the new user message; policy decides what may be kept.

    What lacks the person's consent is kept in the conversation, and no longer, in whatever
    category its words were found. Nothing is learned from a text that the message is about.
    """
    silent = state.continued or state.turn.private or not state.request.store
    silent = silent or not _may_learn(state)
    nothing = state.but(merge=state.merge or Merge(state.known, (), ()), notes={"facts": 0})
    if silent:
        return nothing
    told = state.with_turn(message=own_words(state.turn.message))
    outcome = await state.host.call("extract_profile", told.narrow)
    # Whose words they are takes a vector to tell, so it is asked where something was read in them.
    if any(c.value for c in outcome.contributions) and not await asyncio.to_thread(
        of_the_sender, told.turn.message, state.parts.encoder()
    ):
        return nothing.but(failures=state.failures + outcome.failures)
    given, found, passing, dropped = [], [], [], 0
    for contribution in outcome.contributions:
        writes = state.host.manifest_of(contribution.plugin).writes
        for fact in contribution.value:
            where = replace(fact.provenance, domain=state.turn.domain)
            if fact.category in writes:
                given.append(replace(fact, provenance=where))
            else:
                dropped += 1
    for fact in in_their_categories(given, state.past.facts, partial(strictness, state)):
        if not learnable(state, fact.category):
            dropped += 1
        elif consent_in_force(state, fact.category).allowed:
            found.append(fact)
        else:
            passing.append(fact)
    # With ids, so that merging them again on top of another turn's work is the same.
    lasting = identified(found)
    merged = merge(state.known, lasting, state.turn.now)
    kept = merge(state.past.facts, identified(passing), state.turn.now)
    return state.but(
        merge=merged,
        found=lasting,
        passing=kept.changed,
        questions=(*merged.questions, *kept.questions),
        past=replace(state.past, facts=kept.facts),
        failures=state.failures + outcome.failures,
        notes={
            "facts": len(merged.changed), "passing": len(kept.changed), "dropped": dropped,
            "retired": len(merged.retired), "questions": len(merged.questions),
        },
    )  # fmt: skip


def _may_learn(state: State) -> bool:
    """Whether there is anything that this domain may learn: else nothing is read out of words."""
    declared = (*state.manifest.writes, *state.manifest.reads)
    return any(learnable(state, category) for category in declared)


def learnable(state: State, category: str) -> bool:
    """Whether this domain may learn facts of the category, by manifest and policy."""
    declared = category in state.manifest.writes or category in state.manifest.reads
    domain, purposes = state.turn.domain, state.manifest.purposes
    return declared and state.parts.policy.may_learn(category, domain, purposes).allowed


async def retrieve(state: State) -> State:
    """Stage 5: queries, search in the shared index, plugin passages, personal ranking.

    No query says who somebody is, but for the attributes by which the domain declares to treat
    people differently.
    """
    parts, turn = state.parts, state.turn
    brings = state.host.has("retrieve") or state.host.has("rewrite_query")
    if not brings and not parts.index().holds(turn.tenant, turn.domain):
        return state.but(notes={"queries": 0, "found": 0, "kept": 0})
    wanted = await asyncio.to_thread(asked, state)
    rewritten = await state.host.call("rewrite_query", state.narrow)
    brought = [q for c in rewritten.contributions for q in c.value]
    queries = [wanted.text, *(impersonal_query(state, q, wanted.people) for q in brought)]
    queries = list(dict.fromkeys(q for q in queries if q.strip()))
    vector = wanted.vector if wanted.text else None
    found: list[Passage] = await asyncio.to_thread(
        _search, parts.index(), turn.tenant, turn.domain, queries, parts.passages * 3, vector
    )
    added = await state.host.call("retrieve", state.narrow, queries=tuple(queries))
    passages = {p.id: p for p in found}
    passages.update({p.id: p for c in added.contributions for p in c.value})
    ranked = await state.host.call("rank", state.narrow, passages=tuple(passages.values()))
    passages = {i: p for i, p in passages.items() if f"passage:{i}" not in state.without}
    scores = {p.id: p.score for p in passages.values()}
    for contribution in ranked.contributions:
        for passage_id, change in contribution.value.items():
            if passage_id in scores:
                scores[passage_id] += max(-1.0, min(1.0, change))
    candidates = tuple(replace(p, score=scores[p.id]) for p in passages.values())
    shared = {p.id for p in found} - {p.id for c in added.contributions for p in c.value}
    near = await near_passages(state, candidates, shared)
    personal = state.personal
    personal = replace(
        personal, changes=(*personal.changes, *near.changes),
        withheld=(*personal.withheld, *near.withheld),
    )  # fmt: skip
    state = state.but(personal=personal)
    kept = best_passages(candidates, state.personal, parts.passages)
    state = state.with_turn(passages=kept)
    return state.but(
        candidates=candidates,
        failures=state.failures + rewritten.failures + added.failures + ranked.failures,
        notes={"queries": len(queries), "found": len(passages), "kept": len(kept)},
    )


def _search(
    index: Index,
    tenant: str,
    domain: str,
    queries: list[str],
    limit: int,
    vector: NDArray[np.float32] | None,
) -> list[Passage]:
    return index.search(tenant, domain, queries, limit, vector)


async def assemble(state: State) -> State:
    """Stage 6: strategy, segments of every owner, tools; ordered into the plan."""
    turn = state.turn
    contest, unjudged = await _contest(state)
    strategy = winner(contest, state.personal)
    state = state.but(contest=contest)
    state = state.with_turn(strategy=strategy.name if strategy else None)
    assembled = await state.host.call("assemble_prompt", state.narrow)
    offered = await state.host.call("tools", state.narrow)
    segments = [s for c in assembled.contributions for s in c.value]
    segments += [
        Segment(m.content, "client", Volatility.DOMAIN, message=m) for m in state.instructions
    ]
    segments += profile_segments(state)
    segments += [
        Segment(m.content, _CORE, Volatility.HISTORY, m.role, message=m) for m in turn.history
    ]
    segments += [Segment(p.text, _CORE, Volatility.PASSAGES, passage=p) for p in state.passages]
    segments += near_segments(state)
    if strategy and strategy.instruction:
        segments.append(Segment(strategy.instruction, turn.domain, Volatility.PASSAGES))
    last = last_said(state.request)
    segments += [
        Segment(m.content, _CORE, Volatility.MESSAGE, m.role, message=m)
        for m in (last, *state.trail)
    ]
    own: list[Tool] = [tool for c in offered.contributions for tool in c.value]
    _check_names(own, state.request.tools)
    plan = build_plan(segments, (*own, *state.request.tools))
    return state.but(
        plan=plan,
        failures=state.failures + unjudged + assembled.failures + offered.failures,
        notes={"segments": len(plan.segments), "tools": len(plan.tools)},
    )


def _check_names(own: Sequence[Tool], clients: Sequence[Tool]) -> None:
    """Refuses a client's tool that goes by the name of one of the domain's.

    Raises:
        BadRequest: the model would be offered only one of them, and nobody be told.
    """
    taken = {tool.name for tool in own}
    for tool in clients:
        if tool.name in taken:
            raise BadRequest(
                f"`tools` has one with the name `{tool.name}`, which is a tool of the domain. "
                "Rename it.",
                param="tools",
            )


async def _contest(
    state: State,
) -> tuple[tuple[tuple[Strategy, float], ...], tuple[HookFailure, ...]]:
    """What each strategy scores; one that can't judge is passed over and recorded."""
    scored: list[tuple[Strategy, float]] = []
    failures: list[HookFailure] = []
    for contribution in state.host.collect("strategies"):
        turn = state.narrow(state.host.manifest_of(contribution.plugin))
        for strategy in contribution.value:
            try:
                score = await state.host.apply(
                    contribution.plugin, "strategies", strategy.applies, turn
                )
                scored.append((strategy, score))
            except Exception as error:  # a plugin may raise anything; only its type is kept
                name = type(error).__name__
                failures.append(HookFailure(contribution.plugin, "strategies", name))
    return tuple(scored), tuple(failures)


_YEAR = 365


def _means(state: State) -> Means:
    """The means of the tenant, with dates shifted by one offset per subject, never 0."""
    keyring, turn = state.parts.keyring, state.turn
    offset = int(keyring.digest(turn.tenant, "date-shift", turn.subject)[:8], 16) % (2 * _YEAR)
    shift = offset - _YEAR if offset < _YEAR else offset - _YEAR + 1
    return tenant_means(keyring, turn.tenant, shift)


async def pseudonymise(state: State) -> State:
    """Stage 7: every text that can carry personal data, by the policy of the target."""
    assert state.plan is not None
    if _short(state, state.plan):
        return _pseudonymised(state, state.plan)
    return await asyncio.to_thread(_pseudonymised, state, state.plan)


_SHORT = 2_000
"""Characters that are gone through on the spot: a thread's turn takes as long as going through."""


def _short(state: State, plan: Plan) -> bool:
    """Whether a plan is gone through in about a millisecond."""
    if plan.tools or state.parts.detector(state.turn.domain).models:
        return False
    if any(s.message is not None and s.message.attachments for s in plan.segments):
        return False
    return sum(len(s.text) for s in plan.segments) <= _SHORT


def _hidden_format(scrubber: Scrubber, form: Json) -> Json:
    """As `_hidden_setting`, but the schema's name stays, which may have no sign of a placeholder.

    The guard refuses one that tells of somebody, as it does the name of a tool.
    """
    hidden = _hidden_setting(scrubber, form)
    match form, hidden:
        case {"json_schema": {"name": name}}, {"json_schema": dict(schema), **others}:
            return {**others, "json_schema": {**schema, "name": name}}
    return hidden


def _hidden_setting(scrubber: Scrubber, setting: Json) -> Json:
    """A response format or another setting, without values; its keys and structure stay.

    Its texts are searched as texts. In a schema, `title` and `name` are words of the client's
    program, and what stands there is nobody's name as it would be in a document.
    """
    if not isinstance(setting, dict | list):
        return setting  # a number, a flag or a word of the wire
    texts = orjson.dumps(list(_ends(setting))).decode()
    return _with_ends(setting, iter(orjson.loads(scrubber.hide_json(texts))))


def _ends(value: Json) -> Iterator[Json]:
    """What a value holds that is neither an object nor a list, in order."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _ends(item)
    else:
        yield value


def _with_ends(value: Json, ends: Iterator[Json]) -> Json:
    if isinstance(value, dict):
        return {key: _with_ends(item, ends) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_ends(item, ends) for item in value]
    return next(ends)


def _pseudonymised(state: State, plan: Plan) -> State:
    parts, asked = state.parts, state.request
    scrubber = Scrubber(
        parts.detector(state.turn.domain),
        lambda entity: parts.policy.entity_action(entity, parts.engine.target, state.turn.domain),
        _means(state),
        state.past.vault,
    )
    masked, pictures = hide_attachments(
        state, scrubber.hide_plan(plan), scrubber.vault, scrubber.detector, scrubber.policy_action
    )
    stop = tuple(scrubber.hide(text) for text in asked.stop)
    form = _hidden_format(scrubber, asked.response_format)
    extra = {name: _hidden_setting(scrubber, value) for name, value in asked.extra.items()}
    confirmed = state.turn.confirmed
    if confirmed is not None:
        confirmed = replace(confirmed, arguments=scrubber.hide_json(confirmed.arguments or "{}"))
    return state.but(
        masked=masked,
        pictures=pictures,
        masked_stop=stop,
        masked_format=form,
        masked_extra=extra,
        masked_confirmed=confirmed,
        past=replace(state.past, vault=scrubber.vault),
        notes={"pseudonyms": len(scrubber.vault), "attachments": len(pictures)},
    )
