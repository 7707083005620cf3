"""From bytes to clean pixels and back: limits, upright, flat, without anything beside them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from metier.model import BadRequest

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2000
"""The longer side of what is sent; a larger picture is made smaller, as models do themselves."""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
"""What is decoded. Each decoder is code that strangers' bytes reach, so there are few."""

_SMALLEST = 3
_QUALITY = 90


def bad_picture(problem: str, mend: str) -> BadRequest:
    """Why a picture can't be taken; says nothing of what it shows."""
    return BadRequest(
        "A picture (`image_url`, `input_image`) can't be searched for personal data: "
        f"{problem}. Instead, {mend}.",
        code="unsupported_content",
    )


def open_picture(data: bytes) -> tuple[Image, str]:
    """The pixels of a picture as a person sees them, and the format to write them in.

    The size is read before anything is decoded. The rotation that a camera noted
    is carried out. What is transparent becomes white, since colours that nobody
    sees could hold text.

    Raises:
        BadRequest: too large, no picture of `FORMATS`, damaged, or moving.
    """
    from PIL import Image, ImageOps

    if len(data) > MAX_BYTES:
        raise bad_picture(
            f"it has more than {MAX_BYTES // 1024**2} MiB", "send a smaller copy of it"
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise bad_picture(
                    f"it has more than {MAX_PIXELS:,} pixels", "send a smaller copy of it"
                )
            if min(picture.size) < _SMALLEST:
                raise bad_picture("it is smaller than a letter", "leave it out")
            # Telephones add further views of the same scene to a JPEG (MPO): the first is it.
            if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
                raise bad_picture("it moves", "send one frame of it as PNG or JPEG")
            form = "JPEG" if picture.format in ("JPEG", "MPO") else "PNG"
            upright = ImageOps.exif_transpose(picture)
            flat = _flattened(upright)
    except BadRequest:
        raise
    except Exception as error:  # decoders raise anything on damaged bytes
        raise bad_picture(
            f"it can't be decoded ({type(error).__name__})",
            "save it again as PNG or JPEG and send that",
        ) from None
    flat.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return flat, form


def _flattened(picture: Image) -> Image:
    """A new RGB image: only pixels are copied, so nothing else comes along."""
    from PIL import Image

    clean = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        clean.paste(seen, mask=seen.getchannel("A"))
    else:
        clean.paste(picture.convert("RGB"))
    return clean


def write_picture(picture: Image, form: str) -> bytes:
    """The pixels as PNG or JPEG; no EXIF, colour profile, comment or thumbnail."""
    out = io.BytesIO()
    if form == "JPEG":
        picture.save(out, "JPEG", quality=_QUALITY)
    else:
        picture.save(out, "PNG")
    return out.getvalue()
