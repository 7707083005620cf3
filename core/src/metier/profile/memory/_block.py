"""Blocks: memories as they are stored. Compressed, ready for the index, sealed by the caller.

A block is a header; a zlib stream of JSON with names and words; one of numbers
(whose text it is, times, marks); the words of each memory; the vectors as int8;
and the texts, compressed some dozens at a time, so that a search decompresses
those of what it finds. Words and vectors are made when a block is written, so
that opening one parses no text.
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
_HEADER = struct.Struct("<8sHIIIIIIII")
_LARGEST = 1 << 28
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIMENSIONS = 384
_TEXTS = 64
"""Texts that are compressed together."""
_COLUMNS = ("turn", "conversation", "domain", "speaker", "categories", "source")
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
class Column:
    """A column of few values: those, and which one each memory has."""

    values: list[Any]
    places: NDArray[np.int32]

    def __getitem__(self, place: int) -> Any:
        return self.values[self.places[place]]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """An opened block: columns, one entry a memory.

    `words`, `often` and `starts` hold the words of all memories one after the
    other: memory i has `words[starts[i]:starts[i + 1]]`, places in `vocabulary`.
    """

    ids: list[str]
    columns: dict[str, Column]
    vocabulary: list[str]
    at: NDArray[np.int64]
    starts: NDArray[np.int64]
    words: NDArray[np.uint16] | NDArray[np.int32]
    often: NDArray[np.uint8]
    asking: NDArray[np.uint8]
    marks: NDArray[np.uint8]
    spans: NDArray[np.float64]
    kinds: NDArray[np.uint8]
    vectors: NDArray[np.int8]
    _packed: list[tuple[memoryview, int]]
    _texts: dict[int, list[str]]

    def __len__(self) -> int:
        return len(self.ids)

    def text(self, place: int) -> str:
        """The text at a place."""
        chunk, within = divmod(place, _TEXTS)
        if chunk not in self._texts:
            self._texts[chunk] = orjson.loads(_inflate(*self._packed[chunk]))
        return self._texts[chunk][within]

    def memory(self, place: int) -> Memory:
        """The memory at a place."""
        turn, conversation, domain, speaker, categories, source = (
            column[place] for column in self.columns.values()
        )
        return Memory(
            self.ids[place], turn, conversation, domain, speaker, self.text(place),
            _EPOCH + timedelta(microseconds=int(self.at[place])), tuple(categories), source,
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
    columns = {name: _table([getattr(m, name) for m in memories]) for name in _COLUMNS}
    numbers = (
        np.array([_micro(m.at) for m in memories], "<i8"),
        np.array(sizes, "<i4"),
        np.array([_asking(m.text) for m in memories], "u1"),
        np.array([_marks(m.text) for m in memories], "u1"),
        np.array([_span(m) for m in memories], "<f8").reshape(count, 2),
        np.array(
            [
                NO_VECTOR if v is None else IN_CONTEXT if context else PLAIN
                for v, context in zip(given, contexts, strict=True)
            ],
            "u1",
        ),
        *(np.array(entries, "<i4") for _, entries in columns.values()),
    )
    told = [
        orjson.dumps([m.text for m in memories[start : start + _TEXTS]])
        for start in range(0, count, _TEXTS)
    ]
    texts = [zlib.compress(chunk) for chunk in told]
    meta = orjson.dumps(
        {
            "ids": [m.id for m in memories],
            "columns": {name: values for name, (values, _) in columns.items()},
            "vocabulary": list(vocabulary),
            "texts": [[len(c), len(t)] for c, t in zip(texts, told, strict=True)],
        }
    )
    raw = b"".join(array.tobytes() for array in numbers)
    packed_meta, packed_raw = zlib.compress(meta), zlib.compress(raw)
    body = b"".join(
        (
            packed_meta,
            packed_raw,
            np.array(words, _word_kind(len(vocabulary))).tobytes(),
            np.array(often, "u1").tobytes(),
            *kept,
            *texts,
        )
    )
    header = _HEADER.pack(
        _MAGIC, _VERSION, zlib.crc32(body), len(packed_meta), len(packed_raw), len(meta),
        len(raw), count, len(words), len(kept),
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

    magic, version, check, metas, raws, meta_size, raw_size, count, total, with_vector = (
        _HEADER.unpack_from(data)
    )
    body = memoryview(data)[_HEADER.size :]
    if magic != _MAGIC or version != _VERSION or zlib.crc32(body) != check:
        raise ValueError("not a block")
    meta = orjson.loads(_inflate(body[:metas], meta_size))
    raw = memoryview(_inflate(body[metas : metas + raws], raw_size))
    rest = body[metas + raws :]
    numbers, tail = _Reader(raw), _Reader(rest)
    at, sizes = numbers.take("<i8", count), numbers.take("<i4", count)
    asking, marks = numbers.take("u1", count), numbers.take("u1", count)
    spans, kinds = numbers.take("<f8", 2 * count).reshape(count, 2), numbers.take("u1", count)
    columns = {name: Column(meta["columns"][name], numbers.take("<i4", count)) for name in _COLUMNS}
    words = tail.take(_word_kind(len(meta["vocabulary"])), total)
    often = tail.take("u1", total)
    vectors = tail.take("i1", with_vector * _DIMENSIONS).reshape(with_vector, _DIMENSIONS)
    texts = []
    for length, size in meta["texts"]:
        texts.append((rest[tail.at : tail.at + length], size))
        tail.at += length
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    if (
        len(meta["ids"]) != count
        or starts[-1] != total
        or np.count_nonzero(kinds) != with_vector
        or len(texts) != -(-count // _TEXTS)
        or not all(_within(c.places, len(c.values)) for c in columns.values())
        or not _within(words, len(meta["vocabulary"]))
    ):
        raise ValueError("parts that do not fit each other")
    return Block(
        meta["ids"], columns, meta["vocabulary"], at, starts, words, often, asking, marks,
        spans, kinds, vectors, texts, {},
    )  # fmt: skip


@dataclass(slots=True)
class _Reader:
    """Takes arrays from bytes, one after the other."""

    data: memoryview
    at: int = 0

    def take(self, kind: str, length: int) -> NDArray[Any]:
        import numpy as np

        array: NDArray[Any] = np.frombuffer(self.data, np.dtype(kind), length, self.at)
        self.at += array.nbytes
        return array


def _within(places: NDArray[Any], count: int) -> bool:
    return not len(places) or 0 <= int(places.min()) <= int(places.max()) < count


def _word_kind(vocabulary: int) -> str:
    return "<u2" if vocabulary <= 65536 else "<i4"


def _inflate(data: memoryview, size: int) -> bytes:
    """Decompresses to exactly `size` bytes; more is refused rather than held in memory."""
    if size > _LARGEST:
        raise ValueError("too large")
    stream = zlib.decompressobj()
    found = stream.decompress(data, size + 1)
    if len(found) != size:
        raise ValueError("not the size it says")
    return found


def _table(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    places: dict[Any, int] = {}
    entries = [places.setdefault(value, len(places)) for value in values]
    return list(places), entries


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
