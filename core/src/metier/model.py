"""The nouns of metier as frozen dataclasses.

This module performs no I/O and imports nothing else of metier, so that every
room can share it. One word means one thing; `docs/words.md` has the table.

Text fields are `str`, times are timezone-aware `datetime` in UTC, scores are
floats in [0, 1] unless a field says otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # heavy libraries; only their names are needed here
    from pydantic import BaseModel

API_VERSION = 1
"""The version of the hook contract. Plugins state theirs in the manifest."""

Json = Any
"""A value that `json.dumps` accepts: None, bool, int, float, str, list or dict."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
"""An empty mapping nobody can write to."""


def _empty() -> Mapping[str, Any]:
    return EMPTY


class MetierError(Exception):
    """An error a caller can act on.

    The message says what is wrong, where, and how to mend it, and never
    contains personal data. `code` is stable; `status` is the HTTP status that
    the server answers with; `param` names the request field at fault.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "metier_error",
        status: int = 500,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.param = param


class BadRequest(MetierError):
    """The caller sent something that cannot be served as it is."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid_request",
        status: int = 400,
        param: str | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status, param=param)


class EgressBlocked(MetierError):
    """The guard found something sensitive, or could not finish looking. Nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="egress_blocked", status=500)


class EngineError(MetierError):
    """The model server is down, slow, or broke off."""

    def __init__(
        self, message: str, *, code: str = "engine_unavailable", status: int = 502
    ) -> None:
        super().__init__(message, code=code, status=status)


# --- who ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is authenticated and acting. Acting for another subject needs a grant."""

    tenant: str
    id: str
    roles: frozenset[str] = frozenset({"user"})
    may_act_for: frozenset[str] = frozenset()
    """Subjects this actor holds a grant for, besides their own id. "*" means any."""


class Role(StrEnum):
    """The author of a message, as on the OpenAI wire."""

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call a model asks for. `arguments` is JSON text, as on the wire."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


# --- what is known -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from."""

    source: str
    """"turn", "settings" (the person stated it there), "import" or "operator"."""
    extractor: str
    """Plugin and rule that produced it, as "plugin:rule"."""
    turn: str | None = None
    start: int | None = None
    end: int | None = None
    """Offsets in the user message, end-exclusive."""


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
    learned_at: datetime | None = None
    id: str = ""


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
    metadata: Mapping[str, str] = field(default_factory=_empty)


# --- what a turn sends -------------------------------------------------------


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

    A segment stands for at most one of `message`, `fact` or `passage`; then
    `text` is how that is worded in the prompt.
    """

    text: str
    owner: str
    volatility: Volatility
    role: Role = Role.SYSTEM
    message: Message | None = None
    fact: Fact | None = None
    passage: Passage | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """Something a domain can do, offered to the engine.

    Args:
        name: `[a-z_]+`, unique in the domain.
        description: one sentence for the model.
        parameters: JSON Schema of the arguments object.
        call: takes the arguments (values restored) and the turn, returns a JSON value.
        confirm: True for anything that changes the world: it runs only after
            the person has confirmed exactly this call in their next message.
    """

    name: str
    description: str
    parameters: Mapping[str, Json]
    call: Callable[[Mapping[str, Json], Turn], Awaitable[Json]] | None = None
    """None for a tool the client brought: its calls go back to the client."""
    confirm: bool = False
    describe: Callable[[Mapping[str, Json]], str] | None = None
    """Words a call for the confirmation question."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The segments of one prompt in sending order, and the tools beside them."""

    segments: tuple[Segment, ...]
    tools: tuple[Tool, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(s.fact for s in self.segments if s.fact)

    @property
    def passages(self) -> tuple[Passage, ...]:
        return tuple(s.passage for s in self.segments if s.passage)

    @property
    def history(self) -> tuple[Message, ...]:
        return tuple(
            s.message for s in self.segments if s.message and s.volatility is Volatility.HISTORY
        )


# --- events of an engine -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    text: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A fragment of a tool call; `arguments` is appended to what came before."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Finish:
    """`reason` is "stop", "length", "tool_calls" or "content_filter"."""

    reason: str
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts. The grounded engine has no tokens and reports zero."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0


Event = TextDelta | ReasoningDelta | ToolCallDelta | Finish | Usage


@dataclass(frozen=True, slots=True)
class Composition:
    """What a domain's `compose` hook returns: text, or tool calls, never both.

    Cite a passage by its place in `turn.passages`, 1-based, as "[1]".
    """

    text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


Composer = Callable[["Plan"], Awaitable[Composition | None]]


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One request to an engine. Everything in it is already pseudonymised."""

    plan: Plan
    model: str = ""
    tools: tuple[Tool, ...] = ()
    tool_choice: Json = None
    parallel_tool_calls: bool | None = None
    response_format: Json = None
    n: int = 1
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    adapter: str | None = None
    cache_salt: str | None = None
    composer: Composer | None = None
    """Set by the pipeline: the domain's `compose` hooks. Only the grounded engine uses it."""


class Engine(Protocol):
    """Turns a request into events.

    `encode` yields the exact bytes that would leave the trust boundary, so that
    the guard can scan them; `send` sends just those bytes.
    """

    name: str
    target: str

    def encode(self, request: EngineRequest) -> bytes: ...

    def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]: ...

    async def close(self) -> None: ...


# --- verdicts ----------------------------------------------------------------


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


