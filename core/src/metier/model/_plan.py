"""What a turn sends: segments, tools and the plan they make."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from metier.model._base import Json
from metier.model._facts import Fact, Passage
from metier.model._messages import Message, Role
from metier.model._turn import Turn


class Volatility(IntEnum):
    """How often a segment changes; the plan is ordered by it, most stable first."""

    TOOLS = 0
    DOMAIN = 1
    POLICY = 2
    COHORT = 3
    CONSTRAINTS = 4
    PROFILE = 5
    HISTORY = 6
    PASSAGES = 7
    MESSAGE = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of the prompt, with an owner and a volatility.

    A segment stands for at most one of `message`, `fact`, `passage` or `memory`;
    then `text` is how that is worded in the prompt. A memory is what was said in an
    earlier conversation: information for the answer, and no source to cite.
    """

    text: str
    owner: str
    volatility: Volatility
    role: Role = Role.SYSTEM
    message: Message | None = None
    fact: Fact | None = None
    passage: Passage | None = None
    memory: Passage | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """Something a domain can do, offered to the engine.

    Args:
        name: 1 to 64 of `[a-zA-Z0-9_-]`, unique in the domain.
        description: one sentence for the model.
        parameters: JSON Schema of the arguments object.
        call: takes the arguments (values restored) and the turn, returns a JSON value.
        confirm: True for anything that changes the world: it runs only after
            the person has confirmed exactly this call in their next message.
        targets: where `call` sends data to; each must be in the manifest's `targets`.
        owner: the plugin it belongs to; stamped by the host.
        strict: whether the model is held to `parameters`; None leaves that to its server.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    call: Callable[[Mapping[str, Json], Turn], Awaitable[Json]] | None = None
    """None for a tool the client brought: its calls go back to the client."""
    confirm: bool = False
    describe: Callable[[Mapping[str, Json]], str] | None = None
    """Words a call for the confirmation question."""
    targets: tuple[str, ...] = ()
    owner: str = ""
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The segments of one prompt in sending order, and the tools beside them."""

    segments: tuple[Segment, ...]
    tools: tuple[Tool, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Each once, also where a constraint is said again near the message."""
        return tuple(dict.fromkeys(s.fact for s in self.segments if s.fact))

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(s.passage for s in self.segments if s.passage)

    @property
    def memories(self) -> tuple[Passage, ...]:
        return tuple(s.memory for s in self.segments if s.memory)

    @property
    def history(self) -> tuple[Message, ...]:
        return tuple(
            s.message for s in self.segments if s.message and s.volatility is Volatility.HISTORY
        )
