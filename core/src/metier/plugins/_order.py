"""The order that manifests declare with `before` and `after`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metier.model import Manifest

_Edges = Mapping[tuple[str, str], frozenset[str]]
"""(earlier, later) and the plugins that declare it."""


def order(manifests: Sequence[Manifest]) -> list[str]:
    """Plugin names in calling order: as declared, and by name where nothing is declared.

    There must be no circle.
    """
    edges = _edges(manifests)
    waiting = sorted(m.name for m in manifests)
    result: list[str] = []
    while waiting:
        ready = next(
            name
            for name in waiting
            if not any(later == name and earlier in waiting for earlier, later in edges)
        )
        waiting.remove(ready)
        result.append(ready)
    return result


def circles(manifests: Sequence[Manifest]) -> dict[str, list[str]]:
    """The plugins that declare a part of a circle, each with the names in its circle."""
    edges = _edges(manifests)
    reached = {m.name: _reachable(edges, m.name) for m in manifests}
    found: dict[str, list[str]] = {}
    for (earlier, later), declarers in edges.items():
        if earlier in reached[later]:
            circle = sorted(n for n in reached[later] if later in reached[n])
            found.update(dict.fromkeys(declarers, circle))
    return found


def _edges(manifests: Sequence[Manifest]) -> _Edges:
    names = {m.name for m in manifests}
    edges: dict[tuple[str, str], frozenset[str]] = {}
    for manifest in manifests:
        declared = [(other, manifest.name) for other in manifest.after]
        declared += [(manifest.name, other) for other in manifest.before]
        for edge in declared:
            if names.issuperset(edge):
                edges[edge] = edges.get(edge, frozenset()) | {manifest.name}
    return edges


def _reachable(edges: _Edges, start: str) -> frozenset[str]:
    """What comes later than `start`; `start` itself only through a circle."""
    seen: set[str] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        for earlier, later in edges:
            if earlier == here and later not in seen:
                seen.add(later)
                ahead.append(later)
    return frozenset(seen)
