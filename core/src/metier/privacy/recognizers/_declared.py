"""Recognizers that a plugin or a policy declares: lists of terms, and patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import regex  # type: ignore[import-untyped]
from ahocorasick_rs import AhoCorasick, MatchKind

from metier.model import BadRequest
from metier.privacy._limits import PATTERN_SECONDS
from metier.privacy._normalise import View, normalise
from metier.privacy.recognizers._backtracking import backtracking
from metier.privacy.recognizers._rules import AFTER, BEFORE, LATIN, Hit, Recognizer

__all__ = ["DeclaredPattern", "DictionaryRecognizer", "backtracking"]

_ENTITY = re.compile("[A-Z][A-Z0-9_]{0,31}")
_EDGE = re.compile(f"[{LATIN}0-9_]")
_SHORTEST = 2


def _refused(what: str, why: str) -> BadRequest:
    return BadRequest(f"{what} cannot be used: {why}", code="recognizer_refused")


def _read(value: str) -> str:
    """A value as it is compared: normalised, folded, single spaces."""
    return " ".join(normalise(value).folded.split())


def _needle(term: str, match_case: bool) -> str:
    view = normalise(term)
    if match_case:
        return view.text.strip()
    # The common case, without the cost of the exact one; a million terms feel it.
    return (view.text.lower() if view.text.isascii() else view.folded).strip()


class _Declared(Recognizer):
    """What declared recognizers share: context words and an allow list."""

    def __init__(
        self,
        entity: str,
        name: str,
        score: float,
        context: Iterable[str],
        allow: Iterable[str],
        language: str,
    ) -> None:
        if not _ENTITY.fullmatch(entity):
            raise _refused(
                f"The recognizer {name}",
                "its entity type must be capitals, digits and underscores, at most 32",
            )
        if not 0 < score <= 1:
            raise _refused(f"The recognizer {name}", "its score must lie between 0 and 1")
        self.entity = entity
        self.score = score
        self._words = tuple(_read(word) for word in context)
        self._allow = frozenset(_read(value) for value in allow)
        super().__init__(name, [entity], language=language)

    def _kept(self, view: View, start: int, end: int) -> bool:
        """Whether the context asked for is there and the value isn't on the allow list."""
        if self._allow and _read(view.text[start:end]) in self._allow:
            return False
        if not self._words:
            return True
        near = view.folded[max(0, start - BEFORE) : end + AFTER]
        return any(word in near for word in self._words)


class DictionaryRecognizer(_Declared):
    """Finds the terms of a list, all of them in one pass (Aho-Corasick).

    A term is found where no letter, digit or underscore of a Latin word goes
    on at its edges; next to Han characters it is found anywhere. Spelling is
    compared as a person reads it (full width, look-alikes, escapes).

    Args:
        entity: the entity type of every term.
        terms: at least two characters each; a million load in seconds.
        name: for errors and logs.
        score: 0 to 1.
        match_case: tell "May" from "may".
        context: one of these words must be near (60 characters before, 30
            after); empty for none.
        allow: values that are never flagged.
        language: "en" or "zh"; for Presidio's registry only.

    Raises:
        BadRequest: no terms, or one too short.

    Example:
        >>> projects = DictionaryRecognizer("PROJECT", ["Blue Heron"])
        >>> [hit[:3] for hit in projects.find(View("the blue heron"))]
        [(4, 14, 'PROJECT')]
    """

    def __init__(
        self,
        entity: str,
        terms: Iterable[str],
        *,
        name: str = "dictionary",
        score: float = 0.85,
        match_case: bool = False,
        context: Iterable[str] = (),
        allow: Iterable[str] = (),
        language: str = "en",
    ) -> None:
        super().__init__(entity, name, score, context, allow, language)
        self._match_case = match_case
        needles = {_needle(term, match_case) for term in terms}
        if not needles or min(map(len, needles)) < _SHORTEST:
            raise _refused(
                f"The dictionary {name}", f"it needs terms of at least {_SHORTEST} characters each"
            )
        self._count = len(needles)
        self._automaton = AhoCorasick(needles, matchkind=MatchKind.Standard, store_patterns=False)

    def __len__(self) -> int:
        return self._count

    def find(self, view: View) -> Iterable[Hit]:
        """Every term in `view`; of terms inside each other, the longest."""
        text = view.text
        places = self._automaton.find_matches_as_indexes(
            text if self._match_case else view.folded, overlapping=True
        )
        reached = -1
        # The longest from each place on, and nothing that lies inside it.
        for _, start, end in sorted(places, key=lambda place: (place[1], -place[2])):
            if end <= reached or not _whole(text, start, end):
                continue
            if self._kept(view, start, end):
                reached = end
                yield start, end, self.entity, self.score


def _whole(text: str, start: int, end: int) -> bool:
    """Whether no Latin word goes on at the edges of this stretch."""
    if start and _EDGE.match(text, start - 1) and _EDGE.match(text, start):
        return False
    return not (end < len(text) and _EDGE.match(text, end) and _EDGE.match(text, end - 1))


