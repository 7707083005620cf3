"""Whether a message is small talk, where nothing was found to say to it.

Who says thanks asked nothing, and is not told that the sources have no answer. English is told by
the head `message-kind`, Chinese by rules. Nothing is left unsearched, unlearned or unanswered for
it: it chooses among the core's own words, once there is no other answer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from metier.encoder import detect_language
from metier.learning import SHIPPED, Head
from metier.pipeline._state import State

_SURE: Final = 0.9
"""The least probability; below it the person is told that nothing was found."""
_LONGEST: Final = 12
"""Words; a longer message wants something."""
_ZH: Final = re.compile(
    r"(?:(?:你|您|大家)?好(?:呀|啊|的|了|嘞)?|嗨|哈喽|喂|在吗|早(?:上好|安|啊)?|晚(?:上好|安)|下午好"
    r"|(?:谢谢|多谢|感谢|谢啦|谢了)(?:你|您|啦|了|大家)?|(?:太|非常|十分)感谢(?:你|您)?了?|辛苦(?:你|您)?了?"
    r"|好(?:的|吧|嘞)?|嗯+|行|知道了|明白了?|懂了|了解|收到|没问题|没事|没关系|不客气|可以了?|就这些|算了"
    r"|再见|拜拜|回头(?:聊|见)|下次(?:聊|见)|明天见|周末愉快|一路顺风|祝你(?:愉快|好运)"
    r"|哈+|真?(?:棒|厉害|不错|有意思)|太(?:好|棒|厉害)了|很有帮助|帮了(?:我)?大忙|原来如此|这样啊|哦+|噢"
    r"|对不起|不好意思|抱歉|打扰了|好久不见|你(?:真)?(?:最近)?(?:好吗|怎么样|棒|厉害)|很高兴认识你)+"
)
"""Greetings, thanks and the like, one or several and nothing else."""
_SIGNS: Final = re.compile(r"[\s，,。.！!？?～~、…（）()]+")


def small_talk(state: State) -> bool:
    """Whether the message is a greeting, thanks or chat that asks for nothing."""
    message = state.turn.message.strip()
    if detect_language(message) == "zh":
        return _ZH.fullmatch(_SIGNS.sub("", message)) is not None
    if not message or len(message.split()) > _LONGEST:
        return False
    vectors = None if state.vector is None else state.vector[None, :]
    (found,) = _head().predict([message], vectors=vectors)
    return found.label == "small_talk" and found.probability >= _SURE


@lru_cache(1)
def _head() -> Head:
    return Head.open(SHIPPED / "message-kind.head")
