"""Taking an import back: what came from it alone goes, what it strengthened falls back.

What the person has said or changed since stays as they left it. What the import ended is
held again, where nothing has taken its place and it may still be kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from metier.audit import AuditEvent
from metier.model import Actor, BadRequest, Fact, MetierError
from metier.pipeline._around import subject_change
from metier.pipeline._commit import retried
from metier.pipeline._import_learn import may_keep
from metier.pipeline._import_rows import After, Before, ImportState, Journal, digest_of
from metier.pipeline._import_state import (
    Memories,
    names_of,
    read_rows,
    state_for,
)
from metier.pipeline._rows import ENDED, IMPORT
from metier.pipeline._state import Parts, State
from metier.profile import decode_fact, encode_fact
from metier.store import AgedRow, SealedRow

_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did.

    Args:
        removed: facts that had come from it alone.
        fallen_back: facts that it had strengthened.
        restored: facts that it had ended and that are held again.
        memories: rows of memories that were written anew, or are gone.
    """

    id: str
    removed: int
    fallen_back: int
    restored: int
    memories: int


@dataclass(slots=True)
class _Sum:
    """What all batches of an import did together."""

    new: set[str] = field(default_factory=set)
    before: dict[str, Before] = field(default_factory=dict)
    after: dict[str, After] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)

    def add(self, journal: Journal) -> None:
        self.new |= set(journal.new)
        for fact_id, before in journal.before.items():
            if fact_id not in self.new:
                known = self.before.get(fact_id)
                if known is None:
                    self.before[fact_id] = before
                elif known.value is None and before.value is not None:
                    self.before[fact_id] = replace(known, value=before.value)
        self.after |= journal.after
        for fact_id in journal.ended:
            (self.told if fact_id in self.new else self.ended).add(fact_id)
        self.told |= set(journal.told)


async def undo_import(
    parts: Parts,
    actor: Actor,
    subject: str | None,
    import_id: str,
    *,
    memories: Memories | None = None,
) -> Undone:
    """Takes an import back, finished or not, as one change.

    Raises:
        BadRequest: 404, the person has no such import.
        MetierError: 403, the actor may not; 409, a legal hold keeps the data.
    """

    async def undo() -> Undone:
        state = await state_for(parts, actor, subject, "")
        rows, batches = names_of(state.records, import_id)
        if not rows or not import_id:
            raise BadRequest(
                "There is no such import. `metier profile imports` lists them.",
                code="import_not_found", status=404, param="id",
            )  # fmt: skip
        if state.records.roster.held:
            raise MetierError(
                "A legal hold is on this person's data: nothing of it is deleted.",
                code="held",
                status=409,
            )
        return await _undone(state, import_id, rows, batches, memories)

    return await retried(undo)


async def _undone(
    state: State,
    import_id: str,
    rows: Sequence[str],
    batches: Sequence[str],
    memories: Memories | None,
) -> Undone:
    parts, records = state.parts, state.records
    # All rows, since what was remembered may have been gathered into larger blocks since.
    stored = await read_rows(parts, records, list(records.rows("memory")))
    did = ImportState.decode(stored[f"{IMPORT}{import_id}"])
    total = _Sum()
    for name in batches:
        total.add(Journal.decode(stored[name]))
    gone, back = _facts_after(state.known, total)
    left = [f for f in state.known if f.id not in gone]
    restored = _restored(state, did, total, left, stored)
    change = records.change()
    facts = tuple(
        SealedRow(f.id, change.seal("fact", f.id, encode_fact(f))) for f in (*back, *restored)
    )
    drop = [f"{ENDED}{i}" for i in (*total.told, *(f.id for f in restored))]
    gone_rows = [*rows, *batches, *(name for name in drop if name in stored)]
    written: tuple[AgedRow, ...] = ()
    if memories is not None:
        written, unsaid = memories.drop(state, change, import_id, stored)
        gone_rows += unsaid
    touched = len(written) + len(gone_rows) - len(rows) - len(batches)
    for fact_id in gone:
        change.remove("fact", fact_id)
    for name in gone_rows:
        change.remove("memory", name)
    done = Undone(import_id, len(gone), len(back), len(restored), touched)
    event = AuditEvent(
        "import-undo",
        state.request.actor.id,
        state.turn.subject,
        state.turn.tenant,
        {"import": import_id, "removed": done.removed, "fallen_back": done.fallen_back,
         "restored": done.restored},
        change.revision,
    )  # fmt: skip
    await parts.store.change_subject(
        subject_change(
            state, change, event, facts=facts, memory=written,
            gone={"fact": tuple(gone), "memory": tuple(gone_rows)},
        )
    )  # fmt: skip
    return done


def _facts_after(known: Sequence[Fact], total: _Sum) -> tuple[list[str], list[Fact]]:
    """Ids of facts that go, and facts that fall back."""
    gone: list[str] = []
    back: list[Fact] = []
    for fact in known:
        after = total.after.get(fact.id)
        if after is None:
            continue
        untouched = digest_of(fact) == after.digest
        if fact.id in total.new:
            if untouched or (fact.times <= after.times and not _explicit(fact)):
                gone.append(fact.id)
            elif not _explicit(fact):
                back.append(_less(fact, 0.0, 0, after))
        elif (before := total.before.get(fact.id)) is not None:
            if untouched:
                back.append(before.restored(fact))
            elif not _explicit(fact):
                back.append(_less(fact, before.confidence, before.times, after))
    return gone, back


def _explicit(fact: Fact) -> bool:
    return fact.provenance.source in ("settings", "operator")


def _less(fact: Fact, confidence: float, times: int, after: After) -> Fact:
    """A fact that was said again since, without what the import had added.

    Statements add up as independent ones do, 1 - (1 - a)(1 - b), so what the import added
    can be divided out.
    """
    doubt = (1 - fact.confidence) * (1 - confidence) / max(1 - after.confidence, 1e-9)
    origin = fact.provenance
    if origin.source == "import" and not times:
        origin = replace(origin, source="turn", turn=None, start=None, end=None)
    return replace(
        fact,
        confidence=round(min(fact.confidence, max(_LEAST, 1 - doubt)), 4),
        times=max(1, fact.times - (after.times - times)),
        provenance=origin,
    )


def _restored(
    state: State, did: ImportState, total: _Sum, left: Sequence[Fact], stored: Mapping[str, bytes]
) -> list[Fact]:
    """What the import ended, where it may be held again."""
    found: list[Fact] = []
    for fact_id in sorted(total.ended):
        data = stored.get(f"{ENDED}{fact_id}")
        before = total.before.get(fact_id)
        if data is None or before is None:
            continue  # it was forgotten since
        fact = replace(before.restored(decode_fact(data)), unlearned_at=None)
        same = [f for f in (*left, *found) if (f.slot, f.about) == (fact.slot, fact.about)]
        taken = any(not fact.multiple or f.value == fact.value for f in same)
        if not taken and may_keep(state, fact.category, fact.provenance.domain).allowed:
            found.append(fact)
    return found
