"""Importing what a person brings: looking first, then in batches, each committed whole.

A batch's facts and memories, the journal by which they can be taken back, and how far the
import is, are one commit with one audit event. Killed at any moment, the same call with the
same file goes on behind the last batch that was committed.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Final

from metier.model import Actor, BadRequest, Fact, MetierError
from metier.pipeline._admit import with_stored
from metier.pipeline._around import subject_change
from metier.pipeline._commit import ended_rows, retried
from metier.pipeline._import_learn import Heard, Learner, Told, merged_all
from metier.pipeline._import_memories import import_memories
from metier.pipeline._import_rows import After, Before, ImportState, Journal
from metier.pipeline._import_state import (
    Memories,
    event_of,
    names_of,
    read_journal,
    read_rows,
    read_states,
    state_for,
)
from metier.pipeline._import_undo import Undone, undo_import
from metier.pipeline._rows import IMPORT
from metier.pipeline._state import Parts, State
from metier.pipeline._subject import open_stored
from metier.profile import Merge, encode_fact
from metier.profile.importing import (
    ASSISTANT,
    FormatName,
    Given,
    Imported,
    Item,
    Source,
    need_me,
)
from metier.store import AgedRow, SealedRow

__all__ = [
    "ImportState",
    "Memories",
    "Preview",
    "Undone",
    "import_memories",
    "imports",
    "preview",
    "run_import",
    "undo_import",
]

BATCH: Final = 200
"""Items of one commit."""
_MOST_FACTS: Final = 2000
"""Facts that one file may state; they are opened in every turn."""
_YIELD: Final = 20
"""Items after which others get their turn in the loop."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do; nothing of it is done.

    Args:
        speakers: who speaks, with the number of their messages; "user" is the person.
        needs_me: whether the person has to say who of the speakers they are.
        facts: what would be learnt, as it would be known.
        strengthened: facts that are known already and would be said again.
        dropped: by rule, how many facts or messages would not be kept.
        notes: what is taken for granted about the file, in words.
        done: items that an earlier run of the same import has done.
    """

    id: str
    format: FormatName
    items: int
    own: int
    first: datetime | None
    last: datetime | None
    speakers: Mapping[str, int]
    needs_me: bool
    facts: tuple[Fact, ...]
    strengthened: int
    ended: tuple[Fact, ...]
    questions: int
    duplicates: int
    undated: int
    dropped: Mapping[str, int]
    notes: tuple[str, ...]
    done: int = 0


async def preview(
    parts: Parts, actor: Actor, subject: str | None, source: Source, *, domain: str = ""
) -> Preview:
    """Reads a file and says what importing it would do; nothing is written but that it was asked.

    Raises:
        BadRequest: a place of the file can't be read.
        MetierError: 403, the actor may not change this person's profile.
    """
    state = await state_for(parts, actor, subject, domain)
    import_id = id_of(state, source, domain)
    earlier = await _marks(parts, state, without=import_id)
    learner, told = Learner(import_id, domain, source.format, earlier), Told()
    known, merged_facts = state.known, dict[str, Fact]()
    ended: dict[str, Fact] = {}
    questions: set[str] = set()
    start = {f.id: f for f in state.known}
    items, batches = 0, in_batches(source.items(), BATCH)
    while batch := await asyncio.to_thread(next, batches, None):
        items += len(batch)
        heard = await _heard(learner, state, batch, told)
        merged = merged_all(known, heard, state.turn.now)
        known = merged.facts
        merged_facts |= {f.id: f for f in merged.changed}
        ended |= {f.id: f for f in merged.ended}
        questions |= {q.id for q in merged.questions}
    current = {f.id for f in known}
    new = tuple(f for i, f in merged_facts.items() if i not in start and i in current)
    again = sum(1 for i in merged_facts if i in start and i in current)
    done = (await _import(parts, state, import_id) or _fresh(state, source, domain, "", 0)).done
    found = Preview(
        import_id, source.format, items, told.own, told.first, told.last,
        dict(told.speakers.most_common()), _needs_me(source, told), new, again,
        tuple(f for i, f in ended.items() if i in start), len(questions), told.duplicates,
        told.undated, dict(told.dropped), source.notes, done,
    )  # fmt: skip
    await parts.audit.append(
        event_of(state, "import-preview", {"format": source.format, "items": items})
    )
    return found


def _needs_me(source: Source, told: Told) -> bool:
    return bool(told.speakers) and not source.knows_me and "user" not in told.speakers


async def run_import(
    parts: Parts,
    actor: Actor,
    subject: str | None,
    source: Source,
    *,
    domain: str = "",
    name: str = "",
    progress: Callable[[int, int], None] | None = None,
    memories: Memories | None = None,
    batch: int = BATCH,
) -> ImportState:
    """Imports a file; goes on where an earlier run of the same import stopped.

    The whole file is read once before anything is written, so that one which is broken
    anywhere changes nothing.

    Args:
        domain: facts are learnt as this domain would learn them; "" for what holds in all.
        name: of the file, for the person's list of imports.
        progress: told (items done, items there are) after each batch.
        memories: how messages are remembered; None where they aren't.

    Raises:
        BadRequest: a place of the file can't be read, or none of its speakers is the person.
        MetierError: 403, the actor may not; 409, the person's data is restricted, the same
            import is running elsewhere, or was undone meanwhile.
    """
    state = await state_for(parts, actor, subject, domain)
    _check_unrestricted(state)
    total = await asyncio.to_thread(_checked, source)
    runner = _Runner(parts, state, source, domain, name, total, memories)
    return await runner.run(progress, batch)


def _check_unrestricted(state: State) -> None:
    if state.records.roster.restricted:
        raise MetierError(
            "This person's data is restricted: nothing is added to it. Lift the restriction first.",
            code="restricted",
            status=409,
        )


def _checked(source: Source) -> int:
    """The number of items, after all of them were read and the person was among the speakers."""
    total = spoken = own = stated = 0
    for item in source.items():
        total += 1
        spoken += isinstance(item, Imported)
        own += isinstance(item, Imported) and item.speaker == "user"
        stated += isinstance(item, Given)
    if stated > _MOST_FACTS:
        raise BadRequest(
            f"The file states {stated:,} facts; one person has not that many. Up to "
            f"{_MOST_FACTS:,} are imported from one file.",
            code="import_too_large",
            status=413,
            param="file",
        )
    if not total:
        raise BadRequest(
            "The file holds no message and no fact; nothing was imported.",
            code="import_empty",
            param="file",
        )
    if spoken and not own and not stated:
        raise need_me(
            ""
            if not source.me
            else "Nobody in the file bears the name that `--me` gives. A "
            "preview lists the speakers as they are spelt."
        )
    return total


class _Runner:
    """One run of an import."""

    def __init__(
        self, parts: Parts, state: State, source: Source, domain: str, name: str, total: int,
        memories: Memories | None,
    ) -> None:  # fmt: skip
        self._parts, self._state, self._source = parts, state, source
        self._domain, self._memories = domain, memories
        self._fresh = _fresh(state, source, domain, name, total)

    async def run(self, progress: Callable[[int, int], None] | None, size: int) -> ImportState:
        known = await _import(self._parts, self._state, self._fresh.id)
        at = known or self._fresh
        if at.finished:
            return at
        marks = await _marks(self._parts, self._state, without=at.id)
        learner = Learner(at.id, self._domain, self._source.format, marks)
        items = self._source.items()
        await asyncio.to_thread(_skip, learner, items, at.done)
        number = len(names_of(self._state.records, at.id)[1])
        batches = in_batches(items, size)
        while batch := await asyncio.to_thread(next, batches, None):
            at = await self._batch(learner, at, batch, number)
            number += 1
            if progress is not None:
                progress(at.done, at.total)
        return at

    async def _batch(
        self, learner: Learner, at: ImportState, items: Sequence[Item], number: int
    ) -> ImportState:
        told = Told()
        heard = await _heard(learner, self._state, items, told)
        asked = self._state.ledger

        async def keep() -> ImportState:
            state = await self._refreshed()
            found = await _import(self._parts, state, at.id)
            if (found.done if found else 0) != at.done:
                raise MetierError(
                    "The import was undone, or the person's data erased, while it ran; or it "
                    "runs elsewhere as well. What is kept is whole. Look at `metier profile "
                    "imports`.",
                    code="import_interrupted",
                    status=409,
                )
            agreed = heard if state.ledger == asked else learner.sift_again(state, heard, told)
            done = await self._written(state, at, agreed, told, number)
            self._state = state
            return done

        return await retried(keep)

    async def _refreshed(self) -> State:
        """The state on top of what was written last, with the time of now."""
        turn = self._state.turn
        stored = await open_stored(self._parts, turn.tenant, turn.subject)
        state = with_stored(self._state, stored).with_turn(now=self._parts.clock())
        _check_unrestricted(state)
        return state

    async def _written(
        self, state: State, at: ImportState, heard: Sequence[Heard], told: Told, number: int
    ) -> ImportState:
        now = state.turn.now
        merged = merged_all(state.known, heard, now)
        change = state.records.change()
        facts = tuple(
            SealedRow(f.id, change.seal("fact", f.id, encode_fact(f))) for f in merged.changed
        )
        for fact_id in merged.retired:
            change.remove("fact", fact_id)
        said: tuple[AgedRow, ...] = ()
        remembered, unkept = 0, dict[str, int]()
        if self._memories is not None:
            # In a thread: two hundred messages take longer than others should wait.
            said, remembered, kept_back = await asyncio.to_thread(
                self._memories.keep, state, change, at.id, heard
            )
            unkept = dict(kept_back)
        journal = _journal(state.known, merged, heard)
        done = _advanced(at, len(heard), told, journal, merged, remembered, unkept, now)
        rows = (
            *said,
            *ended_rows(change, merged.ended),
            journal.row(change, at.id, number, now),
            done.row(change),
        )
        event = event_of(
            state,
            "import",
            {
                "import": at.id, "format": at.format, "batch": number, "items": len(heard),
                "learned": len(journal.new), "memories": remembered, "done": done.finished,
                "policy": state.parts.policy.version,
            },
            change.revision,
        )  # fmt: skip
        await state.parts.store.change_subject(
            subject_change(
                state, change, event, facts=facts, memory=rows, gone={"fact": merged.retired}
            )
        )
        return done


def _journal(known: Sequence[Fact], merged: Merge, heard: Sequence[Heard]) -> Journal:
    start = {f.id: f for f in known}
    after = {f.id: f for f in merged.changed}
    ended = {f.id: f for f in merged.ended}
    touched = [f for f in known if f.id in after or f.id in ended]
    return Journal(
        new=tuple(i for i in after if i not in start),
        before={f.id: Before.of(f, after.get(f.id) or ended.get(f.id)) for f in touched},
        after={i: After.of(f) for i, f in after.items()},
        ended=tuple(i for i in ended if i in start),
        told=tuple(i for i in ended if i not in start),
        seen=b"".join(h.mark for h in heard).hex(),
    )


def _advanced(
    at: ImportState, items: int, told: Told, journal: Journal, merged: Merge, remembered: int,
    unkept: Mapping[str, int], now: datetime,
) -> ImportState:  # fmt: skip
    dropped = Counter(at.dropped) + told.dropped + Counter(unkept)
    firsts = [t for t in (at.first, told.first) if t]
    lasts = [t for t in (at.last, told.last) if t]
    return replace(
        at, updated=now, done=at.done + items, own=at.own + told.own,
        duplicates=at.duplicates + told.duplicates, learned=at.learned + len(journal.new),
        strengthened=at.strengthened + len(journal.after) - len(journal.new),
        ended=at.ended + len(journal.ended), memories=at.memories + remembered,
        undated=at.undated + told.undated, questions=at.questions + len(merged.questions),
        dropped=dict(dropped), first=min(firsts, default=None), last=max(lasts, default=None),
    )  # fmt: skip


# --- around both --------------------------------------------------------------------


async def imports(parts: Parts, actor: Actor, subject: str | None) -> list[ImportState]:
    """The person's imports, oldest first; also those that are not finished.

    Raises:
        MetierError: 403, the actor may not read this person's profile.
    """
    state = await state_for(parts, actor, subject, "", "read_profile")
    found = await read_states(parts, state.records)
    await parts.audit.append(event_of(state, "imports-read", {"imports": len(found)}))
    return found


def id_of(state: State, source: Source, domain: str) -> str:
    """The import's id: keyed, since the digest of a file tells who else has the file."""
    turn = state.turn
    digest = state.parts.keyring.digest(
        turn.tenant, "import", turn.subject, source.fingerprint, domain
    )
    return digest[:24]


