"""Runs migrations over the connection that the store hands in."""

from alembic import context
from sqlmodel import SQLModel

from metier.store import _tables  # noqa: F401  registers the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=False,  # the store's own transaction is around it
)
context.run_migrations()
