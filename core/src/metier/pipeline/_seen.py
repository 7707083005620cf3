"""What a turn was like, without content, for whoever counts and times turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from metier.model import HookFailure, Usage


@dataclass(frozen=True, slots=True)
class CallSeen:
    """One call of the engine. Names are the operator's; counts and seconds are the rest."""

    engine: str
    model: str
    seconds: float
    usage: Usage
    error: str = ""


@dataclass(frozen=True, slots=True)
class TurnSeen:
    """A turn when it has ended, without content: what `Parts.watch` is called with.

    Args:
        domain: its name; "?" for one that is not installed.
        outcome: "answered", "stopped" by screening, "failed", "aborted" by the client.
        error: the code of an error, or its type; "" where there was none.
        seconds: from its admission to its end.
        stages: seconds by stage.
        calls: of the engine; several where it called tools.
        failures: hooks that failed.
    """

    domain: str
    outcome: str
    error: str
    seconds: float
    stages: Mapping[str, float]
    calls: tuple[CallSeen, ...] = ()
    failures: tuple[HookFailure, ...] = ()


Watch = Callable[[TurnSeen], None]
"""Is told of each turn that has ended; must be quick and not raise."""
