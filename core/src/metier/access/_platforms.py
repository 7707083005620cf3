"""Whom a chat platform's key acts for: the user that the platform has signed for, and nobody else.

Open WebUI signs who is logged in (`FORWARD_USER_INFO_HEADER_JWT_SECRET`) in a token of a few
minutes. Only its subject is read: name, address and role of the user stay in the token, which is
neither kept nor passed on. What comes unsigned, as `X-OpenWebUI-User-Id`, is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import jwt

from metier.access._errors import refused
from metier.access._keys import usable_id
from metier.model import Actor

USER_HEADER: Final = "x-openwebui-user-jwt"
SHORTEST_SECRET: Final = 32
"""Bytes: as many as the digest has (RFC 7518, section 3.2)."""
ALGORITHM: Final = "HS256"
_ISSUER: Final = "open-webui"
_LONGEST: Final = 8192
_LIFE, _LEEWAY = 3600, 30
"""Seconds a token may live at most, and by which the clocks may differ."""
_CHECKING: Final[dict[str, Any]] = {
    "require": ["sub", "iss", "iat", "exp"],
    # By the clock that metier was given, in `_check_times`.
    "verify_exp": False, "verify_nbf": False, "verify_iat": False,
    # The issuer names no audience; of the subject `named` says more clearly what is wrong.
    "verify_aud": False, "verify_sub": False, "verify_jti": False,
}  # fmt: skip


class PlatformUsers:
    """Finds whom a platform's key acts for.

    Args:
        secrets: by tenant and actor, what the platform of that actor signs with.
        clock: the time source, UTC.
    """

    def __init__(
        self,
        secrets: Mapping[tuple[str, str], str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._secrets = dict(secrets)
        self._clock = clock

    def named(self, actor: Actor, headers: Mapping[str, str]) -> Actor:
        """The actor with the user that a request names; as it is where it is no platform's.

        Raises:
            AccessError: 401 `user_token`, where a token is there and doesn't hold.
        """
        secret = self._secrets.get((actor.tenant, actor.id))
        if secret is None:
            return actor
        token = headers.get(USER_HEADER, "")
        return replace(actor, user=self._user(token, secret) if token else "")

    def _user(self, token: str, secret: str) -> str:
        if len(token) > _LONGEST:
            raise refused(f"The user's token is longer than {_LONGEST} characters.", "user_token")
        try:
            claims: dict[str, Any] = jwt.decode(
                token, secret, algorithms=[ALGORITHM], issuer=_ISSUER,
                options=_CHECKING,  # type: ignore[arg-type]
            )  # fmt: skip
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise refused(
                "The user's token doesn't hold. Are the secrets of both sides the same?",
                "user_token",
            ) from None
        self._check_times(claims)
        if not usable_id(claims["sub"]):
            raise refused("The user's token names nobody.", "user_token")
        return str(claims["sub"])

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        begins, ends, now = claims["iat"], claims["exp"], self._clock().timestamp()
        if not all(isinstance(t, int) and not isinstance(t, bool) for t in (begins, ends)):
            raise refused("The user's token has no times.", "user_token")
        if not begins - _LEEWAY <= now < ends + _LEEWAY:
            raise refused("The user's token isn't valid now. Do the clocks differ?", "user_token")
        if ends - begins > _LIFE:
            raise refused(f"The user's token lives longer than {_LIFE} seconds.", "user_token")
