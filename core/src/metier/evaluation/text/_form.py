"""Fluency and diversity of a set of answers."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from metier.evaluation.text._diversity import distinct, self_bleu
from metier.evaluation.text._fluency import NgramModel, faults
from metier.evaluation.text._marks import mean
from metier.evaluation.text._units import words
from metier.model import Answer, Document, Mark

_HUNDRED = 100


def fluency(
    answers: Mapping[str, Sequence[Answer]], documents: Sequence[Document]
) -> dict[str, Mark]:
    """Faults in a hundred words and bits a word, by language, and bits of the words shuffled.

    An answer quotes articles, so its model is trained on the others of its language.
    """
    found: dict[str, Mark] = {}
    model = _models(documents)
    for language, given in answers.items():
        texts = [a.text for a in given if words(a.text)]
        found[f"fluency.{language}.faults_per_100_words"] = mean(
            [_HUNDRED * len(faults(t)) / len(words(t)) for t in texts]
        )
        read: list[float] = []
        mixed: list[float] = []
        for answer in given:
            titles = frozenset(p.title for p in answer.why.passages)
            trained = model(language, titles)
            if words(answer.text):
                read.append(trained.bits(answer.text))
                mixed.append(trained.bits(shuffled(answer.text)))
        found[f"fluency.{language}.bits_per_word"] = mean(read)
        found[f"baseline.shuffled.fluency.{language}.bits_per_word"] = mean(mixed)
    return found


def _models(documents: Sequence[Document]) -> Callable[[str, frozenset[str]], NgramModel]:
    @cache
    def model(language: str, without: frozenset[str]) -> NgramModel:
        return NgramModel(
            d.text for d in documents if d.language == language and d.title not in without
        )

    return model


def shuffled(text: str) -> str:
    """The text's words in another order, the same every time."""
    mixed = words(text)
    random.Random(0).shuffle(mixed)  # noqa: S311 - no secret
    return " ".join(mixed)


def prefers(model: NgramModel, better: str, worse: str) -> bool:
    """Whether `better` reads better: fewer faults, and of as many the one of fewer bits."""
    return (len(faults(better)), model.bits(better)) < (len(faults(worse)), model.bits(worse))


def diversity(prefix: str, texts: Sequence[str]) -> dict[str, Mark]:
    """distinct-1, distinct-2 and self-BLEU of a set of texts."""
    return {
        f"{prefix}distinct_1": Mark(distinct(texts, 1)),
        f"{prefix}distinct_2": Mark(distinct(texts, 2)),
        f"{prefix}self_bleu": Mark(self_bleu(texts)),
    }
