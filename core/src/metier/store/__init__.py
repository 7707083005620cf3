"""SQLModel tables, their migrations, and the one place that reads and writes them.

Content is sealed before it comes here: tables hold opaque ids and sealed bytes.
"""

from metier.store._records import (
    AuditBuild,
    AuditRow,
    Conflict,
    FeedbackCommit,
    SealedRow,
    StoreUnavailable,
    TurnCommit,
    TurnRow,
)
from metier.store._store import Store

__all__ = [
    "AuditBuild",
    "AuditRow",
    "Conflict",
    "FeedbackCommit",
    "SealedRow",
    "Store",
    "StoreUnavailable",
    "TurnCommit",
    "TurnRow",
]
