"""`metier eval profile`: the cases, PrefEval, and what does as well without a profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from metier.evaluation._encoder import home_encoder
from metier.evaluation.privacy._intervals import share
from metier.evaluation.profile._blind import by_pattern
from metier.evaluation.profile._cases import KINDS, Case, cases
from metier.evaluation.profile._path import Outcome, follow
from metier.evaluation.profile._prefeval import read_prefeval
from metier.evaluation.profile._stated import prefeval_marks
from metier.model import Fact, Mark, Provenance, Turn

_ACCURACY = 0.95


def measure(data: Path | None = None, limit: int | None = None) -> tuple[str, int, dict[str, Mark]]:
    """Runs the suite.

    Args:
        data: the folder that holds `memory/`; None for `shared/data` beside the working
            directory, or else the shipped sample.
        limit: at most so many cases of each kind and half, and preferences of each topic.

    Returns: the sets' names, the number of cases and preferences, and the marks.

    Raises:
        BadRequest: see `read_prefeval`.
    """
    chosen = _limited(cases(), limit)
    found = case_marks([follow(case) for case in chosen])
    found |= _baselines(chosen)
    sets = read_prefeval(data or _default(), limit)
    found |= prefeval_marks(sets, home_encoder())
    count = len(chosen) + sum(len(each) for each in sets.forms.values())
    return f"cases, {sets.name}", count, found


def _default() -> Path | None:
    for folder in (Path.cwd(), Path.cwd().parent):
        if (folder / "shared" / "data" / "memory" / "prefeval").is_dir():
            return folder / "shared" / "data"
    return None


def _limited(given: Sequence[Case], limit: int | None) -> list[Case]:
    taken: dict[tuple[str, bool], int] = {}
    kept: list[Case] = []
    for case in given:
        key = case.kind, case.unseen
        taken[key] = taken.get(key, 0) + 1
        if limit is None or taken[key] <= limit:
            kept.append(case)
    return kept


def case_marks(outcomes: Sequence[Outcome]) -> dict[str, Mark]:
    """Accuracy in all, by half, kind and language; and the facts found where there are none."""

    def accuracy(chosen: Callable[[Case], bool], target: float | None = None) -> Mark:
        return share([o.right for o in outcomes if chosen(o.case)], target)

    found = {
        "cases.accuracy": accuracy(lambda c: True, _ACCURACY),
        "cases.unseen.accuracy": accuracy(lambda c: c.unseen, _ACCURACY),
        "cases.dev.accuracy": accuracy(lambda c: not c.unseen),
    }
    for lang in ("en", "zh"):
        found[f"cases.{lang}.accuracy"] = accuracy(lambda c, x=lang: c.lang == x)  # type: ignore[misc]
    for kind in KINDS:
        found[f"cases.{kind}.accuracy"] = accuracy(lambda c, x=kind: c.kind == x)  # type: ignore[misc]
    for kind in KINDS:
        found[f"cases.unseen.{kind}.accuracy"] = accuracy(
            lambda c, x=kind: c.kind == x and c.unseen  # type: ignore[misc]
        )
    silent = [o for o in outcomes if o.case.kind == "documents" and o.case.none]
    found["documents.facts"] = Mark(float(sum(o.extracted for o in silent)), target=0.0)
    return found


def _baselines(chosen: Sequence[Case]) -> dict[str, Mark]:
    """The cases with an extractor that finds nothing, and with one plain pattern."""
    nothing = [follow(case, _nothing) for case in chosen]
    pattern = [follow(case, _pattern) for case in chosen]
    return {
        "baseline.nothing.cases.accuracy": share([o.right for o in nothing]),
        "baseline.regex.cases.accuracy": share([o.right for o in pattern]),
        "baseline.regex.documents.facts": Mark(
            float(sum(o.extracted for o in pattern if o.case.kind == "documents" and o.case.none))
        ),
    }


def _nothing(_: Turn) -> tuple[Fact, ...]:
    return ()


def _pattern(turn: Turn) -> tuple[Fact, ...]:
    where = Provenance("turn", "baseline:regex", turn.id)
    return tuple(
        Fact("preference", value, "preference", 0.5, where, multiple=True)
        for value in by_pattern(turn.message)
        if value
    )
