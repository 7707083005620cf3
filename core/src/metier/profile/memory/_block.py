"""Blocks: memories as they are stored. Compressed, ready for the index, sealed by the caller.

A block is a header, a zlib stream of JSON with what is text, one of numbers
(words of each memory, flags, times), and the vectors as int8. Words and vectors
are made when a block is written, so that opening one parses nothing.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from metier.encoder import Terms
from metier.model import MetierError
from metier.profile.memory._memory import Memory, sentences
from metier.profile.memory._when import times
from metier.profile.memory._words import document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAGIC = b"metiermb"
_VERSION = 1
_HEADER = struct.Struct("<8sHIIIIIII")
_LARGEST = 1 << 28
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIMENSIONS = 384
ASKS, TIME, NUMBER = 1, 2, 4
"""Marks of a memory: it asks something, names a time, holds a number."""
NO_VECTOR, PLAIN, IN_CONTEXT = 0, 1, 2
"""What the vector of a memory is of: its own text, or also what was said before it."""
_TIME = re.compile(
    r"\b(?:yesterday|today|tonight|tomorrow|ago|since|morning|recently|last|next"
    r"|(?:week|weekend|month|year|season)s?|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tues?|thurs?"
    r"|january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:19|20)\d\d)\b|[昨今明前]天|[今去前明]年|[上这下本]个?(?:周|月|星期|礼拜)|\d+[年月日号]|[一二三四五六七八九十]月"
    r"|最近|刚刚|星期|周[一二三四五六日末]|以?前|晚上|早上",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|once|twice|second|third|several"
    r"|dozen)\b|[一二两三四五六七八九十百千万几][个次天年月只条本位岁块元]",
    re.I,
)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """An opened block: columns, one entry a memory.

    `words`, `often` and `starts` hold the words of all memories one after the
    other: memory i has `words[starts[i]:starts[i + 1]]`, places in `vocabulary`.
    """

    ids: list[str]
    turns: list[str]
    texts: list[str]
    conversations: list[str]
    domains: list[str]
    speakers: list[str]
    categories: list[tuple[str, ...]]
    sources: list[str]
    vocabulary: list[str]
    at: NDArray[np.int64]
    starts: NDArray[np.int64]
    words: NDArray[np.int32]
    often: NDArray[np.uint8]
    asking: NDArray[np.uint8]
    marks: NDArray[np.uint8]
    spans: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    vectors: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.ids)

    def memory(self, place: int) -> Memory:
        """The memory at a place."""
        return Memory(
            self.ids[place], self.turns[place], self.conversations[place], self.domains[place],
            self.speakers[place], self.texts[place],
            _EPOCH + timedelta(microseconds=int(self.at[place])),
            self.categories[place], self.sources[place],
        )  # fmt: skip

    def memories(self) -> tuple[Memory, ...]:
        """All of them, in the order they were packed."""
        return tuple(self.memory(place) for place in range(len(self)))

    def every_vector(self) -> dict[int, NDArray[np.float32]]:
        """The vectors, as they were kept, by place; without the places that have none."""
        import numpy as np

        kept = self.vectors.astype(np.float32) / 127
        places = np.flatnonzero(self.kinds != NO_VECTOR).tolist()
        return dict(zip(places, kept, strict=True))


def pack(
    memories: Sequence[Memory],
    vectors: Sequence[NDArray[np.float32] | None] | NDArray[np.float32] | None,
    terms: Terms,
    *,
    in_context: bool | Sequence[bool] = False,
) -> bytes:
    """The bytes of a block; the caller seals them.

    Args:
        memories: in the order they were said.
        vectors: one each, of length 1, or None where there is none (yet, or because the
            encoder doesn't support the text).
        terms: cuts texts into words.
        in_context: whether the vectors are of `contexts(memories)` rather than of the texts
            alone; consolidation encodes those that are not.

    Raises:
        MetierError: a vector is missing from the list or not of 384 numbers.
    """
    import numpy as np

    count = len(memories)
    given: list[Any] = [None] * count if vectors is None else list(vectors)
    contexts = [in_context] * count if isinstance(in_context, bool) else list(in_context)
    if len(given) != count or len(contexts) != count:
        raise MetierError(
            f"{count} memories and {len(given)} vectors; give one each, or None.",
            code="memory_unusable",
        )
    vocabulary: dict[str, int] = {}
    words, often, sizes = [], [], []
    for memory in memories:
        counted = Counter(document(memory.text, terms))
        sizes.append(len(counted))
        words += [vocabulary.setdefault(word, len(vocabulary)) for word in counted]
        often += [min(n, 255) for n in counted.values()]
    kept = [_quantised(v) for v in given if v is not None]
    numbers = (
        np.array([_micro(m.at) for m in memories], np.int64),
        np.array(sizes, np.int32),
        np.array(words, np.int32),
        np.array(often, np.uint8),
        np.array([_asking(m.text) for m in memories], np.uint8),
        np.array([_marks(m.text) for m in memories], np.uint8),
        np.array([_span(m) for m in memories], np.float64).reshape(count, 2),
        np.array(
            [
                NO_VECTOR if v is None else IN_CONTEXT if context else PLAIN
                for v, context in zip(given, contexts, strict=True)
            ],
            np.uint8,
        ),
    )
    meta = orjson.dumps(
        {
            "ids": [m.id for m in memories],
            "turns": _table([m.turn for m in memories]),
            "texts": [m.text for m in memories],
            "conversations": _table([m.conversation for m in memories]),
            "domains": _table([m.domain for m in memories]),
            "speakers": _table([m.speaker for m in memories]),
            "categories": _table([m.categories for m in memories]),
            "sources": _table([m.source for m in memories]),
            "vocabulary": list(vocabulary),
        }
    )
    raw = b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in numbers)
    texts, packed = zlib.compress(meta), zlib.compress(raw)
    body = texts + packed + b"".join(kept)
    header = _HEADER.pack(
        _MAGIC, _VERSION, zlib.crc32(body), len(texts), len(packed), len(meta), len(raw), count,
        len(words),
    )  # fmt: skip
    return header + body


def unpack(data: bytes) -> Block:
    """Opens a block.

    Raises:
        MetierError: it is no block, or a broken one; the message holds nothing of it.
    """
    try:
        return _unpack(data)
    except (
        struct.error, zlib.error, orjson.JSONDecodeError, ValueError, KeyError, TypeError,
        IndexError, OverflowError,
    ) as error:  # fmt: skip
        raise MetierError(
            "A block of memories can't be read: it is broken, or of another version. Restore it "
            "from a backup, or delete this person's memories.",
            code="memory_broken",
        ) from error


def _unpack(data: bytes) -> Block:
    import numpy as np

    magic, version, check, texts, packed, meta_size, raw_size, count, total = _HEADER.unpack_from(
        data
    )
    body = memoryview(data)[_HEADER.size :]
    if magic != _MAGIC or version != _VERSION or zlib.crc32(body) != check:
        raise ValueError("not a block")
    meta = orjson.loads(_inflate(body[:texts], meta_size))
    raw = _inflate(body[texts : texts + packed], raw_size)
    at = 0

    def take(kind: str, length: int) -> NDArray[Any]:
        nonlocal at
        array = np.frombuffer(raw, np.dtype(kind), length, at)
        at += array.nbytes
        return array

    moments, sizes = take("<i8", count), take("<i4", count)
    words, often = take("<i4", total), take("u1", total)
    asking, marks = take("u1", count), take("u1", count)
    spans, kinds = take("<f8", 2 * count).reshape(count, 2), take("u1", count)
    vectors = np.frombuffer(body[texts + packed :], np.int8)
    block = Block(
        meta["ids"], _column(meta["turns"]), meta["texts"], _column(meta["conversations"]),
        _column(meta["domains"]), _column(meta["speakers"]),
        [tuple(c) for c in _column(meta["categories"])], _column(meta["sources"]),
        meta["vocabulary"], moments, np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
        words, often, asking, marks, spans, kinds,
        vectors.reshape(int(np.count_nonzero(kinds)), _DIMENSIONS),
    )  # fmt: skip
    columns = (block.ids, block.turns, block.texts, block.conversations, block.domains)
    if any(len(c) != count for c in (*columns, block.speakers, block.categories, block.sources)):
        raise ValueError("columns of different lengths")
    if total and not 0 <= int(words.min()) <= int(words.max()) < len(block.vocabulary):
        raise ValueError("words that are not there")
    return block


def _inflate(data: memoryview, size: int) -> bytes:
    """Decompresses to exactly `size` bytes; more is refused rather than held in memory."""
    if size > _LARGEST:
        raise ValueError("too large")
    stream = zlib.decompressobj()
    found = stream.decompress(data, size + 1)
    if len(found) != size:
        raise ValueError("not the size it says")
    return found


def _table(values: Sequence[Any]) -> list[Any]:
    """A column of few values: those, and which one each entry has."""
    places: dict[Any, int] = {}
    entries = [places.setdefault(value, len(places)) for value in values]
    return [list(places), entries]


def _column(table: list[Any]) -> list[Any]:
    values, entries = table
    return [values[entry] for entry in entries]


def _micro(at: datetime) -> int:
    moment = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _quantised(vector: NDArray[np.float32]) -> bytes:
    import numpy as np

    if vector.shape != (_DIMENSIONS,) or not np.isfinite(vector).all():
        raise MetierError(
            f"A memory's vector must have {_DIMENSIONS} finite numbers.", code="memory_unusable"
        )
    return np.clip(np.rint(vector * 127), -127, 127).astype(np.int8).tobytes()


def _asking(text: str) -> int:
    """Which share of a text is questions, of 255."""
    asked = sum(len(s) for s in sentences(text) if s.rstrip().endswith(("?", "？")))
    return round(255 * asked / len(text)) if text else 0


def _marks(text: str) -> int:
    found = ASKS if "?" in text or "？" in text else 0
    return found | (TIME if _TIME.search(text) else 0) | (NUMBER if _NUMBER.search(text) else 0)


def _span(memory: Memory) -> tuple[float, float]:
    """The first time that a memory names, as seen from when it was said; zeros for none."""
    found = times(memory.text, memory.at)
    return (found[0].begin, found[0].end) if found else (0.0, 0.0)
