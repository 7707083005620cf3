"""The public keys of an issuer: fetched, kept for a while, and given up in time.

A key set is fetched when the first token comes, again in the background when it is
older than five minutes, and at once when a token names a key that isn't in it, but
never more often than every ten seconds: tokens anybody can write must not make
metier ask the issuer. While the issuer is down, the keys it gave last are used until
they are older than the issuer's `keep_keys_minutes`; then no token holds any more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import jwt
import orjson

from metier.access._errors import issuer_unavailable, refused
from metier.model import MetierError

_log = logging.getLogger("metier.access")

FRESH: Final = 300.0
AGAIN: Final = 10.0
_MOST_KEYS: Final = 100
_SHORTEST_RSA: Final = 2048

_BY_TYPE: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("RSA", ""): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}
"""The algorithms that a key of a type and curve can check (RFC 7518, 3.1; RFC 8037, 3.1)."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key, and what it may check."""

    kid: str | None
    algorithms: frozenset[str]
    public: Any


class IssuerKeys:
    """The keys of one issuer.

    Args:
        host: names the issuer in messages.
        fetch: gets the body of its key set.
        keep: seconds that keys are used for without the issuer having been reached.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        host: str,
        fetch: Callable[[], Awaitable[bytes]],
        keep: float,
        clock: Callable[[], float],
    ) -> None:
        self._host = host
        self._fetch = fetch
        self._keep = keep
        self._clock = clock
        self._keys: tuple[IssuerKey, ...] = ()
        self._fetched: float | None = None
        self._asked: float | None = None
        self._asking = asyncio.Lock()
        self._background: asyncio.Task[None] | None = None

    async def find(self, kid: str | None, algorithm: str) -> Any:
        """The public key that a token names.

        Without a name the issuer must have one key only for the algorithm.

        Raises:
            AccessError: 401, where the issuer has no such key; 503, where that can't be known.
        """
        if not self._usable():
            await self._ask()
            if not self._usable():
                raise issuer_unavailable(self._host)
        elif self._age() > FRESH and self._background is None:
            self._background = asyncio.create_task(self._ask())
            self._background.add_done_callback(self._done)
        found = self._named(kid, algorithm)
        if found is None:
            await self._ask()
            found = self._named(kid, algorithm)
        if found is None:
            raise refused(
                "The token was signed with a key that its issuer doesn't have (any more). Sign in "
                "again.",
                "token_key_unknown",
            )
        return found.public

    async def close(self) -> None:
        """Ends what goes on in the background."""
        if self._background is not None:
            self._background.cancel()
            await asyncio.gather(self._background, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._background = None
        if not task.cancelled() and task.exception() is not None:
            _log.error("Asking an issuer failed: %s", type(task.exception()).__name__)

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._clock() - self._fetched

    def _usable(self) -> bool:
        return self._age() <= self._keep

    def _named(self, kid: str | None, algorithm: str) -> IssuerKey | None:
        found = [
            key
            for key in self._keys
            if algorithm in key.algorithms and (kid is None or key.kid == kid)
        ]
        return found[0] if len(found) == 1 else None

    async def _ask(self) -> None:
        """Fetches the keys, unless that was tried a moment ago; on failure the old ones stay."""
        async with self._asking:
            now = self._clock()
            if self._asked is not None and now - self._asked < AGAIN:
                return
            self._asked = now
            try:
                self._keys = parse_keys(await self._fetch())
            except MetierError as error:
                _log.warning("An issuer's keys could not be had: %s", error.message)
                return
            self._fetched = now


def parse_keys(body: bytes) -> tuple[IssuerKey, ...]:
    """The keys of a key set that can check signatures (RFC 7517, section 5).

    Symmetric and private keys, short ones, and those for other uses are left out, as
    are types that aren't known here.

    Raises:
        MetierError: where it is no key set, or has no key of use.
    """
    try:
        listed = orjson.loads(body)["keys"]
        usable = isinstance(listed, list) and len(listed) <= _MOST_KEYS
    except (orjson.JSONDecodeError, KeyError, TypeError):
        usable = False
    found = tuple(key for one in listed if (key := _key(one)) is not None) if usable else ()
    if not found:
        raise MetierError(
            "What came from `jwks_url` holds no usable public key.", code="bad_key_set", status=502
        )
    return found


def _key(raw: Any) -> IssuerKey | None:
    if not isinstance(raw, dict) or "d" in raw or raw.get("use", "sig") != "sig":
        return None
    kind, curve = raw.get("kty"), raw.get("crv", "")
    operations = raw.get("key_ops", ["verify"])
    if not (isinstance(kind, str) and isinstance(curve, str) and isinstance(operations, list)):
        return None
    algorithms = _BY_TYPE.get((kind, curve), ())
    if "alg" in raw:
        algorithms = tuple(name for name in algorithms if name == raw["alg"])
    kid = raw.get("kid")
    if not algorithms or "verify" not in operations or not isinstance(kid, str | None):
        return None
    try:
        public = jwt.PyJWK(raw, algorithm=algorithms[0]).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None  # the number is no key: a token that names it is refused as unknown
    if kind == "RSA" and public.key_size < _SHORTEST_RSA:
        return None
    return IssuerKey(kid, frozenset(algorithms), public)
