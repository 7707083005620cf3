"""What a caller asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from metier.model._base import Json, empty
from metier.model._messages import Actor, Message
from metier.model._plan import Tool


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
    extra: Mapping[str, Json] = field(default_factory=empty)
    """Further settings for the model, by their names on the wire of OpenAI or vLLM."""
    store: bool = True
    """False: nothing of this turn is remembered; it is still audited."""
    shared: bool = False
    """True in a channel where several people speak."""
    replayed: bool = False
    """True where `messages` is all of the conversation, also where it is one message."""
    side_call: str | None = None
    """The platform's task that this is, as it names it: `title_generation`; "" for the message of
    a person. None where the caller doesn't say: then it is told by its form."""
    metadata: Mapping[str, str] = field(default_factory=empty)
    whole: bool = False
    """Nobody waits for the first words, so the model may be asked for its answer in one piece."""
    background: bool = False
    """Nobody waits at all, as for a line of a batch: what people wait for may go first."""

    @property
    def formed(self) -> bool:
        """Whether the form of the answer is set, so that no words but the model's can have it."""
        return self.response_format is not None or "structured_outputs" in self.extra

    @property
    def takes_more_words(self) -> bool:
        """Whether words of ours may stand behind the model's: it is one answer, of no set form."""
        return self.n == 1 and not self.formed
