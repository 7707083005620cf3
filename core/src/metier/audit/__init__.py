"""The audit log: hash-chained from the first event, content-free."""

from metier.audit._log import AuditEvent, AuditLog, Verification

__all__ = ["AuditEvent", "AuditLog", "Verification"]
