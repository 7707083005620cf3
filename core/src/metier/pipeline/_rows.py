"""What the rows of `memory` are, by how their ids begin; and the memories that are open."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.profile.memory import Block, MemoryIndex

CONVERSATIONS: Final = "conversations"
"""What a manifest reads to see memories of conversations, and writes to have them kept."""
BLOCK: Final = "block/"
"""Memories: of a turn, or of many that `tidy` has joined."""
TURN_BLOCK: Final = f"{BLOCK}t-"
"""Memories of one turn; `_tidy` joins them when there are many."""
ENDED: Final = "ended/"
"""A fact that was believed before."""
PERSON: Final = "person/"
"""What is computed from the rest: vectors, how answers were received."""
UNDO: Final = "undo/"
"""What was forgotten, for as long as it can be taken back."""
IMPORT: Final = "import/"
"""What an import has brought, and how far it came."""
_PEOPLE = 500
_PASSAGES = 4000
_SECONDS = 900.0


@dataclass(slots=True)
class Held:
    """What is open of a person: the rows, each with the revision that wrote it."""

    versions: Mapping[str, int]
    blocks: Mapping[str, Block]
    index: MemoryIndex
    fresh: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Rows that turns have written since, each with its revision: they need not be read."""
    used: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Encoded:
    """Vectors of texts that were needed lately, by whose they are; in memory only.

    Of a person there are those of the last turn alone, so that what was forgotten is gone.
    Those of nobody, such as passages, are kept until there are too many.
    """

    people: int = _PEOPLE
    passages: int = _PASSAGES
    _facts: OrderedDict[tuple[str, str], Mapping[str, NDArray[np.float32]]] = field(
        default_factory=OrderedDict
    )
    _passages: OrderedDict[str, NDArray[np.float32]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of_person(self, owner: tuple[str, str]) -> Mapping[str, NDArray[np.float32]]:
        """The vectors of the facts of their last turn, by text."""
        with self._lock:
            return self._facts.get(owner, {})

    def keep_person(
        self, owner: tuple[str, str], vectors: Mapping[str, NDArray[np.float32]]
    ) -> None:
        """Puts these in the place of what was there."""
        with self._lock:
            self._facts.pop(owner, None)
            if vectors:
                self._facts[owner] = dict(vectors)
            while len(self._facts) > self.people:
                self._facts.popitem(last=False)

    def of_passages(self, texts: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors that are held of these texts."""
        with self._lock:
            held = [text for text in texts if text in self._passages]
            for text in held:
                self._passages.move_to_end(text)
            return {text: self._passages[text] for text in held}

    def keep_passages(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        with self._lock:
            self._passages.update(vectors)
            while len(self._passages) > self.passages:
                self._passages.popitem(last=False)


@dataclass(slots=True)
class OpenMemories:
    """The memories that are open: of the people who came last, for some minutes.

    They are in memory only and never written anywhere in clear: the vectors of a text
    tell it (Morris et al., "Text embeddings reveal (almost) as much as text", EMNLP 2023).
    """

    untidy: set[tuple[str, str]] = field(default_factory=set)
    """People whose rows of single turns are to be joined, or whose vectors are to be made anew."""
    encoded: Encoded = field(default_factory=Encoded)
    people: int = _PEOPLE
    seconds: float = _SECONDS
    _held: OrderedDict[tuple[str, str], Held] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, tenant: str, subject: str) -> Held | None:
        with self._lock:
            self._expire()
            found = self._held.get((tenant, subject))
            if found is not None:
                found.used = time.monotonic()
                self._held.move_to_end((tenant, subject))
            return found

    def put(self, tenant: str, subject: str, held: Held) -> None:
        with self._lock:
            self._held[tenant, subject] = held
            self._held.move_to_end((tenant, subject))
            self._expire()

    def written(self, tenant: str, subject: str, row: str, revision: int, data: bytes) -> None:
        """Takes over a row that was written, where the person's memories are open."""
        with self._lock:
            held = self._held.get((tenant, subject))
            if held is not None:
                held.fresh[row] = (revision, data)

    def close(self, tenant: str, subject: str) -> None:
        """Drops what a person said, where nothing of it is kept any more."""
        with self._lock:
            self._held.pop((tenant, subject), None)

    def forget(self, tenant: str, subject: str) -> None:
        """Drops all that is open of a person."""
        self.close(tenant, subject)
        self.encoded.keep_person((tenant, subject), {})

    def _expire(self) -> None:
        oldest = time.monotonic() - self.seconds
        while self._held:
            place, first = next(iter(self._held.items()))
            if len(self._held) <= self.people and first.used >= oldest:
                break
            del self._held[place]
