"""The suite `text`: what the answers of the installed domains are like; no model judges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

import yaml

from metier.app import Metier
from metier.evaluation.text._accuracy import Scored, accuracy, blind
from metier.evaluation.text._attribution import attribute, cited_texts
from metier.evaluation.text._form import diversity, fluency
from metier.evaluation.text._greedy import TokenVectors
from metier.evaluation.text._marks import ratio
from metier.evaluation.text._personal import Case, evidence, preferences
from metier.evaluation.text._public import public
from metier.evaluation.text._talk import ask, others, revision
from metier.knowledge import read_pack
from metier.model import Answer, Document, Mark


class _Options(Protocol):
    @property
    def data(self) -> Path | None: ...
    @property
    def limit(self) -> int | None: ...


async def measure(app: Metier, options: _Options) -> tuple[str, int, dict[str, Mark]]:
    """Runs the suite on the domains of `app` that the sample or the public sets ask.

    Args:
        app: an open metier; every conversation is a new person's.
        options: `data` is the folder that holds `writing/`, `health/` and `education/`, None
            for the sample alone; `limit` is the most cases of each set.

    Returns: the sets' names, the number of cases, and the marks; see docs/evaluation-text.md.

    Raises:
        BadRequest: `data` holds none of the sets, or one can't be read.
    """
    vectors = TokenVectors.of(app.home)
    documents = articles(app)
    domains = {manifest.name for manifest in app.domains()}

    def cases(kind: str) -> list[Case]:
        return [c for c in sample()[kind] if c.get("domain", "writing") in domains][: options.limit]

    asked = cases("answers")
    answers = [await ask(app, case["domain"], case["question"]) for case in asked]
    marks = _accuracy(asked, answers, vectors)
    marks |= _form(asked, answers, documents)
    marks |= _attribution(answers)
    corrections = cases("corrections")
    marks |= await _corrections(app, corrections, vectors)
    kept = cases("preferences")
    marks |= await preferences(app, kept)
    needed = cases("evidence")
    marks |= await evidence(app, needed)
    names = ["sample"]
    count = len(asked) + len(corrections) + len(kept) + len(needed)
    if options.data is not None:
        for name, seen, found in await public(app, options.data, options.limit, vectors, documents):
            names.append(name)
            count += seen
            marks |= found
    return ", ".join(names), count, marks


@cache
def sample() -> Mapping[str, Sequence[Case]]:
    """The cases of `sample.yaml` by kind."""
    raw = files(__package__).joinpath("sample.yaml").read_text("utf-8")
    return dict(yaml.safe_load(raw))


def articles(app: Metier) -> list[Document]:
    """The documents of the domains' knowledge packs, which metier may be trained on."""
    found: list[Document] = []
    for manifest in app.domains():
        host = app.parts.registry.host(manifest.name, app.settings.extensions)
        importers = [importer for c in host.collect("importers") for importer in c.value]
        for pack in (p for c in host.collect("knowledge_packs") for p in c.value):
            found += read_pack(pack, importers)
    return found


def _accuracy(
    asked: Sequence[Case], answers: Sequence[Answer], vectors: TokenVectors | None
) -> dict[str, Mark]:
    items = [
        Scored(answer.text, (case["reference"],), (case["domain"], case["language"]))
        for case, answer in zip(asked, answers, strict=True)
    ]
    marks = _overall(accuracy("", items, vectors))
    for kind, candidates in blind(items, [case["question"] for case in asked]).items():
        marks |= accuracy(f"baseline.{kind}", candidates, vectors)
    return marks


def _overall(marks: Mapping[str, Mark]) -> dict[str, Mark]:
    return {(f"overall{k}" if k.startswith(".") else k): mark for k, mark in marks.items()}


def _form(
    asked: Sequence[Case], answers: Sequence[Answer], documents: Sequence[Document]
) -> dict[str, Mark]:
    by_language: dict[str, list[Answer]] = defaultdict(list)
    references: dict[str, list[str]] = defaultdict(list)
    for case, answer in zip(asked, answers, strict=True):
        by_language[case["language"]].append(answer)
        references[case["language"]].append(case["reference"])
    marks = fluency(by_language, documents)
    for language, given in by_language.items():
        texts = [answer.text for answer in given]
        marks |= diversity(f"diversity.{language}.", texts)
        marks |= diversity(f"baseline.references.diversity.{language}.", references[language])
        marks |= diversity(
            f"baseline.longest.diversity.{language}.", [max(texts, key=len)] * len(texts)
        )
    return marks


def _attribution(answers: Sequence[Answer]) -> dict[str, Mark]:
    """Of answers that cite: supported by their own passages, and by somebody else's."""
    citing = [answer for answer in answers if answer.citations]
    own = [attribute(answer) for answer in citing]
    places = others([str(place) for place in range(len(citing))])
    foreign = [
        attribute(answer, _renumbered(answer, citing[int(place)]))
        for answer, place in zip(citing, places, strict=True)
    ]
    marks = {
        "attribution.answers_citing": ratio(
            [int(bool(a.citations)) for a in answers], [1] * len(answers)
        )
    }
    for prefix, counted in (("", own), ("baseline.shuffled.", foreign)):
        marks[f"{prefix}attribution.citation_precision"] = ratio(
            [a.cited_supported for a in counted], [a.cited for a in counted]
        )
        marks[f"{prefix}attribution.statements_supported"] = ratio(
            [a.supported for a in counted], [a.statements for a in counted]
        )
    return marks


def _renumbered(answer: Answer, other: Answer) -> dict[int, str]:
    """Another answer's sources under the numbers that this one cites."""
    texts = list(cited_texts(other).values())
    return {c.number: texts[i % len(texts)] for i, c in enumerate(answer.citations)}


async def _corrections(
    app: Metier, cases: Sequence[Case], vectors: TokenVectors | None
) -> dict[str, Mark]:
    if not any(manifest.name == "writing" for manifest in app.domains()) or not cases:
        return {}
    items: list[Scored] = []
    for case in cases:
        request: Any = "请修改：{}" if not case["text"].isascii() else "Please correct: {}"
        answer = await ask(app, "writing", request.format(case["text"]))
        items.append(Scored(revision(answer, case["text"]), tuple(case["references"])))
    unchanged = [Scored(c["text"], tuple(c["references"])) for c in cases]
    return accuracy("corrections", items, vectors) | accuracy(
        "baseline.unchanged.corrections", unchanged, vectors
    )
