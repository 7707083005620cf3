"""What a person asked never to do, where it is of a kind that a rule can see in a text."""

# ruff: noqa: E501  (patterns, one kind a line)

from __future__ import annotations

import re
from collections.abc import Iterator

from metier.encoder import simplified
from metier.model import Fact
from metier.profile._fold import singular, words
from metier.profile.constraints._foods import avoided, plain
from metier.profile.constraints._mentions import mentions
from metier.profile.constraints._text import sentences, suggested
from metier.profile.constraints._types import Broken

_CALL = re.compile(
    r"^(?:call(?:ing)?|address(?:ing)?|refer(?:ring)? to) me (?:as |by )?[\"'“]?(?P<v>[^\"”.,!]{1,40}?)[\"'”]?(?: again| anymore| any more)?$"
    r"|^(?:再)?(?:叫|称呼|喊)我(?:为|做)?[“\"]?(?P<z>[^”\"，。！]{1,12}?)[”\"]?(?:了)?$",
    re.I,
)
_SUBJECT = re.compile(
    r"^(?:(?:ever )?(?:mention|bring(?:ing)? up|talk about|talking about|discuss|refer to|speak of|comment on|ask (?:me )?about|remind me of))\s+(?P<v>.{2,80})$"
    r"|^(?:再)?(?:提到|提及|提起|谈论|讨论|谈到|谈|说起|说到|问起|问|评论|提)(?P<z>.{1,30})$",
    re.I,
)
_SUGGEST = re.compile(
    r"^(?:(?:ever )?(?:suggest|recommend|offer|propose|include|show(?: me)?|add|give me|send(?: me)?|use|serve|put|sell|advertise|promote))\s+(?P<v>.{2,80})$"
    r"|^(?:再)?(?:给我)?(?:推荐|建议|推销|用|使用|放|加|提供|包含|出现|介绍|发)(?P<z>.{1,30})$",
    re.I,
)
_FORMS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"emoji|emoticon|smiley|表情", re.I),
        re.compile("[\U0001f300-\U0001faff\u2600-\u27bf\U0001f1e6-\U0001f1ff]\ufe0f?|(?<!\\w)[:;]-?[)D(]"),
    ),
    (re.compile(r"exclamation|感叹号|叹号", re.I), re.compile("[!！]+")),
    (re.compile(r"bullet|项目符号|列表", re.I), re.compile(r"^[ \t]*[-*•][ \t]+", re.M)),
    (re.compile(r"\btables?\b|表格", re.I), re.compile(r"^\s*\|.*\|\s*$", re.M)),
    (re.compile(r"bold|加粗|粗体", re.I), re.compile(r"\*\*[^*\n]+\*\*")),
    (re.compile(r"heading|header|标题", re.I), re.compile(r"^#{1,6} ", re.M)),
    (re.compile(r"\blinks?\b|\burls?\b|链接|网址", re.I), re.compile(r"https?://\S+|\bwww\.\S+")),
    (re.compile(r"code block|代码块", re.I), re.compile("```")),
    (re.compile(r"em[- ]dash|破折号", re.I), re.compile("—+")),
    (
        re.compile(r"swear|curse|profan|脏话|粗话", re.I),
        re.compile(r"\b(?:damn|shit|fuck\w*|hell|crap|bastard|bitch)\b|他妈|妈的|操你|傻逼|卧槽", re.I),
    ),
)  # fmt: skip
_DETERMINERS = words("a an the any my his her their our some of about that this me to")
_ZH_MINE = re.compile("^(?:我的?|任何|关于|有关|一切)|(?:的事情?|的话题|这件事|了|的内容)$")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def never(fact: Fact, answer: str) -> Iterator[Broken]:
    """The places where an answer does what `fact` says never to do; none where no rule can tell."""
    value = simplified(fact.value).strip().rstrip(".。!！")
    value = re.sub(r"^(?:please |to )+", "", value, flags=re.I)
    if match := _CALL.match(value):
        yield from _called(fact, (match["v"] or match["z"]).strip(), answer)
        return
    for about, form in _FORMS:
        if about.search(value):
            for hit in form.finditer(answer):
                yield Broken(fact, hit.start(), hit.end(), "never")
            return
    if match := _SUBJECT.match(value):
        yield from _named(fact, match["v"] or match["z"], answer, denied_counts=True)
    elif match := _SUGGEST.match(value):
        yield from _named(fact, match["v"] or match["z"], answer, denied_counts=False)
    elif fact.slot != "never":
        yield from _named(fact, value, answer, denied_counts=False)


def _called(fact: Fact, name: str, answer: str) -> Iterator[Broken]:
    name = re.sub(r"^(?:a|an|the) ", "", name, flags=re.I)
    edge = r"(?<![^\W_]){}(?![^\W_])" if name.isascii() else "{}"
    text = answer if name.isascii() else simplified(answer)
    for hit in re.finditer(edge.format(re.escape(name)), text, re.I if name.isascii() else 0):
        yield Broken(fact, hit.start(), hit.end(), "name")


def _named(fact: Fact, what: str, answer: str, *, denied_counts: bool) -> Iterator[Broken]:
    """Where the thing itself is named, or what belongs to its family of ingredients."""
    for part in re.split(r"\s+(?:or|and|nor)\s+|\s*[,，、]\s*|或者?|和", what):
        thing = part.strip()
        if not thing:
            continue
        meant = avoided(plain(_ZH_MINE.sub("", " ".join(_content(thing)))))
        for sentence in sentences(answer):
            if meant is not None:
                spots = [
                    (m.start, m.end)
                    for m in mentions(sentence.text)
                    if meant.covers(m.name, m.families)
                ]
            else:
                spots = list(_literal(thing, sentence.text))
            for start, end in spots:
                if denied_counts or suggested(sentence, start, end):
                    at = sentence.start
                    yield Broken(fact, at + start, at + end, "never")


def _content(thing: str) -> list[str]:
    return [w for w in thing.split() if w.lower() not in _DETERMINERS] or thing.split()


def _literal(thing: str, text: str) -> Iterator[tuple[int, int]]:
    """The words of a thing in their order; "my weight" is answered as "your weight"."""
    if not thing.isascii():
        core = _ZH_MINE.sub("", thing)
        plain_text, at = simplified(text), -1
        while core and (at := plain_text.find(core, at + 1)) >= 0:
            yield at, at + len(core)
        return
    wanted = [singular(w.lower()) for w in _content(thing)]
    mine = re.match(r"my\b", thing, re.I) is not None
    found = list(_WORD.finditer(text))
    said = [singular(m.group().lower().replace("’", "'")) for m in found]
    for at in range(len(said) - len(wanted) + 1):
        if said[at : at + len(wanted)] != wanted:
            continue
        # Weight in "weight training" is not the person's weight.
        if mine and "your" not in said[max(0, at - 3) : at]:
            continue
        yield found[at].start(), found[at + len(wanted) - 1].end()
