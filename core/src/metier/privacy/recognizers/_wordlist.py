"""Word lists written as running text."""

from __future__ import annotations


def word_set(words: str) -> frozenset[str]:
    """The words of `words`, which are separated by white space."""
    return frozenset(words.split())
