"""Whether an answer says what its sources say.

After ALCE (Gao et al., "Enabling Large Language Models to Generate Text with Citations", EMNLP
2023, section 3): a statement is supported where what it cites entails it. In place of a model of
entailment a sentence is supported where nearly all of its words stand in one passage, in two
sentences that follow each other, in the same order, with all of its numbers. That is strict on
purpose: a paraphrase counts as unsupported, an invention never as supported.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from metier.evaluation.text._overlap import lcs
from metier.evaluation.text._units import numbers, sentences, unmarked, words
from metier.model import Answer

_MARK = re.compile(r"\[(\d{1,2})\]")
_ENOUGH = 0.8
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Attribution:
    """Sentences of one answer.

    Args:
        cited: with a mark.
        cited_supported: of those, supported by a passage that is marked.
        statements: that state something: cited, or supported by any passage, or neither
            a question nor a line that leads to a list.
        supported: of those, supported by some passage.
    """

    cited: int
    cited_supported: int
    statements: int
    supported: int


def attribute(answer: Answer, sources: Mapping[int, str] | None = None) -> Attribution:
    """Counts the supported sentences of an answer.

    Args:
        sources: texts by number instead of what the answer itself cites, for the blind
            baseline: somebody else's.
    """
    texts = cited_texts(answer) if sources is None else sources
    cited = cited_supported = statements = supported = 0
    for sentence in sentences(answer.text):
        marks = [int(number) for number in _MARK.findall(sentence)]
        anywhere = any(supports(text, sentence) for text in texts.values())
        if marks:
            cited += 1
            cited_supported += any(supports(texts.get(mark, ""), sentence) for mark in marks)
        if marks or anywhere or _states(sentence):
            statements += 1
            supported += anywhere
    return Attribution(cited, cited_supported, statements, supported)


def cited_texts(answer: Answer) -> dict[int, str]:
    """The passages that an answer cites, by number."""
    by_id = {passage.id: passage.text for passage in answer.why.passages}
    return {c.number: by_id.get(c.passage, "") for c in answer.citations}


def supports(source: str, sentence: str) -> bool:
    """Whether the source says the sentence; see the module."""
    wanted = words(sentence)
    if len(wanted) < _SHORTEST or not source:
        return False
    if not set(numbers(sentence)) <= set(numbers(source)):
        return False
    own = [words(piece) for piece in sentences(source)]
    near = [*own, *(a + b for a, b in pairwise(own))]
    return any(lcs(wanted, window) >= _ENOUGH * len(wanted) for window in near)


def _states(sentence: str) -> bool:
    plain = unmarked(sentence).strip()
    return not plain.endswith(("?", "？", ":", "：")) and len(words(plain)) >= _SHORTEST


def recalled(answer: Answer, needs: Sequence[str]) -> tuple[int, int]:
    """How many of the needed things were among what the answer was made with, and of how many."""
    given = [fact.value for fact in answer.why.used]
    given += [p.text for p in answer.why.passages if p.kind == "memory"]
    whole = "\n".join(given).casefold()
    return sum(need.casefold() in whole for need in needs), len(needs)
