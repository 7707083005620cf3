"""A small domain used by tests: gardening, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metier import hookimpl
from metier.model import (
    Composition,
    Decision,
    Fact,
    Manifest,
    Passage,
    Provenance,
    Segment,
    Tool,
    Turn,
    Verdict,
    Volatility,
)


class Gardening:
    """Answers from two passages, learns where the balcony faces, waters on request."""

    def __init__(self, name: str = "gardening", review: str = "pass") -> None:
        self.name = name
        self.review = review
        self.watered: list[str] = []
        self.broken: set[str] = set()

    def _maybe_fail(self, hook: str) -> None:
        if hook in self.broken:
            raise RuntimeError("secret content must not appear")

    @hookimpl
    def domain(self) -> Manifest:
        categories = ("identity", "contact", "preference", "health", "language", "goal")
        return Manifest(
            self.name, "Gardening", "Helps plants live.", languages=("en", "zh"),
            reads=categories, writes=categories, review=self.review,
        )  # fmt: skip

    @hookimpl
    def check_input(self, turn: Turn) -> Verdict | None:
        self._maybe_fail("check_input")
        if "poison ivy" in turn.message:
            return Verdict(Decision.ESCALATE, "plant.rash", "Please see a doctor.")
        return None

    @hookimpl
    def extract_profile(self, turn: Turn) -> Sequence[Fact]:
        self._maybe_fail("extract_profile")
        if "balcony faces north" in turn.message:
            where = Provenance("turn", "gardening:light", turn.id)
            return [Fact("light", "north", "preference", 0.9, where)]
        return []

    @hookimpl
    def rewrite_query(self, turn: Turn) -> Sequence[str]:
        self._maybe_fail("rewrite_query")
        return []

    @hookimpl
    def retrieve(self, turn: Turn, queries: Sequence[str]) -> Sequence[Passage]:
        self._maybe_fail("retrieve")
        return [
            Passage("frost", "Roses are pruned when the frost is over.", "Frost", "Almanac",
                    url="https://example.org/frost", score=0.9),
        ]  # fmt: skip

    @hookimpl
    def assemble_prompt(self, turn: Turn) -> Sequence[Segment]:
        self._maybe_fail("assemble_prompt")
        return [Segment("You help gardeners.", self.name, Volatility.DOMAIN)]

    @hookimpl
    def tools(self, turn: Turn) -> Sequence[Tool]:
        async def water(arguments: Mapping[str, Any], turn: Turn) -> Any:
            self.watered.append(str(arguments["plant"]))
            return {"watered": arguments["plant"]}

        schema = {
            "type": "object",
            "properties": {"plant": {"type": "string"}},
            "required": ["plant"],
        }
        return [
            Tool("water", "Waters a plant.", schema, water, confirm=True,
                 describe=lambda a: f"water {a['plant']}"),
        ]  # fmt: skip

    @hookimpl
    def compose(self, turn: Turn) -> Composition | None:
        self._maybe_fail("compose")
        name = turn.value("name")
        light = turn.value("light")
        lead = (f"{name}, " if name else "") + (f"your light is {light}. " if light else "")
        return Composition(f"{lead}{turn.passages[0].text} [1]")

    @hookimpl
    def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        self._maybe_fail("check_output")
        if "pesticide" in answer:
            return Verdict(Decision.REVISE, "organic", answer.replace("pesticide", "soap"))
        return None

    @hookimpl
    def remember(self, turn: Turn, answer: str) -> Mapping[str, Any]:
        self._maybe_fail("remember")
        return {"turns": turn.state.get("turns", 0) + 1}
