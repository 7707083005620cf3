"""Preparing a restore: the archive opened, the ledger applied, everything verified.

All of it happens in a folder of its own; the home is only read.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from metier.audit import AuditEvent, AuditLog, Checkpoint, Detail, Verification
from metier.backup import _since
from metier.backup._erased import Applied, Subject, apply_ledger
from metier.backup._errors import ArchiveDamaged, BackupError, told
from metier.backup._files import STORE, write
from metier.backup._format import Reader
from metier.backup._keys import Chosen, archive_key, check_age, choose, unpack
from metier.backup._make import ESCROW
from metier.backup._manifest import Header, Manifest, Part
from metier.backup._since import Lost, Redo, Since
from metier.backup._snapshot import check_pages, readable
from metier.crypto import (
    Keyring,
    KeyStore,
    RecordKey,
    Root,
    SubjectKeys,
    SubjectRecords,
)
from metier.model import MetierError
from metier.store import Store, StoreUnavailable, SubjectRows

KEPT = "Nothing in the home was changed."


@dataclass(frozen=True, slots=True)
class Restoring:
    """What is to be restored, and where to.

    Args:
        archive: the file.
        home: the folder that gets it.
        root: the root key.
        by: who does it, for the log.
        keys: an escrow of keys instead of the one beside the archive.
        against: a file with newer events or checkpoints.
        replace: also over a store that is there.
        older_keys: why a key store that is older than the archive will do; empty for it
            won't.
        without_unreadable: also without the records whose keys are gone.
    """

    archive: Path
    home: Path
    root: Root
    by: str
    keys: Path | None = None
    against: Path | None = None
    replace: bool = False
    older_keys: str = ""
    without_unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that was opened, verified and made ready.

    Args:
        archive: its id.
        key_store: the version of the key store that was used, `from_escrow` whether it was a
            copy.
        escrow: the version of the escrow beside the archive; None where none opens.
    """

    archive: str
    made: str
    metier: str
    applied: Applied
    verified: Verification
    key_store: int
    from_escrow: bool
    escrow: int | None
    lost: tuple[Lost, ...]
    redo: tuple[Redo, ...]
    newer_log_unread: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """What lies in the staging folder."""

    manifest: Manifest
    chosen: Chosen
    store: Path
    files: tuple[tuple[Part, Path], ...]
    checked: Checked
    revoked: int
    destroy: tuple[tuple[str, Subject], ...] = field(repr=False)


def read_header(archive: Path) -> Header:
    """The header of an archive, which nobody has authenticated yet.

    Raises:
        BackupError: it is none.
    """
    with told(f"{archive} can't be read", KEPT), archive.open("rb") as file:
        return Reader(file, archive.name).header


@asynccontextmanager
async def prepared(wanted: Restoring, folder: Path) -> AsyncIterator[Ready]:
    """Opens, verifies and makes ready; the keys stay open until the end."""
    header = read_header(wanted.archive)
    if header.kind != "backup":
        raise BackupError(f"{wanted.archive.name} holds keys, no backup.", "no_archive")
    chosen = choose(
        wanted.root, header, wanted.home, wanted.archive, wanted.keys, folder,
        older=bool(wanted.older_keys),
    )  # fmt: skip
    try:
        manifest, files = _unpack(wanted, chosen.keyring, folder)
        staged = folder / "files" / STORE
        store = Store(f"sqlite:///{staged}")
        try:
            yield await _make_ready(wanted, header, manifest, chosen, store, staged, files, folder)
        finally:
            await store.close()
    finally:
        chosen.keyring.close()


def _unpack(
    wanted: Restoring, keyring: Keyring, folder: Path
) -> tuple[Manifest, list[tuple[Part, Path]]]:
    """Opens every part and holds it against the manifest.

    Raises:
        ArchiveDamaged: something in it is not what was written.
    """
    with wanted.archive.open("rb") as file:
        reader = Reader(file, wanted.archive.name)
        reader.use(archive_key(reader.header, wanted.root, keyring, reader.name))
        manifest = _manifest(b"".join(reader.part("manifest")), reader.name)
        if manifest.key_store != reader.header.key_store:
            raise ArchiveDamaged(reader.name, "header and manifest do not fit each other")
        files = []
        for number, part in enumerate(manifest.parts):
            target = folder / "files" / (STORE if part.name == STORE else str(number))
            write(target, b"")
            digest = hashlib.sha256()
            with target.open("wb") as out:
                for piece in reader.part(part.name):
                    digest.update(piece)
                    out.write(piece)
            if digest.hexdigest() != part.sha256:
                raise ArchiveDamaged(reader.name, f"the part '{part.name}' is not what was written")
            files.append((part, target))
        reader.end()
    return manifest, files


def _manifest(data: bytes, name: str) -> Manifest:
    try:
        return Manifest.model_validate_json(data)
    except ValidationError:
        raise BackupError(
            f"{name} was made by a newer metier: its manifest has another form. {KEPT} Restore it "
            "with that version.",
            "backup_newer",
        ) from None


