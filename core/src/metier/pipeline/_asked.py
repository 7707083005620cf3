"""What is searched for: the message without who asks, and without what says nothing here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.impersonal import impersonal
from metier.pipeline._state import State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SENTENCE = re.compile(
    r"[^.!?。！？\n]+(?:[.!?。！？]+(?=\s|$|[\u3400-\u9fff])|\n|$)|[.!?。！？\n]+"
)
_OF_ONESELF = re.compile(
    r"\s*(?:(?:(?:I|I['’]m|I['’]ve|My|We|Our)\b(?:[^\w?]+[\w'’-]+){1,9}[^\w?]*)"
    r"|(?:我|我们|本人)[^?？吗呢怎什哪谁几多]{1,18})$"
)
"""A short statement that somebody makes of themselves."""
_SENTENCES, _ASIDES = 8, 3
"""Sentences of a message that is looked through at all, and statements that are tried."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message asks.

    Args:
        text: the first query; "" where a message only says who somebody is.
        vector: of `text`, where it is known.
        people: names that stand in the message.
    """

    text: str
    vector: NDArray[np.float32] | None
    people: tuple[str, ...]


def asked(state: State) -> Asked:
    """What is asked, without who asks (see `metier.impersonal`), by what the domain declares.

    A short statement of the person about themselves that finds nothing by itself ("I use a
    wheelchair", "I use a bicycle") is left out as well where the rest finds something: it can't
    bear on what the articles are about, but would move what is found at the margin. What says
    something that the domain declares stays.
    """
    message, domain = state.turn.message, state.turn.domain
    spans = state.parts.detector(domain).scan(message)
    people = [(span.start, span.end) for span in spans if span.entity == "PERSON"]
    names = tuple(dict.fromkeys(message[start:end] for start, end in people))
    text = impersonal(message, people, state.manifest.fairness_exceptions)
    kept = _without_asides(state, text)
    return Asked(kept, state.vector if kept == message else None, names)


def impersonal_query(state: State, query: str, names: Sequence[str]) -> str:
    """A query of a plugin, without who asks; "" where it is the message in other letters, which
    the search does not tell apart."""
    if _plain(query) == _plain(state.turn.message):
        return ""
    people = [m.span() for name in names for m in re.finditer(re.escape(name), query)]
    return impersonal(query, people, state.manifest.fairness_exceptions)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _without_asides(state: State, text: str) -> str:
    sentences = _SENTENCE.findall(text)
    if not 1 < len(sentences) <= _SENTENCES:
        return text
    asides = [s for s in sentences if _OF_ONESELF.match(s)]
    if not asides or len(asides) > _ASIDES:
        return text
    declared = state.manifest.fairness_exceptions
    asides = [s for s in asides if impersonal(s, allowed=declared) == impersonal(s)]
    idle = [s for s in asides if not _finds(state, s.strip())]
    rest = "".join(s for s in sentences if s not in idle).strip()
    return rest if idle and rest and _finds(state, rest) else text


def _finds(state: State, text: str) -> bool:
    turn = state.turn
    return bool(state.parts.index().search(turn.tenant, turn.domain, [text], 1))
