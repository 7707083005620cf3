"""Tables, chips and dates of the report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from metier.compliance._findings import Decision
from metier.compliance._markup import Markup, joined, tag

Cell = str | tuple[str, str]
"""What stands in a cell, and its class where it has one."""


def table(
    caption: str, head: Sequence[Cell], rows: Iterable[Sequence[Cell]], empty: str = "None."
) -> Markup:
    """A table whose first column is the heading of its row."""
    body = [
        tag(
            "tr",
            *(
                tag("td" if n else "th", text, class_=look, scope=None if n else "row")
                for n, (text, look) in enumerate(map(_cell, row))
            ),
        )
        for row in rows
    ]
    if not body:
        return tag("p", empty, class_="soft")
    heads = (tag("th", text, scope="col", class_=look) for text, look in map(_cell, head))
    return tag(
        "div",
        tag(
            "table",
            tag("caption", caption),
            tag("thead", tag("tr", *heads)),
            tag("tbody", *body),
        ),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def _cell(cell: Cell) -> tuple[str, str]:
    return cell if isinstance(cell, tuple) else (cell, "")


def number(value: int | None) -> Cell:
    return ("not recorded" if value is None else f"{value:,}", "number")


def chip(text: str, look: str) -> Markup:
    return tag("span", text, class_=f"chip {look}")


def ruled(decision: Decision) -> Markup:
    return joined(decision.action, tag("span", decision.rule, class_="rule"))


def date(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC") if at else "never recorded"
