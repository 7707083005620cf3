"""Values that somebody gives in two messages: "my card is 4111 1111", "and 1111 1111"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from metier.model import Span
from metier.privacy._cache import Candidate
from metier.privacy._detector import Detector

_REACH = 48
"""Characters on each side that are read together."""

_LEAST_DIGITS = 3
"""In each part: "2" after "10430" is another number."""

_LEAST_SCORE = 0.6

_LAST = re.compile(r"[0-9](?=[^0-9\n]{0,8}$)")
"""The last digit of a message that ends with a number."""

_FIRST = re.compile(r"[^0-9\n]{0,24}?(?=[0-9])")
"""What may stand before the rest of the number."""


def split_values(texts: Sequence[str], detector: Detector) -> dict[str, list[Candidate]]:
    """The parts of identifiers that go on from one text to the next, for each text.

    Only what has a form or a checksum is looked for.

    Args:
        texts: what one person wrote, message by message.

    Raises:
        PrivacyError: detection failed.
    """
    found: dict[str, list[Candidate]] = {}
    for one, other in pairwise(texts):
        last, first = _LAST.search(one[-_REACH:]), _FIRST.match(other)
        if last is None or first is None:
            continue
        end = max(0, len(one) - _REACH) + last.end()
        for span in _crossing(one[max(0, end - _REACH) : end], other[first.end() :], detector):
            found.setdefault(one, []).append((end + span.start, end, span.entity, span.score))
            stop = first.end() + span.end
            found.setdefault(other, []).append((first.end(), stop, span.entity, span.score))
    return found


def _crossing(before: str, behind: str, detector: Detector) -> Iterable[Span]:
    """Spans over the joint; they start below 0, in `before`, and end in `behind`."""
    behind = behind[:_REACH]
    for glue in (" ", ""):
        spans = detector.certain.scan(before + glue + behind)
        found = list(_over(spans, before, glue, behind))
        if found:
            return found
    return ()


def _over(spans: Iterable[Span], before: str, glue: str, behind: str) -> Iterator[Span]:
    joint = len(before)
    for span in spans:
        start, end = span.start - joint, span.end - joint - len(glue)
        parts = before[span.start : joint], behind[: max(0, end)]
        enough = min(map(_digits, parts)) >= _LEAST_DIGITS
        if start < 0 < end and enough and span.score >= _LEAST_SCORE:
            yield Span(start, end, span.entity, span.score)


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)
