"""Which words of a message are the person's own, and the sentences and clauses they form.

Everything that is quoted, pasted, code, an example or played is blanked out with spaces, so
that offsets stay those of the message and no rule can read it.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from metier.profile.extraction._pasted import LOOSE, OPENS_QUOTE, TEXTS, VERBS, without_pasted
from metier.profile.extraction._worked_on import without_worked_on

LONGEST = 4000
"""What is longer is a document with a request around it more than a statement."""
_AROUND = 800
"""Of a long message only a first and a last paragraph of at most this length are read, and
only where they speak to the assistant: that is where a person writes around what they paste."""

_ADDRESSED = re.compile(r"\b(?:you|your|please|can|could|help)\b|[?？]|请|你|您|吗|帮我", re.I)

_QUOTED = re.compile(
    r"```.*?(?:```|\Z)"
    r"|^[ \t]*-{3,}[ \t]*\n.*?(?:^[ \t]*-{3,}[ \t]*$|\Z)"
    r"|`[^`\n]{0,400}`"
    r"|^[ \t]*(?:>|&gt;)[^\n]*$"
    r"|\"\"\".*?(?:\"\"\"|\Z)"
    r"|\"[^\"\n]{0,2000}\"|“[^”\n]{0,2000}”|„[^“”\n]{0,2000}[“”]|«[^»\n]{0,2000}»"
    r"|「[^」]{0,2000}」|『[^』]{0,2000}』|《[^》]{0,200}》"
    r"|(?<![\w’'])'(?![\s])[^'\n]{0,300}(?<!\s)'(?![\w])"
    r"|(?<![\w])‘[^‘\n]{0,300}?’(?!\w)"
    r"|<(?P<tag>[a-z][\w-]{0,20})\b[^<>\n]{0,200}>.*?(?:</(?P=tag)>|\Z)"
    r"|https?://\S+",
    re.S | re.M,
)
"""Quotations, code, marked-up documents and addresses. An unclosed fence runs to the end."""

_CODE = re.compile(
    r"^(?:\t| {4,}|[ \t]*(?://|/\*|\*/|#include|#!|@\w+\(|[│|{}\[\]<]|import \w|from \w+ import|def \w+\(|class \w+[:({]"
    r"|(?:public|private|static|const|let|var|function|return|SELECT|INSERT|UPDATE)\s+\w+.*[;({=]))[^\n]*$"
    r"|^[^\n]*[;{}][ \t]*$"
    r"|^[ \t\[]*(?:(?:SYSTEM |APP )?LOG\b|\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d|(?:ERROR|WARN|INFO|DEBUG|TRACE)\b)[^\n]*$",
    re.M,
)

_PASTED = re.compile(
    # A request about a text, and the text after its colon or on the lines below; who corrects
    # themselves asks for nothing.
    rf"(?<!let me )(?<!i'll )(?<!i should )(?<!i must )(?<!to )\b(?!edit:)(?:{VERBS})\b[^\n:：]{{0,160}}[:：]"
    rf"|\b(?:{LOOSE})\b[^\n:：.!?]{{0,40}}\b(?:this|it|these|that|following|below|my|the)\b[^\n:：!?]{{0,60}}[:：]"
    rf"|\b(?:{VERBS}|{LOOSE})\b[^\n:：.!?]{{0,80}}\b(?:this|it|these|following|below|(?:my|the|his|her) (?:[\w-]+ )?(?:{TEXTS}))\b[^\n:：!?]{{0,60}}[.!]?[ \t]*\n"
    rf"|\b(?:this|these|the|following|my|his|her|their|our|an?|some)\s+(?:[\w'-]+\s+){{0,4}}(?:{TEXTS})\b[^\n:：.!?]{{0,80}}[:：]"
    rf"|\b(?:this|these|the following|my|the) (?:[\w'-]+ ){{0,2}}(?:{TEXTS}|songs?|lyrics|verses?|lines)\b[^\n:：.!]{{0,60}}\?[ \t]*\n"
    rf"|\b(?:sentence|grammar|grammatical\w*|sound natural|spelling)\b[^\n.!?]{{0,60}}\?"
    rf"|\b(?:the following|below)\b[^\n:：.!?]{{0,60}}[.:：\n]"
    rf"|\b(?:make|turn|is|say|put)\b[^\n:：.!?]{{0,20}}\b(?:this|these)\b[^\n:：.!?]{{0,60}}[:：]"
    r"|\b(?:in|into|to)\s+(?:english|chinese|mandarin|french|german|spanish|polish|italian|portuguese|japanese|korean|latin)\s*[:：]"
    r"|\b(?:for )?(?:example|instance|e\.g\.?|sample|prompt|input|output|quote|text|transcript|document|passage|article|user|customer|patient|q|a|assistant|ai|bot|system|human)\s*(?:\d+\s*)?[:：](?!//)"
    r"|^(?:发件人|收件人|主题|抄送|日期)\s*[:：]"
    r"|[^\n。！？]{0,20}(?:如下|转写|转录|记录|原话)[^\n。！？]{0,20}[:：\n，,]"
    r"|^(?:cv|resume|résumé|bio|about me|cover letter|profile|minutes|agenda|transcript|press release|job ad|listing)[ \t]*:"
    r"|\b(?-i:[A-Z][a-z]+|[Hh]e|[Ss]he|[Tt]hey) (?:says?|said|writes?|wrote|replied|asked|answered|goes)[ \t]*:"
    r"|^(?:From|Subject|To|Date|Cc|Sent)\s*:\s"
    r"|^(?:Dear|To whom it may concern)\b|^(?:尊敬的|敬爱的|亲爱的)[^\n]{1,16}[:：，,\n]"
    r"|(?:翻译|改写|润色|总结|概括|校对|修改|检查|改一下|分析|批改|解释|续写|缩写|扩写|朗读|读一下|归纳|改成|译成|看看|提炼|摘要|提取|抽取|整理|排版|点评|评价|打分|挑错|找错|纠错|改错|仿写|标题|分段|标注|归类|分类|识别|压缩|精简|美化|优化|核对|出几道|出题|怎么回|帮我回)[^\n:：。！？]{0,40}[:：\n]"
    r"|(?:这段|这份|这则|这条|这首|这页|这张|简历|病历|病例|主诉|报告|通知|公告|帖子|评论|弹幕|聊天记录|群消息|群公告|纪要|合同|说明书|作文|范文|小说|剧本|采访|访谈|问卷|工单|留言|差评|好评|自我介绍|征婚启事|招聘|广告|推文|朋友圈|公众号|博客|新闻|网友|有人(?:发帖|留言|问|写道)|这句|以下|下面|下列|这封|这篇|原文|例句|例子|例如|比如|示例|文章|内容|句子|邮件|短文|日记|对话|台词|歌词|文本|材料|题目)[^\n:：。！？]{0,20}[:：\n]"
    r"|(?:用户|客户|客服|病人|患者|医生|老师|学生|助手|甲|乙|问|答)\s*[:：]",
    re.I | re.M,
)
"""Where a text begins that somebody wants something done with: all after it is not stated."""

_MAY_PASTE = re.compile(
    r"[:：\n]|sentence|gramma|sound natural|spelling|following|below|dear|whom", re.I
)
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d~～]+")
_TRANSCRIPT = re.compile(
    r"^[ \t*\-]*(?!(?:name|age|note|ps|also|diet|allerg\w+|budget|goal)\b)[A-Z\u4e00-\u9fff][\w.\u4e00-\u9fff]{0,15}(?: ?[\w.]{1,12})?[:：] ?(?=\S)[^\n]*$",
    re.M,
)
"""Lines of a talk, each with its speaker."""
_ABOVE = re.compile(
    rf"\b(?:{VERBS})\b[^\n]{{0,60}}\b(?:above|this|it|that)\b|\babove (?:text|{TEXTS})\b"
    r"|(?:上面|以上|上述|这段|这篇|这封)[^\n]{0,20}|(?:翻译|总结|概括|润色|校对|改写)(?:一下)?[^\n]{0,10}",
    re.I,
)
"""A last paragraph that asks for something to be done with what stands before it."""

_WRITE = (
    r"(?:write|draft|compose|create|generate|invent|tell|make up)(?: me| us)?(?: up)?(?: an?| some| the| my)? ?"
    r"(?:[\w-]+ ){0,5}?"
)
_PLAYED = re.compile(
    r"\b(?:role-?play\w*|let'?s play\b(?! (?:tennis|football|chess))|you(?:'re| are) (?:the|an?) [\w ]{2,20} and i(?:'m| am) (?:the|an?)\b|pretend\w*|make[- ]believe|imagin(?:e|ing)|(?<!i )suppos(?:e|ing)\b(?! to)|for the sake of argument|let'?s say|let us say"
    r"|say i(?:'m| am| was| were|\b(?= (?:live|have|eat|hate|love|like)))|hypothetical\w*|assum(?:e|ing)\b"
    r"|in (?:this|the|my|a) (?:story|novel|scenario|game|dream|film|movie|script|screenplay|character)"
    r"|my character|a character who|the (?:narrator|protagonist)|you(?:'ll| will)? play\b|i(?:'ll| will) (?:play|be) (?:the|an?)\b"
    rf"|thought experiment|{_WRITE}(?:story|stories|poem|song|lyrics|novel|script|dialogue|monologue|joke|persona|limerick|haiku))\b"
    r"|角色扮演|扮演|假装|假设|假如|假定|设想|想象一下|试想|如果我是"
    r"|(?:写|编|讲)(?:一|个|篇|首|段)[^。！？\n]{0,30}?(?:故事|小说|诗|歌|剧本|日记|对话|台词|笑话)|(?:小说|故事|剧本|游戏|梦)里",
    re.I,
)
"""What opens a part to play or an imagined case, which runs on until something ends it."""
ASKS_TO_WRITE = re.compile(
    rf"\b{_WRITE}(?:speech|letter|e-?mail|essay|diary|bio|profile|testimonial|review|post|tweet|caption|message|text"
    r"|paragraph|statement|blog|sentences?|complaint|note|introduction|intro|summary)\b"
    r"|写(?:一|个|篇|封|段|份)[^。！？\n]{0,30}?(?:信|邮件|作文|演讲稿|文章|自我介绍|简介|评论|文案|短信|投诉)",
    re.I,
)
"""A request for a text: what its own sentence says in the first person belongs to that text."""
IMAGINED = re.compile(
    r"\b(?:if (?:i|my|we|he|she|they|you|the|someone)\b[^,.]{0,40}\b(?:had|were|was|did|could)|wish|imagine|suppose|pretend|hypothetical\w*|says?|said|wrote|writes|told|tells|texted|posted|quote|for example|for instance|e\.g|let's say)\b",
    re.I,
)
"""Where a sentence tells of a case that is not, or of what somebody said."""
_BACK = re.compile(
    r"\b(?:in reality|in real life|irl|seriously|for real|out of character|the real me|as for me|about me|end of (?:story|role-?play)|back to reality|stop pretending|no more pretending|joking aside|that aside)\b"
    r"|现实中|现实里|说真的|回到现实|我本人|真实情况|不演了|游戏结束|言归正传",
    re.I,
)
_SCENE = re.compile(
    r"\brole-?play\w*|\bpretend (?:that )?i\b|\bi(?:'ll| will) play\b|角色扮演|我来扮演|我扮演",
    re.I,
)

_END = re.compile(
    r"[.!?…]+(?=[\s)\]\"'”’]|$|[\u3400-\u9fff])|(?<=[\u3400-\u9fff])[.!?]+|[。！？；;\n]+"
)
_ABBREVIATED = re.compile(r"\b(?:[DMJS]r|Mrs|Ms|St|e\.g|i\.e|vs|etc|No|[ap]\.m)$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the person's own.

    Args:
        text: with typographic apostrophes made plain; as long as in the message.
        start: its offset in the message.
        question: it ends in a question mark, or with a Chinese word that asks.
    """

    text: str
    start: int
    question: bool


