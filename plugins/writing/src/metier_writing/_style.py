"""A person's style, measured from samples, and what it says about a draft."""

from __future__ import annotations

import re
from dataclasses import dataclass

from metier.model import Turn

_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_HAN = re.compile("[\u4e00-\u9fff]")
_ISE = [
    "organise",
    "realise",
    "recognise",
    "apologise",
    "criticise",
    "emphasise",
    "summarise",
    "analyse",
    "prioritise",
    "specialise",
    "standardise",
    "minimise",
    "maximise",
    "utilise",
    "memorise",
    "authorise",
    "categorise",
    "customise",
    "finalise",
]
_PAIRS = {
    "colour": "color", "favourite": "favorite", "flavour": "flavor", "honour": "honor", "humour": "humor", "labour": "labor",
    "neighbour": "neighbor", "behaviour": "behavior", "centre": "center", "theatre": "theater", "metre": "meter",
    "litre": "liter", "defence": "defense", "catalogue": "catalog", "dialogue": "dialog", "travelling": "traveling",
    "travelled": "traveled", "cancelled": "canceled", "grey": "gray", "programme": "program", "whilst": "while",
} | {british: british.replace("ise", "ize").replace("yse", "yze") for british in _ISE}  # fmt: skip
_FORMS = r"(?:s|d|r|rs|ed|ing|ful|ite|able)?"
_BRITISH = re.compile(
    rf"\b(?:{'|'.join(k.rstrip('e') + 'e?' if k.endswith('e') else k for k in _PAIRS)}){_FORMS}\b",
    re.I,
)
_AMERICAN = re.compile(
    rf"\b(?:{'|'.join(v.rstrip('e') + 'e?' if v.endswith('e') else v for v in _PAIRS.values() if v not in ('while', 'program', 'meter', 'dialog'))}){_FORMS}\b",
    re.I,
)
_CONTRACTION = re.compile(
    r"\b\w+(?:n['’]t|['’](?:re|m|ve|ll))\b|\b(?:it|that|there|what|he|she)['’]s\b", re.I
)
_FULL = re.compile(
    r"\b(?:do|does|did|is|are|was|were|have|has|had|could|would|should|can) ?not\b|\b(?:I am|it is|that is|they are|we are|you are|I have|I will)\b",
    re.I,
)
_LIST = re.compile(r"\w+, \w+(,?) (?:and|or) \w+")
_SPOKEN = re.compile("[吧呢啊嘛哦呀啦]|咱|啥|挺[^拔身立]|没法")

_LABELS: dict[str, tuple[str, str]] = {
    "sentence_length": ("sentence length", "句子长度"), "contractions": ("contractions", "缩写"),
    "spelling": ("spelling", "拼写"), "oxford_comma": ("comma before “and”", "and 前的逗号"), "register": ("register", "语体"),
}  # fmt: skip
_VALUES: dict[str, tuple[str, str]] = {
    "short": ("short", "短句"), "medium": ("medium", "中等"), "long": ("long", "长句"), "yes": ("yes", "用"), "no": ("no", "不用"),
    "British": ("British", "英式"), "American": ("American", "美式"), "spoken": ("spoken", "口语"), "written": ("written", "书面"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StyleHint:
    """Where a draft departs from the person's own style: what stands there, and what they usually do."""

    before: str
    reason: str
    reason_zh: str


def measure(text: str) -> dict[str, str]:
    """Style facts of a sample of at least two sentences: slot -> value."""
    sentences = [s.strip() for s in _SENTENCE.findall(text) if s.strip()]
    if len(sentences) < 2:
        return {}
    if len(_HAN.findall(text)) * 2 > len(text):
        length = sum(len(s) for s in sentences) / len(sentences)
        return {
            "sentence_length": "short" if length < 16 else "long" if length > 32 else "medium",
            "register": "spoken" if _SPOKEN.search(text) else "written",
        }
    length = sum(len(s.split()) for s in sentences) / len(sentences)
    found = {"sentence_length": "short" if length < 11 else "long" if length > 22 else "medium"}
    short, full = len(_CONTRACTION.findall(text)), len(_FULL.findall(text))
    if short != full:
        found["contractions"] = "yes" if short > full else "no"
    if bool(_BRITISH.search(text)) != bool(_AMERICAN.search(text)):
        found["spelling"] = "British" if _BRITISH.search(text) else "American"
    lists = _LIST.findall(text)
    if lists:
        found["oxford_comma"] = "yes" if any(lists) else "no"
    return found


_STATED = re.compile(
    r"\bi (?:prefer|use|write(?: in)?|always use|want) (british|american)(?: english)?(?: spellings?)?\b"
    r"|(?:我|请)(?:一般|平时|习惯|总是|喜欢)?(?:用|使用|偏好)(英|美)式(?:英语|拼写|英文)?",
    re.I,
)


def stated(message: str) -> dict[str, str]:
    """What a person says of their own style: slot -> value."""
    match = _STATED.search(message)
    if match is None:
        return {}
    british = (match[1] or match[2]).lower() in ("british", "英")
    return {"spelling": "British" if british else "American"}


def describe(style: dict[str, str], language: str) -> str:
    """A style in words of a language."""
    zh = language == "zh"
    parts = [
        f"{_LABELS[slot][zh]}{'：' if zh else ': '}{_VALUES[value][zh]}"
        for slot, value in style.items()
        if slot in _LABELS and value in _VALUES
    ]
    return ("，" if zh else ", ").join(parts)


def style_of(turn: Turn) -> dict[str, str]:
    """What is known of the person's style."""
    return {f.slot: f.value for f in turn.known("style")}


def departures(text: str, style: dict[str, str]) -> list[StyleHint]:
    """Where a draft is not as the person usually writes. Only hints: a draft may have its reasons."""
    found: list[StyleHint] = []
    if style.get("contractions") == "yes" and (match := _FULL.search(text)):
        found.append(StyleHint(match[0], "you usually write contractions", "您平时用缩写形式"))
    if style.get("contractions") == "no" and (match := _CONTRACTION.search(text)):
        found.append(StyleHint(match[0], "you usually write it out", "您平时不用缩写"))
    other = {"British": _AMERICAN, "American": _BRITISH}.get(style.get("spelling", ""))
    if other and (match := other.search(text)):
        wanted = style["spelling"]
        zh = _VALUES[wanted][1]
        found.append(
            StyleHint(match[0], f"you usually spell the {wanted} way", f"您平时用{zh}拼写")
        )
    if style.get("oxford_comma") and (match := _LIST.search(text)):
        has = "yes" if match[1] else "no"
        if has != style["oxford_comma"]:
            does = "put a comma" if style["oxford_comma"] == "yes" else "put no comma"
            found.append(
                StyleHint(
                    match[0],
                    f"you usually {does} before the last item",
                    "列举时 and 前的逗号与您平时不同",
                )
            )
    if style.get("register") == "written" and (match := _SPOKEN.search(text)):
        found.append(
            StyleHint(match[0], "you usually write in a written register", "您平时用书面语")
        )
    if style.get("sentence_length") == "short" and (long := _long(text)):
        found.append(StyleHint(long, "longer than your sentences usually are", "比您平时的句子长"))
    return found


def _long(text: str) -> str:
    for match in _SENTENCE.finditer(text):
        sentence = match[0]
        han = len(_HAN.findall(sentence))
        if han > 32 or (not han and len(sentence.split()) > 22):
            return sentence.strip()[:24] + "…"
    return ""
