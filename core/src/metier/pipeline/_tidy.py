"""Joins the memories of single turns into larger blocks, in the background; vectors with them.

Each turn leaves a small row; many of them would fill the person's roster, which every
turn seals anew. So they are joined, and what lacks a vector gets one. What is computed of the
person (vectors of their facts, how they write) is made anew from what there is now.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import Final

from metier.audit import AuditEvent
from metier.crypto import SubjectRecords
from metier.learning import PersonVectors, Style, encoded_facts, style_of
from metier.model import Fact
from metier.pipeline._memories import open_rows
from metier.pipeline._person import VECTORS, computed
from metier.pipeline._rows import BLOCK, TURN_BLOCK
from metier.pipeline._state import Parts
from metier.pipeline._subject import open_stored
from metier.profile.memory import Block, Changes, consolidate, unpack
from metier.store import AgedRow, Conflict, SubjectChange

DUE: Final = 32
"""Rows of single turns that are joined together."""
STALE: Final = 8
"""Facts that are newer than the vectors, before these are made anew."""
_HABIT = 500
"""Messages of one domain that tell how a person writes there: the latest."""
_ENCODINGS = 64
"""Memories that get a vector in one run; the next run goes on."""
_IMPORTED: Final = re.compile(rf"{BLOCK}(?!t-)[^/]*-\d+$")
"""Blocks of imports stay apart: they are kept for as long from the import on."""


def due(records: SubjectRecords) -> bool:
    """Whether a person has enough rows of single turns, or of facts without vectors."""
    turns = sum(row.startswith(TURN_BLOCK) for row in records.rows("memory"))
    return turns >= DUE or _stale(records)


def _stale(records: SubjectRecords) -> bool:
    made = records.entry("memory", VECTORS)
    since = made.version if made else 0
    return sum(entry.version > since for entry in records.rows("fact").values()) >= STALE


async def tidy(parts: Parts, tenant: str, subject: str) -> int:
    """Joins a person's blocks and makes their vectors; returns how many rows there are fewer.

    Nothing is done where a turn of theirs was faster: the next one asks again.

    Raises:
        MetierError: the records can't be opened.
    """
    stored = await open_stored(parts, tenant, subject)
    records = stored.records
    if records.roster.restricted:
        return 0
    try:
        rows = await open_rows(parts, records, [BLOCK])
        entries = records.rows("memory")
        blocks = {row: unpack(data) for row, data in rows.items() if not _IMPORTED.match(row)}
        changes = await asyncio.to_thread(_joined, parts, blocks)
        stale = _stale(records)
        if not changes.blocks and not stale:
            return 0
        known = (await computed(parts, records)).vectors
        # What the blocks say before they are joined: what is joined says no more.
        vectors = await asyncio.to_thread(_vectors, parts, stored.facts, known, blocks.values())
        change, now = records.change(), int(parts.clock().timestamp())
        data = vectors.pack()
        written = [AgedRow(VECTORS, change.seal("memory", VECTORS, data, now), now)]
        for name, data in changes.blocks.items():
            at = min(int(m.at.timestamp()) for m in unpack(data).memories())
            written.append(AgedRow(name, change.seal("memory", name, data, at), at))
        gone = tuple(row for row in changes.retired if row in entries)
        for row in gone:
            change.remove("memory", row)
        told = {"rows": len(changes.blocks), "joined": len(gone), "vectors": len(vectors.facts)}
        event = AuditEvent("memory-tidied", "metier", subject, tenant, told, change.revision)
        await parts.store.change_subject(
            SubjectChange(
                tenant, subject, records.revision, change.key_id, change.sealed_roster(),
                parts.audit.entry(event), now,
                memory=tuple(written), gone={"memory": gone},
            )
        )  # fmt: skip
    except Conflict:
        return 0
    return len(gone) - len(changes.blocks)


def _joined(parts: Parts, blocks: dict[str, Block]) -> Changes:
    return consolidate(blocks, parts.terms(), parts.encoder(), encodings=_ENCODINGS)


def _vectors(
    parts: Parts, facts: Sequence[Fact], known: PersonVectors, blocks: Iterable[Block]
) -> PersonVectors:
    """The vectors of a person's facts, and of how they write in each domain."""
    encoder = parts.encoder()
    encoded = encoded_facts(facts, encoder, known) if encoder is not None else {}
    said: dict[str, list[tuple[float, str]]] = {}
    for block in blocks:
        for memory in block.memories():
            if memory.speaker == "user" and memory.source == "turn":
                said.setdefault(memory.domain, []).append((memory.at.timestamp(), memory.text))
    styles: dict[str, Style] = {}
    for domain, texts in sorted(said.items()):
        style = style_of([text for _, text in sorted(texts)[-_HABIT:]])
        if style is not None:
            styles[domain] = style
    return PersonVectors(encoded, styles)
