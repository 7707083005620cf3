"""Which server has probably read the beginning of a plan already.

Requests that begin alike go to the same server, whose prefix cache then serves
them. By rendezvous hashing each request ranks the servers by a digest of both:
where one joins or leaves, only its own share of requests moves (Thaler and
Ravishankar 1998, "Using name-based mappings to increase hit rates").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from metier.model import EngineRequest, Plan, Segment, Volatility


def prefix_key(request: EngineRequest) -> bytes:
    """A digest of what stays the same in a conversation's requests.

    It is taken over the salt, the adapter, the tools, everything up to the profile, and
    what opened the conversation: its first message is in the history of the second turn
    and is the message of the first. So a conversation stays with its server as long as
    what stands before its history does; after that no cache would serve it anyway.
    """
    digest = hashlib.blake2b(digest_size=16)
    for text in _stable(request):
        raw = text.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()


def ranked(key: bytes, names: Iterable[str]) -> list[str]:
    """The names of servers, that with the strongest claim to `key` first."""
    return sorted(names, key=lambda name: (_claim(key, name), name), reverse=True)


def _claim(key: bytes, name: str) -> bytes:
    return hashlib.blake2b(name.encode(), key=key, digest_size=16).digest()


def _stable(request: EngineRequest) -> Iterable[str]:
    plan = request.plan
    yield request.cache_salt or ""
    yield request.adapter or ""
    yield from (tool.name for tool in (*plan.tools, *request.tools))
    yield from (s.text for s in plan.segments if s.volatility <= Volatility.PROFILE)
    yield from (s.text for s in _opening(plan))


def _opening(plan: Plan) -> Sequence[Segment]:
    """The first message of the conversation."""
    said = (s for s in plan.segments if s.message and s.volatility >= Volatility.HISTORY)
    first = next(said, None)
    return () if first is None else (first,)
