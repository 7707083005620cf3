"""Why an answer came out as it did, and what would change without a cause.

The turn is prepared again from its sealed record: its message, the conversation before it,
what was believed then as far as it is still kept. Twice, with and without the cause, so
that a difference is the cause's alone. Nothing is learned or stored and no tool that
changes or sends anything runs; one event without content tells that somebody looked.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from metier.audit import AuditEvent, AuditLog
from metier.crypto import SubjectRecords
from metier.model import (
    Actor,
    BadRequest,
    Decision,
    Fact,
    Influence,
    Json,
    Message,
    MetierError,
    Request,
    Role,
    TextDelta,
    Turn,
    Verdict,
    Why,
)
from metier.pipeline._admit import answer_language, permit, require_domain, with_stored
from metier.pipeline._anew import Piece, anew, cause_of, gist, pieces, with_state
from metier.pipeline._commit import retried
from metier.pipeline._identity import open_conversation
from metier.pipeline._influence import winner
from metier.pipeline._memories import open_memories, open_rows
from metier.pipeline._prepare import pseudonymise
from metier.pipeline._remember import why
from metier.pipeline._retention import oldest_kept
from metier.pipeline._rows import ENDED
from metier.pipeline._state import Parts, Past, State
from metier.pipeline._subject import Stored, open_tenant, opened
from metier.pipeline._trace import Recorder
from metier.pipeline._turn import Outputs
from metier.profile import as_of, decode_fact, merge
from metier.profile.memory import MemoryIndex
from metier.store import AuditRow, Sought

_CAUSE: Final = re.compile(
    r"(?:fact|memory|cohort|passage|feedback|vector|state):\S(?:.{0,198}\S)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST: Final = 32
"""Causes that one request may leave out, and that are tried one by one."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What the plan, and where no model is asked the answer, would be without something.

    Args:
        without: what was left out.
        gone, new: pieces that the plan has with it alone, and without it alone.
        moved: the pieces of both have another order.
        strategy, language: with and without it, where these differ.
        answer: with and without it, where these differ.
        compared: whether answers were compared. A model isn't asked again.
    """

    without: tuple[str, ...]
    gone: tuple[Piece, ...] = ()
    new: tuple[Piece, ...] = ()
    moved: bool = False
    strategy: tuple[str | None, str | None] | None = None
    language: tuple[str, str] | None = None
    answer: tuple[str, str] | None = None
    compared: bool = False

    @property
    def plan(self) -> bool:
        """Whether the plan would be another."""
        return bool(self.gone or self.new or self.moved or self.strategy or self.language)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What was assumed of the person for their group; `share` of it, where it was counted."""

    slot: str
    value: str
    cohort: str
    title: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Unfitted:
    """A fact that was used, but by which nothing was fitted to the person, and the rules."""

    fact: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contender:
    """A way of answering: its own score, and what fits the person added to it."""

    name: str
    own: float
    personal: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer came out as it did. It holds content, for the person it is about.

    Args:
        answer: the id of the answer.
        said: the person's message.
        answered: the text of the answer.
        reached: False where a check ended the turn, or the core answered itself: then nothing
            of the person was used.
        why: as of the plan that was made again; without the outgoing words.
        differs: what is otherwise in that plan than it was then, of "facts", "memories",
            "passages" and "strategy": the person has forgotten or changed something since.
        change: what would be without the causes that were named.
        effects: the same for each cause by itself, where that was asked for, and for all facts
            of one slot together.
        untried: how many more there would be.
        states: plugins whose own state of the person made a difference: what they have noted
            or counted themselves.
    """

    answer: str
    at: datetime
    domain: str
    language: str
    said: str
    answered: str
    reached: bool
    why: Why
    verdicts: tuple[Verdict, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    contest: tuple[Contender, ...] = ()
    unfitted: tuple[Unfitted, ...] = ()
    differs: tuple[str, ...] = ()
    change: Difference | None = None
    effects: tuple[Difference, ...] = ()
    untried: int = 0
    states: tuple[str, ...] = ()

    def text(self, language: str | None = None) -> str:
        """In plain words, in English ("en") or Chinese ("zh"); that of the answer where None."""
        from metier.pipeline._explain_words import told

        return told(self, language or self.language)


async def explain(
    parts: Parts,
    actor: Actor,
    answer: str,
    *,
    without: Sequence[str] = (),
    each: bool = False,
) -> Explanation:
    """Explains an answer to whoever may read the turn: the person, or by `read_turns`.

    Args:
        answer: its id.
        without: causes to leave out together, as "fact:ID", "memory:ID", "cohort:NAME",
            "passage:ID", "feedback:strategy:NAME", "feedback:tag:NAME", "vector:style" or
            "state:PLUGIN".
        each: try every cause that the explanation names, one by one.

    Raises:
        BadRequest: a cause is none; 404 where there is no such answer, or it is no longer kept.
        MetierError: 403 where the actor may not read it.
    """
    causes = _causes(without)
    await open_tenant(parts, actor.tenant)
    row = await parts.store.turn_record(actor.tenant, answer)
    if row is None:
        raise _missing()
    subject = await permit(parts, actor, row.subject, "read_turns")

    async def read() -> tuple[dict[str, Json], State]:
        return await _reopened(parts, actor, subject, answer)

    record, state = await retried(read)
    detail: dict[str, str | int | bool] = {"turn": answer, "without": len(causes), "each": each}
    await parts.audit.append(AuditEvent("turn-explained", actor.id, subject, actor.tenant, detail))
    if not record["outgoing"]:
        return _stopped(record, state, causes)
    base = await anew(state)
    found = await _explained(record, base)
    noted = with_state(base)
    text = await _composed(base) if causes or each or noted else None
    by_state = [await _difference(state, base, text, (f"state:{n}",)) for n in noted]
    by_state = [d for d in by_state if d.plan or d.answer]
    found = replace(found, states=tuple(d.without[0].removeprefix("state:") for d in by_state))
    if causes:
        found = replace(found, change=await _difference(state, base, text, causes))
    if each:
        named = cited(found.why)
        tried = [*((cause,) for cause in named), *_alike(found.why)]
        effects = [await _difference(state, base, text, one) for one in tried[:_MOST]]
        found = replace(found, effects=(*effects, *by_state), untried=max(0, len(tried) - _MOST))
    return found


def cited(why: Why) -> tuple[str, ...]:
    """Every cause that an explanation names and that a run can leave out."""
    named = [cause_of(f) for f in why.used]
    named += [f"cohort:{name}" for name in why.cohorts]
    named += [f"memory:{m.id}" for m in why.memories]
    named += [f"passage:{p.id}" for p in why.passages]
    named += [c for i in why.influences if not i.what.startswith("question:") for c in i.because]
    return tuple(dict.fromkeys(c for c in named if _CAUSE.fullmatch(c)))


def _alike(why: Why) -> list[tuple[str, ...]]:
    """Facts that say something of one slot, together: one may stand in for another."""
    slots: dict[tuple[str, str], list[str]] = {}
    for fact in why.used:
        if fact.provenance.source != "cohort":
            slots.setdefault((fact.slot, fact.about), []).append(cause_of(fact))
    return [tuple(causes) for causes in slots.values() if len(causes) > 1]


def _causes(without: Sequence[str]) -> tuple[str, ...]:
    for cause in without:
        if not _CAUSE.fullmatch(cause):
            raise BadRequest(
                "`without` names what to leave out as fact:ID, memory:ID, cohort:NAME, "
                "passage:ID, feedback:KIND:NAME, vector:NAME or state:PLUGIN; the explanation "
                "shows the names.",
                param="without",
            )
    if len(without) > _MOST:
        raise BadRequest(f"`without` names more than {_MOST} causes.", param="without")
    return tuple(dict.fromkeys(without))


def _missing() -> BadRequest:
    return BadRequest(
        "There is no such answer, or it is no longer kept.", code="answer_not_found", status=404
    )


# --- the turn, opened again -----------------------------------------------------------------


async def _reopened(
    parts: Parts, actor: Actor, subject: str, answer: str
) -> tuple[dict[str, Json], State]:
    """The record of a turn, and its state as it was after stage 3."""
    row = await parts.store.turn_record(actor.tenant, answer)
    if row is None or row.subject != subject:
        raise _missing()
    found = await parts.store.start_turn(
        actor.tenant, subject, actor.id, Sought(conversation=row.conversation)
    )
    stored = await opened(parts, actor.tenant, subject, found.subject)
    record = orjson.loads(stored.records.open("turn_record", answer, row.sealed))
    if "now" not in record:
        raise MetierError(
            "The answer was kept by an earlier version, which did not note what an explanation "
            "needs.",
            code="not_explainable",
            status=409,
        )
    then = datetime.fromisoformat(record["now"])
    index = await _earlier(parts, stored.records, answer, then)
    ended = await open_rows(parts, stored.records, [ENDED])
    past = open_conversation(
        stored.records, found.rows, actor, record["conversation"], oldest_kept(parts)
    )
    facts = _believed(stored.facts, [decode_fact(data) for data in ended.values()], then)
    state = _state(parts, actor, subject, answer, record, stored, past, facts, then)
    return record, replace(state, earlier=index)


async def _earlier(
    parts: Parts, records: SubjectRecords, answer: str, then: datetime
) -> MemoryIndex | None:
    """What had been said before the turn."""
    index = await open_memories(parts, records)
    held = parts.memories.get(records.keys.tenant, records.keys.subject)
    at = (then - _EPOCH) // timedelta(microseconds=1)
    later = frozenset(
        block.ids[n]
        for block in (held.blocks.values() if held else ())
        for n in range(len(block))
        if block.at[n] > at or block.columns["turn"][n] == answer
    )
    if index is None or not later:
        return index
    return await asyncio.to_thread(index.without, later)


def _believed(known: Sequence[Fact], ended: Sequence[Fact], then: datetime) -> tuple[Fact, ...]:
    """What was believed at a moment, also what held no longer; never what was forgotten since."""
    told = as_of(known, ended, believed=then)
    ids = {f.id for f in told}
    lapsed = [
        f for f in known
        if f.id not in ids and f.unlearned_at is None
        and (f.learned_at is None or f.learned_at <= then)
    ]  # fmt: skip
    return (*told, *lapsed)


def _state(
    parts: Parts,
    actor: Actor,
    subject: str,
    answer: str,
    record: Mapping[str, Json],
    stored: Stored,
    past: Past,
    facts: tuple[Fact, ...],
    then: datetime,
) -> State:
    domain, message = record["domain"], record["message"]
    own = [m for m, turn in zip(past.messages, past.turns, strict=False) if turn == answer]
    first = past.turns.index(answer) if answer in past.turns else 0
    minor = past.minor and parts.policy.minors.below is not None
    private = record["private"] or minor or stored.records.roster.restricted
    asked = own[0] if own and own[0].role is Role.USER else Message(Role.USER, message)
    turn = Turn(
        answer, actor.tenant, subject, domain, past.id, message, then,
        history=past.messages[:first], private=private,
    )  # fmt: skip
    state = State(
        parts, Request(domain, (asked,), actor, subject, store=False), turn,
        parts.registry.host(domain, parts.extensions).apart(), require_domain(parts, domain),
        stored.records, past, trail=tuple(own[1:-1]), continued=len(own) > 2,
    )  # fmt: skip
    state = with_stored(state, stored)
    known = () if private else facts
    return replace(
        state,
        known=known,
        states={} if private else {**dict(stored.states), **record["states"]},
        merge=merge(known, (), then),
        found=tuple(f for f in known if f.provenance.turn == answer),
        passing=tuple(f for f in past.facts if f.provenance.turn == answer),
    )


# --- what it shows --------------------------------------------------------------------------


def _verdicts(record: Mapping[str, Json]) -> tuple[Verdict, ...]:
    return tuple(
        Verdict(**{**raw, "decision": Decision(raw["decision"])}) for raw in record["verdicts"]
    )


def _stopped(record: Mapping[str, Json], state: State, causes: tuple[str, ...]) -> Explanation:
    """An answer that no plan was made for."""
    turn = state.turn
    return Explanation(
        turn.id, turn.now.replace(microsecond=0), turn.domain, answer_language(state),
        turn.message, record["answer"], False, Why(), _verdicts(record),
        change=Difference(causes) if causes else None,
    )  # fmt: skip


async def _explained(record: Mapping[str, Json], base: State) -> Explanation:
    turn, plan = base.turn, base.plan
    assert plan is not None
    shown = await why(base)
    asked = tuple(_influence(i) for i in record["influences"] if i["what"].startswith("question:"))
    shown = replace(
        shown, learned=base.found, influences=(*shown.influences, *asked), engine="", target=""
    )
    best = winner(base.contest, base.personal)
    contest = [
        Contender(s.name, round(own, 4), round(base.personal.strategy(s.name), 4), s is best)
        for s, own in base.contest
        if own > 0
    ]
    then = {
        "facts": set(record["facts"]) ^ {f.id for f in shown.used},
        "memories": set(record["memories"]) ^ {m.id for m in shown.memories},
        "passages": set(record["passages"]) ^ {p.id for p in shown.passages},
        "strategy": record["strategy"] != shown.strategy,
    }
    return Explanation(
        turn.id, turn.now.replace(microsecond=0), turn.domain, turn.language, turn.message,
        record["answer"], True, shown, _verdicts(record),
        assumed=tuple(
            Assumption(a.fact.slot, a.fact.value, a.cohort,
                       a.title.get(turn.language) or a.title.get("en", ""), a.share)
            for a in base.group.start.facts
        ),
        unfitted=_unfitted(base, shown.used),
        contest=tuple(sorted(contest, key=lambda c: (not c.chosen, -(c.own + c.personal)))),
        differs=tuple(name for name, other in then.items() if other),
    )  # fmt: skip


def _unfitted(base: State, shown: Sequence[Fact]) -> tuple[Unfitted, ...]:
    kept: dict[str, list[str]] = {}
    for each in base.personal.withheld:
        kept.setdefault(each.fact, []).append(each.rule)
    return tuple(
        Unfitted(f.id, tuple(dict.fromkeys(kept[f.id]))) for f in shown if f.id and f.id in kept
    )


def _influence(raw: Mapping[str, Json]) -> Influence:
    return Influence(raw["what"], raw["by"], tuple(raw["because"]), raw["words"])


# --- what would change ----------------------------------------------------------------------


async def _difference(
    state: State, base: State, text: str | None, causes: tuple[str, ...]
) -> Difference:
    """What a run without the causes has otherwise."""
    other = await anew(state, frozenset(causes))
    assert base.plan is not None and other.plan is not None
    with_, less = pieces(base.plan), pieces(other.plan)
    both = Counter(with_) & Counter(less)
    before, after = base.turn, other.turn
    strategy, language = (before.strategy, after.strategy), (before.language, after.language)
    changed = gist(base) != gist(other)
    now = text
    # What review holds against an answer may rest on a fact that the plan had no room for.
    other_input = base.turn.facts != other.turn.facts or base.states != other.states
    if text is not None and (changed or other_input):
        now = await _composed(other)
    answer = (text, now) if text is not None and now is not None and text != now else None
    return Difference(
        causes,
        gone=_more(with_, less),
        new=_more(less, with_),
        moved=[p for p in with_ if p in both] != [p for p in less if p in both],
        strategy=strategy if strategy[0] != strategy[1] else None,
        language=language if language[0] != language[1] else None,
        answer=answer,
        compared=text is not None and now is not None,
    )


def _more(one: Sequence[Piece], other: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces that one plan has and the other hasn't, each as often."""
    left = Counter(one) - Counter(other)
    found = []
    for piece in one:
        if left[piece] > 0:
            left[piece] -= 1
            found.append(piece)
    return tuple(found)


