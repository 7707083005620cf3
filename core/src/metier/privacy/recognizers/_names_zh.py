"""A recognizer of Chinese names that needs no model: surnames, characters and context."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from metier.encoder import simplified
from metier.privacy._normalise import View
from metier.privacy.recognizers._gazetteer_zh import AMBIGUOUS_SURNAMES, ORDINARY, SURNAME_COST
from metier.privacy.recognizers._rules import Hit, Recognizer
from metier.privacy.recognizers._zh_context import KIN, NOT_PERSONAL
from metier.privacy.recognizers._zh_foreign import TRANSLITERATION
from metier.privacy.recognizers._zh_given import FIRST, SECOND, SINGLE
from metier.privacy.recognizers._zh_lattice import names
from metier.privacy.recognizers._zh_lexicon import UNKNOWN_WORD, Lexicon, lexicon
from metier.privacy.recognizers._zh_split import split_zh_name
from metier.privacy.recognizers._zh_well_known import WELL_KNOWN

_SURE, _LIKELY = 0.8, 0.6
_OFTEN, _USUAL, _RARE = 57, 72, 92
_NICKNAME = 2
_COMMON_WORD, _WORD, _RARE_WORD = 100, 125, 150

_HAN = "[\u3400-\u9fff]"
_NOT_HAN = "[^\u3400-\u9fff]"
_RUN = re.compile(_HAN + "{2,}")
_DOTS = "·•・‧∙"
_DOT = re.compile(f"[{_DOTS}]")
_SOUNDS = "".join(sorted(TRANSLITERATION | set("力卜额敦云宗罕")))
_SOUND = rf"(?:阿[不布]都|[{_SOUNDS}])"
"""A character that names are written with by sound; 不 and 都 in 阿不都拉 alone, since elsewhere
they are words of the sentence."""
_DOTTED = re.compile(rf"{_SOUND}{{1,7}}(?:[{_DOTS}](?:[A-Z](?=[{_DOTS}])|{_SOUND}{{1,7}})){{1,5}}")
_BEARERS = "".join(
    surname
    for surname, cost in SURNAME_COST.items()
    if cost <= _OFTEN and surname not in AMBIGUOUS_SURNAMES
)
_MASKED = re.compile(
    rf"(?<![A-Za-z])[{''.join(SURNAME_COST)}](?:[Xx]{{2}}|[*×○]{{1,2}})(?![A-Za-z0-9*×○])"
)
_GIVEN = "".join(character for character, cost in SINGLE.items() if cost <= _OFTEN)
_SPACED = re.compile(rf"(?<!{_HAN})[{_BEARERS}] {{1,3}}[{_GIVEN}](?!{_HAN})")
_CALLED = re.compile(
    r"(?:我叫|俺叫|名叫|名字叫做?|叫做|叫我|名字是|姓名[:是为]|名字:"
    rf"|(?P<kin>{'|'.join(sorted(KIN, key=len, reverse=True))})(?:名?叫)?)"
    rf"(?P<name>{_HAN}{{2}})(?=$|[^\u3400-\u9fff]|[的是在说和跟也都今昨明已正很])"
)
_INTRODUCES_SELF = re.compile(
    r"(?:[我俺]叫做?|叫我|我的(?:全名|本名|真名|姓名|名字)[是叫]|名叫|名字是|全名是|本人(?:是|叫)?)"
    rf"(?P<name>{_SOUND}{{1,7}}(?:[{_DOTS}]{_SOUND}{{1,7}}){{1,3}}|"
    rf"{'|'.join(sorted((n for n in WELL_KNOWN if len(n) > 1), key=len, reverse=True))}"
    rf"|{_SOUND}{{2,6}})"
    rf"(?=$|{_NOT_HAN}|[今来是住也])"
)
"""A name that fills the clause and is written by sound (扎西), or that somebody shares with a
person of history (穆罕默德): introduced so, it is theirs."""
_SOUNDED = 145
"""What a word of the dictionary costs that is rare enough to be a name by sound."""
_TOLD = re.compile(
    r"(?:联系人|收件人|收货人|寄件人|负责人|经办人|患者|病人|客户|学生|家长|姓名|寄给|交给|转给|转交给?"
    rf"|发给|送给|转告|告诉|通知)(?:是|为|叫)?[:： ]{{0,2}}(?P<name>{_HAN}{{2,3}})(?!{_HAN})"
)
"""Labels and verbs that a person follows: what fills the rest of the clause is the name."""
_ADDRESSED = re.compile(
    rf"(?<!{_HAN})(?P<name>{_HAN}{{2,3}})"
    "(?:老师|医生|先生|女士|小姐|经理|主任|教授|阿姨|叔叔|师傅|律师|护士|校长|院长|同学)"
)
"""What opens a clause and has a title behind it."""
_WITH = re.compile(
    rf"(?:[我他她们][和跟同]|联系|请教|拜托)(?P<name>{_HAN}{{2,3}})"
    "(?=说|讲|聊|谈|吵|打电话|见面|一起|商量|沟通|确认|约好|约了)"
)
"""Between somebody and what is done together."""
_NOT_PERSONAL = re.compile("|".join(sorted(NOT_PERSONAL)))
_ACCOUNT = re.compile(r"(?<![A-Za-z0-9.])@(?P<name>[\w·-]{2,8})(?=[\s:@/]|$)")
_ENTRY = re.compile(
    rf"^[ \t]*(?P<name>{_HAN}{{2,4}})(?=[,: (]{{1,2}}[男女](?!{_HAN}))", re.MULTILINE
)


class ChineseNames(Recognizer):
    """Names by the likeliest reading of Han text, by introduction and by form.

    Han names, nicknames with a surname, compound surnames, minority and
    Japanese names, foreign names in Chinese characters; in simplified and
    traditional characters. People of history and fiction are let through
    unless they are introduced.
    """

    fuzzy = True

    def __init__(self) -> None:
        super().__init__("metier-names-zh", ["PERSON"], language="zh")

    def find(self, view: View) -> Iterable[Hit]:
        """Hits in a normalised text.

        Raises:
            RuntimeError, OSError: jieba's dictionary is missing or cannot be read.
        """
        if not view.has_han:
            return []
        text = simplified(view.text)
        words = lexicon()
        dotted, well_known = _dotted(text, words)
        found = [*dotted, *_new(_read(text, words), _covered(text, [*dotted, *well_known]))]
        forms = _new(_by_form(text, words), _covered(text, found))
        found = [*_new(found, _covered(text, forms)), *forms]
        found += _new(_entries(text, words, {hit[1] for hit in found}), _covered(text, found))
        return [*found, *_again(text, found, words)]


def _read(text: str, words: Lexicon) -> Iterator[Hit]:
    for run in _RUN.finditer(text):
        for start, end, sure in names(text, run.start(), run.end(), words):
            yield start, end, "PERSON", _SURE if sure else _LIKELY


def _covered(text: str, found: Sequence[Hit]) -> bytearray:
    covered = bytearray(len(text))
    for start, end, *_ in found:
        covered[start:end] = b"\1" * (end - start)
    return covered


def _new(hits: Iterable[Hit], covered: bytearray) -> list[Hit]:
    return [hit for hit in hits if not all(covered[hit[0] : hit[1]])]


def _by_form(text: str, words: Lexicon) -> Iterator[Hit]:
    """Names that are called so, those of accounts, spaced (王 伟) and half hidden ones (王**)."""
    called: set[tuple[int, int]] = set()
    for match in _CALLED.finditer(text):
        limit = _RARE_WORD if match["kin"] else _WORD
        if _given(match["name"]) and words.words.get(match["name"], UNKNOWN_WORD) > limit:
            called.add(match.span("name"))
    for match in _INTRODUCES_SELF.finditer(text):
        name = match["name"]
        if name in WELL_KNOWN or words.words.get(name, UNKNOWN_WORD) > _SOUNDED:
            called.add(match.span("name"))
    for start, end in sorted(called):
        yield start, end, "PERSON", _SURE
    for pattern in (_TOLD, _ADDRESSED, _WITH):
        for match in pattern.finditer(text):
            # A word of the dictionary is one: 交给公司, 高中老师.
            name = match["name"]
            if name[0] in SURNAME_COST and name[-1] not in "的了是着们" and name not in words.words:
                yield *match.span("name"), "PERSON", _SURE
    if "@" in text:
        yield from _accounts(text, words)
    for pattern in (_SPACED, _MASKED):
        for match in pattern.finditer(text):
            yield *match.span(), "PERSON", _LIKELY


def _entries(text: str, words: Lexicon, ends: Set[int]) -> Iterator[Hit]:
    """Names that head an entry: 王芳,女; where none is known to end there already."""
    for match in _ENTRY.finditer(text):
        if match["name"] not in words.words and match.end("name") not in ends:
            yield *match.span("name"), "PERSON", _SURE


def _accounts(text: str, words: Lexicon) -> Iterator[Hit]:
    """@热带小鱼: in Chinese the name of an account is what its owner is called there."""
    for match in _ACCOUNT.finditer(text):
        name = match["name"]
        common = words.words.get(name, UNKNOWN_WORD) <= _WORD
        if not (name.isascii() or common or _NOT_PERSONAL.search(name)):
            yield *match.span("name"), "PERSON", _LIKELY


def _given(name: str) -> bool:
    if name[0] in "小阿":
        return SINGLE.get(name[1], UNKNOWN_WORD) <= _RARE
    return FIRST.get(name[0], UNKNOWN_WORD) <= _USUAL >= SECOND.get(name[1], UNKNOWN_WORD)


def _dotted(text: str, words: Lexicon) -> tuple[list[Hit], list[Hit]]:
    """Names of several parts, and those of them that are let through.

    约翰·史密斯, 阿依古丽·买买提, 乔治·W·布什; 威廉·莎士比亚.
    """
    found: list[Hit] = []
    well_known: list[Hit] = []
    if not any(dot in text for dot in _DOTS):
        return found, well_known
    for match in _DOTTED.finditer(text):
        start, end = match.span()
        last = max(text.rfind(dot, start, end) for dot in _DOTS) + 1
        for at in range(last + 2, end):
            if words.words.get(text[at : at + 2], UNKNOWN_WORD) <= _COMMON_WORD:
                end = at
                break
        parts = _DOT.split(text[start:end])
        known = "".join(parts) in WELL_KNOWN or not WELL_KNOWN.isdisjoint(parts)
        (well_known if known else found).append((start, end, "PERSON", _SURE))
    return found, well_known


def _again(text: str, found: Sequence[Hit], words: Lexicon) -> Iterator[Hit]:
    """Where a full name that was found, or a part that may stand alone, stands once more."""
    needles = {text[start:end] for start, end, *_ in found if end - start > _NICKNAME}
    for name in tuple(needles):
        surname, given = split_zh_name(name)
        parts = (surname, given) if _DOT.search(name) else (given,)
        needles.update(part for part in parts if _stands_alone(part, words))
    if not needles:
        return
    covered = _covered(text, found)
    # Looked up by length, so that many names cost no more than one.
    begins = {needle[:2] for needle in needles}
    lengths = sorted({len(needle) for needle in needles}, reverse=True)
    for at in range(len(text) - 1):
        if text[at : at + 2] not in begins:
            continue
        for length in lengths:
            end = at + length
            if text[at:end] in needles and not any(covered[at:end]):
                covered[at:end] = b"\1" * length
                yield at, end, "PERSON", _LIKELY
                break


def _stands_alone(part: str, words: Lexicon) -> bool:
    common = words.words.get(part, UNKNOWN_WORD) <= _WORD
    return len(part) >= _NICKNAME and part not in ORDINARY and not common


def recognizers() -> list[Recognizer]:
    """The recognizers of this module."""
    return [ChineseNames()]
