"""A message without what it says in the first person: what the head `whose-words` reads.

Whether "I live in Lyon" is said of the sender, or is a sentence to be corrected, does not depend on
it but on what stands around it: "which tense is this: ...", "... what can I cook?". So each clause is
cut off where its first person begins, and a mark put in its place.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from metier.learning._heads import vectors_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from metier.encoder import Encoder

MARK = "qq"
"""Stands for what is said in the first person: a word that no language has."""

_CLAUSE = re.compile(
    r"(?:[^.!?;:,\n–—，。！？；：、…/-]|(?<=\w)[-.](?=\w))+|[.!?;:,\n–—，。！？；：、…/-]+"
)
_ENGLISH = re.compile(
    # "How do I", "if I" and the like ask or suppose.
    r"(?<![\w'])(?<!can )(?<!could )(?<!should )(?<!do )(?<!did )(?<!would )(?<!may )(?<!shall )(?<!am )"
    r"(?<!have )(?<!will )(?<!if )(?<!when )(?<!must )(?<!what )(?<!than )"
    r"(?:(?:i|i'm|im|i've|ive|i'd|i'll)(?![\w'])"
    r"|my (?:name|favou?rite|age|job|wife|husband|son|daughter|dad|mum|mom|birthday|hobby|hobbies)\b)"
    r"(?! (?:say|reply|answer|respond|should)\b)",
    re.I,
)
_CHINESE = re.compile(
    r"(?<![帮给教跟请陪让叫替问对劝诉答回复加发找等])(?:我|本人|俺)"
    r"(?!(?:该|要|应该|可以|能)?(?:怎么|怎样|如何|能不能|可以|有没有))(?!该|应该)"
)
_AGAIN = re.compile(rf"(?:{MARK}[\W_]*)+(?={MARK})")


def frame(text: str) -> str:
    """What stands around the statements in the first person, with `MARK` for them.

    Args:
        text: a message as typed, in English or Chinese.
    Returns: the frame; without `MARK` where nothing is said in the first person, and with nothing
        else where nothing stands around it.
    """
    kept = []
    for clause in _CLAUSE.findall(text.replace("’", "'")):
        begins = [found.start() for p in (_ENGLISH, _CHINESE) if (found := p.search(clause))]
        kept.append(clause[: min(begins)] + MARK if begins else clause)
    return _AGAIN.sub("", "".join(kept)).strip()


def frame_vectors(frames: Sequence[str], encoder: Encoder) -> NDArray[np.float32]:
    """The encoder's vectors of frames, rows of zeros for those in a language it doesn't know."""
    return vectors_of([each.replace(MARK, "I") for each in frames], encoder)
