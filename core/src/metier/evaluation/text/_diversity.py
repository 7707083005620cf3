"""Whether answers say different things: distinct-n and self-BLEU."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from metier.evaluation.text._overlap import ngrams
from metier.evaluation.text._units import words

_SMALL = 0.1


def distinct(texts: Sequence[str], n: int) -> float:
    """The share of runs of `n` words that differ, over all texts together.

    Li et al., "A Diversity-Promoting Objective Function for Neural Conversation Models",
    NAACL 2016, section 5.2. It falls as texts get longer, so compare like with like.
    """
    counted: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        counted.update(ngrams(words(text), n))
    return len(counted) / counted.total() if counted else 0.0


def bleu(candidate: Sequence[str], references: Sequence[Sequence[str]], order: int = 4) -> float:
    """BLEU of one text, in [0, 1].

    Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002:
    clipped precisions, geometric mean, brevity penalty with the closest length. An order
    without a match counts 0.1 matches (Chen and Cherry, WMT 2014, smoothing 1); a text shorter
    than `order` words is scored to the order it has.
    """
    order = min(order, len(candidate))
    if not order or not any(references):
        return 0.0
    logs = 0.0
    for n in range(1, order + 1):
        own = ngrams(candidate, n)
        most: Counter[tuple[str, ...]] = Counter()
        for reference in references:
            most |= ngrams(reference, n)
        matched = (own & most).total()
        if n == 1 and not matched:
            return 0.0
        logs += math.log((matched or _SMALL) / own.total())
    length = len(candidate)
    closest = min((len(r) for r in references), key=lambda size: (abs(size - length), size))
    penalty = 1.0 if length > closest else math.exp(1 - closest / length)
    return penalty * math.exp(logs / order)


def self_bleu(texts: Sequence[str], order: int = 4) -> float:
    """The mean BLEU of each text against all others: 1 where all are alike.

    Zhu et al., "Texygen: A Benchmarking Platform for Text Generation Models", SIGIR 2018,
    section 3. 0 for fewer than two texts.
    """
    tokens = [words(text) for text in texts]
    if len(tokens) < 2:
        return 0.0
    scores = [bleu(own, [*tokens[:i], *tokens[i + 1 :]], order) for i, own in enumerate(tokens)]
    return sum(scores) / len(scores)
