"""What the host and an isolated plugin say to each other: length-prefixed JSON.

The host sends a `Start`, the process answers with a `Hello` or why it is broken. Then the host
asks, each question with a number, and the answers come in any order:

    {"id": 1, "hook": "compose", "arguments": {"turn": {…}}}
    {"id": 2, "call": "Tool.call", "name": "t1-7", "arguments": [{…}, {…}]}
    {"id": 3, "config": {…}}
    {"id": 1, "cancel": true}

    {"id": 1, "result": …, "reached": ["health"], "asked": ["allergy"],
     "cpu": 1.2}
    {"id": 2, "error": "KeyError", "reached": [], "cpu": 1.2}
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metier.model import (
    Json,
    KnowledgePack,
    Manifest,
    PolicyFile,
    Route,
    Strategy,
    Turn,
    View,
)
from metier.plugins._results import WrongType

HEAD = struct.Struct(">I")
LARGEST = 32 * 1024 * 1024
"""Bytes of one message; a longer one ends the process."""

READ_ONCE = ("strategies", "views", "routes", "knowledge_packs", "policies")
"""Contribution hooks that an isolated plugin may have; they are read at its start."""

CANNOT_CROSS: Mapping[str, str] = {
    "recognizers": "the host runs them itself, over everything that leaves",
    "importers": "they read files for `metier ingest`, which runs them itself",
    "evaluation_suites": "they drive the host",
    "commands": "they run in the operator's terminal",
}
"""Hooks that an isolated plugin can't have, and why."""

CALLS: Mapping[str, tuple[tuple[Any, ...], Any]] = {
    "Tool.call": ((Mapping[str, Json], Turn), Json),
    "Tool.describe": ((Mapping[str, Json],), str),
    "Strategy.applies": ((Turn,), float),
    "View.render": ((Turn,), str),
    "Route.handle": ((Turn, Json), Json),
}
"""Callables that cross by name: what they take and what they give."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a process is told before it locks itself in.

    Args:
        entry: "module:object" of the plugin.
        name, distribution, version: of its entry point.
        generation: which start of this plugin it is.
        search: folders to import from, besides Python's own.
        readable: files and folders it may read.
        forbidden: a file that it must not be able to read.
        memory: bytes. cpu: seconds.
    """

    entry: str
    name: str
    distribution: str
    version: str
    generation: int
    search: tuple[str, ...]
    readable: tuple[str, ...]
    forbidden: str
    memory: int
    cpu: int


@dataclass(frozen=True, slots=True)
class HookMark:
    """How a hook of the plugin is marked."""

    tryfirst: bool
    trylast: bool
    deadline: float | None
    needs: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hello:
    """What a plugin is and contributes, as its process tells it."""

    manifest: Manifest
    hooks: Mapping[str, HookMark]
    strategies: tuple[Strategy, ...] | None
    views: tuple[View, ...] | None
    routes: tuple[Route, ...] | None
    knowledge_packs: tuple[KnowledgePack, ...] | None
    policies: tuple[PolicyFile, ...] | None
    warnings: tuple[str, ...]


def framed(body: bytes) -> bytes:
    """The message with its length before it."""
    if len(body) > LARGEST:
        raise WrongType
    return HEAD.pack(len(body)) + body


def received(read: Callable[[int], bytes]) -> bytes | None:
    """The next message; None at the end.

    Args:
        read: gives up to so many bytes, none at the end.

    Raises:
        WrongType: where the length is no length.
    """
    head = _exactly(read, HEAD.size)
    if head is None:
        return None
    (length,) = HEAD.unpack(head)
    if length > LARGEST:
        raise WrongType
    return _exactly(read, length)


def _exactly(read: Callable[[int], bytes], length: int) -> bytes | None:
    found = bytearray()
    while len(found) < length:
        part = read(min(length - len(found), 1 << 16))
        if not part:
            return None
        found += part
    return bytes(found)
