"""Runs the exported tagger as an application would, and marks it.

python -m training.ner.evaluate --model FOLDER --tokenizer tokenizer.json --data DATA

`Ner` is the reference: what any other implementation has to reproduce. It
needs numpy, onnxruntime and tokenizers alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer
from training.ner import data
from training.ner.data import Doc
from training.ner.text import TYPES, Pieces, cut, windows

CLS, SEP = 101, 102
_GLUE = frozenset("-'’.‘&")
Found = tuple[int, int, str, float]


class Ner:
    """Args: folder: with `ner.onnx` and `ner.json`; tokenizer: MiniLM's `tokenizer.json`."""

    def __init__(self, folder: Path, tokenizer: Path, threads: int = 1) -> None:
        self.card = json.loads((folder / "ner.json").read_text("utf-8"))
        graph = (folder / "ner.onnx").read_bytes()
        if hashlib.sha256(graph).hexdigest() != self.card["sha256"]["ner.onnx"]:
            raise ValueError("ner.onnx is not the file that ner.json describes")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()

    def spans(self, text: str, point: str = "balanced") -> list[Found]:
        """Start, end, type and probability of each span at an operating point."""
        pieces = cut(self.tokenizer, text)
        if not pieces.ids:
            return []
        words, mass, begins = self.words(pieces)
        limits = np.array([self.card["points"][point][kind] for kind in TYPES])
        return spans(text, words, mass, begins, limits)

    def words(self, pieces: Pieces) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
        """Each word's place, its probability of each type, and whether it begins a span of it."""
        chances = self._chances(pieces)
        numbers = np.asarray(pieces.words)
        starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]])
        ends = np.r_[starts[1:], len(numbers)] - 1
        # A word's first piece says whether it begins a span; all its pieces say of which type.
        mass = chances[:, 1::2] + chances[:, 2::2]
        mean = np.add.reduceat(mass, starts) / (ends - starts + 1)[:, None]
        begins = chances[starts, 1::2] > chances[starts, 2::2]
        offsets = pieces.offsets
        places = [(offsets[a][0], offsets[b][1]) for a, b in zip(starts, ends, strict=True)]
        return places, mean, begins

    def _chances(self, pieces: Pieces) -> np.ndarray:
        """Probabilities of the labels of each piece."""
        logits = self.logits(pieces) / self.card["temperature"]
        logits -= logits.max(-1, keepdims=True)
        chances: np.ndarray = np.exp(logits)
        chances /= chances.sum(-1, keepdims=True)
        return chances

    def logits(self, pieces: Pieces) -> np.ndarray:
        """What the network says of each piece, from the window that sees most around it."""
        count = len(pieces.ids)
        result = np.zeros((count, 1 + 2 * len(TYPES)), np.float32)
        margin = np.full(count, -1)
        for start, end in windows(count):
            ids = np.array([[CLS, *pieces.ids[start:end], SEP]], np.int64)
            shapes = np.array([[0, *pieces.shapes[start:end], 0]], np.int64)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "shape_ids": shapes}
            here = self._session.run(None, feed)[0][0, 1:-1]
            at = np.arange(start, end)
            left = at - start if start else np.full(end - start, count)
            right = end - 1 - at if end < count else np.full(end - start, count)
            room = np.minimum(left, right)
            better = room > margin[start:end]
            result[start:end][better] = here[better]
            margin[start:end][better] = room[better]
        return result


def spans(
    text: str,
    words: Sequence[tuple[int, int]],
    mass: np.ndarray,
    begins: np.ndarray,
    limits: np.ndarray,
) -> list[Found]:
    """Joins words to spans.

    A word belongs to its likeliest type if that reaches the type's limit. A
    mark glued between two words of one type belongs to it too. A span never
    starts or ends with a word without letters and digits.
    """
    best = mass.argmax(1)
    chance = mass[np.arange(len(best)), best]
    kinds = np.where(chance >= limits[best], best, -1).tolist()
    for i in range(1, len(kinds) - 1):
        (start, end), before, after = words[i], words[i - 1], words[i + 1]
        if (
            kinds[i] != kinds[i - 1]
            and kinds[i - 1] == kinds[i + 1]
            and before[1] == start
            and after[0] == end
            and text[start:end] in _GLUE
        ):
            kinds[i] = kinds[i - 1]
    found: list[Found] = []
    i = 0
    while i < len(kinds):
        kind = kinds[i]
        if kind < 0:
            i += 1
            continue
        j = i + 1
        while j < len(kinds) and kinds[j] == kind and not _breaks(text, words, begins, j, kind):
            j += 1
        a, b = i, j
        while a < b and not any(c.isalnum() for c in text[slice(*words[a])]):
            a += 1
        while b > a and not any(c.isalnum() for c in text[slice(*words[b - 1])]):
            b -= 1
        if a < b:
            score = float(chance[a:b].mean())
            found.append((words[a][0], words[b - 1][1], TYPES[kind], score))
        i = j
    return found


def _breaks(
    text: str, words: Sequence[tuple[int, int]], begins: np.ndarray, at: int, kind: int
) -> bool:
    """Whether a word starts a span of its own though the word before is of its type too."""
    glued = words[at - 1][1] == words[at][0]
    return bool(begins[at, kind]) and not glued


Marked = tuple[Doc, list[Found]]