class _Quiet(AuditLog):
    """Takes no events: nothing goes out and nothing is done in a run that only compares."""

    async def append(self, event: AuditEvent) -> AuditRow:
        return AuditRow(event.tenant, 0, b"", b"", b"", b"")


async def _composed(state: State) -> str | None:
    """The text that the engine without a model makes of a plan; None where a model answers.

    Tools that send anything anywhere are left out, and those that change anything only ask.
    """
    parts = state.parts
    if (parts.engine.name, parts.engine.target) != ("grounded", "local"):
        return None
    assert state.plan is not None
    plan = replace(
        state.plan,
        tools=tuple(replace(t, call=None) if t.targets else t for t in state.plan.tools),
    )
    quiet = replace(parts, audit=_Quiet(parts.store, parts.keyring, parts.clock))
    recorder = Recorder(state.turn.domain)
    try:
        ready = await pseudonymise(replace(state, parts=quiet, plan=plan))
        outputs = Outputs(recorder, ready)
        async for _ in outputs.batches():
            pass
        rest = await outputs.close()
    except MetierError as error:
        # A plugin may fail where something it counts on is left out; what was refused to go
        # out is refused here as well. Both say nothing of the plan, which stands.
        if error.code not in ("compose_failed", "egress_blocked", "egress_unchecked"):
            raise
        return None
    finally:
        recorder.end()
    texts = outputs.texts()
    return texts.get(0) or "".join(e.text for e in rest if isinstance(e, TextDelta))
