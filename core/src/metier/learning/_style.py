"""How a person writes, whatever they write about: a vector of habits, and what it suggests.

The habits are those that authorship analysis counts besides words (length of sentences and
words, punctuation, capitals, emoji; Stamatatos, A Survey of Modern Authorship Attribution
Methods, 2009, section 2), with markers of politeness and of an easy tone. None is about a
topic, and none is a word that names a person or a group. English and Chinese are counted alike
where that makes sense: a Chinese sentence ends with 。, and two Han characters are a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from metier.learning._types import Cause, Hint, Personalization, PersonView, Reason, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

STYLE = 1
"""Changes with any habit or spread below: vectors of different versions can't be compared."""
_LONGEST = 4000
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WORD = re.compile("[^\\W\\d_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+(?:['’][a-zA-Z]+)?")
_SENTENCE = re.compile(r"[^.!?。！？\n]*[^\s.!?。！？][^.!?。！？\n]*[.!?。！？]*")
_EMOJI = re.compile(
    "[\U0001f300-\U0001faff\u2600-\u27bf]|(?<!\\w)[:;=]-?[)(DPp](?!\\w)|<3|\\^_\\^|[（(]笑[)）]"
)
_POLITE = re.compile(
    r"\b(?:please|kindly|thank(?:s| you)|could you|would you|would it be|i would be|appreciate|"
    r"grateful|may i|sorry|excuse me)\b|请|您|麻烦|劳驾|谢谢|感谢|多谢|打扰|不好意思|辛苦", re.I
)  # fmt: skip
_FORMAL = re.compile(
    r"\b(?:furthermore|moreover|therefore|however|regarding|concerning|in accordance|"
    r"hereby|sincerely|dear|additionally|consequently|nevertheless|shall|whom|prior to)\b"
    r"|因此|此外|然而|关于|鉴于|贵|敬请|尊敬的|烦请|予以|是否|如下", re.I
)  # fmt: skip
_EASY = re.compile(
    r"\b(?:lol|haha+|hey|hi|yeah|yep|nope|gonna|wanna|gotta|kinda|u|ur|pls|plz|thx|btw|omg|idk|"
    r"cool|awesome|wow|ok|okay|guys)\b|哈哈+|嘿|嗨|哦|噢|啦|嘛|呗|咯|哇|嗯|呀|啊|吧|呢|超|咋|啥",
    re.I,
)  # fmt: skip
_SHORTENED = re.compile(
    r"\b\w+['’](?:s|m|re|ve|ll|d|t)\b|\b(?:dont|cant|im|ive|wont|didnt)\b", re.I
)
_HEDGE = re.compile(
    r"\b(?:maybe|perhaps|i think|i guess|probably|might|kind of|sort of|not sure|possibly)\b"
    r"|可能|也许|大概|好像|我觉得|似乎|应该", re.I
)  # fmt: skip
_STRONG = re.compile(
    r"\b(?:so|very|really|totally|absolutely|super|extremely|always|never)\b|非常|很|特别|十分|极|太",
    re.I,
)  # fmt: skip
_FIRST = re.compile(r"\b(?:i|me|my|mine|we|our|us)\b|我|咱", re.I)
_SECOND = re.compile(r"\b(?:you|your|yours)\b|你|您", re.I)

HABITS: tuple[tuple[str, float], ...] = (
    ("words in a message, log", 0.8), ("words in a sentence, log", 0.5),
    ("sentences in a message", 1.5), ("letters in a word", 0.6), ("different words", 0.12),
    ("Han characters", 0.4), ("digits", 0.02), ("capitals", 0.05), ("words in capitals", 0.03),
    ("no capital at the beginning", 0.4), ("no sign at the end", 0.4), ("commas", 0.5),
    ("exclamation marks", 0.35), ("question marks", 0.25), ("ellipses", 0.15),
    ("repeated signs", 0.12), ("dashes", 0.15), ("colons and semicolons", 0.15),
    ("brackets", 0.12), ("quotation marks", 0.15), ("emoji", 0.25), ("line breaks", 0.4),
    ("polite words", 0.3), ("formal words", 0.15), ("easy words", 0.3),
    ("shortened words", 0.3), ("hedges", 0.2), ("strong words", 0.3),
    ("of oneself", 0.4), ("to the other", 0.3),
)  # fmt: skip
"""What is counted, each with how far people usually lie apart in it; set by hand."""
_PLACE = {name: number for number, (name, _) in enumerate(HABITS)}


@dataclass(frozen=True, slots=True)
class Style:
    """How somebody writes: the mean of each habit over their messages, and how many those were.

    Args:
        vector: by `HABITS`, in their spreads, so that 1 apart is far in each.
        texts: how many messages it is from; few of them say little.
    """

    vector: Vector
    texts: int

    def habit(self, name: str) -> float:
        """The mean of one habit, as it was counted."""
        place = _PLACE[name]
        return float(self.vector[place]) * HABITS[place][1]


