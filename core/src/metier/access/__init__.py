"""Who may come in and what they may do: API keys, tokens of an issuer, scopes, grants.

`Authenticator` says who is acting; `require_scope` whether the credential is for
such a request at all; `authorise` whether this actor may do this to that subject.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from metier.access._attempts import Attempts
from metier.access._authorise import (
    BREAK_GLASS,
    ON_BEHALF,
    OWN,
    Action,
    Grant,
    MayDecide,
    authorise,
    note_break_glass,
)
from metier.access._errors import AccessError
from metier.access._rates import Rates
from metier.access._scopes import ROLES, SCOPES, require_scope
from metier.access._settings import (
    AccessSettings,
    IssuerSettings,
    PlatformSettings,
    RoleName,
    ScopeName,
    check_issuers,
    check_platforms,
)

if TYPE_CHECKING:
    from metier.access._authenticate import Authenticator as Authenticator
    from metier.access._fetch import IssuerFetch as IssuerFetch
    from metier.access._jwks import IssuerKeys as IssuerKeys
    from metier.access._keys import CREATED as CREATED
    from metier.access._keys import REVOKED as REVOKED
    from metier.access._keys import ApiKey as ApiKey
    from metier.access._keys import ApiKeys as ApiKeys
    from metier.access._keys import KeyChange as KeyChange
    from metier.access._keys import KeyInfo as KeyInfo
    from metier.access._keys import KeyStore as KeyStore
    from metier.access._keys import new_key as new_key
    from metier.access._keys import parse_key as parse_key
    from metier.access._platforms import SHORTEST_SECRET as SHORTEST_SECRET
    from metier.access._platforms import PlatformUsers as PlatformUsers
    from metier.access._standing import PlatformStanding as PlatformStanding
    from metier.access._standing import in_force as in_force
    from metier.access._standing import platform_standings as platform_standings
    from metier.access._tokens import TokenVerifier as TokenVerifier

__all__ = [
    "BREAK_GLASS",
    "ON_BEHALF",
    "OWN",
    "ROLES",
    "SCOPES",
    "SHORTEST_SECRET",
    "AccessError",
    "AccessSettings",
    "Action",
    "ApiKey",
    "ApiKeys",
    "Attempts",
    "Authenticator",
    "Grant",
    "IssuerFetch",
    "IssuerKeys",
    "IssuerSettings",
    "KeyChange",
    "KeyInfo",
    "KeyStore",
    "MayDecide",
    "PlatformSettings",
    "PlatformStanding",
    "PlatformUsers",
    "Rates",
    "RoleName",
    "ScopeName",
    "TokenVerifier",
    "authorise",
    "check_issuers",
    "check_platforms",
    "in_force",
    "new_key",
    "note_break_glass",
    "parse_key",
    "platform_standings",
    "require_scope",
]

# Lazy, since the configuration needs the settings alone, and the store, PyJWT and
# `cryptography` take a while to load.
_LATER = {
    "ApiKey": "_keys",
    "CREATED": "_keys",
    "REVOKED": "_keys",
    "ApiKeys": "_keys",
    "Authenticator": "_authenticate",
    "IssuerFetch": "_fetch",
    "IssuerKeys": "_jwks",
    "KeyChange": "_keys",
    "KeyInfo": "_keys",
    "KeyStore": "_keys",
    "PlatformStanding": "_standing",
    "PlatformUsers": "_platforms",
    "SHORTEST_SECRET": "_platforms",
    "TokenVerifier": "_tokens",
    "in_force": "_standing",
    "new_key": "_keys",
    "parse_key": "_keys",
    "platform_standings": "_standing",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"metier.access.{_LATER[name]}"), name)
    raise AttributeError(f"module 'metier.access' has no attribute {name!r}")
