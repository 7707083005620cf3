"""What a message's content brings: text, and pictures, recordings and files given with it."""

from __future__ import annotations

import base64
import binascii
import mimetypes
import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

from metier.model import Attachment, BadRequest
from metier.server._fields import known_keys
from metier.server._wire import HINTS, refused_part, take, text_of

_DATA_URL = re.compile(r"data:([^,]{0,200}),", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")
_FORM = re.compile(r"[a-z0-9]{1,10}")
_DETAILS = ("auto", "low", "high")
_FILE = ("filename", "file_data", "file_id", "file_url")
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
    known_keys(part, ("type", "image_url", "detail", "file_id", *HINTS), where)
    url = part.get("image_url")
    holder = url if isinstance(url, dict) else {"url": url, "detail": part.get("detail")}
    known_keys(holder, ("url", "detail"), where)
    detail = holder.get("detail")
    if detail not in (None, *_DETAILS):
        raise BadRequest(f"{where}: `detail` must be one of {', '.join(_DETAILS)}.", param=where)
    media_type, data = _inline(holder.get("url"), kind, where, bare=False)
    return Attachment("image", media_type, data, detail=detail)


def _audio(part: Mapping[str, Any], where: str) -> Attachment:
    sound = part.get("input_audio")
    known_keys(part, ("type", "input_audio", "data", "format", *HINTS), where)
    holder = sound if isinstance(sound, dict) else part
    known_keys(holder, ("type", "data", "format", *HINTS), where)
    form = holder.get("format", "wav")
    if not isinstance(form, str) or not _FORM.fullmatch(form):
        raise BadRequest(f'{where}: `format` must be one such as "wav" or "mp3".', param=where)
    _, data = _inline(holder.get("data"), "input_audio", where)
    return Attachment("audio", f"audio/{form}", data)


def _file(part: Mapping[str, Any], kind: str, where: str) -> Attachment:
    """A file without its name: of that only the ending is kept."""
    known_keys(part, ("type", "file", *_FILE, *HINTS), where)
    inner = part.get("file")
    holder = inner if kind == "file" and isinstance(inner, dict) else part
    known_keys(holder, ("type", *_FILE, *HINTS), where)
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
