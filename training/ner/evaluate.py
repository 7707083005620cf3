"""Runs the exported tagger as an application would, and marks it.

python -m training.ner.evaluate --data DATA [--model FOLDER]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from training.ner import data
from training.ner.data import Doc

from metier.privacy.ner import FOLDER, TYPES, NameTagger

Found = tuple[int, int, str, float]
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
    parser.add_argument("--model", type=Path, default=FOLDER)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--point", action="append", help="operating points; all by default")
    parser.add_argument("--lower", action="store_true", help="every text in lower case")
    args = parser.parse_args()
    ner = NameTagger(args.model)
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
