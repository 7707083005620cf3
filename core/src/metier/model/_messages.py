"""Who acts, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
