"""The topics of this pack, and what finds them in a question."""

from __future__ import annotations

from pathlib import Path

from metier.topics import Quote, Topic, Topics

__all__ = ["PACK", "Quote", "Topic", "about", "elsewhere", "find_topic", "topic_of", "topics"]

PACK = Path(__file__).parent / "knowledge"
_TOPICS = Topics(PACK)
topics, topic_of = _TOPICS.topics, _TOPICS.of
about, elsewhere = _TOPICS.about, _TOPICS.elsewhere
_STUDY = "study"


def find_topic(text: str, language: str) -> Topic | None:
    """The topic a text names; who wants to revise fractions asks about fractions."""
    found = _TOPICS.find(text, language)
    if found is None or found.name != _STUDY:
        return found
    rest = text.lower()
    for word in sorted((w for t in topics() if t.name == _STUDY for w in t.words), key=len):
        rest = rest.replace(word, " ")
    return _TOPICS.find(rest, language) or found
