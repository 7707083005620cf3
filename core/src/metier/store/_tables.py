"""The tables. Change them together with a migration; a test compares both."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class SubjectRow(SQLModel, table=True):
    __tablename__ = "subject"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    wrapped_key: bytes = Field(sa_type=LargeBinary)
    revision: int = 0


class FactRow(SQLModel, table=True):
    __tablename__ = "fact"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    place: int
    sealed: bytes = Field(sa_type=LargeBinary)


class PluginStateRow(SQLModel, table=True):
    __tablename__ = "plugin_state"

    tenant: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    plugin: str = Field(primary_key=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class ConversationRow(SQLModel, table=True):
    __tablename__ = "conversation"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True)


class VaultRow(SQLModel, table=True):
    __tablename__ = "vault"

    tenant: str = Field(primary_key=True)
    conversation: str = Field(primary_key=True)
    actor: str = Field(primary_key=True)
    subject: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)
    at: int = Field(index=True)


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
    at: int = Field(index=True)


class FeedbackRow(SQLModel, table=True):
    __tablename__ = "feedback"

    tenant: str = Field(primary_key=True)
    turn: str = Field(primary_key=True)
    subject: str = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class AuditEventRow(SQLModel, table=True):
    __tablename__ = "audit_event"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    previous: bytes = Field(sa_type=LargeBinary)
    hash: bytes = Field(sa_type=LargeBinary)
    body: bytes = Field(sa_type=LargeBinary)


OF_SUBJECT: tuple[type[SQLModel], ...] = (
    FactRow, PluginStateRow, ConversationRow, VaultRow, ChainRow, TurnRecordRow, FeedbackRow,
    SubjectRow,
)  # fmt: skip
"""Every table with rows about one subject; the key goes last."""
