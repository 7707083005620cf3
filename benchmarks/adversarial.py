"""Disguised values: how many are hidden, class by class, as the tables of a page.

`python -m benchmarks.adversarial` runs the set and prints the tables; `--write`
puts them into docs/privacy-adversarial.md, between its marks.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from metier.evaluation.privacy.adversarial import CLASSES, Outcome, benign, flagged, outcomes
from metier.privacy import Detector

PAGE = Path(__file__).parent.parent / "docs" / "privacy-adversarial.md"
START, END = "<!-- figures: start -->\n", "<!-- figures: end -->"
COMMAND = "python -m benchmarks.adversarial --write"


def share(found: Iterable[bool]) -> str:
    """So many of so many, and the share."""
    each = list(found)
    return f"{sum(each)} of {len(each)} ({sum(each) / len(each):.0%})"


def by_class(results: Sequence[Outcome]) -> str:
    """Caught by class, in the half that was mended on and in the one held back."""
    lines = ["| class | used for mending | held back | both |", "| --- | --- | --- | --- |"]
    for kind, title in [*((k, c.title) for k, c in CLASSES.items()), ("", "**all**")]:
        mine = [o for o in results if kind in ("", o.case.kind)]
        cells = [
            share(o.caught for o in mine if not o.case.held_back),
            share(o.caught for o in mine if o.case.held_back),
            share(o.caught for o in mine),
        ]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def missed(results: Sequence[Outcome]) -> str:
    """How many of which class were not caught; cases of the half held back are not shown."""
    counts = Counter(o.case.kind for o in results if not o.caught)
    shown: dict[str, str] = {}
    for each in results:
        if not each.caught and not each.case.held_back:
            said = " ⏎ ".join(each.case.messages).replace("\n", "\\n").replace("|", "\\|")
            shown.setdefault(each.case.kind, f"`{said}`" if "`" not in said else said)
    lines = ["| not caught | cases | one of the half used for mending |", "| --- | --- | --- |"]
    for kind, count in counts.most_common():
        lines.append(f"| {CLASSES[kind].title} | {count} | {shown.get(kind, '–')} |")
    return "\n".join(lines) + "\n"


def false_alarms(found: Mapping[str, Mapping[str, Sequence[str]]]) -> str:
    """Benign texts touched, and which."""
    total = len(benign())
    lines = ["| benign texts | flagged |", "| --- | --- |"]
    for title, texts in found.items():
        lines.append(f"| {title} | {len(texts)} of {total} ({len(texts) / total:.1%}) |")
    return "\n".join(lines) + "\n"


def report() -> str:
    """All tables."""
    detector = Detector()
    results = outcomes(detector)
    alarms = {
        "by the recognizers of identifiers": flagged(detector.certain),
        "by all recognizers, names included": flagged(detector),
    }
    head = f"Made by `{COMMAND}`; {len(results)} disguised values, {len(benign())} benign texts.\n"
    return "\n".join((head, by_class(results), missed(results), false_alarms(alarms)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into the page")
    options = parser.parse_args()
    tables = report()
    print(tables)
    if options.write:
        before, _, rest = PAGE.read_text("utf-8").partition(START)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{START}{tables}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
