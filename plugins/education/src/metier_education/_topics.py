"""The topics of this pack, and what finds them in a question."""

from __future__ import annotations

from pathlib import Path

from metier.topics import Quote, Topic, Topics

__all__ = ["PACK", "Quote", "Topic", "about", "elsewhere", "find_topic", "topic_of", "topics"]

PACK = Path(__file__).parent / "knowledge"
_TOPICS = Topics(PACK)
topics, find_topic, topic_of = _TOPICS.topics, _TOPICS.find, _TOPICS.of
about, elsewhere = _TOPICS.about, _TOPICS.elsewhere
