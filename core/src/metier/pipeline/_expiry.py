"""What the policy no longer keeps: it isn't loaded, and it is purged."""

from __future__ import annotations

from datetime import timedelta

from metier.audit import AuditEvent
from metier.pipeline._state import Parts
from metier.store import AuditBuild


def oldest_kept(parts: Parts) -> int:
    """What was last used before this time (seconds since 1970) has expired; 0 for nothing."""
    kept = (parts.policy.retention(kind).days for kind in ("conversations", "turns"))
    days = min((each for each in kept if each is not None), default=None)
    return 0 if days is None else int((parts.clock() - timedelta(days=days)).timestamp())


async def purge(parts: Parts) -> int:
    """Deletes vaults, conversations and turn records that have expired, of every tenant.

    Returns:
        How many rows are gone; the audit log says so in the same transaction.

    Raises:
        StoreUnavailable: where they could not be deleted; then all are still there.
    """

    def event(count: int) -> AuditBuild:
        return parts.audit.entry(AuditEvent("purge", "metier", "", "", {"rows": count}))

    before = oldest_kept(parts)
    return await parts.store.purge(before, event) if before else 0
