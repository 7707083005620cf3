"""When a vault and a conversation were last used, and a turn was made: what expires needs it."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("conversation", "vault", "turn_record")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("at", sa.Integer(), nullable=False, server_default="0"))
        # Nobody noted when rows of the first schema were written: their time begins now.
        op.execute(
            sa.table(table, sa.column("at", sa.Integer())).update().values(at=int(time.time()))
        )
        op.create_index(f"ix_{table}_at", table, ["at"])


def downgrade() -> None:
    for table in _TABLES:
        op.drop_index(f"ix_{table}_at", table)
        op.drop_column(table, "at")
