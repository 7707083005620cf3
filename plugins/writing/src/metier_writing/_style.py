"""A person's style, measured from a sample; and what a revision must keep of a text."""

from __future__ import annotations

import re
from collections import Counter

_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？]?")
_BRITISH = re.compile(
    r"\b\w+(?:ise[ds]?|isation|our(?:s|ed)?)\b|\b(?:colour|centre|favourite|organise|whilst)\b",
    re.I,
)
_AMERICAN = re.compile(r"\b(?:color|center|favorite|\w+ize[ds]?|\w+ization)\b", re.I)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*%?")
_NAME = re.compile(r"(?<![.!?。\n] )(?<!^)\b[A-Z][a-z]+\b(?:'s)?", re.M)
_KEEP = re.compile(r"<[A-Z][A-Z0-9_]*_[A-Z2-7]{5}>|https?://\S+|\S+@\S+\.\w+")
_NEGATION = re.compile(r"\b(?:not|never|no|none|cannot|\w+n't)\b|[不没无未别]", re.I)


def measure(text: str, language: str) -> dict[str, str]:
    """Style facts of a sample of at least two sentences: slot -> value."""
    sentences = [s for s in _SENTENCE.findall(text) if s.strip()]
    if len(sentences) < 2:
        return {}
    found: dict[str, str] = {}
    if language == "zh":
        length = sum(len(s.strip()) for s in sentences) / len(sentences)
        found["sentence_length"] = "短句" if length < 16 else "长句" if length > 32 else "中等"
        found["register"] = "口语" if re.search("[吧呢啊嘛哦呀]|咱|啥|挺", text) else "书面"
        return found
    length = sum(len(s.split()) for s in sentences) / len(sentences)
    found["sentence_length"] = "short" if length < 11 else "long" if length > 22 else "medium"
    found["contractions"] = (
        "yes" if re.search(r"\w+(?:n't|'re|'m|'ve|'ll)\b|\bit's\b", text, re.I) else "no"
    )
    if _BRITISH.search(text) and not _AMERICAN.search(text):
        found["spelling"] = "British"
    elif _AMERICAN.search(text) and not _BRITISH.search(text):
        found["spelling"] = "American"
    if re.search(r"\w+, \w+,? (?:and|or) \w+", text):
        found["oxford_comma"] = "yes" if re.search(r"\w+, \w+, (?:and|or) \w+", text) else "no"
    return found


def lost(original: str, revised: str) -> list[str]:
    """The kinds of things a revision lost or changed; empty where meaning is safe by these measures."""
    kinds = []
    if Counter(_NUMBER.findall(original)) != Counter(_NUMBER.findall(revised)):
        kinds.append("numbers")
    if set(_NAME.findall(original)) - set(re.findall(r"\b[A-Z][a-z]+\b(?:'s)?", revised)):
        kinds.append("names")
    if Counter(_KEEP.findall(original)) != Counter(_KEEP.findall(revised)):
        kinds.append("addresses")
    if len(_NEGATION.findall(original)) != len(_NEGATION.findall(revised)):
        kinds.append("negation")
    return kinds
