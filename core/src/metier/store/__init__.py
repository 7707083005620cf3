"""SQLModel tables, their migrations, and the one place that reads and writes them.

Content is sealed before it comes here: tables hold opaque ids and sealed bytes.
"""

from metier.store._jobs import Durability
from metier.store._records import (
    AgedRow,
    ApiKeyRow,
    AuditBuild,
    AuditEntry,
    AuditIndex,
    AuditRow,
    CheckpointRow,
    Conflict,
    MemoryRows,
    SealedRecord,
    SealedRow,
    StoreUnavailable,
    SubjectChange,
    SubjectRows,
    TurnCommit,
    TurnRow,
)
from metier.store._rotation import Resealed, StaleRows
from metier.store._store import Store
from metier.store._tables import OF_SUBJECT, ChainRow, ConversationRow, SubjectRow
from metier.store._turns import ConversationRows, Expired, Sought, TurnRows, WholeSubject

__all__ = [
    "OF_SUBJECT",
    "AgedRow",
    "ApiKeyRow",
    "AuditBuild",
    "AuditEntry",
    "AuditIndex",
    "AuditRow",
    "ChainRow",
    "CheckpointRow",
    "Conflict",
    "ConversationRow",
    "ConversationRows",
    "Durability",
    "Expired",
    "MemoryRows",
    "Resealed",
    "SealedRecord",
    "SealedRow",
    "Sought",
    "StaleRows",
    "Store",
    "StoreUnavailable",
    "SubjectChange",
    "SubjectRow",
    "SubjectRows",
    "TurnCommit",
    "TurnRow",
    "TurnRows",
    "WholeSubject",
]
