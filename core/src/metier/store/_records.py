"""What goes in and comes out of the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from metier.model import MetierError


class Conflict(MetierError):
    """Another change of the same subject was committed first; nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "The profile was changed by another turn at the same time; send the request again.",
            code="conflict",
            status=409,
        )


class StoreUnavailable(MetierError):
    """The database can't be used; nothing was written."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(
            f"The store is not available: {reason}. {mend}", code="store_unavailable", status=503
        )


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event of the audit log for its place in the chain of a tenant.

    Args:
        hash, mac, body: see `metier.audit`.
        kind, actor, subject, at, revision: an index of what the body says; `at` in
            milliseconds since 1970, `revision` where records of the subject changed.
    """

    hash: bytes
    mac: bytes
    body: bytes
    kind: str
    actor: str
    subject: str
    at: int
    revision: int | None = None


AuditBuild = Callable[[int, bytes], AuditEntry]
"""Makes an event for its place: (sequence number, previous hash) to entry."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One event of the audit log."""

    tenant: str
    seq: int
    previous: bytes
    hash: bytes
    mac: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class AuditIndex:
    """The columns by which events are found; the body is the truth."""

    seq: int
    kind: str
    actor: str
    subject: str
    at: int
    revision: int | None


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed statement of how a chain ended at some time."""

    tenant: str
    seq: int
    hash: bytes
    at: int
    public_key: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    """An API key: never the key, but the SHA-256 of its secret. Lists are JSON."""

    tenant: str
    id: str
    digest: bytes
    actor: str
    roles: str
    scopes: str
    may_act_for: str
    created: int
    expires: int | None = None
    revoked: int | None = None


@dataclass(frozen=True, slots=True)
class SealedRow:
    """An id and the sealed bytes kept under it."""

    id: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class AgedRow:
    """A sealed record and the time of the oldest of what is in it; seconds since 1970."""

    id: str
    sealed: bytes
    at: int


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record of a tenant, and the revision that it is sealed with."""

    revision: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SubjectRows:
    """What every turn needs of a subject, read in one transaction.

    Args:
        key_id: the newest key that the subject's roster was sealed with.
        newest: the newest audit event that tells of a change of the subject's records.
    """

    key_id: bytes
    revision: int
    roster: bytes
    facts: tuple[SealedRow, ...]
    plugin_states: tuple[SealedRow, ...]
    ledger: tuple[SealedRow, ...]
    newest: AuditRow | None


@dataclass(frozen=True, slots=True)
class MemoryRows:
    """Memory rows and the subject that they are of, read in one transaction."""

    subject: SubjectRows | None
    rows: tuple[SealedRow, ...]


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A stored turn: whose it is, and its sealed record."""

    turn: str
    subject: str
    conversation: str
    domain: str
    at: int
    sealed: bytes


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """A change of a subject's records and the event that tells it; all of it or nothing.

    Args:
        key_id, roster: the roster after the change, and the key that sealed it.
        expires: when the first of the subject's records expires, in seconds since 1970.
        facts, plugin_states, ledger, feedback, memory: records to be written, by id.
        conversations: records to be put in the place of those that are there.
        gone: ids of records to be deleted, by table.
    """

    tenant: str
    subject: str
    expected_revision: int
    key_id: bytes
    roster: bytes
    event: AuditBuild
    at: int
    facts: tuple[SealedRow, ...] = ()
    plugin_states: tuple[SealedRow, ...] = ()
    ledger: tuple[SealedRow, ...] = ()
    feedback: tuple[SealedRow, ...] = ()
    memory: tuple[AgedRow, ...] = ()
    conversations: tuple[SealedRow, ...] = ()
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TurnCommit:
    """Everything one turn changes.

    Args:
        change: of the subject's profile, plugin states and roster.
        digest: leads to the conversation, for clients that replay history.
        vault, messages, record: sealed.
        before: events that come before the turn's own.
    """

    change: SubjectChange
    actor: str
    turn: str
    domain: str
    conversation: str
    digest: str
    vault: bytes
    messages: bytes
    record: bytes
    before: tuple[AuditBuild, ...] = ()
