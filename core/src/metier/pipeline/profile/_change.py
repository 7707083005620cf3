"""Facts that a person states, and those that they have forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from metier.model import Actor, BadRequest, Fact, Json, MetierError, Provenance
from metier.pipeline._commit import ended_rows, retried
from metier.pipeline._consent import consent_in_force
from metier.pipeline._forget import forget
from metier.pipeline._memories import open_rows
from metier.pipeline._rows import BLOCK, ENDED, IMPORT, PERSON, UNDO
from metier.pipeline._state import Parts, State
from metier.pipeline._undo import Undo, new_id
from metier.pipeline.profile._see import Known, event, find, opened, some_domain
from metier.profile import SLOTS, current, encode_fact, fold, identified, merge
from metier.store import Conflict, SealedRow, SubjectChange

CONSTRAINTS = frozenset({"allergy", "never", "diet", "answer_language"})
"""Slots that always hold, whoever states them."""
SEVERAL = frozenset({"allergy", "never", "diet", "likes", "dislikes", "goal", "preference"})
"""Slots of which a person may have several values at once."""
LONGEST = 500
"""Characters of a value: facts stand in plans, and constraints in every one."""
MOST_CHANGES = 200
"""Values that one change may state."""
_SLOT = re.compile(r"[a-z][a-z0-9_]{0,63}")


async def set_fact(
    parts: Parts, actor: Actor, subject: str | None, slot: str, value: str, category: str
) -> Fact:
    """Stores a fact the person states themselves; it beats what was inferred."""
    fact = _stated(parts, slot, value, category)

    async def save() -> Fact:
        state = await opened(parts, actor, subject, "correct")
        check_consent(state, category)
        found, _ = await _merged(state, (fact,), "profile-set")
        said = (slot, "", fold(fact.value))
        here = [f for f in found if f.slot == slot and not f.about]
        # Merging may know the value already, in another spelling.
        return next((f for f in here if (f.slot, f.about, fold(f.value)) == said), here[-1])

    return await retried(save)


async def patch(
    parts: Parts,
    actor: Actor,
    subject: str | None,
    changes: Mapping[str, Json],
    categories: Mapping[str, str],
    revision: int | None,
) -> Known:
    """Changes several slots at once, as RFC 7396 merges: null takes a slot away.

    Args:
        changes: by slot: a value, a list of values that replaces those there are, or None.
        categories: of slots; where none is named they keep theirs, and new ones are
            preferences, or what the core knows them as.
        revision: the one the change was made from; None to change whatever is there.

    Raises:
        BadRequest: a value is none, or what is stated contradicts itself.
        MetierError: 412, the profile has another revision by now; 403, without consent.
    """

    async def save() -> Known:
        state = await opened(parts, actor, subject, "correct")
        if revision is not None and revision != state.records.revision:
            raise MetierError(
                f"The profile has revision {state.records.revision}, not {revision}: somebody "
                "has changed it meanwhile. Read it again, and make your change on that.",
                code="revision_conflict",
                status=412,
            )
        there = {f.slot: f.category for f in state.known}
        _check_size(changes)
        found: list[Fact] = []
        for slot, wanted in changes.items():
            category = categories.get(slot) or there.get(slot) or SLOTS.get(slot, "preference")
            found += _patched(parts, state, slot, wanted, category)
        _check_agree(found, state.turn.now)
        facts, now = await _merged(state, found, "profile-set")
        return Known(current(facts, state.turn.now), now)

    return await retried(save)


def _patched(parts: Parts, state: State, slot: str, wanted: Json, category: str) -> list[Fact]:
    """What a slot's change says: retractions of what goes, and statements of what comes."""
    settings = Provenance("settings", "settings")
    here = [f for f in state.known if f.slot == slot and not f.about]
    if wanted is None:
        return [Fact(slot, "", category, 1.0, settings, retracts=True)]
    values = wanted if isinstance(wanted, list) else [wanted]
    if not values:
        return [Fact(slot, "", category, 1.0, settings, retracts=True)]
    if not all(isinstance(value, str) for value in values):
        raise BadRequest(f"`{slot[:64]}` must be text, a list of texts, or null.", param=slot[:64])
    check_consent(state, category)
    found = [_stated(parts, slot, value, category) for value in values]
    kept = {fold(f.value) for f in found}
    gone = [f for f in here if f.multiple and fold(f.value) not in kept]
    taken = [Fact(slot, f.value, category, 1.0, settings, retracts=True) for f in gone]
    several = len(kept) > 1
    return [*taken, *(replace(f, multiple=f.multiple or several) for f in found)]


