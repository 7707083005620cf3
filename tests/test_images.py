"""Pictures through a whole turn: what is planted in them is not in what the model server gets.

They need the program tesseract with English and Chinese; `.ci/run` installs it.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from served import CHAT, RESPONSES, Client, client_of, engine, problem
from test_leaks_generated import texts_of
from toy import Gardening

from metier.model import EgressBlocked, EntityAction
from metier.privacy import Detector, Vault, hide_everything
from metier.privacy.images import Reader, find_reader, redact
from metier_testing.upstream import RecordingUpstream

FOUND = find_reader()
READER = FOUND if isinstance(FOUND, Reader) else None
HAN_FONTS = [
    path
    for folder in (Path("/usr/share/fonts"), Path("/Library/Fonts"), Path("C:/Windows/Fonts"))
    for name in ("wqy-microhei.ttc", "NotoSansCJK-Regular.ttc", "msyh.ttc")
    for path in folder.rglob(name)
]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(READER is None, reason=f"pictures can't be read here: {FOUND}"),
]
chinese = pytest.mark.skipif(not HAN_FONTS, reason="no font with Chinese characters is installed")

LETTER = [
    "Dear Zebulon Quartermain,",
    "your phone number is +44 20 7946 0958,",
    "e-mail zebulon.quartermain7@corp.example",
    "IBAN DE89 3704 0044 0532 0130 00.",
    "The roses will be pruned in spring.",
]
PLANTED = ["Zebulon", "Quartermain", "7946", "0958", "corp.example", "0044", "0532"]
ZH_LETTER = [
    "患者姓名：王丽华",
    "联系电话：13800138000",
    "身份证号：11010519491231002X",
    "地址：北京市海淀区中关村大街27号",
    "月季在春天修剪。",
]
ZH_PLANTED = ["王丽华", "丽华", "13800138000", "11010519491231002X", "中关村", "27号"]
INK = "#222222"
"""So that letters are told from what is painted over them."""


def drawn(lines: Sequence[str], size: int = 18, ink: str = INK, ground: str = "white") -> Any:
    from PIL import Image, ImageDraw, ImageFont

    han = any(c >= "\u4e00" for line in lines for c in line)
    font = ImageFont.truetype(HAN_FONTS[0], size) if han else ImageFont.load_default(size)
    high = int(size * 1.8)
    picture = Image.new("RGB", (size * 26 + 40, high * len(lines) + 40), ground)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((20, 20 + number * high), line, ink, font)
    return picture


def saved(picture: Any, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(data)).convert("RGB")


def read(data: bytes) -> str:
    """All that any look at a picture shows, boxes filled or cut out, without spaces."""
    from PIL import ImageChops

    assert READER is not None
    picture = opened(data)
    cut = picture.copy()
    cut.paste("white", mask=ImageChops.invert(picture.convert("L").point(lambda v: 255 * (v > 2))))
    readings = [r for each in (picture, cut) for r in READER.read(each).readings]
    return " ".join("".join(word.text for word in reading) for reading in readings)


def redacted(picture: Any, vault: Vault | None = None, action: Any = hide_everything) -> bytes:
    assert READER is not None
    known = (vault or Vault.new()).known
    return redact(saved(picture), READER, Detector(), known, action).data


def left(data: bytes, planted: Sequence[str]) -> list[str]:
    seen = read(data)
    return [value for value in planted if value in seen]


@pytest.mark.parametrize("size", [10, 13, 18, 24])
def test_an_english_letter_loses_its_values_and_keeps_its_words(size: int) -> None:
    assert left(saved(drawn(LETTER, size)), ["Quartermain", "7946"])  # they could be read before
    data = redacted(drawn(LETTER, size))
    assert not left(data, PLANTED)
    assert left(data, ["phone", "roses"]) == ["phone", "roses"]


@chinese
@pytest.mark.parametrize("size", [12, 16, 24])
def test_a_chinese_form_loses_its_values_and_keeps_its_words(size: int) -> None:
    assert left(saved(drawn(ZH_LETTER, size)), ["13800138000"])
    data = redacted(drawn(ZH_LETTER, size))
    assert not left(data, ZH_PLANTED)
    assert left(data, ["电话", "春天"]) == ["电话", "春天"]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [("white", "black"), ("white", "#2b7de9"), ("#9a9a9a", "white"), ("#ffd54f", "#37474f")],
)
def test_the_colours_of_letters_and_ground_do_not_matter(ink: str, ground: str) -> None:
    assert not left(redacted(drawn(LETTER, 16, ink, ground)), PLANTED)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_picture_lying_on_its_side_is_read_too(angle: int) -> None:
    turned = drawn(LETTER).rotate(angle, expand=True)
    assert left(saved(turned), ["Quartermain"])
    assert not left(redacted(turned), PLANTED)


@chinese
def test_a_chinese_picture_lying_on_its_side_is_read_too() -> None:
    assert not left(redacted(drawn(ZH_LETTER, 20).rotate(90, expand=True)), ZH_PLANTED)


def test_a_form_is_read_in_rows() -> None:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (760, 220), "white")
    draw = ImageDraw.Draw(picture)
    rows = [("Patient", "Oluwaseun Adeyemi-Brown"), ("MRN", "00482913"), ("Crop", "Roses")]
    for number, (label, value) in enumerate(rows):
        draw.text((30, 30 + 60 * number), label, "black", ImageFont.load_default(20))
        draw.text((400, 30 + 60 * number), value, "black", ImageFont.load_default(20))
    data = redacted(picture)
    assert not left(data, ["Oluwaseun", "Adeyemi", "00482913"]) and left(data, ["Patient"])


def test_an_address_whose_stop_was_lost_in_reading_is_painted_over() -> None:
    """At ten pixels `gmail.com` was read as `gmailcom`, which is no domain."""
    data = redacted(drawn(["write to tammygarcia@gmailcom", "about the roses"]))
    assert not left(data, ["tammy", "garcia", "gmail"]) and left(data, ["roses"])


def test_noise_comes_to_an_end() -> None:
    """Tesseract sees new words in every look at a photograph's grain."""
    from PIL import Image

    grain = Image.effect_noise((320, 240), 90).convert("RGB")
    assert opened(redacted(grain)).size == grain.size


