"""One form for what is learned: a header that people can read, and arrays; nothing to execute.

    8 bytes   "METIER1" and a line feed
    32 bytes  SHA-256 of all that follows
    4 bytes   length of the header, little-endian
    header    JSON in UTF-8; "kind" says what it is, "arrays" names the arrays in order
    body      the arrays one after the other, little-endian, in rows

Heads, learned personalizers and the vectors of a person are kept so. A file that isn't exactly
what was written is refused: of pickle, the usual form, any file may run any code when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from metier.model import MetierError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

MAGIC = b"METIER1\n"
_DIGEST = 32
_HEADER = 4
_MOST_HEADER = 1 << 20
_TYPES = {"int8": 1, "float16": 2, "float32": 4}
_MOST = 1 << 28


def pack(kind: str, header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """The bytes of something learned; the same for the same content.

    Args:
        kind: what it is, as "head".
        header: what JSON can hold.
        arrays: of int8, float16 or float32.
    """
    listed = [
        {"name": name, "type": str(array.dtype), "shape": list(array.shape)}
        for name, array in arrays.items()
    ]
    wrong = sorted({str(each["type"]) for each in listed} - set(_TYPES))
    if wrong:
        raise ValueError(f"arrays of {wrong[0]} are not kept")
    text = json.dumps(
        {"kind": kind, **header, "arrays": listed}, ensure_ascii=False, sort_keys=True
    ).encode()
    body = b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes("C")
                    for array in arrays.values())  # fmt: skip
    rest = len(text).to_bytes(_HEADER, "little") + text + body
    return MAGIC + hashlib.sha256(rest).digest() + rest


def unpack(kind: str, data: bytes) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    """The header and the arrays, all as float32.

    Raises:
        MetierError: it is of another kind or form, or not what was written.
    """
    import numpy as np

    start = len(MAGIC) + _DIGEST
    if data[: len(MAGIC)] != MAGIC:
        raise _broken("it doesn't begin as such a file does")
    if hashlib.sha256(data[start:]).digest() != data[len(MAGIC) : start]:
        raise _broken("its content doesn't match its SHA-256")
    length = int.from_bytes(data[start : start + _HEADER], "little")
    text = data[start + _HEADER : start + _HEADER + length]
    if length > _MOST_HEADER or len(text) != length:
        raise _broken("its header is cut off")
    header = _header(text)
    if header.get("kind") != kind:
        raise _broken(f"it is no {kind}")
    at = start + _HEADER + length
    arrays: dict[str, NDArray[np.float32]] = {}
    for name, form, shape in _listed(header):
        count = 1
        for side in shape:
            count *= side
        size = count * _TYPES[form]
        if count > _MOST or at + size > len(data):
            raise _broken("its arrays are cut off")
        found = np.frombuffer(data, np.dtype(form).newbyteorder("<"), count, at)
        arrays[name] = found.reshape(shape).astype(np.float32)
        if not np.isfinite(arrays[name]).all():
            raise _broken("it holds what is no number")
        at += size
    if at != len(data):
        raise _broken("there is more in it than its header names")
    return header, arrays


def _header(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError):
        raise _broken("its header is not JSON") from None
    if not isinstance(header, dict):
        raise _broken("its header is no object")
    return header


def _listed(header: Mapping[str, Any]) -> list[tuple[str, str, tuple[int, ...]]]:
    found = []
    try:
        for each in header["arrays"]:
            shape = tuple(each["shape"])
            good = len(shape) <= 2 and all(isinstance(n, int) and 0 <= n <= _MOST for n in shape)
            if not good or each["type"] not in _TYPES or not isinstance(each["name"], str):
                raise TypeError
            found.append((each["name"], str(each["type"]), shape))
    except (KeyError, TypeError, ValueError):
        raise _broken("its header doesn't list its arrays") from None
    return found


def _broken(problem: str) -> MetierError:
    return MetierError(
        f"What was learned can't be used: {problem}. Train it again, or restore the file; "
        "nothing is read from one that isn't as it was written.",
        code="bad_model",
    )


broken = _broken
