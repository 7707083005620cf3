"""A parser of server-sent events that doesn't care how the bytes are cut.

Source: WHATWG HTML, 9.2 "Server-sent events". Only `data` fields matter here;
comments and other fields are skipped.
"""

from __future__ import annotations

from typing import Final

from metier.model import EngineError

_LIMIT: Final = 16 * 1024 * 1024
"""Bytes one event may have; more is a broken server, not an answer."""


class SseParser:
    """Turns pieces of a byte stream into the data of its events.

    It works on bytes: a line break is never part of a longer UTF-8 sequence, so
    characters may be split anywhere. Lines end in LF, CRLF or CR, also where CR
    and LF come in different pieces. Time and memory grow linearly with the input.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._data: list[bytes] = []
        self._line_size = 0
        self._data_size = 0
        self._after_cr = False
        self._at_start = True

    def feed(self, piece: bytes) -> list[bytes]:
        """Takes the next piece; returns the data of every event it completes.

        Raises:
            EngineError: "engine_protocol" where one event is larger than 16 MiB.
        """
        if not piece:
            return []
        if not (self._line or self._data or self._after_cr) and b"\r" not in piece:
            whole = piece.split(b"\n\n")  # events of one line each, as most servers send them
            if not whole.pop() and all(e.startswith(b"data: ") and b"\n" not in e for e in whole):
                self._at_start = False
                return [event[6:] for event in whole]
        if self._after_cr and piece.startswith(b"\n"):
            piece = piece[1:]
        self._after_cr = piece.endswith(b"\r")
        *lines, rest = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        events: list[bytes] = []
        for line in lines:
            self._line.append(line)
            self._take(b"".join(self._line), events)
            self._line.clear()
            self._line_size = 0
        if rest:
            self._line.append(rest)
            self._line_size += len(rest)
        if self._line_size + self._data_size > _LIMIT:
            raise EngineError(
                "The model server sent an event of more than 16 MiB. It doesn't speak the "
                "OpenAI protocol as expected.",
                code="engine_protocol",
            )
        return events

    def close(self) -> list[bytes]:
        """At the stream's end: an event whose last blank line the server left out."""
        events: list[bytes] = []
        if self._line:
            self._take(b"".join(self._line), events)
            self._line.clear()
        self._take(b"", events)
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if self._at_start:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._at_start = False
        if not line:
            if self._data:
                events.append(b"\n".join(self._data))
                self._data.clear()
                self._data_size = 0
            return
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._data_size += len(value)
