"""What a message asks for: to revise a text, to learn a style from it, or to answer a question."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metier.model import Role, Turn
from metier_writing._rules import Goal, revise
from metier_writing._words import say

OPENINGS = {"en": "Revised text:", "zh": "修改后："}
"""What a revision begins with, in the language of the answer."""

_VERBS = r"corr?ect|improve|polish|proofread|proof-read|correct|fix|edit|revise|check|rewrite|rephrase|reword|shorten|review|look over|tidy up|make(?=\s+(?:this|it|my|the|these)\b)"
_VERBS_ZH = "润色|修改|校对|改一下|改改|检查|改错|改正|纠正|修正|优化|缩短|精简|改写|看看|看一下|改得|改成|改短|改"
_THING = r"(?:text|sentence|essay|email|e-mail|paragraph|letter|writing|grammar|spelling|english|draft|message|mistakes?|errors?|this|it|following|article|story|homework|report|statement|abstract|post)"
_POLITE = r"(?:(?:and|now|also|then|ok|hi|hello|hey|please|pls|plz|can you|could you|would you|will you|i want you to|i need you to|help me to|help me(?=\s+(?:to\s+)?(?:improve|correct|fix|check|edit|revise|rewrite))|just)[\s,]+)*"
_POLITE_ZH = "(?:(?:你好|您好|请问|请|麻烦您?|麻烦你|能不能|能否|可以|可否|帮我|帮忙|帮|给我|替我|把|将)[，,\\s]*)*"
_ASKS = rf"\s*{_POLITE}(?:{_VERBS})\b[^:：\n.?!]{{0,80}}[:：\n]\s*"
_LEAD = (
    re.compile(rf"^\s*{_POLITE}(?:{_VERBS})\b[^:：\n]{{0,80}}[:：\n]\s*", re.I),
    # After a sentence about the person or the text: "I prefer British spelling. Please correct: …"
    re.compile(
        rf"^\s*(?:i (?:(?:always|usually|normally|often|never|mostly|only|also|generally) )?(?:prefer|use|write|like|need|want|have|am|live|work|study)|i['’]m|this is|here is|here['’]s|my)\b[^:：\n.?!]{{1,80}}[.!]{_ASKS}",
        re.I,
    ),
    re.compile(
        rf"^\s*{_POLITE_ZH}[^：:\n？?]{{0,20}}(?:写|说|弄|变)得[^：:\n？?]{{1,12}}[：:\n]\s*(?=\S)"
    ),
    re.compile(
        rf"^\s*{_POLITE}(?:{_VERBS})\b[^:：\n.?!]{{0,60}}\b{_THING}\b[^:：\n.?!]{{0,30}}[.?!]\s+(?=\S)",
        re.I,
    ),
    re.compile(
        r"^\s*(?:is|are|does|do)\s+(?:this|these|that|the following|my)\b[^?\n]{0,50}\b(?:correct|right|ok|okay|grammatical|good english|any mistakes?|mistakes|sense)\b[^?\n]{0,20}[?:]\s*(?=\S)",
        re.I,
    ),
    re.compile(
        r"^\s*(?:what(?:'s| is) wrong with|any (?:mistakes|errors) in)\b[^?:\n]{0,30}[?:]\s*(?=\S)",
        re.I,
    ),
    re.compile(
        rf"^\s*{_POLITE_ZH}[^：:\n？?]{{0,20}}(?:{_VERBS_ZH})[^：:\n？?]{{0,20}}[：:\n？?]\s*"
    ),
    re.compile(
        r"^\s*(?:这|下面|以下)[^？?：:\n]{0,12}(?:对吗|对不对|正确吗|有没有(?:错|问题|语病)|有错吗|通顺吗|有语病吗|怎么改)[？?：:]?\s*(?=\S)"
    ),
)
_TRAIL = (
    re.compile(
        rf"[\s.!?。！？—-]+{_POLITE}(?:{_VERBS})\s+(?:this|it|my {_THING}|the {_THING}|that)?(?:\s+\w+){{0,3}}(?:\s+please)?[.?!]*\s*$",
        re.I,
    ),
    re.compile(
        r"[\s.!?—-]+(?:is (?:this|that|it)(?: \w+)? (?:correct|right|ok|okay)|any mistakes)\s*\?*\s*$",
        re.I,
    ),
    re.compile(
        "[。！？，,\\s]+(?:请|麻烦|帮我|帮忙|请帮我)+(?:把它|看看|看一下)?(?:润色|修改|校对|检查|改|改正|改错|看)(?:一下|改|看|得[^。]{1,6})?[吧。！？!?]*\\s*$"
    ),
    re.compile(
        "[。！？\\s]*(?:这句话|这样写|这么写|这样说|这段话|这)?(?:对吗|对不对|正确吗|有没有错|有错吗|通顺吗)[？?]*\\s*$"
    ),
)
_QUOTE = re.compile(r"[“\"「]([^”\"」]{3,})[”\"」]")
_ASKS_IF_RIGHT = re.compile(
    r"\b(?:correct|right|grammatical|wrong)\b[^?]*\?|\bcan i (?:say|write)\b|(?:对吗|对不对|正确吗|能这么说吗|有错吗|哪里错|怎么改)",
    re.I,
)
_SAMPLE = re.compile(
    r"^\s*(?:(?:here is|here's|this is) (?:how i write|a sample of my (?:writing|style)|my (?:writing )?style|something i wrote)|my (?:writing )?style(?: is)?|learn my (?:writing )?style|a sample of my writing)[^:\n]{0,30}[:\n]\s*"
    r"|^\s*(?:请?(?:学习|记住|模仿|参考)?(?:一下)?(?:这是)?我(?:平时|一般|通常)?(?:的文风|的写作风格|这样写|是这样写的|的风格|写的(?:文字|东西)?))[^：:\n]{0,10}[：:\n]\s*",
    re.I,
)
_FORMAL = re.compile(
    r"\b(?:more )?(?:formal(?:ly)?|professional(?:ly)?|polite(?:ly)?|business)\b|正式|书面|礼貌|专业|得体",
    re.I,
)
_SHORTER = re.compile(
    r"\bshort(?:en|er)?\b|\bconcise(?:ly)?\b|\bbrief(?:er|ly)?\b|\btrim\b|\bcut\b|\bless wordy\b|\bsimpl(?:er|ify)\b|缩短|精简|简短|简洁|短一点|压缩|改短|啰嗦",
    re.I,
)
_BETTER = re.compile(
    r"\bimprove\b|\bpolish\b|\bbetter\b|\brewrite\b|\brephrase\b|\breword\b|\bedit\b|\brevise\b|润色|改进|优化|改写|更好|修改",
    re.I,
)
_CASUAL = re.compile(
    r"\b(?:informal|casual|friendly|friendlier|funny|persuasive|creative|longer|poetic)\b|口语|随意|亲切|幽默|生动|长一点|扩写",
    re.I,
)
_TAIL = rf"(?:\s+(?:it|this|that|them|my|the|a|bit|even|more|less|much|formal(?:ly)?|professional(?:ly)?|polite(?:ly)?|business|short(?:er)?|concise(?:ly)?|brief(?:er)?|better|friendl(?:y|ier)|casual|simpler|longer|please|for|me|again|now|up|to|sound|be|in|tone|style|way|very|too|{_THING}s?))*"
_TAIL_ZH = "(?:得|更|再|一点|一些|短|长|正式|简洁|简短|精简|礼貌|通顺|自然|口语|书面|专业|好|一下|吧|点儿?|下|些|我的|这|段|篇|个|封|作文|文章|邮件|句子|话|文字|论文|可以吗|好吗)*"
_REQUEST_ONLY = re.compile(
    rf"^\s*{_POLITE}(?:{_VERBS})\b{_TAIL}\W*$|^\s*(?:and |now |also |then |ok,? |but )*(?:more |a bit |even |less )*(?:formal|professional|polite|short|concise)\w*(?: please)?\W*$"
    rf"|^\s*{_POLITE_ZH}(?:它|这段话|上面的?)?(?:再)?(?:{_VERBS_ZH}|写得|更|再){_TAIL_ZH}\W*$", re.I,
)  # fmt: skip
_HELP = re.compile(
    rf"^\s*{_POLITE}help(?: me)?(?: with| on)? (?:my|this|an?) {_THING}\W*$|^\s*{_POLITE_ZH}(?:看看|看一下|改改|检查)(?:一下)?(?:我的|这篇|这段|这个)?(?:作文|文章|邮件|论文|文字|话|句子)\W*$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a message asks for.

    Args:
        kind: "revise", "sample", "empty" (a revision of nothing) or "question".
        text: the draft or the sample.
        goals: what edits are wanted.
        tone: True where a tone is asked for that rules can't give.
        offered: True where the text was sent without a request.
    """

    kind: str
    text: str = ""
    goals: tuple[Goal, ...] = (Goal.MISTAKE,)
    tone: bool = False
    offered: bool = False


