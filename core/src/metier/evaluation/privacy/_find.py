"""Finding the public sets below a path, and the sample that ships with the suite."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from importlib import resources
from pathlib import Path

from metier.evaluation.privacy._formats import READERS, recognise
from metier.evaluation.privacy._samples import DataSet, Label, Sample, digest
from metier.model import BadRequest

_DATES = frozenset({"DATE_TIME", "DATE", "DATE_OF_BIRTH", "AGE"})
_MARKED = re.compile(r"⟦([A-Z_]+)\|([^⟧]+)⟧")

_SETS = (
    DataSet("presidio-research", "", ()),
    DataSet("lifebench", "lifebench.", (), unlabelled=_DATES),
    DataSet("wnut17", "wnut17.", (), whole=False, characters=True),
    DataSet("noren-secrets", "secrets.", (), total=""),
    DataSet("zh-weibo-ner", "zh.weibo.", (), whole=False),
    DataSet("zh-resume-ner", "zh.resume.", (), whole=False),
)
"""What is known of each set before its texts are read."""


def default_data() -> Path | None:
    """The folder `shared/data` in or beside the working directory, if it holds any set."""
    here = Path.cwd()
    for folder in (here, here.parent):
        data = folder / "shared" / "data"
        if data.is_dir() and find(data):
            return data
    return None


def find(path: Path) -> list[tuple[str, Path]]:
    """Every file below `path` that belongs to a known set, as (set, file)."""
    if path.is_file():
        files = [path]
    else:
        root = path / "pii" if (path / "pii").is_dir() else path
        files = sorted(p for p in root.rglob("*") if p.is_file())
    return [(name, file) for file in files if (name := recognise(file))]


def read_sets(path: Path) -> list[DataSet]:
    """Reads the public sets below `path`.

    Args:
        path: a folder with sets, a folder that has them in `pii`, one set's
            folder, or one file. Sets are told by content, not by name. Files
            with `train` in their name are reported apart, as `….train.…`;
            the small presidio set as `presidio.small.…` where it is not alone.

    Raises:
        BadRequest: the path is not there, holds none of the sets, or a file is broken.
    """
    if not path.exists():
        raise BadRequest("The path given by --data is not there; name a folder or a file")
    found = find(path)
    if not found:
        raise BadRequest(
            "The path given by --data holds none of the privacy sets "
            f"({', '.join(READERS)}); name the folder that holds them"
        )
    known = {data.source: data for data in _SETS}
    alone = not any(n == "presidio-research" and "small" not in f.stem for n, f in found)
    grouped: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for name, file in found:
        prefix = known[name].prefix
        if name == "presidio-research" and "small" in file.stem and not alone:
            prefix = "presidio.small."
        elif "train" in file.name:
            prefix += "train."
        grouped[name, prefix] += READERS[name](file)
    return [
        replace(known[name], prefix=prefix, samples=tuple(samples))
        for (name, prefix), samples in grouped.items()
    ]


def parse_marked(text: str, language: str) -> Sample:
    """A sample written with its labels in place: `I am ⟦PERSON|Anna Smith⟧.`"""
    plain, labels, at = "", [], 0
    for match in _MARKED.finditer(text):
        plain += text[at : match.start()]
        labels.append(Label(len(plain), len(plain) + len(match[2]), match[1]))
        plain += match[2]
        at = match.end()
    plain += text[at:]
    return Sample(plain, tuple(labels), digest(plain), language)


def shipped(prefix: str = "sample.") -> DataSet:
    """The sample of the project's own making: invented values, English and Chinese."""
    raw = (resources.files(__package__) / "sample.json").read_text("utf-8")
    texts: dict[str, list[str]] = json.loads(raw)
    return DataSet(
        "sample",
        prefix,
        tuple(parse_marked(text, language) for language, found in texts.items() for text in found),
    )
