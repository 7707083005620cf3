"""Who may come in and what they may do: API keys, tokens of an issuer, scopes, grants.

`Authenticator` says who is acting; `require_scope` whether the credential is for
such a request at all; `authorise` whether this actor may do this to that subject.
"""

from metier.access._attempts import Attempts
from metier.access._authenticate import Authenticator
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
from metier.access._fetch import IssuerFetch
from metier.access._jwks import IssuerKeys
from metier.access._keys import (
    ApiKey,
    ApiKeys,
    KeyChange,
    KeyInfo,
    KeyStore,
    new_key,
    parse_key,
)
from metier.access._scopes import ROLES, SCOPES, require_scope
from metier.access._settings import (
    AccessSettings,
    IssuerSettings,
    RoleName,
    ScopeName,
    check_issuers,
)
from metier.access._tokens import TokenVerifier

__all__ = [
    "BREAK_GLASS",
    "ON_BEHALF",
    "OWN",
    "ROLES",
    "SCOPES",
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
    "RoleName",
    "ScopeName",
    "TokenVerifier",
    "authorise",
    "check_issuers",
    "new_key",
    "note_break_glass",
    "parse_key",
    "require_scope",
]
