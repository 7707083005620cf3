"""batch."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metier.cli._main import run
from metier.cli._output import emit_json, json_option, progress

if TYPE_CHECKING:
    from metier.batch import Batch, Journal, Reply, Summary

_FILE = click.Path(dir_okay=False, path_type=Path)
_THREADS = 4
"""Besides those that wait for a running server: for searching, encoding and the disk."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", "out", required=True, type=_FILE, help="The file of the answers.")
@click.option("--as", "subject", help="The person that all of it is about; nobody if left out.")
@click.option(
    "--store", is_flag=True, help="Remember the turns, and learn from them; needs --as to learn."
)
@click.option(
    "--at-once", type=click.IntRange(1, 256), default=8, show_default=True,
    help="How many requests are under way at the same time.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace the output where it exists.")
@json_option
def batch(
    file: Path,
    out: Path,
    subject: str | None,
    store: bool,
    at_once: int,
    force: bool,
    as_json: bool,
) -> int:
    """Answers the requests in FILE, in the form of OpenAI's Batch API.

    Each line runs as a request of `metier serve` does. Where the command is
    stopped, the same command goes on; until all is answered the answers are in
    OUTPUT.part. The exit status is 1 where a request was answered with an error.
    """
    from metier.batch import Journal, read_batch

    given = read_batch(file)
    about = {"subject": subject, "store": store}
    with closing(Journal.open(out, given, about, force)) as journal:
        try:
            done: Summary = run(lambda: _run(given, journal, subject, store, at_once))
        except KeyboardInterrupt:
            said = f"Stopped at {len(journal)} of {len(given.lines)}; the same command goes on."
            click.echo(said, err=True)
            raise
    if as_json:
        emit_json(done)
    else:
        click.echo(_said(done, out))
    return 1 if done.failed else 0


def _said(done: Summary, out: Path) -> str:
    before = f", {done.before} of them by a run before" if done.before else ""
    failed = f"; {done.failed} with an error" if done.failed else ""
    count = "1 request" if done.requests == 1 else f"{done.requests} requests"
    return f"{count} answered{before}{failed}. The answers are in {out}."


async def _run(
    given: Batch, journal: Journal, subject: str | None, store: bool, at_once: int
) -> Summary:
    from metier.batch import run_batch
    from metier.cli import _remote

    # Each request to a running server waits in a thread.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(at_once + _THREADS))
    with _progress(len(given.lines)) as told:
        if door := _remote.running():

            async def send(asked: dict[str, Any]) -> Reply:
                return await _remote.batch(door, asked, subject, store)

            return await run_batch(given, journal, send, at_once=at_once, told=told)
        from metier.app import Metier
        from metier.model import Actor
        from metier.server import Limits, Offline

        async with Metier.open() as app:
            await _remote.own_index(app)
            offline = Offline(Actor(app.settings.tenant, subject or "me"), subject is None, store)
            limits = Limits(max_body_bytes=app.settings.server.max_body_bytes)
            answer = partial(offline.answer, app, limits=limits)
            return await run_batch(given, journal, answer, at_once=at_once, told=told)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; elsewhere a line at each tenth of the way."""
    if sys.stderr.isatty():
        with progress("Answered") as step:
            yield step
        return
    tenth = -1

    def line(done: int, _: int) -> None:
        nonlocal tenth
        if done * 10 // total > tenth:
            tenth = done * 10 // total
            click.echo(f"{done} of {total} answered", err=True)

    yield line
