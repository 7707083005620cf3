"""Known persons, found by the parts of their names and not by comparing with everybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import combinations, product

from metier.privacy._layers import Layers
from metier.privacy._persons import Name, same_person

_Mark = tuple[str, ...]
"""A kind, and parts of a name or what stands for them."""


class People:
    """The names that each person goes by.

    Whom a name can belong to, `same_person` says; it is only asked about those
    who have a mark in common with the name. A copy shares what it holds.
    """

    def __init__(self) -> None:
        self._names: Layers[str, tuple[Name, ...]] = Layers()
        self._marked: Layers[_Mark, tuple[str, ...]] = Layers()

    def copy(self) -> People:
        """The same people, to whom others can be added."""
        twin = People()
        twin._names, twin._marked = self._names.copy(), self._marked.copy()
        return twin

    def add(self, who: str, name: Name) -> None:
        """One more name of a person."""
        self._names[who] = (*self._names.get(who, ()), name)
        for mark in set(_given(name)):
            self._marked[mark] = (*self._marked.get(mark, ()), who)

    def near(self, name: Name) -> dict[str, tuple[Name, ...]]:
        """All that `name` can belong to, and some more, with their names."""
        if not self._names:
            return {}
        marked = (who for mark in set(_asked(name)) for who in self._marked.get(mark, ()))
        return {who: self._names[who] for who in marked}

    def owner(self, name: Name, coming: Coming) -> str | None:
        """`same_person` of all these people."""
        near = self.near(name)
        rivals = coming.near(near.values()) if near and name.full else ()
        return same_person(name, near, rivals)


class Coming:
    """Names that are new together."""

    def __init__(self, names: Iterable[Name]) -> None:
        self._names = tuple(dict.fromkeys(names))

    @cached_property
    def _people(self) -> People:
        people = People()
        for place, name in enumerate(self._names):
            people.add(str(place), name)
        return people

    def near(self, persons: Iterable[Iterable[Name]]) -> list[Name]:
        """Those that can belong to one of these persons, and some more."""
        asked = dict.fromkeys(name for names in persons for name in names)
        places = {place for name in asked for place in self._people.near(name)}
        return [self._names[int(place)] for place in places]


def _given(name: Name) -> Iterator[_Mark]:
    """What a person is found by who goes by `name`. See `_asked`."""
    parts = name.parts
    for head in {head for part in parts for head in _heads(part)}:
        yield "part", head
        if len(parts) == 1:
            yield "alone", head
    if len(parts) > 1:
        for one, other in combinations(parts, 2):
            yield from (("within", *pair) for pair in product(_held(one), _held(other)))
        yield from (("ends", *pair) for pair in product(_held(parts[0]), _held(parts[-1])))
    for surname, given in name.split:
        yield "surname", surname
        yield "given", given
        yield "split", surname, given


def _asked(name: Name) -> Iterator[_Mark]:
    """The marks of which a person has one whose name fits `name` and shares a part with it.

    What `compatible` asks for: the first and the last part of the shorter name
    fit two parts of the longer, in order; a name of one part is in the other.
    Of Chinese names the surname or the given name is the same, and the other
    the same or missing.
    """
    parts = name.parts
    kind = "part" if len(parts) == 1 else "alone"
    yield from ((kind, head) for part in parts for head in _heads(part))
    if len(parts) > 1:
        for one, other in combinations(parts, 2):
            yield from (("ends", *pair) for pair in product(_wanted(one), _wanted(other)))
        yield from (("within", *pair) for pair in product(_wanted(parts[0]), _wanted(parts[-1])))
    for surname, given in name.split:
        if surname and given:
            yield "split", surname, given
            yield "split", surname, ""
            yield "split", "", given
        elif surname:
            yield "surname", surname
        else:
            yield "given", given


def _heads(part: str) -> set[str]:
    """Two parts that are the same, or one half of the other, have one of these in common."""
    return {part, part.rpartition(" ")[2], *part.split("-")}


def _held(part: str) -> set[str]:
    """A part has one of these in common with the `_wanted` of each part that fits it."""
    return {*_heads(part), f"{part[:1]}."}


def _wanted(part: str) -> set[str]:
    initial = {f"{part}."} if len(part) == 1 else set()
    return {*_heads(part), part[:1], *initial}
