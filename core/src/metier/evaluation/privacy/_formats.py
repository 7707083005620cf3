"""Readers: one for each public format, told apart by content."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from metier.evaluation.privacy._samples import Label, Sample
from metier.model import BadRequest

Reader = Callable[[Path], list[Sample]]

_SNIFFED = 200_000
"""Characters read to tell a file's format; lifebench's first record fits."""

_SUFFIXES = frozenset(
    {".json", ".jsonl", ".gz", ".conll", ".bmes", ".bio", ".train", ".dev", ".test", ".annotated"}
)


def _open(path: Path) -> IO[str]:
    """A text file, gzipped or not."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8-sig")


def _lines(path: Path) -> Iterator[str]:
    with _open(path) as lines:
        yield from lines


def _broken(path: Path, what: str) -> BadRequest:
    return BadRequest(f"{path.parent.name}/{path.name} {what}; fetch the file again")


def _json(path: Path) -> Any:
    try:
        return json.loads("".join(_lines(path)))
    except ValueError:
        raise _broken(path, "is not valid JSON") from None


def _labels(
    path: Path, number: int, text: str, labels: Iterable[tuple[int, int, str]]
) -> tuple[Label, ...]:
    kept = tuple(Label(int(start), int(end), entity) for start, end, entity in labels)
    if any(not 0 <= label.start < label.end <= len(text) for label in kept):
        raise _broken(path, f"has a label outside its text, in record {number}")
    return kept


def read_presidio(path: Path) -> list[Sample]:
    """presidio-research: JSON, `full_text` and `spans`; clustered by template."""
    try:
        return [
            Sample(
                record["full_text"],
                _labels(path, number, record["full_text"], [
                    (s["start_position"], s["end_position"], s["entity_type"])
                    for s in record["spans"]
                ]),
                f"template {record.get('template_id', number)}",
            )
            for number, record in enumerate(_json(path), 1)
        ]  # fmt: skip
    except (KeyError, TypeError):
        raise _broken(path, "lacks full_text or spans in a record") from None


_STREET = re.compile(r"(?i)\b(?:road|street|avenue|lane|drive|boulevard|highway|alley|terrace)\b")
_LIFEBENCH = {"PHONE": "PHONE_NUMBER", "EMAIL": "EMAIL_ADDRESS", "ORG": "ORGANIZATION"}


def lifebench_entity(kind: str, text: str) -> str:
    """The type a lifebench label is reported under.

    Its inventory is PERSON, ORG, LOCATION, PHONE, ID. A LOCATION that names a
    street and a number is an address. An ID with fewer than five digits (a
    card's last four, a seat, a train, a tool's model) points at nobody by
    itself and is reported apart.
    """
    if kind == "LOCATION" and _STREET.search(text) and re.search(r"\d", text):
        return "ADDRESS"
    if kind == "ID" and sum(c.isdigit() for c in text) < 5:
        return "SHORT_ID"
    return _LIFEBENCH.get(kind, kind)


def read_lifebench(path: Path) -> list[Sample]:
    """lifebench: JSONL, `data_to_answer` and `pii_spans`; a record is a cluster."""
    samples = []
    try:
        for number, line in enumerate(_lines(path), 1):
            if not line.strip():
                continue
            record = json.loads(line)
            text = record["data_to_answer"]
            labels = [
                (s["start"], s["end"], lifebench_entity(s["type"], text[s["start"] : s["end"]]))
                for s in record["pii_spans"]
            ]
            cluster = f"{path.stem} {record.get('id', number)}"
            samples.append(Sample(text, _labels(path, number, text, labels), cluster))
    except ValueError:
        raise _broken(path, "is not valid JSONL") from None
    except (KeyError, TypeError):
        raise _broken(path, "lacks data_to_answer or pii_spans in a record") from None
    return samples


_NOREN = {"email": "EMAIL_ADDRESS", "credit_card": "CREDIT_CARD"}


