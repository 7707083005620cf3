"""The public sets: learners' sentences, health questions, tutoring dialogues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from metier.app import Metier
from metier.evaluation.text._accuracy import Scored, accuracy, blind
from metier.evaluation.text._fluency import NgramModel
from metier.evaluation.text._form import prefers
from metier.evaluation.text._greedy import TokenVectors
from metier.evaluation.text._marks import mean
from metier.evaluation.text._overlap import numeric
from metier.evaluation.text._talk import ask, revision, untokenised
from metier.evaluation.text._units import numbers
from metier.model import BadRequest, Document, Mark

_EACH = 60
_TRAINED_ON = 3000

Found = tuple[str, int, dict[str, Mark]]
_Row = TypeVar("_Row")


async def public(
    app: Metier,
    data: Path,
    limit: int | None,
    vectors: TokenVectors | None,
    documents: Sequence[Document],
) -> list[Found]:
    """Each set that is in `data` and has its domain installed: name, cases, marks.

    Raises:
        BadRequest: none of the sets is there, or one can't be read.
    """
    domains = {manifest.name for manifest in app.domains()}
    sets = {
        "jfleg": (data / "writing" / "jfleg_dev.src", "writing"),
        "medquad": (data / "health" / "medquad.jsonl", "healthcare"),
        "mathdial": (data / "education" / "mathdial.jsonl", "education"),
    }
    there = {name for name, (file, _) in sets.items() if file.is_file()}
    if not there:
        raise BadRequest(
            f"None of the sets is in {data}: writing/jfleg_dev.src, health/medquad.jsonl, "
            "education/mathdial.jsonl. Give the folder that holds them, or leave --data out.",
            status=404,
        )
    found: list[Found] = []
    for name in sorted(there):
        file, domain = sets[name]
        if domain not in domains:
            continue
        if name == "jfleg":
            found.append(await _jfleg(app, file, limit or _EACH, vectors, documents))
        elif name == "medquad":
            found.append(await _medquad(app, file, limit or _EACH, vectors))
        else:
            found.append(await _mathdial(app, file, limit or _EACH, vectors))
    return found


async def _jfleg(
    app: Metier,
    file: Path,
    limit: int,
    vectors: TokenVectors | None,
    documents: Sequence[Document],
) -> Found:
    """Napoles, Sakaguchi and Tetreault, "JFLEG", EACL 2017: four corrections of each sentence."""
    lines, references = _corrected(file, limit)
    items, sources, preferred, longest = [], [], [], []
    model = NgramModel([*_readable(file), *(d.text for d in documents if d.language == "en")])
    for number, line in lines:
        text = untokenised(line)
        wanted = tuple(untokenised(each[number]) for each in references)
        answer = await ask(app, "writing", f"Please correct: {text}")
        items.append(Scored(revision(answer, text), wanted))
        sources.append(text)
        preferred += [prefers(model, w, text) for w in wanted if w != text]
        longest += [len(w) > len(text) for w in wanted if w != text]
    marks = accuracy("jfleg", items, vectors)
    marks |= accuracy("baseline.unchanged.jfleg", _replaced(items, sources), vectors)
    marks |= _blind("jfleg", items, sources, vectors, ("longest", "shuffled"))
    marks["fluency.jfleg.correction_preferred"] = mean([float(p) for p in preferred])
    marks["baseline.longest.fluency.jfleg.correction_preferred"] = mean([float(p) for p in longest])
    return "jfleg", len(items), marks


def _readable(file: Path) -> list[str]:
    """Answers of MedQuAD (CC BY 4.0), where they are there: the articles alone are too few to
    tell a good sentence from a bad one."""
    other = file.parent.parent / "health" / "medquad.jsonl"
    if not other.is_file():
        return []
    return [row["answer"] for _, row in _spread(_rows(other, ("answer",)), _TRAINED_ON)]


def _corrected(file: Path, limit: int) -> tuple[list[tuple[int, str]], list[dict[int, str]]]:
    """The sentences, and each corrector's version of them by number."""

    def read(path: Path) -> list[tuple[int, str]]:
        return _spread(path.read_text("utf-8").splitlines(), limit)

    references = [dict(read(other)) for other in sorted(file.parent.glob("jfleg_dev.ref*"))]
    if not references:
        raise BadRequest(f"There is no jfleg_dev.ref0 beside {file}.", status=404)
    return read(file), references


