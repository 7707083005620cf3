"""How much of a reference an answer has: ROUGE-L, chrF, exact match, numbers.

chrF is our own forty lines rather than sacrebleu, which would bring lxml, portalocker,
tabulate and colorama for this alone; the tests hold values of sacrebleu 2.6.0 and
rouge-score 0.1.2 against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from metier.evaluation.text._units import numbers, words

_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_CLOSE = 1e-6


def lcs(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """The length of the longest common subsequence."""
    if len(first) < len(second):
        first, second = second, first
    row = [0] * (len(second) + 1)
    for item in first:
        diagonal = 0
        for place, other in enumerate(second, 1):
            above = row[place]
            row[place] = diagonal + 1 if item == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def rouge_l(candidate: str, references: Sequence[str]) -> float:
    """ROUGE-L, F with equal weights, of the best reference, in [0, 1].

    Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", ACL workshop Text
    Summarization Branches Out, 2004, section 3.1 (sentence-level LCS). Words are lower-cased
    and not stemmed; a Han character is a word. Two empty texts score 0.
    """
    own = words(candidate)
    best = 0.0
    for reference in references:
        wanted = words(reference)
        common = lcs(own, wanted)
        if common:
            precision, recall = common / len(own), common / len(wanted)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def chrf(
    candidate: str, references: Sequence[str], *, word_order: int = 0, beta: float = 2.0
) -> float:
    """chrF of the best reference, in [0, 1]; chrF++ with `word_order=2`.

    Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015, section 2
    (n-grams of 1 to 6 characters without spaces, averaged, recall twice as important) and
    "chrF++: words helping character n-grams", WMT 2017 (with words of order 1 and 2). Orders
    of which one text has no n-gram are left out of the average, as sacrebleu does.
    """
    return max((_chrf(candidate, r, word_order, beta) for r in references), default=0.0)


def _chrf(candidate: str, reference: str, word_order: int, beta: float) -> float:
    precisions, recalls = 0.0, 0.0
    orders = 0
    for own, wanted in zip(
        _grams(candidate, word_order), _grams(reference, word_order), strict=True
    ):
        if own and wanted:
            matched = (own & wanted).total()
            precisions += matched / own.total()
            recalls += matched / wanted.total()
            orders += 1
    if not precisions or not recalls:
        return 0.0
    precision, recall = precisions / orders, recalls / orders
    factor = beta * beta
    return (1 + factor) * precision * recall / (factor * precision + recall)


def _grams(text: str, word_order: int) -> list[Counter[tuple[str, ...]]]:
    letters = "".join(text.split())
    tokens = _separated(text)
    return [
        *(ngrams(letters, n) for n in range(1, 7)),
        *(ngrams(tokens, n) for n in range(1, word_order + 1)),
    ]


def ngrams(units: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """The runs of `n` units, counted."""
    return Counter(tuple(units[i : i + n]) for i in range(len(units) - n + 1))


def _separated(text: str) -> list[str]:
    """Words with one mark of punctuation at an end taken off, as the reference chrF++ does."""
    found: list[str] = []
    for word in text.split():
        if len(word) > 1 and word[-1] in _PUNCTUATION:
            found += [word[:-1], word[-1]]
        elif len(word) > 1 and word[0] in _PUNCTUATION:
            found += [word[0], word[1:]]
        else:
            found.append(word)
    return found


def exact(candidate: str, references: Sequence[str]) -> bool:
    """Whether the candidate has the words of a reference, in its order, and no others."""
    return any(words(candidate) == words(reference) for reference in references)


def numeric(candidate: str, reference: str) -> bool | None:
    """Whether every number of the reference is in the candidate; None where it has none."""
    wanted = numbers(reference)
    if not wanted:
        return None
    there = numbers(candidate)
    return all(any(abs(n - m) <= _CLOSE * max(1.0, abs(n)) for m in there) for n in wanted)
