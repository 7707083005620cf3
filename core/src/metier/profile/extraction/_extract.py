"""The door: from a turn to the facts its message states."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from metier.encoder import simplified
from metier.model import ClauseReader, Fact, Turn
from metier.profile.extraction import _chinese, _chinese_frame, _chinese_sentence, _english_sentence
from metier.profile.extraction._frame import is_chinese, mentioned
from metier.profile.extraction._granted import granted
from metier.profile.extraction._learned import learned
from metier.profile.extraction._make import Found
from metier.profile.extraction._read import in_scene, own_words, sentences
from metier.profile.extraction._repair import repaired
from metier.profile.extraction._sift import once

_ENGLISH = _english_sentence.RULES
_CHINESE = (*_chinese.RULES, *_chinese.GENERAL)
RULES = (*_ENGLISH, *_CHINESE)
SLOTS = {rule.slot: rule.category for rule in (*_CHINESE, *reversed(_ENGLISH))}
"""The slots of the core's facts, each with its category. A value that tells of the person's
health is of that category in any slot."""

_EARLIER = 10
"""So many of the person's earlier messages may have opened a scene that goes on."""


def extract(turn: Turn, reader: ClauseReader | None = None) -> tuple[Fact, ...]:
    """Finds what the turn's message states of the person and of the people they speak of.

    Args:
        reader: is asked of clauses of which no rule reads anything; None where there is none.
    Returns: facts in the order of the text, their spans offsets in `turn.message`; empty in a
        private turn. What is quoted, pasted, played, asked, supposed or doubted yields none.
    """
    if turn.private or not turn.message.strip():
        return ()
    earlier = tuple(m.content for m in turn.history[-2 * _EARLIER :] if m.role == "user")
    found: list[Found] = []
    before = _before(turn)
    last = _chinese_frame.mentioned(before) or mentioned(before)
    again = partial(extract, reader=reader)
    said = _english_sentence.Before(turn, again)
    own = list(sentences(own_words(simplified(turn.message), playing=in_scene(earlier))))
    for place in _english_sentence.places(own):
        if _in_chinese(place.sentence.text, turn.message):
            found, last = _chinese_sentence.read(
                found, turn, place.sentence, place.number, last, again
            )
        else:
            found, last = _english_sentence.read(found, turn, place, last, said)
    facts = once(found)
    if reader is not None:
        facts = (*facts, *learned(turn, own, facts, reader))
    facts = (*facts, *granted(turn, own, facts, SLOTS))
    if reader is not None:
        facts = repaired(turn, own, facts, reader, partial(_of_message, turn))
    return facts


def _of_message(turn: Turn, message: str) -> tuple[Fact, ...]:
    """What rules find in another message of the person."""
    return extract(replace(turn, message=message, history=(), facts=()))


def _in_chinese(sentence: str, message: str) -> bool:
    """Whether the Chinese rules read a sentence; one of figures alone goes with its message."""
    plain = _ADDRESS.sub("", sentence)
    return is_chinese(plain if any(c.isalpha() for c in plain) else message)


_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+", re.A)


def _before(turn: Turn) -> str:
    """The person's last message before this one."""
    said = (m.content for m in reversed(turn.history) if m.role == "user")
    return (next(said, "") or "")[:1000]