def test_a_name_known_from_the_words_is_found_in_the_picture() -> None:
    from metier.privacy import Hidden

    picture = drawn(["water the tralvik beds", "two beds of roses"])
    assert left(redacted(picture), ["tralvik"])  # by itself it is no name
    vault = Vault.new().adding([Hidden("PERSON", "Tamsin Tralvik")])
    data = redacted(picture, vault)
    assert not left(data, ["tralvik"]) and left(data, ["roses"])


def test_what_policy_keeps_stays_and_what_it_blocks_stops_the_turn() -> None:
    def keep(entity: str) -> EntityAction:
        return EntityAction("keep" if entity == "PERSON" else "pseudonymise", "test")

    data = redacted(drawn(LETTER), action=keep)
    assert left(data, ["Quartermain"]) and not left(data, ["7946", "corp.example"])

    def block(entity: str) -> EntityAction:
        return EntityAction("block", "test")

    with pytest.raises(EgressBlocked):
        redacted(drawn(LETTER), action=block)


def test_a_picture_without_values_keeps_its_pixels() -> None:
    from PIL import ImageChops

    picture = drawn(["The roses will be pruned in spring.", "Water them in the morning."])
    assert ImageChops.difference(picture, opened(redacted(picture))).getbbox() is None


def test_boxes_are_filled_and_nothing_of_what_was_there_is_left() -> None:
    picture = drawn(["e-mail zebulon.quartermain7@corp.example"], 24)
    data = opened(redacted(picture))
    blank = opened(saved(drawn(["e-mail"], 24))).crop((0, 0, *picture.size))
    changed = [
        (x, y)
        for x in range(100, picture.width)
        for y in range(picture.height)
        if picture.getpixel((x, y)) != blank.getpixel((x, y))
    ]
    assert changed and all(data.getpixel(place) == (0, 0, 0) for place in changed)


def test_a_recogniser_that_fails_stops_the_turn(tmp_path: Path) -> None:
    from metier.privacy import PrivacyError

    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    for reader in (Reader(str(program), "eng"), Reader(str(tmp_path / "none"), "eng")):
        with pytest.raises(PrivacyError):
            redact(saved(drawn(LETTER)), reader, Detector(), Vault.new().known, hide_everything)


