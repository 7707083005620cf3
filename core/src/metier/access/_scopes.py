"""What a credential is for. A scope opens a kind of route; roles and grants decide the rest."""

from __future__ import annotations

from typing import Final, get_args

from metier.access._errors import scope_missing
from metier.access._settings import RoleName, ScopeName
from metier.model import Actor

SCOPES: Final[tuple[ScopeName, ...]] = get_args(ScopeName)
ROLES: Final[tuple[RoleName, ...]] = get_args(RoleName)


def require_scope(actor: Actor, *scopes: ScopeName) -> None:
    """Checks that the actor's credential has one of the scopes, or all ("*").

    Raises:
        AccessError: 403, naming the first of them.
    """
    if "*" not in actor.scopes and actor.scopes.isdisjoint(scopes):
        raise scope_missing(scopes[0])
