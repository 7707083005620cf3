"""A person's memories of conversations: opened on use, written with each turn.

They lie in sealed rows of `memory`, a small one for each turn and larger ones that
`tidy` makes of those. What is opened is kept in memory for a while (`OpenMemories`).
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.crypto import Change, SubjectRecords
from metier.pipeline._about_you import asks_of_self
from metier.pipeline._own_words import own_words
from metier.pipeline._rows import BLOCK, CONVERSATIONS, TURN_BLOCK, Held
from metier.pipeline._sensitive import keepable
from metier.pipeline._subject import open_records
from metier.profile.memory import Block, Memory, MemoryIndex, pack, unpack
from metier.store import AgedRow, Conflict

if TYPE_CHECKING:
    from metier.pipeline._state import Parts, State

_LONGEST = 2000
"""Characters kept of what a person said; more is a document rather than something said."""
_LONGEST_ANSWER = 600
_CITES = re.compile(r"\[\d{1,2}\]")


async def open_memories(parts: Parts, records: SubjectRecords) -> MemoryIndex | None:
    """What the person said before, ready to be searched; None where nothing is kept.

    Raises:
        RecordMissing, SealBroken: somebody has changed what is stored.
    """
    tenant, subject = records.keys.tenant, records.keys.subject
    while True:
        wanted = _versions(records)
        if not wanted:
            parts.memories.close(tenant, subject)
            return None
        held = parts.memories.get(tenant, subject)
        known = held.versions if held else {}
        missing = [row for row, version in wanted.items() if known.get(row) != version]
        if held and not missing and len(known) == len(wanted):
            return held.index
        fresh = {
            row: data
            for row, (version, data) in (held.fresh if held else {}).items()
            if wanted.get(row) == version
        }
        sealed: dict[str, bytes] = {}
        if unread := [row for row in missing if row not in fresh]:
            found = await parts.store.memory(tenant, subject, unread)
            if found.subject is not None and found.subject.revision != records.revision:
                # Another turn of the same person was faster: what it left is read instead.
                records = await open_records(parts, tenant, subject, found.subject)
                if _versions(records) != wanted:
                    continue
            sealed = {row.id: row.sealed for row in found.rows}
        kept = {row: held.blocks[row] for row in wanted if held and row not in missing}
        held = await asyncio.to_thread(_opened, records, wanted, kept, fresh, sealed)
        parts.memories.put(tenant, subject, held)
        return held.index


def _versions(records: SubjectRecords) -> dict[str, int]:
    rows = records.rows("memory")
    return {row: entry.version for row, entry in rows.items() if row.startswith(BLOCK)}


def _opened(
    records: SubjectRecords,
    wanted: Mapping[str, int],
    kept: Mapping[str, Block],
    fresh: Mapping[str, bytes],
    sealed: Mapping[str, bytes],
) -> Held:
    blocks: dict[str, Block] = {}
    for row in wanted:
        if row in kept:
            blocks[row] = kept[row]
        else:
            data = fresh[row] if row in fresh else records.open("memory", row, sealed.get(row))
            blocks[row] = unpack(data)
    return Held(dict(wanted), blocks, MemoryIndex.build(tuple(blocks.values())))


async def open_rows(
    parts: Parts, records: SubjectRecords, prefixes: Sequence[str] = ("",)
) -> dict[str, bytes]:
    """The person's rows of `memory`, opened; those whose ids begin in one of some ways.

    Raises:
        Conflict: the person's records have changed since `records` was read.
        RecordMissing, SealBroken: somebody has changed what is stored.
    """
    wanted = [row for row in records.rows("memory") if row.startswith(tuple(prefixes))]
    if not wanted:
        return {}
    found = await parts.store.memory(records.keys.tenant, records.keys.subject, wanted)
    if found.subject is None or found.subject.revision != records.revision:
        raise Conflict
    sealed = {row.id: row.sealed for row in found.rows}
    return {row: records.open("memory", row, sealed.get(row)) for row in wanted}


# --- what a turn leaves -------------------------------------------------------------------


def memories_of(state: State, answer: str) -> tuple[Memory, ...]:
    """What of a turn is remembered: what may be kept of the message, and the answer's beginning."""
    turn, said = state.turn, own_words(state.turn.message)
    if not _remembering(state) or asks_of_self(said):
        return ()
    found: list[Memory] = []
    # What the grounded engine says without a source is the same words each time.
    told = answer if state.parts.engine.name != "grounded" or _CITES.search(answer) else ""
    for speaker, text, longest in (
        ("user", said, _LONGEST),
        ("assistant", told, _LONGEST_ANSWER),
    ):
        kept, categories = keepable(state, text[:longest])
        if kept:
            found.append(
                Memory(
                    f"{turn.id}:{len(found)}", turn.id, turn.conversation, turn.domain, speaker,
                    kept, turn.now, categories,
                )
            )  # fmt: skip
    # An answer to what may not be kept would tell it.
    return tuple(found) if found and found[0].speaker == "user" else ()


def _remembering(state: State) -> bool:
    from metier.pipeline._prepare import learnable

    if state.continued or state.turn.private or not state.request.store or state.plan is None:
        return False
    return CONVERSATIONS in state.manifest.writes and learnable(state, CONVERSATIONS)


@dataclass(frozen=True, slots=True, repr=False)
class Left:
    """What a turn leaves to be remembered: a row of `memory`, not yet sealed."""

    row: str
    data: bytes
    at: int

    def sealed(self, change: Change) -> AgedRow:
        return AgedRow(self.row, change.seal("memory", self.row, self.data, self.at), self.at)


def left_by(state: State, answer: str) -> Left | None:
    """The row of a turn's memories; None where it leaves none."""
    memories = memories_of(state, answer)
    if not memories:
        return None
    at = min(int(memory.at.timestamp()) for memory in memories)
    vectors = [state.vector if memory.text == state.turn.message else None for memory in memories]
    data = pack(memories, vectors, state.parts.terms())
    return Left(f"{TURN_BLOCK}{secrets.token_hex(8)}", data, at)
