"""The sets of others that the model learns from, and how each is divided."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

Span = tuple[int, int, str]

HELD_PERSONAS = ("yemingxuan", "yuxiaowei")
"""The last two of LifeBench's five personas by the alphabet: measured on, never trained on."""

_WNUT = {
    "person": "PERSON",
    "location": "LOCATION",
    "corporation": "ORGANIZATION",
    "group": "ORGANIZATION",
}
_PRESIDIO = {
    "PERSON": "PERSON",
    "LOCATION": "LOCATION",
    "ORGANIZATION": "ORGANIZATION",
    "ADDRESS": "ADDRESS",
}
_LIFEBENCH = {"PERSON": "PERSON", "LOCATION": "LOCATION", "ORG": "ORGANIZATION"}
_BLOCK = 24
_CITED = re.compile(r"Source:|et al|\b(?:Mr|Ms|Dr)\b|(?<![.!?] )(?<!\n)\b[A-Z][a-z]+ [A-Z][a-z]+\b")
"""What may be the name of somebody in source code."""
_ROAD = re.compile(r"\b(?:road|street|avenue|lane|st|rd|no|number|building|room|unit)\b", re.I)


@dataclass(frozen=True, slots=True)
class Doc:
    text: str
    spans: tuple[Span, ...]
    source: str
    ignored: tuple[tuple[int, int], ...] = ()
    """Where the labels are not to be trusted: nothing is learnt there."""
    key: str = field(default="")


def parity(text: str) -> int:
    """0 or 1, the parity of the last byte of the text's SHA-256."""
    return hashlib.sha256(text.encode()).digest()[-1] % 2


def held_back(key: str, one_in: int = 10) -> bool:
    """Whether a training document serves calibration instead of learning."""
    return int.from_bytes(hashlib.sha256(b"calibrate:" + key.encode()).digest()[:4]) % one_in == 0


def presidio(folder: Path, half: int) -> list[Doc]:
    """generated_large of presidio-research: half 0 is learnt from, half 1 is measured on."""
    docs = []
    for row in json.loads((folder / "generated_large.json").read_text("utf-8")):
        text = row["full_text"]
        if parity(text) != half:
            continue
        spans, ignored = [], []
        for span in row["spans"]:
            place = span["start_position"], span["end_position"]
            if kind := _PRESIDIO.get(span["entity_type"]):
                spans.append((*place, kind))
            elif span["entity_type"] in ("TITLE", "PREFIX"):
                ignored.append(place)
        docs.append(
            Doc(text, tuple(sorted(spans)), "presidio", tuple(ignored), str(row["template_id"]))
        )
    return docs


def lifebench(folder: Path, held: bool) -> list[Doc]:
    """LifeBench's texts: of the held personas, or of the others.

    "my father", "the priest" and other mentions without a name are neither
    learnt as names nor as ordinary words: the set is of two minds about them.
    """
    docs = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        if (path.name.split(".")[0] in HELD_PERSONAS) != held:
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for row in rows:
            text, spans, ignored = row["data_to_answer"], [], []
            for span in row["pii_spans"]:
                place = span["start"], span["end"]
                kind = _LIFEBENCH.get(span["type"])
                unnamed = kind == "PERSON" and not re.search(r"\b[A-Z]", span["text"])
                if kind is None or unnamed or text[place[0] : place[1]] != span["text"]:
                    ignored.append(place)
                elif (
                    kind == "LOCATION"
                    and re.search(r"\d", span["text"])
                    and ("," in span["text"] or _ROAD.search(span["text"]))
                ):
                    spans.append((*place, "ADDRESS"))
                else:
                    spans.append((*place, kind))
            docs.append(Doc(text, tuple(sorted(spans)), "lifebench", tuple(ignored), row["id"]))
    return docs


def wnut(path: Path) -> list[Doc]:
    """A file of WNUT 2017, its tokens joined by single spaces."""
    docs: list[Doc] = []
    tokens: list[tuple[str, str]] = []
    for line in [*path.read_text("utf-8").splitlines(), ""]:
        parts = line.split("\t")
        if len(parts) >= 2 and parts[0].strip():
            tokens.append((parts[0].strip(), parts[1].strip() or "O"))
        elif tokens:
            docs.append(_joined(tokens, f"{path.name}:{len(docs)}"))
            tokens = []
    return docs


def _joined(tokens: list[tuple[str, str]], key: str) -> Doc:
    text = ""
    spans: list[Span] = []
    for word, tag in tokens:
        text += " " if text else ""
        start = len(text)
        text += word
        kind = _WNUT.get(tag[2:])
        if kind and tag[0] == "I" and spans and spans[-1][1] == start - 1:
            spans[-1] = (spans[-1][0], len(text), kind)
        elif kind:
            spans.append((start, len(text), kind))
    return Doc(text, tuple(spans), "wnut", (), key)


def banking(path: Path) -> list[Doc]:
    """Customers' questions of Banking77: no names in them.

    A word with a capital that does not open a sentence may be a country or a
    firm; nothing is learnt about it.
    """
    docs = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            text = row["text"].strip()
            ignored = tuple(m.span() for m in re.finditer(r"(?<=[a-z,] )[A-Z][A-Za-z.]+", text))
            docs.append(Doc(text, (), "banking77", ignored, f"banking77:{number}"))
    return docs


def source(root: Path) -> list[Doc]:
    """This project's own source code, block by block: where no author is named there is no name.

    The rooms that hold lists of names are left out, and blocks that cite somebody.
    """
    docs = []
    files = sorted((*root.glob("core/src/**/*.py"), *root.glob("plugins/*/src/**/*.py")))
    for file in files:
        if {"recognizers", "ner", "evaluation"} & set(file.parts):
            continue
        lines = file.read_text("utf-8").splitlines()
        for start in range(0, len(lines), _BLOCK):
            text = "\n".join(lines[start : start + _BLOCK])
            if text.isascii() and not _CITED.search(text):
                docs.append(Doc(text, (), "source", (), f"{file.relative_to(root)}:{start}"))
    return docs
