"""The tables. Change them together with a migration; a test compares both."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel


class SubjectRow(SQLModel, table=True):
    """A subject: the id of the key in use, and the sealed roster of the records there are."""

    __tablename__ = "subject"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    key_id: bytes = Field(sa_type=LargeBinary)
    revision: int = Field(default=0, sa_type=BigInteger)
    roster: bytes = Field(sa_type=LargeBinary)


class FactRow(SQLModel, table=True):
    __tablename__ = "fact"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    place: int = Field(sa_type=BigInteger)
    sealed: bytes = Field(sa_type=LargeBinary)


class PluginStateRow(SQLModel, table=True):
    __tablename__ = "plugin_state"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class LedgerRow(SQLModel, table=True):
    """What the subject agreed to, and what was asked for: consents, restrictions, holds."""

    __tablename__ = "ledger"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    place: int = Field(sa_type=BigInteger)
    sealed: bytes = Field(sa_type=LargeBinary)


class FeedbackRow(SQLModel, table=True):
    """Judgements of turns; the id is the turn's."""

    __tablename__ = "feedback"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True, sa_type=BigInteger)


class MemoryRow(SQLModel, table=True):
    """What is read on use only: blocks of memories, facts of before, what can be undone."""

    __tablename__ = "memory"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True, sa_type=BigInteger)
    """The oldest of what is in it, in seconds since 1970; for what expires."""


class ConversationRow(SQLModel, table=True):
    __tablename__ = "conversation"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True, sa_type=BigInteger)


class VaultRow(SQLModel, table=True):
    __tablename__ = "vault"

    tenant: str = Field(primary_key=True)
    conversation: str = Field(primary_key=True)
    actor: str = Field(primary_key=True)
    subject: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True, sa_type=BigInteger)


class ChainRow(SQLModel, table=True):
    """A keyed digest of a conversation up to some message."""

    __tablename__ = "chain"

    tenant: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    conversation: str
    subject: str = Field(index=True)


class TurnRecordRow(SQLModel, table=True):
    __tablename__ = "turn_record"

    tenant: str = Field(primary_key=True)
    turn: str = Field(primary_key=True)
    subject: str = Field(index=True)
    conversation: str
    domain: str
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True, sa_type=BigInteger)


class AuditEventRow(SQLModel, table=True):
    """The audit log, one chain a tenant; the columns after `body` are an index of it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "tenant", "subject", "seq"),
        Index("ix_audit_event_actor", "tenant", "actor", "seq"),
    )

    tenant: str = Field(primary_key=True)
    seq: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    previous: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)
    mac: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)
    kind: str
    actor: str
    subject: str
    at: int = Field(sa_type=BigInteger)
    """Milliseconds since 1970."""
    revision: int | None = Field(default=None, sa_type=BigInteger)


class AuditCheckpointRow(SQLModel, table=True):
    __tablename__ = "audit_checkpoint"

    tenant: str = Field(primary_key=True)
    seq: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    hash: bytes = Field(sa_type=LargeBinary)
    at: int = Field(sa_type=BigInteger)
    public_key: bytes = Field(sa_type=LargeBinary)
    signature: bytes = Field(sa_type=LargeBinary)


class AuditCursorRow(SQLModel, table=True):
    """How far a sink of the audit log has come."""

    __tablename__ = "audit_cursor"

    sink: str = Field(primary_key=True)
    tenant: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)


class ApiKeyTable(SQLModel, table=True):
    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    tenant: str = Field(index=True)
    digest: bytes = Field(sa_type=LargeBinary)
    actor: str
    roles: str
    scopes: str
    may_act_for: str
    created: int = Field(sa_type=BigInteger)
    expires: int | None = Field(default=None, sa_type=BigInteger)
    revoked: int | None = Field(default=None, sa_type=BigInteger)


class TenantRecordRow(SQLModel, table=True):
    """What is known of a tenant's people together, and of none of them: priors, models."""

    __tablename__ = "tenant_record"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    revision: int = Field(sa_type=BigInteger)
    sealed: bytes = Field(sa_type=LargeBinary)


OF_SUBJECT: tuple[type[SQLModel], ...] = (
    FactRow, PluginStateRow, LedgerRow, FeedbackRow, MemoryRow, ConversationRow, VaultRow,
    ChainRow, TurnRecordRow, SubjectRow,
)  # fmt: skip
"""Every table with rows about one subject; the subject's own goes last."""