def read_request(turn: Turn) -> Request:
    """What the turn's message asks for; its history gives the draft where the message has none."""
    message = turn.message
    if match := _SAMPLE.match(message):
        return Request("sample", message[match.end() :].strip())
    whole = bool(_REQUEST_ONLY.match(message) or _HELP.match(message))
    asked, text = ("", "") if whole else _split(message)
    if text:
        return Request("revise", _unwrapped(text), _goals(asked), bool(_CASUAL.search(asked)))
    if _ASKS_IF_RIGHT.search(message) and (quoted := _QUOTE.search(message)):
        return Request("revise", quoted[1].strip(), (Goal.MISTAKE,))
    if asked or whole:
        wanted = asked or message
        if draft := _last_draft(turn):
            return Request("revise", draft, _goals(wanted), bool(_CASUAL.search(wanted)))
        return Request("empty")
    if _awaited(turn) and not _QUESTION.search(message):
        return Request("revise", _unwrapped(message.strip()))
    if is_text(message) and revise(message[:_ENOUGH], (Goal.MISTAKE,)).changes:
        return Request("revise", message.strip(), (Goal.MISTAKE,), offered=True)
    return Request("question")


def _awaited(turn: Turn) -> bool:
    """Whether the person was just asked to send the text."""
    last = next((m.content for m in reversed(turn.history) if m.role is Role.ASSISTANT), "")
    return last.startswith((say("empty", "en"), say("empty", "zh")))


