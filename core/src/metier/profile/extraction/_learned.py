"""What no rule can read: clauses that a learned reader takes for statements of the person.

Rules go first. Where they find nothing in a clause, and nothing in its frame speaks against it (a
condition, a doubt, a question, a report, another person, a text to be written), the reader is
asked. What it is sure of is kept in the person's own words, as a detail with little confidence:
it is found when it matters, and is never a constraint.
"""

# ruff: noqa: E501  (patterns, one kind a line)
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from metier.model import ClauseReader, Fact, Provenance, Turn
from metier.profile.extraction import _chinese_frame
from metier.profile.extraction._chinese_correct import cue as cue_zh
from metier.profile.extraction._chinese_frame import RELATION
from metier.profile.extraction._english_mend import read_cues
from metier.profile.extraction._english_words import (
    FAITHS,
    HEALTH,
    ORIENTATIONS,
    ORIGINS,
    PARTIES,
)
from metier.profile.extraction._frame import (
    RELATIONS,
    blocked,
    is_chinese,
    parts,
    without_question,
)
from metier.profile.extraction._read import ASKS_TO_WRITE, IMAGINED, Sentence
from metier.profile.extraction._rule import Clause
from metier.profile.extraction._time import period

LEARNED: Final = "core:learned"
"""The extractor of what the reader found."""
SURE: Final = 0.6
"""The least probability at which a clause may be of the person at all."""
_NEEDED: Final = {
    ("en", True): {"about": 0.6, "health": 0.7, "liking": 0.6},
    ("en", False): {"about": 0.9, "health": 0.995, "liking": 0.93},
    ("zh", True): {"about": 0.98, "health": 0.98, "liking": 0.98},
    ("zh", False): {"about": 0.75, "health": 0.75, "liking": 0.75},
}
"""The least probability at which a clause is kept, by language and whether it names the person
("I", "my", 我). Many an English heading or finding looks like a statement that leaves "I" out; what
rules leave unread of Chinese clauses with 我 is as a rule of the moment."""
_LONGEST: Final = 500
"""Characters of a message: in a longer one a clause is as a rule of a text or a task."""
_LINES: Final = 4
_CLAUSES: Final = 8
"""The most clauses of a message that the reader is asked about."""
_LEAST: Final = 0.4
"""The confidence of what is kept."""
_WORDS: Final = (2, 24)
_HAN: Final = (4, 40)
"""Words and Han characters of a clause: in fewer nothing is said by itself."""
_CATEGORY: Final = {"about": "identity", "health": "health", "liking": "preference"}

