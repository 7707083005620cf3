"""Words of a text as an index knows them, in English and Chinese.

English words are lower-cased, freed of accents and, in Qdrant's BM25, stemmed.
Chinese has no spaces: a document gives its Han bigrams and jieba's longer
words, a query gives jieba's words (search mode). Since every two-character
word is a bigram, such a word is found however jieba has cut its surroundings;
a longer word that the dictionary doesn't know is asked for by its bigrams.
"""

from __future__ import annotations

import logging
import re
import threading
import unicodedata
import warnings
from pathlib import Path
from typing import Any

_HAN_RANGES = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_RUN = re.compile(f"[{_HAN_RANGES}]+|[^\\W_{_HAN_RANGES}]+(?:['’][^\\W_]+)*[+#]*")
_HAN = re.compile(f"[{_HAN_RANGES}]")
_POSSESSIVE = re.compile("['’]s$")

_STOP_EN = frozenset(
    re.findall(
        "[a-z]+",
        "a about after again all also am an and any are aren as at be because been before being "
        "but by can cannot could couldn did didn do does doesn doing don each either else etc even "
        "ever every few for from get gets give go going got had has hasn have haven having he help "
        "her here hers him his how however i if in into is isn it its itself just know let like ll "
        "look many may maybe me might mine more most much must my myself need no nor not now of "
        "off ok okay on once one only or other our ours out over own please quite rather re really "
        "same say see shall she should shouldn show so some something such sure tell than thank "
        "thanks that the their theirs them then there these they thing things think this those "
        "though through to too under until up us use used using ve very want was wasn way we well "
        "were weren what when where whether which while who whom whose why will with within "
        "without won would wouldn yes yet you your yours explain describe mean means meaning hi "
        "hello could someone anyone kind kinds",
    )
)
_STOP_ZH = frozenset(
    [
        "的",
        "了",
        "是",
        "在",
        "我",
        "你",
        "您",
        "他",
        "她",
        "它",
        "们",
        "我们",
        "你们",
        "您们",
        "他们",
        "她们",
        "它们",
        "咱们",
        "这",
        "那",
        "这个",
        "那个",
        "这些",
        "那些",
        "这样",
        "那样",
        "这种",
        "那种",
        "这里",
        "那里",
        "什么",
        "怎么",
        "怎样",
        "怎么样",
        "怎么办",
        "如何",
        "为什么",
        "为何",
        "哪",
        "哪些",
        "哪个",
        "哪里",
        "哪儿",
        "谁",
        "几",
        "多少",
        "多久",
        "吗",
        "呢",
        "吧",
        "啊",
        "呀",
        "嘛",
        "和",
        "与",
        "及",
        "以及",
        "或",
        "或者",
        "还是",
        "并",
        "并且",
        "而",
        "而且",
        "但",
        "但是",
        "可是",
        "不过",
        "如果",
        "要是",
        "因为",
        "所以",
        "于是",
        "然后",
        "就",
        "都",
        "也",
        "还",
        "又",
        "再",
        "很",
        "太",
        "更",
        "最",
        "非常",
        "比较",
        "有",
        "没有",
        "有没有",
        "没",
        "不",
        "不是",
        "是不是",
        "是否",
        "可以",
        "可不可以",
        "能",
        "能够",
        "能否",
        "能不能",
        "会",
        "会不会",
        "要",
        "要不要",
        "想",
        "想要",
        "应该",
        "应当",
        "该",
        "需要",
        "必须",
        "得",
        "让",
        "使",
        "把",
        "被",
        "给",
        "对",
        "对于",
        "关于",
        "从",
        "到",
        "向",
        "往",
        "由",
        "为",
        "为了",
        "以",
        "用",
        "于",
        "上",
        "下",
        "里",
        "中",
        "内",
        "外",
        "之",
        "其",
        "其中",
        "等",
        "个",
        "一个",
        "一些",
        "一下",
        "一种",
        "一点",
        "些",
        "种",
        "次",
        "请",
        "请问",
        "麻烦",
        "谢谢",
        "你好",
        "您好",
        "告诉",
        "知道",
        "觉得",
        "认为",
        "说",
        "讲",
        "介绍",
        "解释",
        "说明",
        "帮",
        "帮我",
        "帮忙",
        "时候",
        "时",
        "事",
        "事情",
        "东西",
        "情况",
        "问题",
        "意思",
        "地",
        "着",
        "过",
        "来",
        "去",
        "做",
        "吧",
        "嗯",
        "好",
        "好的",
        "自己",
        "现在",
        "今天",
        "已经",
        "正在",
        "啥",
        "咋",
        "有什么",
        "是什么",
        "什么样",
        "一般",
        "通常",
        "方面",
        "起来",
        "出来",
        "这么",
        "那么",
        "多",
        "少",
        "大家",
        "有些",
        "某",
        "每",
        "各",
        "另外",
        "还有",
        "比如",
        "例如",
    ]
)


class Terms:
    """Turns text into the words that BM25 counts; safe to use from several threads.

    Args:
        cache: a private folder where jieba may keep its parsed dictionary. Its
            own choice, a shared temporary folder, would let any local user
            hand us a file that it unmarshals.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._jieba: Any = None

    def document(self, text: str) -> list[str]:
        """The words of a text that is stored, repeated as often as they occur."""
        return self._words(text, query=False)

    def query(self, text: str) -> list[str]:
        """The words of a query, each once; without those that ask rather than name."""
        return list(dict.fromkeys(self._words(text, query=True)))

    def _words(self, text: str, query: bool) -> list[str]:
        found: list[str] = []
        for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
            if _HAN.match(run):
                found += self._han_query(run) if query else self._han_document(run)
                continue
            word = _plain(run)
            if word and word not in _STOP_EN:
                found.append(word)
        return found

    def _han_document(self, run: str) -> list[str]:
        words = [w for w in self._cut(run) if len(w) != 2 and w not in _STOP_ZH]
        return words + [run[i : i + 2] for i in range(len(run) - 1)]

    def _han_query(self, run: str) -> list[str]:
        found: list[str] = []
        for word in self._cut(run):
            if word in _STOP_ZH:
                continue
            if len(word) < 3 or self._segmenter().FREQ.get(word):
                found.append(word)
            else:
                found += [word[i : i + 2] for i in range(len(word) - 1)]
        return found

    def _cut(self, run: str) -> list[str]:
        return list(self._segmenter().cut_for_search(run))

    def _segmenter(self) -> Any:
        if self._jieba is None:
            with self._lock:
                if self._jieba is None:
                    self._jieba = _load(self._cache)
        return self._jieba


def _plain(word: str) -> str:
    word = _POSSESSIVE.sub("", word).replace("'", "").replace("’", "")
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _load(cache: Path) -> Any:
    with warnings.catch_warnings():
        # Its source has escapes that newer Pythons warn of.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel(logging.ERROR)
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    segmenter = jieba.Tokenizer()
    segmenter.tmp_dir = str(cache)
    segmenter.initialize()
    return segmenter