def _split(message: str) -> tuple[str, str]:
    """(the request, the text to revise); two empty strings where there is neither."""
    head, before = message[:_NEAR], message[: max(0, len(message) - _NEAR)]
    for pattern in _LEAD:
        if (match := pattern.match(head)) and match.end() > 0:
            return match[0], message[match.end() :].strip()
    tail = message[len(before) :]
    for pattern in _TRAIL:
        if (match := pattern.search(tail)) and len(before) + match.start() > 2:
            marks = re.match(r"[.!?。！？]*", tail[match.start() :])
            end = match.start() + (len(marks[0]) if marks else 0)
            return match[0], (before + tail[:end]).strip()
    return "", ""


_ENOUGH = 4000
"""Characters of a text sent without a request in which mistakes are looked for."""
_NEAR = 400
"""Characters of a message, at either end, in which a request is looked for."""


def _unwrapped(text: str) -> str:
    """A text without the quotation marks around the whole of it."""
    match = re.fullmatch(r"[“\"「'‘]([^“”\"「」]+)[”\"」'’]", text)
    return match[1].strip() if match else text


def _goals(asked: str) -> tuple[Goal, ...]:
    goals = [Goal.MISTAKE]
    if _FORMAL.search(asked):
        goals.append(Goal.FORMAL)
    if _SHORTER.search(asked) or _BETTER.search(asked):
        goals.append(Goal.CONCISE)
    return tuple(goals)


def _last_draft(turn: Turn) -> str:
    """The text last spoken of: as it was revised, else as the person sent it."""
    for message in reversed(turn.history):
        if message.role is Role.ASSISTANT:
            for opening in OPENINGS.values():
                if opening in message.content:
                    return revised_part(message.content, opening)
        elif message.role is Role.USER and not _SAMPLE.match(message.content):
            _, text = _split(message.content)
            if text:
                return _unwrapped(text)
    return ""


def revised_part(answer: str, opening: str) -> str:
    """The revised text in an answer that marks it."""
    body = answer.split(opening, 1)[1]
    for end in ("What I changed, and why:", "修改之处与理由：", "For you to decide", "供您决定"):
        body = body.split(end, 1)[0]
    return re.sub(r"^```\w*\n|\n```$", "", body.strip()).strip()


_QUESTION = re.compile(
    r"[?？]\s*$|^\s*(?:who|what|when|where|why|how|which|is|are|do|does|did|can|could|should|would|will|tell|explain|write|translate|give|show|help|thanks?|thank you|hi|hello|hey|ok|okay|yes|no)\b"
    r"|什么|怎么|如何|为什么|吗$|谁|哪|多少|请问|写一|翻译|谢谢|你好|您好",
    re.I,
)


def is_text(message: str) -> bool:
    """Whether a message reads as a text of its own: no question, no command, three words or more."""
    long_enough = len(message.split()) >= 3 or len(re.findall("[\u4e00-\u9fff]", message)) >= 8
    return long_enough and not _QUESTION.search(message)
