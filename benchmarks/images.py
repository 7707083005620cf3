"""Pictures with planted values: how many can still be read after redaction, as a table.

`python -m benchmarks.images` draws chat screenshots, letters and forms in English
and Chinese with values that Faker makes up, redacts each, and reads it again with
tesseract in other settings than the redaction uses; `--write` puts the table into
docs/privacy-images.md, between its marks. A value counts as readable where most of
it stands in what was read. Only values count that could be read before.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faker import Faker
from PIL import Image, ImageDraw, ImageFont, ImageOps

from metier.model import BadRequest
from metier.privacy import Detector, Vault, hide_everything
from metier.privacy.images import Reader, find_reader, redact

PAGE = Path(__file__).parent.parent / "docs" / "privacy-images.md"
START, END = "<!-- figures: start -->\n", "<!-- figures: end -->"
HAN = ("wqy-microhei.ttc", "NotoSansCJK-Regular.ttc")
MOST = 0.6
"""So much of a value in a row, and it was read."""


@dataclass(frozen=True)
class Value:
    """A planted value and what kind it is."""

    kind: str
    text: str


@dataclass(frozen=True)
class Drawn:
    """A picture, what it says and what is planted in it."""

    scene: str
    language: str
    picture: Image.Image
    text: str
    values: tuple[Value, ...]
    form: str


@dataclass(frozen=True)
class Result:
    """One value: could it be read before and after, and is it found in the text itself?"""

    language: str
    scene: str
    kind: str
    before: bool
    after: bool
    found: bool


def values_of(language: str, fake: Faker) -> tuple[Value, ...]:
    if language == "zh":
        return (
            Value("name", fake.name()),
            Value("phone", fake.phone_number()),
            Value("e-mail", fake.ascii_email()),
            Value("id", fake.ssn()),
            Value("address", fake.street_address().strip()),
        )
    return (
        Value("name", f"{fake.first_name()} {fake.last_name()}"),
        Value("phone", fake.numerify("(2##) 555-01##")),
        Value("e-mail", fake.ascii_email()),
        Value("id", fake.ssn()),
        Value("address", fake.street_address()),
    )


def lines_of(scene: str, language: str, values: Sequence[Value]) -> list[str]:
    name, phone, mail, number, address = (v.text for v in values)
    match scene, language:
        case "form", "en":
            rows = [("Full name", name), ("Phone", phone), ("E-mail", mail), ("SSN", number),
                    ("Address", address), ("Reason for visit", "check-up")]  # fmt: skip
        case "form", "zh":
            rows = [("姓名", name), ("联系电话", phone), ("邮箱", mail), ("身份证号", number),
                    ("住址", address), ("就诊原因", "体检")]  # fmt: skip
        case "letter", "en":
            return [
                f"Dear {name},", "thank you for writing to us about your order.",
                f"We tried to call you at {phone}", f"and sent a message to {mail}.",
                f"Your social security number {number}", "is on file. The parcel goes to",
                f"{address}.", "Kind regards, the team",
            ]  # fmt: skip
        case "letter", "zh":
            return [
                f"{name}女士：", "您好，感谢您的来信。", f"我们拨打了您的电话{phone}，",
                f"也发了邮件到{mail}。", f"您的身份证号是{number}。", f"包裹将寄到{address}。",
                "此致敬礼",
            ]  # fmt: skip
        case _, "en":
            return [
                f"Hi, my name is {name}", "I have not received my parcel", f"call me: {phone}",
                f"or write to {mail}", f"my SSN is {number}", f"I live at {address}", "thanks!",
            ]  # fmt: skip
        case _:
            return [
                f"你好，我叫{name}", "我的包裹还没收到", f"电话：{phone}", f"邮箱：{mail}",
                f"身份证号{number}", f"我住在{address}", "谢谢！",
            ]  # fmt: skip
    return [f"{label}\t{value}" for label, value in rows]


def font(language: str, size: int) -> ImageFont.FreeTypeFont:
    if language == "zh":
        paths = [p for name in HAN for p in Path("/usr/share/fonts").rglob(name)]
        return ImageFont.truetype(paths[0], size)
    chosen = ImageFont.load_default(size)
    assert isinstance(chosen, ImageFont.FreeTypeFont)
    return chosen


def draw(
    scene: str, language: str, lines: Sequence[str], size: int, rng: random.Random
) -> Image.Image:
    high = int(size * 2.2)
    picture = Image.new("RGB", (size * 34 + 40, high * len(lines) + 40), "white")
    dark = rng.random() < 0.25
    ground, ink = ("#1b2733", "#e8e8e8") if dark else ("white", "#111111")
    picture.paste(ground, (0, 0, *picture.size))
    pen, letters = ImageDraw.Draw(picture), font(language, size)
    for number, line in enumerate(lines):
        top = 20 + number * high
        if scene == "chat":
            mine = number % 2 == 0
            wide = pen.textlength(line, letters)
            left = picture.width - 30 - wide if mine else 30
            bubble = ("#2b7de9" if mine else "#e9e9eb", "white" if mine else "black")
            box = (left - 10, top - 4, left + wide + 10, top + size * 1.5)
            pen.rounded_rectangle(box, 8, bubble[0])
            pen.text((left, top), line, bubble[1], letters)
        elif scene == "form":
            label, value = line.split("\t")
            pen.text((20, top), label, ink, letters)
            pen.text((20 + size * 11, top), value, ink, letters)
            pen.line((20, top + size * 1.7, picture.width - 20, top + size * 1.7), "#b0b0b0")
        else:
            pen.text((20, top), line, ink, letters)
    return picture


def pictures(count: int, seed: int) -> Iterator[Drawn]:
    rng = random.Random(seed)
    fakes = {"en": Faker("en_US"), "zh": Faker("zh_CN")}
    for each in fakes.values():
        each.seed_instance(seed)
    for number in range(count):
        language = ("en", "zh")[number % 2]
        scene = ("chat", "letter", "form")[number // 2 % 3]
        values = values_of(language, fakes[language])
        lines = lines_of(scene, language, values)
        picture = draw(scene, language, lines, rng.randint(10, 24), rng)
        text = "\n".join(line.replace("\t", ": ") for line in lines)
        form = "JPEG" if rng.random() < 0.3 else "PNG"
        yield Drawn(scene, language, picture, text, values, form)


def squeezed(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def readable(value: Value, language: str, seen: str) -> bool:
    """Whether most of a value stands in what was read; of a name, one of its words."""
    if value.kind == "name":
        words = [value.text] if language == "zh" else value.text.split()
        return any(squeezed(word) in seen for word in words)
    wanted = squeezed(value.text)
    size = max(4, round(MOST * len(wanted)))
    return any(wanted[i : i + size] in seen for i in range(len(wanted) - size + 1))


def second_look(picture: Image.Image, language: str) -> str:
    """All that tesseract reads with other settings than the redaction's, filled boxes cut out."""
    grey = ImageOps.autocontrast(picture.convert("L"))
    cut = picture.copy()
    cut.paste("white", mask=picture.convert("L").point(lambda v: 255 * (v < 6)))
    languages = "eng" if language == "en" else "chi_sim+eng"
    seen = []
    for mode, each in (("3", grey), ("6", grey), ("11", ImageOps.invert(grey)), ("11", cut)):
        larger = each.convert("L").resize(
            (each.width * 4, each.height * 4), Image.Resampling.BICUBIC
        )
        data = io.BytesIO()
        larger.save(data, "PNG")
        done = subprocess.run(
            ["tesseract", "stdin", "stdout", "--psm", mode, "-l", languages],
            input=data.getvalue(),
            capture_output=True,
            check=True,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
        seen.append(squeezed(done.stdout.decode("utf-8", "replace")))
    return " ".join(seen)


def measure(drawn: Drawn, reader: Reader, detector: Detector) -> tuple[list[Result], float | None]:
    data = io.BytesIO()
    drawn.picture.save(data, drawn.form)
    before = second_look(drawn.picture, drawn.language)
    seconds: float | None
    started = time.perf_counter()
    try:
        safe = redact(data.getvalue(), reader, detector, Vault.new().known, hide_everything)
        seconds = time.perf_counter() - started
        after = second_look(Image.open(io.BytesIO(safe.data)).convert("RGB"), drawn.language)
    except BadRequest:
        seconds, after = None, ""  # refused: nothing leaves
    spans = detector.detect(drawn.text, None)
    hidden = " ".join(squeezed(drawn.text[s.start : s.end]) for s in spans)
    return [
        Result(
            drawn.language, drawn.scene, v.kind, readable(v, drawn.language, before),
            readable(v, drawn.language, after), squeezed(v.text) in hidden.replace(" ", ""),
        )
        for v in drawn.values
    ], seconds  # fmt: skip


def table(results: Sequence[Result]) -> str:
    lines = [
        "| | planted | readable before | readable after | of these missed in plain text too |",
        "| --- | --- | --- | --- | --- |",
    ]
    kinds = ("name", "phone", "e-mail", "id", "address")
    groups = []
    for language in ("en", "zh"):
        for kind in kinds:
            mine = [r for r in results if (r.kind, r.language) == (kind, language)]
            groups.append((f"{kind}, {language}", mine))
    for scene in ("chat", "letter", "form"):
        groups.append((scene, [r for r in results if r.scene == scene]))
    for title, mine in [*groups, ("**all**", list(results))]:
        left = [r for r in mine if r.before and r.after]
        lines.append(
            f"| {title} | {len(mine)} | {sum(r.before for r in mine)} | {len(left)} | "
            f"{sum(not r.found for r in left)} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--show", action="store_true", help="print each value that is left")
    asked = parser.parse_args()
    reader = find_reader()
    if isinstance(reader, str):
        raise SystemExit(f"Pictures can't be read here: {reader}")
    detector = Detector()
    results: list[Result] = []
    spent: list[float] = []
    refused = 0
    for number, drawn in enumerate(pictures(asked.pictures, asked.seed)):
        found, seconds = measure(drawn, reader, detector)
        results += found
        if seconds is None:
            refused += 1
        else:
            spent.append(seconds)
        for value, result in zip(drawn.values, found, strict=True):
            if asked.show and result.before and result.after:
                print(
                    number, drawn.scene, drawn.language, value, "found" * result.found, flush=True
                )
    said = (
        f"Made by `python -m benchmarks.images --pictures {asked.pictures} --seed {asked.seed} "
        f"--write`; {asked.pictures} pictures, {refused} of them refused, "
        f"a median of {statistics.median(spent):.1f} s for one.\n\n"
    )
    print(said + table(results))
    if asked.write:
        page = PAGE.read_text("utf-8")
        head, rest = page.split(START)
        PAGE.write_text(f"{head}{START}{said}{table(results)}{END}{rest.split(END)[1]}", "utf-8")


if __name__ == "__main__":
    main()
