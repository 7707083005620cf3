"""API keys; work of one transaction each."""

from __future__ import annotations

from sqlalchemy import Connection, insert, text, update

from metier.store._audit import append
from metier.store._isolation import name_tenant
from metier.store._records import ApiKeyRow, AuditBuild
from metier.store._sql import column, fields, on_postgres
from metier.store._tables import ApiKeyTable

_KEY = (
    "tenant", "id", "digest", "actor", "roles", "scopes", "may_act_for", "created", "expires",
    "revoked",
)  # fmt: skip


def add(connection: Connection, row: ApiKeyRow, event: AuditBuild) -> None:
    values = {name: getattr(row, name) for name in _KEY}
    connection.execute(insert(ApiKeyTable).values(values))
    append(connection, row.tenant, event)


def get(connection: Connection, key_id: str) -> ApiKeyRow | None:
    """A key of any tenant."""
    if on_postgres(connection):
        # Rows are seen for one tenant at a time; the directory says for which.
        owner = text("SELECT tenant FROM api_key_directory WHERE id = :id")
        tenant = connection.execute(owner, {"id": key_id}).scalar_one_or_none()
        if tenant is None:
            return None
        name_tenant(connection, tenant)
    found = connection.execute(
        fields(ApiKeyTable, *_KEY).where(column(ApiKeyTable, "id") == key_id)
    ).first()
    return ApiKeyRow(*found) if found else None


def of_tenant(connection: Connection, tenant: str) -> list[ApiKeyRow]:
    query = fields(ApiKeyTable, *_KEY).where(column(ApiKeyTable, "tenant") == tenant)
    order = query.order_by(column(ApiKeyTable, "created"), column(ApiKeyTable, "id"))
    return [ApiKeyRow(*row) for row in connection.execute(order)]


def revoke(connection: Connection, tenant: str, key_id: str, at: int, event: AuditBuild) -> bool:
    """Revokes a key; False where the tenant has no such key that is in force."""
    change = (
        update(ApiKeyTable)
        .where(
            column(ApiKeyTable, "tenant") == tenant,
            column(ApiKeyTable, "id") == key_id,
            column(ApiKeyTable, "revoked").is_(None),
        )
        .values(revoked=at)
    )
    done = connection.execute(change).rowcount == 1
    if done:
        append(connection, tenant, event)
    return done
