"""Writes the table of related words that memory asks besides a question's own words.

    python -m training.related --model MODEL --out core/src/metier/profile/memory/related.npz

MODEL is the folder of the embedding model (`metier models fetch` builds it). The words are those
of its own vocabulary, each encoded alone; words of one stem share their mean. A word's related
words are the twelve nearest by cosine, from .5 on. Nothing personal and no data set goes in. The
weights are those of all-MiniLM-L6-v2 (Apache-2.0).
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import numpy as np
from py_rust_stemmers import SnowballStemmer  # type: ignore[import-untyped]

from metier.encoder import Encoder, Terms

LEAST, NEAREST, LEVELS = 0.5, 12, 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()

    stored = json.loads((options.model / "tokenizer.json").read_text("utf-8"))
    terms = Terms(options.model)
    words = [
        word
        for word in sorted(stored["model"]["vocab"])
        if re.fullmatch("[a-z]{3,}", word) and terms.document(word)
    ]
    groups: dict[str, list[int]] = {}
    for place, stem in enumerate(SnowballStemmer("english").stem_words(words)):
        groups.setdefault(stem, []).append(place)
    stems = sorted(groups)
    vectors = Encoder.open(options.model).encode(words)
    means = np.stack([vectors[groups[stem]].mean(axis=0) for stem in stems])
    means /= np.linalg.norm(means, axis=1, keepdims=True)

    counts, others, near = [], [], []
    for place in range(len(stems)):
        similar = means @ means[place]
        similar[place] = 0
        best = [i for i in np.argsort(-similar, kind="stable")[:NEAREST] if similar[i] >= LEAST]
        counts.append(len(best))
        others += best
        near += [round((float(similar[i]) - LEAST) / (1 - LEAST) * LEVELS) for i in best]
    np.savez_compressed(
        options.out,
        stems=np.frombuffer("\n".join(stems).encode(), np.uint8),
        counts=np.array(counts, np.uint8),
        others=np.array(others, np.uint16),
        near=np.array(near, np.uint8),
    )
    print(f"{len(stems)} stems, {len(others)} pairs, {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
