"""What row-level security on PostgreSQL needs: the tenant's name, and the DDL of a table.

A transaction names its tenant in a setting that ends with it. The value is "=" and
the tenant, because PostgreSQL gives an ended setting back as "", and "" is a tenant:
the installation itself. So where no tenant is named there is no row, also on a
connection that was used before.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

SETTING = "metier.tenant"
APP_ROLE = "metier_app"
APPEND_ONLY = ("audit_event", "audit_checkpoint")
"""Tables of which nothing is changed or deleted, whatever the application does."""
_MINE = f"tenant = substr(nullif(current_setting('{SETTING}', true), ''), 2)"
_NAME = text(f"SELECT set_config('{SETTING}', :tenant, true)")


def setting_for(tenant: str) -> str:
    """The value of the setting that stands for a tenant."""
    return f"={tenant}"


def name_tenant(connection: Connection, tenant: str) -> None:
    """From here to its end, the transaction sees and writes rows of this tenant only."""
    connection.execute(_NAME, {"tenant": setting_for(tenant)})


def isolate(table: str) -> tuple[str, ...]:
    """Statements that bind a table with a column `tenant`, its owner included.

    Every table with that column needs them in the migration that makes it.
    """
    granted = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY one_tenant ON {table} USING ({_MINE}) WITH CHECK ({_MINE})",
        f"GRANT {granted} ON {table} TO {APP_ROLE}",
    )
