"""Scoring.

A labelled span is found when every letter and digit of it is covered by
predictions, whatever their type. A false positive is a prediction that
touches no labelled span. Types are reported beside (see `_types`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from metier.evaluation.privacy._intervals import Counts, f2_mark, proportion
from metier.evaluation.privacy._samples import DataSet, Label, Sample
from metier.evaluation.privacy._types import GROUPS, accepts, groups
from metier.model import Mark, Span

_LABELLED, _FOUND, _TYPED, _CHARACTERS, _COVERED, _COVERED_TYPED = range(6)
_PREDICTED, _RIGHT, _RIGHT_TYPED = 6, 7, 8
_COLUMNS = 9

OVERALL = "overall"
_OF_PREDICTIONS = frozenset({"precision", "typed_precision", "f2"})
"""Left out for a type that nothing was taken for: there is nothing to judge."""

Tally = dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Row:
    """What was found in one text: by labelled type, by group and overall.

    `leaked`: a labelled span was not found. `predicted`: the types predicted.
    """

    sample: Sample
    tally: Tally
    leaked: bool
    predicted: tuple[str, ...]


def _covered(label: Label, text: str, spans: Iterable[Span]) -> tuple[int, int]:
    """Letters and digits of a label, and how many of them the spans cover."""
    places = {i for i in range(label.start, label.end) if text[i].isalnum()}
    left = set(places)
    for span in spans:
        left.difference_update(range(max(span.start, label.start), min(span.end, label.end)))
    return len(places), len(places) - len(left)


def _touch(span: Span, label: Label) -> bool:
    return span.start < label.end and label.start < span.end


def score(data: DataSet, predictions: Sequence[Sequence[Span]]) -> list[Row]:
    """One row a text, given the spans predicted for each text, in the same order."""
    entities = {label.entity for s in data.samples for label in s.labels if label.required}
    return [
        _row(sample, spans, data, entities)
        for sample, spans in zip(data.samples, predictions, strict=True)
    ]


def _row(sample: Sample, spans: Sequence[Span], data: DataSet, entities: set[str]) -> Row:
    tally: Tally = {}
    leaked = False

    def add(names: Iterable[str], column: int, amount: int) -> None:
        for name in names:
            tally.setdefault(name, [0] * _COLUMNS)[column] += amount

    for label in sample.labels:
        if not label.required:
            continue
        near = [span for span in spans if _touch(span, label)]
        characters, covered = _covered(label, sample.text, near)
        right_type = [span for span in near if accepts(label.entity, span.entity)]
        _, typed = _covered(label, sample.text, right_type)
        names = (OVERALL, label.entity, *groups(label.entity))
        add(names, _LABELLED, 1)
        add(names, _FOUND, covered == characters)
        add(names, _TYPED, typed == characters)
        add(names, _CHARACTERS, characters)
        add(names, _COVERED, covered)
        add(names, _COVERED_TYPED, typed)
        leaked = leaked or covered < characters
    for span in spans:
        touched = [label for label in sample.labels if _touch(span, label)]
        if not touched and span.entity in data.unlabelled:
            continue
        kinds = [entity for entity in entities if accepts(entity, span.entity)]
        names = (OVERALL, *kinds, *{group for kind in kinds for group in groups(kind)})
        same_type = [t for t in touched if t.required and accepts(t.entity, span.entity)]
        add(names, _PREDICTED, 1)
        add(names, _RIGHT, bool(touched))
        add(names, _RIGHT_TYPED, bool(same_type))
    return Row(sample, tally, leaked, tuple(span.entity for span in spans))


def _clusters(rows: Iterable[Row], entity: str) -> Counts:
    """One line a cluster, the columns summed."""
    sums: dict[str, list[int]] = {}
    for row in rows:
        line = sums.setdefault(row.sample.cluster, [0] * _COLUMNS)
        for column, amount in enumerate(row.tally.get(entity, ())):
            line[column] += amount
    return np.array(list(sums.values()), dtype=np.int64).reshape(-1, _COLUMNS)


def entity_marks(
    rows: Sequence[Row],
    entity: str,
    prefix: str,
    targets: Mapping[str, float],
    characters: bool = False,
) -> dict[str, Mark]:
    """Recall, precision, F2 and leaks of one type, a group, or `overall`.

    Where `characters` is set, recall counts letters and digits, and
    `whole_recall` says what `recall` says elsewhere.
    """
    table = _clusters(rows, entity).T
    if not table[_LABELLED].sum():
        return {}
    cases, found, typed = (
        (_CHARACTERS, _COVERED, _COVERED_TYPED) if characters else (_LABELLED, _FOUND, _TYPED)
    )

    def share(name: str, hits: int, of: int) -> Mark:
        return proportion(table[hits], table[of], targets.get(prefix + name))

    marks = {
        "recall": share("recall", found, cases),
        "precision": share("precision", _RIGHT, _PREDICTED),
        "f2": f2_mark(
            table[found], table[cases], table[_RIGHT], table[_PREDICTED], targets.get(prefix + "f2")
        ),
        "typed_recall": share("typed_recall", typed, cases),
        "typed_precision": share("typed_precision", _RIGHT_TYPED, _PREDICTED),
        "leaks": Mark(float((table[_LABELLED] - table[_FOUND]).sum())),
        "spans": Mark(float(table[_LABELLED].sum())),
    }
    if characters:
        marks["whole_recall"] = share("whole_recall", _FOUND, _LABELLED)
    judged = entity == OVERALL or bool(table[_PREDICTED].sum())
    return {
        prefix + name: mark
        for name, mark in marks.items()
        if judged or name not in _OF_PREDICTIONS or prefix + name in targets
    }


def marks(
    rows: Sequence[Row], data: DataSet, prefix: str, targets: Mapping[str, float]
) -> dict[str, Mark]:
    """Every mark of a set: overall where it is `whole`, then each type and group."""
    result: dict[str, Mark] = {}
    total = prefix + data.total
    if data.whole:
        result |= entity_marks(rows, OVERALL, total, targets, data.characters)
        if result:
            result[f"{total}leaked_texts"] = Mark(float(sum(row.leaked for row in rows)))
            result[f"{total}texts"] = Mark(float(len(rows)))
    names = {name for row in rows for name in row.tally} - {OVERALL}
    for name in sorted(names, key=lambda n: (n in GROUPS, n)):
        result |= entity_marks(rows, name, f"{prefix}{name}.", targets, data.characters)
    return result
