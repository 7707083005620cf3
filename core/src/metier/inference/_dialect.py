"""How servers and models word the same answer differently: calls, parts of text, ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import orjson

from metier.model import Event, Json, ReasoningDelta, TextDelta, ToolCallDelta

_ENDS: Final[Mapping[str, str]] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "refusal": "content_filter",
    "safety": "content_filter",
}


def end_of(said: str, default: str = "stop") -> str:
    """Why an answer ended, in our words; `default` where `said` is none that is known."""
    return _ENDS.get(said.lower(), default)


class Calls:
    """Tells apart the calls of one choice while they come in pieces.

    OpenAI numbers them, and only the first piece of a call has its id and name. Gemini numbers
    none, older Ollama numbers all of them 0, and older vLLM gives every piece another id. So a
    piece begins a call where nothing of its number came before, or where it names a function
    under another id; without a number and an id the name alone begins one.
    """

    def __init__(self) -> None:
        self._places: dict[int | None, int] = {}
        """By the server's number, the place of the latest call of it."""
        self._ids: dict[int, str] = {}
        """The id of the call at each place; "" while none came."""

    def piece(self, raw: Json, choice: int, *, alone: bool = False) -> ToolCallDelta:
        """A piece of a call, with the place of that call among all of the choice.

        Args:
            alone: it is a whole call by itself, whatever its number is.

        Raises:
            ValueError: it is no piece of a call.
        """
        function = raw.get("function") or {} if isinstance(raw, dict) else None
        if not isinstance(function, dict):
            raise ValueError
        identity, name = _word(raw.get("id")), _word(function.get("name"))
        given = raw.get("index")
        number = given if type(given) is int and given >= 0 else None
        if alone or self._begins(number, identity, name):
            free = max(self._ids, default=-1) + 1
            self._places[number] = free if number is None or number in self._ids else number
            self._ids[self._places[number]] = ""
        place = self._places[number]
        if self._ids[place]:
            identity = ""  # the first one counts
        else:
            self._ids[place] = identity
        return ToolCallDelta(place, identity, name, _json(function.get("arguments")), choice)

    def _begins(self, number: int | None, identity: str, name: str) -> bool:
        place = self._places.get(number)
        if place is None:
            return True
        known = self._ids[place]
        other = identity != known if identity and known else number is None and not identity
        return bool(name) and other


def _word(value: Json) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError
    return str(value)


def _json(value: Json) -> str:
    """Arguments as text: some servers send the object itself."""
    if value is None or isinstance(value, str):
        return value or ""
    if not isinstance(value, dict | list):
        raise ValueError
    return orjson.dumps(value).decode()


def words_of(content: Json, choice: int = 0) -> Iterator[Event]:
    """The words and the thinking of a text, or of a list of parts."""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            if part:
                yield TextDelta(part, choice)
        elif isinstance(part, dict):
            kind = part.get("type")
            text = _text(part.get(kind) if kind in ("text", "thinking", "reasoning") else None)
            if text:
                yield TextDelta(text, choice) if kind == "text" else ReasoningDelta(text, choice)


def _text(value: Json) -> str:
    """A text, or what the texts in a list of parts say together."""
    if isinstance(value, list):
        return "".join(_text(each.get("text")) for each in value if isinstance(each, dict))
    return value if isinstance(value, str) else ""
