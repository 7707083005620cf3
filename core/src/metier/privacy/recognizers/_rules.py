"""What our recognizers are made of: rules that are tried only where they can match.

Nothing here searches a text from end to end. A rule is anchored: at one of its
words, at a token with a digit in it, or at a run of digit groups. One pass
finds all words and tokens (see `_program`), so that the time for a text grows
with the anchors in it and not with the number of rules.

Patterns are Python's `re`, matched at one place each. They are written so that
a failed match costs little: bounded gaps, possessive values. A test holds them
to the same check as patterns that plugins declare.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from metier.privacy._normalise import View, normalise
from metier.privacy._presidio import EntityRecognizer, RecognizerResult

if TYPE_CHECKING:
    from metier.privacy.recognizers._program import Program

Hit = tuple[int, int, str, float]
"""Start, end (offsets in the view), entity type, score."""

Found = tuple[int, int] | None
"""Where a value is. An empty one says: nothing, and don't look before its end again."""

Find = Callable[[str, int, int], Found]
"""Takes the view's text and where the anchor starts and ends."""

Check = Callable[[str], bool]

RIGHT = r"(?![A-Za-z0-9])"
"""The end of a token. Unlike `\\b`, it holds next to Han characters."""

HAN = "\u3400-\u9fff"
LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
UPPER = "".join(c for c in map(chr, range(0x530)) if c.isupper())
"""Character classes, to be put inside brackets."""


@dataclass(frozen=True, slots=True, eq=False)
class WordRule:
    """A value beside, or around, one of its words.

    Args:
        words: lower case. A word that begins with a letter is taken only where
            no letter precedes it, and one that ends in "|" only where no
            letter follows it; "~" before a word takes it inside others too.
        find: finds the value from the word.
        digits: the value has a digit, so texts without one need no look.
    """

    entity: str
    score: float
    words: tuple[str, ...]
    find: Find
    digits: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TokenRule:
    """A value that begins with a token of one of these sizes, letters and a digit in it.

    Args:
        find: takes the text and the token's offsets.
        near: words of which one must be near for `score`; see `WordRule.words`.
        alone: the score without such a word; 0 for no hit.
        first: "1" where the token begins with a digit, "A" for a letter, "" for either.
        follow: characters of which one must follow the token; "" for any.
    """

    entity: str
    score: float
    sizes: tuple[int, ...]
    find: Find
    near: tuple[str, ...] = ()
    alone: float = 0.0
    first: str = ""
    follow: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class NumberRule:
    """Digits, in one run or in groups.

    Args:
        sizes: how many digits.
        check: takes the digits alone.
        shapes: lengths of the groups, where only these will do.
        gaps: what may stand between groups.
        near, alone: as in `TokenRule`.
    """

    entity: str
    score: float
    sizes: tuple[int, ...]
    check: Check
    shapes: frozenset[tuple[int, ...]] = frozenset()
    gaps: frozenset[str] = frozenset((" ", "-"))
    near: tuple[str, ...] = ()
    alone: float = 0.0


class Near:
    """The words of a text that speak for a number beside them."""

    __slots__ = ("_ends", "_hits")

    def __init__(self) -> None:
        self._hits: list[tuple[int, int]] = []
        self._ends: list[int] = []

    def add(self, start: int, end: int, mask: int) -> None:
        self._hits.append((start, mask))
        self._ends.append(end)

    def __call__(self, mask: int, start: int, end: int) -> bool:
        """Whether a word of `mask` stands up to 60 characters before or 30 after."""
        hits = self._hits
        # Words come in the order of their ends.
        for place in range(bisect_left(self._ends, start - BEFORE), len(hits)):
            word = hits[place]
            if word[0] > end + AFTER:
                return False
            if word[1] & mask:
                return True
        return False


BEFORE = 60
AFTER = 30


@dataclass(frozen=True, slots=True, eq=False)
class ChunkRule:
    """Groups of digits as a whole, where a rule must see the run.

    Args:
        least: the number of digits a run must have.
        gap: one of the gaps must be this; "" for any run.
        near: words asked about with the `Near` and the mask that `find` gets.
        find: takes text, groups, gaps between them, the words and their mask.
    """

    entities: tuple[str, ...]
    least: int
    find: Callable[[str, list[tuple[int, int]], list[str], Near, int], Iterable[Hit]]
    gap: str = ""
    near: tuple[str, ...] = ()


Rule = WordRule | TokenRule | NumberRule | ChunkRule


def after(pattern: str, check: Check | None = None, flags: int = re.IGNORECASE) -> Find:
    """The value that `pattern` finds right after the word: its group "v", or all of it."""
    return _finder(pattern, check, flags, at_end=True)


def at(pattern: str, check: Check | None = None, flags: int = 0) -> Find:
    """The value that `pattern` finds from the start of the anchor on."""
    return _finder(pattern, check, flags, at_end=False)


def _finder(pattern: str, check: Check | None, flags: int, at_end: bool) -> Find:
    compiled = re.compile(pattern, flags)
    group = compiled.groupindex.get("v", 0)
    match_at = compiled.match

    def find(text: str, start: int, end: int) -> Found:
        match = match_at(text, end if at_end else start)
        if match is None:
            return None
        low, high = match.span(group)
        if low >= high:
            return None
        if check is not None and not check(text[low:high]):
            return high, high
        return low, high

    find.pattern = compiled  # type: ignore[attr-defined]
    return find


def whole(pattern: str, check: Check | None = None, flags: int = 0) -> Find:
    """The token itself, where `pattern` matches all of it."""
    compiled = re.compile(pattern, flags)
    match_all = compiled.fullmatch

    def find(text: str, start: int, end: int) -> Found:
        if match_all(text, start, end) is None:
            return None
        if check is not None and not check(text[start:end]):
            return None
        return start, end

    find.pattern = compiled  # type: ignore[attr-defined]
    return find


def entities_of(rules: Iterable[Rule]) -> list[str]:
    """The entity types that `rules` can find."""
    names: set[str] = set()
    for rule in rules:
        names |= set(rule.entities) if isinstance(rule, ChunkRule) else {rule.entity}
    return sorted(names)


class Recognizer(EntityRecognizer):
    """A Presidio recognizer over a list of rules; subclasses may override `find`."""

    fuzzy = False
    """True where it judges by likelihood rather than by form, checksum or label."""
    model = False
    """True where a network judges: it is asked once a text, and not by the guard."""

    def __init__(
        self,
        name: str,
        entities: Sequence[str] = (),
        rules: Sequence[Rule] = (),
        language: str = "en",
    ) -> None:
        self.rules = tuple(rules)
        self.title = name
        supported = list(entities) or entities_of(rules)
        super().__init__(supported, name=name, supported_language=language, version="1")

    def load(self) -> None:
        """Nothing to load: patterns are compiled with the module."""

    @cached_property
    def _program(self) -> Program:
        from metier.privacy.recognizers._program import Program

        return Program(self.rules)

    def find(self, view: View) -> Iterable[Hit]:
        """Hits in a normalised text."""
        return self._program.run(view)

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
