"""What a message takes for granted: "my wife and I ..." says that there is a wife.

Such words are a fact only where they matter: where they contradict what is known (the
person had said to be single), so that they are asked. What the person says of themselves
that puts them on a side of a topic of `exclusive.yaml` ("I live alone", 我没有车) is one
in any case, where no other rule has found it.
"""

# ruff: noqa: E501  (patterns, one kind a line)

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from metier.model import Fact, Provenance, Turn
from metier.profile._exclusive import Topic, excludes, none_of, on_side, topics_in
from metier.profile._same import language
from metier.profile._slots import DENIED
from metier.profile.extraction._read import Sentence

_CLAUSE = re.compile(r"[^,;:，；：。.!?！？—]+")
_DOUBTED = re.compile(
    r"\b(?:if|unless|suppos\w+|imagin\w+|pretend\w*|would|wish\w*|hop(?:e|es|ing)|might|may|maybe|perhaps|someday|one day"
    r"|dream\w*|think(?:ing)? (?:of|about)|considering|should i|shall i|could|planning|plan to|want(?:s|ed)? to|going to"
    r"|looking for|when i|once i|will|i'll|used to|says?|said|told|asked?|called|character|novel|story|joke|kidding|like my)\b"
    r"|如果|要是|假如|假设|万一|想要?|希望|打算|也许|可能|或许|以后|将来|准备|考虑|听说|据说|他说|她说|开玩笑|剧本|小说|角色|假装|本来|差点|应该"
)  # fmt: skip
_SUPPOSED = re.compile(
    r"\b(?:if|unless|suppos\w+|imagin\w+|pretend\w*|wish\w*|hop(?:e|es|ing)|someday|one day|dream\w*|character|novel|story"
    r"|joke|kidding|like my|says?|said|quote|born|gave birth|had a baby)\b|如果|要是|假如|假设|万一|希望|以后|将来|小说|角色|假装|听说|据说|剧本|未来的?|出生|生了"
)
"""What is taken for granted is so in plans and questions too, but not in what is made up."""
_AGAIN = re.compile(
    r"\b(?:now|again|started|began|any ?more|no longer|used to|first time|switched|gave up)\b|又|开始|现在|不再|第一次|改"
)
_CHANGED = re.compile(
    r"\b(?:now|just|recently|finally|new|got|bought|adopted|started|began|quit|stopped|ex|late|former|old|last|any ?more"
    r"|no longer|actually|not|first|future|this|today|tonight|tomorrow|yesterday|once|never)\b|n't\b"
    r"|现在|刚|最近|终于|新|开始|以前|曾|前|去年|上个?月|上周|已经不|不再|其实|未来|戒|今天|今晚|明天|昨天|这次|偶尔"
)  # fmt: skip
_MINE_EN = re.compile(
    r"\b(?:my|our) (?:(?:own|older|younger|elder|little|big|twin|eldest|youngest|oldest|middle|dear|lovely|two|three|poor)[- ]){0,2}"
    r"(?P<v>(?:half-|step-?)?brothers?|(?:half-|step-?)?sisters?|sons?|daughters?|kids?|children|toddler|wife|husband|spouse"
    r"|boyfriend|girlfriend|fianc[eé]e?|dogs?|cats?|pupp(?:y|ies)|kittens?|rabbit|hamster|parrot|car|boss|employer)\b"
    r"(?!['’]s? (?:friend|school|teacher|class|name))(?!-in-law)"
)  # fmt: skip
_MINE_ZH = re.compile(
    r"我(?:的|家的?|们家)?(?P<v>哥哥|弟弟|姐姐|妹妹|哥|弟|姐|妹|儿子|女儿|孩子|宝宝|老婆|妻子|太太|媳妇|老公|丈夫"
    r"|男朋友|女朋友|男友|女友|狗|猫|狗狗|猫咪|兔子|车|老板)(?!妹们|们|的(?:老婆|妻子|老公|丈夫|儿子|女儿|孩子|狗|猫|车|朋友))"
)
_SELF_EN = re.compile(
    r"^\W*(?:(?:and|but|so|well|yes|oh|by the way|btw|fyi)\W+)?(?:i(?:'m| am|'ve| have)?|we) (?P<v>.+)$"
)
_SELF_ZH = re.compile(
    "^[^一-鿿]*(?:对了|不过|但是?|其实|另外)?(?:我|本人|俺)(?:是|自己|本人|一直|从来)?"
    "(?!的|们|家|[^，]{0,4}(?:朋友|同事|邻居|室友|同学|老师|客户|亲戚)|(?:大|小|表|堂)?(?:爸|妈|父|母|哥|姐|弟|妹|爷|奶|外公|外婆"
    "|老公|老婆|丈夫|妻子|太太|媳妇|男友|女友|男朋友|女朋友|儿子|女儿|孩子|叔|姑|舅|姨|伯|侄|岳|公公|婆婆))"
    "(?P<v>.{2,40})$"
)
_TAKEN = re.compile(r"\b(?:eat|ate|drink|drank|had|have|snack(?:ed)? on|order|enjoy|love)\b|[吃喝]")
_TOUGH = re.compile(
    r"\b(?:vegan|vegetarian|plant-based|non-alcoholic|alcohol-free|for (?:my|the|his|her|our)|substitute)\b|给|替"
)
_NOT_SPOKEN = re.compile(
    r"\b(?:don't|do not|can't|cannot|never learned to) (?:speak|understand) (?:a (?:single )?word of |any |a lick of )?(?P<v>[a-z]+)"
    r"|(?:不会说?|不会讲|不懂|听不懂|一句也不会说|不会)(?P<z>[一-鿿]{1,5}[语文话])"
)
_SPOKEN_ZH = re.compile(
    "(?P<v>[一-鿿]{1,5}[语文话])(?:说得|讲得|也|已经)?.{0,3}(?:流利|不错|很好|没问题)"
)
_NOTHING = {
    "allergy": re.compile(
        r"\b(?:no (?:known |food |drug )?allerg(?:y|ies)|(?:not|don't) (?:have any |any )?allerg(?:ic to anything|ies))\b"
        "|(?:没有?|无)(?:任何|什么)?(?:食物|药物)?过敏史?$"
    ),
    "medicine": re.compile(
        r"\b(?:no (?:regular )?medic(?:ation|ine)s?|(?:not|don't) (?:take|taking|on) any medic(?:ation|ine)s?)\b"
        "|不吃任何药|没在?吃(?:任何|什么)?药$|不用吃药$"
    ),
}
_LONGEST = 60
_TOLD = frozenset({"siblings", "smoking", "drinking", "swimming"})
"""Topics of which "I do" and "I have one" are kept too, where no rule has found them."""
_WORK = "employer"
_SLOT: Mapping[str, str] = MappingProxyType({
    "boss": _WORK, "employer": _WORK, "老板": _WORK, "car": "possession", "车": "possession",
})  # fmt: skip
_CATEGORY: Mapping[str, str] = MappingProxyType({"eyesight": "health"})
_PETS = re.compile(r"dog|cat|pup|kitten|rabbit|hamster|parrot|[狗猫兔]")


