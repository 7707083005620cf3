"""Pieces of statements that the other modules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, bindparam, select, text
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


_COUNTED = {"preserve_rowcount": True}
"""Not every driver counts the rows of an insert unless it is asked to."""


def run(
    connection: Connection, statement: Any, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> Any:
    """Runs a statement that was made once, as text; gives its result.

    For statements of every turn: SQLAlchemy's own way to the driver takes longer than the
    database. Values and rows go and come as the driver has them: text, numbers and bytes.

    Args:
        statement: with a `bindparam` for each value; the same object each time.
        values: by name; several for several rows.
    """
    words, constants, order = _words(connection.dialect, statement)
    rows = [{**constants, **row} for row in ([values] if isinstance(values, Mapping) else values)]
    given: list[Any] = [tuple(row[n] for n in order) for row in rows] if order else rows
    one = given[0] if isinstance(values, Mapping) else given
    return connection.exec_driver_sql(words, one, execution_options=_COUNTED)


@lru_cache(maxsize=512)
def _words(dialect: Dialect, statement: Any) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    """A statement as text, its constants, and the order of its values where they have no names."""
    compiled = statement.compile(dialect=dialect)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return str(compiled), constants, tuple(compiled.positiontup or ())


def put(connection: Connection, table: Any, **values: Any) -> None:
    """Inserts a row, or replaces the one with its primary key."""
    run(connection, upsert(on_postgres(connection), table, tuple(values)), values)


def inserted(postgres: bool, table: Any, names: Sequence[str]) -> Any:
    """The statement that inserts a row, unless there is one with its primary key."""
    columns = table.__table__
    new = postgres_insert(columns) if postgres else sqlite_insert(columns)
    return new.values({name: bindparam(name) for name in names}).on_conflict_do_nothing()


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
