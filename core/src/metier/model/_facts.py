"""What is known: facts about a subject, passages of knowledge and memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from metier.model._base import empty


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from."""

    source: str
    """"turn", "settings" (the person stated it there), "import", "operator", or "cohort" (assumed
    of somebody of whom little is known, and never stored)."""
    extractor: str
    """Plugin and rule that produced it, as "plugin:rule"."""
    turn: str | None = None
    start: int | None = None
    end: int | None = None
    """Offsets in the user message, end-exclusive."""
    domain: str = ""
    """Where it was learnt; empty for what was stated in settings, which is of no domain."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about a subject.

    A constraint is a fact that must hold in every answer: it is always in the
    plan and never left to similarity search.
    """

    slot: str
    value: str
    category: str
    """"identity", "contact", "language", "preference", "goal", "level",
    "style", "health", "commerce" or a category the plugin's manifest names."""
    confidence: float
    provenance: Provenance
    constraint: bool = False
    multiple: bool = False
    """True where a subject may hold several values of this slot at once."""
    retracts: bool = False
    """True for "I am no longer ...": retires the value (or, if empty, the slot)."""
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    """When it holds in the world; end-exclusive. `valid_to` is None for what lasts."""
    learned_at: datetime | None = None
    id: str = ""
    about: str = ""
    """Whom it is about where that is not the person: "mother", "a friend", "朋友". The turn's
    `values` and `known` leave these out, so that nobody's diabetes becomes somebody else's."""
    corrects: bool = False
    """True for "no, actually ...": what was believed of the slot was never so."""
    confirmed_at: datetime | None = None
    """When it was last said."""
    times: int = 1
    """How often it was said."""
    unlearned_at: datetime | None = None
    """When it ceased to be believed; None while it is. With `learned_at` it answers "what did
    we believe in May?", as `valid_from` and `valid_to` answer "where did she live in May?"
    (Snodgrass, Developing Time-Oriented Database Applications in SQL, 1999: transaction time
    and valid time)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved piece of knowledge or memory, with its source."""

    id: str
    text: str
    title: str
    source: str
    """Publisher, author or file the reader can go to."""
    locator: str = ""
    """Where in the source: a heading, a page, a row."""
    url: str = ""
    date: str = ""
    """ISO date of the source, where known."""
    licence: str = ""
    language: str = "en"
    score: float = 0.0
    kind: str = "knowledge"
    """"knowledge" or "memory"."""
    metadata: Mapping[str, str] = field(default_factory=empty)
