"""Edits that never change meaning, each with its reason; and hints the author decides on."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """Args: name; what it finds; what it writes instead ("" for a hint only); why, in two languages."""

    name: str
    pattern: re.Pattern[str]
    replacement: str
    reason: str
    reason_zh: str
    hint: bool = False


def _rule(
    name: str, pattern: str, new: str, en: str, zh: str, *, hint: bool = False, case: bool = False
) -> Rule:
    return Rule(name, re.compile(pattern, 0 if case else re.I), new, en, zh, hint)


def _spelling() -> tuple[Rule, ...]:
    pairs = (
        "recieve receive|seperate separate|definately definitely|occured occurred|untill until|wich which|"
        "teh the|adress address|begining beginning|beleive believe|calender calendar|commitee committee|"
        "enviroment environment|goverment government|immediatly immediately|independant independent|"
        "neccessary necessary|occassion occasion|publically publicly|tommorow tomorrow|truely truly|"
        "wierd weird|accomodate accommodate|acheive achieve|arguement argument|existance existence|"
        "maintainance maintenance|posession possession|priviledge privilege|reccomend recommend|succesful successful"
    )
    rules = []
    for pair in pairs.split("|"):
        wrong, right = pair.split()
        rules.append(
            _rule(
                f"spelling.{right}",
                rf"\b{wrong}\b",
                right,
                f"Spelling: “{right}”.",
                f"拼写应为 {right}。",
            )
        )
    return tuple(rules)


ENGLISH = (
    *_spelling(),
    _rule("its", r"\bits(?= (?:a|an|the|not|been|going|very|so|too|time|raining|clear|likely|possible|important|nice|hard|easy|true|just|me|my|late|early|cold|hot|good|bad|fine|over|okay|ok)\b)", "it's",
          "“It's” is short for “it is” or “it has”; “its” shows possession.", "it's 是 it is 的缩写，its 表示所属。"),
    _rule("its_own", r"\bit's(?= own\b)", "its", "The possessive “its” has no apostrophe.", "表示所属的 its 没有撇号。"),
    _rule("your", r"\byour(?= (?:welcome|going|not|very|right|wrong|late|invited|sure|the best)\b)", "you're",
          "“You're” is short for “you are”.", "you're 是 you are 的缩写。"),
    _rule("there_is", r"\btheir(?= (?:is|are|was|were|will be|has been|have been)\b)", "there", "“There is” opens a statement that something exists.", "there is 表示“有”。"),
    _rule("theyre", r"\bthere(?= going to\b)", "they're", "“They're” is short for “they are”.", "they're 是 they are 的缩写。"),
    _rule("than", r"\b(more|less|better|worse|bigger|smaller|larger|faster|rather|other|older|younger|higher|lower) then\b", r"\1 than", "Comparisons take “than”.", "比较用 than。"),
    _rule("could_have", r"\b(could|should|would|must|might) of\b", r"\1 have", "“Of” is a mishearing of “have” here.", "这里应是 have，而不是 of。"),
    _rule("a_an", r"\b(a)(?= (?:apple|hour|honest|idea|issue|error|email|example|easy|important|interesting|old|open|other|only if|update|answer|early|end|event|expert|office|order|article|average)\b)", "an",
          "“An” before a vowel sound.", "元音音素前用 an。"),
    _rule("an_a", r"\ban(?= (?:university|user|unit|unique|useful|european|one-)\w*)", "a", "“A” before a consonant sound.", "辅音音素前用 a。"),
    _rule("double_word", r"\b(the|a|an|is|are|of|to|in|and|for|on|with|we|it) \1\b", r"\1", "A word is doubled.", "词语重复。"),
    _rule("alot", r"\balot\b", "a lot", "“A lot” is two words.", "a lot 是两个词。"),
    _rule("in_order_to", r"\bin order to\b", "to", "“To” says the same in one word.", "用 to 更简洁。"),
    _rule("due_to_the_fact", r"\bdue to the fact that\b", "because", "“Because” says the same.", "用 because 更简洁。"),
    _rule("at_this_point", r"\bat this point in time\b", "now", "“Now” says the same.", "用 now 更简洁。"),
    _rule("in_the_event", r"\bin the event that\b", "if", "“If” says the same.", "用 if 更简洁。"),
    _rule("prior_to", r"\bprior to\b", "before", "The everyday word is “before”.", "用 before 更自然。"),
    _rule("utilize", r"\butili[sz]e(d|s)?\b", r"use\1", "The everyday word is “use”.", "用 use 更自然。"),
    _rule("a_large_number", r"\ba large number of\b", "many", "“Many” says the same.", "用 many 更简洁。"),
    _rule("has_the_ability", r"\bhas the ability to\b", "can", "“Can” says the same.", "用 can 更简洁。"),
    _rule("each_and_every", r"\beach and every\b", "every", "The two words mean the same.", "两个词意思重复。"),
    _rule("end_result", r"\bend result\b", "result", "A result is at the end already.", "result 本身就表示结果。"),
    _rule("advance_planning", r"\badvance planning\b", "planning", "Planning is done in advance already.", "planning 已含“提前”之意。"),
    _rule("past_history", r"\bpast history\b", "history", "History is past already.", "history 本身就是过去。"),
    _rule("free_gift", r"\bfree gift\b", "gift", "A gift is free already.", "gift 本身就免费。"),
    _rule("the_reason_why", r"\bthe reason why\b", "the reason", "“Why” repeats “reason”.", "why 与 reason 重复。"),
    _rule("space_before", r" +(?=[,.;!?](?:\s|$))", "", "No space before this mark.", "标点前不加空格。"),
    _rule("double_space", r"(?<=\S)  +(?=\S)", " ", "One space is enough.", "多余的空格。"),
    _rule("passive", r"\b(?:was|were|is|are|been|being) \w+ed by\b", "", "Passive voice: name the actor first, if that reads better.", "被动语态：可考虑先说动作的执行者。", hint=True),
    _rule("very", r"\bvery (?:good|bad|big|small|important)\b", "", "A more exact word may say more than “very”.", "可以换一个更准确的词。", hint=True),
    _rule("cliche", r"\b(?:think outside the box|at the end of the day|low-hanging fruit|game.?changer|needless to say)\b", "", "A worn phrase; your own words would be fresher.", "套话，换成自己的话更好。", hint=True),
    _rule("however", r"\w, however \w+ (?:is|was|are|were|has|have)\b", "", "Two sentences joined by a comma: consider a full stop or a semicolon.", "两个句子用逗号相连：可改用句号或分号。", hint=True),
)  # fmt: skip

CHINESE = (
    _rule("既使", "既使", "即使", "“即使” is the word for “even if”.", "“即使”表示假设，“既使”是错别字。"),
    _rule("按装", "按装", "安装", "Wrong character.", "应为“安装”。"),
    _rule("渡假", "渡假", "度假", "Wrong character.", "应为“度假”。"),
    _rule("松驰", "松驰", "松弛", "Wrong character.", "应为“松弛”。"),
    _rule("幅射", "幅射", "辐射", "Wrong character.", "应为“辐射”。"),
    _rule("一愁莫展", "一愁莫展", "一筹莫展", "Wrong character.", "应为“一筹莫展”。"),
    _rule("再接再励", "再接再励", "再接再厉", "Wrong character.", "应为“再接再厉”。"),
    _rule("迫不急待", "迫不急待", "迫不及待", "Wrong character.", "应为“迫不及待”。"),
    _rule("走头无路", "走头无路", "走投无路", "Wrong character.", "应为“走投无路”。"),
    _rule("大约左右", r"大约(\d+[^\s，。]{0,4}?)左右", r"大约\1", "“大约” and “左右” say the same.", "“大约”和“左右”重复。"),
    _rule("超过以上", r"超过(\d+[^\s，。]{0,4}?)以上", r"超过\1", "“超过” and “以上” say the same.", "“超过”和“以上”重复。"),
    _rule("凯旋归来", "凯旋归来", "凯旋", "“凯旋” means to return in triumph.", "“凯旋”已含“归来”。"),
    _rule("亲眼目睹", "亲眼目睹", "目睹", "“目睹” means to see oneself.", "“目睹”已含“亲眼”。"),
    _rule("涉及到", "涉及到", "涉及", "“及” means “到”.", "“及”就是“到”。"),
    _rule("原因是因为", "(?:的)?原因是因为", "是因为", "“原因” and “因为” say the same.", "“原因”和“因为”重复。"),
    _rule("de_adverb", "(认真|仔细|慢慢|轻轻|渐渐|悄悄|高兴|努力)的(?=(?:说|看|走|学习|工作|笑|想|听|写|做|读|检查))", r"\1地", "“地” before a verb.", "动词前用“地”。"),
    _rule("de_result", "(跑|说|写|做|走|长|飞|学)的(?=(?:很|非常|特别|更|太)[^的]{1,3}(?:[，。！]|$))", r"\1得", "“得” after a verb, before how it is done.", "动词后表示程度用“得”。"),
    _rule("half_comma", "(?<=[\u4e00-\u9fff]),(?=[\u4e00-\u9fff])", "，", "Chinese text takes the full-width comma.", "中文用全角逗号。", case=True),
    _rule("half_question", "(?<=[\u4e00-\u9fff])\\?", "？", "Chinese text takes the full-width question mark.", "中文用全角问号。", case=True),
    _rule("repeated_mark", "([，。])\\1+", r"\1", "The mark is doubled.", "标点重复。"),
    _rule("进行", "进行(?:了)?(?:一个|一次)?[\u4e00-\u9fff]{2}", "", "“进行” with a noun is often one verb too many.", "“进行……”常可直接用动词。", hint=True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One edit: which rule, what stood there, what stands there now."""

    rule: Rule
    before: str
    after: str


