"""Asking the vLLM of this machine; nothing here leaves it, and no proxy is asked."""

from __future__ import annotations

import http.client
import socket
import urllib.error
import urllib.request

_DIRECT = urllib.request.ProxyHandler({})
_PATIENCE = 5.0
"""Seconds that it may take to answer."""


def read_local(url: str) -> str | None:
    """What a server of this machine answers at `url`; None where it doesn't."""
    opener = urllib.request.build_opener(_DIRECT)
    try:
        with opener.open(url, timeout=_PATIENCE) as answer:
            return str(answer.read().decode("utf-8", "replace"))
    except (urllib.error.URLError, http.client.HTTPException, OSError):
        return None


def is_taken(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
