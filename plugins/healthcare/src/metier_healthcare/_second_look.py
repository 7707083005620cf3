"""A second, learned look at English messages in which the rules find no red flag.

The rules know what their tables name. People find other words, and this look asks whether a message
is worded like those of people in danger: a logistic regression over words and pairs of words,
trained by `training/red_flags` on messages of our own. A word that no training message holds counts
as much as the words near it in meaning do, by the vectors of all-MiniLM-L6-v2; that was worked out
in training, so nothing but a table of numbers is read here and no model runs. What is denied, over,
supposed or asked in general is set aside by the same grammar that the rules use.

It can't say what is the matter. So a hit is answered in general words, and named as learned.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

from metier.impersonal import impersonal
from metier_healthcare._context import ENGLISH, cleared, denied, general, has_han, past, sentences
from metier_healthcare._red_flags import red_flag, without_idioms
from metier_healthcare._text import normalise, one_slip

LEARNED = "learned"
"""The code of a message that only the second look holds for an emergency."""
STOP = "."
"""The token that ends a sentence; no pair reaches over it."""
_NUMBER = "#"
_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)?")
_WINDOW, _SENTENCES = 3, 24
"""Sentences looked at together, and sentences of a message looked at in all."""
_FEWEST, _KNOWN = 4, 0.7
"""Different words, and the share of them in the table, below which nothing is said: it may be no English."""
_BODILY = frozenset({"age", "sex", "pregnancy", "weight", "pronoun"})
"""What of a person this look reads: what bears on danger, and words that bear on nothing else."""
_RELATED = re.compile(
    r"(?:friend|neighbou?r|colleague|coworker|classmate|schoolmate|roommate|flatmate|housemate"
    r"|teammate|workmate|mate|pal|buddy|boss|acquaintance)s?"
)
"""Who somebody is to the person says nothing of danger; training saw some in no calm message."""
_ARTICLE = re.compile(r"\ban(?= \d)")
"""Before 18, as before 40, it is the same article."""
_NO_EMERGENCY = re.compile(
    r"\b(?:not|isnt|no) (?:an? |really )?(?:emergency|urgent|happening)|\bjust (?:asking|curious|wondering)\b"
    r"|\bfalse alarm\b|\bhypothetical"
)


@dataclass(frozen=True, slots=True)
class Table:
    """What training found, as numbers.

    Args:
        words: word -> what it says of danger, by its own meaning.
        weights: word -> how telling it is; 5 where a word was in no training message.
        grams: word, or pair of neighbours -> what its presence adds.
        bias: what is added to every message.
        threshold: the least likeness that counts.
    """

    words: Mapping[str, float]
    weights: Mapping[str, float]
    grams: Mapping[str, float]
    bias: float
    threshold: float


@cache
def table() -> Table:
    """The table, read once."""
    raw = json.loads(files(__package__).joinpath("second_look.json").read_text("utf-8"))

    def scaled(name: str) -> Mapping[str, float]:
        return {key: value / raw["scale"] for key, value in raw[name].items()}

    return Table(scaled("words"), scaled("weights"), scaled("grams"), raw["bias"], raw["threshold"])


def flag(message: str) -> str | None:
    """The code of the most urgent red flag: by the rules, else `LEARNED` by the second look, or
    None.

    Args:
        message: as the person typed it.
    """
    if code := red_flag(message):
        return code
    return LEARNED if sounds_urgent(message) else None


def sounds_urgent(message: str) -> bool:
    """Whether an English message is worded like those of people in danger; who they are besides,
    by nation, faith, orientation or disability, is not read."""
    plain = _ARTICLE.sub("a", normalise(impersonal(message, allowed=_BODILY)))
    if has_han(plain) or _NO_EMERGENCY.search(plain):
        return False
    threshold = table().threshold
    return any(likeness(tokens) >= threshold for tokens in windows(plain))


def windows(plain: str) -> Iterator[list[str]]:
    """What is told of somebody here and now: the tokens of up to three sentences at a time.

    Args:
        plain: a message as `normalise` leaves it.
    """
    told = []
    for sentence in sentences(without_idioms("en", plain)):
        if not (general(ENGLISH, sentence) or cleared(ENGLISH, sentence)):
            if tokens := list(_live(sentence)):
                told.append(tokens)
            if len(told) == _SENTENCES:
                break
    for start in range(max(1, len(told) - _WINDOW + 1)):
        near = told[start : start + _WINDOW]
        if near:
            yield [token for tokens in near for token in (*tokens, STOP)][:-1]


def _live(sentence: str) -> Iterator[str]:
    """The words of a sentence that are neither denied nor over, nor deny what follows."""
    waiting = ""
    for match in _TOKEN.finditer(sentence):
        span = match.span()
        if _RELATED.fullmatch(match.group()):
            continue
        if denied(ENGLISH, sentence, *span) or past(ENGLISH, sentence, *span):
            waiting = "" if ENGLISH.negator.fullmatch(waiting) else waiting
            continue
        if waiting:
            yield waiting
        waiting = match.group()
    if waiting:
        yield waiting


def grams(tokens: Sequence[str]) -> list[str]:
    """The features of which presence counts: words, neighbours, and neighbours but one."""
    words = [_NUMBER if token[0].isdigit() else token for token in tokens]
    pairs = [f"{a}_{b}" for a, b in pairwise(words)]
    wider = [f"{a}~{b}" for a, b in zip(words, words[2:], strict=False)]
    return [*words, *pairs, *wider]


def likeness(tokens: Sequence[str]) -> float:
    """The log odds that tokens come from a person in danger; minus infinity where too few are
    known to tell.
    """
    known = table()
    words = [t for t in tokens if t[0].isalpha()]
    read = [w if w in known.words else _nearest(w) for w in words]
    there = [w for w in read if w in known.words]
    if len(set(there)) < _FEWEST or len(there) < _KNOWN * len(words):
        return -math.inf
    weights = [known.weights.get(w, known.weights[""]) for w in there]
    meaning = sum(known.words[w] * x for w, x in zip(there, weights, strict=True))
    spelt = iter(read)
    mended = [next(spelt) if t[0].isalpha() else t for t in tokens]
    # A long message is no stronger evidence for its length: both sums are scaled by it.
    present = [known.grams[g] for g in set(grams(mended)) if g in known.grams]
    presence = sum(present) / math.sqrt(len(present) or 1)
    return known.bias + meaning / math.sqrt(sum(x * x for x in weights)) + presence


@cache
def _by_shape() -> Mapping[tuple[str, int], Sequence[str]]:
    """The table's words of five letters and more by first letter and length."""
    shapes: dict[tuple[str, int], list[str]] = {}
    for word in table().weights:
        if len(word) > 4:
            shapes.setdefault((word[0], len(word)), []).append(word)
    return shapes


def _nearest(word: str) -> str:
    """The word of the training messages that is one slip of the keyboard away, or the word."""
    for length in (len(word), len(word) + 1, len(word) - 1):
        for other in _by_shape().get((word[0], length), ()):
            if one_slip(word, other):
                return other
    return word