def _stated(parts: Parts, slot: str, value: str, category: str) -> Fact:
    if not _SLOT.fullmatch(slot) or not value.strip() or "\0" in value:
        raise BadRequest("A fact needs a slot, of a-z, 0-9 and _, and a value.", param="slot")
    if len(value) > LONGEST:
        raise BadRequest(
            f"The value is longer than {LONGEST:,} characters; say it shorter.", param="value"
        )
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise BadRequest("The value holds half a character; send valid Unicode.", param="value")
    some_domain(parts)
    allowed = any(
        parts.policy.may_learn(category, domain)[0]
        for domain, manifest in parts.registry.domains.items()
        if category in manifest.reads
    )
    if not allowed:
        raise MetierError(
            f"No policy and domain allows facts of the category '{category}'.",
            code="category_not_allowed",
            status=403,
        )
    return Fact(
        slot, value.strip(), category, 1.0, Provenance("settings", "settings"),
        slot in CONSTRAINTS, slot in SEVERAL,
    )  # fmt: skip


def _check_size(changes: Mapping[str, Json]) -> None:
    count = sum(len(v) if isinstance(v, list) else 1 for v in changes.values())
    if count > MOST_CHANGES:
        raise BadRequest(
            f"One change may state up to {MOST_CHANGES} values; make several.", param="facts"
        )


def _check_agree(found: Sequence[Fact], now: datetime) -> None:
    """Refuses a change that says two things at once, rather than keep the one said last.

    Raises:
        BadRequest: naming the slots, not the values.
    """
    said = {(f.slot, fold(f.value)): f for f in found if not f.retracts}
    alone = merge((), identified(tuple(said.values())), now)
    left = {(f.slot, fold(f.value)) for f in alone.facts}
    lost = sorted({slot for slot, value in said.keys() - left})
    if lost or alone.questions:
        raise BadRequest(
            "The change contradicts itself"
            + (f", in {', '.join(f'`{slot}`' for slot in lost)}" if lost else "")
            + "; nothing of it was kept. State one of the two.",
            code="contradictory",
            param="facts",
        )


def check_consent(state: State, category: str, domain: str = "") -> None:
    """Whether what the person states may be kept, in each domain that will see it.

    Args:
        domain: in which it was learnt; what is of none is seen in all that read it.

    Raises:
        MetierError: 403, they have not agreed to it yet.
    """
    parts = state.parts
    readers = [
        name for name, m in sorted(parts.registry.domains.items())
        if category in m.reads and parts.policy.may_learn(category, name).allowed
    ]  # fmt: skip
    asked = [domain] if domain in readers else readers or [state.turn.domain]
    every = [consent_in_force(state.with_turn(domain=name), category) for name in asked]
    decided = next((d for d in every if not d.allowed), every[0])
    if not decided.allowed:
        raise MetierError(
            f"Facts of the category '{category}' need the person's consent ({decided.rule}). "
            f"Show them the text and record it: `metier subject consent {category}`.",
            code="consent_needed",
            status=403,
        )


