"""Builds a plan from segments in any order."""

from __future__ import annotations

from collections.abc import Iterable

from metier.model import Plan, Segment, Tool


def build_plan(segments: Iterable[Segment], tools: Iterable[Tool] = ()) -> Plan:
    """Orders `segments` by volatility, most stable first.

    The sort is stable: segments of one volatility keep the order they came in,
    so passages keep their rank and messages their sequence. Tools keep their
    order. Pure and deterministic.

    Args:
        segments: the contributions of the core and the plugins.
        tools: what the engine may call.

    Example:
        >>> from metier.model import Role, Volatility
        >>> plan = build_plan([
        ...     Segment("Hello", "client", Volatility.MESSAGE, Role.USER),
        ...     Segment("You teach mathematics.", "education", Volatility.DOMAIN),
        ... ])
        >>> [segment.owner for segment in plan.segments]
        ['education', 'client']
    """
    return Plan(tuple(sorted(segments, key=lambda s: s.volatility)), tuple(tools))
