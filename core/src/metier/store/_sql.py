"""Pieces of statements that the other modules share."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError


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
    said = _said(connection.dialect, statement)
    if isinstance(values, Mapping):
        return run_text(connection, said.words, said.given(values))
    return run_text(connection, said.words, [said.given(row) for row in values])


def run_text(connection: Connection, words: str, given: Any) -> Any:
    """As `run`, of a statement in the words of the database: past SQLAlchemy for SQLite.

    Args:
        given: what stands at its marks; a list of it for several rows.
    """
    if on_postgres(connection):
        return connection.exec_driver_sql(words, given, execution_options=_COUNTED)
    raw: Any = connection.connection.driver_connection
    try:
        many = isinstance(given, list)
        return Rows(raw.executemany(words, given) if many else raw.execute(words, given))
    except sqlite3.Error as error:  # as SQLAlchemy gives it, but without what was written
        raise DBAPIError(None, None, error) from None


class Rows:
    """What a statement gave; as much of SQLAlchemy's result as is needed."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor.fetchall())

    def first(self) -> Any:
        """The first row; None where there is none."""
        return self._cursor.fetchone()

    def scalar_one_or_none(self) -> Any:
        """The only field of the only row; None where there is no row."""
        row = self._cursor.fetchone()
        return row[0] if row else None

    @property
    def rowcount(self) -> int:
        """How many rows were written."""
        return self._cursor.rowcount


class _Said(NamedTuple):
    """A statement as text, and what puts its values where the text has them."""

    words: str
    given: Callable[[Mapping[str, Any]], Any]


@lru_cache(maxsize=512)
def _said(dialect: Dialect, statement: Any) -> _Said:
    compiled = statement.compile(dialect=dialect)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    order = tuple(compiled.positiontup or ())
    if not order:
        return _Said(str(compiled), lambda values: {**constants, **values})
    if constants or len(order) < 2:
        return _Said(
            str(compiled),
            lambda values: tuple(values[n] if n in values else constants[n] for n in order),
        )
    return _Said(str(compiled), itemgetter(*order))


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
