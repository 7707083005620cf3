"""What a learned reader says of a clause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clause is taken to say of who says it.

    Args:
        kind: "about" (who they are, what they do and have), "health", or "liking" (what they like
            and avoid, and how they want to be answered); "" for nothing that lasts.
        probability: that it says something of one of these kinds.
    """

    kind: str
    probability: float


@dataclass(frozen=True, slots=True)
class Link:
    """How a message goes with the one before it, as probabilities.

    Args:
        corrects: it says that something said there was never so.
        changes: it says that something said there has changed or is over.
        adds: it says more of the same, which leaves what was said as it is.
        clashes: it can't be true beside it, and doesn't say which holds.
    """

    corrects: float = 0.0
    changes: float = 0.0
    adds: float = 0.0
    clashes: float = 0.0

    @property
    def replaces(self) -> float:
        """That something said there holds no longer."""
        return self.corrects + self.changes

    @property
    def nothing(self) -> float:
        """That it has nothing to do with what was said."""
        return 1.0 - self.replaces - self.adds - self.clashes


class ClauseReader(Protocol):
    """Tells of clauses whether they say something lasting of the person; safe in threads."""

    def read(self, clauses: Sequence[str]) -> Sequence[Reading]:
        """A reading of each clause, in order."""

    def link(self, earlier: str, later: str) -> Link:
        """How a message goes with the person's last one before it."""

    def keeps(self, earlier: str, clauses: Sequence[str]) -> Sequence[float]:
        """Of each clause of a message that replaces or adds something, how probable it is that
        it says what holds now."""
