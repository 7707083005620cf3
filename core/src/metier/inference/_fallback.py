"""An engine with others to fall back on, each of a target of its own.

This only holds them. Who falls must hide and guard anew by the other target's
rules, which an engine can't; `metier.pipeline` does.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from types import MappingProxyType

from metier.inference._pool import Standing
from metier.model import Engine, EngineRequest, Event, batches_of


class WithFallbacks:
    """The first engine, which the others stand in for where it can't answer.

    Args:
        first: asked first; name, target and bytes are its own.
        fallbacks: in the order in which they are asked.
        adapters: names of LoRA adapters of the first engine, by domain.
    """

    def __init__(
        self,
        first: Engine,
        fallbacks: Sequence[Engine] = (),
        adapters: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._first = first
        self.fallbacks = tuple(fallbacks)
        self.adapters = adapters
        self.name, self.target = first.name, first.target
        self.looks = getattr(first, "looks", True)

    def __repr__(self) -> str:
        return f"WithFallbacks({self._first!r}, {list(self.fallbacks)})"

    @property
    def engines(self) -> tuple[Engine, ...]:
        """All of them, in the order in which they are asked."""
        return (self._first, *self.fallbacks)

    def encode(self, request: EngineRequest) -> bytes:
        """The bytes of the first engine."""
        return self._first.encode(request)

    def send(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Event]:
        """Sends through the first engine."""
        return self._first.send(body, request)

    def batches(self, body: bytes, request: EngineRequest) -> AsyncGenerator[Sequence[Event]]:
        """Sends through the first engine."""
        return batches_of(self._first, body, request)

    async def reach(self) -> None:
        """Sees that the first engine's servers are there.

        Raises:
            MetierError: they aren't.
        """
        ask = getattr(self._first, "reach", None)
        if ask is not None:
            await ask()

    def standing(self) -> tuple[Standing, ...]:
        """How the servers of all of them stand; those of a fallback go by its target's name."""
        own = _standing(self._first)
        others = [(engine.target, each) for engine in self.fallbacks for each in _standing(engine)]
        return (
            *own,
            *(Standing(f"{t}/{each.name}", each.circuit, each.in_flight) for t, each in others),
        )

    async def figures(self) -> Mapping[str, Mapping[str, float]]:
        """As `Pool.figures`; the servers of a fallback go by its target's name."""
        found = dict(await figures_of(self._first))
        for engine in self.fallbacks:
            told = await figures_of(engine)
            found |= {f"{engine.target}/{name}": each for name, each in told.items()}
        return found

    async def close(self) -> None:
        """Closes all of them."""
        for engine in self.engines:
            await engine.close()


def _standing(engine: Engine) -> tuple[Standing, ...]:
    ask = getattr(engine, "standing", None)
    found: tuple[Standing, ...] = ask() if ask is not None else ()
    return found


async def figures_of(engine: Engine) -> Mapping[str, Mapping[str, float]]:
    """What the model servers of an engine tell of their work, by server; nothing, for most."""
    ask = getattr(engine, "figures", None)
    found: Mapping[str, Mapping[str, float]] = await ask() if ask is not None else {}
    return found


def fallbacks_of(engine: Engine) -> tuple[Engine, ...]:
    """What an engine has to fall back on; nothing, for most."""
    found: tuple[Engine, ...] = getattr(engine, "fallbacks", ())
    return found


def adapter_of(engine: Engine, domain: str) -> str | None:
    """The LoRA adapter that an engine has for a domain."""
    adapters: Mapping[str, str] = getattr(engine, "adapters", {})
    return adapters.get(domain)
