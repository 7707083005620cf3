"""The memories of several blocks as the rows of one index."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from metier.profile.memory._block import IN_CONTEXT, NO_VECTOR, Block
from metier.profile.memory._memory import PAUSE, SUMMARY, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Rows:
    """The memories of all blocks in the order of their dialogues, each once."""

    def __init__(self, blocks: Sequence[Block], removed: Collection[str]) -> None:
        import numpy as np

        self._blocks = blocks
        gone = np.array(
            [i in removed or whole(i) in removed for b in blocks for i in b.ids], bool
        ) if removed else np.zeros(sum(map(len, blocks)), bool)  # fmt: skip
        block = np.repeat(np.arange(len(blocks)), [len(b) for b in blocks])
        place = np.concatenate([np.arange(len(b)) for b in blocks]) if blocks else block
        at = np.concatenate([b.at for b in blocks]) if blocks else block
        conversation, _ = self._coded("conversation")
        speaker, speakers = self._coded("speaker")
        source, sources = self._coded("source")
        extracts = source == sources.get(SUMMARY, -1)
        first = _first([i for b in blocks for i in b.ids])
        broken = set(conversation[gone].tolist())
        self.summaries = tuple(
            blocks[block[r]].memory(int(place[r]))
            for r in np.flatnonzero(extracts & first & ~gone)
            if conversation[r] not in broken
        )
        order = np.lexsort((at, conversation))
        order = order[(first & ~extracts)[order]]
        same = _same(conversation[order], at[order])
        # A vector made after something that is removed goes with it.
        after_gone = np.zeros(len(order), bool)
        after_gone[1:] = gone[order][:-1] & same[1:] & (np.diff(block[order]) == 0)
        kept = ~gone[order]
        self._order = order[kept]
        self._spoilt = after_gone[kept]
        self.block, self.place = block[self._order].astype(np.int32), place[self._order]
        self.conversation = conversation[self._order]
        self.same = _same(self.conversation, at[self._order])
        self.at = at[self._order] / 1e6
        self.speakers = tuple(speakers)
        self.speaker = speaker[self._order]
        heard = set(np.unique(self.speaker).tolist())
        self.heard = tuple(s for s, number in speakers.items() if number in heard)

    def _coded(self, name: str) -> tuple[NDArray[np.int32], dict[str, int]]:
        """A column as numbers that mean the same in all blocks, and the values they stand for."""
        import numpy as np

        known: dict[str, int] = {}
        parts = [np.zeros(0, np.int32)]
        for block in self._blocks:
            column = block.columns[name]
            numbers = [known.setdefault(value, len(known)) for value in column.values]
            parts.append(np.array(numbers, np.int32)[column.places])
        return np.concatenate(parts), known

    def column(self, of: Callable[[Block], Any]) -> Any:
        """A column of all blocks, in the order of the rows."""
        import numpy as np

        if not self._blocks:
            return np.zeros((0, 2))[:, 0].astype(np.uint8)
        return np.concatenate([of(b) for b in self._blocks])[self._order]

    def vectors(self) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The vectors, and the rows they are of."""
        import numpy as np

        kinds = self.column(lambda b: b.kinds)
        has = (kinds != NO_VECTOR) & ~((kinds == IN_CONTEXT) & self._spoilt)
        if not has.any():
            return np.zeros((0, 384), np.float32), np.zeros(0, np.int64)
        offsets = np.cumsum([0, *(len(b.vectors) for b in self._blocks)])
        within = np.concatenate(
            [np.cumsum(b.kinds != NO_VECTOR) - 1 + o
             for b, o in zip(self._blocks, offsets[:-1], strict=True)]
        )  # fmt: skip
        rows = np.flatnonzero(has)
        all_of = np.concatenate([b.vectors for b in self._blocks])
        found = all_of[within[self._order][rows]].astype(np.float32)
        found *= 1 / 127
        return found, rows

    def words(self) -> tuple[dict[str, int], Any, Any, Any]:
        """The vocabulary; and of each word in each memory: its number, the row, how often."""
        import numpy as np

        known: dict[str, int] = {}
        maps = [
            np.array([known.setdefault(w, len(known)) for w in b.vocabulary], np.int32)
            for b in self._blocks
        ]
        if not self._blocks:
            empty = np.zeros(0, np.int32)
            return known, empty, empty, empty
        words = np.concatenate(
            [m[b.words] for m, b in zip(maps, self._blocks, strict=True)]
        ).astype(np.int32)
        often = np.concatenate([b.often for b in self._blocks])
        sizes = np.concatenate([np.diff(b.starts) for b in self._blocks])
        row_of = np.full(len(sizes), -1, np.int32)
        row_of[self._order] = np.arange(len(self._order), dtype=np.int32)
        documents = np.repeat(row_of, sizes)
        used = documents >= 0
        if not used.all():
            words, often, documents = words[used], often[used], documents[used]
        return known, words, documents, often


def _first(ids: list[str]) -> NDArray[np.bool_]:
    """Whether each id is the first of its kind."""
    import numpy as np

    if len(set(ids)) == len(ids):
        return np.ones(len(ids), bool)
    found = np.zeros(len(ids), np.bool_)
    seen: set[str] = set()
    for place, identity in enumerate(ids):
        found[place] = identity not in seen
        seen.add(identity)
    return found


def _same(conversation: Any, at: Any) -> Any:
    """Whether each row continues the dialogue of the row before it."""
    import numpy as np

    same = np.zeros(len(at), bool)
    same[1:] = (conversation[1:] == conversation[:-1]) & (
        np.diff(at) <= PAUSE.total_seconds() * 1e6
    )
    return same
