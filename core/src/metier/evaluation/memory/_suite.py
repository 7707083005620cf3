"""The suite `memory`: LoCoMo where it is there, and the shipped sample."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from metier.encoder import Encoder, Terms
from metier.evaluation._encoder import home_encoder
from metier.evaluation.memory._means import mean_mark
from metier.evaluation.memory._summaries import summary_marks
from metier.evaluation.memory._talks import Talk, default_data, locomo, shipped
from metier.evaluation.memory._ways import (
    Ask,
    bm25,
    fusion,
    ours,
    question_vectors,
    remembered,
)
from metier.model import Mark

TARGETS: Mapping[str, float] = {"overall.recall@10": 0.75, "multi_hop.recall@10": 0.50}
"""The marks to reach, on LoCoMo."""
_DEPTHS = (1, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class _Found:
    """What one way found for one question: the share of the evidence at each depth."""

    talk: str
    category: str
    recall: Mapping[int, float]


def measure(
    data: Path | None = None, limit: int | None = None, compare: bool = True
) -> tuple[str, int, dict[str, Mark]]:
    """Runs the suite.

    `NAME.recall@K` is LoCoMo's own measure: the share of a question's evidence
    among the K utterances found, averaged over questions (of those that name
    evidence; its script counts the others as found). `overall.hit@10` is the
    share of questions with any of their evidence among the ten.

    Args:
        data: where the public sets lie; None for `shared/data` beside the working directory,
            or else the shipped sample alone.
        limit: at most so many conversations.
        compare: run the baselines beside: BM25 with and without a window of one utterance,
            plain fusion with vectors, somebody else's conversation.

    Returns: the sets' names, the number of questions, the marks.

    Raises:
        BadRequest: see `locomo`.
    """
    path = data or default_data()
    sets = [("", "locomo", locomo(path))] if path else []
    sets.append(("sample." if path else "", "sample", shipped()))
    encoder = home_encoder()
    marks: dict[str, Mark] = {}
    count = 0
    with tempfile.TemporaryDirectory() as folder:
        terms = Terms(Path(folder))
        for prefix, name, every in sets:
            talks = every[:limit]
            targets = TARGETS if name == "locomo" else {}
            found = _run(talks, terms, encoder, compare)
            for way, results in found.items():
                marks |= _marks(results, prefix + way, targets if not way else {})
            marks |= {prefix + n: m for n, m in summary_marks(talks, terms).items()}
            count += sum(len(t.questions) for t in talks)
    title = ", ".join(name for _, name, _ in sets)
    return title, count, marks


def _run(
    talks: Sequence[Talk], terms: Terms, encoder: Encoder | None, compare: bool
) -> dict[str, list[_Found]]:
    """The results of every way, by the prefix of its marks."""
    found: dict[str, list[_Found]] = {}
    own = [ours(t, remembered(t, terms, encoder), terms) for t in talks]
    for place, talk in enumerate(talks):
        vectors = question_vectors(talk, encoder)
        ways = {"": own[place]}
        if encoder is not None:
            ways["words."] = _without_vector(own[place])
        if compare:
            alone = bm25(talk, terms, 0)
            ways["baseline.bm25."] = alone
            ways["baseline.bm25_window."] = bm25(talk, terms, 1)
            if encoder is not None:
                ways["baseline.fusion."] = fusion(talk, alone, encoder)
            if len(talks) > 1:
                ways["baseline.shuffled."] = own[(place + 1) % len(talks)]
        for way, ask in ways.items():
            found.setdefault(way, []).extend(_answers(talk, ask, vectors))
    return found


def _without_vector(ask: Ask) -> Ask:
    return lambda question, _: ask(question, None)


def _answers(talk: Talk, ask: Ask, vectors: Sequence[object]) -> Iterator[_Found]:
    for question, vector in zip(talk.questions, vectors, strict=True):
        ids = ask(question.text, vector)  # type: ignore[arg-type]
        recall = {
            depth: len(question.evidence & set(ids[:depth])) / len(question.evidence)
            for depth in _DEPTHS
        }
        yield _Found(talk.name, question.category, recall)


def _marks(found: Sequence[_Found], prefix: str, targets: Mapping[str, float]) -> dict[str, Mark]:
    names = dict.fromkeys(("overall", *sorted({f.category for f in found})))
    marks = {}
    for name in names:
        part = [f for f in found if name in ("overall", f.category)]
        depths = _DEPTHS if name == "overall" else (10,)
        for depth in depths:
            key = f"{name}.recall@{depth}"
            marks[prefix + key] = mean_mark(
                [f.recall[depth] for f in part], [f.talk for f in part], targets.get(key)
            )
        if name == "overall":
            marks[prefix + "overall.hit@10"] = mean_mark(
                [float(f.recall[10] > 0) for f in part], [f.talk for f in part]
            )
    return marks
