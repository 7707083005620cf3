"""Runs many trials of one kind and counts their verdicts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trials.tamper import Trial, one_trial
from trials.town import Town, build


@dataclass(slots=True)
class Tally:
    """How trials came out; `bad` are those that no trial should be."""

    verdicts: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)
    bad: list[tuple[int, Trial]] = field(default_factory=list)

    def add(self, number: int, trial: Trial) -> None:
        self.verdicts[trial.verdict] += 1
        self.kinds[trial.done.kind, trial.verdict] += 1
        if trial.verdict in ("wrong", "crashed"):
            self.bad.append((number, trial))


async def tamper(folder: Path, numbers: Sequence[int], town: Town | None = None) -> Tally:
    """Runs the trials of these numbers in an empty folder."""
    log = logging.getLogger("metier")
    level = log.level
    log.setLevel(logging.CRITICAL)  # refusals are logged, thousands here
    try:
        town = town or await build(folder)
        tally = Tally()
        for number in numbers:
            tally.add(number, await one_trial(number, town, folder))
    finally:
        log.setLevel(level)
    return tally
