"""Pictures on their way in and out: limits before decoding, pixels and nothing else after."""

from __future__ import annotations

import io
import struct
import zlib

import pytest

from metier.model import BadRequest
from metier.privacy.images import MAX_BYTES, MAX_SIDE
from metier.privacy.images._picture import open_picture, write_picture

Image = pytest.importorskip("PIL.Image", reason="the extra metier[images] is not installed")
PngInfo = pytest.importorskip("PIL.PngImagePlugin").PngInfo

PLANTED = "zebulon.quartermain7@corp.example"
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def picture(size: tuple[int, int] = (40, 20), colour: str = "red") -> Image.Image:
    drawn = Image.new("RGB", size, "white")
    drawn.paste(colour, (0, 0, size[0] // 2, size[1]))
    return drawn


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def camera(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[MAKER], exif[ORIENTATION] = PLANTED, orientation
    exif.get_ifd(GPS).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return exif


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_nothing_but_pixels_comes_through(form: str) -> None:
    notes = PngInfo()
    notes.add_text("Author", PLANTED)
    notes.add_itxt("XML:com.adobe.xmp", PLANTED)
    options = {
        "JPEG": {"exif": camera(), "comment": PLANTED, "icc_profile": PLANTED.encode(), "xmp":
                 PLANTED.encode()},
        "PNG": {"exif": camera(), "pnginfo": notes, "icc_profile": PLANTED.encode()},
        "WEBP": {"exif": camera(), "xmp": PLANTED.encode(), "icc_profile": PLANTED.encode()},
        "GIF": {"comment": PLANTED},
    }[form]  # fmt: skip
    data = saved(picture(), form, **options) + PLANTED.encode()
    assert PLANTED.encode() in data
    opened, out = open_picture(data)
    written = write_picture(opened, out)
    assert out == ("JPEG" if form == "JPEG" else "PNG")
    with Image.open(io.BytesIO(written)) as again:
        again.load()
        assert again.size == (40, 20) and not again.getexif()
        assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for piece in (PLANTED.encode(), b"Exif", b"http", b"tEXt", b"iTXt", b"eXIf", b"iCCP", b"ICC"):
        assert piece not in written


def test_the_rotation_a_camera_noted_is_carried_out() -> None:
    opened, _ = open_picture(saved(picture(), "JPEG", exif=camera(orientation=6)))
    assert opened.size == (20, 40)
    red, white = opened.getpixel((10, 2)), opened.getpixel((10, 37))
    assert red[1] < 60 and white[1] > 200


def test_what_is_transparent_becomes_white() -> None:
    hidden = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    opened, _ = open_picture(saved(hidden))
    assert opened.getcolors() == [(400, (255, 255, 255))]
    palette = hidden.convert("P")
    palette.info["transparency"] = 0
    opened, _ = open_picture(saved(palette, transparency=0))
    assert opened.getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_pixel_becomes_red_green_blue(mode: str) -> None:
    opened, _ = open_picture(saved(Image.new(mode, (10, 10))))
    assert opened.mode == "RGB"


def test_a_large_picture_is_made_smaller() -> None:
    opened, _ = open_picture(saved(picture((MAX_SIDE * 2, 100))))
    assert opened.size == (MAX_SIDE, 50)


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is so large, and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data)
        )  # fmt: skip

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def moving() -> bytes:
    frames = [picture(colour=colour) for colour in ("red", "blue", "green")]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


BAD: dict[str, tuple[bytes, str]] = {
    "too many bytes": (b"\x89PNG" + bytes(MAX_BYTES), "MiB"),
    "too many pixels": (bomb(7_000, 7_000), "pixels"),
    "far too many pixels": (bomb(2**31 - 1, 2**31 - 1), "can't be"),
    "no picture": (PLANTED.encode(), "can't be decoded"),
    "nothing": (b"", "can't be decoded"),
    "cut off": (saved(picture((400, 400)))[:200], "can't be decoded"),
    "moving": (moving(), "moves"),
    "another format": (saved(picture(), "TIFF"), "can't be decoded"),
    "vectors": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "can't be decoded"),
    "too small": (saved(picture((2, 2))), "smaller than a letter"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_decoded_safely_is_refused(case: str) -> None:
    data, says = BAD[case]
    with pytest.raises(BadRequest, match=says) as error:
        open_picture(data)
    assert "Instead, " in error.value.message and PLANTED not in error.value.message
    assert error.value.code == "unsupported_content"