def style_of(texts: Sequence[str]) -> Style | None:
    """How these messages of one person are written; None where none has a word.

    Args:
        texts: what the person wrote: never answers, quotes or documents.
    """
    import numpy as np

    rows = [row for text in texts if (row := _counted(text[:_LONGEST])) is not None]
    if not rows:
        return None
    spreads = np.array([spread for _, spread in HABITS], np.float32)
    mean = np.array(rows, np.float32).mean(axis=0, dtype=np.float32) / spreads
    return Style(mean.astype(np.float32), len(rows))


def _counted(text: str) -> list[float] | None:
    words = _WORD.findall(text)
    han = len(_HAN.findall(text))
    size = len(words) + han / 2
    sentences = [s.strip() for s in _SENTENCE.findall(text)]
    if not size or not sentences:
        return None
    letters = [c for c in text if c.isalpha() and c.isascii()]
    count = len(sentences)
    latin = len(words) or 1
    first = next((c for c in text if c.isalpha()), "")

    def of(pattern: str | re.Pattern[str], by: float) -> float:
        return len(re.findall(pattern, text)) / by

    return [
        math.log1p(size), math.log1p(size / count), min(count, 20),
        sum(map(len, words)) / latin if words else 5.0,
        len({w.casefold() for w in words}) / latin if len(words) > 4 else 0.9,
        han / (han + len(words)), sum(c.isdigit() for c in text) / len(text),
        sum(c.isupper() for c in letters) / (len(letters) or 1),
        sum(w.isupper() and len(w) > 1 for w in words) / latin,
        float(first.islower()), float(text.rstrip()[-1:] not in ".!?。！？…)）\"”"),
        of("[,，、]", count), of("[!！]", count), of("[?？]", count), of(r"\.\.+|…+", count),
        of(r"[!?！？~～]{2,}", count), of(r"\s[-–—]+\s|—", count),
        of("[:;：；](?![)(DPp-])", count),
        of("[(（]", count), of("[\"“「]", count), of(_EMOJI, count), of("\n", count),
        of(_POLITE, count), of(_FORMAL, count), of(_EASY, count), of(_SHORTENED, count),
        of(_HEDGE, count), of(_STRONG, count), of(_FIRST, count), of(_SECOND, count),
    ]  # fmt: skip


# --- what it suggests -------------------------------------------------------------------------

FEWEST_TEXTS = 5
"""Messages before a style says anything."""


class StyleMirror:
    """Suggests the tone that the person writes in, where they have not said which they want.

    It looks at "style" among the view's vectors, which the caller gives once it is of at least
    `FEWEST_TEXTS` messages. Only tone and emoji follow from it, never what is answered.
    """

    name = "style"

    def personalize(self, view: PersonView) -> Personalization:
        """A hint on tone, and one on emoji, where the person's habit is clear."""
        vector = view.vectors.get("style")
        if vector is None or len(vector) != len(HABITS):
            return Personalization()
        style = Style(vector, FEWEST_TEXTS)
        found = []
        formal = style.habit("formal words") + 0.5 * style.habit("polite words")
        easy = style.habit("easy words") + style.habit("emoji")
        if formal - easy > 0.5:
            found.append(_hint("formal", "tone", _FORMALLY, _BECAUSE_FORMAL))
        elif easy - formal > 0.4:
            found.append(_hint("easy", "tone", _EASILY, _BECAUSE_EASY))
        if style.habit("emoji") > 0.3:
            found.append(_hint("emoji", "emoji", _WITH_EMOJI, _BECAUSE_EMOJI))
        return Personalization(hints=tuple(found))


def _hint(rule: str, topic: str, text: Text, why: Text) -> Hint:
    return Hint(topic, text, Reason("style", f"style:{rule}", (Cause("vector", ("style",)),), why))


_FORMALLY = Text(
    "The person writes formally; answer in the same tone.", "此人用语正式；用同样的语气回答。"
)
_EASILY = Text(
    "The person writes as one talks; answer in the same easy tone.",
    "此人用语轻松；用同样轻松的语气回答。",
)
_WITH_EMOJI = Text(
    "The person uses emoji; one may stand in the answer.", "此人常用表情符号；回答里可以用一个。"
)
_BECAUSE_FORMAL = Text(
    "You write formally, so the answer does too.", "您的用语正式，所以回答也正式。"
)
_BECAUSE_EASY = Text(
    "You write in an easy tone, so the answer does too.", "您的用语轻松，所以回答也轻松。"
)
_BECAUSE_EMOJI = Text(
    "You use emoji, so one may stand in the answer.", "您常用表情符号，所以回答里可以有一个。"
)
