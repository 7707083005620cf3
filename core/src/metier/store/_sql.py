"""Pieces of statements that the other modules share."""

from __future__ import annotations

from functools import cache
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
    connection.execute(upsert(on_postgres(connection), table, tuple(values)), values)


@cache
def upsert(postgres: bool, table: Any, names: tuple[str, ...], kept: tuple[str, ...] = ()) -> Any:
    """The statement that inserts a row, or replaces the one with its primary key.

    Made once for each table, since making one takes longer than running it.

    Args:
        names: of the columns that are given.
        kept: which of them stay as they are in a row that is there.
    """
    columns = table.__table__
    keys = [c.name for c in columns.primary_key.columns]
    # Past the mapped class, for which the values of each row would be looked through anew.
    new = postgres_insert(columns) if postgres else sqlite_insert(columns)
    new = new.values({name: bindparam(name) for name in names})
    changes = {n: new.excluded[n] for n in names if n not in keys and n not in kept}
    return new.on_conflict_do_update(index_elements=keys, set_=changes)
