"""Suites that the core brings itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metier import config
from metier.evaluation._encoder import lacks_encoder
from metier.evaluation._report import Measured, report
from metier.model import BadRequest


@dataclass(frozen=True, slots=True)
class Options:
    """What a core suite is run with.

    Attributes:
        data: where public sets lie; None for the suite's own choice.
        limit: at most so many texts of each set.
        compare: run other software beside where it is installed.
    """

    data: Path | None = None
    limit: int | None = None
    compare: bool = True


@dataclass(frozen=True, slots=True)
class CoreSuite:
    """A suite of the core.

    Attributes:
        encoder: whether it measures with the home's embedding model, where one is built.
    """

    name: str
    description: str
    run: Callable[[Options], Measured]
    encoder: bool = True

    def lacks(self) -> str:
        """What it runs without, and the mend; "" where nothing is lacking.

        Raises:
            MetierError: the settings of the home can't be used.
        """
        return lacks_encoder(config.home()) if self.encoder else ""


def _privacy(options: Options) -> Measured:
    from metier.evaluation.privacy import measure

    return measure(options.data, options.limit, options.compare)


def _memory(options: Options) -> Measured:
    from metier.evaluation.memory import measure

    return measure(options.data, options.limit)


def _profile(options: Options) -> Measured:
    from metier.evaluation.profile import measure

    return measure(options.data, options.limit)


def _personalization(options: Options) -> Measured:
    from metier.evaluation.personalization import measure

    return measure(options.data, options.limit, options.compare)


def _text(options: Options) -> Measured:
    from metier.evaluation._scratch import in_scratch
    from metier.evaluation.text import measure

    return in_scratch(measure, options)


def _fairness(options: Options) -> Measured:
    from metier.evaluation._scratch import in_scratch
    from metier.evaluation.fairness import measure

    return in_scratch(measure, options)


_SUITES = (
    CoreSuite(
        "privacy", "What the detector finds, misses and flags, and how fast.", _privacy, False
    ),
    CoreSuite("memory", "Whether what was said before is found when it is asked for.", _memory),
    CoreSuite("profile", "What is believed of a person, and is at hand when it matters.", _profile),
    CoreSuite(
        "personalization",
        "What a group gives a new person, and what privacy costs.",
        _personalization,
        False,
    ),
    CoreSuite("text", "What answers are like: accuracy, fluency, diversity, sources.", _text),
    CoreSuite("fairness", "Whether swapping a protected attribute changes an answer.", _fairness),
)


def core_suites() -> dict[str, CoreSuite]:
    """The core's own suites by name."""
    return {suite.name: suite for suite in _SUITES}


def run_core_suite(name: str, options: Options) -> dict[str, Any]:
    """Runs one of the core's suites.

    Returns: see `report`.

    Raises:
        BadRequest: there is no such suite, or the data is not there or broken.
    """
    known = core_suites()
    if name not in known:
        there = ", ".join(sorted(known))
        raise BadRequest(f"There is no core suite of that name. Known: {there}.", status=404)
    started = time.perf_counter()
    suite = known[name]
    measured = suite.run(options)
    return report(name, measured, started, not suite.lacks() if suite.encoder else None)
