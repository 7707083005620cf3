"""How many disguised values are hidden from a model, and how many benign texts are touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metier.evaluation.privacy.adversarial._cases import Case, benign, cases
from metier.model import Message, Role, Span
from metier.privacy import Detector, Scrubber, hide_everything

ANSWER = {"en": "Thanks, and the rest?", "zh": "好的，后面呢？"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case, and whether nothing of its value was left in what would go out."""

    case: Case
    caught: bool


def _covered(text: str, span: tuple[int, int], found: Iterable[Span]) -> bool:
    """Whether every letter and digit of `span` is inside what is hidden."""
    open_places = {at for at in range(*span) if text[at].isalnum()}
    for each in found:
        if hide_everything(each.entity).action != "keep":
            open_places -= set(range(each.start, each.end))
    return not open_places


def caught(case: Case, detector: Detector) -> bool:
    """Whether the value of a case would be hidden from an outside model.

    A value split over messages is hidden when every piece is, in the plan
    that the conversation makes.
    """
    if len(case.messages) == 1:
        text = case.messages[0]
        return _covered(text, case.spans[0], detector.detect(text, None))
    said = [Message(Role.USER, text) for text in case.messages]
    said.insert(1, Message(Role.ASSISTANT, ANSWER[case.language]))
    hidden = [m.content for m in Scrubber(detector).hide_messages(said) if m.role is Role.USER]
    pieces = [t[low:high] for t, (low, high) in zip(case.messages, case.spans, strict=True)]
    return all(piece not in text for piece, text in zip(pieces, hidden, strict=True))


def outcomes(detector: Detector) -> list[Outcome]:
    """Every case of the set, run."""
    return [Outcome(case, caught(case, detector)) for case in cases()]


def flagged(detector: Detector) -> Mapping[str, tuple[str, ...]]:
    """The benign texts in which something would be hidden, with the types."""
    found = {}
    for text in benign():
        spans = detector.detect(text, None)
        types = tuple(s.entity for s in spans if hide_everything(s.entity).action != "keep")
        if types:
            found[text] = types
    return found
