"""Which chat of a platform a request belongs to, by Open WebUI's `X-OpenWebUI-Chat-Id`.

The id says more than which chat it is: a temporary chat is one that the person doesn't want kept,
and in a channel several people speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HEADER: Final = "X-OpenWebUI-Chat-Id"
_TEMPORARY: Final = ("temporary:", "local:")
_CHANNEL: Final = "channel:"


@dataclass(frozen=True, slots=True)
class Chat:
    """What is said of a request's chat.

    Args:
        id: of a chat that is kept; None where there is none.
        kept: whether the turn may be remembered.
        shared: whether several people speak in it.
        replayed: whether the request brings all that was said in it, as Open WebUI does.
    """

    id: str | None = None
    kept: bool = True
    shared: bool = False
    replayed: bool = False


def chat_of(headers: Mapping[str, str]) -> Chat:
    """The chat that a request names."""
    given = headers.get(HEADER.lower(), "")
    if given.startswith(_TEMPORARY):
        return Chat(kept=False, replayed=True)
    if given.startswith(_CHANNEL):
        return Chat(shared=True, replayed=True)
    return Chat(given or None, replayed=bool(given))
