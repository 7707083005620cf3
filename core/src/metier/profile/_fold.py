"""When two wordings say the same: one key for case, width, script, plural and filler words.

The key is an equivalence, not a likeness: two values are the same fact or they
are not, whichever was said first, so that what is known does not depend on the
order in which two writers come.
"""

from __future__ import annotations

import re
import unicodedata

from metier.encoder import simplified


def words(line: str) -> frozenset[str]:
    """A table of words, written with spaces between them."""
    return frozenset(line.split())


_WORD = re.compile(r"\d+(?:\.\d+)+|[^\W_]+(?:['’][^\W_]+)*[+#]*|[$€£¥%<>]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_MINUS = re.compile(r"(?<![^\s(])[-−–](?=\d)|(?<=\b[ABO])[-−–](?!\w)|(?<=\bAB)[-−–](?!\w)")
_RHESUS = words("minus negative positive rh")
_WHICH = re.compile(
    r"\b(type|stage|grade|phase|class|level|step|part|group) (one|two|three|four|i|ii|iii|iv)\b"
)
_ZH_WHICH = re.compile("[一二三四](?=[型期级类])")
_COUNT = {"one": "1", "i": "1", "一": "1", "two": "2", "ii": "2", "二": "2", "three": "3",
          "iii": "3", "三": "3", "four": "4", "iv": "4", "四": "4"}  # fmt: skip
_FILLER = words(
    "a an the my our some any of really very much just so quite absolutely totally truly"
)
_ZH_FILLER = re.compile(
    "^(?:非常|特别|真的|十分|一些|各种|我的|吃|喝)(?=.)|(?:之类|什么)的$|的$|[了呢啊吧]$"
)
_IE = words(
    "movie cookie brownie smoothie zombie selfie hoodie calorie rookie foodie veggie auntie pixie"
)
_KEPT_S = ("ss", "us", "is", "as", "ics")


def fold(value: str) -> str:
    """The key of a value; "" for one without a letter, digit or sign that tells a number."""
    if not value:
        return ""
    text = _MINUS.sub(" minus ", simplified(unicodedata.normalize("NFKC", value)))
    text = _ZH_WHICH.sub(lambda m: _COUNT[m[0]], _THOUSANDS.sub("", text))
    told = _WORD.findall(text)
    found = [singular(w.replace("’", "'").casefold()) for w in told]
    # A value of filler words alone ("the A's") keeps them: they are all it has.
    kept = [w for i, w in enumerate(found) if w not in _FILLER or _letter(told, i, text)] or found
    key = _WHICH.sub(lambda m: f"{m[1]} {_COUNT[m[2]]}", " ".join(kept))
    return _ZH_FILLER.sub("", key)


def _letter(told: list[str], at: int, text: str) -> bool:
    """Whether an "a" tells which ("Flat A", "vitamin A", "A negative") and is no article."""
    if told[at] not in ("a", "A"):
        return False
    if at == len(told) - 1:
        return at > 0
    if at == 0:
        return told[0] == "A" and told[1].casefold() in _RHESUS
    return told[at] == "A" and not text.isupper()


def singular(word: str) -> str:
    """An English word without its plural: "peanuts", "berries" and "dishes" as one of each."""
    if not word.isascii() or len(word) < 4 or not word.endswith("s") or word.endswith(_KEPT_S):
        return word
    if word.endswith("'s"):
        return word[:-2]
    if word.endswith("ies") and word[:-1] in _IE:
        return word[:-1]
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("shes", "ches", "xes", "sses", "zes", "oes")):
        return word[:-2]
    return word[:-1]
