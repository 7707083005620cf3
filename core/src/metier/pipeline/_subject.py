"""What is stored of a subject, read at one moment, checked and opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from metier.audit import AuditEvent
from metier.crypto import Keyring, KeyringError, RolledBack, SubjectKeys, SubjectRecords
from metier.model import Fact, Json
from metier.pipeline._state import Parts
from metier.profile import decode_fact
from metier.store import SealedRow, SubjectRows

_MANY = 200
"""Facts that are opened in a thread; fewer take less than a change of threads."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A subject's records, and what every turn needs of them."""

    records: SubjectRecords
    facts: tuple[Fact, ...]
    states: Mapping[str, Mapping[str, Json]]
    ledger: tuple[Mapping[str, Json], ...] = ()


async def open_stored(parts: Parts, tenant: str, subject: str) -> Stored:
    """Reads and opens what is stored of a subject; nothing, where they are new.

    Raises:
        RecordMissing, RolledBack, SealBroken: somebody has changed it.
        KeyringError: the subject's keys can't be opened.
    """
    return await opened(parts, tenant, subject, await parts.store.subject(tenant, subject))


async def opened(parts: Parts, tenant: str, subject: str, rows: SubjectRows | None) -> Stored:
    """Opens what was read of a subject.

    Raises:
        RecordMissing, RolledBack, SealBroken: somebody has changed it.
        KeyringError: the subject's keys can't be opened.
    """
    records = await open_records(parts, tenant, subject, rows)
    if rows is None or not records.revision:
        return Stored(records, (), {})
    if len(rows.facts) > _MANY:  # as after a large import; others would wait
        return await asyncio.to_thread(_stored, records, rows)
    return _stored(records, rows)


def _stored(records: SubjectRecords, rows: SubjectRows) -> Stored:
    facts, states, ledger = rows.facts, rows.plugin_states, rows.ledger
    return Stored(
        records,
        tuple(decode_fact(data) for data in _all(records, "fact", facts)),
        {
            row.id: orjson.loads(data)
            for row, data in zip(states, _all(records, "plugin_state", states), strict=True)
        },
        tuple(orjson.loads(data) for data in _all(records, "ledger", ledger)),
    )


def _all(records: SubjectRecords, table: str, rows: Sequence[SealedRow]) -> list[bytes]:
    return list(records.open_all(table, ((row.id, row.sealed) for row in rows)).values())


async def open_records(
    parts: Parts, tenant: str, subject: str, rows: SubjectRows | None
) -> SubjectRecords:
    """The subject's records at the revision that was read.

    Raises:
        RolledBack: the audit log tells of a newer one, or of none.
    """
    newest = parts.audit.genuine(rows.newest) if rows and rows.newest else None
    if newest is not None and newest.subject != subject:
        raise RolledBack  # the column by which it was found names another than its body
    told = newest.revision if newest is not None else 0
    if rows is None or (not rows.key_id and told == 0):
        # From the key store, since another process may have erased the subject meanwhile.
        parts.keyring.forget(tenant, subject)
        return SubjectRecords(await _keys(parts.keyring, tenant, subject, None))
    if rows.revision != told:
        raise RolledBack
    try:
        keys = await _keys(parts.keyring, tenant, subject, rows.key_id)
    except KeyringError as error:
        if error.code != "key_missing" or not parts.keyring.is_erased(tenant, subject, rows.key_id):
            raise
        # A turn that was under way while the subject was erased: what it wrote goes too.
        event = AuditEvent("subject-erase", "metier", subject, tenant, {"rest": True}, revision=0)
        await parts.store.erase_subject(tenant, subject, [parts.audit.entry(event)])
        return SubjectRecords(await _keys(parts.keyring, tenant, subject, None))
    records = SubjectRecords.load(keys, rows.revision, rows.roster)
    if parts.keyring.due(records):  # the key has sealed its share, or is too old
        records = await asyncio.to_thread(parts.keyring.renewed, records)
    return records


async def open_tenant(parts: Parts, tenant: str) -> None:
    """Opens the tenant's keys, once: from then on digests of it cost no waiting.

    Raises:
        KeyringError: they can't be opened.
    """
    if not parts.keyring.knows(tenant):
        await asyncio.to_thread(parts.keyring.purpose_key, tenant, "open")


async def _keys(keyring: Keyring, tenant: str, subject: str, wanted: bytes | None) -> SubjectKeys:
    known = keyring.known(tenant, subject)
    if known is not None and (wanted is None or wanted in known.ids):
        return known
    # Reads the key store, and for the first subject of a tenant asks the root.
    return await asyncio.to_thread(keyring.subject_keys, tenant, subject, wanted)
