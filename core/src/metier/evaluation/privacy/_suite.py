"""The suite `privacy`: every set that is there, speed, and Presidio beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from metier.evaluation.privacy._engines import Engine, ours, predict, presidio_engines
from metier.evaluation.privacy._find import default_data, read_sets, shipped
from metier.evaluation.privacy._intervals import rate, share
from metier.evaluation.privacy._samples import DataSet, half, limited, material
from metier.evaluation.privacy._score import OVERALL, Row, entity_marks, marks, score
from metier.evaluation.privacy._source import LINES, source_blocks
from metier.evaluation.privacy._speed import lengths, rates
from metier.evaluation.privacy._types import accepts, is_secret
from metier.model import Mark

TARGETS: Mapping[str, float] = {
    "overall.f2": 0.88,
    "checksum.recall": 0.98,
    "checksum.precision": 0.98,
    "presidio.even.overall.f2": 0.88,
    "presidio.odd.overall.f2": 0.88,
    "wnut17.PERSON.recall": 0.75,
    "wnut17.PERSON.precision": 0.55,
    "wnut17.PERSON.typed_recall": 0.75,
    "wnut17.PERSON.typed_precision": 0.55,
    "lifebench.PERSON.recall": 0.95,
    "lifebench.contact.recall": 0.97,
    "zh.weibo.PERSON.recall": 0.60,
    "zh.weibo.PERSON.precision": 0.50,
    "zh.weibo.PERSON.typed_precision": 0.50,
    "zh.resume.PERSON.recall": 0.85,
    "zh.resume.PERSON.precision": 0.50,
    "zh.resume.PERSON.typed_precision": 0.50,
    "secrets.recall": 0.97,
    "secrets.negatives_flagged": 0.03,
    "secrets.typed_negatives_flagged": 0.03,
    "secrets.stated_negatives_flagged": 0.03,
    "source.secrets_per_1000_lines": 1.0,
}
"""The marks to reach; see `upper_bound` for which way."""

_UPPER = ("negatives_flagged", "_per_1000_lines", "length_ratio", "refused", "refused_texts")

_IDENTIFIERS_RATIO, _NAMES_RATIO, _LENGTH_RATIO = 10.0, 0.5, 1.2
_COMPARED = frozenset({"presidio-research", "noren-secrets", "wnut17", "sample"})
"""Sets that Presidio is run on too; it has no English pipeline for the Chinese ones,
and lifebench would take it longer than all the rest."""
_DENIES = re.compile(r"(?i)\b(?:not|isn't|invalid|too short|missing|without)\b")


def measure(
    data: Path | None = None, limit: int | None = None, compare: bool = True
) -> tuple[str, int, dict[str, Mark]]:
    """Runs the suite.

    Args:
        data: where the public sets lie; None for `shared/data` beside the
            working directory, or else the shipped sample alone.
        limit: at most so many texts of each set (and blocks of source code).
        compare: run Presidio's analyzer beside, where spaCy is installed.

    Returns: the sets' names, the number of texts scanned, and the marks.

    Raises:
        BadRequest: see `read_sets`.
    """
    path = data or default_data()
    sets = [*(read_sets(path) if path else []), shipped("sample." if path else "")]
    sets = [limited(each, limit) for each in sets]
    names, identifiers = ours(), ours(names=False)
    others = presidio_engines() if compare else []

    found: dict[str, Mark] = {}
    count, refused = 0, 0
    rows_of: list[tuple[DataSet, list[Row]]] = []
    for each in sets:
        predictions = predict(names, [s.text for s in each.samples])
        rows = score(each, predictions.spans)
        rows_of.append((each, rows))
        found |= _set_marks(each, rows, each.prefix, TARGETS)
        count, refused = count + len(rows), refused + predictions.refused
    found |= _languages(rows_of)
    for engine in others:
        for each in sets:
            if each.source in _COMPARED and not _aside(each):
                rows = score(each, predict(engine, [s.text for s in each.samples]).spans)
                found |= _set_marks(each, rows, f"{engine.name}.{each.prefix}", {}, halves=False)
    found["refused_texts"] = Mark(float(refused), target=0.0)

    blocks = source_blocks(LINES)[:limit]
    for engine in (names, *others):
        own = engine is names
        found |= _source(engine, blocks, "" if own else f"{engine.name}.", TARGETS if own else {})
    found |= _speed([identifiers, names], others, sets)
    title = ", ".join(dict.fromkeys(s.source for s in sets))
    return title, count + len(blocks), found


def upper_bound(name: str) -> bool:
    """Whether a mark's target is the most it may be; the least it must be otherwise."""
    return name.endswith(_UPPER)


