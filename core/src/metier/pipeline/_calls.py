"""Calls of tools, put together from the pieces in which they come."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace

from metier.model import ToolCall, ToolCallDelta


def append(calls: dict[int, ToolCall], delta: ToolCallDelta) -> None:
    """Adds a piece to the call that it belongs to."""
    known = calls.get(delta.index, ToolCall("", "", ""))
    calls[delta.index] = ToolCall(
        delta.id or known.id, delta.name or known.name, known.arguments + delta.arguments
    )


def named(calls: Mapping[int, ToolCall]) -> dict[int, ToolCall]:
    """The calls of a choice, each with an id of its own, by which its result is known.

    Some servers give none, or the same one twice. A call without arguments has an empty object, as
    clients read them as JSON.
    """
    result: dict[int, ToolCall] = {}
    for place, call in calls.items():
        taken = {other.id for other in result.values()}
        identity = call.id if call.id and call.id not in taken else f"call_{secrets.token_hex(12)}"
        result[place] = replace(call, id=identity, arguments=call.arguments or "{}")
    return result
