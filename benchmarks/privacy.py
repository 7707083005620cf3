"""Detection measured beside Presidio, as the tables of two pages of the documentation.

`python -m benchmarks.privacy` runs `metier eval privacy` and prints the tables.
`--write` puts them into docs/privacy-comparison.md and docs/privacy-limits.md,
between their marks. `--report FILE` takes the figures of an earlier run
(`metier eval privacy --json > FILE`) instead of measuring again.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from metier.evaluation import Options, run_core_suite
from metier.evaluation.privacy import spacy_model, upper_bound
from metier.model import MetierError

DOCS = Path(__file__).parent.parent / "docs"
START, END = "<!-- figures: start -->\n", "<!-- figures: end -->"
COMMAND = "python -m benchmarks.privacy --write"
ENGINES = (
    ("", "metier"),
    ("presidio_blank.", "Presidio, blank spaCy"),
    ("presidio_spacy.", "Presidio, spaCy model"),
)
MAIN = "presidio-research generated_large"

COMPARED = (
    (f"{MAIN}, F2", "overall.f2"),
    ("— recall", "overall.recall"),
    ("— precision", "overall.precision"),
    ("— recall with the right type", "overall.typed_recall"),
    ("— PERSON, recall", "PERSON.recall"),
    ("— ADDRESS, recall", "ADDRESS.recall"),
    ("— PHONE_NUMBER, recall", "PHONE_NUMBER.recall"),
    ("— cards and IBANs, recall", "checksum.recall"),
    ("— cards and IBANs, precision", "checksum.precision"),
    ("— texts without personal data that are flagged", "negatives_flagged"),
    ("wnut17 dev, PERSON, letters covered", "wnut17.PERSON.recall"),
    ("— precision", "wnut17.PERSON.precision"),
    ("noren-secrets, recall", "secrets.recall"),
    ("— unlabelled texts flagged", "secrets.negatives_flagged"),
    ("own sample (English and Chinese), F2", "sample.overall.f2"),
    ("source code: flags in 1,000 lines", "source.flags_per_1000_lines"),
    ("texts a second, one core", "texts_per_second"),
)
OWN_RATES = ("speed.names.texts_per_second", "speed.identifiers.texts_per_second")

SETS = (
    (MAIN, ""),
    ("lifebench", "lifebench."),
    ("wnut17 dev (share of letters)", "wnut17."),
    ("noren-secrets", "secrets."),
    ("Weibo", "zh.weibo."),
    ("Chinese résumés", "zh.resume."),
    ("own sample", "sample."),
)

Marks = Mapping[str, Mapping[str, float | None]]


def figure(mark: Mapping[str, float | None] | None) -> str:
    """A value with its interval."""
    if mark is None or mark["value"] is None:
        return "–"
    if mark["low"] is None or mark["high"] is None:
        return f"{mark['value']:,g}"
    digits = 0 if abs(mark["value"]) >= 100 else 1 if abs(mark["value"]) >= 10 else 3
    value = f"{mark['value']:,.{digits}f}"
    return f"{value} ({mark['low']:,.{digits}f} to {mark['high']:,.{digits}f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def main_set(marks: Marks) -> str:
    """The set whose marks have no prefix: the shipped sample where there is no other."""
    return MAIN if "sample.overall.f2" in marks else "own sample"


def comparison(marks: Marks) -> str:
    """metier and Presidio, figure by figure."""
    engines = [
        (prefix, title)
        for prefix, title in ENGINES
        if not prefix or any(name.startswith(prefix) for name in marks)
    ]
    rows = []
    for title, name in COMPARED:
        own = marks.get(OWN_RATES[0] if name == "texts_per_second" else name)
        if own is not None:
            others = [figure(marks.get(prefix + name)) for prefix, _ in engines[1:]]
            rows.append([title.replace(MAIN, main_set(marks)), figure(own), *others])
    identifiers = figure(marks.get(OWN_RATES[1]))
    rows.append(["— identifiers only", identifiers, *["–"] * (len(engines) - 1)])
    for title, name in (
        ("— times that of Presidio with blank spaCy", "speed.names.ratio"),
        ("— the same, identifiers only", "speed.identifiers.ratio"),
    ):
        if name in marks:
            rows.append([title, figure(marks[name]), *["–"] * (len(engines) - 1)])
    return table(["", *(title for _, title in engines)], rows)


def targets(marks: Marks) -> str:
    """Every mark that has a target, and whether it is reached."""
    rows = []
    for name, mark in marks.items():
        value, target = mark["value"], mark["target"]
        if value is None or target is None:
            continue
        upper = upper_bound(name)
        reached = value <= target if upper else value >= target
        sign = "at most" if upper else "at least"
        rows.append([f"`{name}`", figure(mark), f"{sign} {target:g}", "yes" if reached else "no"])
    return table(["mark", "measured", "target", "reached"], rows)


def limits(marks: Marks) -> str:
    """By set and type: how many spans there are, how many leak."""
    rows = []
    for title, prefix in SETS:
        for name in marks:
            match = re.fullmatch(re.escape(prefix) + r"([A-Z_]+)\.leaks", name)
            if not match:
                continue
            stem = f"{prefix}{match[1]}."
            rows.append(
                [
                    title.replace(MAIN, main_set(marks)),
                    match[1],
                    figure(marks[stem + "spans"]),
                    figure(marks[stem + "leaks"]),
                    figure(marks[stem + "recall"]),
                    figure(marks.get(stem + "precision")),
                ]
            )
    return table(["set", "type", "spans", "not found whole", "recall", "precision"], rows)


def versions(report: Mapping[str, Any]) -> str:
    """What was run, without a word about the machine."""
    packages = []
    for name in ("metier", "presidio-analyzer", "spacy"):
        try:
            packages.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            packages.append(f"{name} not installed")
    if "presidio_spacy.overall.f2" in report["metrics"] and (model := spacy_model()):
        packages.append(model)
    return (
        f"Made by `{COMMAND}`; {', '.join(packages)}, Python {platform.python_version()}; "
        f"{report['n']:,} texts of {report['dataset']}. In brackets: 95 % intervals.\n"
    )


def pages(report: Mapping[str, Any]) -> dict[str, str]:
    """The generated part of each page, by file name."""
    marks: Marks = report["metrics"]
    return {
        "privacy-comparison.md": f"{versions(report)}\n{comparison(marks)}",
        "privacy-limits.md": f"{versions(report)}\n{targets(marks)}\n{limits(marks)}",
    }


def write(name: str, text: str, folder: Path = DOCS) -> None:
    """Puts a generated part between the marks of a page.

    Raises:
        SystemExit: the page has no such marks.
    """
    page = folder / name
    before, start, rest = page.read_text("utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise SystemExit(f"{name} lacks its marks {START.strip()} and {END}; put them back")
    page.write_text(f"{before}{start}{text}{end}{after}", "utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.privacy", description=__doc__)
    parser.add_argument("--data", type=Path, help="where the public sets lie")
    parser.add_argument("--limit", type=int, help="at most so many texts of each set")
    parser.add_argument("--report", type=Path, help="figures of an earlier run")
    parser.add_argument("--write", action="store_true", help="write the tables into the docs")
    given = parser.parse_args(arguments)
    if given.report:
        report = json.loads(given.report.read_text("utf-8"))
    else:
        try:
            report = run_core_suite("privacy", Options(given.data, given.limit))
        except MetierError as error:
            sys.exit(f"benchmarks.privacy: {error.message}")
    for name, text in pages(report).items():
        if given.write:
            write(name, text)
        else:
            print(f"{name}\n\n{text}")


if __name__ == "__main__":
    main()
