"""Joins the memories of single turns into larger blocks, in the background; vectors with them.

Each turn leaves a small row; many of them would fill the person's roster, which every
turn seals anew. So they are joined, and what lacks a vector gets one. What is computed of the
person (vectors of their facts, how they write) is made anew from what there is now. It goes in
slices, so that nobody's turn waits for it and a turn of the same person costs little work.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from metier.audit import AuditEvent
from metier.crypto import SubjectRecords
from metier.learning import PersonVectors, Style, encoded_facts, kept_apart, style_of, text_of
from metier.model import Fact
from metier.pipeline._person import VECTORS, computed
from metier.pipeline._rows import BLOCK, TURN_BLOCK
from metier.pipeline._state import Parts
from metier.pipeline._subject import open_stored
from metier.profile.memory import Block, consolidate, unpack
from metier.store import AgedRow, Conflict, SubjectChange

if TYPE_CHECKING:
    from metier.encoder import Encoder

DUE: Final = 32
"""Rows of single turns that are joined together."""
STALE: Final = 8
"""Facts that are newer than the vectors, before these are made anew."""
_HABIT = 500
"""Messages of one domain that tell how a person writes there: the latest."""
_ENCODINGS: Final = 128
"""Memories that get a vector in one slice."""
_FACTS: Final = 256
"""Facts that get one in one slice."""
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


@dataclass(frozen=True, slots=True)
class _Slice:
    """What one run writes: blocks with the time of their first memory, and vectors."""

    blocks: Mapping[str, tuple[bytes, int]]
    retired: tuple[str, ...]
    vectors: PersonVectors
    packed: bytes
    more: bool


async def tidy(parts: Parts, tenant: str, subject: str) -> int:
    """Does one slice of a person's tidying; returns how many rows there are fewer.

    A slice writes one block and encodes some dozen texts, and all that takes long is done in a
    thread. Where something is left to do, the person stays among the untidy. A turn that is
    faster costs one slice: nothing is written then, and the next turn asks again.

    Raises:
        MetierError: the records can't be opened.
    """
    stored = await open_stored(parts, tenant, subject)
    records = stored.records
    if records.roster.restricted:
        return 0
    try:
        rows = await _own_rows(parts, records)
        known = (await computed(parts, records)).vectors
        made = await asyncio.to_thread(_slice, parts, records, rows, stored.facts, known)
        if made is None:
            return 0
        change, now = records.change(), int(parts.clock().timestamp())
        written = [AgedRow(VECTORS, change.seal("memory", VECTORS, made.packed, now), now)]
        for name, (data, at) in made.blocks.items():
            written.append(AgedRow(name, change.seal("memory", name, data, at), at))
        entries = records.rows("memory")
        gone = tuple(row for row in made.retired if row in entries)
        for row in gone:
            change.remove("memory", row)
        told = {"rows": len(made.blocks), "joined": len(gone), "vectors": len(made.vectors.facts)}
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
    if made.more:
        parts.memories.untidy.add((tenant, subject))
    return len(gone) - len(made.blocks)


async def _own_rows(parts: Parts, records: SubjectRecords) -> Mapping[str, bytes]:
    """The sealed blocks of turns; those of imports are joined with nothing, so not read.

    Raises:
        Conflict: the person's records have changed since `records` was read.
    """
    wanted = [
        row for row in records.rows("memory")
        if row.startswith(BLOCK) and not _IMPORTED.match(row)
    ]  # fmt: skip
    if not wanted:
        return {}
    found = await parts.store.memory(records.keys.tenant, records.keys.subject, wanted)
    if found.subject is None or found.subject.revision != records.revision:
        raise Conflict
    sealed = {row.id: row.sealed for row in found.rows}
    return {row: sealed.get(row, b"") for row in wanted}


def _slice(
    parts: Parts,
    records: SubjectRecords,
    rows: Mapping[str, bytes],
    facts: Sequence[Fact],
    known: PersonVectors,
) -> _Slice | None:
    """What the next slice writes; None where nothing is left to do.

    Raises:
        RecordMissing, SealBroken: somebody has changed what is stored.
    """
    encoder = parts.encoder()
    blocks = {row: unpack(records.open("memory", row, data)) for row, data in rows.items()}
    changes = consolidate(blocks, parts.terms(), encoder, encodings=_ENCODINGS, most=1)
    lacking = _lacking(facts, encoder, known)
    if not changes.blocks and not lacking and not _stale(records):
        return None
    later = {fact.id for fact in lacking[_FACTS:]}
    more = changes.more or changes.lacking > 0 or bool(later)
    vectors = PersonVectors(
        encoded_facts((f for f in facts if f.id not in later), encoder, known) if encoder else {},
        known.styles if more else _styles(blocks.values()),
    )
    written = {name: (data, int(unpack(data).at.min()) // 10**6)
               for name, data in changes.blocks.items()}  # fmt: skip
    return _Slice(written, changes.retired, vectors, vectors.pack(), more)


def _lacking(facts: Sequence[Fact], encoder: Encoder | None, known: PersonVectors) -> list[Fact]:
    """Facts that may have a vector and have none of what they say now."""
    if encoder is None:
        return []
    return [
        f for f in facts
        if f.id and known.of(f) is None and not kept_apart(f) and encoder.supports(text_of(f))
    ]  # fmt: skip


def _styles(blocks: Iterable[Block]) -> dict[str, Style]:
    """How a person writes in each domain, from what they wrote there last."""
    said: dict[str, list[tuple[int, Block, int]]] = {}
    for block in blocks:
        speaker, source, domain = (block.columns[c] for c in ("speaker", "source", "domain"))
        for place, at in enumerate(block.at.tolist()):
            if speaker[place] == "user" and source[place] == "turn":
                said.setdefault(domain[place], []).append((at, block, place))
    styles: dict[str, Style] = {}
    for name, found in sorted(said.items()):
        found.sort(key=lambda each: each[0])
        style = style_of([block.text(place) for _, block, place in found[-_HABIT:]])
        if style is not None:
            styles[name] = style
    return styles
