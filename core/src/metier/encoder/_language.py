"""Which language a text is in, from its script and a few function words."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_WORD = re.compile("[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)?")
_QUOTED = re.compile('「[^」]*」|『[^』]*』|“[^”]*”|‘[^’]*’|《[^》]*》|"[^"]*"|`[^`]*`')
_FUNCTION_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "the a an is are was were be do does did what how why when where who which can could "
        "should would will i you he she it we they my your his her their our this that these "
        "those in on at to for from with of and or but not please mean means say write tell "
        "me explain translate there have has if into as by about ",
    )
)
_ZH_CLEAR = 0.5
_ZH_POSSIBLE = 0.2


def han_share(text: str) -> float:
    """The share of Han characters among the words of `text`, in [0, 1].

    A Han character counts as one word, as does a run of Latin letters, since
    that is about what each carries. 0.0 where there is neither.
    """
    han = len(_HAN.findall(text))
    words = len(_WORD.findall(text))
    return han / (han + words) if han else 0.0


def detect_language(text: str) -> str:
    """The language a text is written in: "zh" or "en".

    A Chinese sentence keeps its language when it holds English terms, and an
    English one when it quotes Chinese: quotations are set aside first, then
    the share of Han characters decides, and between the two clear cases the
    number of English function words, which a Chinese sentence does not borrow
    ("把 learning rate 改成 0.1" has none).

    Args:
        text: any text; "en" where it has no letters.
    """
    own = _QUOTED.sub(" ", text)
    if not _HAN.search(own) and not _WORD.search(own):
        own = text
    share = han_share(own)
    if share < _ZH_POSSIBLE:
        return "en"
    grammar = sum(1 for w in _WORD.findall(own) if w.lower() in _FUNCTION_WORDS)
    if share >= _ZH_CLEAR:
        return "zh" if grammar * 3 <= len(_HAN.findall(own)) else "en"
    return "zh" if grammar < 2 else "en"
