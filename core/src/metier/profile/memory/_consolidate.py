"""What happens to blocks in the background: merging, encoding, summaries; and removal.

Everything follows from the blocks themselves: the same blocks give the same
result, and a run that was cut off is taken up by the next one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from metier.encoder import Terms
from metier.profile.memory._block import IN_CONTEXT, Block, pack
from metier.profile.memory._memory import SUMMARY, Memory, contexts, together, whole
from metier.profile.memory._summary import summarise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PREFIX: Final = "block/"
SIZE: Final = 1000


class Encodes(Protocol):
    """What texts are encoded with; `metier.encoder.Encoder` is one."""

    def supports(self, text: str) -> bool:
        """Whether a vector of `text` means something."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`, of length 1."""
        ...


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be written.

    Attributes:
        blocks: new or changed blocks by name; the caller seals and writes them.
        retired: the names of blocks that they replace, to be deleted in the same transaction.
        lacking: how many memories that the encoder supports are still without a vector of
            themselves in their context; run again while it is not 0.
        more: whether blocks were left for the next run.
    """

    blocks: Mapping[str, bytes] = field(default_factory=dict)
    retired: tuple[str, ...] = ()
    lacking: int = 0
    more: bool = False


def consolidate(
    blocks: Mapping[str, Block],
    terms: Terms,
    encoder: Encodes | None = None,
    *,
    size: int = SIZE,
    encodings: int = 256,
    most: int | None = None,
) -> Changes:
    """Merges small blocks, encodes what lacks vectors, and extracts summaries.

    Blocks are merged in the order of their first memories until they hold `size`
    memories; one of that size is only written again for vectors that it lacks.

    Args:
        blocks: all blocks of a person, by name.
        terms: cuts texts into words.
        encoder: None where there is no model; words serve alone then.
        size: memories in a full block.
        encodings: at most so many memories are encoded in one run.
        most: at most so many blocks are written in one run, the earliest first.
    """
    written: dict[str, bytes] = {}
    retired: list[str] = []
    lacking = 0
    more = False
    for names in _groups(blocks, size):
        if len(written) == most:
            more = True
            break
        if len(names) == 1 and _finished(blocks[names[0]], size, encoder):
            continue
        group = _Group([blocks[name] for name in names])
        before = group.lacking(encoder)
        wanted = before[:encodings]
        encodings -= len(wanted)
        lacking += len(before) - len(wanted)
        if len(names) == 1 and not wanted and group.summarised(terms):
            continue
        if encoder is not None and wanted:
            group.encode(wanted, encoder)
        name, data = group.packed(terms)
        written[name] = data
        retired += names
    return Changes(written, tuple(n for n in retired if n not in written), lacking, more)


def forget(blocks: Mapping[str, Block], ids: Collection[str], terms: Terms) -> Changes:
    """The blocks without some memories, as if those had never been said.

    With them go their pieces, what was quoted of them in summaries, and the
    vectors that were made of them and the next utterance; the next
    consolidation encodes that one anew.

    Args:
        blocks: all blocks of a person, by name; those without such a memory stay.
        ids: the memories to forget.
        terms: cuts texts into words.
    """
    removed = frozenset(ids)
    written: dict[str, bytes] = {}
    retired: list[str] = []
    for name, block in blocks.items():
        if not any(i in removed or whole(i) in removed for i in block.ids):
            continue
        retired.append(name)
        group = _Group([block], removed)
        if group.memories:
            new, data = group.packed(terms)
            written[new] = data
    return Changes(written, tuple(n for n in retired if n not in written))


def _groups(blocks: Mapping[str, Block], size: int) -> Iterator[list[str]]:
    """Names of blocks to be one block, in the order of time."""
    group: list[str] = []
    held = 0
    for name in sorted(blocks, key=lambda n: (_first(blocks[n]), n)):
        count = len(blocks[name])
        if count >= size:
            yield [name]
            continue
        if group and held + count > size:
            yield group
            group, held = [], 0
        group.append(name)
        held += count
    if group:
        yield group


def _finished(block: Block, size: int, encoder: Encodes | None) -> bool:
    """Whether a full block tells, without its texts, that a run has been over all of it."""
    sources = block.columns["source"]
    if len(block) < size or SUMMARY not in sources.values:
        return False
    said = sources.places != sources.values.index(SUMMARY)
    return encoder is None or bool((block.kinds[said] == IN_CONTEXT).all())


def _first(block: Block) -> int:
    return int(block.at.min()) if len(block) else 0


class _Group:
    """The memories of some blocks, each once, in the order of their dialogues."""

    def __init__(self, blocks: Sequence[Block], removed: Collection[str] = ()) -> None:
        found: dict[str, Memory] = {}
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._before: dict[str, str] = {}
        """What stood before a memory when its vector was made, where that is part of it."""
        self._summaries: set[str] = set()
        for block in blocks:
            every = block.memories()
            said = _ordered(m for m in every if m.source != SUMMARY)
            self._summaries |= {m.id for m in every if m.source == SUMMARY}
            before = dict(_before(said))
            vectors = block.every_vector()
            for place, memory in enumerate(every):
                if memory.source == SUMMARY or memory.id in found:
                    continue
                if memory.id in removed or whole(memory.id) in removed:
                    continue
                found[memory.id] = memory
                if place in vectors:
                    self._vectors[memory.id] = vectors[place]
                    if block.kinds[place] == IN_CONTEXT:
                        self._before[memory.id] = before[memory.id]
        self.memories = _ordered(found.values())
        self._now = dict(_before(self.memories))
        for identity, earlier in self._before.copy().items():
            if self._now[identity] != earlier:
                del self._before[identity]
                if earlier in removed or whole(earlier) in removed:
                    del self._vectors[identity]

    def lacking(self, encoder: Encodes | None) -> list[int]:
        """Places of memories whose vector is missing or not of their context."""
        if encoder is None:
            return []
        self._contexts = contexts(self.memories)
        return [
            place
            for place, memory in enumerate(self.memories)
            if memory.id not in self._before and encoder.supports(self._contexts[place])
        ]

    def encode(self, places: Sequence[int], encoder: Encodes) -> None:
        for place, vector in zip(
            places, encoder.encode([self._contexts[p] for p in places]), strict=True
        ):
            identity = self.memories[place].id
            self._vectors[identity] = vector
            self._before[identity] = self._now[identity]

    def summarised(self, terms: Terms) -> bool:
        return {m.id for m in summarise(self.memories, terms)} == self._summaries

    def packed(self, terms: Terms) -> tuple[str, bytes]:
        """The block of the group, with summaries, and its name."""
        every = [*self.memories, *summarise(self.memories, terms)]
        vectors = [self._vectors.get(m.id) for m in every]
        kinds = [m.id in self._before for m in every]
        digest = hashlib.sha256("\0".join(m.id for m in every).encode()).hexdigest()
        return f"{PREFIX}{digest[:24]}", pack(every, vectors, terms, in_context=kinds)


def _ordered(memories: Iterable[Memory]) -> list[Memory]:
    """By conversation, in the order those began, then by time."""
    found = list(memories)
    began: dict[str, datetime] = {}
    for memory in found:
        began[memory.conversation] = min(memory.at, began.get(memory.conversation, memory.at))
    return sorted(found, key=lambda m: (began[m.conversation], m.conversation, m.at))


def _before(memories: Sequence[Memory]) -> Iterator[tuple[str, str]]:
    """Each memory's id, and that of the one before it in its dialogue ("" for none)."""
    for place, memory in enumerate(memories):
        earlier = memories[place - 1] if place else None
        yield memory.id, earlier.id if earlier and together(earlier, memory) else ""
