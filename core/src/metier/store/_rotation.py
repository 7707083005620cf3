"""What sealing a subject's records anew reads and writes; work of one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from metier.store import _subjects
from metier.store._records import SealedRow, SubjectChange, SubjectRows
from metier.store._sql import column, of
from metier.store._tables import (
    ConversationRow,
    FactRow,
    FeedbackRow,
    LedgerRow,
    MemoryRow,
    PluginStateRow,
    SubjectRow,
    TurnRecordRow,
    VaultRow,
)

_KEY_ID = 32
"""A sealed record begins with a byte for its form and the id of its key; see metier.crypto."""

_NAMED: dict[str, tuple[Any, tuple[str, ...]]] = {
    "fact": (FactRow, ("id",)),
    "plugin_state": (PluginStateRow, ("id",)),
    "ledger": (LedgerRow, ("id",)),
    "feedback": (FeedbackRow, ("id",)),
    "memory": (MemoryRow, ("id",)),
    "conversation": (ConversationRow, ("id",)),
    "vault": (VaultRow, ("conversation", "actor")),
}
"""Tables whose rows are in a subject's roster, and the columns that name a row there."""


@dataclass(frozen=True, slots=True)
class StaleRows:
    """A subject, and some of the records that another key than the newest has sealed.

    Args:
        stale: by table; a row is named as in the roster.
    """

    rows: SubjectRows
    stale: Mapping[str, tuple[SealedRow, ...]]


@dataclass(frozen=True, slots=True)
class Resealed:
    """Records that are sealed anew, by table, and the subject's change that goes with them."""

    change: SubjectChange
    rows: Mapping[str, tuple[SealedRow, ...]]


def stale(
    connection: Connection, tenant: str, subject: str, key_id: bytes, limit: int
) -> StaleRows | None:
    """Up to `limit` records that another key than `key_id` has sealed, read at one moment."""
    rows = _subjects.load(connection, tenant, subject)
    if rows is None:
        return None
    found: dict[str, tuple[SealedRow, ...]] = {}
    for name, (table, names) in _NAMED.items():
        query = select(*(column(table, each) for each in (*names, "sealed")))
        where = (*of(table, tenant, subject), _key_of(table) != key_id)
        records = connection.execute(query.where(*where).limit(limit)).all()
        found[name] = tuple(SealedRow("/".join(row[:-1]), row[-1]) for row in records)
        limit -= len(records)
    return StaleRows(rows, found)


def reseal(connection: Connection, resealed: Resealed) -> None:
    """Puts records that are sealed anew in the place of the old ones.

    Raises:
        Conflict: the subject has changed since the expected revision.
    """
    change = resealed.change
    _subjects.change(connection, change)
    for name, rows in resealed.rows.items():
        table, names = _NAMED[name]
        if not rows:
            continue
        where = (column(table, each) == bindparam(f"by_{each}") for each in names)
        statement = update(table).where(*of(table, change.tenant, change.subject), *where)
        split = [row.id.split("/", 1) if len(names) > 1 else [row.id] for row in rows]
        connection.execute(
            statement.values(sealed=bindparam("anew")),
            [
                {f"by_{each}": part for each, part in zip(names, parts, strict=True)}
                | {"anew": row.sealed}
                for row, parts in zip(rows, split, strict=True)
            ],
        )


def stale_turns(connection: Connection, tenant: str, subject: str, key_id: bytes) -> list[str]:
    """Turns whose records another key than `key_id` has sealed."""
    query = select(column(TurnRecordRow, "turn"))
    where = (*of(TurnRecordRow, tenant, subject), _key_of(TurnRecordRow) != key_id)
    return list(connection.execute(query.where(*where)).scalars())


def sealed_turns(
    connection: Connection, tenant: str, subject: str, turns: Sequence[str]
) -> list[SealedRow]:
    """The records of some turns of a subject."""
    query = select(column(TurnRecordRow, "turn"), column(TurnRecordRow, "sealed"))
    where = (*of(TurnRecordRow, tenant, subject), column(TurnRecordRow, "turn").in_(list(turns)))
    return [SealedRow(*row) for row in connection.execute(query.where(*where))]


def reseal_turns(
    connection: Connection, tenant: str, subject: str, rows: Sequence[tuple[str, bytes, bytes]]
) -> None:
    """Puts turn records in the place of older ones: (turn, as it was, as it is now).

    They are written once, so there is no revision to look at: what is not as it was is left.
    """
    statement = update(TurnRecordRow).where(
        *of(TurnRecordRow, tenant, subject),
        column(TurnRecordRow, "turn") == bindparam("by_turn"),
        column(TurnRecordRow, "sealed") == bindparam("was"),
    )
    connection.execute(
        statement.values(sealed=bindparam("anew")),
        [{"by_turn": turn, "was": was, "anew": anew} for turn, was, anew in rows],
    )


def key_ids(connection: Connection, tenant: str, subject: str) -> frozenset[bytes]:
    """Ids of the keys that any record of the subject, or its roster, is sealed with."""
    tables = [table for table, _ in _NAMED.values()] + [TurnRecordRow]
    found: set[bytes] = set()
    for table in tables:
        query = select(_key_of(table)).where(*of(table, tenant, subject)).distinct()
        found |= set(connection.execute(query).scalars())
    of_roster = _key_of(SubjectRow, "roster")
    query = select(of_roster).where(*of(SubjectRow, tenant, subject))
    return frozenset(found | set(connection.execute(query).scalars()))


def count_subjects(connection: Connection, tenant: str) -> int:
    query = select(func.count()).where(column(SubjectRow, "tenant") == tenant)
    return int(connection.execute(query).scalar_one())


def _key_of(table: Any, name: str = "sealed") -> Any:
    return func.substr(column(table, name), 2, _KEY_ID)