_BOUND: Final = re.compile(
    r"\s*[,;:—–()…]+\s+|\s+-{1,2}\s+|\s+&\s+"
    r"|,?\s+(?:and|but|so|though|although|because|cos|n|while|since) (?=(?:i|i'm|im|i've|ive|i'd|we|my|our|it|he|she|they|this|that|what|which|can|could|is|any|how|none|feel)\b)",
    re.I,
)
_BOUND_ZH: Final = re.compile(
    r"[，,；;：:、()（）~～!！…]+\s*|——+|(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])|(?<=[^，,])(?=但是|所以|因此|而且)"
)
_OTHER: Final = rf"(?:{RELATIONS}|bfs?|gfs?|students|customers|clients|patients|brothers|sisters)"
_THEIRS: Final = re.compile(rf"\b{_OTHER}'s\b|\b(?:someone|somebody)\b", re.I)
_NOT_MINE: Final = re.compile(
    # Another person, whoever is spoken to, or a request.
    rf"(?:(?:and|but|so|because|well|oh|hi|hey|both|all),? )*(?:(?:one|some|most|half|two) of (?:my|our) [a-z]+s\b|(?:my|our|the|an?|his|her|their|your|one of my) (?:[\w-]+ )?{_OTHER}\b|(?:he|she|they|you|your|his|her|their|this|these|those|everyone|everybody|someone|somebody|people|nobody|there)\b"
    r"|(?:what|which|who|whose|where|when|how|why|can|could|should|would|is|are|do|does|did|will|may|any|got any|need|want|looking for|help|give|tell|show|write|make|please|pls|thanks|thank|if|let|unless|had i|as an?)\b)",
    re.I,
)
MINE: Final = re.compile(
    r"\b(?:i|i'?m|i'?ve|i'?d|i'll|my|we|we're|we've|our|me|us|mine|myself)\b|[我咱俺]|本人", re.I
)
"""Who speaks names themselves."""
_KIN: Final = re.compile(rf"\b{_OTHER}\b", re.I)
_PASSING: Final = re.compile(
    r"\b(?:to(?:day|night|morrow)|tomo\w*|yesterday|this (?:week|weekend|month|morning|evening|afternoon|time|year|summer|winter)|right now|at the moment|just now|(?:un)?till?|for (?:jan|febr|march|april|may|june|july|aug|sept|octo|nov|dec)\w*|last (?:week|night|month|time|year)|next (?:week|month|year|time)|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|thurs|tmrw|for (?:a|\d+|two|three|four|a few|the next) (?:days?|weeks?|months?|nights?)|(?:years?|months?|weeks?|days?) ago|used to|back then|when i was|in a (?:hurry|rush|meeting)|dream\w*)\b",
    re.I,
)
"""What is of a day or a time, or over."""
_NOT_MINE_ZH: Final = re.compile(
    rf"[你您他她它]|请|帮|麻烦|推荐|介绍|告诉|翻译|总结|润色|如果|要是|假如|假设|可能|也许|大概是|好像|是不是|有没有|能不能|怎么|如何|什么|为什么|为啥|哪|吗|呢$|多少|几[个点天块]|谁|^(?:这|那|该|上面|下面|差评|原文|课文)|^(?:我|咱)?(?:们)?(?:的|家|有个|有一个|有位|有一位)?(?:{RELATION})|别人|有人|大家|人家|听说|据说|我们[组班]|都是以前|客人|客户|病人|患者|学生|顾客|用户|老人|孕妇|有[个位]|班上"
)
_KIN_ZH: Final = re.compile(RELATION)
_PASSING_ZH: Final = re.compile(
    r"今[天晚早]|昨[天晚]|明[天早晚]|后天|前天|刚才|刚刚|上[周月]|下[周月]|下个|上个|这[周月次几两]|本[周月]|月底|最近|之前|以前|那会儿|当时|小时候|去年|年前|到.{1,6}号|[一两三四五六七八九十\d]+天|国庆|暑假|寒假|待会|一会|出差|度假|等会"
)
SPECIAL: Final = re.compile(
    rf"\b(?:{FAITHS}|{PARTIES}|{ORIENTATIONS}|{ORIGINS}|church|mosque|temple|synagogue|pray\w*|union|vote\w*|voting|politic\w*|religio\w*|convict\w*|prison|parole|same-sex|ethnic\w*|gene|mutation|fingerprint)\b"
    r"|佛|拜神|观音|基督|天主|伊斯兰|穆斯林|清真|教会|教堂|党员|党派|工会|同性恋|出柜|坐过牢|前科|回族|藏族|维族|满族|民族",
    re.I,
)
"""What needs a consent of its own and is left to the rules that know its category."""
_OF_WORDS: Final = re.compile(
    r"说法|怎么[说念读写]|什么意思|造句|\bhow (?:do|would|can) (?:you|i|we) say\b|\bsounds? (?:natural|right)\b",
    re.I,
)
"""What the words are is asked, not stated."""
_AS_IF: Final = re.compile(r"\b(?:like|as if) i(?:'?m| am| was| were)\b", re.I)
"""So simple or so long an answer shall be: that says nothing of the person."""
_BLANK: Final = re.compile(r"\s{3,}")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A clause of which nothing was read.

    Args:
        start: in the message.
        mine: it names the person: "I", "my", 我.
    """

    text: str
    start: int
    mine: bool


def learned(
    turn: Turn, own: Sequence[Sentence], facts: Sequence[Fact], reader: ClauseReader
) -> tuple[Fact, ...]:
    """What the reader finds in clauses that the rules left silent.

    Args:
        own: the person's own sentences.
        facts: what the rules found in them.
    """
    if len(turn.message) > _LONGEST or turn.message.strip().count("\n") >= _LINES:
        return ()
    pieces = list(islice(_silent(own, facts), _CLAUSES))
    readings = reader.read([piece.text for piece in pieces]) if pieces else ()
    return tuple(
        _fact(piece, reading.kind, turn)
        for piece, reading in zip(pieces, readings, strict=True)
        if reading.kind and reading.probability >= _needed(piece, reading.kind)
    )


def _needed(piece: _Piece, kind: str) -> float:
    return _NEEDED["zh" if is_chinese(piece.text) else "en", piece.mine][kind]


def _silent(own: Sequence[Sentence], facts: Sequence[Fact]) -> Iterator[_Piece]:
    """The clauses that may say something of the person, and of which no fact was read."""
    mends = [_mends(sentence) for sentence in own]
    other = False
    for number, sentence in enumerate(own):
        # What is corrected in the next sentence was a slip.
        if mends[number] or (number + 1 < len(own) and mends[number + 1]):
            continue
        if any(p.search(sentence.text) for p in (ASKS_TO_WRITE, IMAGINED, _OF_WORDS)):
            continue
        chinese, passing = is_chinese(sentence.text), False
        for begin, text in clauses_of(sentence, chinese):
            mine = MINE.search(text) is not None
            at = sentence.start + begin
            passing = passing or bool((_PASSING_ZH if chinese else _PASSING).search(text))
            silent = (mine or not other) and not passing
            silent = silent and not _is_read(at, at + len(text), facts)
            if silent and states(sentence, begin, text):
                yield _Piece(text, at, mine)
            other = bool((_KIN_ZH if chinese else _KIN).search(text)) or (other and not mine)


def _mends(sentence: Sentence) -> bool:
    """Whether a sentence corrects something: that is the rules' part."""
    if is_chinese(sentence.text):
        return cue_zh(sentence.text) is not None
    cues = read_cues(sentence)
    return cues.strength > 0 or cues.takes or bool(cues.wrong)


