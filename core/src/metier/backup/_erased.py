"""The erasure ledger, applied to a store from a backup.

A row stays where the key that sealed it is in the key store. A row whose key is
not there belongs to somebody who was erased: then it goes, with all that names
its subject. Or the key was renewed after the backup: then nobody can open the
row any more, and whether to go on without it is for a person to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select

from metier.audit import AuditEvent, AuditLog
from metier.backup._errors import BackupError
from metier.crypto import Keyring, erasure_tag
from metier.store import OF_SUBJECT, ChainRow, ConversationRow, Store, SubjectRow

Subject = tuple[str, str]
"""A tenant and an id."""
_BATCH = 500
_Keys = Mapping[Subject, frozenset[bytes]]


@dataclass(frozen=True, slots=True)
class Applied:
    """What went.

    Args:
        erased: people whose rows were deleted, since they had been erased.
        unreadable: people whose rows were deleted, since no key is left that opens them.
        rows: how many rows.
        people: how many are left.
    """

    erased: int
    unreadable: int
    rows: int
    people: int


async def apply_ledger(
    store: Store,
    keyring: Keyring,
    audit: AuditLog,
    archive: str,
    told: Collection[Subject] = (),
    *,
    drop_unreadable: bool = False,
) -> Applied:
    """Deletes what can't, or must not, be opened again.

    Args:
        store: a copy that nobody uses.
        archive: the id of the archive, for the events.
        told: people of whose erasure a newer log tells and the ledger does not.
        drop_unreadable: also deletes rows whose key is gone without an erasure.

    Raises:
        BackupError: there are such rows, and they are not to be deleted.
    """
    found = await store.read(sealed_by)
    erased, dead, unreadable = await asyncio.to_thread(sort, keyring, found, frozenset(told))
    if unreadable and not drop_unreadable:
        raise BackupError(
            f"The records of {len(unreadable)} of {len(found)} people in this backup can't be "
            "opened with this key store, and they were not erased: their keys were renewed after "
            "the backup, or the key store is not the right one. Nothing was changed. Take a newer "
            "backup; or --without-unreadable restores the others.",
            "keys_missing",
        )
    rows = 0
    for person in sorted(erased | unreadable):
        kind = "subject-erase" if person in erased else "restore-dropped"
        rows += await _remove(store, audit, archive, person, kind, found[person], dead[person])
    await store.compact()
    people = len(await store.read(sealed_by))
    return Applied(len(erased), len(unreadable), rows, people)


def sealed_by(connection: Connection) -> _Keys:
    """Everybody of whom something is stored, and the keys that sealed it."""
    found: dict[Subject, set[bytes]] = {}
    for table in OF_SUBJECT:
        columns: Any = table.__table__.c  # type: ignore[attr-defined]
        person = (columns.tenant, columns.subject)
        key: Any = columns.key_id if table is SubjectRow else None
        if "sealed" in columns:
            key = func.substr(columns.sealed, 2, 32)
        query = select(*person) if key is None else select(*person, key)
        for tenant, subject, *keys in connection.execute(query.distinct()):
            # What is no key id, since somebody has changed the row, is a key that nobody has.
            ids = {k if isinstance(k, bytes) else b"" for k in keys}
            found.setdefault((tenant, subject), set()).update(ids)
    return {person: frozenset(keys) for person, keys in found.items()}


def sort(
    keyring: Keyring, found: _Keys, told: frozenset[Subject]
) -> tuple[set[Subject], dict[Subject, frozenset[bytes]], set[Subject]]:
    """The erased, the keys of each person that are gone, and those whose keys only are gone."""
    ledger = keyring.store.erasures()
    destroyed = {key for line in ledger for key in line.keys}
    tags = {(line.tenant, line.tag) for line in ledger}
    erased: set[Subject] = set()
    unreadable: set[Subject] = set()
    dead: dict[Subject, frozenset[bytes]] = {}
    known = _known(keyring, found)
    for person, keys in found.items():
        alive = known.get(person, frozenset())
        gone = keys if person in told else keys - alive
        if not gone and (keys or alive):
            continue
        dead[person] = gone
        tag = (person[0], erasure_tag(keyring, *person))
        if person in told or gone & destroyed or tag in tags:
            erased.add(person)
        else:
            unreadable.add(person)
    return erased, dead, unreadable


def _known(keyring: Keyring, people: Iterable[Subject]) -> _Keys:
    """Ids of the keys of these people that are in the key store."""
    by_tenant: dict[str, list[str]] = {}
    for tenant, subject in people:
        by_tenant.setdefault(tenant, []).append(subject)
    found: dict[Subject, frozenset[bytes]] = {}
    for tenant, subjects in by_tenant.items():
        for start in range(0, len(subjects), _BATCH):
            rows = keyring.store.keys_of(tenant, subjects[start : start + _BATCH])
            found |= {(tenant, name): frozenset(r.id for r in keys) for name, keys in rows.items()}
    return found


async def _remove(
    store: Store,
    audit: AuditLog,
    archive: str,
    person: Subject,
    kind: str,
    keys: frozenset[bytes],
    dead: frozenset[bytes],
) -> int:
    tenant, subject = person
    if keys - dead:  # who came back after the erasure keeps what was stored since
        return await store.write(lambda c: _delete_sealed_by(c, person, dead))
    # Revision 0: from here on the log says that there is nothing, as after any erasure.
    event = AuditEvent(
        kind, "metier", subject, tenant, {"archive": archive, "keys": len(dead)}, revision=0
    )
    return sum((await store.erase_subject(tenant, subject, [audit.entry(event)])).values())


def _delete_sealed_by(connection: Connection, person: Subject, dead: frozenset[bytes]) -> int:
    count = 0
    for table in OF_SUBJECT:
        columns: Any = table.__table__.c  # type: ignore[attr-defined]
        if "sealed" in columns:
            mine = (columns.tenant == person[0], columns.subject == person[1])
            sealed_by = func.substr(columns.sealed, 2, 32).in_(list(dead))
            count += connection.execute(delete(table).where(*mine, sealed_by)).rowcount
    chain: Any = ChainRow.__table__.c  # type: ignore[attr-defined]
    kept: Any = ConversationRow.__table__.c  # type: ignore[attr-defined]
    there = select(kept.id).where(kept.tenant == person[0])
    gone = delete(ChainRow).where(
        chain.tenant == person[0], chain.subject == person[1], chain.conversation.not_in(there)
    )
    return count + connection.execute(gone).rowcount
