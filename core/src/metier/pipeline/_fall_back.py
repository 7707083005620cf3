"""Another engine stands in for one that can't answer, under the rules of its own target."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from metier.inference import WithFallbacks, fallbacks_of
from metier.model import BadRequest
from metier.pipeline._prepare import pseudonymise
from metier.pipeline._state import State

CAN_FALL: Final = frozenset(
    {
        "engine_unavailable", "engine_timeout", "engine_cut", "engine_busy", "engine_protocol",
        "engine_unauthorised", "engine_not_found",
    }
)  # fmt: skip
"""Errors that lie with the engine and not with the request."""


async def fall_back(state: State) -> State | None:
    """The state with the next engine that may stand in, hidden anew for its target.

    None where there is none: it must be allowed to see at least as much as the engine before
    it, by the policies in force now. Nothing of what was made for the other target is used
    again, and the guard has still to see what this one is sent.
    """
    engine, policy = state.parts.engine, state.parts.policy
    waiting = fallbacks_of(engine)
    for place, other in enumerate(waiting):
        if policy.fewer_rights(other.target, engine.target) is not None:
            continue
        standing_in = WithFallbacks(other, waiting[place + 1 :])
        parts = replace(state.parts, engine=standing_in)
        moved = replace(state, parts=parts, masked=None, pictures={}, outgoing=b"")
        try:
            return await pseudonymise(moved)
        except BadRequest:  # it can't be shown what came with the message
            continue
    return None