_SHIELD = re.compile(
    r"<[A-Z][A-Z0-9_]*_[A-Z2-7]{5}>|https?://\S+|\S+@\S+|“[^”]*”|\"[^\"\n]*\"|「[^」]*」|`[^`]*`"
)


def revise(
    text: str, language: str, off: frozenset[str] = frozenset()
) -> tuple[str, list[Change], list[Change]]:
    """(revised text, changes, hints). Quotations, addresses and pseudonyms are left alone."""
    rules = CHINESE if language == "zh" else ENGLISH
    changes: list[Change] = []
    hints: list[Change] = []
    pieces: list[str] = []
    start = 0
    for shield in [*_SHIELD.finditer(text), None]:
        part = text[start : shield.start() if shield else len(text)]
        pieces.append(_edit(part, rules, off, changes, hints))
        if shield:
            pieces.append(shield[0])
            start = shield.end()
    return "".join(pieces), changes, hints


def _edit(
    part: str,
    rules: tuple[Rule, ...],
    off: frozenset[str],
    changes: list[Change],
    hints: list[Change],
) -> str:
    for rule in rules:
        if rule.name in off:
            continue
        if rule.hint:
            hints.extend(Change(rule, m[0], "") for m in rule.pattern.finditer(part))
            continue

        def write(match: re.Match[str], rule: Rule = rule) -> str:
            new = match.expand(rule.replacement)
            if match[0][:1].isupper() and new:
                new = new[0].upper() + new[1:]
            if new != match[0]:
                changes.append(Change(rule, match[0], new))
            return new

        part = rule.pattern.sub(write, part)
    return part
