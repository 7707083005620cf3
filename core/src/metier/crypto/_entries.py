"""Entries of a roster that lie in parts, of tables that grow with each conversation.

The roster is one sealed text, so that no entry can be put back alone. Within it a part stays
the bytes that it came as until one of its rows is asked for: of somebody with ten thousand
conversations a turn reads and makes two parts anew, and copies the others.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from zlib import crc32

import orjson

_FULL = 64
"""Entries of a part, in the middle; beyond that all are dealt out to twice as many parts."""

Pair = Sequence[int]


class Parted(MutableMapping[str, Pair]):
    """Entries by row."""

    __slots__ = ("_count", "_parts")

    def __init__(self, parts: Sequence[bytes | dict[str, Pair]] = (b"{}",), count: int = 0) -> None:
        """`parts`: a power of two of them, as `lines` gave them; `count`: of all entries."""
        self._parts = list(parts)
        self._count = count

    @classmethod
    def of(cls, entries: MutableMapping[str, Pair]) -> Parted:
        """The same entries in parts."""
        if isinstance(entries, cls):
            return cls(entries._parts, entries._count)
        parted = cls()
        parted.update(entries)
        return parted

    def lines(self) -> list[bytes]:
        """Each part as JSON, which has no line break."""
        return [p if isinstance(p, bytes) else orjson.dumps(p) for p in self._parts]

    def __getitem__(self, row: str) -> Pair:
        return self._part(self._place(row))[row]

    def __setitem__(self, row: str, pair: Pair) -> None:
        place = self._place(row)
        part = dict(self._part(place))  # others may hold the one that is there
        self._count += row not in part
        part[row] = pair
        self._parts[place] = part
        if self._count > _FULL * len(self._parts):
            self._deal(2 * len(self._parts))

    def __delitem__(self, row: str) -> None:
        place = self._place(row)
        part = dict(self._part(place))
        del part[row]
        self._parts[place] = part
        self._count -= 1

    def __iter__(self) -> Iterator[str]:
        for place in range(len(self._parts)):
            yield from self._part(place)

    def __len__(self) -> int:
        return self._count

    def _place(self, row: str) -> int:
        if not isinstance(row, str):  # in SQLite a column may hold anything
            raise KeyError(row)
        return crc32(row.encode("utf-8", "surrogatepass")) & (len(self._parts) - 1)

    def _part(self, place: int) -> dict[str, Pair]:
        part = self._parts[place]
        if isinstance(part, bytes):
            part = self._parts[place] = orjson.loads(part)
        return part

    def _deal(self, many: int) -> None:
        entries = dict(self.items())
        parts: list[dict[str, Pair]] = [{} for _ in range(many)]
        self._parts = list(parts)
        for row, pair in entries.items():
            parts[self._place(row)][row] = pair
