"""Quoting passages, for `compose` hooks: short, cited, and only what meets the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from metier._quantities import quantity_asked, weekdays_alike, without_asking
from metier.model import Passage, Turn

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z])|(?<=[。！？])|\n+")
_MARK = re.compile(r"^(?:[-*•]\s+|#+\s*|\d{1,2}[.)、](?!\d)\s*)+")
"""A list mark or a heading's; a number that belongs to the sentence is none."""
_HAN = re.compile("[\u3400-\u9fff]+")
_WORD = re.compile(r"[a-z0-9]{3,}")
_DAY = re.compile("周[一二三四五六日]")
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
    "|怎么办|大概|大约|最多|至少|一共|总共|[一两]次|这个|那个|这样|那样|因为|所以|但是|如果|还是|或者|以及|关于|对于|[了吧啊呀哪谁几能会要想做用让给和与及在到从对把被就都也还很]"
)
"""Words that stand in questions about anything, so one of them shared is no sign of an answer."""
_LIGHT_HAN = frozenset("不个次去来看说找得着过里上下中内外前后大小好最人共用收交算办")
"""Characters that name nothing where they stand alone."""
_PLURAL_IN_ES = re.compile("[a-z](?:ch|sh|ss|x|z)es$")
_PLURAL_IN_S = re.compile("[a-z]{2}[^sui0-9]s$")
_LAST_Y = re.compile("(?:ies?|(?<=[^aeiou])y)$")
_BRIEF = re.compile(
    r"\b(?:short(?:er)?|brief|concise|terse|succinct)\b|简短|简洁|简要|简明|精简|扼要", re.I
)
_TELLING = 3
"""So many shared words are enough, however long the question."""
_NEAR_THE_BEST = 2 / 3
"""A passage with less of the question than this share of what the best one has is not quoted."""


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
    above it. The passage comes first that has the most of the question, and those
    that have much less are left out. Where it asks for a price, a time or a count,
    only sentences with one are quoted, if there are any.

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
    question = question or turn.message
    asked, quantity = _content(question), quantity_asked(question)
    total = _words(asked)
    ranked: list[_Met] = []
    for number, passage in enumerate(turn.passages, 1):
        if passage.language != turn.language and _has(turn.passages, turn.language):
            continue
        heading = f"{passage.title}\n{passage.locator}"
        shared = _shared(asked, f"{heading}\n{passage.text}")
        if not _enough(shared, total):
            continue
        about = _shared(asked, heading)
        every = list(sentences(passage.text))
        found = sorted((s for s in every if about or _shared(asked, s)),
                       key=lambda s: -_shared(asked, s))  # fmt: skip
        fitting = [s for s in every if quantity and quantity.search(s)]
        best = _fitting_first(found, fitting)
        if best:
            strength = about * 2 + _shared(asked, best[0])
            kept = tuple(s for s in every if s in best[:each])
            ranked.append(_Met(bool(fitting), shared, strength, number, kept))
    least = _NEAR_THE_BEST * max((met.shared for met in ranked), default=0.0)
    near = [met for met in ranked if met.shared >= least]
    near = [met for met in near if met.fits] or near
    near.sort(key=lambda met: (-met.shared, -met.strength, met.number))
    return [(sentence, met.number) for met in near[:passages] for sentence in met.kept]


def _fitting_first(found: Sequence[str], fitting: Sequence[str]) -> Sequence[str]:
    """Of the sentences that meet a question those with the quantity that it asks for.

    Where it stands beside them ("Closed on Mondays. Open until 17:30."), the best and what
    stands beside it.
    """
    both = [sentence for sentence in found if sentence in fitting]
    return both or ([*found[:1], *fitting] if found and fitting else found)


class _Met(NamedTuple):
    """A passage that meets a question.

    Args:
        fits: whether it has the quantity that is asked for.
        shared, strength: how many words of the question it has, and how plainly.
        kept: what is quoted of it.
    """

    fits: bool
    shared: float
    strength: float
    number: int
    kept: tuple[str, ...]


def _enough(shared: float, total: float) -> bool:
    """Whether a passage with `shared` of a question's `total` words can answer it.

    A single Han character is a sign only where nothing else is asked.
    """
    if shared < min(1.0, total):
        return False
    return shared > 0 and (2 * shared >= total or shared >= _TELLING)


def wants_brief(turn: Turn) -> bool:
    """Whether the person asked for short answers, as far as the plugin may know it."""
    return any(
        fact.slot == "answer_length" and not fact.about and _BRIEF.search(fact.value)
        for fact in turn.facts
    )


def _content(question: str) -> tuple[str, ...]:
    """What carries a question's topic: stems of English words, and stretches of Han characters."""
    stems = dict.fromkeys(_stem(w) for w in _WORD.findall(question.lower()) if w not in _COMMON)
    # A day of the week has 一 in it, which is no word of its own elsewhere.
    days, rest = _apart(weekdays_alike(question))
    runs = [
        piece
        for run in _HAN.findall(_EVERYDAY_HAN.sub(" ", without_asking(rest)))
        for piece in "".join(c if c not in _COMMON_HAN else " " for c in run).split()
        if len(piece) > 1 or piece not in _LIGHT_HAN
    ]
    telling = [stem for stem in stems if stem not in _EVERYDAY]
    return (*(telling or ([] if runs or days else stems)), *days, *runs)


def _apart(question: str) -> tuple[list[str], str]:
    """The days of the week that a question names, and the rest of it."""
    return _DAY.findall(question), _DAY.sub(" ", question)


def _words(asked: Iterable[str]) -> float:
    """How many words these are; two Han characters make one, as most Chinese words do."""
    return sum(1.0 if piece.isascii() else len(piece) / 2 for piece in asked)


def _shared(asked: Iterable[str], text: str) -> float:
    """How many words of a question a text has."""
    text = weekdays_alike(text)
    held, found = terms(text), 0.0
    for piece in asked:
        if piece.isascii():
            found += piece in held
        elif len(piece) == 1:
            found += (piece in text) / 2
        else:
            pairs = [i for i in range(len(piece) - 1) if piece[i : i + 2] in text]
            found += len({*pairs, *(i + 1 for i in pairs)}) / 2
    return found


def _has(passages: Sequence[Passage], language: str) -> bool:
    return any(p.language == language for p in passages)


def bullets(quotes: Sequence[tuple[str, int]]) -> str:
    """Quotes as a list, each with its citation."""
    return "\n".join(f"- {sentence} [{number}]" for sentence, number in quotes)
