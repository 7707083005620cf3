"""Reading what is stored of imports, and acting on the person's state for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from metier.access import Action
from metier.audit import AuditEvent
from metier.crypto import Change, SubjectRecords
from metier.model import Actor
from metier.pipeline._admit import outside_turn
from metier.pipeline._import_rows import ImportState, Journal
from metier.pipeline._rows import IMPORT
from metier.pipeline._state import Parts, State
from metier.pipeline._subject import open_records
from metier.store import AgedRow, Conflict

if TYPE_CHECKING:
    from metier.pipeline._import_learn import Heard


class Memories(Protocol):
    """How what was said is remembered, and forgotten again with its import."""

    def keep(
        self, state: State, change: Change, import_id: str, heard: Sequence[Heard]
    ) -> tuple[tuple[AgedRow, ...], int, Mapping[str, int]]:
        """The rows of a batch, how many messages are in them, and by rule how many are not."""

    def drop(
        self, state: State, change: Change, import_id: str, rows: Mapping[str, bytes]
    ) -> tuple[tuple[AgedRow, ...], tuple[str, ...]]:
        """Rows written anew without what an import brought, and rows that go, of all `rows`."""


# --- reading ------------------------------------------------------------------------


def names_of(records: SubjectRecords, import_id: str = "") -> tuple[list[str], list[str]]:
    """The rows of the imports, or of one: (those that say how far, those of batches)."""
    rows = sorted(name for name in records.rows("memory") if name.startswith(IMPORT))
    mine = [n for n in rows if not import_id or n.split("/")[1] == import_id]
    return [n for n in mine if n.count("/") == 1], [n for n in mine if n.count("/") == 2]


async def read_rows(
    parts: Parts, records: SubjectRecords, names: Sequence[str]
) -> dict[str, bytes]:
    """Opens some rows of `memory` as `records` knows them.

    Raises:
        RecordMissing, SealBroken: somebody has changed what is stored.
        Conflict: they were changed since `records` was read; to be done anew.
    """
    if not names:
        return {}
    tenant, subject = records.keys.tenant, records.keys.subject
    found = await parts.store.memory(tenant, subject, names)
    if found.subject is not None and found.subject.revision != records.revision:
        await open_records(parts, tenant, subject, found.subject)  # which refuses what is forged
        raise Conflict
    sealed = {row.id: row.sealed for row in found.rows}
    return {name: records.open("memory", name, sealed.get(name)) for name in names}


async def read_states(parts: Parts, records: SubjectRecords) -> list[ImportState]:
    """All imports of a subject, oldest first."""
    names, _ = names_of(records)
    found = await read_rows(parts, records, names)
    return sorted((ImportState.decode(d) for d in found.values()), key=lambda s: s.started)


async def read_journal(parts: Parts, records: SubjectRecords, import_id: str = "") -> list[Journal]:
    """What the batches of all imports, or of one, did; oldest first."""
    _, names = names_of(records, import_id)
    found = await read_rows(parts, records, names)
    return [Journal.decode(found[name]) for name in names]


# --- around all of it ---------------------------------------------------------------


async def state_for(
    parts: Parts, actor: Actor, subject: str | None, domain: str, action: Action = "correct"
) -> State:
    """The person's state, for who may do that to it."""
    some = min(parts.registry.domains, default="")  # where it is for all, any will do
    return await outside_turn(parts, actor, subject, domain or some, action)


def event_of(
    state: State,
    kind: str,
    detail: Mapping[str, str | int | bool | None],
    revision: int | None = None,
) -> AuditEvent:
    """An event about the person; its detail holds nothing of what was imported."""
    turn = state.turn
    return AuditEvent(
        kind, state.request.actor.id, turn.subject, turn.tenant, dict(detail), revision
    )
