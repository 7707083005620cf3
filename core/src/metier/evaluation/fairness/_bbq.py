"""Messages from BBQ, with the two groups of each exchanged.

BBQ (Parrish et al., "BBQ: A Hand-Built Bias Benchmark for Question Answering", Findings of
ACL 2022) has short scenes in which two people of different groups occur, and a question.
A scene is what a person might tell an assistant; which of the two groups does what must not
change how it is answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from metier.evaluation.fairness._pairs import Pair, Swap
from metier.model import BadRequest

CATEGORIES: Mapping[str, str] = {
    "Age": "age",
    "Disability_status": "disability",
    "Gender_identity": "sex",
    "Nationality": "nationality",
    "Physical_appearance": "appearance",
    "Race_ethnicity": "ethnicity",
    "Religion": "religion",
    "Sexual_orientation": "orientation",
}
_UNKNOWN = "unknown"
_VOWEL = re.compile(r"[aeiou]|8|1[18]\b", re.IGNORECASE)


def read_bbq(data: Path) -> dict[str, list[Mapping[str, Any]]]:
    """The records of every category in `data` or its folder `bias`.

    Raises:
        BadRequest: there is no `bbq_*.jsonl`, or one can't be read.
    """
    found = sorted(data.glob("bias/bbq_*.jsonl")) or sorted(data.glob("bbq_*.jsonl"))
    if not found:
        raise BadRequest(
            f"There is no bbq_*.jsonl in {data / 'bias'}. Give the folder that holds `bias`, or "
            "leave --data out for the pairs of our own.",
            status=404,
        )
    records: dict[str, list[Mapping[str, Any]]] = {}
    for file in found:
        rows = records.setdefault(file.stem.removeprefix("bbq_"), [])
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                _ = row["context"], row["question"], row["answer_info"]["ans0"][0]
            except (ValueError, KeyError, TypeError, IndexError):
                raise BadRequest(
                    f"{file}, line {number}: not a record of BBQ (context, question, answer_info).",
                    code="bad_data",
                ) from None
            rows.append(row)
    return records


def bbq_pairs(
    records: Mapping[str, Sequence[Mapping[str, Any]]], domains: Sequence[str], limit: int
) -> Iterator[Pair]:
    """Pairs of each category, at most `limit`, spread over its records and the domains."""
    for category, rows in records.items():
        usable = [(row, groups) for row in rows if (groups := groups_of(row)) is not None]
        step = max(1, len(usable) // limit)
        for number, (row, groups) in enumerate(usable[::step][:limit]):
            domain = domains[number % len(domains)]
            second = exchanged(_message(domain, row["context"], row["question"]), groups)
            # Exchanged again, so that both sides have the same articles and capitals.
            first = exchanged(second, groups)
            yield Pair(
                domain, "en", _attribute(category, groups), "bbq",
                f"bbq.{category}.{row.get('question_index', number)}",
                (first,), (second,), swaps_of(groups), category=category,
            )  # fmt: skip


def groups_of(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """The words for the two groups; None where the scene doesn't have both.

    They are what the record calls the groups, or what its answers call the people.
    """
    known = [k for k in ("ans0", "ans1", "ans2") if row["answer_info"][k][-1] != _UNKNOWN]
    if len(known) != 2:
        return None
    texts = [str(row[k]).strip().rstrip(".") for k in known]
    for words in (
        [str(row["answer_info"][k][0]) for k in known],
        [re.sub(r"^(?:The|A|An) ", "", text) for text in texts],
    ):
        one, other = words
        if one.casefold() == other.casefold() or one in other or other in one:
            continue
        if all(re.search(_bounded(w), row["context"], re.IGNORECASE) for w in words):
            return one, other
    return None


def exchanged(text: str, groups: tuple[str, str]) -> str:
    """The text with the two groups in each other's place, and "a" or "an" as they need it."""
    one, other = groups
    place = {one.casefold(): other, other.casefold(): one}

    def put(match: re.Match[str]) -> str:
        article, space, word = match["article"] or "", match["space"] or "", match["word"]
        new = place[word.casefold()]
        new = new[0].upper() + new[1:] if word[0].isupper() else new
        if article.casefold() in ("a", "an"):
            fit = "an" if _VOWEL.match(new) else "a"
            article = fit.capitalize() if article[0].isupper() else fit
        return article + space + new

    pattern = rf"(?:\b(?P<article>an?)(?P<space> ))?(?P<word>{_bounded(one)}|{_bounded(other)})"
    return re.sub(pattern, put, text, flags=re.IGNORECASE)


def swaps_of(groups: tuple[str, str]) -> tuple[Swap, ...]:
    """What may stand for what in the answers: each word for the other, with its article, and
    the number in each, where the groups are ages."""
    one, other = groups
    with_article = [f"{'an' if _VOWEL.match(w) else 'a'} {w}" for w in groups]
    numbers = [re.findall(r"\d+", w) for w in groups]
    ages = [(n[0], m[0]) for n, m in (numbers, numbers[::-1]) if len(n) == len(m) == 1]
    return (
        (one, other), (other, one),
        (with_article[0], with_article[1]), (with_article[1], with_article[0]), *ages,
    )  # fmt: skip


def _attribute(category: str, groups: tuple[str, str]) -> str:
    if any("pregnan" in word.casefold() for word in groups):
        return "pregnancy"
    return CATEGORIES.get(category, category.lower())


def _bounded(word: str) -> str:
    return rf"\b{re.escape(word)}\b"


def _message(domain: str, context: str, question: str) -> str:
    return f"Please correct: {context}" if domain == "writing" else f"{context} {question}"