def _aside(data: DataSet) -> bool:
    """Parts of a set that are reported, but kept out of what is pooled or compared."""
    return data.prefix.endswith(("train.", "small."))


def _set_marks(
    data: DataSet,
    rows: list[Row],
    prefix: str,
    targets: Mapping[str, float],
    halves: bool = True,
) -> dict[str, Mark]:
    found = marks(rows, data, prefix, targets)
    if halves and data.source == "presidio-research" and not data.prefix:
        for parity in ("even", "odd"):
            part = [row for row in rows if half(row.sample) == parity]
            found |= marks(part, data, f"{prefix}presidio.{parity}.", targets)
    if data.whole:
        found |= _negatives(data, rows, prefix, targets)
    return found


def _negatives(
    data: DataSet, rows: list[Row], prefix: str, targets: Mapping[str, float]
) -> dict[str, Mark]:
    """Texts without a label in which something was found nevertheless.

    For the secrets counted three ways: flagged as anything at all; as a type
    that the set labels (a first name in a statement of SQL is no secret, but a
    right find); and as anything, among the texts that say themselves that they
    hold no credential. The last because that set leaves unlabelled some texts
    that do hold one: a webhook's address, a signed URL, a bearer token.
    """
    labelled = {label.entity for s in data.samples for label in s.labels}
    plain = [row for row in rows if not row.sample.labels]

    def of_labelled_type(row: Row) -> bool:
        return any(accepts(entity, kind) for entity in labelled for kind in row.predicted)

    counted = {"negatives_flagged": [bool(row.predicted) for row in plain]}
    if data.source == "noren-secrets":
        counted["typed_negatives_flagged"] = [of_labelled_type(row) for row in plain]
        counted["stated_negatives_flagged"] = [
            bool(row.predicted) for row in plain if _DENIES.search(row.sample.text)
        ]
    return {
        prefix + name: share(flagged, targets.get(prefix + name))
        for name, flagged in counted.items()
        if flagged
    }


def _languages(rows_of: Iterable[tuple[DataSet, list[Row]]]) -> dict[str, Mark]:
    """Every set of a language together: names always, all types where all are labelled."""
    found: dict[str, Mark] = {}
    for language in ("en", "zh"):
        pooled = [
            (data, [row for row in rows if row.sample.language == language])
            for data, rows in rows_of
            if not _aside(data)
        ]
        people = [row for _, rows in pooled for row in rows]
        found |= entity_marks(people, "PERSON", f"{language}.PERSON.", {})
        whole = [row for data, rows in pooled if data.whole for row in rows]
        found |= entity_marks(whole, OVERALL, f"{language}.overall.", {})
    return found


def _source(
    engine: Engine, blocks: Sequence[tuple[str, int]], prefix: str, targets: Mapping[str, float]
) -> dict[str, Mark]:
    """Flags on ordinary source code: secrets, where each is false, and of every type."""
    lines = sum(n for _, n in blocks)
    spans = [s for found in predict(engine, (t for t, _ in blocks)).spans for s in found]
    counts = Counter(span.entity for span in spans)
    secrets = sum(n for entity, n in counts.items() if is_secret(entity))
    found = {
        "source.lines": Mark(float(lines)),
        "source.secrets_per_1000_lines": rate(
            secrets, lines / 1000, targets.get("source.secrets_per_1000_lines")
        ),
        "source.flags_per_1000_lines": rate(len(spans), lines / 1000),
    }
    for entity, n in counts.most_common():
        found[f"source.{entity}.flags_per_1000_lines"] = rate(n, lines / 1000)
    return {prefix + name: mark for name, mark in found.items()}


def _speed(
    own: Sequence[Engine], others: Sequence[Engine], sets: Sequence[DataSet]
) -> dict[str, Mark]:
    english = material(sets, "en")
    chinese = material(sets, "zh")
    found = rates(own, others, english, (_IDENTIFIERS_RATIO, _NAMES_RATIO))
    for engine in own:
        found |= lengths(engine, english, engine.name, _LENGTH_RATIO)
    return found | lengths(own[-1], chinese, "names_zh", _LENGTH_RATIO)
