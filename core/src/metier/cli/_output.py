"""How results are shown: rich for people, one JSON value for machines."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

import click

TRACEBACK = "METIER_TRACEBACK"
"""The variable with which an error that nobody foresaw prints its traceback."""


def unforeseen(error: Exception) -> str:
    """An error that nobody foresaw, by its type and place; its words may be content."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    kind, file = type(error).__name__, os.path.basename(last.filename)
    return f"an unexpected {kind} in {file}, line {last.lineno}"


def emit_json(value: Any) -> None:
    """Prints one JSON value on standard output."""
    import orjson

    def plain(item: Any) -> Any:
        if is_dataclass(item) and not isinstance(item, type):
            return asdict(item)
        if isinstance(item, (frozenset, set)):
            return sorted(item)
        return str(item)

    click.echo(orjson.dumps(value, default=plain, option=orjson.OPT_INDENT_2).decode())


@contextmanager
def progress(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error: call it with (done, total)."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task(title, total=None)

    def step(done: int, total: int) -> None:
        bar.start()  # not before there is progress: what fails at once shows its error alone
        bar.update(task, completed=done, total=total)

    try:
        yield step
    finally:
        if bar.live.is_started:
            bar.stop()


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
as_option = click.option("--as", "subject", default="me", show_default=True, help="The person.")
