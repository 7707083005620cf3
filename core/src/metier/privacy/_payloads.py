"""Files inside text: what looks like one and was not searched may not leave."""

from __future__ import annotations

import hashlib
import re

_LEAST = 100
"""Base64 so short holds no picture with words in it."""
_BASE64 = r"[A-Za-z0-9+/_-]"
_DATA_URL = re.compile(rf"data:[^,\s]{{0,200}};base64,\s*{_BASE64}{{32}}", re.IGNORECASE)
_HEADS = (
    "iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "JVBERi0", "SUQz", "T2dnU", "UEsDB", "SUkqA", "TU0AK",
    "ZkxhQ",
)  # fmt: skip
"""How PNG, JPEG, GIF, RIFF (WebP, WAV), PDF, MP3, Ogg, ZIP (office), TIFF and FLAC begin."""
_MAGIC = re.compile(
    rf"(?<!{_BASE64})(?:{'|'.join(_HEADS)})(?:{_BASE64}|[\r\n]){{{_LEAST}}}"
)  # fmt: skip


def payload_digest(payload: str) -> str:
    """What a payload that was searched is known by."""
    return hashlib.sha256(payload.encode()).hexdigest()


def holds_payload(text: str) -> bool:
    """Whether a picture, a recording or a file stands in a text in base64.

    Example:
        >>> holds_payload("data:image/png;base64," + "iVBORw0KGgo" * 20)
        True
    """
    if len(text) < _LEAST // 3:
        return False
    # Looking for a plain string is many times quicker, and few texts have one of these.
    if ";base64," in text.lower() and _DATA_URL.search(text):
        return True
    return any(head in text for head in _HEADS) and _MAGIC.search(text) is not None
