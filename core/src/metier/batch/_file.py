"""The file of requests: one JSON object a line, as OpenAI's Batch API has it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from metier.model import BadRequest

MOST_BYTES = 16 * 1024 * 1024
"""Of one line; more than a request may hold anywhere."""
_LONGEST_ID = 512
_MARK = b"\xef\xbb\xbf"
"""A byte order mark, which some editors put before UTF-8."""
_FIELDS = frozenset({"custom_id", "method", "url", "body"})


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One request of a batch.

    Args:
        place: its number in the file, from 1.
        custom_id: what its answer is found by.
        start, size: where its bytes are in the file.
    """

    place: int
    custom_id: str
    start: int
    size: int


@dataclass(frozen=True, slots=True, repr=False)
class Batch:
    """A file of requests, checked as far as that needs no engine.

    Args:
        digest: SHA-256 of the file in hex; an unfinished run goes on with the same file only.
        lines: its requests, in its order. Their bodies stay in the file.
    """

    path: Path
    digest: str
    lines: tuple[Line, ...]

    def load(self, line: Line) -> dict[str, Any]:
        """The request of a line.

        Raises:
            BadRequest: the file was changed since it was read.
        """
        with self.path.open("rb") as file:
            file.seek(line.start)
            data = file.read(line.size)
        try:
            found = orjson.loads(data.removeprefix(_MARK))
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or found.get("custom_id") != line.custom_id:
            raise BadRequest(
                f"line {line.place} is another than when the run began. Leave the file as it is "
                "while it is answered.",
                code="batch_changed",
            )
        return found


def read_batch(path: Path) -> Batch:
    """Reads a file of requests. Empty lines are passed over.

    What is wrong with a single body is told in that line's answer, as it would be by a server.
    What leaves a line without an answer that could be found is refused here, before anything
    is sent.

    Raises:
        BadRequest: naming the line, never what is in it: it is no JSON object in UTF-8, is too
            large, has no `custom_id` or that of a line before, or a field that nobody reads.
    """
    digest, start = hashlib.sha256(), 0
    lines: list[Line] = []
    seen: dict[str, int] = {}
    with path.open("rb") as file:
        # A line is taken to just beyond what it may have, however long it is.
        for place, data in enumerate(iter(lambda: file.readline(MOST_BYTES + 1), b""), 1):
            digest.update(data)
            if data.strip():
                custom_id = _custom_id(data, place)
                if custom_id in seen:
                    raise _wrong(
                        place, f"its `custom_id` is that of line {seen[custom_id]}; give each one "
                        "of its own"
                    )  # fmt: skip
                seen[custom_id] = place
                lines.append(Line(place, custom_id, start, len(data)))
            start += len(data)
    if not lines:
        raise BadRequest("The file holds no request.", code="bad_batch")
    return Batch(path, digest.hexdigest(), tuple(lines))


def _custom_id(data: bytes, place: int) -> str:
    if len(data) > MOST_BYTES:
        raise _wrong(place, f"it is larger than {MOST_BYTES:,} bytes")
    try:
        found = orjson.loads(data.removeprefix(_MARK) if place == 1 else data)
    except orjson.JSONDecodeError:
        raise _wrong(place, "it is no JSON in UTF-8; a request is one object on one line") from None
    if not isinstance(found, dict):
        raise _wrong(place, "it is no JSON object")
    if found.keys() - _FIELDS:
        raise _wrong(
            place, "it has a field besides `custom_id`, `method`, `url` and `body`; leave it out"
        )
    custom_id = found.get("custom_id")
    if not isinstance(custom_id, str) or not 0 < len(custom_id) <= _LONGEST_ID:
        raise _wrong(place, f"it needs a `custom_id`, a text of 1 to {_LONGEST_ID} characters")
    return custom_id


def _wrong(place: int, what: str) -> BadRequest:
    return BadRequest(f"Line {place} of the file: {what}.", code="bad_batch")