def own_words(message: str, *, playing: bool = False) -> str:
    """The message with all that is not stated by the person in earnest blanked out.

    Args:
        playing: the conversation is in the middle of a scene that was agreed on before.
    Returns: a text of the same length as `message`.
    """
    if len(message) > LONGEST:
        head, tail = _ends(message)
        gap = len(message) - len(head) - len(tail)
        return own_words(head, playing=playing) + "\n" * min(1, gap) + " " * (gap - 1) + (
            own_words(tail, playing=playing)
        )  # fmt: skip
    text = _PICTURES.sub(_blank, _QUOTED.sub(_blank, message))
    text = _CODE.sub(_blank, text)
    if _MAY_PASTE.search(text):
        for at in _PASTED.finditer(text):
            # Where a quotation follows, that is the text meant, and it is blank already.
            if not OPENS_QUOTE.match(message, at.end()):
                text = text[: at.end()] + _spaces(text[at.end() :])
                break
    text = _TRANSCRIPT.sub(_blank, text) if len(_TRANSCRIPT.findall(text)) > 1 else text
    text = _without_above(without_pasted(text.replace("’", "'"), message))
    text = without_worked_on(text, message)
    text = text.replace("’", "'").replace("‘", "'")
    return _in_earnest(text, playing)


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of what `own_words` gives, in order."""
    start = 0
    for end in (*_END.finditer(text), None):
        stop = end.start() if end else len(text)
        if end and end.group() == "." and _ABBREVIATED.search(text, max(start, stop - 5), stop):
            continue
        mark = end.group() if end else ""
        sentence = text[start:stop]
        if sentence.strip():
            asks = "?" in mark or "？" in mark or bool(_ASKS.search(sentence))
            yield Sentence(sentence, start, asks)
        start = end.end() if end else stop


_ASKS = re.compile(r"(?:吗|呢|么|对不对|是不是|好不好|可不可以|行不行)\s*$")


def in_scene(earlier: tuple[str, ...]) -> bool:
    """Whether the person's earlier messages opened a scene to play and none closed it."""
    playing = False
    for message in earlier:
        if _SCENE.search(message):
            playing = True
        if _BACK.search(message):
            playing = False
    return playing


