"""What policy, consent, sealing and audit cost a turn: `python -m benchmarks.turn_cost`.

Every call into them is timed, the outermost only, and summed for each turn; the
time that an audit event waits to be durable counts. Once without fsync at each
commit (durability "wal"), once with it ("commit"), alternating, in one run.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metier import config
from metier.app import Metier, make_keys
from metier.audit import AuditLog
from metier.crypto import Change, Keyring, SubjectRecords
from metier.pipeline import _consent
from metier.pipeline import _prepare as prepare
from metier.policy import PolicySet

TURNS = 200
WARM = 20

PARTS: dict[str, list[tuple[Any, str]]] = {
    "policy": [
        (PolicySet, name)
        for name in ("entity_action", "part", "may_learn", "may_show", "consent", "cross_domain",
                     "retention", "review", "target")
    ],
    "consent": [(_consent, "consents"), (prepare, "consent_in_force"), (prepare, "may_share")],
    "sealing": [
        (SubjectRecords, "open"), (SubjectRecords, "open_all"), (SubjectRecords, "load"),
        (Change, "seal"), (Change, "sealed_roster"), (Keyring, "digest"),
    ],
    "audit": [(AuditLog, "append"), (AuditLog, "entry"), (AuditLog, "genuine")],
}  # fmt: skip


class Clock:
    """Sums the time of the outermost calls."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inside = False

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def waits(*args: Any, **kwargs: Any) -> Any:
                started = time.perf_counter()
                try:
                    return await function(*args, **kwargs)
                finally:
                    self.spent[part] += time.perf_counter() - started

            return waits

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return function(*args, **kwargs)
            self._inside, started = True, time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[part] += time.perf_counter() - started
                self._inside = False

        return call

    def watch(self) -> None:
        for part, places in PARTS.items():
            for owner, name in places:
                raw = inspect.getattr_static(owner, name)
                if isinstance(raw, classmethod):
                    setattr(owner, name, classmethod(self.timed(part, raw.__func__)))
                else:
                    setattr(owner, name, self.timed(part, raw))


async def main() -> None:
    clock = Clock()
    clock.watch()
    with tempfile.TemporaryDirectory() as folder:
        apps: dict[str, Metier] = {}
        for level in ("wal", "commit"):
            home = Path(folder) / level
            home.mkdir()
            make_keys(home)
            settings = config.Settings.model_validate({"embeddings": "none", "durability": level})
            apps[level] = await Metier.open(home, settings).__aenter__()
        found: dict[str, list[dict[str, float]]] = {level: [] for level in apps}
        for turn in range(TURNS + WARM):
            for level, app in apps.items():
                clock.spent.clear()
                started = time.perf_counter()
                message = f"My name is Ada. Please correct: Its a nice day, number {turn % 7}."
                await app.respond(app.request("writing", message, conversation=f"c{turn % 20}"))
                spent = {**clock.spent, "whole turn": time.perf_counter() - started}
                if turn >= WARM:
                    found[level].append(spent)
        for app in apps.values():
            await app.close()
    names = [*PARTS, "together", "whole turn"]
    print(f"{'ms, p50 (p95)':16}" + "".join(f"{name:>18}" for name in names))
    for level, turns in found.items():
        row = f"{level:16}"
        for name in names:
            times = [
                1000 * (sum(t.get(p, 0) for p in PARTS) if name == "together" else t.get(name, 0))
                for t in turns
            ]
            p95 = statistics.quantiles(times, n=20)[18]
            row += f"{f'{statistics.median(times):.3f} ({p95:.3f})':>18}"
        print(row)


if __name__ == "__main__":
    asyncio.run(main())
