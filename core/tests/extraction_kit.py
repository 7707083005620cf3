"""Reads from the patterns of the rules which letters each of them needs, and writes the table.

Run as a program it writes the table of `metier.profile.extraction._hints_table` anew.
"""

# ruff: noqa: E501  (a table of short words, and the head of the file that is written)
from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from metier.profile.extraction import _extract, _hints_table

_GRAM = 4
_COMMON = frozenset(
    [
        "have",
        "i've",
        "'ve",
        "ing",
        "ther",
        "with",
        "that",
        "this",
        "from",
        "been",
        "when",
        "what",
        "and",
        "are",
        "not",
        "the",
        "can",
        "n't",
        "don'",
        "do",
        "n",
        "for",
        "you",
        "your",
        "my",
        "i",
        "am",
        "'m",
        "i'm",
        "very",
        "ally",
        "and",
        "to",
        "of",
        "a",
        "an",
        "in",
        "on",
        "at",
        "is",
        "it",
        "so",
        "me",
        "we",
        "am",
        "be",
        "as",
        "or",
        "by",
        "if",
        "no",
        "go",
    ]
)
_TOO_MANY = 400


def _needed(items: Any) -> frozenset[str] | None:
    """Strings of which one is in every text that a parsed pattern matches; None if unknown."""
    found: list[frozenset[str]] = []
    run = ""

    def close() -> None:
        nonlocal run
        if len(run.strip()) > 1 or (run and ord(run[0]) > 127):
            found.append(frozenset({run}))
        run = ""

    for operator, value in items:
        name = str(operator)
        if name == "LITERAL":
            run += chr(value).lower()
            continue
        close()
        inner: frozenset[str] | None = None
        if name == "SUBPATTERN":
            inner = _needed(value[3])
        elif name == "BRANCH":
            parts = [_needed(part) for part in value[1]]
            if all(part is not None for part in parts):
                inner = frozenset().union(*(p for p in parts if p is not None))
        elif name in ("MAX_REPEAT", "MIN_REPEAT") and value[0] >= 1:
            inner = _needed(value[2])
        if inner and len(inner) <= _TOO_MANY:
            found.append(inner)
    close()
    return max(found, key=_worth, default=None)


def _worth(strings: frozenset[str]) -> tuple[int, int]:
    """How few texts hold one of them: the poorest string decides."""
    return min(_weight(_gram(s)) for s in strings), -len(strings)


def _weight(gram: str) -> int:
    if ord(max(gram, default=" ")) > 0x3400:
        return 3 * len(gram)
    return 1 if gram.strip() in _COMMON else len(gram.strip())


def _gram(string: str) -> str:
    """The part of a string that is looked up: the one with the most letters."""
    size = 1 if ord(max(string)) > 0x3400 else _GRAM
    size = min(2, len(string)) if size == 1 else size
    parts = [string[i : i + size] for i in range(max(1, len(string) - size + 1))]
    return max(parts, key=lambda part: (_weight(part), sum(c.isalpha() for c in part)))


def grams_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """The look-up strings of a pattern; None where it must always be tried."""
    parser = import_module("re._parser")
    needed = _needed(parser.parse(pattern.pattern, pattern.flags & ~re.U))
    return None if needed is None else frozenset(_gram(s) for s in needed)


def table() -> dict[str, str]:
    """The table as it must be."""
    found: dict[str, str] = {}
    for rule in _extract.RULES:
        grams = grams_of(rule.pattern)
        found[rule.name] = "" if grams is None else "|".join(sorted(grams))
    return found


_HEAD = '''"""Which letters a text must hold for a rule to match it; "" for a rule that is always tried.

Read from the rules' patterns by `core/tests/extraction_kit.py`, which writes this file.
"""

# ruff: noqa: E501  (a table, one rule a line)
from __future__ import annotations

NEEDED: dict[str, str] = {
'''


def main() -> None:
    """Writes the table."""
    lines = [f"    {_quoted(name)}: {_quoted(grams)},\n" for name, grams in table().items()]
    Path(str(_hints_table.__file__)).write_text(_HEAD + "".join(lines) + "}\n", "utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
