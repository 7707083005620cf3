"""Who may do what to whose data. Pure: no I/O, and the caller writes the audit event.

Four ways lead to a subject, tried in this order; where none does, nothing happens:

1. `own`: the subject is the actor.
2. `grant`: the actor's key or token names the subject in `may_act_for`; enough to
   talk on their behalf and to see and change their profile, and for nothing else.
3. `role`: the policies in force let one of the actor's roles do this.
4. `break_glass`: the actor gave a reason, and the policies let one of their roles
   break the glass. For looking, putting right and holding, never for erasing or
   for speaking in somebody's name.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from metier.model import Actor, MetierError

_log = logging.getLogger("metier.access")

Action = Literal[
    "chat",
    "profile",
    "read_profile",
    "read_turns",
    "export",
    "correct",
    "erase",
    "restrict",
    "hold",
    "read_audit",
    "export_audit",
    "manage_keys",
    "manage_policy",
    "manage_access",
    "ingest",
    "backup",
    "report",
]
How = Literal["own", "grant", "role", "break_glass"]

OWN: Final[frozenset[Action]] = frozenset(
    {"chat", "profile", "read_profile", "read_turns", "export", "correct", "erase", "restrict"}
)
"""What everybody may do with their own data. A hold is not theirs to set or lift."""
ON_BEHALF: Final[frozenset[Action]] = frozenset({"chat", "profile", "read_profile", "correct"})
"""What a grant is enough for."""
BREAK_GLASS: Final[frozenset[Action]] = frozenset(
    {"read_profile", "read_turns", "export", "correct", "restrict", "hold", "read_audit"}
)
"""What breaking the glass is enough for."""
_OF_NO_ROLE: Final[frozenset[Action]] = frozenset({"chat", "profile"})
"""Uses, not rights over others' data: policies know no such action."""


class _Decided(Protocol):
    @property
    def allowed(self) -> bool: ...
    @property
    def rule(self) -> str: ...


class MayDecide(Protocol):
    """What is needed of `metier.policy.PolicySet`."""

    def may(self, roles: frozenset[str], action: str, category: str = "*") -> _Decided: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """The subject an actor may act on, and why.

    `rule` is the policy's rule where a role decided; `reason` what the actor gave
    for breaking the glass, which the caller must write down as an event of its own.
    """

    subject: str
    how: How
    rule: str = ""
    reason: str = ""


def authorise(
    actor: Actor, subject: str | None, action: Action, policy: MayDecide, category: str = "*"
) -> Grant:
    """Decides whether the actor may do `action` to the subject's data.

    The subject is always one of the actor's tenant: no way leads to another.

    Args:
        subject: whose data; the actor's own where None.
        category: of the facts concerned; "*" for all.

    Raises:
        MetierError: 403 `not_granted`, or `user_missing` where a platform's key names no user.
    """
    if actor.user is not None:
        if not actor.user or subject not in (None, actor.user):
            raise _no_user()
        subject = actor.user
    chosen = actor.id if subject is None else subject
    if chosen == actor.id and action in OWN:
        return Grant(chosen, "own")
    if action in ON_BEHALF and ("*" in actor.may_act_for or chosen in actor.may_act_for):
        return Grant(chosen, "grant")
    if action not in _OF_NO_ROLE:
        decided = policy.may(actor.roles, action, category)
        if decided.allowed:
            return Grant(chosen, "role", decided.rule)
    if actor.break_glass and action in BREAK_GLASS:
        decided = policy.may(actor.roles, "break_glass", category)
        if decided.allowed:
            return Grant(chosen, "break_glass", decided.rule, actor.break_glass)
    raise MetierError(
        "This key may not act for that subject. Ask the operator for a grant.",
        code="not_granted",
        status=403,
    )


def _no_user() -> MetierError:
    return MetierError(
        "This key acts for the users of a chat platform, each by a signed header, and this request "
        "has none or names another subject. At Open WebUI, set ENABLE_FORWARD_USER_INFO_HEADERS "
        "and FORWARD_USER_INFO_HEADER_JWT_SECRET.",
        code="user_missing",
        status=403,
    )


def note_break_glass(grant: Grant, action: Action) -> dict[str, str]:
    """The detail of the audit event `break-glass`; warns in the log, without names, as well.

    Call it, and write the event, before the data is touched.
    """
    assert grant.how == "break_glass", "nobody broke the glass"
    _log.warning(
        "Somebody broke the glass for '%s'; the audit log's `break-glass` events say who and why.",
        action,
    )
    return {"action": action, "rule": grant.rule, "reason": grant.reason}
