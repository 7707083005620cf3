"""Who acts, and what is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is authenticated and acting. Acting for another subject needs a grant."""

    tenant: str
    id: str
    roles: frozenset[str] = frozenset({"member"})
    may_act_for: frozenset[str] = frozenset()
    """Subjects this actor holds a grant for, besides their own id. "*" means any."""
    scopes: frozenset[str] = frozenset({"*"})
    """What the credential is for; "*" means everything."""
    break_glass: str = ""
    """Why the actor needs what their role does not give, where they said so."""
    user: str | None = None
    """Of a chat platform's key: whom it acts for in this request, by the platform's signature, and
    for nobody else; "" where it names nobody. None of every other credential."""


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


@dataclass(frozen=True, slots=True, repr=False)
class Attachment:
    """A picture, a recording or a file that comes with a message.

    Args:
        kind: "image", "audio" or "file".
        media_type: such as "image/png"; of a recording its format, such as "audio/wav".
        data: its bytes; empty where nothing of them is shown.
        suffix: of a file: how its name ends, as in ".pdf"; the name itself isn't kept.
        text: of a file: what it says, once it has been read.
        detail: of a picture: how closely to look ("low", "high", "auto"), as on the OpenAI wire.
    """

    kind: str
    media_type: str = ""
    data: bytes = b""
    suffix: str = ""
    text: str = ""
    detail: str | None = None

    @property
    def note(self) -> str:
        """What stands for it where it isn't shown: "[image]"."""
        return f"[{self.kind}]"

    def __repr__(self) -> str:
        return f"Attachment({self.kind!r})"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    """Of the newest user message only; of earlier ones a note is kept."""

    def noted(self) -> Message:
        """The same with notes in place of what is attached."""
        if not self.attachments:
            return self
        lines = [self.content, *(a.note for a in self.attachments)]
        return replace(self, content="\n".join(x for x in lines if x), attachments=())
