"""Why an answer came out as it did, and what would change without a cause.

The turn is prepared again from its sealed record: its message, the conversation before it,
what was believed then as far as it is still kept. Twice, with and without the cause, so
that a difference is the cause's alone. Nothing is learned or stored and no tool that
changes or sends anything runs; one event without content tells that somebody looked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from metier.audit import AuditEvent
from metier.model import Actor, BadRequest, Decision, Fact, Influence, Json, Verdict, Why
from metier.pipeline._admit import answer_language, permit
from metier.pipeline._anew import anew, cause_of, with_state
from metier.pipeline._commit import retried
from metier.pipeline._explain_change import composed, difference
from metier.pipeline._explain_turn import missing, reopened
from metier.pipeline._explanation import Assumption, Contender, Difference, Explanation, Unfitted
from metier.pipeline._influence import winner
from metier.pipeline._remember import why
from metier.pipeline._state import Parts, State
from metier.pipeline._subject import open_tenant

_CAUSE: Final = re.compile(
    r"(?:fact|memory|cohort|passage|feedback|vector|state):\S(?:.{0,198}\S)?"
)
_MOST: Final = 32
"""Causes that one request may leave out, and that are tried one by one."""


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
        raise missing()
    subject = await permit(parts, actor, row.subject, "read_turns")

    async def read() -> tuple[dict[str, Json], State]:
        return await reopened(parts, actor, subject, answer)

    record, state = await retried(read)
    detail: dict[str, str | int | bool] = {"turn": answer, "without": len(causes), "each": each}
    await parts.audit.append(AuditEvent("turn-explained", actor.id, subject, actor.tenant, detail))
    if not record["outgoing"]:
        return _stopped(record, state, causes)
    base = await anew(state)
    found = await _explained(record, base)
    noted = with_state(base)
    text = await composed(base) if causes or each or noted else None
    by_state = [await difference(state, base, text, (f"state:{n}",)) for n in noted]
    by_state = [d for d in by_state if d.plan or d.answer]
    found = replace(found, states=tuple(d.without[0].removeprefix("state:") for d in by_state))
    if causes:
        found = replace(found, change=await difference(state, base, text, causes))
    if each:
        named = cited(found.why)
        tried = [*((cause,) for cause in named), *_alike(found.why)]
        effects = [await difference(state, base, text, one) for one in tried[:_MOST]]
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
