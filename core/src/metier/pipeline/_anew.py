"""A turn prepared anew, as if something of the person had not been known. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from metier.model import Fact, Plan, Segment, Volatility
from metier.pipeline._admit import answer_language
from metier.pipeline._prepare import assemble, retrieve
from metier.pipeline._recall import recall
from metier.pipeline._segments import HEADINGS
from metier.pipeline._state import State

_KINDS = {
    Volatility.COHORT: "assumed", Volatility.CONSTRAINTS: "constraint",
    Volatility.PROFILE: "fact", Volatility.PASSAGES: "restated",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a plan.

    Args:
        kind: "assumed", "constraint", "fact", "restated", "memory", "passage", "hint",
            "instruction" or "tool".
        text: as it stands in the plan.
        ref: what it is of: "fact:ID", "cohort:NAME", "memory:ID" or "passage:ID"; else "".
    """

    kind: str
    text: str
    ref: str = ""


async def anew(state: State, without: frozenset[str] = frozenset()) -> State:
    """Recalls, retrieves and assembles again, without what is named.

    Learning isn't done again and no tool is called. What a plugin has made of a fact in its own
    state stays unless that is named, and so do the words in which the fact was said.

    Args:
        state: a turn that has been through stage 3.
        without: "fact:ID", "memory:ID", "cohort:NAME", "passage:ID", "state:PLUGIN".
    """
    assert state.merge is not None

    def kept(facts: Iterable[Fact]) -> tuple[Fact, ...]:
        return tuple(f for f in facts if not f.id or f"fact:{f.id}" not in without)

    state = replace(
        state,
        without=without,
        asked_slots=[],
        known=kept(state.known),
        states={n: s for n, s in dict(state.states).items() if f"state:{n}" not in without},
        merge=replace(state.merge, facts=kept(state.merge.facts)),
        past=replace(state.past, facts=kept(state.past.facts)),
    )
    state = state.with_turn(
        facts=(), memories=(), passages=(), strategy=None, language=answer_language(state)
    )
    return await assemble(await retrieve(await recall(state)))


def with_state(state: State) -> tuple[str, ...]:
    """The plugins of this turn that have a state of the person."""
    plugins = (state.turn.domain, *state.parts.extensions)
    return tuple(n for n in plugins if dict(state.states).get(n))


async def used(state: State) -> tuple[Fact, ...]:
    """The facts that shaped the plan, in the order they are known.

    Those in it, and of the others that hooks asked for only what changes it: a hook may look
    at a slot and not go by it.
    """
    if state.plan is None:
        return ()
    planned, asked = set(state.plan.facts), state.asked_slots
    looked = [
        f for f in state.turn.facts
        if f not in planned and f.slot in asked and not f.about and f.id
    ]  # fmt: skip
    shaping = planned | await _shaping(state, looked)
    return tuple(f for f in state.turn.facts if f in shaping)


async def _shaping(state: State, looked: Sequence[Fact]) -> set[Fact]:
    """Which of these facts change the plan; mostly none does, and one run tells."""
    before = gist(state)
    if not looked or gist(await anew(state, frozenset(map(cause_of, looked)))) == before:
        return set()
    return {f for f in looked if gist(await anew(state, frozenset({cause_of(f)}))) != before}


def gist(state: State) -> tuple[object, ...]:
    """What of a prepared turn reaches the engine or is told of it."""
    assert state.plan is not None
    return pieces(state.plan), state.turn.strategy, state.turn.language


def pieces(plan: Plan) -> tuple[Piece, ...]:
    """The plan without the conversation itself, and without headings."""
    talk = (Volatility.HISTORY, Volatility.MESSAGE)
    said = (s for s in plan.segments if s.volatility not in talk and s.text not in HEADINGS)
    found = [_piece(s) for s in said]
    return (*found, *(Piece("tool", tool.name) for tool in plan.tools))


def _piece(segment: Segment) -> Piece:
    if segment.passage is not None:
        return Piece("passage", segment.text, f"passage:{segment.passage.id}")
    if segment.memory is not None:
        return Piece("memory", segment.text, f"memory:{segment.memory.id}")
    if segment.fact is not None:
        fact = segment.fact
        return Piece(_KINDS.get(segment.volatility, "fact"), segment.text, cause_of(fact))
    hint = segment.owner == "core" and segment.volatility is Volatility.PASSAGES
    return Piece("hint" if hint else "instruction", segment.text)


def cause_of(fact: Fact) -> str:
    """The name by which a fact is left out: its own, or that of the group it is assumed for."""
    if fact.provenance.source == "cohort":
        return fact.provenance.extractor
    return f"fact:{fact.id}"
