"""The audit log's rows; work of one transaction each."""

from __future__ import annotations

from sqlalchemy import Connection

from metier.store._records import (
    AuditBuild,
    AuditIndex,
    AuditRow,
    CheckpointRow,
    StoreUnavailable,
)
from metier.store._sql import (
    column,
    directory,
    fields,
    given,
    insert_for,
    on_postgres,
    put,
    run,
    run_text,
)
from metier.store._tables import AuditCheckpointRow, AuditCursorRow, AuditEventRow

_GENESIS = bytes(32)
_LAST = 2**63 - 1
HEADS = "metier.heads"
"""Where a connection keeps the ends of the chains during one transaction."""
_ROW = ("tenant", "seq", "previous", "hash", "mac", "body")
_INDEX = ("seq", "kind", "actor", "subject", "at", "revision")
_CHECKPOINT = ("tenant", "seq", "hash", "at", "public_key", "signature")
_COLUMNS = (*_ROW, "kind", "actor", "subject", "at", "revision")
_INSERT = {
    name: f"INSERT INTO audit_event ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of columns
    f"VALUES ({', '.join([mark] * len(_COLUMNS))})"
    for name, mark in (("sqlite", "?"), ("postgresql", "%s"))
}
"""As text: building the statement anew for each event took longer than all else together."""


def append(connection: Connection, tenant: str, build: AuditBuild) -> AuditRow:
    """Appends an event within a write transaction, which is the tenant's one writer just now."""
    heads: dict[str, tuple[int, bytes]] = connection.info.setdefault(HEADS, {})
    if tenant not in heads:
        heads[tenant] = _head(connection, tenant)
    seq, previous = heads[tenant]
    if not (isinstance(seq, int) and seq < _LAST and isinstance(previous, bytes)):
        raise StoreUnavailable(
            "the newest event of the audit log was changed by something else than metier",
            "Run `metier audit verify`, and restore a backup.",
        )
    seq += 1
    entry = build(seq, previous)
    run_text(
        connection,
        _INSERT[connection.dialect.name],
        (
            tenant, seq, previous, entry.hash, entry.mac, entry.body,
            entry.kind, entry.actor, entry.subject, entry.at, entry.revision,
        ),
    )  # fmt: skip
    heads[tenant] = (seq, entry.hash)
    return AuditRow(tenant, seq, previous, entry.hash, entry.mac, entry.body)


_NEWEST_FIRST = column(AuditEventRow, "seq").desc()
_HEAD = (
    fields(AuditEventRow, "seq", "hash")
    .where(*given(AuditEventRow, "tenant"))
    .order_by(_NEWEST_FIRST)
    .limit(1)
)
_NEWEST_AT = (
    fields(AuditEventRow, "at")
    .where(*given(AuditEventRow, "tenant"))
    .order_by(_NEWEST_FIRST)
    .limit(1)
)
_NEWEST_CHANGE = (
    fields(AuditEventRow, *_ROW)
    .where(
        *given(AuditEventRow, "tenant", "subject"),
        column(AuditEventRow, "revision").is_not(None),
    )
    .order_by(_NEWEST_FIRST)
    .limit(1)
)


def _head(connection: Connection, tenant: str) -> tuple[int, bytes]:
    last = run(connection, _HEAD, {"tenant": tenant}).first()
    return (last[0], last[1]) if last else (0, _GENESIS)


def newest_at(connection: Connection, tenant: str) -> int:
    """When the tenant's newest event was, in milliseconds since 1970; 0 for none."""
    found = connection.execute(_NEWEST_AT, {"tenant": tenant}).scalar_one_or_none()
    return found or 0


def newest_change(connection: Connection, tenant: str, subject: str) -> AuditRow | None:
    """The newest event that tells of a change of the subject's records."""
    found = run(connection, _NEWEST_CHANGE, {"tenant": tenant, "subject": subject}).first()
    return AuditRow(*found) if found else None


