"""An answer without what breaks a constraint, where a sensible answer is left."""

from __future__ import annotations

import re
from collections.abc import Iterable

from metier.model import Fact
from metier.profile.constraints._review import broken
from metier.profile.constraints._text import Sentence, sentences
from metier.profile.constraints._types import Broken

_WHOLE = ("language", "length", "units")
"""What no sentence is to blame for, or what leaving it out would take the answer away with."""
_DANGLING = re.compile(
    r"^(?:it|they|them|this|these|those|that|both|its|their|such|the (?:latter|former|second))\b"
    r"|^(?:它|这|那|两者|其中)",
    re.I,
)
_SIGN = re.compile(r"^[^\w\s]+$")
_KEPT = 0.4


def repaired(facts: Iterable[Fact], answer: str, language: str = "") -> str | None:
    """The answer without the sentences that break a constraint.

    Signs (emoji, exclamation marks) are taken out by themselves. A sentence that
    points back at a removed one ("It goes well with ...") is removed with it.

    Returns: the answer itself where nothing is broken; None where what is left would
    be no answer (less than two fifths of it, a heading without its list, a wrong
    language), or would still break a constraint. Then it has to be refused or written anew.
    """
    known = tuple(facts)
    breaches = broken(known, answer, language)
    if not breaches:
        return answer
    if any(b.reason in _WHOLE for b in breaches):
        return None
    text = _without_signs(answer, breaches)
    left = broken(known, text, language)
    if left:
        cut = _without_sentences(text, left)
        if cut is None:
            return None
        text = cut
    sensible = text.strip() and not broken(known, text, language)
    return text if sensible else None


def _without_signs(answer: str, breaches: Iterable[Broken]) -> str:
    for each in sorted(breaches, key=lambda b: -b.start):
        sign = answer[each.start : each.end]
        if each.reason == "never" and _SIGN.match(sign):
            stop = {"!": ".", "！": "。"}.get(sign[0], "")
            before = answer[: each.start]
            answer = (before if stop else before.rstrip(" ")) + stop + answer[each.end :]
    return answer


def _without_sentences(answer: str, breaches: Iterable[Broken]) -> str | None:
    spots = [(b.start, b.end) for b in breaches]
    parts = list(sentences(answer))
    gone = [any(a < s.end and b > s.start for a, b in spots) for s in parts]
    for i in range(1, len(parts)):
        if gone[i - 1] and _DANGLING.match(parts[i].text.lstrip()):
            gone[i] = True
    kept = [s for s, removed in zip(parts, gone, strict=True) if not removed]
    if not kept or sum(len(s.text.strip()) for s in kept) < _KEPT * len(answer.strip()):
        return None
    text = _cut(answer, [s for s, removed in zip(parts, gone, strict=True) if removed])
    last = kept[-1].text.rstrip()
    return None if last.endswith((":", "：")) or not text else text


def _cut(answer: str, gone: Iterable[Sentence]) -> str:
    for sentence in sorted(gone, key=lambda s: -s.start):
        line = answer.rfind("\n", 0, sentence.start) + 1
        over = answer.find("\n", sentence.end)
        over = len(answer) if over < 0 else over
        alone = re.fullmatch(r"\s*(?:[-*•·]|\d+[.)、])?\s*", answer[line : sentence.start])
        if alone and not answer[sentence.end : over].strip():
            answer = answer[:line] + answer[over + 1 :]
        else:
            answer = answer[: sentence.start].rstrip(" ") + answer[sentence.end :]
    return re.sub(r"\n{3,}", "\n\n", answer).strip()
