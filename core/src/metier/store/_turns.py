"""Conversations, vaults and turn records; work of one transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select

from metier.store import _subjects
from metier.store._audit import append
from metier.store._records import (
    SealedRow,
    SubjectChange,
    SubjectRows,
    TurnCommit,
    TurnRow,
)
from metier.store._sql import column, fields, given, of, put, run
from metier.store._tables import ChainRow, ConversationRow, TurnRecordRow, VaultRow

_TURN = ("turn", "subject", "conversation", "domain", "at", "sealed")


@dataclass(frozen=True, slots=True)
class ConversationRows:
    """What is stored of a conversation: its messages, and one actor's vault."""

    messages: bytes | None = None
    vault: bytes | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """How a request names its conversation; one of the three, or none."""

    conversation: str | None = None
    previous: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class TurnRows:
    """What a turn begins with.

    Args:
        subject: None where nothing is stored of the subject.
        conversation: the id of the conversation that was found.
        previous: the turn that was named.
    """

    subject: SubjectRows | None
    conversation: str | None
    rows: ConversationRows
    previous: TurnRow | None


@dataclass(frozen=True, slots=True)
class WholeSubject:
    """Everything stored of a subject.

    Args:
        messages: by conversation.
        vaults: by conversation and actor.
    """

    rows: SubjectRows
    feedback: tuple[SealedRow, ...]
    memory: tuple[SealedRow, ...]
    messages: Mapping[str, bytes]
    vaults: Mapping[tuple[str, str], bytes]
    turns: tuple[TurnRow, ...]


def commit(connection: Connection, turn: TurnCommit) -> None:
    """Writes everything a turn changed, its audit event included.

    Raises:
        Conflict: the subject has changed since the expected revision.
    """
    change = turn.change
    for event in turn.before:
        append(connection, change.tenant, event)
    _subjects.change(connection, change)
    who = {"tenant": change.tenant, "subject": change.subject}
    put(
        connection, VaultRow, **who, conversation=turn.conversation, actor=turn.actor,
        sealed=turn.vault, at=change.at,
    )  # fmt: skip
    put(
        connection, ConversationRow, **who, id=turn.conversation, sealed=turn.messages,
        at=change.at,
    )  # fmt: skip
    put(connection, ChainRow, **who, digest=turn.digest, conversation=turn.conversation)
    put(
        connection, TurnRecordRow, **who, turn=turn.turn, conversation=turn.conversation,
        domain=turn.domain, sealed=turn.record, at=change.at,
    )  # fmt: skip


_MESSAGES = fields(ConversationRow, "sealed").where(*given(ConversationRow, "tenant", "id"))
_VAULT = fields(VaultRow, "sealed").where(*given(VaultRow, "tenant", "conversation", "actor"))
_DIGEST = fields(ChainRow, "conversation").where(*given(ChainRow, "tenant", "digest"))


def start(
    connection: Connection, tenant: str, subject: str, actor: str, sought: Sought
) -> TurnRows:
    """What a turn begins with, read at one moment."""
    previous = turn_record(connection, tenant, sought.previous) if sought.previous else None
    found = sought.conversation
    if previous is not None:
        found = previous.conversation
    elif sought.digest:
        found = _of_digest(connection, tenant, sought.digest)
    rows = _conversation(connection, tenant, found, actor) if found else ConversationRows()
    return TurnRows(_subjects.load(connection, tenant, subject), found, rows, previous)


def _conversation(
    connection: Connection, tenant: str, conversation: str, actor: str
) -> ConversationRows:
    named = {"tenant": tenant, "conversation": conversation, "actor": actor}
    messages = run(connection, _MESSAGES, {"tenant": tenant, "id": conversation})
    return ConversationRows(
        messages.scalar_one_or_none(), run(connection, _VAULT, named).scalar_one_or_none()
    )


def whole(connection: Connection, tenant: str, subject: str) -> WholeSubject | None:
    """Everything stored of a subject, read at one moment; None where there is nothing."""
    rows = _subjects.load(connection, tenant, subject)
    if rows is None:
        return None
    messages = fields(ConversationRow, "id", "sealed").where(*of(ConversationRow, tenant, subject))
    vaults = fields(VaultRow, "conversation", "actor", "sealed").where(
        *of(VaultRow, tenant, subject)
    )
    return WholeSubject(
        rows,
        _subjects.feedback(connection, tenant, subject),
        _subjects.memory(connection, tenant, subject, None).rows,
        {row[0]: row[1] for row in connection.execute(messages)},
        {(row[0], row[1]): row[2] for row in connection.execute(vaults)},
        tuple(turn_records(connection, tenant, subject)),
    )


def _of_digest(connection: Connection, tenant: str, digest: str) -> str | None:
    asked = {"tenant": tenant, "digest": digest}
    found: str | None = run(connection, _DIGEST, asked).scalar_one_or_none()
    return found


def turn_record(connection: Connection, tenant: str, turn: str) -> TurnRow | None:
    query = fields(TurnRecordRow, *_TURN).where(
        column(TurnRecordRow, "tenant") == tenant, column(TurnRecordRow, "turn") == turn
    )
    found = connection.execute(query).first()
    return TurnRow(*found) if found else None


def turn_records(connection: Connection, tenant: str, subject: str) -> list[TurnRow]:
    """The subject's stored turns, oldest first."""
    query = fields(TurnRecordRow, *_TURN).where(*of(TurnRecordRow, tenant, subject))
    order = query.order_by(column(TurnRecordRow, "at"), column(TurnRecordRow, "turn"))
    return [TurnRow(*row) for row in connection.execute(order)]


@dataclass(frozen=True, slots=True)
class Expired:
    """What goes because it is older than the policy keeps it, or because somebody wishes so.

    Args:
        change: of the subject's roster, facts and feedback.
        conversations: ids whose messages, vaults and digests go.
        vaults: pairs of conversation and actor whose vaults alone go.
        turns_before: turn records from before this time go; seconds since 1970.
        turns: ids of turns whose records go.
    """

    change: SubjectChange
    conversations: tuple[str, ...] = ()
    vaults: tuple[tuple[str, str], ...] = ()
    turns_before: int = 0
    turns: tuple[str, ...] = ()


def expire(connection: Connection, expired: Expired) -> int:
    """Deletes what has expired of one subject; returns the number of rows.

    Raises:
        Conflict: the subject has changed since the expected revision.
    """
    change, count = expired.change, sum(map(len, expired.change.gone.values()))
    _subjects.change(connection, change)

    def remove(table: Any, *conditions: Any) -> int:
        where = of(table, change.tenant, change.subject)
        return connection.execute(delete(table).where(*where, *conditions)).rowcount

    ids = list(expired.conversations)
    count += remove(ConversationRow, column(ConversationRow, "id").in_(ids))
    count += remove(ChainRow, column(ChainRow, "conversation").in_(ids))
    for conversation_id, actor in expired.vaults:
        count += remove(
            VaultRow,
            column(VaultRow, "conversation") == conversation_id,
            column(VaultRow, "actor") == actor,
        )
    if expired.turns_before:
        count += remove(TurnRecordRow, column(TurnRecordRow, "at") < expired.turns_before)
    if expired.turns:
        count += remove(TurnRecordRow, column(TurnRecordRow, "turn").in_(expired.turns))
    return count


def oldest(connection: Connection, tenant: str, subject: str) -> int | None:
    """When the oldest turn record of a subject was written."""
    query = select(func.min(column(TurnRecordRow, "at"))).where(*of(TurnRecordRow, tenant, subject))
    found: int | None = connection.execute(query).scalar_one_or_none()
    return found