# --- the turn ----------------------------------------------------------------


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
    state: Mapping[str, Json] = field(default_factory=_empty)
    """The plugin's own state for this subject, as `remember` last returned it."""
    config: BaseModel | None = None
    strategy: str | None = None
    confirmed: ToolCall | None = None
    """The action the person has just confirmed, ready to be called again."""
    tool_results: tuple[Message, ...] = ()
    """Results of the tools called so far in this turn, oldest first."""
    private: bool = False
    """True where several people speak: no profile and no memory is used."""

    def values(self, slot: str) -> tuple[str, ...]:
        """The values known of `slot`, in the order they were learned."""
        return tuple(f.value for f in self.facts if f.slot == slot)

    def value(self, slot: str, default: str = "") -> str:
        """The latest value known of `slot`, or `default`."""
        found = self.values(slot)
        return found[-1] if found else default


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
    notes: Mapping[str, int | float | str | bool] = field(default_factory=_empty)


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
class Why:
    """What shaped an answer; for the person it is about, so it holds content."""

    learned: tuple[Fact, ...] = ()
    used: tuple[Fact, ...] = ()
    withheld: tuple[tuple[str, str], ...] = ()
    """Slots known but not shown to the domain, each with the rule that hid it."""
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
    usage: Usage = Usage()
    why: Why = Why()
    trace: Trace = Trace("")
    choices: tuple[str, ...] = ()
    """All n texts where more than one was asked for."""


# --- what a plugin contributes -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a plugin is and what it needs; the API hands it nothing else.

    Args:
        name: `[a-z][a-z0-9-]*`; for a domain, the model name clients use.
        title: for people.
        description: one sentence.
        domain: False for an extension that joins other domains' hosts.
        reads, writes: fact categories.
        purposes: why, in the words of the policy files.
        targets: targets its tools send data to, besides the engine's.
        config: a pydantic model of its configuration, or None.
        review: least review granularity: "pass", "sentence" or "whole".
        before, after: names of plugins whose hooks run after or before this one's.
    """

    name: str
    title: str
    description: str
    version: str = "0"
    api: int = API_VERSION
    domain: bool = True
    languages: tuple[str, ...] = ("en",)
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ("answering",)
    targets: tuple[str, ...] = ()
    config: type[BaseModel] | None = None
    review: str = "pass"
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgePack:
    """A folder of articles that belongs to a domain; indexed at set-up."""

    name: str
    path: Path
    version: str = "1"


@dataclass(frozen=True, slots=True)
class Document:
    """One document on its way into the index."""

    id: str
    text: str
    title: str
    source: str
    locator: str = ""
    url: str = ""
    date: str = ""
    licence: str = ""
    language: str = "en"
    metadata: Mapping[str, str] = field(default_factory=_empty)


@dataclass(frozen=True, slots=True)
class Importer:
    """Reads one file format into documents.

    `read` takes the file's bytes and its name; it raises `BadRequest` with the
    reason for a file it cannot read.
    """

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes, str], Iterable[Document]]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something worth doing next, with the reason in the person's language."""

    id: str
    title: str
    reason: str
    score: float


@dataclass(frozen=True, slots=True)
class Feedback:
    """A person's judgement of an answer. `rating` is -1, 0 or 1."""

    answer: str
    rating: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A page about one subject that a plugin renders from its state and facts.

    `render` receives the narrowed turn (message empty) and returns Markdown.
    """

    name: str
    title: str
    render: Callable[[Turn], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """One measured figure with its 95 % interval; None where none applies."""

    value: float
    low: float | None = None
    high: float | None = None
    target: float | None = None


Ask = Callable[[str, Sequence[str]], Awaitable[Sequence[Answer]]]
"""`await ask(domain, messages)` runs a fresh conversation and returns its answers."""


@dataclass(frozen=True, slots=True)
class EvaluationSuite:
    """A suite for `metier eval NAME`.

    `run` gets `ask` and the path given by --data (None for the sample that
    ships with the suite), and returns (number of cases, marks by dotted name).
    """

    name: str
    description: str
    run: Callable[[Ask, Path | None], Awaitable[tuple[int, Mapping[str, Mark]]]]


@dataclass(frozen=True, slots=True)
class Command:
    """A CLI command of a plugin, reached as `metier NAME`. `run` gets the arguments."""

    name: str
    help: str
    run: Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Route:
    """An HTTP route of a plugin below `/v1/plugins/PLUGIN/`; JSON in, JSON out.

    `handle` gets the narrowed turn of the authenticated subject (message empty)
    and the request's JSON body.
    """

    path: str
    handle: Callable[[Turn, Json], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy a plugin brings; composed with the others, most restrictive wins."""

    name: str
    path: Path


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


@dataclass(frozen=True, slots=True)
class Request:
    """What a caller asks of `Metier.respond` and `.stream`.

    `messages` is the conversation as the caller has it, the last one from the
    user (or tool results). With `conversation` or `previous` set, earlier
    messages may be left out.
    """

    domain: str
    messages: tuple[Message, ...]
    actor: Actor
    subject: str | None = None
    """Defaults to the actor's id."""
    conversation: str | None = None
    previous: str | None = None
    """The id of the answer this continues."""
    tools: tuple[Tool, ...] = ()
    tool_choice: Json = None
    parallel_tool_calls: bool | None = None
    response_format: Json = None
    n: int = 1
    stop: tuple[str, ...] = ()
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    store: bool = True
    """False: nothing of this turn is remembered; it is still audited."""
    shared: bool = False
    """True in a channel where several people speak."""
    metadata: Mapping[str, str] = field(default_factory=_empty)
