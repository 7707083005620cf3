"""The one HTTP client: everything that leaves the machine leaves through here.

It reaches only declared targets, at addresses their rule permits; it follows
no redirect, takes no proxy from the environment, keeps no cookie, and never
puts a body into an error or a log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metier.egress._rules import TargetRefused, TargetRule, TargetUnavailable, permitted

if TYPE_CHECKING:
    from metier.egress._client import EgressClient as EgressClient
    from metier.egress._client import EgressResponse as EgressResponse
    from metier.egress._httpx import EgressTransport as EgressTransport

__all__ = [
    "EgressClient",
    "EgressResponse",
    "EgressTransport",
    "TargetRefused",
    "TargetRule",
    "TargetUnavailable",
    "permitted",
]


def __getattr__(name: str) -> Any:
    # Lazy, since aiohttp takes a while to load and many commands need no network.
    if name in ("EgressClient", "EgressResponse"):
        from metier.egress import _client

        return getattr(_client, name)
    if name == "EgressTransport":
        from metier.egress import _httpx

        return _httpx.EgressTransport
    raise AttributeError(f"module 'metier.egress' has no attribute {name!r}")
