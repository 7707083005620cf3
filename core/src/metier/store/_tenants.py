"""Records of a tenant that are of no subject; work of one transaction each."""

from __future__ import annotations

from sqlalchemy import Connection, update

from metier.store._audit import append
from metier.store._records import AuditBuild, Conflict, SealedRecord
from metier.store._sql import column, fields, insert_for
from metier.store._tables import TenantRecordRow


def get(connection: Connection, tenant: str, record: str) -> SealedRecord | None:
    query = fields(TenantRecordRow, "revision", "sealed").where(
        column(TenantRecordRow, "tenant") == tenant, column(TenantRecordRow, "id") == record
    )
    found = connection.execute(query).first()
    return SealedRecord(*found) if found else None


def put(
    connection: Connection,
    tenant: str,
    record: str,
    sealed: bytes,
    expected_revision: int,
    event: AuditBuild,
) -> None:
    """Writes a record of the revision after `expected_revision`, and the event that tells it.

    Raises:
        Conflict: somebody else has written it since.
    """
    values = {"revision": expected_revision + 1, "sealed": sealed}
    if expected_revision == 0:
        new = insert_for(connection, TenantRecordRow).values(tenant=tenant, id=record, **values)
        kept = {"preserve_rowcount": True}
        written = connection.execute(new.on_conflict_do_nothing(), execution_options=kept).rowcount
    else:
        changed = update(TenantRecordRow).where(
            column(TenantRecordRow, "tenant") == tenant,
            column(TenantRecordRow, "id") == record,
            column(TenantRecordRow, "revision") == expected_revision,
        )
        written = connection.execute(changed.values(values)).rowcount
    if written != 1:
        raise Conflict
    append(connection, tenant, event)