def marks(pairs: Iterable[Marked], kinds: Sequence[str] = TYPES) -> dict[str, dict[str, float]]:
    """Marks by type.

    chars: letters and digits of labelled spans covered by spans found of that type;
    hidden: the same, covered by a span of any type;
    spans: labelled spans all of whose letters and digits are covered, by any type;
    precision: spans found of the type that touch a labelled span of that type;
    precision_any: those that touch a labelled span of any type, or text without labels to trust.
    """
    count: dict[str, Counter[str]] = defaultdict(Counter)
    for doc, found in pairs:
        any_type = _cover(doc.text, [(a, b) for a, b, _, _ in found])
        labelled = _cover(doc.text, [(a, b) for a, b, _ in doc.spans] + list(doc.ignored))
        for kind in kinds:
            own = _cover(doc.text, [(a, b) for a, b, k, _ in found if k == kind])
            same = _cover(doc.text, [(a, b) for a, b, k in doc.spans if k == kind])
            tally = count[kind]
            for a, b, k in doc.spans:
                if k != kind:
                    continue
                at = [i for i in range(a, b) if doc.text[i].isalnum()]
                tally["chars"] += len(at)
                tally["typed"] += sum(own[i] for i in at)
                tally["hidden"] += sum(any_type[i] for i in at)
                tally["n"] += 1
                tally["whole"] += all(any_type[i] for i in at)
            for a, b, k, _ in found:
                if k == kind:
                    tally["found"] += 1
                    tally["right"] += any(same[a:b])
                    tally["touching"] += any(labelled[a:b])
    return {kind: _shares(count[kind]) for kind in kinds}


def _cover(text: str, places: Iterable[tuple[int, int]]) -> bytearray:
    covered = bytearray(len(text))
    for a, b in places:
        covered[a:b] = b"\1" * (b - a)
    return covered


def _shares(tally: Counter[str]) -> dict[str, float]:
    def share(part: str, whole: str) -> float:
        return round(tally[part] / tally[whole], 4) if tally[whole] else float("nan")

    return {
        "n": tally["n"],
        "chars": share("typed", "chars"),
        "hidden": share("hidden", "chars"),
        "spans": share("whole", "n"),
        "found": tally["found"],
        "precision": share("right", "found"),
        "precision_any": share("touching", "found"),
    }


def lowered(doc: Doc) -> Doc:
    # A letter or two becomes longer in lower case ("İ"): it stays, so that places do.
    text = "".join(c.lower() if len(c.lower()) == 1 else c for c in doc.text)
    return Doc(text, doc.spans, doc.source, doc.ignored, doc.key)


def measured(root: Path) -> dict[str, list[Doc]]:
    """The sets marked; none of these texts is learnt from."""
    return {
        "wnut17 dev": data.wnut(root / "pii/wnut17/emerging.dev.conll"),
        "presidio held half": data.presidio(root / "pii/presidio-research", half=1),
        "lifebench held personas": data.lifebench(root / "pii/lifebench", held=True),
    }


def unnamed(root: Path) -> dict[str, list[str]]:
    """Texts in which a name is rare: what is found in them is mostly found in error.

    Diseases are often called after people; questions about them are the hardest test.
    """
    lines = (root / "health/medquad.jsonl").read_text("utf-8").splitlines()
    questions = sorted({json.loads(line)["question"] for line in lines})
    banking = data.banking(root / "support/banking77_train.csv")
    return {
        "medquad questions": questions[:: max(1, len(questions) // 1000)],
        "banking77, not learnt from": [d.text for d in banking if data.held_back(d.source + d.key)],
    }


def rate(run: Callable[[str], Any], docs: Sequence[Doc], size: int = 84) -> float:
    """Texts of `size` characters a second: the median of seven rounds."""
    text = " ".join(doc.text.replace("\n", " ") for doc in docs)
    texts = [text[i : i + size] for i in range(0, min(len(text) - size, size * 500), size)]
    for each in texts[:50]:
        run(each)
    rounds = []
    for _ in range(7):
        start = time.perf_counter()
        for each in texts:
            run(each)
        rounds.append(len(texts) / (time.perf_counter() - start))
    return sorted(rounds)[3]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--point", action="append", help="operating points; all by default")
    parser.add_argument("--lower", action="store_true", help="every text in lower case")
    args = parser.parse_args()
    ner = Ner(args.model, args.tokenizer)
    sets = measured(args.data)
    plain = unnamed(args.data)
    if args.lower:
        sets = {name: [lowered(doc) for doc in docs] for name, docs in sets.items()}
        plain = {name: [text.lower() for text in texts] for name, texts in plain.items()}
    for point in args.point or ner.card["points"]:
        for name, docs in sets.items():
            table = marks((doc, ner.spans(doc.text, point)) for doc in docs)
            for kind, row in table.items():
                if row["n"]:
                    print(f"{point:10} {name:24} {kind:13}", *(f"{k}={v}" for k, v in row.items()))
        for name, texts in plain.items():
            tally = Counter(kind for text in texts for _, _, kind, _ in ner.spans(text, point))
            per = {kind: round(1000 * tally[kind] / len(texts), 1) for kind in TYPES}
            print(f"{point:10} {name}, spans in 1000 texts: {per}")
    speed = rate(ner.spans, sets["presidio held half"])
    print(f"texts of 84 characters a second, one thread: {speed:.0f}")


if __name__ == "__main__":
    main()
