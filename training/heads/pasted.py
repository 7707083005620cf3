"""Trains the head that tells whose words a message holds. Usage, from the repository's root:

    python -m training.heads.pasted --data DATA --model FOLDER [--out FOLDER]

DATA holds `support/clinc150_data_full.json`; FOLDER is the embedding model (`METIER_HOME/model`).
The frames in `pasted/` are of our own: {S} stands for
something said in the first person, {L} for a language. `text` frames are about a text in which it
stands; in `own` frames the sender says it of themselves.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

from training.heads import data
from training.heads.card import card
from training.heads.train import Example, Recipe, train

from metier.encoder import Encoder, detect_language
from metier.learning import MARK, SHIPPED, frame, frame_vectors

_HERE = Path(__file__).parent / "pasted"
_LANGUAGES = {
    "en": [
        "English",
        "French",
        "German",
        "Spanish",
        "Japanese",
        "Dutch",
        "Thai",
        "Chinese",
        "Latin",
    ],
    "zh": ["英文", "英语", "日语", "法语", "韩语", "德语", "文言文"],
}
_DRAWN = 4
"""Messages drawn of each frame; their frames are alike but for what is said beside."""
_TWICE = 0.3
"""The share of messages in which two things are said."""
_BELOW = 0.2
"""The share of `text` messages with the text on a line of its own."""
_REQUESTS = 1500
"""CLINC150's requests, which stand beside statements of the sender's."""
_ABOUT_WORDS = frozenset({"translate", "spelling", "definition"})
"""CLINC's intents that are about words."""


def examples(root: Path) -> list[Example]:
    """Frames and whose words they hold; those of one line of ours are held out together."""
    rng = Random(0)  # noqa: S311
    found = {(e.text, e.label): e for e in (*_ours(rng), *_requests(root, rng))}
    bare = {MARK, f"{MARK}.", f"{MARK}。", ""}
    return [e for e in found.values() if e.text not in bare]


def _ours(rng: Random) -> Iterator[Example]:
    for language, languages in _LANGUAGES.items():
        said = _lines(f"said.{language}.txt")
        for label in ("text", "own"):
            for line in _lines(f"{label}.{language}.txt"):
                for _ in range(_DRAWN):
                    text = line.replace("{L}", rng.choice(languages))
                    while "{S}" in text:
                        text = text.replace("{S}", _said(said, language, rng), 1)
                    if label == "text" and rng.random() < _BELOW:
                        text = text.replace(": ", ":\n", 1).replace("：", "：\n", 1)
                    yield Example(frame(text), label, line)


def _said(said: list[str], language: str, rng: Random) -> str:
    first = data.drawn(rng.choice(said), rng)
    if rng.random() >= _TWICE:
        return first
    return first + (" " if language == "en" else "，") + data.drawn(rng.choice(said), rng)


def _requests(root: Path, rng: Random) -> Iterator[Example]:
    """Requests of others' and of our own, alone and beside a statement."""
    theirs = [e.text for e in data.clinc(root, "train") if e.label not in _ABOUT_WORDS]
    for text in rng.sample(theirs, _REQUESTS):
        yield Example(_beside(frame(text), ". ", rng), "own", text)
    for each in data.kinds(root):
        if each.group and each.label != "about_me":
            stop = "，" if detect_language(each.text) == "zh" else ". "
            yield Example(_beside(frame(each.text), stop, rng), "own", each.group)


def _beside(text: str, stop: str, rng: Random) -> str:
    return rng.choice((text, MARK + stop + text, text + stop + MARK))


def _lines(name: str) -> list[str]:
    lines = (_HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


_USE = (
    "Tells whether what a message says in the first person is said of its sender (`own`) or stands "
    "in a text that the message is about (`text`): a sentence to correct, a customer's words, a "
    "story. It reads what stands around it (`metier.learning.frame`). Where it says `text` with "
    "enough certainty nothing is learned from the message."
)
_LIMITS = (
    "The frames are of our own, so the figures say how well frames of the same hands are told "
    "apart that were held out. Nothing is read where all of a message is in the first person, or "
    "nothing of it. The rules of `profile/extraction` go first, and find quotations and most texts "
    "on lines of their own."
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    found = examples(given.data)
    about = {
        "name": "whose-words", "version": "1", "languages": ["en", "zh"],
        "licence": "Apache-2.0; trained on frames of our own and on CLINC150 (Larson et al., 2019, "
        "CC BY 3.0)",
    }  # fmt: skip
    vectors = frame_vectors([e.text for e in found], Encoder.open(given.model))
    trained = train(about, found, vectors, Recipe(columns=16384, balanced=True, bare=True))
    by = trained.metrics.setdefault("by", {})
    for label in ("own", "text"):
        for language in ("en", "zh"):
            hits = [
                hit for hit, e in zip(trained.hits, found, strict=True)
                if e.label == label and (detect_language(e.text) == "zh") is (language == "zh")
            ]  # fmt: skip
            by[f"{label}, {language} ({len(hits)})"] = round(sum(hits) / len(hits), 4)
    (given.out / "whose-words.head").write_bytes(trained.data)
    (given.out / "whose-words.md").write_text(card(trained, found, _USE, _LIMITS), "utf-8")
    print(json.dumps(trained.metrics, indent=1))
    print(f"{len(trained.data) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
