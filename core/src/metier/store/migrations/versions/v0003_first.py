"""The first schema that is kept.

Schemas 1 and 2 were of versions before any release: they had the subjects' keys
in the store itself. A store of theirs is refused, and left as it is.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = None
branch_labels = None
depends_on = None


# PostgreSQL orders text as Python and SQLite do only where it is told to.
_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, nullable=False, primary_key=key)


def _bytes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _number(name: str, *, key: bool = False, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger(), nullable=optional, primary_key=key, autoincrement=False)


_SUBJECTS = (("tenant", True), ("subject", True), ("id", True))


def _of_subject(name: str, *columns: sa.Column[Any]) -> None:
    keys = [_text(column, key=key) for column, key in _SUBJECTS]
    op.create_table(name, *keys, *columns, _bytes("sealed"))


def upgrade() -> None:
    op.create_table(
        "subject",
        _text("tenant", key=True),
        _text("subject", key=True),
        _bytes("key_id"),
        _number("revision"),
        _bytes("roster"),
    )
    _of_subject("fact", _number("place"))
    _of_subject("plugin_state")
    _of_subject("ledger", _number("place"))
    _of_subject("feedback", _number("at"))
    op.create_table(
        "conversation",
        _text("tenant", key=True),
        _text("id", key=True),
        _text("subject"),
        _bytes("sealed"),
        _number("at"),
    )
    op.create_table(
        "vault",
        _text("tenant", key=True),
        _text("conversation", key=True),
        _text("actor", key=True),
        _text("subject"),
        _bytes("sealed"),
        _number("at"),
    )
    op.create_table(
        "chain",
        _text("tenant", key=True),
        _text("digest", key=True),
        _text("conversation"),
        _text("subject"),
    )
    op.create_table(
        "turn_record",
        _text("tenant", key=True),
        _text("turn", key=True),
        _text("subject"),
        _text("conversation"),
        _text("domain"),
        _bytes("sealed"),
        _number("at"),
    )
    op.create_table(
        "audit_event",
        _text("tenant", key=True),
        _number("seq", key=True),
        _bytes("previous"),
        _bytes("hash"),
        _bytes("mac"),
        _bytes("body"),
        _text("kind"),
        _text("actor"),
        _text("subject"),
        _number("at"),
        _number("revision", optional=True),
    )
    op.create_table(
        "audit_checkpoint",
        _text("tenant", key=True),
        _number("seq", key=True),
        _bytes("hash"),
        _number("at"),
        _bytes("public_key"),
        _bytes("signature"),
    )
    op.create_table(
        "audit_cursor", _text("sink", key=True), _text("tenant", key=True), _number("seq")
    )
    op.create_table(
        "api_key",
        _text("id", key=True),
        _text("tenant"),
        _bytes("digest"),
        _text("actor"),
        _text("roles"),
        _text("scopes"),
        _text("may_act_for"),
        _number("created"),
        _number("expires", optional=True),
        _number("revoked", optional=True),
    )
    for table in ("conversation", "vault", "chain", "turn_record"):
        op.create_index(f"ix_{table}_subject", table, ["subject"])
    for table in ("conversation", "vault", "turn_record", "feedback"):
        op.create_index(f"ix_{table}_at", table, ["at"])
    for column in ("subject", "actor"):
        op.create_index(f"ix_audit_event_{column}", "audit_event", ["tenant", column, "seq"])
    op.create_index("ix_api_key_tenant", "api_key", ["tenant"])


def downgrade() -> None:
    for table in (
        "api_key", "audit_cursor", "audit_checkpoint", "audit_event", "turn_record", "chain",
        "vault", "conversation", "feedback", "ledger", "plugin_state", "fact", "subject",
    ):  # fmt: skip
        op.drop_table(table)
