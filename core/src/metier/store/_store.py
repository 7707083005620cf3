"""Reading and writing, one transaction a method."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from metier.store import _access, _audit, _rotation, _subjects, _tenants, _turns
from metier.store._database import Database
from metier.store._records import (
    ApiKeyRow,
    AuditBuild,
    AuditIndex,
    AuditRow,
    CheckpointRow,
    MemoryRows,
    SealedRecord,
    SealedRow,
    StoreUnavailable,
    SubjectChange,
    SubjectRows,
    TurnCommit,
    TurnRow,
)
from metier.store._rotation import Resealed, StaleRows
from metier.store._turns import Expired, Sought, TurnRows, WholeSubject

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


class Store(Database):
    """The database of one installation. Every method names the tenant it is about.

    Writing methods raise `StoreUnavailable` where nothing could be written.
    """

    async def migrate(self) -> None:
        """Brings the schema to this version (Alembic).

        On PostgreSQL the owner's role does that; without its URL the schema has to be
        this version's already.

        Raises:
            StoreUnavailable: where it can't be used, or another metier wrote it.
        """
        await self._migrate(_upgrade, _check)

    async def check_schema(self) -> None:
        """Whether the schema is this version's; changes nothing.

        Raises:
            StoreUnavailable: it is not, or can't be read.
        """
        await self.read(_check, "")

    # --- subjects ------------------------------------------------------------

    async def subject(self, tenant: str, subject: str) -> SubjectRows | None:
        """What every turn needs of the subject; None where nothing is stored of them."""
        return await self.read(lambda c: _subjects.load(c, tenant, subject), tenant)

    async def change_subject(self, change: SubjectChange) -> None:
        """Writes a change of a subject's records and the event that tells it.

        Raises:
            Conflict: the subject has changed since `change.expected_revision`.
        """
        await self.write(lambda c: _subjects.change(c, change), change.tenant)

    async def erase_subject(
        self, tenant: str, subject: str, events: Sequence[AuditBuild] = ()
    ) -> dict[str, int]:
        """Deletes every row about the subject; returns how many, by table."""

        def erase(connection: Connection) -> dict[str, int]:
            rows = _subjects.erase(connection, tenant, subject)
            for event in events:
                _audit.append(connection, tenant, event)
            return rows

        return await self.write(erase, tenant)

    async def subjects(self, tenant: str, after: str = "", limit: int = 500) -> list[str]:
        """Ids of the tenant's subjects, in order, above `after`."""
        return await self.read(lambda c: _subjects.subjects(c, tenant, after, limit), tenant)

    async def due_subjects(
        self, tenant: str, before: Mapping[str, int], after: str = "", limit: int = 500
    ) -> list[str]:
        """Ids of subjects above `after` with a row that is older than its table's limit.

        Args:
            before: by table, in seconds since 1970; 0 for no limit. After a "/" may come what
                the ids of its rows begin with.
        """
        return await self.read(
            lambda c: _subjects.due_subjects(c, tenant, before, after, limit), tenant
        )

    async def tenants(self) -> list[str]:
        """Tenants that something is stored of."""
        return await self.read(_subjects.tenants, "")

    async def memory(
        self, tenant: str, subject: str, ids: Sequence[str] | None = None
    ) -> MemoryRows:
        """Some of the subject's memory rows, or all, and the subject that they are of."""
        return await self.read(lambda c: _subjects.memory(c, tenant, subject, ids), tenant)

    # --- tenants -----------------------------------------------------------------

    async def tenant_record(self, tenant: str, record: str) -> SealedRecord | None:
        """A record of a tenant that is of no subject."""
        return await self.read(lambda c: _tenants.get(c, tenant, record), tenant)

    async def put_tenant_record(
        self, tenant: str, record: str, sealed: bytes, expected_revision: int, event: AuditBuild
    ) -> None:
        """Writes the revision after `expected_revision` of it, and the event that tells it.

        Raises:
            Conflict: somebody else has written it since.
        """
        await self.write(
            lambda c: _tenants.put(c, tenant, record, sealed, expected_revision, event), tenant
        )

    # --- turns -----------------------------------------------------------------

    async def start_turn(self, tenant: str, subject: str, actor: str, sought: Sought) -> TurnRows:
        """The subject and the conversation that a turn begins with, read at one moment."""
        return await self.read(lambda c: _turns.start(c, tenant, subject, actor, sought), tenant)

    async def whole_subject(self, tenant: str, subject: str) -> WholeSubject | None:
        """Everything stored of a subject, read at one moment; None where there is nothing."""
        return await self.read(lambda c: _turns.whole(c, tenant, subject), tenant)

    async def turn_record(self, tenant: str, turn: str) -> TurnRow | None:
        return await self.read(lambda c: _turns.turn_record(c, tenant, turn), tenant)

    async def turn_records(self, tenant: str, subject: str) -> list[TurnRow]:
        """The subject's stored turns, oldest first."""
        return await self.read(lambda c: _turns.turn_records(c, tenant, subject), tenant)

    async def oldest_turn(self, tenant: str, subject: str) -> int | None:
        """When the subject's oldest stored turn was, in seconds since 1970."""
        return await self.read(lambda c: _turns.oldest(c, tenant, subject), tenant)

    async def commit_turn(self, commit: TurnCommit) -> None:
        """Writes everything a turn changed, its audit event included, in one transaction.

        Raises:
            Conflict: the subject has changed since the expected revision.
        """
        await self.write(lambda c: _turns.commit(c, commit), commit.change.tenant)

    async def expire(self, expired: Expired) -> int:
        """Deletes what has expired of one subject; returns the number of rows.

        Raises:
            Conflict: the subject has changed since the expected revision.
        """
        return await self.write(lambda c: _turns.expire(c, expired), expired.change.tenant)

    # --- rotation of keys ----------------------------------------------------------

    async def count_subjects(self, tenant: str) -> int:
        return await self.read(lambda c: _rotation.count_subjects(c, tenant), tenant)

    async def stale(self, tenant: str, subject: str, key_id: bytes, limit: int) -> StaleRows | None:
        """A subject and records of theirs that another key than `key_id` has sealed."""
        return await self.read(lambda c: _rotation.stale(c, tenant, subject, key_id, limit), tenant)

    async def reseal(self, resealed: Resealed) -> None:
        """Puts records that are sealed anew in the place of the old ones.

        Raises:
            Conflict: the subject has changed since the expected revision.
        """
        await self.write(lambda c: _rotation.reseal(c, resealed), resealed.change.tenant)

    async def stale_turns(self, tenant: str, subject: str, key_id: bytes) -> list[str]:
        """Turns of a subject whose records another key than `key_id` has sealed."""
        return await self.read(lambda c: _rotation.stale_turns(c, tenant, subject, key_id), tenant)

    async def sealed_turns(
        self, tenant: str, subject: str, turns: Sequence[str]
    ) -> list[SealedRow]:
        """The records of some turns of a subject."""
        return await self.read(lambda c: _rotation.sealed_turns(c, tenant, subject, turns), tenant)

    async def reseal_turns(
        self, tenant: str, subject: str, rows: Sequence[tuple[str, bytes, bytes]]
    ) -> None:
        """Puts turn records in the place of older ones: (turn, as it was, as it is now)."""
        await self.write(lambda c: _rotation.reseal_turns(c, tenant, subject, rows), tenant)

    async def key_ids(self, tenant: str, subject: str) -> frozenset[bytes]:
        """Ids of the keys that a subject's records are sealed with."""
        return await self.read(lambda c: _rotation.key_ids(c, tenant, subject), tenant)

    # --- audit -------------------------------------------------------------------

    async def append_audit(self, tenant: str, event: AuditBuild) -> AuditRow:
        """Appends one event that tells of nothing else in the store."""
        return await self.write(lambda c: _audit.append(c, tenant, event), tenant)

    async def audit_events(self, tenant: str, after: int = 0, limit: int = 1000) -> list[AuditRow]:
        """Events of a tenant with a sequence number above `after`, in order."""
        return await self.read(lambda c: _audit.events(c, tenant, after, limit), tenant)

    async def audit_index(self, tenant: str, after: int = 0, limit: int = 1000) -> list[AuditIndex]:
        """The columns by which those events are found."""
        return await self.read(lambda c: _audit.index(c, tenant, after, limit), tenant)

    async def audit_find(
        self,
        tenant: str,
        *,
        subject: str | None = None,
        actor: str | None = None,
        kind: str | None = None,
        since: int | None = None,
        until: int | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[AuditRow]:
        """Events that fit; `since` and `until` in milliseconds since 1970."""
        return await self.read(
            lambda c: _audit.find(c, tenant, subject, actor, kind, since, until, after, limit),
            tenant,
        )

    async def audit_tenants(self) -> list[str]:
        """Tenants that have a chain; "" is the installation itself."""
        return await self.read(_audit.tenants, "")

    async def audit_newest_at(self, tenant: str) -> int:
        """When the tenant's newest event was, in milliseconds since 1970; 0 for none."""
        return await self.read(lambda c: _audit.newest_at(c, tenant), tenant)

    async def add_checkpoint(self, row: CheckpointRow) -> None:
        await self.write(lambda c: _audit.add_checkpoint(c, row), row.tenant)

    async def checkpoints(self, tenant: str) -> list[CheckpointRow]:
        """Checkpoints of a tenant's chain, oldest first."""
        return await self.read(lambda c: _audit.checkpoints(c, tenant), tenant)

    async def audit_cursor(self, sink: str, tenant: str) -> int:
        """The last event that a sink has; 0 for none."""
        return await self.read(lambda c: _audit.cursor(c, sink, tenant), tenant)

    async def move_audit_cursor(self, sink: str, tenant: str, seq: int) -> None:
        await self.write(lambda c: _audit.move_cursor(c, sink, tenant, seq), tenant)

    # --- access ------------------------------------------------------------------

    async def add_api_key(self, row: ApiKeyRow, event: AuditBuild) -> None:
        await self.write(lambda c: _access.add(c, row, event), row.tenant)

    async def api_key(self, key_id: str) -> ApiKeyRow | None:
        """A key of any tenant by its id; the key itself tells the tenant."""
        return await self.read(lambda c: _access.get(c, key_id), "")

    async def api_keys(self, tenant: str) -> list[ApiKeyRow]:
        return await self.read(lambda c: _access.of_tenant(c, tenant), tenant)

    async def revoke_api_key(self, tenant: str, key_id: str, at: int, event: AuditBuild) -> bool:
        """Revokes a key; False where the tenant has no such key that is in force."""
        return await self.write(lambda c: _access.revoke(c, tenant, key_id, at, event), tenant)


def _settings(connection: Connection) -> Config:
    from alembic.config import Config

    settings = Config()
    # Values of the configuration are expanded, so a "%" in the path is doubled.
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    attributes: dict[Any, Any] = settings.attributes
    attributes["connection"] = connection
    return settings


_REVISION = re.compile(r"(\d{4})_since_(\d{4})")


def _promised(there: set[str], ours: set[str]) -> bool:
    """Whether a newer schema says that this version works with it.

    A revision is named such as "0007_since_0005": the seventh, which versions of metier
    whose own is 0005 or later may read and write. So replicas can be upgraded one by one.
    """
    if len(there) != 1 or len(ours) != 1:
        return False
    newer, own = _REVISION.fullmatch(next(iter(there))), next(iter(ours))[:4]
    return newer is not None and newer[2] <= own < newer[1]


def _check(connection: Connection) -> None:
    """Refuses a schema that this version does not work with."""
    there, own, known = _revisions(connection)
    if there == own or _promised(there, own):
        return
    if not known.issuperset(there):
        raise _newer()
    raise StoreUnavailable(
        "its schema is not of this version",
        "Run `metier setup` with the owner's URL; see docs/postgresql.md.",
    )


def _newer() -> StoreUnavailable:
    return StoreUnavailable(
        "a newer metier wrote it",
        "Install that version again, or restore a backup from before it.",
    )


def _revisions(connection: Connection) -> tuple[set[str], set[str], set[str]]:
    """The revision of the schema that is there, that of this version, and all that it knows."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_settings(connection))
    there = set(MigrationContext.configure(connection).get_current_heads())
    return there, set(script.get_heads()), {each.revision for each in script.walk_revisions()}


def _upgrade(connection: Connection) -> None:
    from alembic import command

    there, own, known = _revisions(connection)
    if there & {"0001", "0002"}:
        raise StoreUnavailable(
            "a version of metier from before the first release wrote it, with keys of another kind",
            "Its data can be read with that version only. Move the home away and run `metier "
            "setup`.",
        )
    if not known.issuperset(there):
        # One that a newer metier has expanded, and this version may work with as it is.
        if _promised(there, own):
            return
        raise _newer()
    command.upgrade(_settings(connection), "head")
