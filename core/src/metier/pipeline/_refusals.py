"""What a plugin was refused goes into the audit log."""

from __future__ import annotations

from metier.audit import AuditEvent, AuditLog
from metier.plugins import Refusal


async def note_refusal(audit: AuditLog, refusal: Refusal) -> None:
    """Records that a plugin reached for what its manifest doesn't declare.

    Raises:
        StoreUnavailable: it could not be recorded; then the turn ends.
    """
    await audit.append(
        AuditEvent(
            kind="purpose-refused",
            actor=f"plugin:{refusal.plugin}",
            subject=refusal.subject,
            tenant=refusal.tenant,
            detail={
                "plugin": refusal.plugin,
                "hook": refusal.hook,
                "kind": refusal.kind,
                "name": refusal.name,
                "turn": refusal.turn or None,
                "domain": refusal.domain or None,
            },
        )
    )
