"""Homes with a few sealed records, for the tests of backups."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from metier._home import make_keys, open_keyring
from metier.audit import AuditEvent, AuditLog, Detail
from metier.backup import Made, Restoring, Source, make_backup
from metier.config import Settings
from metier.crypto import Erasure, Keyring, SubjectRecords, erasure_tag
from metier.crypto.roots import open_root
from metier.store import SealedRow, Store, SubjectChange

SECRET = "allergic to penicillin 青霉素"


@dataclass
class Home:
    """A home with its parts open."""

    path: Path
    keyring: Keyring
    store: Store
    log: AuditLog

    @property
    def source(self) -> Source:
        return Source(self.path, self.keyring, self.log, "tester")

    async def learn(self, subject: str, fact: str = SECRET, tenant: str = "acme") -> None:
        """Adds a fact to a subject's records."""
        records = await self.records(subject, tenant)
        change, name = records.change(), secrets.token_hex(4)
        row = (SealedRow(name, change.seal("fact", name, fact.encode())),)
        event = AuditEvent("profile-set", "a", subject, tenant, {}, revision=change.revision)
        written = SubjectChange(
            tenant, subject, records.revision, change.key_id, change.sealed_roster(),
            self.log.entry(event), 1000, facts=row,
        )  # fmt: skip
        await self.store.change_subject(written)

    async def records(self, subject: str, tenant: str = "acme") -> SubjectRecords:
        rows = await self.store.subject(tenant, subject)
        if rows is None or not rows.key_id:
            return SubjectRecords(self.keyring.subject_keys(tenant, subject))
        keys = self.keyring.subject_keys(tenant, subject, rows.key_id)
        return SubjectRecords.load(keys, rows.revision, rows.roster)

    async def facts(self, subject: str, tenant: str = "acme") -> list[str]:
        """What is stored of a subject, opened."""
        rows = await self.store.subject(tenant, subject)
        if rows is None or not rows.key_id:
            return []
        records = await self.records(subject, tenant)
        found = records.open_all("fact", ((row.id, row.sealed) for row in rows.facts))
        return sorted(data.decode() for data in found.values())

    async def erase(self, subject: str, tenant: str = "acme") -> None:
        """As `metier.rights.erase`: keys, rows with their event, the ledger."""
        tag = erasure_tag(self.keyring, tenant, subject)
        line = self.keyring.destroy_subject(
            Erasure(secrets.token_hex(16), tenant, tag, (), 1000, subject)
        )
        detail: Detail = {"erasure": line.id, "key_store": self.keyring.store.version}
        event = AuditEvent("subject-erase", "a", subject, tenant, detail, revision=0)
        await self.store.erase_subject(tenant, subject, [self.log.entry(event)])
        await self.store.compact()
        self.keyring.store.finish_erasure(line.id, 1000)

    async def backup(self, folder: Path) -> Made:
        return await make_backup(self.source, folder)


@asynccontextmanager
async def opened(path: Path, root: Path | None = None) -> AsyncIterator[Home]:
    """The home in a folder, made where there is none.

    Args:
        root: a root key to use instead of a new one.
    """
    _made(path, root)
    keyring = open_keyring(path, Settings())
    store = Store(f"sqlite:///{path / 'store.db'}")
    try:
        await store.migrate()
        yield Home(path, keyring, store, AuditLog(store, keyring))
    finally:
        await store.close()
        keyring.close()


def _made(path: Path, root: Path | None) -> None:
    path.mkdir(exist_ok=True)
    if root is not None:
        _put_root(path, root)
    if not (path / "store.db").exists():
        make_keys(path)


def _put_root(path: Path, root: Path) -> None:
    (path / "root.key").write_bytes(root.read_bytes())
    (path / "root.key").chmod(0o600)


def restoring(archive: Path, home: Path, root: Path | None = None, **changes: object) -> Restoring:
    """What restores an archive to a home with the root key of that home, or another one."""
    wanted = Restoring(archive, home, open_root(root or home / "root.key"), "tester")
    return replace(wanted, **changes)  # type: ignore[arg-type]


def empty_home(path: Path, root: Path) -> Path:
    """A folder with a root key and nothing else."""
    path.mkdir()
    _put_root(path, root)
    return path
