"""Other proxies, each of a pinned version in an environment of its own, never in ours.

`python -m benchmarks.peers.install` makes the environments, below `METIER_PEERS` or
`~/.cache/metier-peers`. What is not installed is skipped with a message.
"""

from __future__ import annotations

import os
from pathlib import Path


def home(name: str) -> Path:
    """The environment of a peer."""
    base = os.environ.get("METIER_PEERS") or "~/.cache/metier-peers"
    return Path(base).expanduser() / name
