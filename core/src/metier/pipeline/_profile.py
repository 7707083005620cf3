"""The profile outside a turn: shown, set, forgotten, taken back, and where each line is from.

Daily use; legal rights are in `metier.rights`. All of it is authorised, needs the same
consent as a turn, and is audited without content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from metier.access import Action
from metier.audit import AuditEvent
from metier.crypto import Change
from metier.model import Actor, BadRequest, Fact, Json, MetierError, Provenance
from metier.pipeline._admit import outside_turn
from metier.pipeline._commit import ended_rows, retried
from metier.pipeline._consent import consent_in_force
from metier.pipeline._forget import forget, rewritten
from metier.pipeline._memories import open_rows
from metier.pipeline._rows import BLOCK, ENDED, IMPORT, PERSON, UNDO
from metier.pipeline._state import Parts, State
from metier.pipeline._undo import UNDO_DAYS, Undo, decode_undo, new_id
from metier.profile import SLOTS, as_of, current, decode_fact, encode_fact, fold, identified, merge
from metier.profile.memory import Memory, pack, unpack
from metier.store import AgedRow, Conflict, SealedRow, SubjectChange

CONSTRAINTS = frozenset({"allergy", "never", "diet", "answer_language"})
"""Slots that always hold, whoever states them."""
SEVERAL = frozenset({"allergy", "never", "diet", "likes", "dislikes", "goal", "preference"})
"""Slots of which a person may have several values at once."""
LONGEST = 500
"""Characters of a value: facts stand in plans, and constraints in every one."""
MOST_CHANGES = 200
"""Values that one change may state."""
_SLOT = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Known:
    """A profile at one revision.

    Args:
        facts: what is believed now.
        revision: of the person's records; name it to change just this state.
    """

    facts: tuple[Fact, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a fact is from, and what became of it.

    Args:
        words: the person's own, where they are still kept.
        before: what was believed of the slot earlier.
    """

    fact: Fact
    words: str
    domain: str
    conversation: str
    before: tuple[Fact, ...]
    collected_by: str
    consent: str


def some_domain(parts: Parts) -> str:
    """A domain, where any will do.

    Raises:
        MetierError: there is none that works.
    """
    domains = sorted(parts.registry.domains)
    if not domains:
        raise MetierError(
            "No domain is installed that works, so profiles can't be opened. Install one, or see "
            "`metier plugins`.",
            code="no_domain",
            status=503,
        )
    return domains[0]


async def _opened(parts: Parts, actor: Actor, subject: str | None, action: Action) -> State:
    """A state with the subject's facts; they are of no domain, so any will do."""
    return await outside_turn(parts, actor, subject, some_domain(parts), action)


def event(
    state: State, kind: str, detail: Mapping[str, str | int | None], revision: int | None = None
) -> AuditEvent:
    turn = state.turn
    return AuditEvent(
        kind, state.request.actor.id, turn.subject, turn.tenant, dict(detail), revision
    )


# --- seeing -------------------------------------------------------------------------------


async def known(parts: Parts, actor: Actor, subject: str | None = None) -> Known:
    """What is believed of the subject now."""
    state = await _opened(parts, actor, subject, "read_profile")
    await parts.audit.append(event(state, "profile-read", {"facts": len(state.known)}))
    return Known(current(state.known, state.turn.now), state.records.revision)


async def history(
    parts: Parts,
    actor: Actor,
    subject: str | None = None,
    *,
    valid: datetime | None = None,
    believed: datetime | None = None,
) -> list[Fact]:
    """What was ever known of the subject, oldest first; or what history tells of a moment.

    Args:
        valid: "where did she live in May?"
        believed: "what did we believe in May?"
    """

    async def read() -> list[Fact]:
        state = await _opened(parts, actor, subject, "read_profile")
        ended = await _ended(parts, state)
        await parts.audit.append(event(state, "profile-read", {"history": len(ended)}))
        if valid is None and believed is None:
            return sorted((*state.known, *ended), key=_learned)
        return list(as_of(state.known, ended, valid=valid, believed=believed))

    return await retried(read)


async def origin(parts: Parts, actor: Actor, subject: str | None, fact_id: str) -> Origin:
    """Where a fact is from: the words, the rule that found it, what it replaced.

    Raises:
        BadRequest: 404, where the subject has no such fact.
    """

    async def read() -> Origin:
        state = await _opened(parts, actor, subject, "read_profile")
        ended = await _ended(parts, state)
        fact = _find((*state.known, *ended), fact_id)
        words, conversation = await _words(parts, state, fact)
        before = tuple(
            f for f in sorted(ended, key=_learned)
            if (f.slot, fold(f.about)) == (fact.slot, fold(fact.about)) and f.id != fact.id
        )  # fmt: skip
        await parts.audit.append(event(state, "profile-read", {"facts": 1}))
        domain = fact.provenance.domain
        return Origin(
            fact, words, domain, conversation, before,
            parts.policy.may_learn(fact.category, domain).rule,
            parts.policy.consent(fact.category, domain).rule,
        )  # fmt: skip

    return await retried(read)


