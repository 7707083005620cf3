"""What comes of a turn: the answer, its trace and what shaped it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from metier.model._base import empty
from metier.model._engine import Usage
from metier.model._facts import Fact, Passage
from metier.model._messages import ToolCall
from metier.model._turn import Verdict


@dataclass(frozen=True, slots=True)
class Citation:
    """A mark "[number]" in an answer and the passage it points to."""

    number: int
    passage: str
    title: str
    source: str
    locator: str = ""
    url: str = ""
    date: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class StageRecord:
    """What one stage did, without content: counts and names only."""

    stage: str
    seconds: float
    notes: Mapping[str, int | float | str | bool] = field(default_factory=empty)


@dataclass(frozen=True, slots=True)
class HookFailure:
    """A hook that failed, timed out or is switched off. Never content."""

    plugin: str
    hook: str
    error: str


@dataclass(frozen=True, slots=True)
class Trace:
    """The content-free record of a turn."""

    turn: str
    stages: tuple[StageRecord, ...] = ()
    failures: tuple[HookFailure, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A value that didn't go to the engine as it is; never the value.

    Args:
        shown: what the engine was given instead; "" where it was dropped.
        entity: its entity type.
        action: what policy does to values of that type for the target.
        rule: the rule that says so.
    """

    shown: str
    entity: str
    action: str
    rule: str


@dataclass(frozen=True, slots=True)
class Influence:
    """One thing that was done differently for this person, and what it rests on.

    Args:
        what: "strategy:NAME", "passage:ID", "hint:TOPIC", "restated:FACT" or "question:ID".
        by: the personalizer and its rule, as "rules:core:short-answers".
        because: "fact:ID", "cohort:NAME", "feedback:NAME" or "vector:NAME"; without all of
            them it would not have been done.
        words: for the person to read, in the language of the answer.
    """

    what: str
    by: str
    because: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Why:
    """What shaped an answer; for the person it is about, so it holds content."""

    learned: tuple[Fact, ...] = ()
    passing: tuple[Fact, ...] = ()
    """Found in the message and kept in its conversation only, for want of consent."""
    used: tuple[Fact, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    """Slots known but not shown to the domain, each with the rule that hid it."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Ids of facts that the domain may see and the plan has no room or use for, each with why."""
    memories: tuple[Passage, ...] = ()
    """What was said in earlier conversations and went into the plan."""
    cohorts: tuple[str, ...] = ()
    """Groups the person belongs to, whose prior was used."""
    influences: tuple[Influence, ...] = ()
    """What was done differently for this person."""
    passages: tuple[Passage, ...] = ()
    strategy: str | None = None
    hidden: tuple[Replaced, ...] = ()
    outgoing: str = ""
    """The exact bytes the engine was given, as text."""
    engine: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a turn."""

    id: str
    conversation: str
    domain: str
    text: str
    language: str
    finish: str
    citations: tuple[Citation, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()  # noqa: RUF009 - frozen
    why: Why = Why()
    trace: Trace = Trace("")
    choices: tuple[str, ...] = ()
    """All n texts where more than one was asked for."""
