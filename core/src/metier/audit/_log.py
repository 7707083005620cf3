"""Appending and verifying.

Each event's hash is SHA-256 over the previous hash and the event's canonical
JSON, so a changed, removed, added or reordered event breaks the chain (Schneier
and Kelsey, "Secure audit logs to support computer forensics", 1999). Cutting
off the end is found only against a checkpoint kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from metier.store import AuditBuild, AuditRow, Store

Detail = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """What happened, who did it, and to whom the data belongs. `detail` is content-free."""

    kind: str
    actor: str
    subject: str
    tenant: str
    detail: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether the chain holds; `first_bad` is the first event that doesn't fit."""

    ok: bool
    events: int
    first_bad: int | None = None


def _hash(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


def _seq(body: bytes) -> int | None:
    """The sequence number in a body; None where it is no event of ours."""
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return event.get("seq") if isinstance(event, dict) else None


class AuditLog:
    """The audit log over a store."""

    def __init__(self, store: Store, clock: Callable[[], datetime] | None = None) -> None:
        self._store = store
        self._clock = clock or (lambda: datetime.now(UTC))

    async def append(self, event: AuditEvent) -> AuditRow:
        """Appends an event durably.

        Raises:
            StoreUnavailable: where it could not be written; then what it announces must not happen.
        """
        return await self._store.append_audit(self.entry(event))

    def entry(self, event: AuditEvent) -> AuditBuild:
        """The event for a transaction of the store, which appends it with what it tells of.

        Its time is that of its place in the chain, so times never run backwards.
        """

        def build(seq: int, previous: bytes) -> tuple[bytes, bytes]:
            body = orjson.dumps(
                {
                    "seq": seq,
                    "time": self._clock().isoformat(),
                    "kind": event.kind,
                    "tenant": event.tenant,
                    "actor": event.actor,
                    "subject": event.subject,
                    "detail": dict(event.detail),
                },
                option=orjson.OPT_SORT_KEYS,
            )
            return _hash(previous, body), body

        return build

    async def verify(self) -> Verification:
        """Recomputes the chain from the first event."""
        previous, count = bytes(32), 0
        while rows := await self._store.audit_events(after=count):
            for row in rows:
                intact = (
                    row.seq == count + 1
                    and all(isinstance(v, bytes) for v in (row.previous, row.hash, row.body))
                    and hmac.compare_digest(row.previous, previous)
                    and hmac.compare_digest(row.hash, _hash(previous, row.body))
                    and _seq(row.body) == row.seq
                )
                if not intact:
                    return Verification(False, count, count + 1)
                previous, count = row.hash, row.seq
        return Verification(True, count)
