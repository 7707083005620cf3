"""The elements of a JSON list, one by one, without holding the list.

The whole file of somebody's conversations may have gigabytes; one conversation has not. The
stream is cut at the ends of values of the outer list by their brackets alone (RFC 8259,
section 2), and each value is then parsed as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from metier.profile.importing._item import Limits, unreadable

_OUTSIDE: Final = re.compile(rb'["{}\[\]]')
_INSIDE: Final = re.compile(rb'["\\]')
_OPENS: Final = frozenset(b"{[")


def elements(pieces: Iterator[bytes], limits: Limits, where: str) -> Iterator[dict[str, Any]]:
    """The objects of a list, of one object, or of objects one after the other (JSON lines).

    Args:
        where: what the file is, for errors.

    Raises:
        BadRequest: it is no JSON, holds something else than objects, is nested too deeply, one
            of its objects is too large, or it ends too soon; naming the element by number.
    """
    for number, raw in enumerate(_cut(pieces, limits, where), 1):
        yield _parsed(raw, f"{where}, element {number},")


def _parsed(raw: bytes, where: str) -> dict[str, Any]:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:  # which takes half characters, that exports do hold
            value = json.loads(raw)
        except (ValueError, RecursionError):
            raise unreadable(where, "is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise unreadable(where, "is not an object")
    return value


def _cut(pieces: Iterator[bytes], limits: Limits, where: str) -> Iterator[bytes]:
    """The bytes of each outermost object, whether or not a list is around them."""
    held = bytearray()
    depth = base = number = 0  # `base` is 1 within an outer list
    text = escaped = listed = False
    for piece in pieces:
        position = start = 0
        while position < len(piece):
            if escaped:
                escaped, position = False, position + 1
                continue
            found = (_INSIDE if text else _OUTSIDE).search(piece, position)
            end = len(piece) if found is None else found.start()
            if depth == base:
                _only_between(piece[position:end], where, number)
            if found is None:
                break
            mark, position = piece[end], found.end()
            if text:
                escaped = mark == 0x5C
                text = mark == 0x5C
                continue
            if mark == 0x22:
                if depth == base:
                    raise unreadable(f"{where}, element {number + 1},", "is not an object")
                text = True
            elif mark in _OPENS:
                if mark == 0x5B and depth == base:
                    if listed or number or base:
                        raise unreadable(f"{where}, element {number + 1},", "is not an object")
                    depth = base = 1
                    listed = True
                    continue
                if depth == base:
                    start = end
                depth += 1
                if depth - base > limits.depth:
                    raise unreadable(
                        f"{where}, element {number + 1},",
                        f"is nested more than {limits.depth} levels deep",
                    )
            else:
                depth -= 1
                if depth < base:
                    if depth < 0 or mark != 0x5D:
                        raise unreadable(where, "has brackets that don't match")
                    base = 0
                elif depth == base:
                    held += piece[start:position]
                    number += 1
                    yield bytes(held)
                    held.clear()
                    start = position
        if depth > base:
            held += piece[start:]
            if len(held) > limits.element:
                raise unreadable(
                    f"{where}, element {number + 1},",
                    f"is larger than {limits.element // 1024**2} MiB",
                )
    if depth or text:
        raise unreadable(
            where, f"ends in the middle of element {number + 1}: it is cut off", "Export it again."
        )


_BETWEEN: Final = re.compile(rb"[\s,]*")


def _only_between(gap: bytes, where: str, number: int) -> None:
    if not _BETWEEN.fullmatch(gap):
        raise unreadable(f"{where}, element {number + 1},", "is not an object, or no JSON")
