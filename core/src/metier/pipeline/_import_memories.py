"""What was said in an imported chat, remembered as what is said in a turn.

Only the person's own messages and what a machine answered them: what others wrote is theirs.
An answer is remembered where what it answers is, since it would tell it otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from metier.crypto import Change
from metier.pipeline._import_learn import Heard, may_keep
from metier.pipeline._rows import BLOCK, CONVERSATIONS, IMPORT, PERSON
from metier.pipeline._sensitive import keepable
from metier.pipeline._state import Parts, State
from metier.policy import SPECIAL_CATEGORIES
from metier.profile.importing import USER, Imported
from metier.profile.memory import Memory, pack, unpack
from metier.store import AgedRow

if TYPE_CHECKING:
    from metier.encoder import Terms

_LONGEST: Final = 2000
_LONGEST_ANSWER: Final = 600
UNKEPT: Final = "touches what needs consent: not remembered"

Keepable = Callable[[State, str], tuple[str, tuple[str, ...]]]
"""What of a text may be remembered, and the categories that it touches."""


@dataclass(frozen=True, slots=True)
class BlockMemories:
    """Memories in blocks, one a batch.

    Args:
        domain: that the import is for; "" for all.
    """

    terms: Terms
    keepable: Keepable
    domain: str = ""

    def keep(
        self, state: State, change: Change, import_id: str, heard: Sequence[Heard]
    ) -> tuple[tuple[AgedRow, ...], int, Mapping[str, int]]:
        """The block of a batch, how many messages are in it, and by rule how many are not."""
        allowed = may_keep(state, CONVERSATIONS, self.domain)
        if not allowed.allowed:
            count = sum(each.kept for each in heard)
            return (), 0, {f"{CONVERSATIONS}: {allowed.rule}": count} if count else {}
        memories: list[Memory] = []
        unkept: Counter[str] = Counter()
        asked: dict[str, str] = {}
        """By conversation, the person's last message, where it is remembered."""
        for each in heard:
            if not isinstance(each.item, Imported):
                continue
            talk = each.item.conversation
            mine = each.item.speaker == USER
            if mine:
                asked.pop(talk, None)
            if not each.kept or (not mine and talk not in asked):
                continue
            name = f"{import_id}:{each.number}"
            found = self._memory(state, import_id, each, name if mine else asked[talk])
            if found is None:
                unkept[UNKEPT] += 1
                continue
            memories.append(found)
            if mine:
                asked[talk] = name
        if not memories:
            return (), 0, unkept
        at = int(state.turn.now.timestamp())  # what is kept for a year is kept from now on
        data = pack(memories, [None] * len(memories), self.terms)
        row = f"{BLOCK}{import_id}-{heard[0].number:08d}"
        return (AgedRow(row, change.seal("memory", row, data, at), at),), len(memories), unkept

    def _memory(self, state: State, import_id: str, heard: Heard, turn: str) -> Memory | None:
        assert isinstance(heard.item, Imported)
        mine = heard.item.speaker == USER
        text = heard.item.text[: _LONGEST if mine else _LONGEST_ANSWER]
        kept, categories = self._kept(state, heard, text)
        if not kept:
            return None
        talk = f"{IMPORT}{import_id}/{heard.item.conversation}"
        return Memory(
            f"{import_id}:{heard.number}", turn, talk, self.domain, heard.item.speaker, kept,
            heard.at, categories, f"{IMPORT}{import_id}",
        )  # fmt: skip

    def _kept(self, state: State, heard: Heard, text: str) -> tuple[str, tuple[str, ...]]:
        """What may be remembered; where no domain is named, what every domain may."""
        assert isinstance(heard.item, Imported)
        state = replace(state, found=heard.found, passing=heard.passing)
        state = state.with_turn(message=heard.item.text)
        if self.domain:
            return self.keepable(state, text)
        registry, categories = state.parts.registry.domains, set[str]()
        for name, manifest in registry.items():
            if CONVERSATIONS not in manifest.reads:
                continue
            # That a domain is about health says nothing of a text that is for all domains.
            plain = tuple(c for c in manifest.writes if c not in SPECIAL_CATEGORIES)
            there = replace(state, manifest=replace(manifest, writes=plain)).with_turn(domain=name)
            text, touched = self.keepable(there, text)
            categories |= set(touched)
            if not text or not touched:
                break
        return text, tuple(sorted(categories))

    def drop(
        self, state: State, change: Change, import_id: str, rows: Mapping[str, bytes]
    ) -> tuple[tuple[AgedRow, ...], tuple[str, ...]]:
        """Blocks written anew without what the import brought, and rows that go."""
        written: list[AgedRow] = []
        gone: list[str] = []
        for row, data in rows.items():
            if not row.startswith(BLOCK):
                continue
            memories = unpack(data).memories()
            kept = [m for m in memories if not _from(m, import_id)]
            if len(kept) == len(memories):
                continue
            if not kept:
                gone.append(row)
                continue
            entry = state.records.entry("memory", row)
            at = entry.at if entry else 0
            packed = pack(kept, [None] * len(kept), self.terms)
            written.append(AgedRow(row, change.seal("memory", row, packed, at), at))
        if written or gone:  # what was computed from them
            gone += [row for row in rows if row.startswith(PERSON)]
        return tuple(written), tuple(gone)


def import_memories(parts: Parts, domain: str = "") -> BlockMemories:
    """How imports are remembered: as turns are."""
    return BlockMemories(parts.terms(), keepable, domain)


def _from(memory: Memory, import_id: str) -> bool:
    """Whether an import brought it; an extract of its conversations is of it, too."""
    whole = f"{IMPORT}{import_id}"
    return memory.source == whole or memory.conversation.startswith(f"{whole}/")