def clauses_of(sentence: Sentence, chinese: bool) -> Iterator[tuple[int, str]]:
    """The clauses of a sentence that ask nothing, with their places in it."""
    edges = parts(sentence.text, _BOUND_ZH if chinese else _BOUND)
    if sentence.question:
        edges = edges[:-1] if chinese else without_question(sentence.text, edges)
    for begin, end in edges:
        text = sentence.text[begin:end]
        yield begin + len(text) - len(text.lstrip()), text.strip()


def states(sentence: Sentence, begin: int, text: str) -> bool:
    """Whether nothing in the frame of a clause speaks against its being the person's statement."""
    of = _states_zh if is_chinese(sentence.text) else _states
    return of(sentence, begin, text)


def _states(sentence: Sentence, begin: int, text: str) -> bool:
    if not _WORDS[0] <= len(text.split()) <= _WORDS[1] or _BLANK.search(text):
        return False
    if _NOT_MINE.match(text) or any(p.search(text) for p in (_THEIRS, SPECIAL, _AS_IF)):
        return False
    clause = Clause(text, sentence.start + begin, sentence.text[:begin])
    tail = sentence.text[begin + len(text) :]
    if blocked(clause, 0, 0, soft=False, tail=tail):
        return False
    # A report or a question within it is as a rule the person's own: "I know", "how I learn".
    return blocked(clause, len(text), len(text), soft=False) in ("", "report", "question")


def _states_zh(sentence: Sentence, begin: int, text: str) -> bool:
    if not _HAN[0] <= len(text) <= _HAN[1] or _BLANK.search(text):
        return False
    if _NOT_MINE_ZH.search(text) or SPECIAL.search(text):
        return False
    if _chinese_frame.supposed(text):
        return False
    clause = Clause(text, sentence.start + begin, sentence.text[:begin], chinese=True)
    return not _chinese_frame.blocked(clause, len(text), len(text), soft=False)


def _is_read(begin: int, end: int, facts: Sequence[Fact]) -> bool:
    """Whether a fact was read from a clause."""
    return any((f.provenance.start or 0) < end and begin < (f.provenance.end or 0) for f in facts)


def _fact(piece: _Piece, kind: str, turn: Turn) -> Fact:
    begin, end = piece.start, piece.start + len(piece.text)
    category = "health" if HEALTH.search(piece.text) else _CATEGORY[kind]
    when = period(piece.text, turn.now, careful=True)
    return Fact(
        "detail",
        turn.message[begin:end],
        category,
        _LEAST,
        Provenance("turn", LEARNED, turn.id, begin, end),
        multiple=True,
        valid_to=when.valid_to,
    )
