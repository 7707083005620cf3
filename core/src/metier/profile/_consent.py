"""What a person has agreed to: a ledger of statements, of which the latest counts.

A statement is written once and never changed; taking consent back is a
statement too, as easily made as the one that gave it (Regulation (EU) 2016/679,
Article 7(3)). Each says to which version of which text, through which channel,
when, and by whom, so that consent can be shown (Article 7(1)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from metier.model import Json

Purpose = Literal["remember", "share"]
"""Keeping facts of a category beyond the conversation, and using them in another domain."""
SHARED = "cross-domain"
"""The category of consent to `share` what is not of a special category."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One statement.

    Args:
        category: of facts, or `SHARED`.
        given: False where consent was taken back or refused.
        version: of the text that was shown.
        channel: "chat", "api", "cli" or a name that the platform gives.
        at: when, in ISO 8601.
        by: the actor; another one than the subject where somebody acted for them.
    """

    id: str
    category: str
    purpose: Purpose
    given: bool
    version: str
    language: str
    channel: str
    at: str
    by: str

    def encode(self) -> dict[str, Json]:
        return {"kind": "consent", **asdict(self)}


def consents(ledger: Sequence[Mapping[str, Json]]) -> tuple[Consent, ...]:
    """The statements of a ledger, oldest first."""
    return tuple(
        Consent(**{name: value for name, value in line.items() if name != "kind"})
        for line in ledger
        if line["kind"] == "consent"
    )


def in_force(
    given: Sequence[Consent], category: str, purpose: Purpose, version: str = ""
) -> Consent | None:
    """The statement by which something is agreed to now; None where it isn't.

    Args:
        version: of the text that must have been shown; "" for any.
    """
    for statement in reversed(given):
        if (statement.category, statement.purpose) == (category, purpose):
            fits = statement.given and (not version or statement.version == version)
            return statement if fits else None
    return None
