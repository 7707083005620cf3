"""Newer keys for people: their records are sealed anew, then the old keys are destroyed.

A person with more keys than one is not finished; that is all that has to be
remembered. A newer key is made; every record that an older one sealed is sealed
with it, in steps that each are a change of the subject with its own revision; and
once no record names an older key any more, the older keys are destroyed, some
seconds later, so that what was read before can still be opened.

A turn that began with the old key loses the race for the revision, reads what is
there now, and with it the newer key (see `pipeline._commit`).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from metier.audit import AuditEvent, Detail
from metier.crypto import KeyringError, RotationRow, SubjectRecords
from metier.model import MetierError
from metier.pipeline import Parts, open_records, retried
from metier.store import Resealed, SealedRow, StaleRows, SubjectChange

_log = logging.getLogger("metier")
_STEP = 100
"""Records that are sealed anew in one transaction."""
_PEOPLE = 50
"""People whose newer keys are made in one transaction of the key store."""
Progress = Callable[[int, int, int], None]
"""Told how many people are done, of how many, and how many records were sealed anew."""


def _silent(done: int, total: int, records: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did.

    Args:
        people: how many have a newer key and no older one.
        records: how many were sealed anew.
        failed: people whose records can't be opened; their keys are as they were.
        seconds: how long it took.
    """

    people: int = 0
    records: int = 0
    failed: int = 0
    seconds: float = 0.0

    def __add__(self, other: Rotated) -> Rotated:
        return Rotated(
            self.people + other.people,
            self.records + other.records,
            self.failed + other.failed,
            self.seconds + other.seconds,
        )


@dataclass(slots=True)
class Pace:
    """How much of the machine a rotation takes.

    Args:
        share: of the time it works; it rests in between, so that turns are served.
        grace: seconds for which an old key is kept after the last record was sealed anew.
        keep_old: leaves the old keys until `resume_subjects`, so that backups from before
            can still be read.
    """

    share: float = 0.25
    grace: float = 2.0
    keep_old: bool = False
    _owed: float = field(default=0.0, init=False)

    @contextmanager
    def working(self) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self._owed += (time.perf_counter() - started) * (1 / self.share - 1)

    async def rest(self) -> None:
        owed, self._owed = self._owed, 0.0
        await asyncio.sleep(owed)


async def rotate_person(
    parts: Parts, tenant: str, subject: str, by: str, pace: Pace | None = None
) -> Rotated:
    """Gives one person a newer key and destroys the older ones.

    Raises:
        MetierError: nothing is stored of them, or a record can't be opened; then their old
            keys stay.
    """
    pace, started = pace or Pace(), time.perf_counter()
    rows = await parts.store.subject(tenant, subject)
    if rows is None or not rows.key_id:
        raise MetierError(
            "Nothing is stored of this person, so there is no key to rotate.",
            code="subject_not_found",
            status=404,
        )
    await asyncio.to_thread(parts.keyring.renew_subjects, tenant, [subject])
    ending = _Ending(parts, tenant, by, pace)
    records = await _reseal(parts, tenant, subject, by, pace)
    ending.add(subject, records)
    await ending.run(to_the_end=True)
    return Rotated(1, records, 0, time.perf_counter() - started)


async def rotate_people(
    parts: Parts,
    tenant: str,
    by: str,
    pace: Pace | None = None,
    progress: Progress = _silent,
) -> Rotated:
    """Gives everybody of a tenant a newer key; goes on with what was begun and cut short.

    Raises:
        StoreUnavailable, KeyringError: the store or the key store can't be used, or there is
            no such tenant.
    """
    line = await asyncio.to_thread(_line, parts, tenant)
    line = replace(line, total=await parts.store.count_subjects(tenant), done=0)
    return await _sweep(parts, line, by, pace or Pace(), progress)


async def resume_subjects(
    parts: Parts,
    by: str,
    pace: Pace | None = None,
    progress: Progress = _silent,
) -> Rotated:
    """Finishes what was begun: rotations of whole tenants, and people with an older key left.

    Raises:
        StoreUnavailable, KeyringError: the store or the key store can't be used.
    """
    chosen, done = pace or Pace(), Rotated()
    store = parts.keyring.store
    for line in await asyncio.to_thread(lambda: store.rotations(open_only=True)):
        if line.level == "subject":
            done += await rotate_people(parts, line.tenant, by, chosen, progress)
    for tenant in await asyncio.to_thread(store.tenants):
        figures = await asyncio.to_thread(store.key_figures, tenant)
        if figures.unfinished:
            rest = RotationRow("", "subject", tenant, figures.unfinished, 0, 0)
            done += await _sweep(parts, rest, by, chosen, progress)
    return done


