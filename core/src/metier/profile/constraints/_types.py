"""What a broken constraint is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from metier.model import Fact

Breach = Literal["allergen", "diet", "never", "name", "language", "length", "units"]


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where an answer breaks a constraint.

    Args:
        fact: the constraint.
        start: and
        end: where in the answer, end-exclusive; the whole answer for its language and length.
        reason: which rule tells it, a stable code without content.
        member: the family by which it is meant ("shellfish" for "prawns"), or "".
    """

    fact: Fact
    start: int
    end: int
    reason: Breach
    member: str = ""
