"""Sensitive stretches of text, and what happens to them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A sensitive stretch of text: [start, end) offsets, an entity type, a score."""

    start: int
    end: int
    entity: str
    score: float
    recognizer: str = ""


@dataclass(frozen=True, slots=True)
class EntityAction:
    """What happens to one entity type for one target, and the rule that says so.

    `action` is "pseudonymise", "redact", "keep" or "block".
    """

    action: str
    rule: str
