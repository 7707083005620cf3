"""A subject's profile, plugin states, ledger and feedback; work of one transaction each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from metier.store._audit import append, newest_change
from metier.store._records import Conflict, MemoryRows, SealedRow, SubjectChange, SubjectRows
from metier.store._sql import (
    column,
    directory,
    fields,
    given,
    inserted,
    of,
    on_postgres,
    put,
    run,
    upsert,
)
from metier.store._tables import (
    OF_SUBJECT,
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

_BY_ID: dict[str, Any] = {
    "fact": FactRow,
    "ledger": LedgerRow,
    "plugin_state": PluginStateRow,
    "feedback": FeedbackRow,
    "memory": MemoryRow,
}

_AGED: dict[str, Any] = {
    "conversation": ConversationRow,
    "vault": VaultRow,
    "turn_record": TurnRecordRow,
    "feedback": FeedbackRow,
    "memory": MemoryRow,
}


_MOST_NAMES = 500
"""Values in one condition; databases allow only so many."""

_SUBJECT = fields(SubjectRow, "key_id", "revision", "roster").where(
    *given(SubjectRow, "tenant", "subject")
)


def _of_subject(table: Any) -> Any:
    query = fields(table, "id", "sealed").where(*given(table, "tenant", "subject"))
    placed = "place" in table.__table__.c
    return query.order_by(column(table, "place")) if placed else query


_SEALED = {
    table: _of_subject(table)
    for table in (FactRow, LedgerRow, PluginStateRow, FeedbackRow, MemoryRow)
}


def load(connection: Connection, tenant: str, subject: str) -> SubjectRows | None:
    """What every turn needs of the subject; None where nothing is stored of them."""
    newest = newest_change(connection, tenant, subject)
    found = run(connection, _SUBJECT, {"tenant": tenant, "subject": subject}).first()
    if found is None:
        return None if newest is None else SubjectRows(b"", 0, b"", (), (), (), newest)
    key_id, revision, roster = found
    return SubjectRows(
        key_id=key_id,
        revision=revision,
        roster=roster,
        facts=_sealed(connection, FactRow, tenant, subject),
        plugin_states=_sealed(connection, PluginStateRow, tenant, subject),
        ledger=_sealed(connection, LedgerRow, tenant, subject),
        newest=newest,
    )


def feedback(connection: Connection, tenant: str, subject: str) -> tuple[SealedRow, ...]:
    return _sealed(connection, FeedbackRow, tenant, subject)


def memory(
    connection: Connection, tenant: str, subject: str, ids: Sequence[str] | None
) -> MemoryRows:
    """Some of the subject's memory rows, or all, and what every turn reads, at one moment."""
    rows = load(connection, tenant, subject)
    if ids is None:
        return MemoryRows(rows, _sealed(connection, MemoryRow, tenant, subject))
    found: list[SealedRow] = []
    for start in range(0, len(ids), _MOST_NAMES):
        named = column(MemoryRow, "id").in_(list(ids[start : start + _MOST_NAMES]))
        query = fields(MemoryRow, "id", "sealed").where(*of(MemoryRow, tenant, subject), named)
        found += [SealedRow(*row) for row in connection.execute(query)]
    return MemoryRows(rows, tuple(found))


def _sealed(connection: Connection, table: Any, tenant: str, subject: str) -> tuple[SealedRow, ...]:
    """The subject's records of a table, in their order where they have one."""
    found = run(connection, _SEALED[table], {"tenant": tenant, "subject": subject})
    return tuple(SealedRow(*row) for row in found)


def change(connection: Connection, change: SubjectChange) -> None:
    """Writes a change and its event.

    Raises:
        Conflict: the subject has changed since `change.expected_revision`.
    """
    _advance(connection, change)
    who = {"tenant": change.tenant, "subject": change.subject}
    for name, ids in change.gone.items():
        if ids:
            _delete(connection, _BY_ID[name], change, ids)
    _place(connection, FactRow, change, change.facts)
    _place(connection, LedgerRow, change, change.ledger)
    for row in change.plugin_states:
        put(connection, PluginStateRow, **who, id=row.id, sealed=row.sealed)
    for row in change.feedback:
        put(connection, FeedbackRow, **who, id=row.id, sealed=row.sealed, at=change.at)
    for aged in change.memory:
        put(connection, MemoryRow, **who, id=aged.id, sealed=aged.sealed, at=aged.at)
    for row in change.conversations:
        mine = (*of(ConversationRow, **who), column(ConversationRow, "id") == row.id)
        connection.execute(update(ConversationRow).where(*mine).values(sealed=row.sealed))
    append(connection, change.tenant, change.event)