def _fresh(state: State, source: Source, domain: str, name: str, total: int) -> ImportState:
    now = state.turn.now
    return ImportState(
        id_of(state, source, domain), source.format, name[:200], domain, now, now, total
    )


async def _import(parts: Parts, state: State, import_id: str) -> ImportState | None:
    row = f"{IMPORT}{import_id}"
    if state.records.entry("memory", row) is None:
        return None
    return ImportState.decode((await read_rows(parts, state.records, [row]))[row])


async def _marks(parts: Parts, state: State, without: str) -> set[bytes]:
    """What the messages of the person's other imports are known again by."""
    _, names = names_of(state.records)
    others = {name.split("/")[1] for name in names} - {without}
    return {
        mark
        for import_id in others
        for journal in await read_journal(parts, state.records, import_id)
        for mark in journal.marks()
    }


async def _heard(learner: Learner, state: State, items: Sequence[Item], told: Told) -> list[Heard]:
    heard: list[Heard] = []
    for start in range(0, len(items), _YIELD):
        heard += await learner.hear(state, items[start : start + _YIELD], told)
        await asyncio.sleep(0)
    return heard


def in_batches(items: Iterator[Item], size: int) -> Iterator[list[Item]]:
    """The items in batches, none of which begins with a machine's answer.

    So an answer is in the batch of what it answers, and is remembered only where that is.
    """
    batch: list[Item] = []
    for item in items:
        answer = isinstance(item, Imported) and item.speaker == ASSISTANT
        if len(batch) >= size * (2 if answer else 1):
            yield batch
            batch = []
        batch.append(item)
    if batch:
        yield batch


def _skip(learner: Learner, items: Iterator[Item], count: int) -> None:
    while count > 0 and (batch := list(islice(items, min(count, BATCH)))):
        learner.skip(batch)
        count -= len(batch)
