"""What the grounded engine answers when a person asks about themselves.

"What do you know about me?", "What am I allergic to?", "Do you remember what I said about
the flat?", and the same in Chinese. It says what is in the plan and nothing else; whoever
asks for what isn't known is told so.
"""

# ruff: noqa: E501  (patterns)

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from metier.grounding import terms
from metier.model import Composition, Fact, Passage, Turn
from metier.pipeline._words import say
from metier.profile import wording

_ALL: Final = re.compile(
    r"\bwhat (?:do|did) you (?:know|remember|have (?:stored|noted)) (?:about|of) me\b"
    r"|\bwhat have i told you(?: about (?:me|myself))?\s*\?"
    r"|(?:你|您)(?:都)?(?:知道|记得|了解|记住了?)我(?:的)?(?:什么|哪些|多少)"
    r"|关于我(?:，|,)?(?:你|您)(?:都)?(?:知道|记得|了解)",
    re.I,
)
_OF_SLOT: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(pattern, re.I), slots)
    for pattern, slots in (
        (r"\bwhat(?:'s| is) my name\b|\bdo you (?:know|remember) my name\b|我(?:叫什么|的名字是什么)",
         ("name", "preferred_name")),
        (r"\bwhere do i live\b|\bwhere(?:'s| is) my home\b|我(?:现在)?住在?哪", ("home",)),
        (r"\bwhat am i allergic to\b|\bmy allergies\s*\?|\bwhat allergies do i have\b"
         r"|我对什么过敏|我有(?:什么|哪些)过敏", ("allergy", "intolerance")),
        (r"\bwhat(?:'s| is) my (?:level|grade)\b|我(?:是|在)?(?:什么水平|几年级)", ("level",)),
        (r"\bwhat(?:'s| is| are) my goals?\b|我的目标是什么", ("goal",)),
        (r"\bwhat do i (?:like|love|enjoy)\b|我喜欢什么", ("likes", "preference")),
        (r"\bwhat do i (?:dislike|hate|not like)\b|我(?:不喜欢|讨厌)什么", ("dislikes",)),
        (r"\bwhat(?:'s| is) my diet\b|我(?:的饮食习惯|吃素吗)", ("diet",)),
        (r"\bwhere do i work\b|\bwhat(?:'s| is) my job\b|我(?:在哪工作|做什么工作)",
         ("employer", "job", "occupation")),
    )
)  # fmt: skip
_SAID: Final = re.compile(
    r"\b(?:do|can) you (?:still )?(?:remember|recall)\b"
    r"|\b(?:what|when|where|which|who|how \w+) (?:did|have|had) i (?:say|said|tell|told|mention(?:ed)?)\b"
    r"|\b(?:did|have) i (?:ever )?(?:tell|told|mention(?:ed)?|said?)\b"
    r"|\bi (?:told|mentioned to) you\b.*\?|\bwhat did you (?:tell|recommend|say|suggest)(?: to)? me\b"
    r"|(?:你|您)还?记得|我(?:之前|以前|上次|上周|昨天)?(?:跟|和|对)?(?:你|您)?(?:说|提|讲)过"
    r"|(?:你|您)(?:之前|上次|上周)(?:跟我|对我)?(?:推荐|建议|说)",
    re.I,
)
_ANSWERED: Final = re.compile(
    r"\b(?:did you|you) (?:tell|told|recommend|said?|suggest|answer)"
    r"|(?:你|您)(?:之前|上次|上周)?(?:跟我|对我)?(?:推荐|建议|回答|说)(?!过?我)",
    re.I,
)
"""It asks for the answer, and not for the person's own words."""
_OWN: Final = re.compile(
    r"\b(?:what|when|where|which|who|whose|how (?:old|long|many|much|often|far|big|tall))\b[^.!\n]{0,60}"
    r"\b(?:my|our)\b[^.!\n]*\?"
    r"|(?:我|我们|我家)的?[^。！\n]{1,30}(?:什么|哪|谁|几|多少|多大|多久|何时)[^。！\n]{0,10}[？?]",
    re.I,
)
"""A question about something of the person's own."""
_ASKS: Final = re.compile(r"[^.!?。！？\n]*[?？]")
"""One sentence, and it asks."""
_MOST = 3


def asks_of_self(message: str) -> bool:
    """Whether a message asks about the person; such a question tells nothing of them."""
    patterns = (_ALL, _SAID, *(pattern for pattern, _ in _OF_SLOT))
    return any(pattern.search(message) for pattern in patterns)


def about_you(turn: Turn) -> Composition | None:
    """The answer to a question of the person about themselves; None for any other message."""
    message, own = turn.message, [f for f in turn.facts if not f.about]
    if _ALL.search(message):
        return Composition(_listed(own, turn.facts, turn.language))
    for pattern, slots in _OF_SLOT:
        if pattern.search(message):
            found = [f for f in own if f.slot in slots]
            return Composition(_told(found, turn.language))
    if _SAID.search(message):
        speaker = "assistant" if _ANSWERED.search(message) else "user"
        said = _found(turn, speaker)
        return Composition(_quoted(said, turn.language)) if said else None
    return None


def recalled(turn: Turn) -> str:
    """What the person once said of the thing of theirs that they ask about; "" where nothing.

    "When is my exam?" For where nothing else has an answer: it says no more than the words.
    """
    if not _OWN.search(turn.message):
        return ""
    asked = terms(turn.message)
    said = [m for m in _found(turn, "user") if asked & terms(m.text)]
    return _quoted(said, turn.language) if said else ""


def _found(turn: Turn, speaker: str) -> list[Passage]:
    """The memories that were found for what they say, without mere questions."""
    return [
        m
        for m in turn.memories
        if m.source == speaker
        and m.metadata.get("found_by") in ("words", "meaning")
        and not _ASKS.fullmatch(m.text.strip())
    ]


def _listed(own: Sequence[Fact], every: Sequence[Fact], language: str) -> str:
    if not every:
        return say("nothing_known", language)
    lines = [wording(f, language) for f in own if f.provenance.source != "cohort"]
    lines += [wording(f, language) for f in every if f.about]
    return say("known_of_you", language) + "\n" + "\n".join(f"- {line}" for line in lines)


def _told(found: Sequence[Fact], language: str) -> str:
    found = [f for f in found if f.provenance.source != "cohort"]
    if not found:
        return say("not_told", language)
    between = "；" if language == "zh" else "; "
    return say("you_told", language, facts=between.join(wording(f, language) for f in found))


def _quoted(memories: Sequence[Passage], language: str) -> str:
    lines = []
    for memory in memories[:_MOST]:
        kind = "i_answered" if memory.source == "assistant" else "you_said"
        lines.append(say(kind, language, date=memory.date, words=memory.text.strip()))
    return "\n".join(lines)