def _line(parts: Parts, tenant: str) -> RotationRow:
    """The tenant's open rotation; a new one where there is none."""
    store = parts.keyring.store
    for line in store.rotations(open_only=True):
        if (line.level, line.tenant) == ("subject", tenant):
            return line
    if tenant not in store.tenants():
        raise KeyringError(f"There is no tenant '{tenant}' in the key store.", "tenant_not_found")
    # Later than any key there is, whatever the clock did: what is older is to be rotated.
    newest = store.key_figures(tenant).newest or 0
    started = max(int(parts.clock().timestamp()), newest + 1)
    line = RotationRow(secrets.token_hex(16), "subject", tenant, 0, 0, started)
    store.save_rotation(line)
    return line


async def _sweep(
    parts: Parts, line: RotationRow, by: str, pace: Pace, progress: Progress
) -> Rotated:
    """Goes through everybody of a tenant.

    Args:
        line: keys from before it began are replaced; one without id is of nobody's asking,
            it only finishes those who have more keys than one.
    """
    started, done = time.perf_counter(), Rotated()
    ending = _Ending(parts, line.tenant, by, pace)
    after = ""
    while people := await parts.store.subjects(line.tenant, after, _PEOPLE):
        after = people[-1]
        with pace.working():
            chosen = await asyncio.to_thread(_renew, parts, line, people)
        for subject in chosen:
            try:
                records = await _reseal(parts, line.tenant, subject, by, pace)
            except MetierError as error:
                if error.code in ("store_unavailable", "key_store_unusable"):
                    raise
                if error.code == "key_missing" and not await _stored(parts, line.tenant, subject):
                    continue  # erased meanwhile
                _log.warning("The key of a person was not rotated: %s", error.message)
                done += Rotated(failed=1)
                continue
            ending.add(subject, records)
            done += Rotated(1, records)
            await ending.run()
        if line.id:
            line = replace(line, done=min(line.total, line.done + len(people)))
            await asyncio.to_thread(parts.keyring.store.save_rotation, line)
        progress(line.done if line.id else done.people, line.total, done.records)
        await pace.rest()
    await ending.run(to_the_end=True)
    if line.id and not done.failed:
        finished = replace(line, finished=int(parts.clock().timestamp()))
        await asyncio.to_thread(parts.keyring.store.save_rotation, finished)
        detail: Detail = {"level": "subject", "people": done.people, "records": done.records}
        await parts.audit.append(AuditEvent("keys-rotated", by, "", line.tenant, detail))
    return replace(done, seconds=time.perf_counter() - started)


def _renew(parts: Parts, line: RotationRow, people: Sequence[str]) -> list[str]:
    """Makes the newer keys that are missing; returns who has an older one."""
    keys = parts.keyring.store.keys_of(line.tenant, people)
    old = [name for name, rows in keys.items() if rows[-1].made < line.started]
    if old:
        parts.keyring.renew_subjects(line.tenant, old, line.started)
    return [name for name in people if name in old or len(keys.get(name, ())) > 1]


async def _stored(parts: Parts, tenant: str, subject: str) -> bool:
    rows = await parts.store.subject(tenant, subject)
    return rows is not None and bool(rows.key_id)


# --- one person ---------------------------------------------------------------------------


async def _reseal(parts: Parts, tenant: str, subject: str, by: str, pace: Pace) -> int:
    """Seals everything of a person with their newest key; returns how many records."""
    parts.keyring.forget(tenant, subject)  # another process may have made a newer key

    async def step() -> int | None:
        keys = await asyncio.to_thread(parts.keyring.subject_keys, tenant, subject)
        newest = keys.current.id
        found = await parts.store.stale(tenant, subject, newest, _STEP)
        if found is None or not found.rows.key_id:
            return None
        if found.rows.key_id == newest and not any(found.stale.values()):
            return None
        records = await open_records(parts, tenant, subject, found.rows)
        return await _write(parts, records, found, by)

    count = 0
    while True:
        with pace.working():
            written = await retried(step)
        await pace.rest()
        if written is None:
            return count + await _reseal_turns(parts, tenant, subject, pace)
        count += written


