"""Decisions are asked for at each turn and never change: each is made once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_T = TypeVar("_T")
_MOST = 4096


class Memory:
    """What was decided, by question; starts anew when it is full."""

    def __init__(self) -> None:
        self._decided: dict[Hashable, Any] = {}

    def once(self, question: Hashable, decide: Callable[[], _T]) -> _T:
        """The decision for a question, made where it has not been."""
        found = self._decided.get(question)
        if found is None:
            if len(self._decided) >= _MOST:
                self._decided.clear()
            found = self._decided[question] = decide()
        decided: _T = found
        return decided
