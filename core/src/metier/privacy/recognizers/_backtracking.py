"""Finds patterns that can take exponential or high polynomial time, before they are used.

The pattern is read as a Glushkov automaton: one position for each character
it can take, and which positions may follow which. A backtracking matcher takes
exponential time where one position can lead back to itself in two ways over
the same characters (Weber and Seidl, 1991; Weideman et al., 2016), and
polynomial time of degree n where n loops in a row take the same character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_MOST_POSITIONS = 3000
_MOST_PAIRS = 100_000
_MOST_COPIES = 6
"""A repeat up to this count is written out; a longer one is taken for a loop."""

_DEGREE = 3
"""So many loops in a row over one character are too many: the fourth power of the length,
with the loop over places to start from."""

_SAMPLES = "09azAZ_ \t\n-.,:;@/\\+*()[]{}'\"#$%&=é王0"
"""Characters that stand for the classes of characters."""


class _TooLarge(Exception):
    """The pattern has more positions than are looked at."""


@dataclass(slots=True)
class _Part:
    """A piece of the pattern: where it can begin and end, and whether it may be empty."""

    empty: bool
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)


class _Automaton:
    def __init__(self, alphabet: str, flags: int) -> None:
        self.alphabet = alphabet
        self.flags = flags
        self.takes: list[int] = []  # bit n: the position takes alphabet[n]
        self.follow: list[set[int]] = []
        self.doubled: set[tuple[int, int]] = set()  # reached in two ways at once
        self.possessive: set[int] = set()  # loops that give nothing back

    def position(self, taken: Iterable[bool]) -> _Part:
        if len(self.takes) >= _MOST_POSITIONS:
            raise _TooLarge
        self.takes.append(sum(1 << n for n, yes in enumerate(taken) if yes))
        self.follow.append(set())
        here = [len(self.takes) - 1]
        return _Part(False, here, list(here))

    def link(self, last: Sequence[int], first: Sequence[int]) -> None:
        for one in last:
            for other in first:
                if one in self.possessive and not self.takes[other] & ~self.takes[one]:
                    continue  # the loop would have taken it
                if other in self.follow[one]:
                    self.doubled.add((one, other))
                self.follow[one].add(other)

    def chain(self, parts: Iterable[_Part]) -> _Part:
        """Parts one after the other."""
        whole = _Part(True)
        for part in parts:
            self.link(whole.last, part.first)
            if whole.empty:
                whole.first = whole.first + part.first
            whole.last = (whole.last if part.empty else []) + part.last
            whole.empty = whole.empty and part.empty
        return whole

    def read(self, nodes: Any) -> _Part:
        return self.chain(self.node(str(kind), value) for kind, value in nodes)

    def node(self, kind: str, value: Any) -> _Part:
        match kind:
            case "LITERAL" | "NOT_LITERAL" | "IN" | "ANY" | "RANGE" | "CATEGORY":
                return self.position(self._taken(kind, value, c) for c in self.alphabet)
            case "BRANCH":
                parts = [self.read(branch) for branch in value[1]]
                return _Part(
                    any(p.empty for p in parts),
                    [f for p in parts for f in p.first],
                    [x for p in parts for x in p.last],
                )
            case "SUBPATTERN":
                return self.read(value[-1])
            case "ATOMIC_GROUP":
                return self.read(value)
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self._repeat(*value)
            case "POSSESSIVE_REPEAT":
                before = len(self.takes)
                part = self._repeat(*value)
                if len(self.takes) == before + 1:
                    self.possessive.add(before)
                return part
            case "ASSERT" | "ASSERT_NOT":
                self.read(value[1])
                return _Part(True)
            case "GROUPREF":
                return self.position(True for _ in self.alphabet)
            case "GROUPREF_EXISTS":
                yes = self.read(value[1])
                no = self.read(value[2]) if value[2] else _Part(True)
                return _Part(yes.empty or no.empty, yes.first + no.first, yes.last + no.last)
            case _:  # anchors take nothing
                return _Part(True)

    def _repeat(self, least: int, most: int, body: Any) -> _Part:
        if most <= _MOST_COPIES:
            # X{1,3} is X(X(X)?)?: one way for each count.
            rest = _Part(True)
            for count in range(most, 0, -1):
                part = self.chain((self.read(body), rest))
                rest = _Part(part.empty or count > least, part.first, part.last)
            return rest
        part = self.read(body)
        self.link(part.last, part.first)
        return _Part(part.empty or least == 0, part.first, part.last)

    def _taken(self, kind: str, value: Any, character: str) -> bool:
        code = ord(character)
        match kind:
            case "LITERAL":
                return self._same(character, value)
            case "NOT_LITERAL":
                return not self._same(character, value)
            case "ANY":
                return character != "\n" or bool(self.flags & re.DOTALL)
            case "RANGE":
                low, high = value
                if low <= code <= high:
                    return True
                swapped = ord(character.swapcase()) if len(character.swapcase()) == 1 else code
                return bool(self.flags & re.IGNORECASE) and low <= swapped <= high
            case "CATEGORY":
                return _in_category(str(value), character)
            case _:
                items = [(str(k), v) for k, v in value]
                negated = bool(items) and items[0][0] == "NEGATE"
                taken = any(self._taken(k, v, character) for k, v in items if k != "NEGATE")
                return taken != negated

    def _same(self, character: str, code: int) -> bool:
        if self.flags & re.IGNORECASE:
            return character.casefold() == chr(code).casefold()
        return ord(character) == code


def _in_category(name: str, character: str) -> bool:
    test = (
        character.isdigit()
        if "DIGIT" in name
        else character.isspace()
        if "SPACE" in name
        else character.isalnum() or character == "_"
    )
    return test != ("NOT_" in name)


_MOST_FOREIGN = 16


def _literals(nodes: Any) -> set[str]:
    """The characters a pattern names; of many beyond ASCII, some."""
    found: set[str] = set()
    stack = [nodes]
    while stack:
        item = stack.pop()
        if (
            isinstance(item, tuple)
            and len(item) == 2
            and str(item[0]) in ("LITERAL", "NOT_LITERAL")
        ):
            found.add(chr(item[1]))
        elif isinstance(item, tuple) and len(item) == 2 and str(item[0]) == "RANGE":
            low, high = item[1]
            found |= {chr(low), chr(high)}
        elif isinstance(item, tuple | list | _parser.SubPattern):
            stack += list(item)
    foreign = sorted(c for c in found if not c.isascii())
    step = max(1, len(foreign) // _MOST_FOREIGN)
    return {c for c in found if c.isascii()} | set(foreign[::step])


def _components(count: int, edges: Sequence[Iterable[int]]) -> list[int]:
    """The strongly connected component of each node (Tarjan, without recursion)."""
    index = [-1] * count
    low = [0] * count
    component = [-1] * count
    stack: list[int] = []
    counter = components = 0
    for root in range(count):
        if index[root] >= 0:
            continue
        work = [(root, iter(edges[root]))]
        index[root] = low[root] = counter
        counter += 1
        stack.append(root)
        while work:
            node, following = work[-1]
            advanced = False
            for other in following:
                if index[other] < 0:
                    index[other] = low[other] = counter
                    counter += 1
                    stack.append(other)
                    work.append((other, iter(edges[other])))
                    advanced = True
                    break
                if component[other] < 0:
                    low[node] = min(low[node], index[other])
            if advanced:
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                while True:
                    other = stack.pop()
                    component[other] = components
                    if other == node:
                        break
                components += 1
    return component


def _exponential(automaton: _Automaton) -> bool:
    """Whether some position leads back to itself in two ways over the same characters."""
    takes, follow = automaton.takes, automaton.follow
    count = len(takes)
    component = _components(count, follow)
    if any(component[a] == component[b] for a, b in automaton.doubled):
        return True
    # Two walks at once: a pair of positions is a node, and starts from a pair alike.
    nodes: dict[tuple[int, int], int] = {}
    edges: list[list[int]] = []
    todo = [(p, p) for p in range(count)]
    for pair in todo:
        nodes[pair] = len(edges)
        edges.append([])
    while todo:
        pair = todo.pop()
        for one in follow[pair[0]]:
            if component[one] != component[pair[0]]:
                continue
            for other in follow[pair[1]]:
                if component[other] != component[pair[1]] or not takes[one] & takes[other]:
                    continue
                after = (one, other)
                if after not in nodes:
                    if len(nodes) > _MOST_PAIRS:
                        raise _TooLarge
                    nodes[after] = len(edges)
                    edges.append([])
                    todo.append(after)
                edges[nodes[pair]].append(nodes[after])
    joint = _components(len(edges), edges)
    alike = {joint[node] for pair, node in nodes.items() if pair[0] == pair[1]}
    return any(joint[node] in alike for pair, node in nodes.items() if pair[0] != pair[1])


def _degree(automaton: _Automaton) -> int:
    """The most loops in a row that take one and the same character."""
    count = len(automaton.takes)
    worst = 0
    groups = {
        tuple(p for p in range(count) if automaton.takes[p] >> bit & 1)
        for bit in range(len(automaton.alphabet))
    }
    for taking in groups:  # characters that the same positions take are alike
        inside = set(taking)
        edges: list[Iterable[int]] = [
            automaton.follow[p] & inside if p in inside else () for p in range(count)
        ]
        component = _components(count, edges)
        loops = {component[p] for p in taking for q in edges[p] if component[p] == component[q]}
        # Tarjan numbers components from the last one on: what follows has a lower number.
        longest: dict[int, int] = {}
        for p in sorted(taking, key=lambda p: component[p]):
            here = component[p]
            below = max(
                (longest[component[q]] for q in edges[p] if component[q] != here), default=0
            )
            longest[here] = max(longest.get(here, 0), below + (here in loops))
        worst = max(worst, *longest.values(), 0)
    return worst


def _repeats(nodes: Any) -> bool:
    """Whether anything is repeated at all."""
    stack = [nodes]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple) and item and str(item[0]).endswith("_REPEAT"):
            return True
        if isinstance(item, tuple | list | _parser.SubPattern):
            stack += list(item)
    return False


@lru_cache(1024)
def backtracking(pattern: str, flags: int = 0) -> str | None:
    """Why `pattern` (in the syntax of `re`) must not be used, or None where it may.

    Raises:
        re.error: it is no pattern.
    """
    parsed = _parser.parse(pattern, flags)
    flags |= parsed.state.flags
    if not _repeats(parsed):
        return None  # however long, such as a list of a thousand words
    alphabet = "".join(sorted(set(_SAMPLES) | _literals(parsed)))
    automaton = _Automaton(alphabet, flags)
    try:
        automaton.read(parsed)
        if _exponential(automaton):
            return (
                "a repeated part can match the same text in two ways, which takes exponential "
                "time; make what is inside the repeat begin with something that cannot end it"
            )
        if _degree(automaton) >= _DEGREE:
            return (
                f"{_DEGREE} or more repeats in a row can take the same characters; put something "
                "fixed between them or give them other characters"
            )
    except _TooLarge:
        return "it is too large to be checked; split it or shorten its counted repeats"
    return None
