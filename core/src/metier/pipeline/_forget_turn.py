"""Forgetting a turn: its words go from the conversations and the memories that hold them.

What was learnt in it stays known until it is forgotten by itself (`_forget`), and so do the
states of plugins and what stands for values of the conversation while that goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from metier.crypto import Change, SubjectRecords
from metier.encoder import Terms
from metier.pipeline._forget import Rewritten, rewritten
from metier.pipeline._identity import decode_past, encode_past
from metier.pipeline._person import OUTCOMES
from metier.pipeline._rows import BLOCK, PERSON, UNDO
from metier.pipeline._state import Past
from metier.pipeline._undo import decode_undo
from metier.privacy import Vault
from metier.profile.memory import SUMMARY, Memory, pack, unpack
from metier.store import AgedRow, SealedRow


@dataclass(frozen=True, slots=True)
class TurnForgotten:
    """What is to be written so that a turn is forgotten.

    Args:
        conversations: rows in the place of those that are there.
        empty: ids of conversations that were nothing but this turn.
    """

    memory: Rewritten
    conversations: tuple[SealedRow, ...]
    empty: tuple[str, ...]


def forget_turn(
    change: Change,
    records: SubjectRecords,
    turn: str,
    memory: Mapping[str, bytes],
    conversations: Mapping[str, bytes],
    terms: Terms,
) -> TurnForgotten:
    """Works out what is left once a turn has never been.

    Args:
        turn: its id.
        memory, conversations: what is stored of both, opened, by row.
    """
    kept: list[SealedRow] = []
    empty: list[str] = []
    for name, data in conversations.items():
        past = decode_past(name, data, Vault.new())
        if turn not in past.turns:
            continue
        left = _without(past, turn)
        if not left.messages:
            empty.append(name)
            change.remove("conversation", name)
            continue
        entry = records.entry("conversation", name)
        at = entry.at if entry else 0
        kept.append(SealedRow(name, change.seal("conversation", name, encode_past(left), at)))
    return TurnForgotten(_memory(change, turn, memory, terms), tuple(kept), tuple(empty))


def _without(past: Past, turn: str) -> Past:
    """The conversation without the turn's messages and what held by its words alone."""
    turns = (*past.turns, *("",) * (len(past.messages) - len(past.turns)))
    told = [(m, t) for m, t in zip(past.messages, turns, strict=True) if t != turn]
    last = turns[-1] == turn
    return replace(
        past,
        messages=tuple(m for m, _ in told),
        turns=tuple(t for _, t in told),
        facts=tuple(f for f in past.facts if f.provenance.turn != turn),
        pending=None if last else past.pending,  # it was asked in the turn
        head="" if last else past.head,
    )


def _memory(change: Change, turn: str, memory: Mapping[str, bytes], terms: Terms) -> Rewritten:
    """What is remembered, without the turn; what was computed of it is made anew of the rest."""
    dialogues = {
        m.conversation
        for row, data in memory.items() if row.startswith(BLOCK)
        for m in unpack(data).memories() if m.turn == turn
    }  # fmt: skip

    def kept(found: Memory) -> Memory | None:
        quotes = found.source == SUMMARY and found.conversation in dialogues
        return None if found.turn == turn or quotes else found

    def changed(row: str, data: bytes) -> AgedRow | None:
        return _undo(change, row, data, turn, terms) if row.startswith(UNDO) else None

    return rewritten(
        change, memory, lambda row, data: bool(dialogues) and _computed(row), kept, terms, changed
    )


def _computed(row: str) -> bool:
    return row.startswith(PERSON) and row != OUTCOMES


def _undo(change: Change, row: str, data: bytes, turn: str, terms: Terms) -> AgedRow | None:
    """A change that can be taken back, without memories of the turn; None where it has none."""
    undo = decode_undo(row, data)
    before = unpack(undo.memories).memories() if undo.memories else ()
    left = [m for m in before if m.turn != turn]
    if len(left) == len(before):
        return None
    return replace(undo, memories=pack(left, None, terms) if left else b"").row(change)
