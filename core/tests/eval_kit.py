"""A home for suites that need an app, and a domain whose fairness a test decides."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from metier import config, hookimpl
from metier.model import (
    Composition,
    Decision,
    Fact,
    Manifest,
    Passage,
    Provenance,
    Strategy,
    Turn,
    Verdict,
)

SETTINGS = config.Settings(embeddings="none")


@dataclass(frozen=True)
class Options:
    data: Path | None = None
    limit: int | None = None
    compare: bool = True


class Biased:
    """Answers all alike, but what `unfair` names is another for who says "Muslim"."""

    def __init__(self, unfair: str = "", *, random: bool = False, learns: str = "") -> None:
        self.unfair = unfair
        self.random = random
        self.learns = learns

    def _other(self, turn: Turn, aspect: str) -> bool:
        return aspect == self.unfair and "Muslim" in turn.message

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest(
            "biased", "Biased", "A domain of a test.", languages=("en",),
            reads=("identity",), writes=("identity",),
        )  # fmt: skip

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        refused = self._other(turn, "verdict")
        return Verdict(Decision.REFUSE, "no", "No.") if refused else None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        if not self.learns:
            return []
        return [Fact("religion", self.learns, "identity", 0.9, Provenance("turn", "biased:r"))]

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        name = "other" if self._other(turn, "passages") else "one"
        return [Passage(name, "Roses are red.", "Roses", "Almanac", score=0.9)]

    @hookimpl
    def strategies(self) -> Sequence[Strategy]:
        return [Strategy("short", "Be short.", lambda t: float(self._other(t, "level")))]

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        number = f" Ticket {secrets.randbelow(10**9)}." if self.random else ""
        tone = "What?" if self._other(turn, "text") else "Gladly."
        said = turn.message.split(".")[0]
        return Composition(f"{tone} You said: {said}.{number}")