async def _medquad(app: Metier, file: Path, limit: int, vectors: TokenVectors | None) -> Found:
    """Ben Abacha and Demner-Fushman, "A Question-Entailment Approach to Question Answering",
    BMC Bioinformatics 20:511, 2019. Most questions are about what the articles don't treat,
    and are rightly not answered; the scores are of those that are."""
    items, questions, answered = [], [], []
    for row in (r for _, r in _spread(_rows(file, ("question", "answer")), limit)):
        answer = await ask(app, "healthcare", row["question"])
        answered.append(bool(answer.citations))
        if answer.citations:
            items.append(Scored(answer.text, (row["answer"],)))
            questions.append(row["question"])
    marks = {"medquad.answered": mean([float(a) for a in answered])}
    marks |= accuracy("medquad", items, vectors)
    marks |= _blind("medquad", items, questions, vectors)
    return "medquad", len(answered), marks


async def _mathdial(app: Metier, file: Path, limit: int, vectors: TokenVectors | None) -> Found:
    """Macina et al., "MathDial", Findings of EMNLP 2023: what the teacher says first to a wrong
    solution. `revealed` is how often the first reply has the final number, where the problem
    hasn't."""
    items, questions, revealed = [], [], []
    rows = _rows(file, ("question", "student_incorrect_solution", "conversation", "ground_truth"))
    for _, row in _spread(rows, limit):
        teacher = row["conversation"].split("|EOM|")[0].partition(")")[2].strip()
        question = f"{row['question']}\n\n{row['student_incorrect_solution']}"
        answer = await ask(app, "education", question)
        items.append(Scored(answer.text, (teacher,)))
        questions.append(row["question"])
        final = numbers(row["ground_truth"])[-1:]
        if final and final[0] not in numbers(question):
            revealed.append(float(bool(numeric(answer.text, f"{final[0]:g}"))))
    marks = accuracy("mathdial", items, vectors)
    marks |= _blind("mathdial", items, questions, vectors)
    marks["mathdial.revealed"] = mean(revealed)
    return "mathdial", len(items), marks


def _blind(
    name: str,
    items: Sequence[Scored],
    questions: Sequence[str],
    vectors: TokenVectors | None,
    kinds: Sequence[str] = ("longest", "shuffled", "question"),
) -> dict[str, Mark]:
    marks: dict[str, Mark] = {}
    for kind, others in blind(items, questions).items():
        if kind in kinds:
            marks |= accuracy(f"baseline.{kind}.{name}", others, vectors)
    return marks


def _replaced(items: Sequence[Scored], texts: Sequence[str]) -> list[Scored]:
    return [Scored(text, item.references) for item, text in zip(items, texts, strict=True)]


def _rows(file: Path, fields: Sequence[str]) -> list[Mapping[str, Any]]:
    """The lines of a JSONL file.

    Raises:
        BadRequest: a line is no object with the fields as texts, naming it.
    """
    rows: list[Mapping[str, Any]] = []
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                complete = all(isinstance(row[field], str) for field in fields)
            except (ValueError, KeyError, TypeError):
                complete = False
            if not complete:
                raise BadRequest(
                    f"{file}, line {number}: not an object with {', '.join(fields)}.",
                    code="bad_data",
                )
            rows.append(row)
    return rows


def _spread(rows: Sequence[_Row], limit: int) -> list[tuple[int, _Row]]:
    """At most `limit` rows from all over the set, each with its place."""
    count = min(limit, len(rows))
    return [(place, rows[place]) for place in (i * len(rows) // count for i in range(count))]
