"""Summaries of conversations, made of what was said in them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from metier.encoder import Terms
from metier.profile.memory._memory import SUMMARY, Memory, sentences
from metier.profile.memory._words import document

LEAST: Final = 6
"""Utterances from which on a conversation gets a summary; a shorter one is its own."""
_ROOM = 500
"""Characters of a summary, without the names of speakers."""
_LONGEST = 250
_SHORT = 8
_FEWEST = 4
"""Words of a sentence that can stand alone."""


def summarise(memories: Sequence[Memory], terms: Terms) -> list[Memory]:
    """A summary of each conversation that is long enough.

    Its sentences are chosen one after the other: always the one whose words,
    not yet in the summary, weigh most (what the conversation says often and
    others seldom; Nenkova & Vanderwende, "The Impact of Frequency on
    Summarization", 2005, for the first half). Questions are left out.

    Args:
        memories: by conversation, in the order they were said.
        terms: cuts texts into words.

    Returns: memories with the source "summary", without a speaker, at the time of the last
        utterance, with the categories of what they quote.
    """
    spoken = [
        (name, list(group)) for name, group in groupby(memories, key=lambda m: m.conversation)
    ]
    words = {
        name: Counter(w for m in group for w in document(m.text, terms)) for name, group in spoken
    }
    held = Counter(word for counted in words.values() for word in counted)
    found = []
    for name, group in spoken:
        if len(group) < LEAST:
            continue
        weights = {
            word: math.sqrt(n) * (0.5 + math.log(len(spoken) / held[word]))
            for word, n in words[name].items()
        }
        quoted = _chosen(group, weights, terms)
        if quoted:
            found.append(_extract(group, quoted))
    return found


def _chosen(
    group: Sequence[Memory], weights: dict[str, float], terms: Terms
) -> list[tuple[int, int, str]]:
    """The sentences of a summary with their places, in the order they were said."""
    left = list(_sentences(group, terms))
    chosen: list[tuple[int, int, str]] = []
    covered: set[str] = set()
    room = _ROOM
    while left:
        best = max(
            left,
            key=lambda s: sum(weights[w] for w in s[3] - covered) / math.sqrt(_SHORT + len(s[2])),
        )
        chosen.append(best[:3])
        covered |= best[3]
        room -= len(best[2])
        left = [s for s in left if s is not best and len(s[2]) <= room]
    return sorted(chosen)


def _sentences(
    group: Sequence[Memory], terms: Terms
) -> Iterator[tuple[int, int, str, frozenset[str]]]:
    for place, memory in enumerate(group):
        for number, sentence in enumerate(sentences(memory.text)):
            text = sentence.strip()
            words = frozenset(document(text, terms))
            if len(words) >= _FEWEST and not text.endswith(("?", "？")) and len(text) <= _LONGEST:
                yield place, number, text, words


def _extract(group: Sequence[Memory], quoted: Sequence[tuple[int, int, str]]) -> Memory:
    last = group[-1]
    lines = [f"{group[place].speaker}: {text}" for place, _, text in quoted]
    categories = dict.fromkeys(c for place, _, _ in quoted for c in group[place].categories)
    return Memory(
        f"{SUMMARY}/{group[0].id}", "", last.conversation, last.domain, "", "\n".join(lines),
        last.at, tuple(categories), SUMMARY,
    )  # fmt: skip
