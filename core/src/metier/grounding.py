"""Quoting passages, for `compose` hooks: short, cited, and only what meets the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from metier.model import Passage, Turn

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|(?<=[。！？])|\n+")
_MARK = re.compile(r"^(?:[-*•]\s+|#+\s*|\d{1,2}[.)、](?!\d)\s*)+")
"""A list mark or a heading's; a number that belongs to the sentence is none."""
_HAN = re.compile("[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z0-9]{3,}")
_FUNCTION_WORDS = """
the and for are was what when how with that this you your can should does did have has had about
from they them there which who why will would could into not but any please tell use get take
"""
_COMMON = frozenset(_FUNCTION_WORDS.split())
_COMMON_HAN = frozenset("什么怎么如何可以应该请问一下我的你的是不是有没有哪些多少为什么吗呢")
_EVERYDAY_WORDS = """
able add after again all already also always another anyone anything because been before best
better between both call came change come could day days difference different done each easy else
enough even every everyone everything example explain find first fine gave general give given goes
going good got hard help here how ideal idea important instead just keep kind know last least less
let like little long look lot made make many may mean means might mine more most much must name
need never new next nice nothing now number often okay one only other our out over own people
place possible put quick quickly really reason recommend right said same say see she should show
since small some someone something sometimes soon sort start still stop sure take tell than thank
thanks that thing things think time times today together too try two under until used useful using
usually very want way ways week went were while will without word words work works would wrong
year years yes
"""
_EVERYDAY_HAN = re.compile(
    "时候|时间|需要|应当|知道|觉得|告诉|解释|说明|介绍|推荐|帮忙|帮我|谢谢|问题|东西|事情|办法|方法|区别|意思|比较|最好"
    "|喜欢|效果|开始|一般|通常|经常|非常|特别|适合|他们|她们|我们|你们|大家|别人|自己|今天|明天|昨天|现在|之前|之后|以后|以前"
    "|这个|那个|这样|那样|因为|所以|但是|如果|还是|或者|以及|关于|对于|[了吧啊呀哪谁几能会要想做用让给和与及在到从对把被就都也还很]"
)
"""Words that stand in questions about anything, so one of them shared is no sign of an answer."""
_PLURAL_IN_ES = re.compile("[a-z](?:ch|sh|ss|x|z)es$")
_PLURAL_IN_S = re.compile("[a-z]{2}[^sui0-9]s$")
_LAST_Y = re.compile("(?:ies?|(?<=[^aeiou])y)$")
_BRIEF = re.compile(
    r"\b(?:short(?:er)?|brief|concise|terse|succinct)\b|简短|简洁|简要|简明|精简|扼要", re.I
)
_TELLING = 3
"""So many shared words are enough, however long the question."""


def _stem(word: str) -> str:
    """The beginning of an English word, which its forms share: cities and city, boxes and box."""
    if _PLURAL_IN_ES.search(word):
        word = word[:-2]
    elif _PLURAL_IN_S.search(word):
        word = word[:-1]
    return _LAST_Y.sub("i", word[:5])


_EVERYDAY = frozenset(_stem(w) for w in _EVERYDAY_WORDS.split())


def terms(text: str) -> frozenset[str]:
    """The telling words of a text: stems of English words, pairs of Han characters."""
    found = {_stem(w) for w in _WORD.findall(text.lower()) if w not in _COMMON}
    for run in _HAN.findall(text):
        kept = "".join(c if c not in _COMMON_HAN else " " for c in run)
        for piece in kept.split():
            found.update(piece[i : i + 2] for i in range(max(1, len(piece) - 1)))
    return frozenset(found)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a passage, list marks and headings taken off."""
    for piece in _SENTENCE.split(text):
        sentence = _MARK.sub("", piece.strip()).strip()
        if len(sentence) > (3 if _HAN.search(sentence) else 12):
            yield sentence


def quote(
    turn: Turn, question: str = "", *, passages: int = 3, each: int = 2
) -> list[tuple[str, int]]:
    """The sentences of the turn's passages that meet the question, with their numbers.

    A passage meets it where its title, place and text have half of the question's
    words, or three of them; words that stand in questions about anything don't
    count. A sentence is quoted for a word of the question in it, or in the heading
    above it.

    Who asked for short answers gets one passage.

    Args:
        turn: its passages are quoted; they are numbered from 1.
        question: the turn's message where empty.
        passages: how many passages at most.
        each: how many sentences of one passage at most.

    Returns:
        (sentence, number of its passage); empty where no passage meets the
        question, which is when a domain should abstain.
    """
    passages = 1 if wants_brief(turn) else passages
    asked = _content(question or turn.message)
    total = _words(asked)
    ranked: list[tuple[float, int, Sequence[str]]] = []
    for number, passage in enumerate(turn.passages, 1):
        if passage.language != turn.language and _has(turn.passages, turn.language):
            continue
        heading = f"{passage.title}\n{passage.locator}"
        shared = _shared(asked, f"{heading}\n{passage.text}")
        if not shared or (2 * shared < total and shared < _TELLING):
            continue
        about = _shared(asked, heading)
        scored = [(_shared(asked, s), -place, s) for place, s in enumerate(sentences(passage.text))]
        best = [s for s in sorted(scored, reverse=True)[:each] if s[0] or about]
        if best:
            strength = about * 2 + sum(score for score, _, _ in best)
            kept = [s for _, _, s in sorted(best, key=lambda item: -item[1])]
            ranked.append((strength, -number, kept))
    ranked.sort(reverse=True)
    return [(s, -number) for _, number, kept in ranked[:passages] for s in kept]


def wants_brief(turn: Turn) -> bool:
    """Whether the person asked for short answers, as far as the plugin may know it."""
    return any(
        fact.slot == "answer_length" and not fact.about and _BRIEF.search(fact.value)
        for fact in turn.facts
    )


def _content(question: str) -> tuple[str, ...]:
    """What carries a question's topic: stems of English words, and stretches of Han characters."""
    stems = dict.fromkeys(_stem(w) for w in _WORD.findall(question.lower()) if w not in _COMMON)
    runs = [
        piece
        for run in _HAN.findall(_EVERYDAY_HAN.sub(" ", question))
        for piece in "".join(c if c not in _COMMON_HAN else " " for c in run).split()
        if len(piece) > 1
    ]
    telling = [stem for stem in stems if stem not in _EVERYDAY]
    return (*(telling or ([] if runs else stems)), *runs)


def _words(asked: Iterable[str]) -> float:
    """How many words these are; two Han characters make one, as most Chinese words do."""
    return sum(1.0 if piece.isascii() else len(piece) / 2 for piece in asked)


def _shared(asked: Iterable[str], text: str) -> float:
    """How many words of a question a text has."""
    held, found = terms(text), 0.0
    for piece in asked:
        if piece.isascii():
            found += piece in held
        else:
            pairs = [i for i in range(len(piece) - 1) if piece[i : i + 2] in text]
            found += len({*pairs, *(i + 1 for i in pairs)}) / 2
    return found


def _has(passages: Sequence[Passage], language: str) -> bool:
    return any(p.language == language for p in passages)


def bullets(quotes: Sequence[tuple[str, int]]) -> str:
    """Quotes as a list, each with its citation."""
    return "\n".join(f"- {sentence} [{number}]" for sentence, number in quotes)
