"""Refusals, with the headers that HTTP wants beside them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from metier.model import MetierError

_REALM = 'Bearer realm="metier"'


class AccessError(MetierError):
    """Somebody is not let in. Neither the message nor the headers hold the credential.

    `headers` go with the answer: the challenge that a 401 must carry and a 403 for
    a missing scope may (RFC 6750, section 3), or when to try again.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int = 401,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.headers: Mapping[str, str] = MappingProxyType(dict(headers or {}))


def no_credential() -> AccessError:
    """Nothing was presented; the challenge then names no error."""
    return AccessError(
        "The API key is missing. Send `Authorization: Bearer KEY`.",
        code="invalid_api_key",
        headers={"WWW-Authenticate": _REALM},
    )


def refused(message: str, code: str) -> AccessError:
    """A credential was presented and doesn't hold."""
    challenge = f'{_REALM}, error="invalid_token"'
    return AccessError(message, code=code, headers={"WWW-Authenticate": challenge})


def scope_missing(scope: str) -> AccessError:
    """The credential is good, and not for this."""
    challenge = f'{_REALM}, error="insufficient_scope", scope="{scope}"'
    return AccessError(
        f"This key lacks the scope '{scope}'. Ask the operator for a key that has it.",
        code="scope_missing",
        status=403,
        headers={"WWW-Authenticate": challenge},
    )


def too_many(seconds: float) -> AccessError:
    """The address has failed too often."""
    return AccessError(
        "Too many failed authentications from this address. Wait, and check the key.",
        code="too_many_failures",
        status=429,
        headers={"Retry-After": str(max(1, round(seconds)))},
    )


def issuer_unavailable(host: str) -> AccessError:
    """No keys to check a token with; nobody is let in by it until there are."""
    return AccessError(
        f"The keys of the issuer at '{host}' can't be had, so its tokens can't be checked. Try "
        "again later; if it stays so, check `jwks_url` in metier.toml and that the server "
        "reaches it.",
        code="issuer_unavailable",
        status=503,
        headers={"Retry-After": "10"},
    )
