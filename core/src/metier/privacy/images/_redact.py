"""What is found in a picture's words is painted over; the result is read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.model import Span
from metier.privacy._detector import Detector
from metier.privacy._known import KnownValues
from metier.privacy._replace import PolicyAction, acted
from metier.privacy.images._layout import Text, texts_of
from metier.privacy.images._ocr import SURE, UPRIGHT, Box, Places, Reader, Reading, Word, rotated
from metier.privacy.images._picture import bad_picture, open_picture, write_picture

if TYPE_CHECKING:
    from PIL.Image import Image

_ROUNDS = 6
_ALONG = 0.4
"""Of a line's height: what is painted before and after. A box can begin within a letter."""
_ACROSS = 0.2
"""Above and below, for marks that stand out of letters."""
_LEAST = 2.0
_AT = re.compile(r"[\w.+-]*@[\w.-]{2,}")
_UNREAD = 30.0
"""A word read with less certainty than this was not read, and may be anything."""


@dataclass(frozen=True, slots=True, repr=False)
class Redacted:
    """A picture that may leave.

    Args:
        data: its bytes; nothing but pixels is in them.
        media_type: "image/png" or "image/jpeg".
        boxes: how many places were painted over.
    """

    data: bytes
    media_type: str
    boxes: int


def redact(
    data: bytes,
    reader: Reader,
    detector: Detector,
    known: KnownValues,
    policy_action: PolicyAction,
) -> Redacted:
    """A picture with every box filled whose words may not leave.

    Filled are the boxes of what the detector finds, of values that are known
    from the conversation, and of words that could not be read with any certainty.
    Then the picture is read anew, until nothing more is found. It comes out with
    its text level.

    Args:
        data: a picture as it came.
        reader: the text recogniser.
        known: values of the conversation.

    Raises:
        BadRequest: it can't be decoded, is too large, or painting does not come to an end.
        PrivacyError: reading or detection failed.
        EgressBlocked: the policy blocks a value in it.
    """
    picture, form = open_picture(data)
    looks = reader.read(picture)
    if looks.angle:
        picture = rotated(picture, looks.angle)
        looks = reader.read(picture)
    probe = picture.copy()
    """Painted in the colours of the ground: black boxes have edges that read like letters."""
    painted = 0
    for round_ in range(_ROUNDS):
        readings = looks.readings
        if round_:
            looks = reader.read(probe, turned=any(looks.readings[UPRIGHT:]))
            # What was unsure has been searched once; noise gives new unsure words for ever.
            readings = [tuple(w for w in r if w.sure >= SURE) for r in looks.readings]
        boxes = [
            box
            for place, reading in enumerate(readings)
            for text in texts_of(reading, lines=place == 0)
            for box in _found(text, detector, known, policy_action)
        ]
        if not round_:
            boxes += _unread(readings)
        if not boxes:
            return Redacted(write_picture(picture, form), f"image/{form.lower()}", painted)
        _paint(picture, probe, boxes)
        painted += len(boxes)
    raise bad_picture(
        "what is found in it could not all be painted over", "say in words what it shows"
    )


def _found(
    text: Text, detector: Detector, known: KnownValues, policy_action: PolicyAction
) -> Iterator[Box]:
    # Names are not looked for across line ends: labels in a column would be one.
    detecting = detector.certain if text.run_on else detector
    spans = list(detecting.detect(text.text, known))
    # A stop is the first mark to be lost in reading: what is left of an address has an "@".
    spans += [Span(m.start(), m.end(), "EMAIL_ADDRESS", 1.0) for m in _AT.finditer(text.text)]
    for span, _ in acted(spans, policy_action):
        yield from _boxes(text.words(span.start, span.end))


def _boxes(words: Iterable[Word]) -> Iterator[Box]:
    """One box for the words of each line, gaps between them included."""
    lines: dict[tuple[str, ...], list[Box]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word.box)
    for boxes in lines.values():
        yield (
            min(b[0] for b in boxes), min(b[1] for b in boxes),
            max(b[2] for b in boxes), max(b[3] for b in boxes),
        )  # fmt: skip


def _unread(readings: Sequence[Reading]) -> Iterator[Box]:
    """Where the first look shows a word that no look can read.

    The others show noise as letters, so only what they read counts.
    """
    read = Places([w for reading in readings for w in reading if w.sure >= SURE])
    for word in readings[0]:
        letters = sum(c.isalnum() for c in word.text)
        if word.sure < _UNREAD and letters > 1 and not read.surer_than(word):
            yield word.box


def _paint(picture: Image, probe: Image, boxes: Iterable[Box]) -> None:
    from PIL import ImageDraw

    black, ground = ImageDraw.Draw(picture), ImageDraw.Draw(probe)
    for left, top, right, bottom in boxes:
        wide, high = right - left, bottom - top
        along, across = _ALONG * min(wide, high), _ACROSS * min(wide, high)
        aside, above = (along, across) if wide >= high else (across, along)
        area = (
            max(0, int(left - max(aside, _LEAST))),
            max(0, int(top - max(above, _LEAST))),
            min(picture.width - 1, int(right + max(aside, _LEAST)) + 1),
            min(picture.height - 1, int(bottom + max(above, _LEAST)) + 1),
        )
        black.rectangle(area, "black")
        ground.rectangle(area, _ground(probe, area))


def _ground(picture: Image, area: tuple[int, int, int, int]) -> tuple[int, int, int]:
    """The median colour along the upper and lower edge of an area."""
    import numpy as np

    left, top, right, bottom = area
    strips = [(left, top, right + 1, top + 1), (left, bottom, right + 1, bottom + 1)]
    edge = np.concatenate([np.asarray(picture.crop(strip)).reshape(-1, 3) for strip in strips])
    red, green, blue = np.median(edge, axis=0).astype(int).tolist()
    return red, green, blue
