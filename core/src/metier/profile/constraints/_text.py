"""Sentences of an answer, and whether a mention in one is a suggestion or a warning.

The rule is NegEx's, for food instead of findings: a cue before or after a mention
reaches it unless a word between them ends its scope (Chapman et al., A Simple
Algorithm for Identifying Negated Findings and Diseases in Discharge Summaries,
Journal of Biomedical Informatics 34, 2001). The cues are our own.
"""

# ruff: noqa: E501  (patterns, one kind of cue a line)

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SENTENCE = re.compile(
    r"(?:[^.!?。！？\n]|(?<=\d)\.(?=\d)|[.!?](?=[^\s\"'”’)*_]))+[.!?。！？]*[\"'”’)*_]*"
)
_ITEM = re.compile(r"^\s*(?:[-*•·]|\d+[.)、])\s*")
_BEFORE = re.compile(
    r"\b(?:avoid\w*|without|no|not|never|cannot|none of|free (?:of|from)|skip\w*|leav\w+ out|omit\w*"
    r"|exclud\w*|eliminat\w*|instead of|rather than|in place of|replac\w*|swap\w*|substitut\w*"
    r"|allerg\w+ to|intoleran\w+ (?:to|of)|stay\w* away from|steer clear of|cut\w* out|hold the|minus"
    r"|ask (?:whether|if|about|the|them|your|staff)|check\w* (?:whether|if|for|that|the|with)"
    r"|(?:may|might|can|could|often|sometimes|usually) (?:also )?contains?|traces? of|watch (?:out )?for|beware of"
    r"|look out for|contraindicat\w*|unlike|except\w*|other than|apart from|lack\w*|ban\w*|nor"
    r"|stand\w* in for|in lieu of|takes? the place of|symptoms?|reactions?|hives|anaphyla\w*|history of"
    r"|remov\w*|refus\w*|declin\w*|dislik\w*|hate|risk of|exposure to|react\w* to|than)\b|n['’]t\b"
    r"|\b(?:allergy|intolerance|contraindication|diet|never|avoids?)(?: \(\w+\))?: "
    r"|避免|避开|不提供|不供应|不卖|不使用|不添加|不需要|未添加|未使用|无需|免(?!费)|症状|不含|不要|不能|不可|不吃|不喝|不加|不放|不用|不应|不宜|不得|不建议|不推荐|不适合|没有|不再"
    r"|(?<![特分差告区级识性类])别(?!忘|的|人|致|墅|具|样)|(?<!切)勿|忌|(?<!毫)无(?!论|比|疑)|去掉|去除|代替|替代|替换|取代"
    r"|而不是|而非|除了|远离|禁|戒|是否含|可能含|可能有|确认|以免|少吃|拒绝|当心|小心|警惕|提防|过敏原|(?:过敏|不耐受|饮食|绝不) ?[:：]",
    re.I,
)
_NOT_MEANT = re.compile(
    r"\b(?:why not|without (?:a )?(?:doubt|question|fail)|no question|not to be missed|nothing beats|not only|not just|no doubt|no problem|no worries|not to mention|not bad|no wonder"
    r"|(?:can['’]t|cannot) go wrong|do(?:n['’]t| not) (?:forget|miss|hesitate|worry)|never fails"
    r"|more than|no matter|if not|rather than just|better than|(?:can['’]t|cannot) recommend)\b"
    r"|不妨|不错|不仅|不但|不只|不如|不过|没有比|忌口时可以|要不要",
    re.I,
)
_RESET = re.compile(
    r"\b(?:but|however|yet|instead(?! of)|so (?:try|use|choose|go|have|order|i)|then)\b|[;；]"
    r"|[,，]\s*(?:and\s+)?(?:please\s+)?(?:use|try|choose|order|have|eat|add|go for|opt|pick|serve|enjoy|take|consider|you (?:can|could|might))\b"
    r"|但|然而|而是|改吃|改用|[，,](?:可以|可|建议|推荐|试试|来|请|您可以|你可以|不妨|用|加|吃)",
    re.I,
)
_WITH = re.compile(r"\b(?:with|for|by)\b|换成|改为", re.I)
_SWAP = re.compile(r"^(?:replac|swap)", re.I)
_SUBSTITUTE = re.compile(r"^substitut", re.I)
_AFTER = re.compile(
    r"^(?:\s*-?\s*(?:free\b|less\b)|\s+(?:out|aside)\b|['’]?s?\s+(?:\w+\s+)?(?:allerg\w+|intoleran\w+|substitut\w+|alternativ\w+|replacer?s?"
    r"|replacements?)\b"
    r"|(?:\W+\w+){0,3}?\W+(?:allerg|intoleran)\w*|[^.;；]*?\b(?:is|are)(?: not|n['’]t)\s*[.!]?\s*$"
    r"|[^.;；]*?\b(?:(?:should|must|has to|have to|needs? to|is to|are to) be (?:avoided|left out|skipped|omitted|replaced)"
    r"|(?:is|are) (?:out|off[- ]limits|not (?:safe|suitable|ok|okay|an option|for you|recommended)|unsafe|unsuitable|harmful|dangerous)"
    r"|off[- ]the[- ](?:menu|table|list)|(?:is|are)n['’]t (?:safe|suitable|ok|an option|for you)"
    r"|can be (?:left out|omitted|skipped|replaced|swapped)|so (?:please )?(?:(?:avoid|skip|leave) (?:it|them|this|that|these|those)\b|(?:don['’]t|do not) (?:eat|order|have|take|use|choose)|it is not|it['’]s not)"
    r"|(?:which|that) (?:you|are|is) (?:can['’]t|cannot|must|should|need|not|unsafe|off)|(?:left|leave|leaving|take[ns]?|kept|keep) (?:it |them )?out"
    r"|not (?:safe|suitable|ok|an option) for you|(?:is|are) (?:a |an )?(?:common |major |known )?allergens?)"
    r"|[^。；]*?(?:过敏|都不要|不要点|不要碰|不能吃|(?:避开|避免)(?=[。！!；，,]|$)|别吃|别点|别碰|请选|请换|请改|改选|不要吃|不能喝|不能用|应避免|要避免|需避免|应该避免|必须避免|请避免|除外|不行|不适合|禁忌|换成|替换成|[用以].{1,8}(?:代替|替代)|不可以|会引起|会引发"
    r"|去掉|不放|不加|是不安全))",
    re.I,
)
_STATED = re.compile(
    r"\b(?:contain(?:s|ing)?|calls? for|(?:is|are) made (?:with|from|of)|based on)\b|含有?|通常有|一般有|里有",
    re.I,
)
_TURNED = re.compile(
    r"\b(?:instead|choose|opt for|(?:tell|ask) (?:them|the|your)|leave (?:it|them|that|this|out)|swap|replace|skip (?:it|them|this|that)|avoid (?:it|them|this|that)|not (?:for|safe))\b|请(?:选|换|改|避|去|让|告诉|确认|问)|改[吃选用点]|换成|换[个份]|避[开免]|去掉|别[吃点碰放]",
    re.I,
)
"""What a thing is made of is no suggestion where the sentence turns away from it."""
_HEADER = re.compile(
    r"(?:avoid|not (?:eat|safe|allowed)|off[- ]limits|do(?:n['’]t| not)|without|exclude|避免|不能|不要|禁|忌|远离)"
    r"[^.。]*[:：]\s*\**$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its place in the answer."""

    start: int
    text: str
    warned: bool = False
    """True for an item of a list whose heading says to avoid what follows."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def asks(self) -> bool:
        return self.text.rstrip("\"'”’)*_ ").endswith(("?", "？"))


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text and the items of its lists, in their order."""
    offset, header = 0, False
    for line in text.splitlines(keepends=True):
        item = _ITEM.match(line)
        if line.strip() and not item:
            header = False
        body = item.end() if item else 0
        for match in _SENTENCE.finditer(line, body):
            if match.group().strip():
                yield Sentence(offset + match.start(), match.group(), header and item is not None)
        if not item and line.strip():
            header = _HEADER.search(line.rstrip()) is not None
        offset += len(line)


def suggested(sentence: Sentence, start: int, end: int) -> bool:
    """Whether a mention at [start, end) of a sentence is meant, and not denied or warned of."""
    if sentence.warned or sentence.asks:
        return False
    text = sentence.text
    if _AFTER.match(text[end:]):
        return False
    if any(not _RESET.search(text, m.end(), start) for m in _STATED.finditer(text, 0, start)) and (
        _TURNED.search(text, end)
    ):
        return False
    idle = [m.span() for m in _NOT_MEANT.finditer(text)]
    for cue in _BEFORE.finditer(text, 0, start):
        if any(a <= cue.start() < b for a, b in idle):
            continue
        between = text[cue.end() : start]
        if _RESET.search(between):
            continue
        if _SWAP.match(cue.group()) and _WITH.search(between):
            continue
        if _SUBSTITUTE.match(cue.group()) and not _WITH.search(between):
            continue
        return False
    return True