def _spaces(text: str) -> str:
    return "".join("\n" if c == "\n" else " " for c in text)


def _blank(match: re.Match[str]) -> str:
    return _spaces(match.group())


def _ends(message: str) -> tuple[str, str]:
    """The first and last paragraph of a long message, where they speak to the assistant."""
    first = message.find("\n", 0, _AROUND + 1)
    last = message.rfind("\n", len(message) - _AROUND - 1)
    head = message[:first] if first >= 0 else ""
    tail = message[last:] if last >= max(first, 0) and last >= 0 else ""
    return (head if _ADDRESSED.search(head) else ""), (tail if _ADDRESSED.search(tail) else "")


_ABOVE_ZH = re.compile(
    r"(?:以上|上面|上述|这段|这篇|这封|这份|这首|这则|这条|这几句|这个(?:帖子|故事|病例|案例|客户|人))|^\s*(?:请|麻烦)?(?:帮我)?(?:把它)?(?:翻译|总结|概括|润色|校对|改写|提炼|点评|仿写|续写|分析|归纳|缩写|挑错|改错)"
)


def _without_above(text: str) -> str:
    line = text.rstrip().rfind("\n")
    if line >= 0 and _ABOVE_ZH.search(text[line + 1 :]) and len(text[:line].strip()) > 15:
        return _spaces(text[:line]) + text[line:]
    last = text.rstrip().rfind("\n\n")
    if last >= 0 and len(text[:last].split()) > 20 and _ABOVE.search(text[last:]):
        return _spaces(text[:last]) + text[last:]
    return text


def _in_earnest(text: str, playing: bool) -> str:
    """Blanks what is said in a part or of an imagined case, up to where that ends."""
    kept: list[str] = []
    at = 0
    while at < len(text):
        if playing:
            back = _BACK.search(text, at)
            stop = back.end() if back else len(text)
            kept.append(_spaces(text[at:stop]))
        else:
            scene = _PLAYED.search(text, at)
            # The sentence in which the scene opens belongs to it.
            stop = _sentence_start(text, scene.start()) if scene else len(text)
            stop = max(stop, at)
            kept.append(text[at:stop])
        at = stop
        playing = not playing
    return "".join(kept)


def _sentence_start(text: str, at: int) -> int:
    return max((text.rfind(c, 0, at) for c in ".!?。！？\n;；"), default=-1) + 1
