"""What a revision must keep of a text: numbers, names, quotations, addresses, negations, certainty, direction.

These are measures of form, so they err on the safe side: a revision that says
the same in other numbers or with another negation is held back too.
"""

from __future__ import annotations

import re
from collections import Counter

_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*%?")
_WORDS = {
    word: str(number)
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
         "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty")
    )
    if number != 1  # "one" is a pronoun as well
} | {"thirty": "30", "forty": "40", "fifty": "50", "hundred": "100", "thousand": "1000", "million": "1000000",
     "billion": "1000000000", "dozen": "12", "half": "1/2", "twice": "2x", "double": "2x", "third": "3rd"}  # fmt: skip
_NUMBER_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.I)
_HAN_DIGITS = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {
    "两": "2",
    "十": "10",
    "百": "100",
    "千": "1000",
    "万": "10000",
    "亿": "100000000",
    "半": "1/2",
}
_HAN_NUMBER = re.compile(
    "(?<![统唯同专第])[一二两三四五六七八九十百千万亿半]+(?=[个位名天年月日号元块次点分秒斤米里倍成岁岁人本张件条台辆封份周小季]|%)|[二三四五六七八九]?十[一二三四五六七八九]?(?![分足])"
)
_ORDINAL_ONE = re.compile("^一$")
_NAME = re.compile(r"(?<![\w'’])[A-Z][a-zA-Z]*[a-z](?:[A-Z][a-z]+)*\b|\b[A-Z]{2,}\b")
_SENTENCE_START = re.compile(r"(?:^|[.!?。！？:：\n“\"]\s*|^[-*•\d.]+\s+)$", re.M)
_FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "this",
        "that",
        "these",
        "those",
        "my",
        "your",
        "his",
        "her",
        "its",
        "our",
        "their",
        "it",
        "he",
        "she",
        "we",
        "they",
        "you",
        "there",
        "here",
        "who",
        "whose",
        "what",
        "when",
        "where",
        "why",
        "how",
        "which",
        "if",
        "because",
        "although",
        "though",
        "while",
        "since",
        "after",
        "before",
        "as",
        "unless",
        "until",
        "once",
        "whether",
        "and",
        "but",
        "or",
        "nor",
        "so",
        "yet",
        "for",
        "in",
        "on",
        "at",
        "to",
        "of",
        "with",
        "from",
        "by",
        "about",
        "into",
        "over",
        "under",
        "between",
        "through",
        "during",
        "without",
        "not",
        "no",
        "yes",
        "please",
        "thanks",
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "did",
        "have",
        "has",
        "had",
        "can",
        "could",
        "will",
        "would",
        "should",
        "may",
        "might",
        "must",
        "let",
        "lets",
        "all",
        "some",
        "many",
        "most",
        "each",
        "every",
        "both",
        "several",
        "then",
        "than",
        "too",
        "also",
        "just",
        "only",
        "now",
        "today",
        "yesterday",
        "tomorrow",
        "one",
        "two",
        "three",
        "first",
        "last",
        "next",
        "more",
        "less",
    ]
)
_NEAR = 16
"""Characters before a word in which a sentence end is looked for."""
_QUOTED = re.compile(r"“([^”]+)”|\"([^\"\n]+)\"|「([^」]+)」|《([^》]+)》")
_ADDRESS = re.compile(
    r"<[A-Z][A-Z0-9_]*_[A-Z0-9]{5}>|https?://[^\s，。；）)]+|www\.[^\s，。；）)]+|(?<![\w.+-])[A-Za-z0-9._%+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\w)[@#]\w+|`[^`]+`"
)
_NEGATION = re.compile(
    r"\b(?:not|never|no(?!\s+(?:what|how|why|where|if|who|when|weather|whether)\b)|none|nobody|nothing|nowhere|neither|nor|cannot|without|hardly|noone|\w+n['’]t|(?:do|does|did|is|was|are|were|ca|could|would|should|have|has|had|wo)nt)\b",
    re.I,
)
_HAN_NO_NEGATION = re.compile(
    "不得不|不能不|不仅|不但|不过|不管|不论|不断|不少|不错|不如|不久|不同|对不起|差不多|无论|无数|未来|分别|特别|区别|级别|别人|个别|性别|差别|告别|非常|除非|是非|毫无疑问|无非|说不定|怪不得|了不起|要不|好不好|是不是|能不能|有没有|没关系"
)
_HAN_NEGATION = re.compile("[不没无未勿非]|别(?=[再去说做来让把给动])")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许邓冯韩曹彭萧蔡潘袁董余苏叶吕魏蒋田杜丁沈姜范傅钟卢汪戴崔陆廖姚邱夏谭韦贾邹孟秦阎薛侯雷龙段郝孔邵史毛贺顾赖武康欧"
_TITLES = "先生|女士|小姐|老师|经理|教授|博士|医生|同学|总监|总裁|主任|校长|部长|局长|主席|律师|工程师|师傅|阿姨|叔叔|总"
_HAN_NAME = re.compile(
    f"([{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?=(?:{_TITLES}))|(?<=[叫是请给向和与致])([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=[，。、的说在来去和与负])"
    f"|(?:(?<=^)|(?<=[，。；！？\n“]))([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=说|表示|认为|指出|告诉|负责|写道|来到|和|与|在|是|的)"
)
_CLASSES: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...] = (
    ("certainty", (
        re.compile(r"\b(?:must|have to|has to|had to|need to|needs to|required?|shall)\b|必须|务必|一定要", re.I),
        re.compile(r"\b(?:should|ought)\b|应该|应当|最好", re.I),
        re.compile(r"\b(?:may|might|perhaps|maybe|possibly|probably|possible|could|can(?:not|['’]?t)?|able)\b|可能|也许|大概|或许|可以|能够", re.I),
    )),
    ("quantities", (
        re.compile(r"\b(?:all|every|everytime|each|always|entire|whole|everyone|everybody|everything)\b|所有|全部|全体|总是|每[个次天年]", re.I),
        re.compile(r"\b(?:some|sometimes|several|partly)\b|有些|部分|有时", re.I),
        re.compile(r"\b(?:only|merely)\b|只(?!好|要)|仅(?!仅)", re.I),
    )),
)  # fmt: skip
_OPPOSITES = (
    (r"\b(?:before|prior to)\b", r"\bafter\b"), (r"\bincreas\w*\b", r"\b(?:decreas|reduc)\w*\b"), (r"\bmore\b", r"\b(?:less|fewer)\b"),
    (r"\babove\b", r"\bbelow\b"), (r"\baccept\w*\b", r"\b(?:reject|refus)\w*\b"), (r"\b(?:buy|bought)\b", r"\b(?:sell|sold)\b"),
    (r"\b(?:win|won)\b", r"\b(?:lose|lost)\b"), (r"\bopen\w*\b", r"\bclos\w*\b"), (r"\bearlier\b", r"\blater\b"),
    (r"\bagree\w*\b", r"\bdisagree\w*\b"), (r"\bsupport\w*\b", r"\boppos\w*\b"), (r"\bsuccess\w*\b", r"\bfail\w*\b"),
    (r"\bhigher\b", r"\blower\b"), (r"\bfirst\b", r"\blast\b"), (r"\brise\w*|rose\b", r"\bfall\w*|fell\b"),
    ("增加|增长|上升", "减少|下降|降低"), ("之前|以前", "之后|以后"), ("高于|大于|超过|多于", "低于|小于|少于"),
    ("同意|支持|赞成", "反对"), ("接受", "拒绝"), ("成功", "失败"), ("提前", "推迟|延期"),
)  # fmt: skip