@pytest.mark.parametrize("lacking", ["chi_sim", "eng"])
def test_a_recogniser_without_a_language_is_none(
    lacking: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tesseract"
    listed = "\n".join({"eng", "chi_sim", "osd"} - {lacking})
    program.write_text(f"#!/bin/sh\necho '{listed}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    said = find_reader()
    assert isinstance(said, str) and lacking in said


# --- a whole turn ------------------------------------------------------------------------


@pytest.fixture
async def upstream() -> AsyncIterator[RecordingUpstream]:
    async with RecordingUpstream(split="char") as server:
        yield server


@pytest.fixture
async def client(open_metier: Any, upstream: RecordingUpstream) -> AsyncIterator[Client]:
    async with client_of(await open_metier(Gardening(), engine=engine(upstream.base_url))) as found:
        yield found


def asked(path: str, data: bytes, text: str = "What does the letter say?") -> dict[str, Any]:
    url = f"data:image/png;base64,{base64.b64encode(data).decode()}"
    if path == CHAT:
        image: dict[str, Any] = {"type": "image_url", "image_url": {"url": url, "detail": "high"}}
    else:
        image = {"type": "input_image", "image_url": url, "detail": "high"}
    content = [{"type": "text" if path == CHAT else "input_text", "text": text}, image]
    field = "messages" if path == CHAT else "input"
    return {"model": "gardening", field: [{"role": "user", "content": content}]}


def sent_picture(raw: bytes) -> bytes:
    (part,) = [
        part
        for message in json.loads(raw)["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "image_url"
    ]
    assert part["image_url"]["detail"] == "high"
    return base64.b64decode(part["image_url"]["url"].partition(",")[2])


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
async def test_the_model_gets_the_picture_without_its_values(
    client: Client, upstream: RecordingUpstream, path: str
) -> None:
    upstream.reply_with("Roses are pruned in spring.")
    answer = await client.post(path, json=asked(path, saved(drawn(LETTER))))
    assert answer.status_code == 200 and "pruned in spring" in answer.text
    picture = sent_picture(upstream.requests[-1])
    assert not left(picture, PLANTED) and left(picture, ["phone"])


@chinese
async def test_the_model_gets_a_chinese_picture_without_its_values(
    client: Client, upstream: RecordingUpstream
) -> None:
    upstream.reply_with("春天修剪。")
    answer = await client.post(CHAT, json=asked(CHAT, saved(drawn(ZH_LETTER)), "信里说了什么？"))
    assert answer.status_code == 200
    assert not left(sent_picture(upstream.requests[-1]), ZH_PLANTED)


async def test_a_name_in_the_words_is_hidden_in_both_and_restored(
    client: Client, upstream: RecordingUpstream
) -> None:
    upstream.reply_with(lambda body: next(
        word for m in body["messages"][::-1] if isinstance(m["content"], list)
        for word in m["content"][0]["text"].split() if word.startswith("<PERSON_")
    ))  # fmt: skip
    body = asked(CHAT, saved(drawn(["water the tralvik beds"])),
                 "My name is Tamsin Tralvik . Which beds are mine?")  # fmt: skip
    answer = await client.post(CHAT, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["choices"][0]["message"]["content"] == "Tamsin Tralvik"
    assert "Tralvik" not in texts_of(upstream.requests[-1])
    assert not left(sent_picture(upstream.requests[-1]), ["tralvik"])


async def test_a_camera_s_notes_are_left_behind(
    client: Client, upstream: RecordingUpstream
) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "zebulon-camera", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})
    data = saved(drawn(LETTER).rotate(90, expand=True), "JPEG", exif=exif, quality=95)
    assert b"zebulon-camera" in data
    assert (await client.post(CHAT, json=asked(CHAT, data))).status_code == 200
    picture = sent_picture(upstream.requests[-1])
    assert b"zebulon-camera" not in picture and b"Exif" not in picture
    assert not left(picture, PLANTED) and left(picture, ["phone"])  # upright, as the camera noted


async def test_a_picture_that_cannot_be_read_is_refused(
    client: Client, upstream: RecordingUpstream
) -> None:
    error = problem(await client.post(CHAT, json=asked(CHAT, b"no picture at all")), 400)
    assert "can't be decoded" in error["message"] and not upstream.requests


async def test_a_picture_is_read_once_a_turn_while_nothing_new_is_known(
    open_metier: Any, upstream: RecordingUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    from metier.pipeline import _attachments

    looks = []

    def counted(*arguments: Any) -> Any:
        looks.append(1)
        return redact(*arguments)

    monkeypatch.setattr(_attachments, "redact", counted)
    upstream.tool_call("water", {"plant": "rose"})
    app = await open_metier(Gardening(), engine=engine(upstream.base_url))
    async with client_of(app) as client:
        answer = await client.post(CHAT, json=asked(CHAT, saved(drawn(["roses"]))))
    assert answer.status_code == 200 and len(upstream.requests) == 2 and len(looks) == 1
