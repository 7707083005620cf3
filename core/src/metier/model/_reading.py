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


class ClauseReader(Protocol):
    """Tells of clauses whether they say something lasting of the person; safe in threads."""

    def read(self, clauses: Sequence[str]) -> Sequence[Reading]:
        """A reading of each clause, in order."""
