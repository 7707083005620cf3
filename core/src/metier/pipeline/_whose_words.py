"""Whether what a message says in the first person is said of its sender.

The rules of `profile/extraction` leave out quotations and pasted texts where marks or lines tell
them. "Speaking test, model answer: I come from Hanoi. Is band 7 possible?" has neither: there the
head `whose-words` tells by what stands around the statement. Where it stands in a text, nobody
learns from the message, the core no more than a plugin: a fact that is not the person's is worse
than none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from metier.encoder import Encoder
from metier.learning import MARK, SHIPPED, Head, frame, frame_vectors

_SURE: Final = 0.75
"""The least probability that it is a text's; `docs/heads.md` tells what others would cost."""
_OWN: Final = 0.1
"""Below it by its n-grams alone, a frame gets no vector: that has not yet made a text of one."""
_LETTER: Final = re.compile(r"[^\W\d_]")
_TO_KEEP: Final = re.compile(
    r"(?:please |do |and |also )*(?:remember|note|(?:keep|bear) in mind|don'?t forget)(?: that)?"
    r"|(?:请|麻烦|帮我|务必|一定|你?要|也)*(?:记得|记住|记下|记好|注意|别忘了?|不要忘了?)(?:一下)?",
    re.I,
)
"""A wish that something be kept in mind: nobody says it of a text's first person."""


def of_the_sender(message: str, encoder: Encoder | None) -> bool:
    """Whether a message's first person is its sender.

    Args:
        message: as typed, in English or Chinese.
        encoder: for English; without it the head's n-grams alone serve, which find fewer.
    """
    around = frame(message)
    beside = around.replace(MARK, "").strip(" ,.:!，。：！")
    if MARK not in around or not _LETTER.search(beside) or _TO_KEEP.fullmatch(beside):
        return True
    (found,) = _head().predict([around])
    if encoder is not None and found.probabilities["text"] >= _OWN:
        (found,) = _head().predict([around], vectors=frame_vectors([around], encoder))
    return found.probabilities["text"] < _SURE


@lru_cache(1)
def _head() -> Head:
    return Head.open(SHIPPED / "whose-words.head")
