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


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*[+#]*")
_FILLER = words(
    "a an the my our some any of really very much just so quite absolutely totally truly"
)
_ZH_FILLER = re.compile(
    "^(?:非常|特别|真的|十分|一些|各种|我的|吃|喝)(?=.)|(?:之类|什么)的$|的$|[了呢啊吧]$"
)
_KEPT_S = ("ss", "us", "is", "as", "ics")


def fold(value: str) -> str:
    """The key of a value; "" for one without a letter or digit."""
    if not value:
        return ""
    text = simplified(unicodedata.normalize("NFKC", value)).casefold()
    found = [singular(w.replace("’", "'")) for w in _WORD.findall(text)]
    # A value of filler words alone ("the A's") keeps them: they are all it has.
    kept = [w for w in found if w not in _FILLER] or found
    return _ZH_FILLER.sub("", " ".join(kept))


def singular(word: str) -> str:
    """An English word without its plural: "peanuts", "berries" and "dishes" as one of each."""
    if not word.isascii() or len(word) < 4 or not word.endswith("s") or word.endswith(_KEPT_S):
        return word
    if word.endswith("'s"):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("shes", "ches", "xes", "sses", "zes", "oes")):
        return word[:-2]
    return word[:-1]