class DeclaredPattern(_Declared):
    """Finds what a regular expression describes.

    The expression is in the syntax of Python's `re`; where it has a group "v",
    that is the value. It is checked when it is declared: one that can take
    exponential or high polynomial time is refused. At work it also has a time
    limit, and running out of time stops the turn.

    Args:
        entity: the entity type.
        pattern: the expression.
        name: for errors and logs.
        score: 0 to 1.
        ignore_case: as it says.
        context: one of these words must be near; empty for none.
        allow: values that are never flagged.
        check: takes the value; False drops it (a check digit).
        language: "en" or "zh"; for Presidio's registry only.

    Raises:
        BadRequest: the expression is none, can match nothing at all, or is
            refused; the message says why.

    Example:
        >>> DeclaredPattern("EMPLOYEE_ID", r"EMP-[0-9]{6}", context=["employee", "staff"])
    """

    def __init__(
        self,
        entity: str,
        pattern: str,
        *,
        name: str = "pattern",
        score: float = 0.8,
        ignore_case: bool = False,
        context: Iterable[str] = (),
        allow: Iterable[str] = (),
        check: Callable[[str], bool] | None = None,
        language: str = "en",
    ) -> None:
        super().__init__(entity, name, score, context, allow, language)
        flags = re.IGNORECASE if ignore_case else 0
        try:
            empty = re.compile(pattern, flags).fullmatch("") is not None
            why = "it matches the empty text" if empty else backtracking(pattern, flags)
            if why is None:
                self._compiled = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
        except (re.error, regex.error) as error:
            raise _refused(
                f"The pattern {name}", f"it is no regular expression ({error})"
            ) from None
        if why is not None:
            raise _refused(f"The pattern {name}", why)
        self._check = check
        self._group: str | int = "v" if "v" in self._compiled.groupindex else 0

    def find(self, view: View) -> Iterable[Hit]:
        """Every match in `view`.

        Raises:
            TimeoutError: the pattern ran out of time.
        """
        for match in self._compiled.finditer(view.text, timeout=PATTERN_SECONDS):
            start, end = match.span(self._group)
            if start >= end or (self._check is not None and not self._check(view.text[start:end])):
                continue
            if self._kept(view, start, end):
                yield start, end, self.entity, self.score


_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)([^}]*)\}|([A-Za-z]))")
_LETTERS = "A-Za-z\u00c0-\u024f\u4e00-\u9fff"
_PROPERTIES = {
    "n": "0-9", "nd": "0-9", "lu": "A-Z", "ll": "a-z\u00df-\u00ff", "l": _LETTERS,
    "latin": "A-Za-z\u00c0-\u024f", "han": "\u4e00-\u9fff", "p": "!-/:-@\\[-`{-~\u3001-\u3011",
    "z": r"\s", "zs": r"\s", "m": "\u0300-\u036f",
}  # fmt: skip
"""Classes of the `regex` module in the syntax of `re`, as near as the check needs them."""


def _for_check(pattern: str) -> str:
    """A pattern of the `regex` module in the syntax of `re`, Unicode classes written out."""
    written: list[str] = []
    at = depth = 0
    while at < len(pattern):
        found = _PROPERTY.match(pattern, at)
        if found:
            name = (found[3] or found[4]).casefold().removeprefix("script=")
            inside = _PROPERTIES.get(name, r"\w")
            negated = (found[1] == "P") != bool(found[2])
            if depth:
                written.append(r"\s\S" if negated else inside)
            else:
                written.append(f"[{'^' * negated}{inside}]")
            at = found.end()
            continue
        if pattern[at] == "\\":
            written.append(pattern[at : at + 2])
            at += 2
            continue
        depth += {"[": not depth, "]": -bool(depth)}.get(pattern[at], 0)
        written.append(pattern[at])
        at += 1
    return "".join(written)


def unsafe_patterns(recognizers: Iterable[object]) -> list[str]:
    """Why patterns of recognizers that a plugin brings must not be used; empty if none.

    Looks at Presidio's patterns, at our rules, and at every compiled pattern
    that a recognizer holds. One that even so cannot be read is left to the
    time limit, which stops the turn.

    Args:
        recognizers: of any kind.

    Returns:
        For each pattern its recognizer, its name, and the reason.
    """
    reasons = []
    for recognizer in recognizers:
        for name, pattern, flags in _patterns(recognizer):
            try:
                why = backtracking(_for_check(pattern), flags & _CHECKED_FLAGS)
            except (re.error, OverflowError):
                continue
            if why is not None:
                reasons.append(f"{getattr(recognizer, 'name', 'a recognizer')}: {name}: {why}")
    return reasons


_CHECKED_FLAGS = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE


def _patterns(recognizer: object) -> Iterator[tuple[str, str, int]]:
    """Name, expression and flags of every pattern in reach."""
    flags = getattr(recognizer, "global_regex_flags", 0) or 0
    for pattern in getattr(recognizer, "patterns", None) or ():
        yield str(pattern.name), str(pattern.regex), flags
    for rule in getattr(recognizer, "rules", None) or ():
        compiled = getattr(getattr(rule, "find", None), "pattern", None)
        if isinstance(compiled, re.Pattern | regex.Pattern):
            yield str(getattr(rule, "name", "rule")), compiled.pattern, compiled.flags
    for name, value in getattr(recognizer, "__dict__", {}).items():
        if isinstance(value, re.Pattern | regex.Pattern) and isinstance(value.pattern, str):
            yield name, value.pattern, value.flags
