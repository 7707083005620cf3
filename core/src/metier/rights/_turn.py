"""One turn that is kept: to read it again, and to have it deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from metier.access import Action
from metier.audit import AuditEvent
from metier.model import (
    Actor,
    BadRequest,
    Citation,
    Decision,
    Json,
    Message,
    ToolCall,
    Usage,
    Verdict,
)
from metier.pipeline import (
    BLOCK,
    PERSON,
    UNDO,
    Parts,
    forget_turn,
    oldest_kept,
    open_conversation,
    open_rows,
    open_tenant,
    opened,
    permit,
    retried,
)
from metier.rights._limits import check_not_held
from metier.rights._open import Opened
from metier.store import Conflict, Expired, Sought, SubjectChange, TurnRow

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """What is kept of a turn; None where the record doesn't tell it.

    Args:
        at: seconds since 1970.
        conversation: its id.
        message: what was said.
        trail: calls of tools and their results that came with the message; empty where the
            conversation is no longer kept.
        answer: its text.
        created: seconds since 1970 when its request came; `at` is when the turn began.
    """

    id: str
    at: int
    domain: str
    conversation: str
    message: str
    answer: str
    verdicts: tuple[Verdict, ...] = ()
    trail: tuple[Message, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    finish: str | None = None
    usage: Usage | None = None
    language: str | None = None
    engine: str | None = None
    citations: tuple[Citation, ...] = ()
    created: int = 0


async def read_turn(parts: Parts, actor: Actor, subject: str | None, turn: str) -> StoredTurn:
    """What is kept of a turn, for whoever may read the subject's turns.

    Args:
        subject: whose turn it is; the actor's own where None.

    Raises:
        BadRequest: 404, the subject has no such turn, or it is no longer kept.
        MetierError: 403, the actor may not read the subject's turns.
    """
    row = await _row(parts, actor, subject, "read_turns", turn)
    sought = Sought(conversation=row.conversation)
    found = await parts.store.start_turn(actor.tenant, row.subject, actor.id, sought)
    records = (await opened(parts, actor.tenant, row.subject, found.subject)).records
    record = orjson.loads(records.open("turn_record", turn, row.sealed))
    past = open_conversation(records, found.rows, actor, record["conversation"], oldest_kept(parts))
    own = [m for m, its in zip(past.messages, past.turns, strict=False) if its == turn]
    await parts.audit.append(
        AuditEvent("turn-read", actor.id, row.subject, actor.tenant, {"turn": turn})
    )
    return _told(turn, record, tuple(own[1:-1]))


def _told(turn: str, record: Mapping[str, Json], trail: tuple[Message, ...]) -> StoredTurn:
    usage = record.get("usage")
    return StoredTurn(
        turn,
        record["at"],
        record["domain"],
        record["conversation"],
        record["message"],
        record["answer"],
        tuple(Verdict(**{**v, "decision": Decision(v["decision"])}) for v in record["verdicts"]),
        trail,
        tuple(ToolCall(*call) for call in record.get("calls", ())),
        record.get("finish"),
        Usage(*usage) if usage else None,
        record.get("language"),
        record.get("engine"),
        tuple(Citation(**each) for each in record.get("citations", ())),
        record.get("created", record["at"]),
    )


async def erase_turn(parts: Parts, actor: Actor, subject: str | None, turn: str) -> None:
    """Deletes a turn: its record, its feedback, its words in conversations and memories.

    Facts that were learnt in it stay until they are forgotten by themselves.

    Args:
        subject: whose turn it is; the actor's own where None.

    Raises:
        BadRequest: 404, the subject has no such turn, or it is no longer kept.
        MetierError: 403, the actor may not erase the subject's data; 409, a legal hold is on it.
    """

    async def work() -> None:
        row = await _row(parts, actor, subject, "erase", turn)
        expired = await _erased(parts, actor, row)
        await parts.store.expire(expired)
        parts.memories.forget(actor.tenant, row.subject)  # what is open still holds it

    await retried(work)


async def _row(
    parts: Parts, actor: Actor, subject: str | None, action: Action, turn: str
) -> TurnRow:
    """The turn, if it is of the subject and the actor may do this with it.

    Another subject's turn and one that never was are told apart by nobody: permission is asked
    for the subject that is named, before anything is looked for.
    """
    await open_tenant(parts, actor.tenant)
    chosen = await permit(parts, actor, subject, action)
    row = await parts.store.turn_record(actor.tenant, turn) if _ID.fullmatch(turn) else None
    if row is None or row.subject != chosen:
        raise BadRequest(
            "There is no such answer: it was not stored, is no longer kept, or is not of the "
            "subject that this request is about.",
            code="answer_not_found",
            status=404,
        )
    return row


async def _erased(parts: Parts, actor: Actor, row: TurnRow) -> Expired:
    """What goes with a turn.

    Raises:
        Conflict: another turn of the subject was faster.
        MetierError: 409, a legal hold is on the subject's data.
    """
    tenant, subject, turn = actor.tenant, row.subject, row.turn
    whole = await parts.store.whole_subject(tenant, subject)
    if whole is None:
        raise Conflict
    stored = await opened(parts, tenant, subject, whole.rows)
    records = stored.records
    check_not_held(records.roster.held)
    memory = await open_rows(parts, records, (BLOCK, PERSON, UNDO))
    conversations = records.open_all("conversation", whole.messages.items())
    change = records.change()
    gone = forget_turn(change, records, turn, memory, conversations, parts.terms())
    vaults = tuple(place for place in whole.vaults if place[0] in gone.empty)
    for conversation, owner in vaults:
        change.remove("vault", f"{conversation}/{owner}")
    judged = (turn,) if records.entry("feedback", turn) else ()
    for each in judged:
        change.remove("feedback", each)
    asked = Opened(parts, actor, subject, stored, parts.clock())
    event = asked.event(
        "turn-erase",
        {
            "turn": turn,
            "conversations": len(gone.conversations) + len(gone.empty),
            "memory": len(gone.memory.rows) + len(gone.memory.gone),
            "feedback": len(judged),
        },
        change.revision,
    )
    return Expired(
        SubjectChange(
            tenant=tenant,
            subject=subject,
            expected_revision=records.revision,
            key_id=change.key_id,
            roster=change.sealed_roster(),
            event=parts.audit.entry(event),
            at=int(asked.now.timestamp()),
            memory=gone.memory.rows,
            conversations=gone.conversations,
            gone={"feedback": judged, "memory": gone.memory.gone},
        ),
        conversations=gone.empty,
        vaults=vaults,
        turns=(turn,),
    )
