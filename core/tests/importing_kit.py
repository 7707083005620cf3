"""A domain that remembers conversations, for tests of imports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metier import hookimpl
from metier.model import Manifest, PolicyFile

CATEGORIES = ("identity", "contact", "preference", "language", "goal", "level", "conversations")
POLICY = (
    'name: toy\nversion: "1"\ndescription: A policy of the tests.\n'
    "collect: {conversations: {allow: true, reason: to recall}}\n"
)


class Toy:
    """A domain that remembers what was said, as its policy allows."""

    def __init__(self, folder: Path) -> None:
        self.policy = folder / "toy.yaml"
        self.policy.write_text(POLICY)

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("toy", "Toy", "Nothing.", reads=CATEGORIES, writes=CATEGORIES)

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        return [PolicyFile("toy", self.policy)]