async def _words(parts: Parts, state: State, fact: Fact) -> tuple[str, str]:
    """The words that a fact was found in, and their conversation, where they are kept."""
    where = fact.provenance
    if where.turn is None:
        return "", ""
    row = await parts.store.turn_record(state.turn.tenant, where.turn)
    if row is None or row.subject != state.turn.subject:
        return "", ""
    record = orjson.loads(state.records.open("turn_record", row.turn, row.sealed))
    message: str = record["message"]
    return message[where.start : where.end] if where.end else message, record["conversation"]


async def _ended(parts: Parts, state: State) -> list[Fact]:
    rows = await open_rows(parts, state.records, [ENDED])
    return [decode_fact(data) for data in rows.values()]


def _learned(fact: Fact) -> float:
    return fact.learned_at.timestamp() if fact.learned_at else 0.0


def _find(facts: Sequence[Fact], fact_id: str) -> Fact:
    for fact in facts:
        if fact.id == fact_id:
            return fact
    raise BadRequest("There is no such fact.", code="fact_not_found", status=404, param="id")


# --- changing -----------------------------------------------------------------------------


async def set_fact(
    parts: Parts, actor: Actor, subject: str | None, slot: str, value: str, category: str
) -> Fact:
    """Stores a fact the person states themselves; it beats what was inferred."""
    fact = _stated(parts, slot, value, category)

    async def save() -> Fact:
        state = await _opened(parts, actor, subject, "correct")
        _check_consent(state, category)
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
        state = await _opened(parts, actor, subject, "correct")
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
    _check_consent(state, category)
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


def _check_consent(state: State, category: str, domain: str = "") -> None:
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
    _check_free(state)
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


def _check_free(state: State) -> None:
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
        state = await _opened(parts, actor, subject, "correct")
        turn, records = state.turn, state.records
        fact = _find(state.known, fact_id)
        _check_not_held(state)
        memory = await open_rows(parts, records, (BLOCK, ENDED, PERSON, UNDO))
        conversations = await _conversations(parts, state)
        change, at = records.change(), int(turn.now.timestamp())
        gone = forget(
            change, parts.keyring, records, fact, state.known, memory, conversations, at,
            parts.terms(),
        )  # fmt: skip
        told = event(state, "profile-forget", {"facts": len(gone.facts)}, change.revision)
        await parts.store.change_subject(
            SubjectChange(
                turn.tenant, turn.subject, records.revision, change.key_id,
                change.sealed_roster(), parts.audit.entry(told), at,
                ledger=gone.ledger, memory=gone.memory.rows, conversations=gone.conversations,
                gone={"fact": gone.facts, "memory": gone.memory.gone},
            )
        )  # fmt: skip
        return gone.undo.id

    return await retried(work)


async def _conversations(parts: Parts, state: State) -> dict[str, bytes]:
    """The subject's conversations, opened."""
    whole = await parts.store.whole_subject(state.turn.tenant, state.turn.subject)
    if whole is None or whole.rows.revision != state.records.revision:
        raise Conflict
    return state.records.open_all("conversation", whole.messages.items())


# --- taking back ---------------------------------------------------------------------------


async def undoable(parts: Parts, actor: Actor, subject: str | None = None) -> list[Undo]:
    """What can be taken back, newest first."""

    async def read() -> list[Undo]:
        state = await _opened(parts, actor, subject, "read_profile")
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
        state = await _opened(parts, actor, subject, "correct")
        rows = await _undo_rows(state)
        data = rows.get(f"{UNDO}{undo_id}")
        if data is None:
            raise BadRequest(
                "There is nothing to take back under that id.", code="undo_not_found",
                status=404, param="id",
            )  # fmt: skip
        taken = decode_undo(f"{UNDO}{undo_id}", data)
        for fact in taken.facts:
            _check_consent(state, fact.category, fact.provenance.domain)
        _check_free(state)
        _check_place(state, taken)
        facts = await _taken_back(state, taken)
        return Known(current(facts, state.turn.now), state.records.revision + 1)

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


async def _taken_back(state: State, taken: Undo) -> tuple[Fact, ...]:
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
    lines = (taken.line,) if taken.line else ()
    for line in lines:
        change.remove("ledger", line)
    told = event(state, "profile-undo", {"facts": len(facts), "gone": len(added)}, change.revision)
    await state.parts.store.change_subject(
        SubjectChange(
            state.turn.tenant, state.turn.subject, state.records.revision, change.key_id,
            change.sealed_roster(), state.parts.audit.entry(told), at, facts=facts,
            memory=tuple(memory),
            gone={"fact": tuple(added), "memory": tuple(gone), "ledger": lines},
        )
    )  # fmt: skip
    kept = [f for f in state.known if f.id not in back and f.id not in added]
    return (*kept, *back.values())


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
