"""Forgetting: a fact goes, with every sentence that says it, as if it had never been said.

What is searched later must not find it again: the fact and its history, the person's
vectors, their memories, the conversations that are still open with what was asked in them,
what plugins keep, and what imports and older changes noted. A thing is known by its names in
English and Chinese. A client that replays
its history brings the sentence back; so its keyed digest is noted, and `unsaid` takes it
out of what comes. Records of turns stay as they are, for as long as policy keeps them:
they tell what was sent, and no answer is made from them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import orjson

from metier.crypto import Change, Keyring, SubjectRecords
from metier.encoder import Terms
from metier.learning import Outcome
from metier.model import Fact, Json, Message, Role, Turn
from metier.pipeline._forget_elsewhere import (
    OPEN,
    Cleaned,
    cleaner,
    import_row,
    plugin_states,
)
from metier.pipeline._identity import decode_past, encode_past
from metier.pipeline._person import OUTCOMES, decode_outcomes, encode_outcomes
from metier.pipeline._questions import asks_about
from metier.pipeline._rows import BLOCK, ENDED, IMPORT, PERSON, UNDO
from metier.pipeline._undo import Undo, decode_undo, new_id
from metier.privacy import Vault
from metier.profile import LEARNED, decode_fact, extract, fold, names, same_statement, wider
from metier.profile.memory import IN_CONTEXT, SUMMARY, Block, Memory, pack, unpack
from metier.store import AgedRow, SealedRow

FORGOTTEN: Final = "forgotten"
"""The kind of the ledger's lines about sentences that are not to be seen again."""
_SENTENCE: Final = re.compile(r"[^.!?。！？；;\n]+[.!?。！？；;\n]*\s*|[.!?。！？；;\n]+\s*")
_SHORTEST = 2
"""Characters of a value by which a sentence is known to repeat it."""
_MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""What a sentence says does not depend on when, but for the dates in it."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Rows of `memory` that are to be written, and ids of those that go."""

    rows: tuple[AgedRow, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What is to be written so that a fact is forgotten.

    Args:
        facts: ids of the facts that go.
        conversations, states: rows in the place of those that are there.
        ledger: the line with the digests of what was said.
        undo: what it can be taken back with.
    """

    facts: tuple[str, ...]
    memory: Rewritten
    conversations: tuple[SealedRow, ...]
    states: tuple[SealedRow, ...]
    ledger: tuple[SealedRow, ...]
    undo: Undo


@dataclass(slots=True)
class _Cut:
    """What was taken out, while it is."""

    fact: Fact
    facts: tuple[Fact, ...]
    """It, and what else the same words gave."""
    tell: Callable[[str], str]
    digests: set[str] = field(default_factory=set)
    memories: list[Memory] = field(default_factory=list)
    ended: list[Fact] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def gone(self) -> frozenset[str]:
        return frozenset(f.id for f in self.facts)

    def has(self, fact: Fact) -> bool:
        """Whether a fact is one of those that are forgotten, whenever it was said."""
        return fact.id in self.gone or any(same_statement(fact, f) for f in self.facts)


def forget(
    change: Change,
    keyring: Keyring,
    records: SubjectRecords,
    fact: Fact,
    known: Sequence[Fact],
    memory: Mapping[str, bytes],
    conversations: Mapping[str, bytes],
    states: Mapping[str, Mapping[str, Json]],
    versions: Mapping[str, str],
    now: int,
    terms: Terms,
) -> Forgotten:
    """Works out what is left of a person once they have never said a fact.

    Args:
        fact: one of `known`.
        memory, conversations: what is stored of both, opened, by row.
        states, versions: of plugins, by their names.
        now: seconds since 1970.
    """
    keys = records.keys
    same = tuple(f for f in known if same_statement(f, fact) or _same_words(f, fact))
    cut = _Cut(fact, same, lambda said: digest_of(keyring, keys.tenant, keys.subject, said))
    rewritten = _memory(change, memory, cut, terms)
    rows = tuple(_conversations(change, records, conversations, cut))
    kept, out = plugin_states(change, states, versions, _cleaner(cut))
    line = secrets.token_hex(12) if cut.digests else ""
    packed = pack(cut.memories, None, terms) if cut.memories else b""
    undo = Undo(
        new_id(), "forget", now, same, tuple(cut.ended), (), packed, line, out, tuple(cut.outcomes)
    )
    ledger: tuple[SealedRow, ...] = ()
    if line:
        told = {"kind": FORGOTTEN, "id": line, "digests": sorted(cut.digests), "at": now}
        ledger = (SealedRow(line, change.seal("ledger", line, orjson.dumps(told))),)
    for each in same:
        change.remove("fact", each.id)
    memory_rows = replace(rewritten, rows=(*rewritten.rows, undo.row(change)))
    return Forgotten(tuple(f.id for f in same), memory_rows, rows, kept, ledger, undo)


def without_categories(
    change: Change, memory: Mapping[str, bytes], categories: Collection[str], terms: Terms
) -> Rewritten:
    """The rows of `memory` once nothing of some categories may be kept any more."""
    wanted = frozenset(categories)

    def dropped(row: str, data: bytes) -> bool:
        if row.startswith(ENDED):
            return decode_fact(data).category in wanted
        if row.startswith(UNDO):
            undo = decode_undo(row, data)
            mine = any(f.category in wanted for f in (*undo.facts, *undo.ended))
            return mine or (bool(undo.memories) and any(
                wanted & set(m.categories) for m in unpack(undo.memories).memories()
            ))  # fmt: skip
        return row.startswith(PERSON)

    return rewritten(
        change, memory, dropped,
        # A summary quotes whatever was said; it is made anew of what is left.
        lambda m: None if m.source == SUMMARY or wanted & set(m.categories) else m, terms,
    )  # fmt: skip


def rewritten(
    change: Change,
    memory: Mapping[str, bytes],
    dropped: Callable[[str, bytes], bool],
    kept: Callable[[Memory], Memory | None],
    terms: Terms,
    changed: Callable[[str, bytes], AgedRow | None] = lambda row, data: None,
) -> Rewritten:
    """Goes through all rows of `memory`: drops some, and rewrites blocks memory by memory.

    Args:
        dropped: whether a row that is no block goes, by its id and what is in it.
        kept: a memory as it is to be from now on; None where it goes.
        changed: a row that is no block as it is to be from now on; None where it stays.
    """
    rows: list[AgedRow] = []
    gone: list[str] = []
    for row, data in memory.items():
        if not row.startswith(BLOCK):
            if dropped(row, data):
                gone.append(row)
            elif (instead := changed(row, data)) is not None:
                rows.append(instead)
            continue
        block = unpack(data)
        after = [kept(m) for m in block.memories()]
        if after == list(block.memories()):
            continue
        packed = _packed(block, after, terms)
        if packed is None:
            gone.append(row)
            continue
        # What was imported is as old as it says, but has been kept since the import alone.
        oldest = min(int(m.at.timestamp()) for m in after if m is not None)
        at = max(oldest, change.at("memory", row))
        rows.append(AgedRow(row, change.seal("memory", row, packed, at), at))
    for row in gone:
        change.remove("memory", row)
    return Rewritten(tuple(rows), tuple(gone))


def _packed(block: Block, after: Sequence[Memory | None], terms: Terms) -> bytes | None:
    """A block of what is left; None where nothing is. Vectors of what has changed go.

    A vector may be of a memory and what was said before it, so that all go of a dialogue
    in which something was changed.
    """
    before = block.memories()
    touched = {
        m.conversation for m, now in zip(before, after, strict=True) if now is None or now != m
    }
    left = [(place, m) for place, m in enumerate(after) if m is not None]
    if not left:
        return None
    every = block.every_vector()
    vectors = [None if m.conversation in touched else every.get(place) for place, m in left]
    contexts = [bool(block.kinds[place] == IN_CONTEXT) for place, _ in left]
    return pack([m for _, m in left], vectors, terms, in_context=contexts)


def _same_words(one: Fact, other: Fact) -> bool:
    """Whether two facts were found in the same words, by the core and a plugin, say."""
    a, b = one.provenance, other.provenance
    if a.turn is None or a.turn != b.turn or None in (a.start, a.end, b.start, b.end):
        return False
    return max(a.start or 0, b.start or 0) < min(a.end or 0, b.end or 0)


def digest_of(keyring: Keyring, tenant: str, subject: str, sentence: str) -> str:
    """What stands for a forgotten sentence: nobody can tell from it what was said."""
    return keyring.digest(tenant, FORGOTTEN, subject, fold(sentence))


def _memory(change: Change, memory: Mapping[str, bytes], cut: _Cut, terms: Terms) -> Rewritten:
    def dropped(row: str, data: bytes) -> bool:
        if row.startswith(ENDED):
            ended = decode_fact(data)
            if cut.has(ended):
                cut.ended.append(ended)
                return True
        if row.startswith(UNDO):  # taking an older change back must not bring it back either
            undo = decode_undo(row, data)
            return any(cut.has(f) for f in (*undo.facts, *undo.ended))
        return row.startswith(PERSON) and row != OUTCOMES

    def changed(row: str, data: bytes) -> AgedRow | None:
        if row == OUTCOMES:
            return _outcomes(change, data, cut)
        if row.startswith(IMPORT):
            return import_row(
                change, row, data, cut.fact, cut.gone, lambda text: _names(text, cut.fact)
            )
        return _older_undo(change, row, data, cut, terms) if row.startswith(UNDO) else None

    def kept(memory: Memory) -> Memory | None:
        if memory.source == SUMMARY:  # it quotes; it is made anew of what is left
            return None if _quotes(memory, cut.fact) else memory
        text = _left(memory.text, memory.speaker != "assistant", memory.turn, cut)
        if text == memory.text:
            return memory
        cut.memories.append(memory)
        return replace(memory, text=text.strip()) if text.strip() else None

    return rewritten(change, memory, dropped, kept, terms, changed)


def _outcomes(change: Change, data: bytes, cut: _Cut) -> AgedRow | None:
    """How answers were received, without those of a kind whose name says the fact.

    What was judged beside it stays: nobody said the fact by that.
    """
    known = decode_outcomes(data)
    gone = [o for o in known if _names(o.name, cut.fact)]
    if not gone:
        return None
    cut.outcomes += gone
    left = encode_outcomes([o for o in known if o not in gone])
    at = change.at("memory", OUTCOMES)
    return AgedRow(OUTCOMES, change.seal("memory", OUTCOMES, left, at), at)


def _older_undo(change: Change, row: str, data: bytes, cut: _Cut, terms: Terms) -> AgedRow | None:
    """What was forgotten earlier, without what says the fact; it may be taken back still."""
    undo, cleaned = decode_undo(row, data), _cleaner(cut)
    before = unpack(undo.memories).memories() if undo.memories else ()
    after = [
        replace(m, text=_left(m.text, m.speaker != "assistant", m.turn, cut).strip())
        for m in before
    ]
    left = [m for m in after if m.text]
    states = tuple(replace(s, before=cleaned(s.before), left=cleaned(s.left)) for s in undo.states)
    outcomes = tuple(o for o in undo.outcomes if not _names(o.name, cut.fact))
    if [m.text for m in after] != [m.text.strip() for m in before]:
        undo = replace(undo, memories=pack(left, None, terms) if left else b"")
    elif (states, outcomes) == (undo.states, undo.outcomes):
        return None
    return replace(undo, states=states, outcomes=outcomes).row(change)


def _cleaner(cut: _Cut) -> Cleaned:
    fact = cut.fact
    return cleaner(fact, lambda text: _names(text, fact), lambda text: _says(text, cut))


def _quotes(summary: Memory, fact: Fact) -> bool:
    return _names(summary.text, fact)


def _names(text: str, fact: Fact) -> bool:
    """Whether a text has the value of the fact in it, by any of its names, as words."""
    said = fold(text)
    return any(
        len(name) >= _SHORTEST
        and (name in said if not name.isascii() else f" {name} " in f" {said} ")
        for name in names(fact.value)
    )


def _left(text: str, mine: bool, turn: str, cut: _Cut) -> str:
    """The text without the sentences that say the fact.

    Args:
        mine: whether the person said it.
        turn: in which it was said; the one that the fact was learnt in is looked at closely.
    """
    kept = []
    close = bool(turn) and turn == cut.fact.provenance.turn
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if not _tells(sentence, cut, mine, close):
            kept.append(sentence)
        elif mine:
            cut.digests.add(cut.tell(sentence))
    return "".join(kept)


def _tells(sentence: str, cut: _Cut, mine: bool, close: bool) -> bool:
    said, fact = fold(sentence), cut.fact
    known_by = names(fact.value)
    if not mine and fact.category not in OPEN:
        known_by += wider(fact.value)  # "Noted: diabetes", of type 2
    repeats = any(len(name) >= _SHORTEST and name in said for name in known_by)
    if not mine:
        return repeats or (fact.slot == "name" and _addresses(sentence, fact.value))
    # What a plugin found, the core's rules may not find again; its words then tell it.
    by = fact.provenance.extractor
    by_core = by.startswith("core:") and by != LEARNED  # which the rules don't find again
    return _says(sentence, cut) or (repeats and (close or not by_core))


def _addresses(sentence: str, name: str) -> bool:
    """Whether a sentence uses a part of a name: "Lin, ..." for Lin Pei; written as the name is."""
    parts = [p for p in name.split() if len(p) >= _SHORTEST]
    return any(re.search(rf"(?<!\w){re.escape(p)}(?!\w)", sentence) for p in parts)


def _says(sentence: str, cut: _Cut) -> bool:
    """Whether a sentence, said by the person, gives the fact."""
    turn = Turn("", "", "", cut.fact.provenance.domain, "", sentence, _MOMENT)
    return any(cut.has(found) for found in extract(turn))


def _conversations(
    change: Change, records: SubjectRecords, conversations: Mapping[str, bytes], cut: _Cut
) -> Iterator[SealedRow]:
    for name, data in conversations.items():
        past = decode_past(name, data, Vault.new())
        turns = (*past.turns, *("",) * (len(past.messages) - len(past.turns)))
        messages = tuple(
            replace(m, content=_left(m.content, m.role is Role.USER, turn, cut))
            for m, turn in zip(past.messages, turns, strict=False)
        )
        facts = tuple(f for f in past.facts if not cut.has(f))
        pending = None if asks_about(past.pending, cut.gone, cut.fact) else past.pending
        if (messages, facts, pending) != (past.messages, past.facts, past.pending):
            changed = replace(past, messages=messages, facts=facts, pending=pending)
            entry = records.entry("conversation", name)
            at = entry.at if entry else 0
            yield SealedRow(name, change.seal("conversation", name, encode_past(changed), at))


def unsaid(
    keyring: Keyring,
    tenant: str,
    subject: str,
    ledger: Iterable[Mapping[str, Json]],
    messages: tuple[Message, ...],
) -> tuple[Message, ...]:
    """Messages that a client replays, without what the person has had forgotten."""
    digests = {d for line in ledger if line["kind"] == FORGOTTEN for d in line["digests"]}
    if not digests:
        return messages

    def left(text: str) -> str:
        said = (m.group() for m in _SENTENCE.finditer(text))
        return "".join(s for s in said if digest_of(keyring, tenant, subject, s) not in digests)

    return tuple(
        replace(m, content=left(m.content)) if m.role is Role.USER else m for m in messages
    )