async def _make_ready(
    wanted: Restoring,
    header: Header,
    manifest: Manifest,
    chosen: Chosen,
    store: Store,
    staged: Path,
    files: list[tuple[Part, Path]],
    folder: Path,
) -> Ready:
    with closing(sqlite3.connect(staged)) as raw:
        check_pages(raw)
    await store.migrate()
    keyring = chosen.keyring
    _check_tenants(keyring, manifest, await store.audit_tenants())
    audit = AuditLog(store, keyring)
    since = Since(frozenset(keyring.store.tenants()))
    others = await _look_around(wanted, since, keyring, audit, manifest)
    check_age(chosen.version, since.key_store, older=bool(wanted.older_keys))
    ledger = {line.id for line in keyring.store.erasures()}
    missing = {line: who for line, who in since.erased.items() if line not in ledger}
    applied = await apply_ledger(
        store, keyring, audit, header.id, set(missing.values()),
        drop_unreadable=wanted.without_unreadable,
    )  # fmt: skip
    await _open_rosters(store, keyring)
    revoked = await _revoke(wanted, store, audit)
    await _tell(wanted, audit, header, manifest, since, applied, chosen)
    verified = await audit.verify(against=others)
    if not verified.ok:
        first = verified.findings[0]
        raise BackupError(
            f"The audit log in the backup does not verify: event {first.seq} of tenant "
            f"'{first.tenant}': {first.what}. Nothing was changed. Take an older backup, and keep "
            "this one for whoever looks into it.",
            "audit_broken",
        )
    await store.compact()
    checked = Checked(
        header.id, manifest.made, manifest.metier, applied, verified, chosen.version,
        chosen.staged is not None, _escrow_version(wanted, folder), tuple(since.lost.values()),
        tuple(since.redo), since.unread,
    )  # fmt: skip
    return Ready(manifest, chosen, staged, tuple(files), checked, revoked, tuple(missing.items()))


def _check_tenants(keyring: Keyring, manifest: Manifest, in_log: Sequence[str]) -> None:
    """A tenant without keys in the key store gets none here: its records would be lost."""
    unknown = {*manifest.tenants, *in_log} - set(keyring.store.tenants())
    if unknown:
        raise BackupError(
            f"The key store has no keys of {len(unknown)} tenant(s) of this backup: it is older "
            f"than the backup, or another one's. {KEPT} Give the right one with --keys.",
            "keys_missing",
        )


async def _look_around(
    wanted: Restoring, since: Since, keyring: Keyring, audit: AuditLog, manifest: Manifest
) -> list[Checkpoint]:
    """Reads newer logs; returns the checkpoints that the restored one is held against."""
    old = wanted.home / STORE
    since.unread = old.is_file() and not readable(old)
    if readable(old):
        store = Store(f"sqlite:///{old}")
        try:
            await _since.from_store(since, AuditLog(store, keyring), manifest.heads)
        except StoreUnavailable:
            since.unread = True
        finally:
            await store.close()
    if wanted.against is None:
        return []
    await _since.from_file(since, audit, wanted.against, manifest.heads)
    found = _since.checkpoints(wanted.against)
    return _since.ahead(since, audit, found, manifest.heads)


async def _open_rosters(store: Store, keyring: Keyring) -> None:
    """Opens the list of every person's records: the keys are theirs, and nobody was put back.

    Raises:
        MetierError: one does not open.
    """
    for tenant in await store.tenants():
        after = ""
        while people := await store.subjects(tenant, after):
            stored = {subject: await store.subject(tenant, subject) for subject in people}
            await asyncio.to_thread(_open_all, keyring, tenant, stored)
            after = people[-1]


def _open_all(keyring: Keyring, tenant: str, stored: Mapping[str, SubjectRows | None]) -> None:
    keys = keyring.store.keys_of(tenant, list(stored))
    for subject, rows in stored.items():
        if rows is not None and rows.key_id:
            own = [RecordKey(keyring.unwrap(row)) for row in keys.get(subject, ())]
            SubjectRecords.load(SubjectKeys(tenant, subject, own), rows.revision, rows.roster)


async def _revoke(wanted: Restoring, store: Store, audit: AuditLog) -> int:
    """Revokes anew which API keys have been revoked since, as far as the old store tells."""
    path = wanted.home / STORE
    if not readable(path):
        return 0
    count, old = 0, Store(f"sqlite:///{path}")
    try:
        for tenant in await audit.store.audit_tenants():
            for row in await old.api_keys(tenant):
                if row.revoked is None:
                    continue
                event = AuditEvent("api-key-revoked", wanted.by, "", tenant, {"key": row.id})
                count += await store.revoke_api_key(tenant, row.id, row.revoked, audit.entry(event))
    except StoreUnavailable:
        return count  # that the old store can't be read is said already
    finally:
        await old.close()
    return count


async def _tell(
    wanted: Restoring,
    audit: AuditLog,
    header: Header,
    manifest: Manifest,
    since: Since,
    applied: Applied,
    chosen: Chosen,
) -> None:
    """Writes into each chain that it goes on from a backup, and how the one before ended."""
    of_all: Detail = {
        "erased": applied.erased,
        "unreadable": applied.unreadable,
        "key_store": chosen.version,
        "older_keys": wanted.older_keys[:200] or None,
    }
    for tenant in sorted({head.tenant for head in manifest.heads} | {""}):
        lost = since.lost.get(tenant)
        detail: Detail = {
            "archive": header.id,
            "made": manifest.made,
            "lost": lost.events if lost else None,
            "previous_seq": lost.last if lost else None,
            "previous_hash": lost.hash if lost else None,
        }
        detail = {**detail, **({} if tenant else of_all)}
        await audit.append(AuditEvent("restore", wanted.by, "", tenant, detail))


def _escrow_version(wanted: Restoring, folder: Path) -> int | None:
    """Of the escrow beside the archive, where it opens."""
    place = wanted.keys or wanted.archive.with_name(ESCROW)
    aside = folder / "escrow"
    aside.mkdir(mode=0o700)
    try:
        store = KeyStore.open(unpack(wanted.root, place, aside))
    except (MetierError, OSError):
        return None
    version = store.version
    store.close()
    return version
