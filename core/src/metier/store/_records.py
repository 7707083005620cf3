"""What goes in and comes out of the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from metier.model import MetierError

AuditBuild = Callable[[int, bytes], tuple[bytes, bytes]]
"""Makes an audit event for its place: (sequence number, previous hash) to (hash, body)."""


class Conflict(MetierError):
    """Another turn of the same subject was committed first; nothing was written."""

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
class SealedRow:
    """An id and the sealed bytes kept under it."""

    id: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A stored turn: whose it is, and its sealed record."""

    subject: str
    conversation: str
    domain: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One event of the audit log."""

    seq: int
    previous: bytes
    hash: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class TurnCommit:
    """Everything one turn changes, and the event that tells it; one transaction or nothing."""

    tenant: str
    subject: str
    actor: str
    turn: str
    domain: str
    conversation: str
    expected_revision: int
    digest: str
    vault: bytes
    messages: bytes
    record: bytes
    event: AuditBuild
    at: int
    """When, in seconds since 1970: what is older than the policy keeps is purged."""
    facts: tuple[SealedRow, ...] = ()
    retired_facts: tuple[str, ...] = ()
    plugin_states: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedbackCommit:
    """A judgement of a turn, what plugins learned from it, and the event that tells it."""

    tenant: str
    subject: str
    turn: str
    expected_revision: int
    sealed: bytes
    event: AuditBuild
    plugin_states: Mapping[str, bytes] = field(default_factory=dict)
