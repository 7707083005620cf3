"""What is read of a subject on use only, and what is known of a tenant's people together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from metier.store._isolation import isolate

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
_TABLES = ("memory", "tenant_record")


def upgrade() -> None:
    op.create_table(
        "memory",
        *(sa.Column(n, _TEXT, nullable=False, primary_key=True) for n in ("tenant", "subject")),
        sa.Column("id", _TEXT, nullable=False, primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_memory_at", "memory", ["at"])
    op.create_table(
        "tenant_record",
        *(sa.Column(n, _TEXT, nullable=False, primary_key=True) for n in ("tenant", "id")),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in _TABLES:
            for statement in isolate(table):
                op.execute(text(statement))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
