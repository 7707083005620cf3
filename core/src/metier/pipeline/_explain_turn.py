"""A turn that is to be explained, opened again as it was when its plan was made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from metier.crypto import SubjectRecords
from metier.model import Actor, BadRequest, Fact, Json, Message, MetierError, Request, Role, Turn
from metier.pipeline._admit import require_domain, with_stored
from metier.pipeline._identity import open_conversation
from metier.pipeline._memories import open_memories, open_rows
from metier.pipeline._retention import oldest_kept
from metier.pipeline._rows import ENDED
from metier.pipeline._state import Parts, Past, State
from metier.pipeline._subject import Stored, opened
from metier.profile import as_of, decode_fact, merge
from metier.profile.memory import MemoryIndex
from metier.store import Sought

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def missing() -> BadRequest:
    return BadRequest(
        "There is no such answer, or it is no longer kept.", code="answer_not_found", status=404
    )


async def reopened(
    parts: Parts, actor: Actor, subject: str, answer: str
) -> tuple[dict[str, Json], State]:
    """The record of a turn, and its state as it was after stage 3.

    Raises:
        BadRequest: 404 where there is no such answer of the subject, or it is no longer kept.
        MetierError: 409 where it was kept by a version that did not note enough.
    """
    row = await parts.store.turn_record(actor.tenant, answer)
    if row is None or row.subject != subject:
        raise missing()
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
