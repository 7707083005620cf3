"""What a turn carries from stage to stage: frozen, replaced and never changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from metier.audit import AuditEvent, AuditLog
from metier.crypto import Keyring, SubjectRecords
from metier.encoder import Encoder, Terms
from metier.knowledge import Index
from metier.learning import Personalization, Personalizer
from metier.model import (
    Attachment,
    ClauseReader,
    Engine,
    Fact,
    HookFailure,
    Json,
    Manifest,
    Message,
    Passage,
    Plan,
    Request,
    Scope,
    Strategy,
    ToolCall,
    Turn,
    Verdict,
)
from metier.pipeline._groups import GroupBook, PersonGroups
from metier.pipeline._rows import CONVERSATIONS, OpenMemories
from metier.pipeline._seen import Watch
from metier.pipeline._side_call import SideCall
from metier.plugins import Host, Registry
from metier.policy import ConsentText, PolicySet
from metier.privacy import Detector, Vault
from metier.profile import Consent, Contradiction, Merge, Selected
from metier.profile.memory import MemoryIndex
from metier.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Parts:
    """The components the stages work with; built once by `metier.app`."""

    registry: Registry
    policy: PolicySet
    keyring: Keyring
    store: Store
    audit: AuditLog
    index: Callable[[], Index]
    """Opens the index on first use, since few commands need it."""
    encoder: Callable[[], Encoder | None]
    terms: Callable[[], Terms]
    """What cuts texts into words."""
    engine: Engine
    detector: Callable[[str], Detector]
    """The detector of a domain, its plugins' recognizers included."""
    clock: Callable[[], datetime]
    extensions: tuple[str, ...] = ()
    configs: Mapping[str, BaseModel] = ()  # type: ignore[assignment]
    consent_texts: Mapping[str, ConsentText] = field(default_factory=dict)
    """What people agree to, by category."""
    after_erasure: Callable[[], Awaitable[None]] | None = None
    """What else is to be done once a person's keys are destroyed."""
    memories: OpenMemories = field(default_factory=OpenMemories)
    """What people said before, of those who came last."""
    groups: GroupBook = field(default_factory=GroupBook)
    personalizers: tuple[Personalizer, ...] = ()
    reader: ClauseReader | None = None
    """Is asked of clauses of a message of which no rule reads anything."""
    watch: Watch | None = None
    """Is told of each turn that has ended, without content."""
    passages: int = 5
    """How many passages a plan holds at most."""
    tool_rounds: int = 4
    tool_deadline: float = 15.0


@dataclass(frozen=True, slots=True)
class Past:
    """What is stored of a conversation: messages, vault, a pending action, its newest chain."""

    id: str
    vault: Vault
    messages: tuple[Message, ...] = ()
    turns: tuple[str, ...] = ()
    """For each message, the turn that added it."""
    head: str = ""
    pending: ToolCall | None = None
    """An action the person was asked to confirm in the turn before."""
    facts: tuple[Fact, ...] = ()
    """What holds in this conversation and isn't kept beyond it, for want of consent."""
    told: tuple[str, ...] = ()
    """Categories of which the person was told so."""
    minor: bool = False
    """The person said that they are younger than the policies allow."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An attachment as the engine is shown it.

    Args:
        known: how many values were known when it was looked through.
        payload: the digest of its bytes on the wire, which lets it past the guard.
    """

    attachment: Attachment
    known: int
    payload: str