def granted(
    turn: Turn, own: Sequence[Sentence], found: Sequence[Fact], categories: Mapping[str, str]
) -> Iterator[Fact]:
    """The facts that a message takes for granted, or states and no rule has found.

    Args:
        own: the person's own sentences.
        found: what rules have found in them.
        categories: of slots.
    """
    known = [f for f in turn.facts if f.valid_to is None]
    seen: set[str] = set()
    for sentence in own:
        for clause in _CLAUSE.finditer(sentence.text):
            plain = clause.group().lower().replace("’", "'")
            text = plain if len(plain) == len(clause.group()) else clause.group()
            at = sentence.start + clause.start()
            for fact in _of_clause(turn, text, at, sentence, known, found, categories):
                if fact.slot + fact.value not in seen:
                    seen.add(fact.slot + fact.value)
                    yield fact


def _of_clause(
    turn: Turn, text: str, at: int, sentence: Sentence, known: Sequence[Fact],
    found: Sequence[Fact], categories: Mapping[str, str],
) -> Iterator[Fact]:  # fmt: skip
    def fact(slot: str, span: tuple[int, int]) -> Fact:
        start, end = at + span[0], at + span[1]
        category = _CATEGORY.get(slot) or categories.get(slot.removeprefix(DENIED), "identity")
        where = Provenance("turn", "core:granted", turn.id, start, end)
        return Fact(slot, turn.message[start:end].strip(), category, 0.8, where, multiple=True)

    mines = (_MINE_EN if text.isascii() else _MINE_ZH).finditer(text) if known else ()
    for mine in mines:
        if _SUPPOSED.search(text):
            return
        if _CHANGED.search(text, max(0, mine.start() - 12), mine.end()):
            continue
        value = mine["v"]
        slot = _SLOT.get(value) or ("pet" if _PETS.search(value) else "family")
        yield from _against(fact(slot, mine.span("v")), known, found)
    for old in known:
        if missing := none_of(old.value):
            yield from _against_none(text, missing, partial(fact, old.slot), known, found)
    if sentence.text.rstrip().endswith(("?", "？")) and at + len(text) >= sentence.start + len(
        sentence.text.rstrip(" ?？")
    ):
        return  # the clause that asks
    match = _SELF_EN.match(text) or _SELF_ZH.match(text)
    if match is None or len(match["v"]) > 2 * _LONGEST:
        return
    if _SUPPOSED.search(text) or _DOUBTED.search(text):
        return
    for slot, nothing in _NOTHING.items():
        if none := nothing.search(text):
            anything = "anything" if text.isascii() else "任何"
            yield replace(fact(f"{DENIED}{slot}", none.span()), value=anything)
    if spoken := _SPOKEN_ZH.search(text):
        yield from _against(fact("speaks", spoken.span("v")), known, found)
    if spoken := _NOT_SPOKEN.search(text):
        group = "v" if spoken["v"] else "z"
        if language(spoken[group]):
            yield from _new(fact(f"{DENIED}speaks", spoken.span(group)), found)
        return
    span = match.span("v")
    if (
        _TAKEN.search(match["v"])
        and not _AGAIN.search(text)
        and not _TOUGH.search(text)
        and not _negated(text)
    ):
        yield from _against(fact("habit", span), known, found)
    if _CHANGED.search(text.replace("not ", "").replace("n't", "").replace("never", "")):
        return
    for topic in topics_in(text):
        claimed = fact(topic.first, span)
        side = on_side(topic, claimed)
        if not side:
            continue
        own_words = topic.sides[side].search(text) if side in topic.sides else None
        if own_words is not None and side != "none":
            claimed = fact(topic.first, own_words.span())
        told = topic.name in _TOLD and not _CHANGED.search(sentence.text.lower())
        if (side != "some" or told) and len(match["v"]) <= _LONGEST:
            yield from _unless_told(claimed, topic, found)
        else:
            yield from _against(claimed, known, found)


