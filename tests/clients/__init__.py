"""Other people's clients of the OpenAI wire, each of pinned versions in a folder of its own.

`python -m tests.clients.install` makes the folders, below `METIER_CLIENTS` or
`~/.cache/metier-clients`, never in ours. The tests of one that is not installed are skipped
with a message.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
NAMES: Final = ("node", "litellm", "llamaindex")
"""Node.js with the JavaScript clients, and two Python clients that don't go together."""


def home(name: str) -> Path:
    """The folder of a client: an environment of Python, and of Node.js in "node"."""
    base = os.environ.get("METIER_CLIENTS") or "~/.cache/metier-clients"
    return Path(base).expanduser() / name


def wanted(name: str) -> str:
    """What the folder of a client is made of; where that changes it is made anew."""
    locks = [HERE / f"{name}.lock"]
    if name == "node":
        locks.append(HERE / "package-lock.json")
    return "".join(lock.read_text("utf-8") for lock in locks)


def installed(name: str) -> bool:
    """Whether the folder of a client is there, in the versions that are wanted."""
    mark = home(name) / "ready"
    return mark.is_file() and mark.read_text("utf-8") == wanted(name)