def numbers(text: str) -> Counter[str]:
    """The numbers of a text by value, however they are written."""
    bare = _ADDRESS.sub(" ", text)
    found = Counter(
        n.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", n) else n
        for n in _DIGITS.findall(bare)
    )
    found.update(_WORDS[w.lower()] for w in _NUMBER_WORD.findall(bare))
    for run in _HAN_NUMBER.findall(_DIGITS.sub(" ", bare)):
        if not _ORDINAL_ONE.match(run):
            found.update(
                ["+".join(_HAN_DIGITS[c] for c in run)] if len(run) > 1 else [_HAN_DIGITS[run]]
            )
    return found


def names(text: str) -> tuple[set[str], set[str]]:
    """(names, capitalised words that may only begin a sentence) of a text."""
    sure: set[str] = set()
    perhaps: set[str] = set()
    bare = _ADDRESS.sub(" ", text)
    for match in _NAME.finditer(bare):
        begins = _SENTENCE_START.search(bare[max(0, match.start() - _NEAR) : match.start()])
        if begins and match[0].lower() in _FUNCTION_WORDS:
            continue
        (perhaps if begins and not match[0].isupper() else sure).add(match[0])
    for match in _HAN_NAME.finditer(text):
        sure.add(next(g for g in match.groups() if g))
    return sure, perhaps


