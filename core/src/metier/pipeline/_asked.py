"""What is searched for: the message without who asks, and without what says nothing here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.impersonal import impersonal
from metier.model import Manifest
from metier.pipeline._own_words import own_words
from metier.pipeline._state import Parts, State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SENTENCE = re.compile(
    r"(?:[^.!?。！？\n]|[.!?]+(?![\s.!?\u3400-\u9fff]|$))+(?:[.!?。！？]+|\n|$)|[.!?。！？\n]+"
)
"""All of a text is in one; the sign in "3.5" or an address ends none."""
_OF_ONESELF = re.compile(
    r"\s*(?:(?:(?:I|I['’]m|I['’]ve|My|We|Our)\b(?:[^\w?]+[\w'’-]+){1,9}[^\w?]*)"
    r"|(?:我|我们|本人)[^?？吗呢怎什哪谁几多]{1,18})$"
)
"""A short statement that somebody makes of themselves."""
_CONTACTS = frozenset({"EMAIL_ADDRESS", "PHONE_NUMBER"})
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
    turn = state.turn
    said = own_words(turn.message)
    text, names = _neutral(state.parts, turn.tenant, state.manifest, turn.domain, said)
    return Asked(text, state.vector if text == turn.message else None, names)


def searched_for(parts: Parts, tenant: str, domain: str, query: str) -> str:
    """What a search outside a turn is for: the query as a turn would ask it.

    Who is Turkish and who is not find the same in one domain, by whichever door they come;
    only what the domain declares a reason for (`Manifest.fairness_exceptions`) tells them apart.

    Returns:
        "" where the query only says who somebody is.
    """
    manifest = parts.registry.domains.get(domain)
    if manifest is None:  # nothing can be in the index of a domain that isn't there
        return query
    return _neutral(parts, tenant, manifest, domain, query)[0]


def _neutral(
    parts: Parts, tenant: str, manifest: Manifest, domain: str, message: str
) -> tuple[str, tuple[str, ...]]:
    """A message without who asks, and the names that stand in it."""
    spans = parts.detector(domain).scan(message)
    people = [(span.start, span.end) for span in spans if span.entity == "PERSON"]
    names = tuple(dict.fromkeys(message[start:end] for start, end in people))
    contacts = [(s.start, s.end) for s in spans if s.entity in _CONTACTS]
    declared = manifest.fairness_exceptions
    text = impersonal(message, people, declared, list(_stated(message, contacts)))

    def finds(words: str) -> bool:
        return bool(parts.index().search(tenant, domain, [words], 1))

    return _without_asides(text, declared, finds), names


def _stated(message: str, contacts: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The contacts by which somebody says to be reached; a question may be about one.

    In no article, they would count as the rarest words of what is asked.
    """
    asked = [
        m.span() for m in _SENTENCE.finditer(message) if m.group().rstrip()[-1:] in ("?", "？")
    ]
    for start, end in contacts:
        if not any(begin <= start < stop for begin, stop in asked):
            yield start, end


def impersonal_query(state: State, query: str, names: Sequence[str]) -> str:
    """A query of a plugin, without who asks; "" where it is the message in other letters, which
    the search does not tell apart."""
    if _plain(query) == _plain(state.turn.message):
        return ""
    people = [m.span() for name in names for m in re.finditer(re.escape(name), query)]
    return impersonal(query, people, state.manifest.fairness_exceptions)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def _without_asides(text: str, declared: Collection[str], finds: Callable[[str], bool]) -> str:
    sentences = _SENTENCE.findall(text)
    if not 1 < len(sentences) <= _SENTENCES:
        return text
    asides = [s for s in sentences if _OF_ONESELF.match(s)]
    if not asides or len(asides) > _ASIDES:
        return text
    asides = [s for s in asides if impersonal(s, allowed=declared) == impersonal(s)]
    idle = [s for s in asides if not finds(s.strip())]
    rest = "".join(s for s in sentences if s not in idle).strip()
    return rest if idle and rest and finds(rest) else text
