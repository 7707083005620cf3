"""A map whose copies share what they hold."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from typing import NoReturn, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

_SMALL = 64
_RATIO = 3


def mergeable(older: int, newer: int) -> bool:
    """Whether a layer joins the one before it, by their sizes.

    Layers then grow geometrically: there are few, and what is in one was copied
    few times. Source: O'Neil et al., The Log-Structured Merge-Tree (1996).
    """
    return older <= max(_SMALL, _RATIO * newer)


class Layers(MutableMapping[K, V]):
    """A dict that can be copied in no time, however much it holds; nothing is taken out of it.

    A copy and its origin see nothing of what the other is given afterwards.

    Args:
        first: what it holds from the beginning.
    """

    __slots__ = ("_layers", "_size")

    def __init__(self, first: Mapping[K, V] | None = None) -> None:
        self._layers: tuple[dict[K, V], ...] = (dict(first) if first else {},)
        """The older first; only the last is written to, and never once a copy has it."""
        self._size = len(self._layers[0])

    def copy(self) -> Layers[K, V]:
        """The same in a map of its own."""
        if self._size <= _SMALL:
            return Layers(self._together())
        layers = [layer for layer in self._layers if layer]
        while len(layers) > 1 and mergeable(len(layers[-2]), len(layers[-1])):
            newer = layers.pop()
            layers[-1] = layers[-1] | newer
        self._layers = (*layers, {})
        twin: Layers[K, V] = Layers()
        twin._layers = (*layers, {})
        twin._size = self._size
        return twin

    def __getitem__(self, key: K) -> V:
        for layer in reversed(self._layers):
            if key in layer:
                return layer[key]
        raise KeyError(key)

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, default: V | D, /) -> V | D: ...

    def get(self, key: K, default: V | D | None = None, /) -> V | D | None:
        """The value of `key`, or `default`."""
        for layer in reversed(self._layers):
            if key in layer:
                return layer[key]
        return default

    def __contains__(self, key: object) -> bool:
        return any(key in layer for layer in self._layers)

    def __setitem__(self, key: K, value: V) -> None:
        self._size += key not in self
        self._layers[-1][key] = value

    def __delitem__(self, key: K) -> NoReturn:
        raise TypeError("Nothing is taken out of Layers")

    def __iter__(self) -> Iterator[K]:
        return iter(self._together())

    def items(self) -> ItemsView[K, V]:
        """As of a dict; not a view, but what is there now."""
        return self._together().items()

    def values(self) -> ValuesView[V]:
        """As of a dict; not a view, but what is there now."""
        return self._together().values()

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"Layers({self._size} keys)"

    def _together(self) -> dict[K, V]:
        first, *others = self._layers
        together = dict(first)
        for layer in others:
            together |= layer
        return together