async def _merged(state: State, found: Sequence[Fact], kind: str) -> tuple[tuple[Fact, ...], int]:
    """Merges statements, with what it takes to take them back.

    Returns:
        What is then known, and the revision of that.
    """
    now = _after(state)
    merged = merge(state.known, identified(found), now)
    if not (merged.changed or merged.retired or merged.ended):
        return merged.facts, state.records.revision
    check_free(state)
    at = int(now.timestamp())
    before = {f.id: f for f in state.known}
    gone = tuple(before[i] for i in (*merged.retired, *(f.id for f in merged.changed))
                 if i in before)  # fmt: skip
    added = tuple(f.id for f in merged.changed)
    undo = Undo(new_id(), "set", at, gone, (), added)
    change = state.records.change()
    rows = tuple(SealedRow(f.id, change.seal("fact", f.id, encode_fact(f))) for f in merged.changed)
    for fact_id in merged.retired:
        change.remove("fact", fact_id)
    memory = (*ended_rows(change, merged.ended), undo.row(change))
    told = event(state, kind, {"facts": len(rows), "retired": len(merged.retired)}, change.revision)
    await state.parts.store.change_subject(
        SubjectChange(
            state.turn.tenant, state.turn.subject, state.records.revision, change.key_id,
            change.sealed_roster(), state.parts.audit.entry(told), at, facts=rows, memory=memory,
            gone={"fact": merged.retired},
        )
    )  # fmt: skip
    return merged.facts, change.revision


def _after(state: State) -> datetime:
    """Now, but after all that is known: who wrote last has the last word, whatever the clocks."""
    latest = [f.learned_at for f in state.known if f.learned_at is not None]
    return max([state.turn.now, *(at + timedelta(microseconds=1) for at in latest)])


def check_free(state: State) -> None:
    """Refuses changes of a person's data while it is restricted.

    Raises:
        MetierError: 409, it is.
    """
    if state.records.roster.restricted:
        raise MetierError(
            "This person's data is restricted: nothing is added to it. Lift the restriction first.",
            code="restricted",
            status=409,
        )


def _check_not_held(state: State) -> None:
    """Refuses to delete what a legal hold keeps.

    Raises:
        MetierError: 409, there is one.
    """
    if state.records.roster.held:
        raise MetierError(
            "A legal hold is on this person's data: nothing of it is deleted.",
            code="held",
            status=409,
        )


async def forget_fact(parts: Parts, actor: Actor, subject: str | None, fact_id: str) -> str:
    """Forgets a fact as if it had never been said; see `_forget`.

    Returns:
        The id to take it back with, within `UNDO_DAYS` days.

    Raises:
        BadRequest: 404, where the subject has no such fact.
    """

    async def work() -> str:
        state = await opened(parts, actor, subject, "correct")
        turn, records = state.turn, state.records
        fact = find(state.known, fact_id)
        _check_not_held(state)
        memory = await open_rows(parts, records, (BLOCK, ENDED, IMPORT, PERSON, UNDO))
        conversations = await _conversations(parts, state)
        change, at = records.change(), int(turn.now.timestamp())
        gone = forget(
            change, parts.keyring, records, fact, state.known, memory, conversations,
            state.states, versions(parts), at, parts.terms(),
        )  # fmt: skip
        told = event(state, "profile-forget", {"facts": len(gone.facts)}, change.revision)
        await parts.store.change_subject(
            SubjectChange(
                turn.tenant, turn.subject, records.revision, change.key_id,
                change.sealed_roster(), parts.audit.entry(told), at,
                plugin_states=gone.states, ledger=gone.ledger, memory=gone.memory.rows,
                conversations=gone.conversations,
                gone={"fact": gone.facts, "memory": gone.memory.gone},
            )
        )  # fmt: skip
        parts.memories.forget(turn.tenant, turn.subject)  # what is open still holds it
        return gone.undo.id

    return await retried(work)


def versions(parts: Parts) -> dict[str, str]:
    """The versions of the plugins that are loaded, by their names."""
    return {p.name: p.version for p in parts.registry.plugins}


async def _conversations(parts: Parts, state: State) -> dict[str, bytes]:
    """The subject's conversations, opened."""
    whole = await parts.store.whole_subject(state.turn.tenant, state.turn.subject)
    if whole is None or whole.rows.revision != state.records.revision:
        raise Conflict
    return state.records.open_all("conversation", whole.messages.items())
