"""What a message's content brings: text, and pictures, recordings and files given with it."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

from metier.model import Attachment
from metier.server._wire import refused_part, take, text_of

_DATA_URL = re.compile(r"data:([^,]{0,200}),", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_FORM = re.compile(r"[a-z0-9]{1,10}")
_DETAILS = frozenset(("auto", "low", "high"))
_ELSEWHERE: Final = (
    "its content is not in the request and nothing is fetched, so it can't be searched for "
    "personal data"
)
_NO_BASE64: Final = "its data is not valid base64, so it can't be searched for personal data"
_SUFFIXES: Final = {
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/html": ".html",
    "application/json": ".json",
    "application/pdf": ".pdf",
}


def content_of(value: Any, where: str) -> tuple[str, tuple[Attachment, ...]]:
    """Text and attachments of a user message's content.

    Raises:
        BadRequest: for parts of other types, and for what is not given inline.
    """
    if not isinstance(value, list):
        return text_of(value, where), ()
    texts: list[Any] = []
    attachments: list[Attachment] = []
    for part in value:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in ("image_url", "input_image"):
            attachments.append(_image(part, kind, where))
        elif kind == "input_audio":
            attachments.append(_audio(part, where))
        elif kind in ("file", "input_file"):
            attachments.append(_file(part, kind, where))
        else:
            texts.append(part)
    return text_of(texts, where), tuple(attachments)


def _image(part: Mapping[str, Any], kind: str, where: str) -> Attachment:
    url = part.get("image_url")
    holder = url if isinstance(url, dict) else {"url": url, "detail": part.get("detail")}
    detail = holder.get("detail")
    media_type, data = _inline(holder.get("url"), kind, where, bare=False)
    return Attachment("image", media_type, data, detail=detail if detail in _DETAILS else None)


def _audio(part: Mapping[str, Any], where: str) -> Attachment:
    sound = part.get("input_audio")
    holder = sound if isinstance(sound, dict) else part
    form = holder.get("format")
    if not isinstance(form, str) or not _FORM.fullmatch(form):
        form = "wav"
    _, data = _inline(holder.get("data"), "input_audio", where)
    return Attachment("audio", f"audio/{form}", data)


def _file(part: Mapping[str, Any], kind: str, where: str) -> Attachment:
    """A file without its name: of that only the ending is kept."""
    inner = part.get("file")
    holder = inner if kind == "file" and isinstance(inner, dict) else part
    media_type, data = _inline(holder.get("file_data"), kind, where)
    suffix = PurePath(take(holder, "filename", str, "")).suffix.lower()
    if not _SUFFIX.fullmatch(suffix):
        suffix = _SUFFIXES.get(media_type) or mimetypes.guess_extension(media_type) or ""
    return Attachment("file", media_type, data, suffix)


def _inline(value: Any, kind: str, where: str, bare: bool = True) -> tuple[str, bytes]:
    """Media type and bytes of a `data:` URL, or, where `bare`, of base64 alone."""
    if not isinstance(value, str) or not value:
        raise refused_part(kind, where, _ELSEWHERE)
    head = _DATA_URL.match(value)
    if head is None and (not bare or ":" in value[:20]):
        raise refused_part(kind, where, _ELSEWHERE)
    about = head[1].lower() if head else "base64"
    payload = value[head.end() :] if head else value
    media_type, *parameters = about.split(";")
    try:
        if head and "base64" not in parameters:
            raise ValueError
        return media_type, base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise refused_part(kind, where, _NO_BASE64) from None
