"""What the policy no longer keeps: it isn't loaded, and it is deleted."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from metier.audit import AuditEvent
from metier.crypto import SubjectRecords
from metier.model import Fact, MetierError
from metier.pipeline._forget import rewritten
from metier.pipeline._memories import open_rows
from metier.pipeline._rows import BLOCK, ENDED, UNDO
from metier.pipeline._state import Parts
from metier.pipeline._subject import Stored, open_stored
from metier.pipeline._undo import UNDO_DAYS
from metier.policy import KEPT
from metier.profile import decode_fact
from metier.store import Conflict, Expired, SubjectChange

_log = logging.getLogger("metier")
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Purged:
    """What a run of retention did.

    Args:
        subjects: of how many subjects something is gone.
        rows: how many rows are gone.
        held: subjects whose expired data stays, since a legal hold is on it.
        failed: subjects whose data could not be opened or deleted.
    """

    subjects: int = 0
    rows: int = 0
    held: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Limits:
    """What was last used before these times (seconds since 1970) has expired; 0 for nothing."""

    conversations: int
    turns: int
    feedback: int
    memories: int
    undo: int
    categories: dict[str, int] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        every = (self.conversations, self.turns, self.feedback, self.memories, self.undo)
        return any(every) or bool(self.categories)


def oldest_kept(parts: Parts) -> int:
    """A conversation that was last used before this time has expired; 0 for none."""
    return _before(parts, "conversations")


def _before(parts: Parts, kind: str) -> int:
    days = parts.policy.retention(kind).days
    return 0 if days is None else int((parts.clock() - timedelta(days=days)).timestamp())


def _limits(parts: Parts) -> _Limits:
    named = {
        category
        for policy in parts.policy.policies
        for category in policy.model.retention
        if category not in ("*", "consents", "audit", *KEPT)
    }
    return _Limits(
        _before(parts, "conversations"),
        _before(parts, "turns"),
        _before(parts, "feedback"),
        _before(parts, "memories"),
        int((parts.clock() - timedelta(days=UNDO_DAYS)).timestamp()),
        {category: _before(parts, category) for category in sorted(named)},
    )


async def purge(parts: Parts) -> Purged:
    """Deletes what has expired, of every tenant and subject, each with an audit event.

    Raises:
        StoreUnavailable: the store can't be read.
    """
    limits, done = _limits(parts), Purged()
    if not limits.any:
        return done
    async for tenant, subject in _due(parts, limits):
        try:
            rows, held = await _purge_subject(parts, tenant, subject, limits)
        except MetierError as error:  # one person's broken records don't keep the others' for ever
            _log.warning("What has expired of a subject was not deleted: %s", error.message)
            done = Purged(done.subjects, done.rows, done.held, done.failed + 1)
            continue
        done = Purged(done.subjects + bool(rows), done.rows + rows, done.held + held, done.failed)
    return done


async def _due(parts: Parts, limits: _Limits) -> AsyncIterator[tuple[str, str]]:
    """Subjects that have something old; all, where facts of some category expire."""
    before = {
        "conversation": limits.conversations, "vault": limits.conversations,
        "turn_record": limits.turns, "feedback": limits.feedback,
        f"memory/{BLOCK}": limits.memories, f"memory/{ENDED}": limits.memories,
        f"memory/{UNDO}": limits.undo,
    }  # fmt: skip
    for tenant in await parts.store.tenants():
        after = ""
        while True:
            if limits.categories:  # the age of a fact is sealed
                batch = await parts.store.subjects(tenant, after)
            else:
                batch = await parts.store.due_subjects(tenant, before, after)
            for subject in batch:
                yield tenant, subject
            if not batch:
                break
            after = batch[-1]


async def _purge_subject(
    parts: Parts, tenant: str, subject: str, limits: _Limits
) -> tuple[int, bool]:
    """Deletes what has expired of one subject: how many rows, and whether a hold kept them."""
    for _ in range(_TRIES):
        stored = await open_stored(parts, tenant, subject)
        oldest = await parts.store.oldest_turn(tenant, subject)
        try:
            memory = await _old_memory(parts, stored, limits)
        except Conflict:
            continue
        expired = _expired(parts, stored, limits, oldest, memory)
        if expired is None:
            return 0, False
        if stored.records.roster.held:
            return 0, True
        try:
            return await parts.store.expire(expired), False
        except Conflict:
            continue  # a turn of the subject was faster
    raise Conflict


def _expired(
    parts: Parts,
    stored: Stored,
    limits: _Limits,
    oldest_turn: int | None,
    memory: Mapping[str, bytes],
) -> Expired | None:
    records = stored.records
    conversations = _older(records, "conversation", limits.conversations)
    vaults = _older(records, "vault", limits.conversations)
    feedback = _older(records, "feedback", limits.feedback)
    facts = [fact.id for fact in stored.facts if _too_old(fact, limits)]
    turns = limits.turns if oldest_turn is not None and oldest_turn < limits.turns else 0
    if not (conversations or vaults or feedback or facts or turns or memory):
        return None
    change = records.change()
    left = rewritten(
        change, memory, lambda row, data: True,
        lambda m: m if m.at.timestamp() >= limits.memories else None, parts.terms(),
    )  # fmt: skip
    gone = {
        "conversation": conversations, "vault": vaults, "feedback": feedback, "fact": facts
    }  # fmt: skip
    for table, rows in gone.items():
        for row in rows:
            change.remove(table, row)
    event = AuditEvent(
        kind="retention",
        actor="metier",
        subject=records.keys.subject,
        tenant=records.keys.tenant,
        detail={
            **{table: len(rows) for table, rows in gone.items()},
            "memory": len(left.gone) + len(left.rows),
            "turn_record": bool(turns),
            "turns_before": turns,
            "policy": parts.policy.version,
        },
        revision=change.revision,
    )
    return Expired(
        SubjectChange(
            tenant=records.keys.tenant,
            subject=records.keys.subject,
            expected_revision=records.revision,
            key_id=change.key_id,
            roster=change.sealed_roster(),
            event=parts.audit.entry(event),
            at=int(parts.clock().timestamp()),
            memory=left.rows,
            gone={"feedback": tuple(feedback), "fact": tuple(facts), "memory": left.gone},
        ),
        conversations=tuple(conversations),
        vaults=tuple((c, a) for c, _, a in (row.partition("/") for row in vaults)),
        turns_before=turns,
    )


async def _old_memory(parts: Parts, stored: Stored, limits: _Limits) -> dict[str, bytes]:
    """The rows of `memory` that have something old in them, opened."""
    records, found = stored.records, {}
    rows = records.rows("memory")
    if any(e.at < limits.memories for row, e in rows.items() if row.startswith(BLOCK)):
        found = {
            row: data for row, data in (await open_rows(parts, records, [BLOCK])).items()
            if rows[row].at < limits.memories
        }  # fmt: skip
    ended = [e.at for row, e in rows.items() if row.startswith(ENDED)]
    if ended and (limits.categories or min(ended) < limits.memories):
        found |= {
            row: data for row, data in (await open_rows(parts, records, [ENDED])).items()
            if rows[row].at < limits.memories or _too_old(decode_fact(data), limits)
        }  # fmt: skip
    if any(e.at < limits.undo for row, e in rows.items() if row.startswith(UNDO)):
        found |= {
            row: data for row, data in (await open_rows(parts, records, [UNDO])).items()
            if rows[row].at < limits.undo
        }  # fmt: skip
    return found


def _older(records: SubjectRecords, table: str, before: int) -> list[str]:
    return [row for row, entry in records.rows(table).items() if entry.at < before]


def _too_old(fact: Fact, limits: _Limits) -> bool:
    before = limits.categories.get(fact.category, 0)
    return fact.learned_at is not None and int(fact.learned_at.timestamp()) < before
