"""A domain that remembers what was said, for measurements of profiles and memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metier import config, hookimpl
from metier.app import Metier
from metier.model import Manifest, PolicyFile

CATEGORIES = ("identity", "contact", "preference", "goal", "level", "conversations")


class Diary:
    """Collects what needs no consent, and conversations."""

    def __init__(self, folder: Path) -> None:
        self.policy = folder / "diary.yaml"
        self.policy.write_text(
            'name: diary\nversion: "1"\ndescription: Of a measurement.\n'
            "collect: {conversations: {allow: true, reason: to recall}}\n"
        )

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("diary", "Diary", "Remembers.", reads=CATEGORIES, writes=CATEGORIES)

    @hookimpl
    def policies(self) -> Sequence[PolicyFile]:
        return [PolicyFile("diary", self.policy)]


def opened(home: Path, settings: config.Settings | None = None) -> Metier:
    """metier with the diary, without an embedding model unless `settings` names one."""
    chosen = settings or config.Settings(embeddings="none")
    return Metier.open(home, chosen, plugins=[Diary(home)])
