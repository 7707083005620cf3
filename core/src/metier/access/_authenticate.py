"""Who is acting, by what they present: a key of metier.toml or of the store, or a token."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from metier.access._attempts import Attempts
from metier.access._errors import AccessError, no_credential, refused, too_many
from metier.access._keys import PREFIX, ApiKeys, Verified
from metier.access._rates import Rates
from metier.model import Actor, BadRequest

if TYPE_CHECKING:
    from metier.access._platforms import PlatformUsers
    from metier.access._tokens import TokenVerifier

BREAK_GLASS_HEADER: Final = "x-metier-break-glass"
_SHORTEST_REASON: Final = 10
_LONGEST_REASON: Final = 200  # as long as a text in an audit event may be
_MOST_KNOWN: Final = 10_000
_LONGEST: Final = 8192


@dataclass(frozen=True, slots=True)
class _Known:
    """A credential that held, until when it needn't be checked again, and under which changes."""

    actor: Actor
    until: float
    changes: int


class Authenticator:
    """Finds the actor of a request.

    What held is not checked again for a few seconds, so that a turn does not wait for
    the store or a signature. A key revoked through the same `ApiKeys` is refused at
    once, one revoked by another process after `recheck` seconds.

    An address that failed too often has to wait. What held from anywhere before goes
    on being checked meanwhile: behind a proxy, one client's wrong key must not shut
    out the others.

    Args:
        fixed: SHA-256 of a key in hex, and the actor it stands for.
        keys: the keys in the store.
        tokens: the issuers' tokens.
        attempts: counts failures by address.
        users: finds whom the keys of chat platforms act for.
        rates: how many requests each actor may begin; as many as they like where None.
        recheck: seconds after which a credential is checked again; 0 for each time.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        fixed: Mapping[str, Actor],
        *,
        keys: ApiKeys | None = None,
        tokens: TokenVerifier | None = None,
        attempts: Attempts | None = None,
        rates: Rates | None = None,
        users: PlatformUsers | None = None,
        recheck: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fixed = dict(fixed)
        self._keys = keys
        self._tokens = tokens
        self._attempts = Attempts() if attempts is None else attempts
        self._rates = rates
        self._users = users
        self._recheck = recheck
        self._clock = clock
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    async def actor(self, headers: Mapping[str, str], client: str = "") -> Actor:
        """The actor of a request's headers (names in lower case, or a mapping that ignores case).

        Args:
            client: the address it comes from.

        Raises:
            AccessError: 401 with the reason, 429 after too many, 503 where an issuer's keys
                can't be had.
            BadRequest: a reason for breaking the glass that is none.
        """
        credential = _credential(headers.get("authorization", ""))
        reason = _reason(headers.get(BREAK_GLASS_HEADER))
        actor = await self._authenticated(credential, client)
        if self._rates is not None:
            self._rates.spend(actor)
        if self._users is not None:
            actor = self._users.named(actor, headers)
        return replace(actor, break_glass=reason) if reason else actor

    async def close(self) -> None:
        """Closes the connections to issuers."""
        if self._tokens is not None:
            await self._tokens.close()

    async def _authenticated(self, credential: str, client: str) -> Actor:
        digest = hashlib.sha256(credential.encode("latin-1", "backslashreplace"))
        # A look-up by digest tells by its time nothing that leads to a key.
        fixed = self._fixed.get(digest.hexdigest())
        if fixed is not None:
            return fixed
        name = digest.digest()
        known = self._known.get(name)
        changes = self._keys.changes if self._keys is not None else 0
        now = self._clock()
        if known is not None and now < known.until and known.changes == changes:
            return known.actor
        if known is None and (wait := self._attempts.wait(client)) > 0:
            raise too_many(wait)
        try:
            verified = await self._verify(credential)
        except AccessError as error:
            if error.status == 401:
                self._known.pop(name, None)
                self._attempts.failed(client)
            raise
        lasts = min(self._recheck, verified.seconds if verified.seconds is not None else 1e9)
        # `changes` and `now` are of before the check: a key revoked meanwhile stays stale.
        self._known[name] = _Known(verified.actor, now + lasts, changes)
        self._known.move_to_end(name)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return verified.actor

    async def _verify(self, credential: str) -> Verified:
        if self._keys is not None and credential.startswith(PREFIX):
            return await self._keys.verify(credential)
        if self._tokens is not None and credential.count(".") == 2:
            return await self._tokens.verify(credential)
        raise refused(
            "The API key is not known. Send `Authorization: Bearer KEY`.", "invalid_api_key"
        )


def _credential(header: str) -> str:
    """What an Authorization header presents.

    Raises:
        AccessError: 401, where it is of another scheme than Bearer, empty or endless.
    """
    if not header.strip():
        raise no_credential()
    scheme, _, credential = header.strip().partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise no_credential()
    if len(credential) > _LONGEST:
        raise refused(f"The credential is longer than {_LONGEST} characters.", "token_too_long")
    return credential


def _reason(header: str | None) -> str:
    """The reason for breaking the glass; "" where none is given.

    Raises:
        BadRequest: where it is too short to be one, or holds control characters.
    """
    if header is None:
        return ""
    with suppress(UnicodeError):  # servers read headers as Latin-1; people write UTF-8
        header = header.encode("latin-1").decode("utf-8")
    reason = header.strip()
    if not _SHORTEST_REASON <= len(reason) <= _LONGEST_REASON or not reason.isprintable():
        raise BadRequest(
            f"`X-Metier-Break-Glass` needs a reason of {_SHORTEST_REASON} to {_LONGEST_REASON} "
            "characters on one line.",
            code="break_glass_reason",
            param="X-Metier-Break-Glass",
        )
    return reason
