"""What is measured on: texts with labelled spans."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Label:
    """A labelled span, end-exclusive.

    `required` is False where a span need not be found but is no false positive
    either: a company, a film, "the boyfriend".
    """

    start: int
    end: int
    entity: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One text. Texts of one `cluster` (template, record) are not independent."""

    text: str
    labels: tuple[Label, ...]
    cluster: str
    language: str = "en"


@dataclass(frozen=True, slots=True)
class DataSet:
    """Texts that are reported together.

    Attributes:
        source: the public set's name, as in the report's `dataset`.
        prefix: what its marks' names begin with; "" for the main set.
        whole: every kind of personal data is labelled, so that all
            predictions together can be judged.
        unlabelled: predicted types that the set leaves unlabelled on purpose;
            such a prediction is neither right nor wrong there.
        characters: recall counts letters and digits instead of whole spans.
        total: what the name of a mark over all types begins with, after the prefix.
    """

    source: str
    prefix: str
    samples: tuple[Sample, ...]
    whole: bool = True
    unlabelled: frozenset[str] = frozenset()
    characters: bool = False
    total: str = "overall."


def digest(text: str) -> str:
    """The sha256 by which texts are put into halves and picked."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def half(sample: Sample) -> str:
    """`even` or `odd`: the parity of the sha256 of the text, read as a number.

    Whatever is fitted on this set is fitted on one half and judged on the other.
    """
    return "odd" if int(digest(sample.text), 16) % 2 else "even"


def limited(data: DataSet, limit: int | None) -> DataSet:
    """At most `limit` texts of a set, the same ones every time, in their order."""
    if limit is None or len(data.samples) <= limit:
        return data
    order = sorted(range(len(data.samples)), key=lambda i: (digest(data.samples[i].text), i))
    return replace(data, samples=tuple(data.samples[i] for i in sorted(order[:limit])))


_SPEED_SOURCES = ("presidio-research", "zh-weibo-ner", "zh-resume-ner", "sample")
_SHORT = range(20, 250)


def material(sets: Iterable[DataSet], language: str) -> list[str]:
    """Short texts of a language for measuring speed.

    From the first of the sets that has any: in English generated_large, whose
    texts are 84 characters long on average, or else the shipped sample.
    """
    order = {source: place for place, source in enumerate(_SPEED_SOURCES)}
    for data in sorted(sets, key=lambda data: (order.get(data.source, len(order)), data.prefix)):
        texts = [s.text for s in data.samples if s.language == language]
        short = [text for text in texts if len(text) in _SHORT]
        if short:
            return short
    return []
