"""What a Chinese sentence ends without a word of correction: 不学了, 停了, 生了, and what comes instead.

The clause names what is no longer so (法语不学了), or leaves it out and repeats the verb (现在不喝了). It
means what was stated last and holds those words. What it puts in its place (改学西班牙语, 换成缬沙坦了) is
of the same slot.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from metier.model import Fact

_SINCE = r"(?:已经|早就|早|现在|如今|目前|后来|上周|上个?月|前天|昨天|今年|去年|这个?月|最近|半年前|刚刚?|刚才|终于|也|都|就|全|彻底|再也|基本)*"
_VERB = r"(?:吃|喝|抽|用|学|练|考|做|干|当|养|跑|玩|住|租|开|骑|坐|看|追|读|上|去|打|服用|备考|复习|健身|减肥|卖|教|写|打算|准备|怕|喜欢|爱|信|过敏)"
_ENDS = re.compile(
    rf"(?P<o>[\u4e00-\u9fffA-Za-z]{{0,10}}?){_SINCE}"
    rf"(?:不(?:再|让|能|许|敢|想|用|需要)?(?P<v>{_VERB})(?P<o2>[\u4e00-\u9fffA-Za-z]{{0,8}}?)(?:了|啦|咯)|没(?:再)?(?P<v2>{_VERB})(?P<o3>[\u4e00-\u9fffA-Za-z]{{0,8}}?)了"
    r"|(?P<d>停(?:了|掉了?|药了?|用了?)|戒(?:了|掉了?)|没了|没有了|走了|死了|去世了|去了汪星|去了喵星|送人了|送走了|卖(?:了|掉了?)|丢了|退(?:了|掉了?)|取消了|放弃了|黄了|吹了|扔了|到期了|注销了|(?:给)?换(?:了|掉了?)|改(?:了|掉了?)|好了|治好了|痊愈了?|康复了?))(?=[，,。！!；;…\s]|$)"
)
_INSTEAD = re.compile(
    rf"(?:改|换|转|(?:现在|目前|如今)(?:在|是|改|换|只)|(?:现在|目前|如今)(?=吃|喝|用|学|练|住|坐|养|做)|改[成为]|换[成为]|转[成为])(?P<v>{_VERB})?(?:成|为|是|到|的是)?了?(?P<n>(?!对|过敏|不|没|在|还|也|都|就|有|了|的|成|个|一下|偶尔|能|可以)[\u4e00-\u9fffA-Za-z\d]{{2,12}}?)(?:了|啦)?(?=[，,。！!；;…\s]|$)"
)
_SWAPPED = re.compile(
    r"\W*(?:我|已经|刚|上周|现在|后来|早就)*(?:改|换)(?:成|用|学|吃)?(?P<n>(?!成|了|个|一)[\u4e00-\u9fffA-Za-z\d]{2,10}?)(?:了|啦)(?=[，,。！!；;…\s]|$)"
)
_BORN = re.compile(
    r"(?:我|已经|终于|刚|宝宝|孩子|娃|上周|上个?月|\d月份?|[一二三四五六七八九十]月份?)(?:已经|刚|就)?(?:生(?:了|完了?|下来了?)|卸货了?|出生(?:了|[一二三\d])|满月了?)"
)
_LEFT_WORK = re.compile(r"(?:辞职|离职|被裁|失业|下岗)了|不干了|被优化了|辞了工作")
_OTHERS = re.compile(
    "[他她它]|别人|人家|朋友|同事|同学|老板|邻居|室友|我[爸妈哥姐弟妹爷奶]|老[公婆]|男友|女友|对象"
)
"""Of somebody else, to whom it happened."""
_MOVED = re.compile("搬家了")
_AGAIN = re.compile(
    rf"(?:现在|如今|偶尔|有时候?|又|开始|已经)(?:现在|偶尔|有时候?|也|会|能|可以|又|开始|敢|重新)*(?P<v>{_VERB})(?:一?点儿?|一些|得了|起)?(?P<n>[^，,。！!；;\s]{{1,12}})"
)
_REFUSED = frozenset({"never", "avoids", "dislikes", "diet"})
_OPEN = frozenset(
    [
        "activity", "habit", "goal", "likes", "medicine", "studies", "possession", "plan", "ability",
        "schedule", "detail", "pet", "preference", "only", "diet", "dose", "home_kind", "household",
        "employer", "occupation", "trip", "condition", "home", "speaks", "needs", "finances", "level",
    ]
)  # fmt: skip
"""What may end without a word that something was wrong. An allergy ends by its own rule only."""
_NONE: frozenset[str] = frozenset()
_BY_VERB = {
    "过敏": frozenset({"allergy"}),
    "怕": frozenset({"dislikes"}),
    "信": frozenset({"religion"}),
}
"""What the verb itself names: 现在不过敏了."""
_PURSUED = frozenset(
    [
        "activity",
        "habit",
        "goal",
        "likes",
        "medicine",
        "studies",
        "schedule",
        "detail",
        "only",
        "diet",
    ]
)
_BY_EVENT = (
    (re.compile("死了|去世|去了|送"), frozenset({"pet"})),
    (re.compile("卖|丢|扔|(?:给)?换"), frozenset({"possession", "detail"})),
    (re.compile("停|戒"), frozenset({"medicine", "habit", "activity"})),
    (re.compile("退|取消|到期|注销"), frozenset({"plan", "trip"})),
    (re.compile("放弃|黄|吹"), frozenset({"goal", "trip"})),
)
"""What may be meant by a word for its end alone."""
_DONE = re.compile(
    r"^\W*(?:我|终于|已经|昨天|上周|刚|都)*(?:考过|考完|通过|上岸|拿到|达成|实现|完成|考下来|拿下|毕业|减下来|跑完)(?:了|啦)"
)
_EVENTS = (
    (re.compile("脱单|有对象了|交到(?:男|女)朋友"), frozenset({"marital_status"})),
    (re.compile("破戒|开荤"), frozenset({"diet"})),
    (re.compile("不是过敏"), frozenset({"allergy"})),
    (_DONE, frozenset({"goal", "deadline"})),
)
"""What happened, and the slots of the message before that it ends."""
_STATES = frozenset({"condition"})
_HEALED = re.compile("好了|痊愈|康复")
_NOT = re.compile(
    "[吗呢？?]|今天|今晚|这次|这周|明天|再说|休息|一下|如果|要是|假如|万一|什么|怎么|能不能|可以|想|帮|打算|准备(?!好)"
)


@dataclass(frozen=True, slots=True)
class End:
    """A fact that has ended, and the words that take the place of its value ("" for none).

    Args:
        span: of those words in the sentence.
    """

    old: Fact
    value: str = ""
    span: tuple[int, int] = (0, 0)


def ended(
    text: str, known: Sequence[Fact], last: str, of_last: Sequence[Fact], taken: Sequence[Fact]
) -> list[End]:
    """What a sentence ends.

    Args:
        known: the facts of the person that may be meant, the one stated last at the end.
        last: the message before, whose verb the sentence may repeat.
        of_last: the facts of that message.
        taken: known facts that a rule has found the sentence to end.
    """
    if _NOT.search(text):
        return []
    found = [_with(fact, _INSTEAD.search(text)) for fact in taken]
    mine = _OTHERS.search(text) is None
    if mine and _MOVED.search(text):
        found += [End(f) for f in known if f.slot in ("home", "home_kind")]
    for m in _AGAIN.finditer(text):
        found += [End(f) for f in known if f.slot in _REFUSED and _taken_up(f, m)]
    for happened, slots in _EVENTS:
        if mine and happened.search(text):
            found += [End(f) for f in of_last if f.slot in slots]
    if mine and _BORN.search(text):
        found += [End(f) for f in known if f.slot == "pregnant"]
    if mine and _LEFT_WORK.search(text):
        found += [End(f) for f in known if f.slot == "employer"]
    swapped = _SWAPPED.match(text)
    if swapped is not None:
        owned = [f for f in of_last if f.slot in ("possession", "plan", "medicine", "activity")]
        found += [_with(f, swapped) for f in owned if len(owned) == 1]
    for m in _ENDS.finditer(text):
        words = "".join(m.group(g) or "" for g in ("o", "o2", "o3"))
        named = [f for f in known if f.slot in _OPEN and _held(f, words)]
        verb = m.group("v") or m.group("v2") or ""
        if not named and verb and not re.sub("^(?:我|俺|那个?|这个?|后来)+", "", words):
            named = [f for f in of_last if f.slot in _BY_VERB.get(verb, _PURSUED)]
            named = [f for f in named if verb in f.value or verb in last]
        alone = not re.sub("^(?:我|俺|那个?|这个?|后来|医生|给|让|都)+", "", words)
        if not named and m.group("d") and alone and m.start() < 8:
            slots = next((s for word, s in _BY_EVENT if word.match(m.group("d"))), _NONE)
            named = [f for f in of_last if f.slot in slots]
            named = named if len(named) == 1 else []
        if not named and m.group("d") and re.search("药", words):
            named = [f for f in known if f.slot == "medicine"][-1:]
        if m.group("d") and _HEALED.search(m.group("d")):
            named = [f for f in named if f.slot in _STATES]
        else:
            named = [f for f in named if f.slot not in _STATES]
        if not named:
            continue
        instead = _INSTEAD.search(text, m.end())
        for fact in named:
            found.append(_with(fact, instead))
    return list({id(e.old): e for e in reversed(found)}.values())


def _taken_up(fact: Fact, m: re.Match[str]) -> bool:
    """现在偶尔也喝点红酒 ends 不喝酒."""
    core = re.sub(f"^{_VERB}", "", fact.value)
    return m.group("v") in fact.value and bool(core) and core in m.group("n")


def _held(fact: Fact, words: str) -> bool:
    """Whether the clause names what the fact is of."""
    words = re.sub("^(?:我们?家?的?|俺|那个?|这个?|把)+", "", words)
    core = re.sub(rf"^(?:{_VERB}|[一两三四五几\d]?[只条个台辆部])+", "", fact.value)
    return bool(words) and (
        (len(core) > 1 and core in words)
        or (len(words) > 1 and words in fact.value)
        or (fact.slot == "pet" and bool(set(words) & set(fact.value) & set("猫狗兔鸟鱼龟鼠马")))
    )


def _with(fact: Fact, instead: re.Match[str] | None) -> End:
    if instead is None:
        return End(fact)
    said = instead.group("n")
    # 学法语 to 西班牙语 is 学西班牙语.
    verb = re.match(_VERB, fact.value)
    value = verb.group() + said if verb and not re.match(_VERB, said) else said
    return End(fact, value, instead.span("n"))