async def _write(parts: Parts, records: SubjectRecords, found: StaleRows, by: str) -> int:
    """Seals some records anew, in one transaction.

    Raises:
        Conflict: a turn of the subject was faster.
        SealBroken: a record is not the one that the roster names.
    """
    change, keys = records.change(), records.keys
    rows: dict[str, tuple[SealedRow, ...]] = {}
    for table, stale in found.stale.items():
        sealed = []
        for row in stale:
            plain, entry = records.open(table, row.id, row.sealed), records.entry(table, row.id)
            assert entry is not None, "what opens is in the roster"
            sealed.append(SealedRow(row.id, change.seal(table, row.id, plain, entry.at)))
        rows[table] = tuple(sealed)
    count = sum(map(len, rows.values()))
    event = AuditEvent(
        "keys-reseal", by, keys.subject, keys.tenant, {"records": count}, change.revision
    )
    await parts.store.reseal(
        Resealed(
            SubjectChange(
                tenant=keys.tenant,
                subject=keys.subject,
                expected_revision=records.revision,
                key_id=change.key_id,
                roster=change.sealed_roster(),
                event=parts.audit.entry(event),
                at=int(parts.clock().timestamp()),
            ),
            rows,
        )
    )
    return count


async def _reseal_turns(parts: Parts, tenant: str, subject: str, pace: Pace) -> int:
    """Seals the records of turns anew.

    They are not in the roster, nor are these seals counted there: each was counted
    once for an older key, which leaves the newest below the bound of 2**32.
    """
    keys = await asyncio.to_thread(parts.keyring.subject_keys, tenant, subject)
    turns = await parts.store.stale_turns(tenant, subject, keys.current.id)
    records = SubjectRecords(keys)
    change = records.change()
    for start in range(0, len(turns), _STEP):
        with pace.working():
            batch = await parts.store.sealed_turns(tenant, subject, turns[start : start + _STEP])
            anew = []
            for row in batch:
                plain = records.open("turn_record", row.id, row.sealed)
                anew.append((row.id, row.sealed, change.seal("turn_record", row.id, plain)))
            await parts.store.reseal_turns(tenant, subject, anew)
        await pace.rest()
    return len(turns)


class _Ending:
    """People whose records are sealed anew, until their old keys are destroyed."""

    def __init__(self, parts: Parts, tenant: str, by: str, pace: Pace) -> None:
        self._parts = parts
        self._tenant = tenant
        self._by = by
        self._pace = pace
        self._waiting: list[tuple[float, str, int]] = []

    def add(self, subject: str, records: int) -> None:
        self._waiting.append((time.monotonic(), subject, records))

    async def run(self, *, to_the_end: bool = False) -> None:
        """Destroys the old keys of those who have waited; of all, where it is the end."""
        if self._pace.keep_old:
            return
        if to_the_end and self._waiting:
            await asyncio.sleep(
                max(0.0, self._pace.grace + self._waiting[-1][0] - time.monotonic())
            )
        elif len(self._waiting) < _PEOPLE:
            return
        due = time.monotonic() - self._pace.grace
        ready = self._waiting if to_the_end else [w for w in self._waiting if w[0] <= due]
        if not ready:
            return
        self._waiting = [w for w in self._waiting if w not in ready]
        with self._pace.working():
            await self._destroy({subject: records for _, subject, records in ready})

    async def _destroy(self, records: Mapping[str, int]) -> None:
        """Destroys keys that no record names; the event comes first, and tells of it."""
        keyring, tenant = self._parts.keyring, self._tenant
        keys = await asyncio.to_thread(keyring.store.keys_of, tenant, list(records))
        gone: list[bytes] = []
        events = []
        for subject, rows in keys.items():
            used = await self._parts.store.key_ids(tenant, subject)
            old = [row.id for row in rows[:-1] if row.id not in used]
            if not old or rows[-1].id not in used:
                continue
            gone += old
            detail: Detail = {
                "level": "subject", "records": records[subject], "destroyed": len(old),
                "key": rows[-1].id.hex()[:16],
            }  # fmt: skip
            events.append(AuditEvent("keys-rotated", self._by, subject, tenant, detail))
        await asyncio.gather(*(self._parts.audit.append(event) for event in events))
        await asyncio.to_thread(keyring.store.drop_subject_keys, gone)
        for subject in records:
            keyring.forget(tenant, subject)
