"""PostgreSQL: rows of one tenant at a time, for every role; SQLite: nothing.

Two tables without row-level security tell what must be known before a tenant is:
the names of the tenants, and whose a key of the API is. Triggers fill them, so that
the application's role can read them and no more.
"""

from alembic import op
from sqlalchemy import text

from metier.store._isolation import APP_ROLE, isolate
from metier.store._records import StoreUnavailable

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = (
    "subject", "fact", "plugin_state", "ledger", "feedback", "conversation", "vault", "chain",
    "turn_record", "audit_event", "audit_checkpoint", "audit_cursor", "api_key",
)  # fmt: skip


def _note(name: str, directory: str, columns: str, values: str, schema: str) -> tuple[str, str]:
    """A function for triggers that notes a row in a directory, and who may use it: nobody."""
    return (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "  # noqa: S608  names of this file
        f"SET search_path = pg_catalog, pg_temp AS $$ BEGIN INSERT INTO {schema}.{directory} "
        f"({columns}) VALUES ({values}) ON CONFLICT DO NOTHING; RETURN NULL; END $$",
        f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC",
    )


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    there = text("SELECT count(*) FROM pg_roles WHERE rolname = :name")
    if not connection.execute(there, {"name": APP_ROLE}).scalar_one():
        raise StoreUnavailable(
            f"the role {APP_ROLE} is not there", "Make it as docs/postgresql.md says."
        )
    schema = connection.execute(text("SELECT quote_ident(current_schema())")).scalar_one()
    statements = [
        f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}",
        f"GRANT SELECT ON alembic_version TO {APP_ROLE}",
        'CREATE TABLE tenant_directory (tenant text COLLATE "C" PRIMARY KEY)',
        'CREATE TABLE api_key_directory (id text COLLATE "C" PRIMARY KEY, tenant text NOT NULL)',
        f"GRANT SELECT ON tenant_directory, api_key_directory TO {APP_ROLE}",
        *_note("metier_note_tenant", "tenant_directory", "tenant", "NEW.tenant", schema),
        *_note("metier_note_key", "api_key_directory", "id, tenant", "NEW.id, NEW.tenant", schema),
        # A chain begins at 1, and no change of a subject is without an event.
        "CREATE TRIGGER note_tenant AFTER INSERT ON audit_event FOR EACH ROW "
        "WHEN (NEW.seq = 1) EXECUTE FUNCTION metier_note_tenant()",
        "CREATE TRIGGER note_tenant AFTER INSERT ON audit_checkpoint FOR EACH ROW "
        "EXECUTE FUNCTION metier_note_tenant()",
        "CREATE TRIGGER note_key AFTER INSERT ON api_key FOR EACH ROW "
        "EXECUTE FUNCTION metier_note_key()",
    ]
    for table in _TABLES:
        statements += isolate(table)
    for statement in statements:
        op.execute(text(statement))


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in _TABLES:
        op.execute(f"DROP POLICY one_tenant ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {APP_ROLE}")
    op.execute("DROP TABLE tenant_directory, api_key_directory")
    op.execute("DROP FUNCTION metier_note_tenant() CASCADE")
    op.execute("DROP FUNCTION metier_note_key() CASCADE")