_NEW_SUBJECT = {
    postgres: inserted(postgres, SubjectRow, ("tenant", "subject", "key_id", "roster", "revision"))
    for postgres in (False, True)
}
_ADVANCED = (
    update(SubjectRow.__table__)  # type: ignore[attr-defined]
    .where(
        column(SubjectRow, "tenant") == bindparam("of"),
        column(SubjectRow, "subject") == bindparam("about"),
        column(SubjectRow, "revision") == bindparam("expected"),
    )
    .values({name: bindparam(name) for name in ("key_id", "roster", "revision")})
)
_HIGHEST = {
    table: select(func.max(column(table, "place"))).where(*given(table, "tenant", "subject"))
    for table in (FactRow, LedgerRow)
}


def _advance(connection: Connection, change: SubjectChange) -> None:
    values: dict[str, Any] = {
        "key_id": change.key_id,
        "roster": change.roster,
        "revision": change.expected_revision + 1,
    }
    if change.expected_revision == 0:
        values |= {"tenant": change.tenant, "subject": change.subject}
        written = run(connection, _NEW_SUBJECT[on_postgres(connection)], values).rowcount
    else:
        values |= {
            "of": change.tenant,
            "about": change.subject,
            "expected": change.expected_revision,
        }
        written = run(connection, _ADVANCED, values).rowcount
    if written != 1:
        raise Conflict


def _place(
    connection: Connection, table: Any, change: SubjectChange, rows: Sequence[SealedRow]
) -> None:
    """Writes rows that have an order; one that is there already keeps its place."""
    if not rows:
        return
    who = {"tenant": change.tenant, "subject": change.subject}
    place = run(connection, _HIGHEST[table], who).scalar_one_or_none() or 0
    statement = upsert(on_postgres(connection), table, _PLACED, kept=("place",))
    run(
        connection,
        statement,
        [
            dict(zip(_PLACED, (change.tenant, change.subject, row.id, at, row.sealed), strict=True))
            for at, row in enumerate(rows, place + 1)
        ],
    )


_PLACED = ("tenant", "subject", "id", "place", "sealed")


def _delete(connection: Connection, table: Any, change: SubjectChange, ids: Sequence[str]) -> None:
    where = of(table, change.tenant, change.subject)
    connection.execute(delete(table).where(*where, column(table, "id").in_(list(ids))))


def erase(connection: Connection, tenant: str, subject: str) -> dict[str, int]:
    """Deletes every row about the subject; returns how many, by table."""
    return {
        str(table.__tablename__): connection.execute(
            delete(table).where(*of(table, tenant, subject))
        ).rowcount
        for table in OF_SUBJECT
    }


def subjects(connection: Connection, tenant: str, after: str, limit: int) -> list[str]:
    """Ids of the tenant's subjects, in order, above `after`."""
    name = column(SubjectRow, "subject")
    query = select(name).where(column(SubjectRow, "tenant") == tenant, name > after)
    return list(connection.execute(query.order_by(name).limit(limit)).scalars())


def tenants(connection: Connection) -> list[str]:
    """Tenants that something is stored of; on PostgreSQL also those of whom it was."""
    if on_postgres(connection):
        return [name for name in directory(connection) if name]
    name = column(SubjectRow, "tenant")
    return list(connection.execute(select(name).distinct().order_by(name)).scalars())


def due_subjects(
    connection: Connection, tenant: str, before: Mapping[str, int], after: str, limit: int
) -> list[str]:
    """Ids of subjects above `after` with a row that is older than its table's limit."""
    found: set[str] = set()
    for name, moment in before.items():
        kind, _, beginning = name.partition("/")
        table = _AGED[kind]
        subject = column(table, "subject")
        query = select(subject).where(
            column(table, "tenant") == tenant, column(table, "at") < moment, subject > after
        )
        if beginning:
            query = query.where(column(table, "id").startswith(beginning, autoescape=True))
        if moment:
            found |= set(
                connection.execute(query.distinct().order_by(subject).limit(limit)).scalars()
            )
    return sorted(found)[:limit]