def events(connection: Connection, tenant: str, after: int, limit: int) -> list[AuditRow]:
    query = (
        fields(AuditEventRow, *_ROW)
        .where(column(AuditEventRow, "tenant") == tenant, column(AuditEventRow, "seq") > after)
        .order_by(column(AuditEventRow, "seq"))
        .limit(limit)
    )
    return [AuditRow(*row) for row in connection.execute(query)]


def index(connection: Connection, tenant: str, after: int, limit: int) -> list[AuditIndex]:
    query = (
        fields(AuditEventRow, *_INDEX)
        .where(column(AuditEventRow, "tenant") == tenant, column(AuditEventRow, "seq") > after)
        .order_by(column(AuditEventRow, "seq"))
        .limit(limit)
    )
    return [AuditIndex(*row) for row in connection.execute(query)]


def find(
    connection: Connection,
    tenant: str,
    subject: str | None,
    actor: str | None,
    kind: str | None,
    since: int | None,
    until: int | None,
    after: int,
    limit: int,
) -> list[AuditRow]:
    wanted = {"subject": subject, "actor": actor, "kind": kind}
    query = fields(AuditEventRow, *_ROW).where(
        column(AuditEventRow, "tenant") == tenant, column(AuditEventRow, "seq") > after
    )
    for name, value in wanted.items():
        if value is not None:
            query = query.where(column(AuditEventRow, name) == value)
    if since is not None:
        query = query.where(column(AuditEventRow, "at") >= since)
    if until is not None:
        query = query.where(column(AuditEventRow, "at") < until)
    query = query.order_by(column(AuditEventRow, "seq")).limit(limit)
    return [AuditRow(*row) for row in connection.execute(query)]


def tenants(connection: Connection) -> list[str]:
    """Tenants that have a chain, those without events but with checkpoints included."""
    if on_postgres(connection):
        return directory(connection)
    found: set[str] = set()
    for table in (AuditEventRow.__tablename__, AuditCheckpointRow.__tablename__):
        found |= set(connection.exec_driver_sql(_TENANTS.format(table=table)).scalars())
    # In SQLite a column may hold anything; what is no text is in no chain, and missing in its own.
    return sorted(tenant for tenant in found if isinstance(tenant, str))


_TENANTS = (
    "WITH RECURSIVE found(name) AS (SELECT min(tenant) FROM {table} UNION ALL "
    "SELECT (SELECT min(tenant) FROM {table} WHERE tenant > name) FROM found "
    "WHERE name IS NOT NULL) SELECT name FROM found WHERE name IS NOT NULL"
)
"""From one tenant to the next by the index; DISTINCT would read all of it."""


def add_checkpoint(connection: Connection, row: CheckpointRow) -> None:
    """Adds a checkpoint; where there is one of that place already, that one stays."""
    values = {name: getattr(row, name) for name in _CHECKPOINT}
    new = insert_for(connection, AuditCheckpointRow).values(values)
    connection.execute(new.on_conflict_do_nothing())


def checkpoints(connection: Connection, tenant: str) -> list[CheckpointRow]:
    query = (
        fields(AuditCheckpointRow, *_CHECKPOINT)
        .where(column(AuditCheckpointRow, "tenant") == tenant)
        .order_by(column(AuditCheckpointRow, "seq"))
    )
    return [CheckpointRow(*row) for row in connection.execute(query)]


def cursor(connection: Connection, sink: str, tenant: str) -> int:
    """The last event that a sink has; 0 for none."""
    query = fields(AuditCursorRow, "seq").where(
        column(AuditCursorRow, "sink") == sink, column(AuditCursorRow, "tenant") == tenant
    )
    return connection.execute(query).scalar_one_or_none() or 0


def move_cursor(connection: Connection, sink: str, tenant: str, seq: int) -> None:
    put(connection, AuditCursorRow, sink=sink, tenant=tenant, seq=seq)