def _against_none(
    text: str, missing: str, fact: Callable[[tuple[int, int]], Fact], known: Sequence[Fact],
    found: Sequence[Fact],
) -> Iterator[Fact]:  # fmt: skip
    """ "My garden is full of weeds", where there was said to be none."""
    name = re.escape(missing)
    ours = rf"\b(?:my|our) (?:\w+ )?(?P<v>{name}s?)\b|(?:我|我的|我家的?)(?P<z>{name})"
    match = re.search(ours, text)
    if match is not None and not _CHANGED.search(text) and not _SUPPOSED.search(text):
        yield from _against(fact(match.span("v" if match["v"] else "z")), known, found)


def _negated(text: str) -> bool:
    return (
        re.search(r"\b(?:not|never|no|without|hardly|rarely)\b|n't\b|[不没别戒]", text) is not None
    )


def _against(fact: Fact, known: Iterable[Fact], found: Sequence[Fact]) -> Iterator[Fact]:
    """The fact, where it contradicts what is known and no other of the message does."""
    for old in known:
        if excludes(old, fact) and not any(excludes(old, f) or _ends(f, old) for f in found):
            yield fact
            return


def _ends(said: Fact, old: Fact) -> bool:
    """Whether the message itself says what became of a known fact."""
    return said.slot == old.slot and (said.retracts or said.corrects or said.valid_from is not None)


def _new(fact: Fact, found: Sequence[Fact]) -> Iterator[Fact]:
    if not any(f.slot.removeprefix(DENIED) == fact.slot.removeprefix(DENIED) for f in found):
        yield fact


def _unless_told(fact: Fact, topic: Topic, found: Sequence[Fact]) -> Iterator[Fact]:
    """The fact, where the message has no other that bears on the topic."""
    mine = [f for f in found if f.slot in topic.slots or f.slot.removeprefix(DENIED) in topic.slots]
    if not any(on_side(topic, f) or f.retracts for f in mine):
        yield fact