def lost(original: str, revised: str, *, first_words: bool = True) -> list[str]:
    """The kinds of things a revision lost, added or turned round; empty where it kept them all.

    Args:
        first_words: take an exchanged first word of a sentence for a name ("Bob", "Rob").
            False for edits by rules, which exchange words they know.
    """
    kinds = []
    if numbers(original) != numbers(revised):
        kinds.append("numbers")
    if _names_changed(original, revised, first_words):
        kinds.append("names")
    if Counter(_ADDRESS.findall(original)) != Counter(_ADDRESS.findall(revised)):
        kinds.append("addresses")
    if any(quoted not in revised for quoted in _quotations(original)):
        kinds.append("quotations")
    if _negations(original) != _negations(revised):
        kinds.append("negations")
    for kind, patterns in _CLASSES:
        if any(bool(p.search(original)) != bool(p.search(revised)) for p in patterns):
            kinds.append(kind)
    if _turned(original, revised):
        kinds.append("direction")
    return kinds


def missing(original: str, answer: str) -> list[str]:
    """The kinds of things of a text that an answer doesn't hold at all.

    For an answer that mixes a revision with other words, where only a loss can
    be told, not an addition.
    """
    kinds = []
    if numbers(original) - numbers(answer):
        kinds.append("numbers")
    sure, _ = names(original)
    if any(name.lower() not in answer.lower() for name in sure):
        kinds.append("names")
    if any(address not in answer for address in _ADDRESS.findall(original)):
        kinds.append("addresses")
    if any(quoted not in answer for quoted in _quotations(original)):
        kinds.append("quotations")
    return kinds


def _names_changed(original: str, revised: str, first_words: bool) -> bool:
    sure, perhaps = names(original)
    new_sure, new_perhaps = names(revised)
    old, new = original.lower(), revised.lower()
    if any(name.lower() not in new for name in sure):
        return True
    added = {n for n in new_sure if n.lower() not in old}
    replaced = {n for n in perhaps if n.lower() not in new} and {
        n for n in new_perhaps if n.lower() not in old
    }
    return bool(added or (first_words and replaced and _same_otherwise(original, revised)))


def _same_otherwise(original: str, revised: str) -> bool:
    """Whether nearly all other words are the same, so that a first word was exchanged for another."""
    old, new = (set(re.findall(r"[a-z]+", t.lower())) for t in (original, revised))
    return len(old ^ new) <= 2


def _quotations(text: str) -> list[str]:
    return [next(g for g in groups if g) for groups in _QUOTED.findall(text)]


def _negations(text: str) -> int:
    han = _HAN_NO_NEGATION.sub("", text)
    return len(_NEGATION.findall(text)) + len(_HAN_NEGATION.findall(han))


def _turned(original: str, revised: str) -> bool:
    for one, other in _OPPOSITES:
        for this, that in ((one, other), (other, one)):
            was = re.search(this, original, re.I) and not re.search(that, original, re.I)
            now = re.search(that, revised, re.I) and not re.search(this, revised, re.I)
            if was and now:
                return True
    return False
