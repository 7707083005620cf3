"""What is known of a person, what was, and where each line is from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from metier.access import Action
from metier.audit import AuditEvent
from metier.model import Actor, BadRequest, Fact, MetierError
from metier.pipeline._admit import outside_turn
from metier.pipeline._commit import retried
from metier.pipeline._memories import open_rows
from metier.pipeline._rows import ENDED
from metier.pipeline._state import Parts, State
from metier.profile import as_of, current, decode_fact, fold


@dataclass(frozen=True, slots=True)
class Known:
    """A profile at one revision.

    Args:
        facts: what is believed now.
        revision: of the person's records; name it to change just this state.
        not_restored: after taking a change back, plugins of whose entries not all are there
            again: the plugin is not loaded as it was, or something else has come there since.
    """

    facts: tuple[Fact, ...]
    revision: int
    not_restored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact is from, and what became of it.

    Args:
        words: the person's own, where they are still kept.
        before: what was believed of the slot earlier.
    """

    fact: Fact
    words: str
    domain: str
    conversation: str
    before: tuple[Fact, ...]
    collected_by: str
    consent: str


def some_domain(parts: Parts) -> str:
    """A domain, where any will do.

    Raises:
        MetierError: there is none that works.
    """
    domains = sorted(parts.registry.domains)
    if not domains:
        raise MetierError(
            "No domain is installed that works, so profiles can't be opened. Install one, or see "
            "`metier plugins`.",
            code="no_domain",
            status=503,
        )
    return domains[0]


async def opened(parts: Parts, actor: Actor, subject: str | None, action: Action) -> State:
    """A state with the subject's facts; they are of no domain, so any will do."""
    return await outside_turn(parts, actor, subject, some_domain(parts), action)


def event(
    state: State, kind: str, detail: Mapping[str, str | int | None], revision: int | None = None
) -> AuditEvent:
    turn = state.turn
    return AuditEvent(
        kind, state.request.actor.id, turn.subject, turn.tenant, dict(detail), revision
    )


async def known(parts: Parts, actor: Actor, subject: str | None = None) -> Known:
    """What is believed of the subject now."""
    state = await opened(parts, actor, subject, "read_profile")
    await parts.audit.append(event(state, "profile-read", {"facts": len(state.known)}))
    return Known(current(state.known, state.turn.now), state.records.revision)


async def history(
    parts: Parts,
    actor: Actor,
    subject: str | None = None,
    *,
    valid: datetime | None = None,
    believed: datetime | None = None,
) -> list[Fact]:
    """What was ever known of the subject, oldest first; or what history tells of a moment.

    Args:
        valid: "where did she live in May?"
        believed: "what did we believe in May?"
    """

    async def read() -> list[Fact]:
        state = await opened(parts, actor, subject, "read_profile")
        ended = await _ended(parts, state)
        await parts.audit.append(event(state, "profile-read", {"history": len(ended)}))
        if valid is None and believed is None:
            return sorted((*state.known, *ended), key=_learned)
        return list(as_of(state.known, ended, valid=valid, believed=believed))

    return await retried(read)


async def origin(parts: Parts, actor: Actor, subject: str | None, fact_id: str) -> Origin:
    """Where a fact is from: the words, the rule that found it, what it replaced.

    Raises:
        BadRequest: 404, where the subject has no such fact.
    """

    async def read() -> Origin:
        state = await opened(parts, actor, subject, "read_profile")
        ended = await _ended(parts, state)
        fact = find((*state.known, *ended), fact_id)
        words, conversation = await _words(parts, state, fact)
        before = tuple(
            f for f in sorted(ended, key=_learned)
            if (f.slot, fold(f.about)) == (fact.slot, fold(fact.about)) and f.id != fact.id
        )  # fmt: skip
        await parts.audit.append(event(state, "profile-read", {"facts": 1}))
        domain = fact.provenance.domain
        return Origin(
            fact, words, domain, conversation, before,
            parts.policy.may_learn(fact.category, domain).rule,
            parts.policy.consent(fact.category, domain).rule,
        )  # fmt: skip

    return await retried(read)


async def _words(parts: Parts, state: State, fact: Fact) -> tuple[str, str]:
    """The words that a fact was found in, and their conversation, where they are kept."""
    where = fact.provenance
    if where.turn is None:
        return "", ""
    row = await parts.store.turn_record(state.turn.tenant, where.turn)
    if row is None or row.subject != state.turn.subject:
        return "", ""
    record = orjson.loads(state.records.open("turn_record", row.turn, row.sealed))
    message: str = record["message"]
    return message[where.start : where.end] if where.end else message, record["conversation"]


async def _ended(parts: Parts, state: State) -> list[Fact]:
    rows = await open_rows(parts, state.records, [ENDED])
    return [decode_fact(data) for data in rows.values()]


def _learned(fact: Fact) -> float:
    return fact.learned_at.timestamp() if fact.learned_at else 0.0


def find(facts: Sequence[Fact], fact_id: str) -> Fact:
    for fact in facts:
        if fact.id == fact_id:
            return fact
    raise BadRequest("There is no such fact.", code="fact_not_found", status=404, param="id")
