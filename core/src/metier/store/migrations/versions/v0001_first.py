"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=False, primary_key=key)


def _bytes(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _number(name: str, *, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=key, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "subject",
        _text("tenant", key=True),
        _text("subject", key=True),
        _bytes("wrapped_key"),
        _number("revision"),
    )
    op.create_table(
        "fact",
        _text("tenant", key=True),
        _text("subject", key=True),
        _text("id", key=True),
        _number("place"),
        _bytes("sealed"),
    )
    op.create_table(
        "plugin_state",
        _text("tenant", key=True),
        _text("subject", key=True),
        _text("plugin", key=True),
        _bytes("sealed"),
    )
    op.create_table(
        "conversation",
        _text("tenant", key=True),
        _text("id", key=True),
        _text("subject"),
        _bytes("sealed"),
    )
    op.create_table(
        "vault",
        _text("tenant", key=True),
        _text("conversation", key=True),
        _text("actor", key=True),
        _text("subject"),
        _bytes("sealed"),
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
    )
    op.create_table(
        "feedback",
        _text("tenant", key=True),
        _text("turn", key=True),
        _text("subject"),
        _bytes("sealed"),
    )
    op.create_table(
        "audit_event",
        _number("seq", key=True),
        _bytes("previous"),
        _bytes("hash"),
        _bytes("body"),
    )
    for table in ("conversation", "vault", "chain", "turn_record", "feedback"):
        op.create_index(f"ix_{table}_subject", table, ["subject"])


def downgrade() -> None:
    for table in (
        "audit_event", "feedback", "turn_record", "chain", "vault", "conversation",
        "plugin_state", "fact", "subject",
    ):  # fmt: skip
        op.drop_table(table)
