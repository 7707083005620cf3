"""Tesseract as a program: a picture goes in through a pipe, words with their places come out.

Nothing is written to the disk. (pytesseract puts each picture into a temporary file, in
clear, so it isn't used.)
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from metier.privacy._vault import PrivacyError

if TYPE_CHECKING:
    from PIL.Image import Image

_NEEDED = ("eng", "chi_sim")
_WELCOME = ("chi_tra",)
_SECONDS = 60.0
_MOST_SIDE = 4500
_SCALE = 3.0
"""Letters of 10 points on a screen are 7 pixels high; tesseract wants 20."""
_TURNED_SCALE = 2.0
SURE = 60.0
"""A word read with this certainty was read."""
_VERY_SURE = 85.0
_MORE = 1.5
"""So many times the letters of another side, and it is the upper one."""
UPRIGHT = 2
"""So many looks come first in which the picture isn't turned."""
_FAINT = 12
"""How much a letter differs from its ground at least, of 255; less is noise."""
_COARSE = 8
"""Pixels that count as one where the ground is looked for."""
_COLUMNS = 12
_WORD_LEVEL = "5"


Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


@dataclass(frozen=True, slots=True, repr=False)
class Word:
    """A word that was read.

    Args:
        text: what it says.
        seen: its box in the picture as tesseract was shown it, where text lies level.
        box: its box in the picture itself.
        sure: 0 to 100.
        line: the line it stands in, by tesseract's reckoning; equal for words of one line.
    """

    text: str
    seen: Box
    box: Box
    sure: float
    line: tuple[str, ...]


Reading = tuple[Word, ...]
"""The words of one look at a picture, in the order they were read."""


class Looks(NamedTuple):
    """What several looks at a picture showed.

    Args:
        readings: of each look.
        angle: how far the picture has to be turned, counter-clockwise, for most of its
            text to lie level.
    """

    readings: list[Reading]
    angle: int


class Places:
    """Where words stand, to ask what else was read at a place."""

    def __init__(self, words: Sequence[Word]) -> None:
        import numpy as np

        self._boxes = np.array([w.box for w in words], dtype=float).reshape(-1, 4)
        self._sure = np.array([w.sure for w in words], dtype=float)

    def surer_than(self, word: Word) -> bool:
        """Whether a word that was read with at least this certainty shares half of its place."""
        left, top, right, bottom = word.box
        boxes = self._boxes[self._sure >= word.sure]
        wide = (boxes[:, 2].clip(max=right) - boxes[:, 0].clip(min=left)).clip(min=0)
        high = (boxes[:, 3].clip(max=bottom) - boxes[:, 1].clip(min=top)).clip(min=0)
        area = (right - left) * (bottom - top)
        return bool((wide * high > area / 2).any())


@dataclass(frozen=True, slots=True)
class Reader:
    """A tesseract that can be used.

    Args:
        program: its path.
        languages: those it reads, joined with "+".
    """

    program: str
    languages: str

    def read(self, picture: Image, turned: bool = True) -> Looks:
        """Reads a picture: as it is, as black on white, and, where `turned`, on each other side.

        Upright text that is read lying down gives words too, so of a turned look
        only those count that the first two didn't read with more certainty.

        Raises:
            PrivacyError: the program failed or took too long.
        """
        looks = [(_larger(picture, _SCALE), "3", 0), (_outlined(_larger(picture, _SCALE)), "11", 0)]
        if turned:
            smaller = _larger(picture, _TURNED_SCALE)
            looks += [(rotated(smaller, angle), "11", angle) for angle in (90, 180, 270)]
        with ThreadPoolExecutor(2) as pool:
            tables = list(pool.map(lambda look: self._run(look[0], look[1]), looks))
        readings = [
            _reading(table, prepared, angle, picture.width)
            for (prepared, _, angle), table in zip(looks, tables, strict=True)
        ]
        # Only looks of one mode are compared: the first turns blocks of text by itself.
        letters = {
            angle: sum(len(w.text) for w in reading if w.sure >= _VERY_SURE)
            for (_, mode, angle), reading in zip(looks, readings, strict=True)
            if mode == "11"
        }
        best = max(letters, key=lambda angle: letters[angle])
        return Looks(
            _agreed(readings[:UPRIGHT], readings[UPRIGHT:]),
            best if letters[best] > _MORE * letters[0] else 0,
        )

    def _run(self, prepared: Image, mode: str) -> str:
        data = io.BytesIO()
        prepared.save(data, "PPM")  # uncompressed, which is quickest through a pipe
        command = [self.program, "stdin", "stdout", "--psm", mode, "--dpi", "300"]
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and no argument is of the request
                [*command, "-l", self.languages, "tsv"],
                input=data.getvalue(),
                capture_output=True,
                timeout=_SECONDS,
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PrivacyError("Reading the picture ran out of time; nothing was sent") from None
        except OSError as error:
            raise PrivacyError(
                f"tesseract can't be run ({type(error).__name__}); nothing was sent"
            ) from None
        if done.returncode != 0:
            raise PrivacyError(f"tesseract failed ({done.returncode}); nothing was sent")
        return done.stdout.decode("utf-8", "replace")