@dataclass(frozen=True)  # without slots, for `but`
class State:
    """Everything known about a turn after the stages it has been through."""

    parts: Parts
    request: Request
    turn: Turn
    host: Host
    manifest: Manifest
    records: SubjectRecords
    past: Past
    known: tuple[Fact, ...] = ()
    states: Mapping[str, Mapping[str, Json]] = ()  # type: ignore[assignment]
    ledger: tuple[Mapping[str, Json], ...] = ()
    """What the subject agreed to, oldest first."""
    stated: tuple[Consent, ...] = ()
    """What they state in this turn."""
    side_call: SideCall | None = None
    """The task of a platform that the message is, where it is no person's."""
    said: str = ""
    """The core's own answer, where the message is for it alone."""
    trail: tuple[Message, ...] = ()
    """Messages after the last user message: calls of client tools and their results."""
    instructions: tuple[Message, ...] = ()
    """System and developer messages of the client."""
    continued: bool = False
    """True where the user message was already handled by an earlier turn."""
    verdicts: tuple[Verdict, ...] = ()
    stopped: Verdict | None = None
    asked: ToolCall | None = None
    """An action that this turn asks the person to confirm."""
    merge: Merge | None = None
    found: tuple[Fact, ...] = ()
    questions: tuple[Contradiction, ...] = ()
    """What was said and contradicts what is known."""
    settled: tuple[Contradiction, Literal["old", "new"]] | None = None
    """A contradiction that the person has just settled, and which value they keep."""
    passing: tuple[Fact, ...] = ()
    """Found in this turn, and kept in the conversation only."""
    withheld: tuple[tuple[str, str], ...] = ()
    vector: NDArray[np.float32] | None = None
    """Of the message as typed; None where the encoder doesn't know its language."""
    fact_vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    """Of what is believed of the person, by id; none where there is no encoder."""
    group: PersonGroups = PersonGroups()  # noqa: RUF009 - frozen
    selected: Selected | None = None
    """The facts that go into the plan."""
    personal: Personalization = Personalization()  # noqa: RUF009 - frozen
    asked_slots: list[str] = field(default_factory=list)
    """Slots that hooks asked for: beside the trace, the one thing that grows in a turn."""
    without: frozenset[str] = frozenset()
    """What a counterfactual run leaves out: "fact:ID", "memory:ID", "cohort:NAME", "passage:ID"."""
    earlier: MemoryIndex | None = None
    """What had been said before the turn, where it is prepared again to explain it."""
    candidates: tuple[Passage, ...] = ()
    """What was found, before what fits the person moves it."""
    contest: tuple[tuple[Strategy, float], ...] = ()
    """The domain's ways of answering, each with its own score."""
    strategy_instruction: str = ""
    plan: Plan | None = None
    masked: Plan | None = None
    masked_stop: tuple[str, ...] = ()
    masked_format: Json = None
    masked_extra: Mapping[str, Json] = field(default_factory=dict)
    masked_confirmed: ToolCall | None = None
    pictures: Mapping[str, Shown] = field(default_factory=dict)
    """What the engine is shown of each picture and recording, by the digest of what came."""
    outgoing: bytes = b""
    sent: tuple[AuditEvent, ...] = ()
    """How the sends of this turn ended; written with the turn."""
    failures: tuple[HookFailure, ...] = ()
    notes: Mapping[str, int | float | str | bool] = ()  # type: ignore[assignment]
    """Content-free notes of the stage that has just run."""

    def but(self, **changes: Any) -> State:
        """As `dataclasses.replace`, which for so many fields takes thirty times as long.

        Raises:
            TypeError: there is no such field.
        """
        if not _FIELDS.issuperset(changes):
            raise TypeError(f"State has no {', '.join(sorted(changes.keys() - _FIELDS))}.")
        changed = object.__new__(State)
        changed.__dict__.update(self.__dict__)
        changed.__dict__.update(changes)
        return changed

    def with_turn(self, **changes: Any) -> State:
        return self.but(turn=replace(self.turn, **changes))

    def narrow(self, manifest: Manifest) -> Turn:
        """The turn as one plugin may see it: its fact categories, state and configuration."""
        return narrow(self, self.turn, manifest)

    @property
    def passages(self) -> tuple[Passage, ...]:
        return self.turn.passages


_FIELDS = frozenset(each.name for each in fields(State))


def narrow(state: State, turn: Turn, manifest: Manifest) -> Turn:
    """Limits `turn` to what `manifest` declares, and to what policy allows its purposes."""
    facts = tuple(f for f in turn.facts if f.category in manifest.reads)
    memories = turn.memories if CONVERSATIONS in manifest.reads else ()
    if manifest.purposes != state.manifest.purposes:  # `recall` has asked for the domain's
        may = {
            c: state.parts.policy.may_show(c, turn.domain, manifest.purposes).allowed
            for c in {f.category for f in facts}
        }
        facts = tuple(f for f in facts if may[f.category])
        said = state.parts.policy.may_show(CONVERSATIONS, turn.domain, manifest.purposes)
        memories = memories if said.allowed else ()
    return replace(
        turn,
        facts=facts,
        memories=memories,
        scope=Scope(manifest.name, frozenset(manifest.reads), asked=state.asked_slots),
        state=dict(state.states).get(manifest.name, {}),
        config=dict(state.parts.configs).get(manifest.name),
    )