def read_secrets(path: Path) -> list[Sample]:
    """noren-secrets: JSON, `text` and `annotations`; no annotations: a negative."""
    try:
        return [
            Sample(
                record["text"],
                _labels(path, number, record["text"], [
                    (a["start"], a["end"], _NOREN.get(a["type"], "SECRET"))
                    for a in record["annotations"]
                ]),
                f"{path.stem} {number}",
            )
            for number, record in enumerate(_json(path), 1)
        ]  # fmt: skip
    except (KeyError, TypeError):
        raise _broken(path, "lacks text or annotations in a record") from None


_WNUT = {"person": "PERSON", "location": "LOCATION", "corporation": "ORGANIZATION"}
_WEIBO = {
    "PER.NAM": "PERSON", "LOC.NAM": "LOCATION", "GPE.NAM": "LOCATION", "ORG.NAM": "ORGANIZATION",
}  # fmt: skip
_RESUME = {"NAME": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}


def _sentences(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Sentences of (token, tag); a blank line, or one with no tag, ends one."""
    sentence: list[tuple[str, str]] = []
    for line in _lines(path):
        parts = line.rstrip("\r\n").rsplit("\t" if "\t" in line else " ", 1)
        if len(parts) == 2 and parts[0] and parts[1].strip():
            sentence.append((parts[0], parts[1].strip()))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _tagged(
    path: Path, names: Mapping[str, str], joint: str, language: str, token: Callable[[str], str]
) -> list[Sample]:
    samples = []
    for number, sentence in enumerate(_sentences(path), 1):
        text = ""
        spans: list[tuple[int, int, str]] = []
        last = ""
        for raw, tag in sentence:
            start = len(text) + (len(joint) if text else 0)
            text += (joint if text else "") + token(raw)
            place, _, kind = tag.partition("-")
            if kind and kind == last and place not in ("B", "S"):
                spans[-1] = (spans[-1][0], len(text), kind)
            elif kind:
                spans.append((start, len(text), kind))
            last = kind
        labels = tuple(
            Label(start, end, names.get(kind, kind.upper()), kind in names)
            for start, end, kind in spans
        )
        samples.append(Sample(text, labels, f"{path.name} {number}", language))
    return samples


def read_wnut(path: Path) -> list[Sample]:
    """wnut17: token, tab, tag. Groups, products and works need not be found."""
    return _tagged(path, _WNUT, " ", "en", str)


def read_weibo(path: Path) -> list[Sample]:
    """Weibo: a character (and its place in the word), tab or space, tag.

    Names count (`.NAM`); mentions such as "boyfriend" (`.NOM`) need not be found.
    """
    return _tagged(path, _WEIBO, "", "zh", lambda raw: raw[0])


def read_resume(path: Path) -> list[Sample]:
    """Résumés: a character, space, tag in BMES. Titles and schools need not be found."""
    return _tagged(path, _RESUME, "", "zh", lambda raw: raw[0])


def _tags(head: str) -> set[str]:
    lines = (line.split() for line in head.splitlines())
    return {parts[-1].partition("-")[2] for parts in lines if len(parts) == 2 and "-" in parts[-1]}


def recognise(path: Path) -> str | None:
    """Which set a file belongs to, by its content; None for anything else."""
    if path.suffix not in _SUFFIXES:
        return None
    try:
        with _open(path) as file:
            head = file.read(_SNIFFED)
    except (OSError, UnicodeDecodeError):
        return None
    start = head.lstrip()[:1]
    if start == "{" and '"pii_spans"' in head and '"data_to_answer"' in head:
        return "lifebench"
    if start == "[" and '"full_text"' in head and '"start_position"' in head:
        return "presidio-research"
    if start == "[" and '"annotations"' in head and '"text"' in head:
        return "noren-secrets"
    if start in ("[", "{") and path.suffix in (".json", ".jsonl", ".gz"):
        return None
    tags = _tags(head)
    if tags & {"person", "corporation", "creative-work"}:
        return "wnut17"
    if any(tag.endswith((".NAM", ".NOM")) for tag in tags):
        return "zh-weibo-ner"
    if tags >= {"NAME", "TITLE"}:
        return "zh-resume-ner"
    return None


READERS: Mapping[str, Reader] = {
    "presidio-research": read_presidio,
    "lifebench": read_lifebench,
    "wnut17": read_wnut,
    "noren-secrets": read_secrets,
    "zh-weibo-ner": read_weibo,
    "zh-resume-ner": read_resume,
}
