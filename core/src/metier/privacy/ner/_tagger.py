"""Runs the exported network and joins what it says of word pieces to spans."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from metier.model import MetierError
from metier.privacy.ner._text import TYPES, Pieces, cut, windows

Point = Literal["precision", "balanced", "recall"]
Floats = npt.NDArray[np.float32]
Found = tuple[int, int, str, float]
"""Start, end, type and probability."""

_GLUE = frozenset("-'’.‘&")


class ModelError(MetierError):
    """The model's files are missing, changed, or of another version."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The name model can't be used: {what}. Install metier again, or set "
            '`privacy.names = "rules"` in metier.toml to do without it.',
            code="name_model",
        )


def _verified(folder: Path, name: str, expected: str) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"{name} can't be read ({error.strerror})") from None
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(f"{name} is not the file that ner.json describes")
    return content


class NameTagger:
    """Persons, places, organisations and street addresses in English text.

    Holds nothing of what it reads; may be used by several threads at once.

    Args:
        folder: with `ner.onnx`, `tokenizer.json` and `ner.json`, which holds the
            SHA-256 of both.

    Raises:
        ModelError: a file is missing or is not the one that `ner.json` describes.
    """

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        try:
            self.card: Mapping[str, Any] = json.loads((folder / "ner.json").read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"ner.json can't be read ({type(error).__name__})") from None
        sums = self.card["sha256"]
        graph = _verified(folder, "ner.onnx", sums["ner.onnx"])
        pieces = _verified(folder, "tokenizer.json", sums["tokenizer.json"])
        options = onnxruntime.SessionOptions()
        # One thread a call: calls of several requests share the cores better than one splits them.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_buffer(pieces)
        self._edges = [self.tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]")]
        self._factor = np.float32(1 / self.card["temperature"])
        self._limits = {
            point: np.array([limits[kind] for kind in TYPES], np.float32)
            for point, limits in self.card["points"].items()
        }

    def spans(self, text: str, point: Point = "balanced") -> list[Found]:
        """What is found in `text` at an operating point, in order, not overlapping."""
        pieces = cut(self.tokenizer, text)
        if not pieces.ids:
            return []
        limits = self._limits[point]
        mass, begins = self.words(pieces)
        if not (mass >= limits).any():
            return []
        return joined(text, pieces.places, mass, begins, limits)

    def words(self, pieces: Pieces) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """Each word's probability of each type, and whether it begins a span of it.

        Shapes: (words, types) for both arrays; the words are those of `pieces.places`.
        """
        chances = self.logits(pieces) * self._factor
        chances -= chances.max(-1, keepdims=True)
        np.exp(chances, out=chances)
        chances /= chances.sum(-1, keepdims=True)
        firsts = np.array(pieces.firsts)
        # A word's first piece says whether it begins a span; all its pieces say of which type.
        begin, inside = chances[:, 1::2], chances[:, 2::2]
        mass = begin + inside
        if len(firsts) < len(mass):
            sizes = np.diff(firsts, append=len(mass))[:, None]
            mass = (np.add.reduceat(mass, firsts) / sizes).astype(np.float32)
        return mass, begin[firsts] > inside[firsts]

    def logits(self, pieces: Pieces) -> Floats:
        """What the network says of each piece, from the window that sees most around it.

        Shape: (pieces, labels).
        """
        count = len(pieces.ids)
        places = list(windows(count))
        if len(places) == 1:
            return self._run(pieces, 0, count)
        result = np.zeros((count, len(self.card["labels"])), np.float32)
        margin = np.full(count, -1)
        for start, end in places:
            here = self._run(pieces, start, end)
            at = np.arange(start, end)
            left = at - start if start else np.full(end - start, count)
            right = end - 1 - at if end < count else np.full(end - start, count)
            room = np.minimum(left, right)
            better = room > margin[start:end]
            result[start:end][better] = here[better]
            margin[start:end][better] = room[better]
        return result

    def _run(self, pieces: Pieces, start: int, end: int) -> Floats:
        first, last = self._edges
        ids = np.array([[first, *pieces.ids[start:end], last]], np.int64)
        shapes = np.array([[0, *pieces.shapes[start:end], 0]], np.int64)
        feed = {"input_ids": ids, "shape_ids": shapes}
        logits: Floats = self._session.run(None, feed)[0][0, 1:-1]
        return logits


def joined(
    text: str,
    words: Sequence[tuple[int, int]],
    mass: Floats,
    begins: npt.NDArray[np.bool_],
    limits: Floats,
) -> list[Found]:
    """Joins words to spans.

    A word belongs to its likeliest type if that reaches the type's limit. A
    mark glued between two words of one type belongs to it too. A span never
    starts or ends with a word without letters and digits.
    """
    best = mass.argmax(1)
    chance = mass[np.arange(len(best)), best]
    kinds: list[int] = np.where(chance >= limits[best], best, -1).tolist()
    for i in range(1, len(kinds) - 1):
        around = kinds[i - 1]
        if around < 0 or around != kinds[i + 1] or around == kinds[i]:
            continue
        start, end = words[i]
        glued = words[i - 1][1] == start and words[i + 1][0] == end
        if glued and text[start:end] in _GLUE:
            kinds[i] = around
    found: list[Found] = []
    i = 0
    while i < len(kinds):
        kind = kinds[i]
        if kind < 0:
            i += 1
            continue
        j = i + 1
        while j < len(kinds) and kinds[j] == kind and not _breaks(words, begins, j, kind):
            j += 1
        a, b = i, j
        while a < b and not any(c.isalnum() for c in text[slice(*words[a])]):
            a += 1
        while b > a and not any(c.isalnum() for c in text[slice(*words[b - 1])]):
            b -= 1
        if a < b:
            score = float(chance[a:b].mean())
            start, end = _within(text, words[a][0], words[b - 1][1])
            found.append((start, end, TYPES[kind], score))
        i = j
    return found


def _within(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the signs around it, where it has them at both ends ("£0©")."""
    if not (text[start].isalnum() or text[end - 1].isalnum()):
        while not text[start].isalnum():
            start += 1
        while not text[end - 1].isalnum():
            end -= 1
    return start, end


def _breaks(
    words: Sequence[tuple[int, int]], begins: npt.NDArray[np.bool_], at: int, kind: int
) -> bool:
    """Whether a word starts a span of its own though the word before is of its type too."""
    glued = words[at - 1][1] == words[at][0]
    return bool(begins[at, kind]) and not glued
