"""Changes of a profile, taken back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import orjson

from metier.crypto import Change
from metier.model import Actor, BadRequest, Fact, MetierError
from metier.pipeline._commit import ended_rows, retried
from metier.pipeline._forget import rewritten
from metier.pipeline._memories import open_rows
from metier.pipeline._person import OUTCOMES, computed, encode_outcomes, together
from metier.pipeline._rows import BLOCK, ENDED, IMPORT, UNDO
from metier.pipeline._state import Parts, State
from metier.pipeline._undo import UNDO_DAYS, Undo, decode_undo, new_id
from metier.pipeline._undo_states import put_back
from metier.pipeline.profile._change import check_consent, check_free, versions
from metier.pipeline.profile._see import Known, event, opened
from metier.profile import current, encode_fact, fold
from metier.profile.memory import Memory, pack, unpack
from metier.store import AgedRow, SealedRow, SubjectChange


async def undoable(parts: Parts, actor: Actor, subject: str | None = None) -> list[Undo]:
    """What can be taken back, newest first."""

    async def read() -> list[Undo]:
        state = await opened(parts, actor, subject, "read_profile")
        rows = await _undo_rows(state)
        await parts.audit.append(event(state, "profile-read", {"undo": len(rows)}))
        found = [decode_undo(row, data) for row, data in rows.items()]
        return sorted(found, key=lambda each: -each.at)

    return await retried(read)


async def undo(parts: Parts, actor: Actor, subject: str | None, undo_id: str) -> Known:
    """Takes a change of the profile back: what it took away is there again, what it brought goes.

    Messages of open conversations stay as forgetting has left them.

    Raises:
        BadRequest: 404, there is no such change, or it is too long ago.
        MetierError: 403, what would come back needs a consent that there is no longer.
    """

    async def work() -> Known:
        state = await opened(parts, actor, subject, "correct")
        rows = await _undo_rows(state)
        data = rows.get(f"{UNDO}{undo_id}")
        if data is None:
            raise BadRequest(
                "There is nothing to take back under that id.", code="undo_not_found",
                status=404, param="id",
            )  # fmt: skip
        taken = decode_undo(f"{UNDO}{undo_id}", data)
        for fact in taken.facts:
            check_consent(state, fact.category, fact.provenance.domain)
        check_free(state)
        _check_place(state, taken)
        facts, not_restored = await _taken_back(state, taken)
        return Known(current(facts, state.turn.now), state.records.revision + 1, not_restored)

    return await retried(work)


async def _undo_rows(state: State) -> dict[str, bytes]:
    """What can still be taken back; also before what can't is deleted."""
    oldest = int((state.turn.now - timedelta(days=UNDO_DAYS)).timestamp())
    rows = await open_rows(state.parts, state.records, [UNDO])
    return {row: data for row, data in rows.items() if decode_undo(row, data).at >= oldest}


def _check_place(state: State, taken: Undo) -> None:
    """Refuses to bring back what something else has taken the place of since.

    Raises:
        MetierError: 409, the later change is to be taken back first.
    """
    ours = {f.id for f in taken.facts} | set(taken.added)
    later = {
        (f.slot, fold(f.about), f.provenance.domain)
        for f in state.known if f.id not in ours and not f.multiple and f.valid_to is None
    }  # fmt: skip
    for fact in taken.facts:
        place = (fact.slot, fold(fact.about), fact.provenance.domain)
        if place in later and not fact.multiple and fact.valid_to is None:
            raise MetierError(
                f"`{fact.slot}` was changed again since; take the later change back first.",
                code="undo_superseded",
                status=409,
            )


async def _taken_back(state: State, taken: Undo) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
    change, at = state.records.change(), int(state.turn.now.timestamp())
    back = {f.id: f for f in taken.facts}
    added = [i for i in taken.added if i not in back and i in {f.id for f in state.known}]
    facts = tuple(SealedRow(i, change.seal("fact", i, encode_fact(f))) for i, f in back.items())
    memory: list[AgedRow] = list(ended_rows(change, taken.ended))
    gone = [f"{UNDO}{taken.id}"]
    if taken.memories:
        back_again = unpack(taken.memories).memories()
        whole = {m.id for m in back_again}
        blocks = await open_rows(state.parts, state.records, [BLOCK])
        left = rewritten(  # without what forgetting had left of them
            change, blocks, lambda row, data: False,
            lambda m: None if m.id in whole else m, state.parts.terms(),
        )  # fmt: skip
        memory += [*left.rows, *_memory_rows(state, change, back_again, taken.at)]
        gone += left.gone
    gone += [f"{ENDED}{i}" for i in back if state.records.entry("memory", f"{ENDED}{i}")]
    for row in gone:
        change.remove("memory", row)
    for fact_id in added:
        change.remove("fact", fact_id)
    memory += await _outcomes(state, change, taken)
    states, not_restored = _states(state, change, taken)
    lines = (taken.line,) if taken.line else ()
    for line in lines:
        change.remove("ledger", line)
    told = event(state, "profile-undo", {"facts": len(facts), "gone": len(added)}, change.revision)
    await state.parts.store.change_subject(
        SubjectChange(
            state.turn.tenant, state.turn.subject, state.records.revision, change.key_id,
            change.sealed_roster(), state.parts.audit.entry(told), at, facts=facts,
            memory=tuple(memory), plugin_states=states,
            gone={"fact": tuple(added), "memory": tuple(gone), "ledger": lines},
        )
    )  # fmt: skip
    kept = [f for f in state.known if f.id not in back and f.id not in added]
    return (*kept, *back.values()), not_restored


async def _outcomes(state: State, change: Change, taken: Undo) -> list[AgedRow]:
    """How answers were received, with what forgetting took out of it."""
    if not taken.outcomes:
        return []
    known = (await computed(state.parts, state.records)).outcomes
    data = encode_outcomes(together(known, taken.outcomes))
    at = change.at("memory", OUTCOMES) if known else taken.at
    return [AgedRow(OUTCOMES, change.seal("memory", OUTCOMES, data, at), at)]


def _states(
    state: State, change: Change, taken: Undo
) -> tuple[tuple[SealedRow, ...], tuple[str, ...]]:
    """The states of plugins with their entries again, and plugins where not all could be."""
    loaded, rows, missing = versions(state.parts), [], []
    for out in taken.states:
        if loaded.get(out.plugin) != out.version:
            missing.append(out.plugin)
            continue
        now = state.states.get(out.plugin, {})
        found, whole = put_back(out, now)
        if not whole:
            missing.append(out.plugin)
        if found != now:
            sealed = change.seal("plugin_state", out.plugin, orjson.dumps(found))
            rows.append(SealedRow(out.plugin, sealed))
    return tuple(rows), tuple(missing)


def _memory_rows(
    state: State, change: Change, memories: Sequence[Memory], at: int
) -> Iterator[AgedRow]:
    """Blocks of memories that are there again; imported ones apart, which are kept for longer."""
    imported = [m for m in memories if m.source.startswith(IMPORT)]
    said = [m for m in memories if not m.source.startswith(IMPORT)]
    for some, oldest in ((imported, at), (said, min((int(m.at.timestamp()) for m in said),
                                                    default=at))):  # fmt: skip
        if some:
            name = f"{BLOCK}{new_id()}"
            packed = pack(some, None, state.parts.terms())
            yield AgedRow(name, change.seal("memory", name, packed, oldest), oldest)
