"""Pieces of statements that the other modules share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert


def column(table: Any, name: str) -> Any:
    return table.__table__.c[name]


def fields(table: Any, *names: str) -> Any:
    return select(*(column(table, name) for name in names))


def given(table: Any, *names: str) -> list[Any]:
    """The condition that columns are what is given under their names when it is run.

    For statements of every turn: made once, since making one takes longer than running it.
    """
    return [column(table, name) == bindparam(name) for name in names]


def of(table: Any, tenant: str, subject: str) -> tuple[Any, Any]:
    """The condition of being about one subject."""
    return column(table, "tenant") == tenant, column(table, "subject") == subject


def on_postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def directory(connection: Connection) -> list[str]:
    """PostgreSQL: names of tenants, which row-level security lets no query gather."""
    names = text("SELECT tenant FROM tenant_directory ORDER BY tenant")
    return list(connection.execute(names).scalars())


def insert_for(connection: Connection, table: Any) -> Any:
    """An insert that can say what happens where a row is there already."""
    return postgres_insert(table) if on_postgres(connection) else sqlite_insert(table)


def put(connection: Connection, table: Any, **values: Any) -> None:
    """Inserts a row, or replaces the one with its primary key."""
    keys = [c.name for c in table.__table__.primary_key.columns]
    changes = {name: value for name, value in values.items() if name not in keys}
    statement = insert_for(connection, table).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes))
