"""Fetching issuers' keys through the one HTTP client, each issuer a target of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from metier.access._settings import IssuerSettings
from metier.egress import TargetRule, TargetUnavailable

if TYPE_CHECKING:
    from metier.egress import EgressClient

_MOST_BYTES: Final = 256 * 1024
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class IssuerFetch:
    """Gets the key set of each configured issuer, and nothing else from anywhere.

    Args:
        issuers: those configured.
        seconds: the longest that one answer may take as a whole.

    Example:
        fetch = IssuerFetch(settings.access.issuers)
        body = await fetch(settings.access.issuers[0])
    """

    def __init__(self, issuers: Sequence[IssuerSettings], seconds: float = 10.0) -> None:
        self._seconds = seconds
        self._rules = {issuer.issuer: _rule(issuer) for issuer in issuers}
        self._client: EgressClient | None = None

    async def __call__(self, issuer: IssuerSettings) -> bytes:
        """The body of the issuer's key set.

        Raises:
            MetierError: it can't be reached, may not be, or answers anything but a short 200.
        """
        from metier.egress import EgressClient

        if self._client is None:
            self._client = EgressClient(self._rules)
        path = urlsplit(issuer.jwks_url).path
        try:
            # A piece may come in time, and each after it, and the whole never.
            async with asyncio.timeout(self._seconds):
                async with self._client.get(issuer.issuer, path) as response:
                    body = await response.read(_MOST_BYTES + 1)
        except TimeoutError:
            raise TargetUnavailable(
                f"The issuer at '{issuer.host}' did not send its keys in {self._seconds:g} seconds."
            ) from None
        if response.status != 200 or len(body) > _MOST_BYTES:
            raise TargetUnavailable(
                f"The issuer at '{issuer.host}' answered {response.status} with {len(body)} bytes "
                "where its keys should be. Check `jwks_url` in metier.toml."
            )
        return body

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()


def _rule(issuer: IssuerSettings) -> TargetRule:
    parts = urlsplit(issuer.jwks_url)
    private = issuer.private or parts.hostname in _LOCAL
    return TargetRule(
        f"{parts.scheme}://{parts.netloc}",
        private=private, connect=3.0, first_byte=3.0, between_bytes=3.0,
    )  # fmt: skip
