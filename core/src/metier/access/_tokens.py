"""Tokens of an OpenID Connect issuer, checked as RFC 8725 asks.

A token is looked at in this order, and the first thing that is wrong ends it: its
length; its header (an algorithm on the issuer's list, which can't hold `none` or a
symmetric one; a type that is an access token's); its issuer; the key, which comes
from that issuer's key set and from nowhere the token points to; the signature,
issuer and audience; the times; what the claims say of the person.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import jwt

from metier.access._errors import AccessError, refused
from metier.access._jwks import IssuerKeys
from metier.access._keys import Verified, usable_id
from metier.access._settings import IssuerSettings
from metier.model import Actor

_LONGEST: Final = 8192
_LONGEST_KID: Final = 256
_LAST_MOMENT: Final = 2**53
"""Far beyond any time; what is above is no time, nor are infinity and NaN."""
_TYPES: Final = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})
_NEEDED: Final = ("iss", "aud", "exp", "iat")
_READING: Final = {"verify_signature": False}
_CHECKING: Final[dict[str, Any]] = {
    "require": list(_NEEDED),
    # By the clock that metier was given, in `_seconds_left`.
    "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    # Of any type that is no text, `_actor_id` says so more clearly.
    "verify_sub": False, "verify_jti": False,
}  # fmt: skip


class TokenVerifier:
    """Checks tokens of the configured issuers.

    Args:
        issuers: whose tokens are taken.
        tenant: of issuers that name none.
        fetch: gets an issuer's key set; see `IssuerFetch`.
        clock: the time source, UTC.
        monotonic: seconds, for the age of keys.
    """

    def __init__(
        self,
        issuers: Sequence[IssuerSettings],
        tenant: str,
        fetch: Callable[[IssuerSettings], Awaitable[bytes]],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tenant = tenant
        self._clock = clock
        self._fetch = fetch
        self._issuers = {
            issuer.issuer: (
                issuer,
                IssuerKeys(
                    issuer.host, partial(fetch, issuer), issuer.keep_keys_minutes * 60, monotonic
                ),
            )
            for issuer in issuers
        }

    async def verify(self, token: str) -> Verified:
        """Who a token stands for.

        Raises:
            AccessError: 401, with a code that says what is wrong; 503 `issuer_unavailable`.
        """
        if len(token) > _LONGEST:
            raise refused(f"The token is longer than {_LONGEST} characters.", "token_too_long")
        header, claims = _unverified(token)
        found = self._issuers.get(str(claims.get("iss")))
        if found is None:
            raise refused(
                "The token's issuer isn't among those configured here.", "token_issuer_unknown"
            )
        issuer, keys = found
        kid, algorithm = _header(header, issuer)
        public = await keys.find(kid, algorithm)
        claims = _verified(token, public, algorithm, issuer)
        left = _seconds_left(claims, issuer, self._clock().timestamp())
        return Verified(_actor(claims, issuer, self._tenant), left)

    async def close(self) -> None:
        """Ends what goes on in the background, and the connections."""
        for _, keys in self._issuers.values():
            await keys.close()
        close = getattr(self._fetch, "close", None)
        if close is not None:
            await close()


def _unverified(token: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What a token says of itself: only to find out by which rules to check it."""
    try:
        whole = jwt.decode_complete(token, options=_READING)  # type: ignore[arg-type]
        return whole["header"], whole["payload"]
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise refused("This is not a token: it can't be read as one.", "token_malformed") from None


def _header(header: Mapping[str, Any], issuer: IssuerSettings) -> tuple[str | None, str]:
    """The name of the key, and the algorithm. `jwk`, `jku`, `x5u` and `x5c` are not looked at."""
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in issuer.algorithms:
        raise refused(
            "The token's algorithm isn't among those taken from its issuer.", "token_algorithm"
        )
    if "crit" in header or "b64" in header:
        raise refused("The token wants an extension that isn't known here.", "token_malformed")
    if str(header.get("typ", "JWT")).lower() not in _TYPES:
        raise refused("The token is of a type that is no access token's.", "token_type")
    if kid is not None and not (isinstance(kid, str) and len(kid) <= _LONGEST_KID):
        raise refused("The name of the token's key is no short text.", "token_malformed")
    return kid, str(algorithm)


def _verified(token: str, public: Any, algorithm: str, issuer: IssuerSettings) -> dict[str, Any]:
    """The claims, once the signature, the issuer and the audience hold."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            public,
            algorithms=[algorithm],
            audience=issuer.audience,
            issuer=issuer.issuer,
            options=_CHECKING,  # type: ignore[arg-type]
        )
    except jwt.InvalidAudienceError:
        raise refused("The token is for another audience.", "token_audience") from None
    except jwt.MissingRequiredClaimError:
        raise refused(
            f"The token lacks one of the claims {', '.join(_NEEDED)}.", "token_claims"
        ) from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise refused("The token's signature doesn't hold.", "token_signature") from None
    return claims


def _seconds_left(claims: Mapping[str, Any], issuer: IssuerSettings, now: float) -> float:
    """How long the token holds from now; the clocks may differ by the issuer's leeway."""
    expires, issued = _moment(claims, "exp"), _moment(claims, "iat")
    begins = _moment(claims, "nbf") if "nbf" in claims else issued
    leeway = issuer.leeway_seconds
    if now >= expires + leeway:
        raise refused("The token has expired. Sign in again.", "token_expired")
    if max(issued, begins) > now + leeway:
        raise refused(
            "The token isn't valid yet. Where it was just made, the clocks differ.", "token_early"
        )
    if expires - issued > issuer.max_hours * 3600:
        raise refused(
            f"The token lives longer than {issuer.max_hours} hours, which is the most taken from "
            "its issuer.",
            "token_lifetime",
        )
    return expires + leeway - now


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not abs(value) < _LAST_MOMENT:
        raise refused(f"The token's claim `{name}` is no time.", "token_claims")
    return float(value)


# --- claims to actor ------------------------------------------------------------------


def _actor(claims: Mapping[str, Any], issuer: IssuerSettings, tenant: str) -> Actor:
    roles = {
        role
        for name in _names(claims, issuer.roles_claim)
        for role in issuer.roles.get(name, ())
    }  # fmt: skip
    grants = _names(claims, issuer.may_act_for_claim)
    if "*" in grants or not all(map(usable_id, grants)):
        raise _unusable(issuer.may_act_for_claim)
    return Actor(
        _tenant(claims, issuer, tenant),
        issuer.actor_prefix + _text(claims, issuer.actor_claim),
        roles=frozenset(roles or {"member"}),
        may_act_for=frozenset(grants),
        scopes=frozenset(issuer.scopes),
    )


def _tenant(claims: Mapping[str, Any], issuer: IssuerSettings, tenant: str) -> str:
    if not issuer.tenant_claim:
        return issuer.tenant or tenant
    named = _text(claims, issuer.tenant_claim)
    if named not in issuer.tenants:
        raise refused(
            "The token names a tenant that its issuer may not name.", "token_tenant"
        )  # fmt: skip
    return named


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = _claim(claims, name)
    if not usable_id(value):
        raise _unusable(name)
    return str(value)


def _names(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A claim that lists names, or holds them in one text, as `scope` does; () where absent."""
    value = _claim(claims, name) if name else None
    if value is None:
        return ()
    names = value.split() if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise _unusable(name)
    return tuple(names)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path such as `realm_access.roles`."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _unusable(name: str) -> AccessError:
    return refused(f"The token's claim `{name}` is missing or can't be used.", "token_claims")
