"""What is remembered of a conversation: who said what, when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

USER, ASSISTANT = "user", "assistant"
TURN, SUMMARY = "turn", "summary"
PAUSE = timedelta(hours=6)
"""A pause of this length ends a dialogue: what follows answers nothing said before it."""
_LONGEST = 1200
_ENDS = re.compile(r"(?<=[.!?])(?=\s)|(?<=[。！？\n])")


@dataclass(frozen=True, slots=True)
class Memory:
    """One utterance.

    Attributes:
        id: of the utterance; unique for the subject.
        turn: the turn it belongs to, which the user's and the assistant's words share.
        conversation: where it was said; neighbours are looked for inside one conversation.
        domain: the domain it was said to.
        speaker: "user", "assistant", or a name (imported chats).
        text: the words.
        at: when it was said; with a time zone.
        categories: of what the text holds, for purpose limitation.
        source: "turn"; "summary" for an extract that consolidation made; an import's name.
    """

    id: str
    turn: str
    conversation: str
    domain: str
    speaker: str
    text: str
    at: datetime
    categories: tuple[str, ...] = ()
    source: str = TURN

    @property
    def named(self) -> bool:
        """Whether the speaker has a name, rather than the role of user or assistant."""
        return self.speaker not in ("", USER, ASSISTANT)


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory that was found.

    Attributes:
        memory: what was said.
        score: comparable within one search only.
        before, after: its neighbours in the dialogue, in the order they were said.
        reasons: why it was found, the strongest first: "words" (its own), "meaning" (its
            vector), "neighbours" (their words), "time" (the question's), "speaker" (the one the
            question names), "hop" (words of what was found first).
    """

    memory: Memory
    score: float
    before: tuple[Memory, ...] = ()
    after: tuple[Memory, ...] = ()
    reasons: tuple[str, ...] = ()


def pieces(memory: Memory, longest: int = _LONGEST) -> tuple[Memory, ...]:
    """A long memory as several, cut where sentences end; a short one as it is.

    Pieces have the ids `ID#2`, `ID#3`, ... after the first, and leave with `ID`.
    """
    if len(memory.text) <= longest:
        return (memory,)
    found: list[str] = [""]
    for sentence in sentences(memory.text):
        for start in range(0, len(sentence), longest):
            part = sentence[start : start + longest]
            if found[-1] and len(found[-1]) + len(part) > longest:
                found.append("")
            found[-1] += part
    return tuple(
        replace(memory, id=memory.id if n == 1 else f"{memory.id}#{n}", text=text)
        for n, text in enumerate(found, 1)
    )


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, whose concatenation is the text."""
    return (sentence for sentence in _ENDS.split(text) if sentence)


def whole(identity: str) -> str:
    """The id of the memory that a piece belongs to; an id that is no piece's is its own."""
    return identity.partition("#")[0]


def together(earlier: Memory, later: Memory) -> bool:
    """Whether two memories, the second said after the first, belong to one dialogue."""
    return earlier.conversation == later.conversation and later.at - earlier.at <= PAUSE


def contexts(memories: Sequence[Memory]) -> list[str]:
    """What to encode for each of `memories`, which are in the order they were said.

    An utterance often names nothing ("Seven years now"), so its vector is of it
    and the utterance before it in the dialogue, with the names of named speakers.
    """
    found = []
    for place, memory in enumerate(memories):
        before = memories[place - 1] if place else None
        told = _told(memory)
        found.append(f"{_told(before)}\n{told}" if before and together(before, memory) else told)
    return found


def _told(memory: Memory) -> str:
    return f"{memory.speaker}: {memory.text}" if memory.named else memory.text
