"""The base of our recognizers: patterns with checks, tried only where they can match."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import regex  # type: ignore[import-untyped]

from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View, normalise
from metier.privacy._presidio import EntityRecognizer, RecognizerResult

LEFT = r"(?<![A-Za-z0-9])"
RIGHT = r"(?![A-Za-z0-9])"
"""Edges of a token. Unlike `\\b`, they hold next to Han characters."""

DIGIT = "0"
"""As the prefilter of a rule: the text must have a digit."""

Hit = tuple[int, int, str, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern.

    Args:
        entity: entity type.
        pattern: the group "v" is the value; the whole match where there is none.
        score: 0 to 1.
        needs: the lower-cased text must contain one of these; DIGIT for any digit.
        check: takes the value; False drops the hit.
    """

    entity: str
    pattern: regex.Pattern[str]
    score: float
    needs: tuple[str, ...] = ()
    check: Callable[[str], bool] | None = None

    def may_match(self, view: View) -> bool:
        if not self.needs:
            return True
        return any(view.has_digit if n == DIGIT else n in view.lower for n in self.needs)

    def find(self, view: View) -> Iterator[Hit]:
        grouped = "v" in self.pattern.groupindex
        for match in self.pattern.finditer(view.text, timeout=PATTERN_SECONDS):
            start, end = match.span("v") if grouped else match.span()
            if start < end and (self.check is None or self.check(view.text[start:end])):
                yield start, end, self.entity, self.score


def rule(
    entity: str,
    pattern: str,
    score: float,
    *needs: str,
    check: Callable[[str], bool] | None = None,
    flags: int = 0,
) -> Rule:
    """Compiles a `Rule`."""
    return Rule(entity, regex.compile(pattern, flags), score, needs, check)


class Recognizer(EntityRecognizer):
    """A Presidio recognizer over a list of rules; subclasses may override `find`."""

    fuzzy = False
    """True where it judges by likelihood rather than by form, checksum or label."""

    def __init__(
        self, name: str, entities: Sequence[str], rules: Sequence[Rule] = (), language: str = "en"
    ) -> None:
        self.rules = tuple(rules)
        self.title = name
        super().__init__(list(entities), name=name, supported_language=language, version="1")

    def load(self) -> None:
        """Nothing to load: patterns are compiled with the module."""

    def find(self, view: View) -> Iterable[Hit]:
        """Hits in a normalised text.

        Raises:
            TimeoutError: a pattern ran out of time.
        """
        for one in self.rules:
            if one.may_match(view):
                yield from one.find(view)

    def analyze(
        self, text: str, entities: list[str] | None, nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """Presidio's interface: offsets are in `text` as given."""
        view = normalise(text)
        return [
            RecognizerResult(
                entity_type=entity,
                start=view.original(start, end)[0],
                end=view.original(start, end)[1],
                score=score,
                recognition_metadata={"recognizer_name": self.title},
            )
            for start, end, entity, score in self.find(view)
            if not entities or entity in entities
        ]
