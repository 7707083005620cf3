"""What a body asks of the answer's form: which tool, which format, how streamed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from metier.model import BadRequest, Json, Tool
from metier.server._fields import known_keys
from metier.server._wire import take

_SCHEMA_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CHOICES: Final = ("none", "auto", "required")


def tool_choice_of(raw: Mapping[str, Any], tools: Sequence[Tool], *, nested: bool) -> Json:
    """The `tool_choice` of a body, as the chat wire has it.

    Args:
        tools: those of the body; one that is forced must be among them.
        nested: whether a tool's name stands in `function`, as on the chat wire.

    Raises:
        BadRequest: it is no choice, or names a tool that was not sent.
    """
    choice = take(raw, "tool_choice", (str, dict))
    if choice in (None, "none", "auto"):
        return choice
    if not tools:
        raise BadRequest(
            "`tool_choice` forces a tool, and there are no `tools` to choose from.",
            param="tool_choice",
        )
    if choice == "required":
        return choice
    name = _chosen(choice, nested) if isinstance(choice, dict) else None
    if name is None:
        form = '{"name": …}' if nested else "…"
        key = "function" if nested else "name"
        raise BadRequest(
            f"`tool_choice` must be one of {', '.join(_CHOICES)}, or "
            f'{{"type": "function", "{key}": {form}}} with the name of one of `tools`.',
            param="tool_choice",
        )
    if name not in {tool.name for tool in tools}:
        raise BadRequest(
            "`tool_choice` names a tool that is not among `tools`.", param="tool_choice"
        )
    return {"type": "function", "function": {"name": name}}


def _chosen(choice: Mapping[str, Any], nested: bool) -> str | None:
    """The name in an object that forces a tool; None where it has another shape."""
    holder = choice.get("function") if nested else choice
    keys = {"type", "function"} if nested else {"type", "name"}
    if choice.get("type") != "function" or choice.keys() != keys or not isinstance(holder, dict):
        return None
    if nested and holder.keys() != {"name"}:
        return None
    name = holder["name"]
    return name if isinstance(name, str) else None


def format_of(given: Mapping[str, Any] | None, where: str, *, nested: bool) -> Json:
    """A response format as the chat wire has it; None for text.

    Args:
        where: its place in the body.
        nested: whether name and schema stand in `json_schema`, as on the chat wire.

    Raises:
        BadRequest: of no known type, or a schema without its name.
    """
    if given is None:
        return None
    match given.get("type"):
        case "text":
            known_keys(given, ("type",), where)
            return None
        case "json_object":
            known_keys(given, ("type",), where)
            return {"type": "json_object"}
        case "json_schema" if nested:
            known_keys(given, ("type", "json_schema"), where)
            inner = take(given, "json_schema", dict)
            return _schema(inner or {}, f"{where}.json_schema")
        case "json_schema":
            return _schema({k: v for k, v in given.items() if k != "type"}, where)
        case _:
            raise BadRequest(
                f"`{where}` must be an object whose `type` is text, json_object or json_schema.",
                param=where,
            )


def _schema(given: Mapping[str, Any], where: str) -> Json:
    known_keys(given, ("name", "schema", "description", "strict"), where)
    name = given.get("name")
    if not isinstance(name, str) or not _SCHEMA_NAME.fullmatch(name):
        raise BadRequest(
            f"`{where}.name` must be 1 to 64 letters, digits, underscores and hyphens.",
            param=f"{where}.name",
        )
    if not isinstance(given.get("schema"), dict):
        raise BadRequest(f"`{where}.schema` must be a JSON Schema object.", param=f"{where}.schema")
    take(given, "description", str)
    take(given, "strict", bool)
    kept = {key: value for key, value in given.items() if value is not None}
    return {"type": "json_schema", "json_schema": kept}


def stream_options_of(raw: Mapping[str, Any], *known: str) -> dict[str, bool]:
    """The `stream_options` of a body.

    Args:
        known: those the route has, besides `include_obfuscation`.

    Raises:
        BadRequest: one is unknown, they come without `stream`, or padding is asked for.
    """
    options: dict[str, Any] | None = take(raw, "stream_options", dict)
    if options is None:
        return {}
    if not take(raw, "stream", bool, False):
        raise BadRequest(
            "`stream_options` is for streams only. Set `stream` to true, or leave it out.",
            param="stream_options",
        )
    known_keys(options, (*known, "include_obfuscation"), "stream_options")
    if take(options, "include_obfuscation", bool, False):
        raise BadRequest(
            "`stream_options.include_obfuscation` is refused: events are not padded here. "
            "Set it to false, or leave it out.",
            code="unsupported_parameter",
            param="stream_options.include_obfuscation",
        )
    return {name: take(options, name, bool, False) for name in known}
