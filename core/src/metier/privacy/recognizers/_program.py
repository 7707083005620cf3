"""Runs many rules over a text in one pass for words and one for tokens with digits."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_letters

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from metier.privacy._normalise import View
from metier.privacy.recognizers._rules import (
    ChunkRule,
    Hit,
    Near,
    NumberRule,
    Rule,
    TokenRule,
    WordRule,
)

_DIGIT = re.compile("[0-9]")
_TOKEN = re.compile("(?<![A-Za-z0-9\u00c0-\u024f])[A-Za-z]*+[0-9][A-Za-z0-9]*+(?![\u00c0-\u024f])")
_EXTENDED = re.compile("([0-9]{3,15})[xX][0-9]{1,6}$")
_LETTERS = frozenset(ascii_letters)
_GAPS = frozenset(
    (" ", "-", ".", "/", ")", ") ", ")-", ") - ", " (", "-(", "(", ".(", " - ", "  ", "- ", " -")
)  # fmt: skip
"""What may stand between two groups of one number."""

_MOST_DIGITS = 20
_MOST_GROUPS = 7
"""So many groups may make up a number whose rule names no shapes."""
_MOST_LISTED = 4
"""So many, where more groups stand beside: a list is no number."""
_RIGHT, _INSIDE = "|", "~"


def _bare(word: str) -> str:
    return word.removeprefix(_INSIDE).removesuffix(_RIGHT)


@dataclass(slots=True)
class _Word:
    """What one word sets off."""

    left: bool
    right: bool
    rules: list[tuple[int, WordRule]] = field(default_factory=list)
    mask: int = 0


class Program:
    """Rules, indexed by what sets them off."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        rules = tuple(rules)
        self.rules = rules
        words: dict[str, _Word] = {}
        masks: dict[tuple[str, ...], int] = {}

        def word(text: str) -> _Word:
            if text not in words:
                words[text] = _Word(text[0] in _LETTERS, text[-1] == _RIGHT)
            return words[text]

        def mask(near: tuple[str, ...]) -> int:
            if near and near not in masks:
                masks[near] = 1 << len(masks)
                for text in near:
                    word(text).mask |= masks[near]
            return masks.get(near, 0)

        numeric: dict[int, list[tuple[TokenRule, int]]] = defaultdict(list)
        lettered: dict[int, list[tuple[TokenRule, int]]] = defaultdict(list)
        numbers: dict[int, list[tuple[NumberRule, int]]] = defaultdict(list)
        chunks: list[tuple[ChunkRule, int]] = []
        for place, rule in enumerate(rules):
            if isinstance(rule, WordRule):
                for text in rule.words:
                    word(text).rules.append((place, rule))
            elif isinstance(rule, TokenRule):
                for size in rule.sizes:
                    if rule.first != "A":
                        numeric[size].append((rule, mask(rule.near)))
                    if rule.first != "1":
                        lettered[size].append((rule, mask(rule.near)))
            elif isinstance(rule, NumberRule):
                for size in rule.sizes:
                    numbers[size].append((rule, mask(rule.near)))
            else:
                chunks.append((rule, mask(rule.near)))
        self._numeric = {size: tuple(some) for size, some in numeric.items()}
        self._lettered = {size: tuple(some) for size, some in lettered.items()}
        self._numbers = {size: tuple(some) for size, some in numbers.items()}
        self._chunks = tuple(chunks)
        least = [rule.least for rule, _ in chunks] + list(numbers)
        self._least = min(least, default=_MOST_DIGITS + 1)
        self._index(words)

    def _index(self, words: dict[str, _Word]) -> None:
        by_text: dict[str, list[_Word]] = defaultdict(list)
        for text, entry in words.items():
            by_text[_bare(text)].append(entry)
        self._automaton = (
            AhoCorasick(
                list(by_text), matchkind=MatchKind.Standard, implementation=Implementation.DFA
            )
            if by_text
            else None
        )
        # Without a digit in the text, only the rules whose values need none.
        self._with_digits = [
            [(w.left, w.right, tuple(w.rules), w.mask) for w in some] for some in by_text.values()
        ]
        self._without = [
            [
                (w.left, w.right, tuple((p, r) for p, r in w.rules if not r.digits), 0)
                for w in some
                if any(not r.digits for _, r in w.rules)
            ]
            for some in by_text.values()
        ]

    def run(self, view: View) -> list[Hit]:
        """Every hit of every rule."""
        text = view.text
        found: list[Hit] = []
        near = Near()
        digits = _DIGIT.search(text) is not None
        if self._automaton is not None:
            self._words(view, self._with_digits if digits else self._without, near, found)
        if digits:
            self._digits(text, near, found)
        return found

    def _words(
        self,
        view: View,
        table: list[list[tuple[bool, bool, tuple[tuple[int, WordRule], ...], int]]],
        near: Near,
        found: list[Hit],
    ) -> None:
        assert self._automaton is not None
        text = view.text
        length = len(text)
        reached: dict[int, int] = {}
        for index, start, end in self._automaton.find_matches_as_indexes(
            view.folded, overlapping=True
        ):
            for left, right, rules, mask in table[index]:
                if left and start and text[start - 1] in _LETTERS and not _hump(text, start):
                    continue
                if right and end < length and text[end] in _LETTERS:
                    continue
                if mask:
                    near.add(start, end, mask)
                for place, rule in rules:
                    if reached and start < reached.get(place, 0):
                        continue
                    hit = rule.find(text, start, end)
                    if hit is not None:
                        reached[place] = hit[1]
                        if hit[0] < hit[1]:
                            found.append((hit[0], hit[1], rule.entity, rule.score))

    def _digits(self, text: str, near: Near, found: list[Hit]) -> None:
        numeric, lettered = self._numeric, self._lettered
        groups: list[tuple[int, int]] = []
        gaps: list[str] = []
        total = 0
        least = self._least
        for match in _TOKEN.finditer(text):
            start, end = span = match.span()
            table = numeric if text[start] <= "9" else lettered
            following = text[end : end + 1]
            for rule, mask in table.get(end - start, ()):
                if rule.follow and (not following or following not in rule.follow):
                    continue
                hit = rule.find(text, start, end)
                if hit is None or hit[0] >= hit[1]:
                    continue
                score = rule.score if not mask or near(mask, *hit) else rule.alone
                if score:
                    found.append((hit[0], hit[1], rule.entity, score))
            last = False
            if not text[start:end].isdigit():
                # A number with an extension ("5678x12") ends a run; other tokens break it.
                head = _EXTENDED.match(text, start, end)
                if head is None:
                    if total >= least:
                        self._chunk(text, groups, gaps, total, near, found)
                    groups, gaps, total = [], [], 0
                    continue
                span, last = head.span(1), True
            if groups:
                gap = text[groups[-1][1] : start]
                if gap in _GAPS:
                    gaps.append(gap)
                else:
                    if total >= least:
                        self._chunk(text, groups, gaps, total, near, found)
                    groups, gaps, total = [], [], 0
            groups.append(span)
            total += span[1] - start
            if last:
                if total >= least:
                    self._chunk(text, groups, gaps, total, near, found)
                groups, gaps, total = [], [], 0
        if total >= least:
            self._chunk(text, groups, gaps, total, near, found)

    def _chunk(
        self,
        text: str,
        groups: list[tuple[int, int]],
        gaps: list[str],
        total: int,
        near: Near,
        found: list[Hit],
    ) -> None:
        for chunk, mask in self._chunks:
            if total >= chunk.least and (not chunk.gap or chunk.gap in gaps):
                found += chunk.find(text, groups, gaps, near, mask)
        numbers = self._numbers
        for first, (start, _) in enumerate(groups):
            if first and gaps[first - 1] == ".":
                continue
            size = 0
            shape: tuple[int, ...] = ()
            for last in range(first, len(groups)):
                length = groups[last][1] - groups[last][0]
                size += length
                shape += (length,)
                if size > _MOST_DIGITS:
                    break
                if size in numbers and not (last < len(gaps) and gaps[last] == "."):
                    between = gaps[first:last]
                    cut = len(shape) < len(groups)
                    for rule, mask in numbers[size]:
                        if rule.shapes:
                            if shape not in rule.shapes:
                                continue
                        elif len(shape) > _MOST_GROUPS or (cut and len(shape) > _MOST_LISTED):
                            continue
                        if between and not rule.gaps.issuperset(between):
                            continue
                        end = groups[last][1]
                        score = rule.score if not mask or near(mask, start, end) else rule.alone
                        if score and rule.check(_digits_of(text, groups, first, last)):
                            found.append((start, end, rule.entity, score))


def _digits_of(text: str, groups: list[tuple[int, int]], first: int, last: int) -> str:
    return "".join(text[low:high] for low, high in groups[first : last + 1])


def _hump(text: str, start: int) -> bool:
    """Whether a word begins inside another as in "accessToken"."""
    return text[start].isupper() and text[start - 1].islower()