def _agreed(upright: list[Reading], turned: list[Reading]) -> list[Reading]:
    """Readings without words of the wrong side up: one place is read one way only.

    In doubt a word stays: it is dropped where another look is sure of the place.
    """
    level = Places([w for reading in upright for w in reading if w.sure >= SURE])
    sides = [tuple(w for w in r if w.sure >= SURE and not level.surer_than(w)) for r in turned]
    lying = Places([w for reading in sides for w in reading if w.sure >= _VERY_SURE])
    return [
        *(tuple(w for w in r if w.sure >= SURE or not lying.surer_than(w)) for r in upright),
        *sides,
    ]


def find_reader() -> Reader | str:
    """The text recogniser of this machine, or what is missing, as a clause."""
    if find_spec("PIL") is None:
        return "the extra is not installed (pip install 'metier[images]')"
    program = shutil.which("tesseract")
    if program is None:
        return "the program tesseract is not installed (on Debian: tesseract-ocr)"
    try:
        listed = subprocess.run(  # noqa: S603 - a fixed command
            [program, "--list-langs"], capture_output=True, timeout=_SECONDS, check=True, text=True
        ).stdout.split()
    except (OSError, subprocess.SubprocessError) as error:
        return f"the program tesseract can't be run ({type(error).__name__})"
    lacking = [name for name in _NEEDED if name not in listed]
    if lacking:
        # Read as English, Chinese is noise in which nothing is found.
        return f"tesseract lacks the languages {', '.join(lacking)} (on Debian: " + (
            ", ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in lacking) + ")"
        )
    return Reader(program, "+".join((*_NEEDED, *(w for w in _WELCOME if w in listed))))


def _larger(picture: Image, most: float) -> Image:
    from PIL import Image

    scale = max(1.0, min(most, _MOST_SIDE / max(picture.size)))
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.convert("L").resize(size, Image.Resampling.LANCZOS)


def _outlined(grey: Image) -> Image:
    """How much each pixel differs from its ground, dark on white, as strong as it can be.

    So white letters on a coloured ground, faint ones and dark ones look alike.
    The ground is the median of a neighbourhood, of which letters cover less than half.
    """
    import numpy as np
    from PIL import Image, ImageChops, ImageFilter

    small = (max(1, grey.width // _COARSE), max(1, grey.height // _COARSE))
    ground = grey.resize(small, Image.Resampling.BOX).filter(ImageFilter.MedianFilter(9))
    differs = ImageChops.difference(grey, ground.resize(grey.size, Image.Resampling.BILINEAR))
    strongest = differs.reduce(_COARSE).filter(ImageFilter.MaxFilter(9)).resize(grey.size)
    ink = np.asarray(differs, dtype=np.float32)
    ink /= np.asarray(strongest, dtype=np.float32).clip(min=_FAINT)
    return Image.fromarray((255 - 255 * ink.clip(max=1)).astype(np.uint8))


def rotated(picture: Image, angle: int) -> Image:
    """A picture turned counter-clockwise by 0, 90, 180 or 270 degrees."""
    from PIL.Image import Transpose

    if not angle:
        return picture
    turn = {90: Transpose.ROTATE_90, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_270}
    return picture.transpose(turn[angle])


def _reading(table: str, prepared: Image, angle: int, width: int) -> Reading:
    """The words of tesseract's table (TSV) about a prepared picture."""
    by = width / (prepared.height if angle in (90, 270) else prepared.width)
    words = []
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != _WORD_LEVEL or not cells[11].strip():
            continue
        left, top, wide, high = map(int, cells[6:10])
        seen = (left, top, left + wide, top + high)
        x0, y0, x1, y1 = _turned_back(seen, prepared, angle)
        box = (x0 * by, y0 * by, x1 * by, y1 * by)
        words.append(Word(cells[11].strip(), seen, box, float(cells[10]), tuple(cells[2:5])))
    return tuple(words)


def _turned_back(box: Box, prepared: Image, angle: int) -> Box:
    """A box in a picture that was turned counter-clockwise, at its place before that."""
    wide, high = prepared.size
    left, top, right, bottom = box
    match angle:
        case 90:
            return high - bottom, left, high - top, right
        case 180:
            return wide - right, high - bottom, wide - left, high - top
        case 270:
            return top, wide - right, bottom, wide - left
        case _:
            return box
