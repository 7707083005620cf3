"""The topics of this pack, and what finds them in a question."""

from __future__ import annotations

import re
from pathlib import Path

from metier.topics import Quote, Topic, Topics

__all__ = [
    "PACK",
    "Quote",
    "Topic",
    "about",
    "elsewhere",
    "find_topic",
    "title_for",
    "topic_of",
    "topics",
]

PACK = Path(__file__).parent / "knowledge"
_TOPICS = Topics(PACK)
topics, find_topic, topic_of = _TOPICS.topics, _TOPICS.find, _TOPICS.of
about, elsewhere = _TOPICS.about, _TOPICS.elsewhere


def title_for(rule: str, language: str) -> str:
    """The title of the article behind a rule, "" where there is none."""
    name = next((t for pattern, t in _BEHIND if re.match(pattern, rule)), "")
    topic = topic_of(name, language)
    return topic.title if topic else ""


_BEHIND = (
    (r"its", "its"), (r"your", "your"), (r"there_is|their|theyre|over_there", "their"), (r"affect|effect", "affect"),
    (r"agreement|there_are|there_were", "agreement"), (r"apostrophe|whose|whos|lets", "apostrophes"),
    (r"comma_splice", "comma-splice"), (r"passive", "active-voice"), (r"proper|sentence_capital|i$", "capitals"),
    (r"long_sentence|一逗到底", "short-sentences"), (r"的", "de"), (r"省略号", "zh-dashes"),
    (r"半角(?:句号|叹号|问号|括号)|叹号连用", "zh-ends"), (r"半角|重复标点|标点前空格", "zh-marks"),
    (r"主语残缺|双重否定|大约|超过|原因|由于|非常|凯旋|亲眼|免费", "bingju"), (r"进行|将会|涉及", "concise"),
    (r"in_|due_|at_|prior|util|a_large|has_|each|end_|advance|past_history|free|the_reason|make_|conduct|give_|it_is|i_am|would_|"
     r"with_|until|despite_|for_the_purpose|subsequent|commence|sufficient|majority|monthly|first|return|repeat|very", "concise"),
)  # fmt: skip
"""Which article explains a rule, by the beginning of its name."""
