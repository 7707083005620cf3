"""The audit log: hash-chained and authenticated from the first event, signed, content-free."""

from metier.audit._chain import Finding, Report, Verification
from metier.audit._checkpoint import Checkpoint
from metier.audit._event import AuditBroken, AuditEvent, AuditRecord, BadEvent, Detail
from metier.audit._gaps import Gap
from metier.audit._keeper import Keeper, SinkState
from metier.audit._log import AuditKeys, AuditLog, Format, Reader, Shown, Wanted, plain
from metier.audit._offline import read_checkpoints, verify_export
from metier.audit._settings import AuditSettings
from metier.audit._sinks import SinkUnavailable, sinks_of, webhook_signature

__all__ = [
    "AuditBroken",
    "AuditEvent",
    "AuditKeys",
    "AuditLog",
    "AuditRecord",
    "AuditSettings",
    "BadEvent",
    "Checkpoint",
    "Detail",
    "Finding",
    "Format",
    "Gap",
    "Keeper",
    "Reader",
    "Report",
    "Shown",
    "SinkState",
    "SinkUnavailable",
    "Verification",
    "Wanted",
    "plain",
    "read_checkpoints",
    "sinks_of",
    "verify_export",
    "webhook_signature",
]
