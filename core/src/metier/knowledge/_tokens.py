"""Words of a text for BM25: jieba for Chinese, folded and lightly stemmed words else."""

from __future__ import annotations

import functools
import logging
import re
import tempfile
import unicodedata
from pathlib import Path
from typing import Any

_RUN = re.compile("[㐀-䶿一-鿿豈-﫿]+|[^\\W_㐀-䶿一-鿿豈-﫿]+(?:['’][a-z]+)?")
_COMMON = """
a about against also am an and are as at be been but by can could did do does for from get give had
has have he help helps her here him his how i if in into is it its just know me my need no not of on
or our please really she should so some than that the their them then there these they this to very
want was we were what when where which while who why will with would you your tell
的 了 吗 呢 吧 啊 我 你 您 他 她 它 我们 你们 他们 是 在 有 和 与 也 都 就 还 要 会 能 可以 什么 怎么 怎么办 怎样
如何 哪些 多少 这 那 这个 那个 一个 请 请问 一下 应该 为什么 不 没 没有 很 把 被 给 让 对 从 到 但 但是 如果 因为
所以 或 或者 以及 及 等 上 下 里 中 想 知道 告诉
"""
_STOP = frozenset(_COMMON.split())


def tokens(text: str) -> list[str]:
    """The words of `text`, without the commonest ones.

    Chinese is cut by jieba in search mode, so that a long word is also found
    by its parts. English plurals fold by Harman's S-stemmer (1991).
    """
    found: list[str] = []
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        word = match.group()
        if "\u3400" <= word[0] <= "\ufaff":
            found.extend(w for w in _jieba().cut_for_search(word) if w not in _STOP)
        elif word not in _STOP and (len(word) > 1 or word.isdigit()):
            found.append(_fold(word.split("'")[0].split("’")[0]))
    return found


def _fold(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@functools.cache
def _jieba() -> Any:
    """jieba's tokenizer. Its cache goes to a private folder: it reads that file back as code."""
    import jieba

    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    folder = Path.home() / ".cache" / "metier"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="metier-"))
    tokenizer.tmp_dir = str(folder)
    tokenizer.initialize()
    return tokenizer
