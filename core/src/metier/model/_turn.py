"""One turn as hooks see it, and the verdicts and strategies they answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from metier.model._base import Json, empty
from metier.model._errors import PurposeRefused
from metier.model._facts import Fact, Passage
from metier.model._messages import Message, ToolCall

if TYPE_CHECKING:  # a heavy library; only its name is needed here
    from pydantic import BaseModel


class Decision(StrEnum):
    """Severity grows from allow to escalate; the most severe verdict wins."""

    ALLOW = "allow"
    REVISE = "revise"
    REFUSE = "refuse"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A safety hook's answer.

    Args:
        decision: what to do.
        reason: a stable code such as "red_flag.chest_pain"; never personal data.
        message: for refuse and escalate, the answer the person gets instead;
            for revise at output, the corrected text of what was checked.
        check: the rule that decided, as "plugin:rule"; stamped by the host.
    """

    decision: Decision
    reason: str = ""
    message: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way of answering that a domain can choose between.

    `applies` scores the strategy for a turn in [0, 1]; the highest wins, and
    0 means "not now". The chosen one is named in the trace and in `why`.
    """

    name: str
    instruction: str
    applies: Callable[[Turn], float]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the plugin that holds a turn may ask it for; made by the host, one for each call.

    It is read from manifests alone. Whether a refusal comes must not depend on what is known
    of the person, or the refusal would tell it.

    Args:
        plugin: whose call it is.
        reads: the fact categories its manifest reads.
        undeclared: slots of other categories, each with its category.
        reached: the categories it was refused, for the host to report.
        asked: the slots that were asked for in the turn, by any plugin; `why` shows them.
    """

    plugin: str
    reads: frozenset[str]
    undeclared: Mapping[str, str] = field(default_factory=empty)
    reached: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def note(self, slot: str) -> None:
        """Notes that a slot was asked for."""
        if slot not in self.asked:
            self.asked.append(slot)

    def refuse(self, category: str) -> PurposeRefused:
        """Notes that `category` was reached for, and gives the error to raise."""
        self.reached.append(category)
        return PurposeRefused(self.plugin, category)


@dataclass(frozen=True, slots=True)
class Turn:
    """One user message on its way to an answer, as hooks see it.

    A hook receives a narrowed copy: only facts of the categories its manifest
    reads, and only its own plugin state and configuration. In `compose`, every
    text is pseudonymised.
    """

    id: str
    tenant: str
    subject: str
    domain: str
    conversation: str
    message: str
    now: datetime
    language: str = "en"
    """"en" or "zh": the language of the message, and of the answer."""
    history: tuple[Message, ...] = ()
    facts: tuple[Fact, ...] = ()
    passages: tuple[Passage, ...] = ()
    state: Mapping[str, Json] = field(default_factory=empty)
    """The plugin's own state for this subject, as `remember` last returned it."""
    config: BaseModel | None = None
    strategy: str | None = None
    confirmed: ToolCall | None = None
    """The action the person has just confirmed, ready to be called again."""
    tool_results: tuple[Message, ...] = ()
    """Results of the tools called so far in this turn, oldest first."""
    private: bool = False
    """True where several people speak: no profile and no memory is used."""
    memories: tuple[Passage, ...] = ()
    """What was said in earlier conversations and bears on this message, best first; for plugins
    whose manifest reads "conversations"."""
    scope: Scope | None = field(default=None, repr=False, compare=False)
    """Set by the host."""

    def values(self, slot: str) -> tuple[str, ...]:
        """The values known of the person's `slot`, in the order they were learned.

        Raises:
            PurposeRefused: where the slot is of a category that the manifest doesn't read. A
                slot whose facts policy or consent withholds is empty instead.
        """
        if self.scope is not None and slot in self.scope.undeclared:
            raise self.scope.refuse(self.scope.undeclared[slot])
        if self.scope is not None:
            self.scope.note(slot)
        return tuple(f.value for f in self.facts if f.slot == slot and not f.about)

    def value(self, slot: str, default: str = "") -> str:
        """The latest value known of `slot`, or `default`; raises as `values` does."""
        found = self.values(slot)
        return found[-1] if found else default

    def known(self, category: str) -> tuple[Fact, ...]:
        """The person's facts of one category that this plugin may see, in the order learned.

        Raises:
            PurposeRefused: where the manifest doesn't read the category.
        """
        if self.scope is not None and category not in self.scope.reads:
            raise self.scope.refuse(category)
        found = tuple(f for f in self.facts if f.category == category and not f.about)
        if self.scope is not None:
            for fact in found:
                self.scope.note(fact.slot)
        return found
