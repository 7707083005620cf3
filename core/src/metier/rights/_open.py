"""A subject's records, opened for one right; and changes of them, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metier.access import Action
from metier.audit import AuditEvent
from metier.crypto import Change
from metier.model import Actor
from metier.pipeline import Parts, Stored, open_stored, open_tenant, permit
from metier.store import SubjectChange

Detail = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Opened:
    """What is stored of a subject, and who asks.

    Args:
        now: the time of the request.
    """

    parts: Parts
    actor: Actor
    subject: str
    stored: Stored
    now: datetime

    def event(self, kind: str, detail: Detail, revision: int | None = None) -> AuditEvent:
        return AuditEvent(kind, self.actor.id, self.subject, self.actor.tenant, detail, revision)

    async def write(self, change: Change, event: AuditEvent, **rows: Any) -> None:
        """Writes a change and its event.

        Raises:
            Conflict: a turn of the subject was faster.
        """
        await self.parts.store.change_subject(
            SubjectChange(
                tenant=self.actor.tenant,
                subject=self.subject,
                expected_revision=self.stored.records.revision,
                key_id=change.key_id,
                roster=change.sealed_roster(),
                event=self.parts.audit.entry(event),
                at=int(self.now.timestamp()),
                **rows,
            )
        )


async def open_for(parts: Parts, actor: Actor, subject: str | None, action: Action) -> Opened:
    """Opens a subject's records for an action.

    Raises:
        MetierError: 403, the actor may not do it; 503, the records can't be opened.
    """
    await open_tenant(parts, actor.tenant)
    chosen = await permit(parts, actor, subject, action)
    stored = await open_stored(parts, actor.tenant, chosen)
    return Opened(parts, actor, chosen, stored, parts.clock())
