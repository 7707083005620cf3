"""WhatsApp's "Export chat": a text without a specification, as phones were seen to write it.

The line of a message begins with a date and a time, in the manner of the phone's language and
system; what doesn't begin so goes on with the message above. Seen: "12/31/25, 9:41 PM - Name:
text" and "31.12.25, 21:41 - Name: text" on Android, "[31/12/2025, 21:41:09] Name: text" on iOS,
with the time before or after "PM", "p. m.", "下午", "오후" and others, with narrow and
unbreakable spaces, and with marks of direction before what the app itself says. The app's own
words, and media that were left out, are no messages.

One chat has one manner, that of the phone which exported it. The manner of most lines is taken,
and a line in another manner, or more than a day before the one above it, goes on with the
message above: somebody has pasted it. A line that somebody typed in just the manner of the file
can't be told from a real one; no reader of this format can.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from metier.profile.importing._files import Files, lines
from metier.profile.importing._item import (
    Imported,
    Options,
    clean,
    name_of,
    speaker_of,
    unreadable,
)
from metier.profile.importing._times import DATE, TIME, Moment, Order, OrderVote

_START: Final = "[\u200e\u200f\u202a\ufeff]*"
_HEAD: Final = re.compile(
    rf"{_START}(?P<open>\[)?{DATE}[,،]?\s(?:[^\W\d]{{1,4}}\.?,?\s)??{TIME}"
    r"(?P<close>\](?:\s|$)|\s[-–—]\s)(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_WIDE: Final = re.compile("[\u00a0\u2009\u202f]")
_SAID: Final = re.compile(r"(?P<who>.{1,120}?):(?:\s|$)(?P<text>.*)$", re.DOTALL)
_BACK: Final = timedelta(days=1)
_MARKED: Final = 100
"""Characters at a message's end in which the app's mark stands; the rest isn't searched for it."""
_SHORT: Final = 300
_LONGEST: Final = 1_000_000
"""Characters of one message that are held; what is longer is no message anyway."""

_EDITED: Final = re.compile(
    "(?:\\s*\u200e<[^<>\n]{1,60}>"
    "|\\s*<(?:This message was edited|(?:这条|此)?消息(?:已经?过?|已)编辑|此訊息已編輯)\\.?>)\\s*$"
)
_OMITTED: Final = re.compile(
    r"<[^<>\n]{1,80}>"
    r"|(?:image|video|video note|audio|gif|sticker|document|contact card) omitted"
    r"|.{0,200}document omitted"
    r"|(?:图像|图片|视频|音频|贴图|文档|文件|GIF ?动态图|联系人名片)已(?:被)?(?:忽略|省略)"
    r"|(?:圖片|影片|音訊|貼圖|文件|GIF)已(?:略去|忽略)"
    r"|(?-i:null)|(?:this message was deleted|you deleted this message|message deleted)\.?"
    r"|(?:这|此)条?消息已(?:被)?删除。?|您?你?已?删除了?(?:这|此)条?消息。?"
    r"|此訊息已刪除。?|你已刪除此訊息。?",
    re.IGNORECASE,
)
_ATTACHED: Final = re.compile(r"[^\n:]{1,200}\.\w{2,5} [(（][^()（）\n]{1,40}[)）](?:\n|$)")
_NOTICE: Final = re.compile(
    r"end-to-end encrypted|端到端加密|端對端加密|cifrados de extremo a extremo"
    r"|Ende-zu-Ende-verschlüsselt|chiffrés de bout en bout",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a phone writes the beginnings of messages."""

    bracket: bool
    sign: str
    seconds: bool
    half: bool

    @classmethod
    def of(cls, found: re.Match[str]) -> _Manner:
        return cls(
            found["open"] is not None,
            found["s"].strip(),
            found["second"] is not None,
            bool(found["h1"] or found["h2"]),
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """What the whole file tells: the manner of its lines, and the order of its dates.

    Args:
        sure: whether the dates left no other order.
    """

    manner: _Manner
    order: Order
    sure: bool


def _head(line: str) -> re.Match[str] | None:
    if len(line) > 200:  # the beginning is short; a long line is not searched whole
        found = _HEAD.match(_WIDE.sub(" ", line[:200]) + line[200:])
    else:
        found = _HEAD.match(_WIDE.sub(" ", line))
    if found is None or (found["open"] is not None) != (found["close"][0] == "]"):
        return None
    return found


def looks_like_chat(line: str) -> bool:
    """Whether a line begins as a message does."""
    return _head(line) is not None


def shape_of(files: Files, name: str, options: Options) -> Shape:
    """Reads the whole chat for its manner and the order of its dates.

    Raises:
        BadRequest: no line of it begins as a message does.
    """
    manners: Counter[_Manner] = Counter()
    votes: dict[_Manner, OrderVote] = {}
    for _, line in lines(files, name, options.encoding, "the chat"):
        found = _head(line)
        if found is not None:
            manner = _Manner.of(found)
            manners[manner] += 1
            votes.setdefault(manner, OrderVote()).add(Moment.of(found.groupdict()))
    if not manners:
        raise unreadable(
            "the file", "has no line that begins as a WhatsApp message does",
            "Name its format with `--format`.",
        )  # fmt: skip
    manner, _ = manners.most_common(1)[0]
    order, sure = votes[manner].decide()
    return Shape(manner, options.dates or order, sure or bool(options.dates))


def messages(files: Files, name: str, options: Options, shape: Shape) -> Iterator[Imported]:
    """The messages of a chat, in its order."""
    chat = files.stem if name.rsplit("/", 1)[-1] == "_chat.txt" else name.rsplit("/", 1)[-1]
    chat = name_of(chat.removesuffix(".txt"))
    held: _Held | None = None
    for number, line in lines(files, name, options.encoding, "the chat"):
        begun = _begun(line, number, options, shape, held.at if held else None)
        if begun is not None:
            if held is not None:
                yield from held.finished(chat, options.me)
            held = begun
        elif held is not None:
            held.add(line)
    if held is not None:
        yield from held.finished(chat, options.me)


@dataclass(slots=True)
class _Held:
    """A message whose end isn't known yet."""

    at: datetime
    number: int
    rest: str
    more: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, line: str) -> None:
        self.size += len(line) + 1
        if self.size <= _LONGEST:
            self.more.append(line)

    def finished(self, chat: str, me: str) -> Iterator[Imported]:
        said = _SAID.match(self.rest)
        if said is None:
            return  # the app's own words
        first = said["text"]
        if first.startswith("\u200e") or _NOTICE.search(first[:200]):
            return  # so on iOS, where they stand under somebody's name
        text = "\n".join((first, *self.more)).rstrip()
        text = text[:-_MARKED] + _EDITED.sub("", text[-_MARKED:])
        text = clean(_ATTACHED.sub("", text, count=1) if _ATTACHED.match(text) else text)
        if text and not (len(text) <= _SHORT and _OMITTED.fullmatch(text)):
            yield Imported(chat, self.at, speaker_of(said["who"], me), text, f"line {self.number}")


def _begun(
    line: str, number: int, options: Options, shape: Shape, above: datetime | None
) -> _Held | None:
    """The message that a line begins; None where it goes on with the one above."""
    found = _head(line)
    if found is None or _Manner.of(found) != shape.manner:
        return None
    at = Moment.of(found.groupdict()).at(shape.order, options.zone)
    if at is None or (above is not None and at < above - _BACK):
        return None
    rest = line[len(line) - len(found["rest"]) :]
    return _Held(at, number, rest)
