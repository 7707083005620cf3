"""The nouns of metier as frozen dataclasses.

This module performs no I/O and imports nothing else of metier, so that every
room can share it. One word means one thing; `docs/words.md` has the table.

Text fields are `str`, times are timezone-aware `datetime` in UTC, scores are
floats in [0, 1] unless a field says otherwise.
"""

from __future__ import annotations

from metier.model._answer import (
    Answer,
    Citation,
    HookFailure,
    Influence,
    Replaced,
    StageRecord,
    Trace,
    Why,
)
from metier.model._base import API_VERSION, EMPTY, Json
from metier.model._engine import (
    Composer,
    Composition,
    Engine,
    EngineRequest,
    Event,
    Finish,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
    batches_of,
    flattened,
    one_by_one,
)
from metier.model._errors import (
    BadRequest,
    EgressBlocked,
    EngineError,
    MetierError,
    PurposeRefused,
)
from metier.model._facts import Fact, Passage, Provenance
from metier.model._messages import Actor, Attachment, Message, Role, ToolCall
from metier.model._plan import Plan, Segment, Tool, Volatility
from metier.model._plugin import (
    FAIRNESS_ATTRIBUTES,
    Ask,
    Command,
    Document,
    EvaluationSuite,
    Feedback,
    Importer,
    KnowledgePack,
    Manifest,
    Mark,
    PolicyFile,
    Recommendation,
    Route,
    View,
)
from metier.model._reading import ClauseReader, Link, Reading
from metier.model._request import Request
from metier.model._spans import EntityAction, Span
from metier.model._turn import Decision, Scope, Strategy, Turn, Verdict

__all__ = [
    "API_VERSION",
    "EMPTY",
    "FAIRNESS_ATTRIBUTES",
    "Actor",
    "Answer",
    "Ask",
    "Attachment",
    "BadRequest",
    "Citation",
    "ClauseReader",
    "Command",
    "Composer",
    "Composition",
    "Decision",
    "Document",
    "EgressBlocked",
    "Engine",
    "EngineError",
    "EngineRequest",
    "EntityAction",
    "EvaluationSuite",
    "Event",
    "Fact",
    "Feedback",
    "Finish",
    "HookFailure",
    "Importer",
    "Influence",
    "Json",
    "KnowledgePack",
    "Link",
    "Manifest",
    "Mark",
    "Message",
    "MetierError",
    "Passage",
    "Plan",
    "PolicyFile",
    "Provenance",
    "PurposeRefused",
    "Reading",
    "ReasoningDelta",
    "Recommendation",
    "RefusalDelta",
    "Replaced",
    "Request",
    "Role",
    "Route",
    "Scope",
    "Segment",
    "Span",
    "StageRecord",
    "Strategy",
    "TextDelta",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "Trace",
    "Turn",
    "Usage",
    "Verdict",
    "View",
    "Volatility",
    "Why",
    "batches_of",
    "flattened",
    "one_by_one",
]
