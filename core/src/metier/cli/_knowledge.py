"""ingest and search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier.cli._input import given
from metier.cli._main import run
from metier.cli._output import emit_json, json_option, progress
from metier.model import Actor, Passage

if TYPE_CHECKING:
    from metier.server import Ingested


@click.command()
@click.argument("domain")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--tenant", default="", help="Another tenant than that of metier.toml.")
def ingest(domain: str, paths: tuple[Path, ...], tenant: str) -> None:
    """Indexes PATHS (files or folders) for DOMAIN."""
    from metier import server
    from metier.cli import _remote

    async def work() -> Ingested:
        if door := _remote.running():
            click.echo("The running server indexes them …", err=True)
            return await _remote.ingest(door, domain, [str(p.resolve()) for p in paths], tenant)
        from metier.app import Metier

        async with Metier.open() as app:
            await _remote.own_index(app)
            with progress("Indexing") as step:
                return server.ingest(app, domain, paths, step, tenant)

    done = run(work)
    for name in done.skipped:
        click.echo(f"left out: {name}", err=True)
    documents, passages = _count(done.documents, "document"), _count(done.passages, "passage")
    click.echo(f"{documents}, {passages} indexed for {domain}.")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


@click.command()
@click.argument("domain")
@click.argument("query")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 50))
@json_option
def search(domain: str, query: str, limit: int, as_json: bool) -> None:
    """Searches DOMAIN's knowledge for QUERY; `-` reads it from standard input."""
    from metier.cli import _remote

    text = given(query)

    async def work() -> list[Passage]:
        if door := _remote.running():
            return await _remote.search(door, domain, text, limit)
        from metier.app import Metier

        async with Metier.open() as app:
            app.parts.registry.host(domain, app.parts.extensions)  # unknown ones are named first
            await _remote.own_index(app)
            return await app.search(Actor(app.settings.tenant, "me"), domain, text, limit)

    found = run(work)
    if as_json:
        emit_json(found)
        return
    if not found:
        click.echo("Nothing relevant was found.")
    for number, passage in enumerate(found, 1):
        where = "; ".join(part for part in (passage.source, passage.locator) if part)
        click.echo(f"[{number}] {passage.title} ({where}) {passage.score:.2f}")
        click.echo(f"    {' '.join(passage.text.split())[:300]}")
