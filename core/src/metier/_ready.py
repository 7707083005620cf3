"""Whether this process can serve, what keeps it from that, and what it loads before it does.

Nobody needs a key to ask, so a reason is a stable code and says nothing more;
`metier doctor` and the log have the words.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metier._faults import as_error
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.inference import Standing
    from metier.pipeline import Parts

_log = logging.getLogger("metier")
_PATIENCE = 3.0
"""Seconds that a part may take to answer."""
_ROOM = 1 << 20
"""Bytes on the disk of a store of SQLite; with fewer the next turn can't be written."""
_KEEP = 5.0
"""Seconds that an answer of the engine is kept: probes are frequent, and a model server busy."""


async def reach(engine: Any) -> None:
    """Sees that the engine's server is there; an engine that has none is always there.

    Raises:
        MetierError: it is not.
    """
    ask = getattr(engine, "reach", None)
    if ask is not None:
        await ask()


@dataclass(frozen=True, slots=True)
class Ready:
    """Which parts can serve.

    Args:
        parts: by part the code of what is wrong with it, "" where nothing is.
        whole: whether what is needed for serving is there.
    """

    parts: Mapping[str, str]
    whole: bool


class Readiness:
    """Looks at the parts of a running metier: store, keys, index, domains, engine."""

    def __init__(self, app: Metier, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._clock = clock
        self._engine = ("", -_KEEP)

    async def look(self) -> Ready:
        """Looks at all of them at once."""
        names = ("store", "keys", "index", "domains")
        looks = (self._store, self._keys, self._index, self._domains)
        found = await asyncio.gather(*(_code(look()) for look in looks))
        parts = {**dict(zip(names, found, strict=True)), "engine": await self._reached()}
        parts |= self._servers()
        needed = set(names)
        if self._app.settings.server.ready_needs_engine:
            needed.add("engine")
        return Ready(parts, not any(parts[name] for name in needed))

    def _servers(self) -> dict[str, str]:
        """How each of several model servers stands, as far as requests have shown."""
        ask: Callable[[], Sequence[Standing]] = getattr(self._app.parts.engine, "standing", tuple)
        standing = ask()
        if len(standing) < 2:
            return {}
        return {
            f"engine.{each.name}": "" if each.circuit == "closed" else f"circuit_{each.circuit}"
            for each in standing
        }

    async def _store(self) -> None:
        if not self._app.settings.store.url_env:  # a look alone writes nothing, and would work
            free = (await asyncio.to_thread(shutil.disk_usage, self._app.home)).free
            if free < _ROOM:
                raise MetierError("The disk of the home is full.", code="disk_full")
        await self._app.parts.store.subject(self._app.settings.tenant, "readiness")

    async def _keys(self) -> None:
        await asyncio.to_thread(self._app.parts.keyring.store.check)

    async def _index(self) -> None:
        await asyncio.to_thread(lambda: self._app.parts.index().check())

    async def _domains(self) -> None:
        if not self._app.domains():
            raise MetierError("No domain works.", code="no_domain")

    async def _reached(self) -> str:
        code, at = self._engine
        if self._clock() - at >= _KEEP:
            code = await _code(reach(self._app.parts.engine))
            self._engine = (code, self._clock())
        return code


async def _code(look: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(_PATIENCE):
            await look
    except TimeoutError:
        return "timeout"
    except Exception as error:
        return as_error(error).code
    return ""


_FIRST = ("Hello, this is the first message.", "你好，这是第一条消息。")
"""In both languages, so that what each needs is loaded."""


def warm(parts: Parts, tenant: str) -> None:
    """Loads what the first turn of each domain would wait for; see `Metier.warm`.

    Raises:
        MetierError: one of them can't be loaded.
    """
    from metier.knowledge import IndexAway

    there = True
    for domain in sorted(parts.registry.domains):
        detector = parts.detector(domain)
        for text in _FIRST:
            detector.scan(text)
        if not there:
            continue
        try:
            parts.index().search(tenant, domain, list(_FIRST), 1)
        except IndexAway as away:
            there = False
            _log.warning("%s", away.message)
