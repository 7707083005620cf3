"""Variants of labelled texts: other names in the same sentences, other casing, joined texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from training.ner.data import Doc, Span
from training.ner.names import Culture, Names

_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]*")
_ROLE = re.compile(
    r"(?:mr|mrs|ms|miss|dr|prof|professor|manager|teacher|uncle|aunt|auntie|old|xiao|lao|little|boss"
    r"|brother|sister|general|president|director|coach|master|engineer|doctor|consultant|team|squad"
    r"|leader|senior|client|father|mother|ah|the|my|of|de|la|van|von|da|bin|al|el|user|lord|lady|sir"
    r"|king|queen|st)\.?",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r" (n't|'s|'m|'re|'ve|'ll|'d|[.,!?;:)])(?=\s|$)|(?<=\() ")

Edit = tuple[int, int, str]


def edited(doc: Doc, edits: Sequence[Edit]) -> Doc:
    """`doc` with pieces of its text replaced; the spans move with the text.

    An edit lies within a span or outside every span, and edits do not overlap.
    """
    text = ""
    at = 0
    moves: list[tuple[int, int]] = []
    for start, end, new in sorted(edits):
        text += doc.text[at:start] + new
        at = end
        moves.append((end, len(new) - (end - start)))

    def moved(place: int) -> int:
        return place + sum(by for end, by in moves if end <= place)

    def shifted(start: int, end: int) -> tuple[int, int]:
        # An edit that ends where a span starts lies before it; the start moves with it.
        return moved(start), moved(end)

    spans = tuple((*shifted(a, b), kind) for a, b, kind in doc.spans)
    return Doc(
        text + doc.text[at:],
        spans,
        doc.source,
        tuple(shifted(a, b) for a, b in doc.ignored),
        doc.key,
    )


def renamed(doc: Doc, names: Names, rng: Random) -> Doc:
    """Every person of `doc` gets a name of another culture, the same one throughout."""
    culture = names.culture(rng)
    new: dict[str, str] = {}
    edits: dict[int, Edit] = {}
    mentions = [(a, b) for a, b, kind in doc.spans if kind == "PERSON"]
    # Full names first: they say which word is given name and which is family name.
    for a, b in sorted(mentions, key=lambda m: m[0] - m[1]):
        words = [m for m in _NAME_WORD.finditer(doc.text, a, b) if not _ROLE.fullmatch(m[0])]
        if not words or len(words) > 3 or any(len(w[0]) < 2 for w in words):
            continue
        for place, word in enumerate(words):
            if word[0] not in new:
                new[word[0]] = _other(word[0], culture, rng, first=place == 0)
            edits[word.start()] = (*word.span(), new[word[0]])
    return edited(doc, list(edits.values()))


def _other(word: str, culture: Culture, rng: Random, first: bool) -> str:
    pool = culture.given if first != culture.family_first else culture.family
    name = rng.choice(pool)
    if word.islower():
        return name.lower()
    return name.upper() if word.isupper() and len(word) > 2 else name


def moved_elsewhere(doc: Doc, names: Names, rng: Random) -> Doc:
    """Short places and firms are exchanged for others."""
    makers: dict[str, Callable[[Random], str]] = {
        "LOCATION": names.place,
        "ORGANIZATION": names.organisation,
    }
    edits: list[Edit] = []
    for a, b, kind in doc.spans:
        if kind in makers and doc.text[a:b].count(" ") < 2 and rng.random() < 0.6:
            value = makers[kind](rng)
            edits.append((a, b, value.lower() if doc.text[a:b].islower() else value))
    return edited(doc, edits)


def untokenised(doc: Doc) -> Doc:
    """WNUT's tokens joined as people write them: "It 's" becomes "It's"."""
    edits = [
        (m.start(), m.start() + 1, "")
        for m in _CONTRACTED.finditer(doc.text)
        if not any(a <= m.start() < b for a, b, _ in doc.spans)
    ]
    return edited(doc, edits)


def recased(doc: Doc, rng: Random) -> Doc:
    """The same text as careless, shouting or headline writers would write it."""
    dice = rng.random()
    text = doc.text
    if dice < 0.13:
        text = text.lower()
    elif dice < 0.17:
        text = text.upper()
    elif dice < 0.19:
        text = re.sub(r"\b[a-z]", lambda m: m[0].upper(), text)
    elif dice < 0.25:
        for a, b, _ in doc.spans:
            text = text[:a] + text[a:b].lower() + text[b:]
    # Some letters change their number when their case does ("ß", "İ"): then all stays.
    if len(text) != len(doc.text):
        return doc
    return Doc(text, doc.spans, doc.source, doc.ignored, doc.key)


def joined(docs: Sequence[Doc], rng: Random) -> Doc:
    """Several texts as one."""
    text = ""
    spans: list[Span] = []
    ignored: list[tuple[int, int]] = []
    for doc in docs:
        if text:
            text += rng.choice((" ", "\n", "\n\n", " ", ". " if text[-1].isalnum() else " "))
        shift = len(text)
        text += doc.text
        spans += ((a + shift, b + shift, kind) for a, b, kind in doc.spans)
        ignored += ((a + shift, b + shift) for a, b in doc.ignored)
    return Doc(text, tuple(spans), docs[0].source, tuple(ignored), docs[0].key)
