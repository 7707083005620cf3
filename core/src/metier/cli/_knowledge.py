"""ingest and search."""

from __future__ import annotations

from pathlib import Path

import click

from metier.cli._main import run
from metier.cli._output import emit_json, json_option, progress
from metier.model import Actor, Passage


@click.command()
@click.argument("domain")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def ingest(domain: str, paths: tuple[Path, ...]) -> None:
    """Indexes PATHS (files or folders) for DOMAIN."""
    from metier.app import Metier

    async def work() -> tuple[int, int]:
        async with Metier.open() as app:
            documents = app.read_documents(domain, paths)
            with progress("Indexing") as step:
                return len(documents), app.ingest(domain, documents, step)

    documents, passages = run(work)
    click.echo(f"{documents} documents, {passages} passages indexed for {domain}.")


@click.command()
@click.argument("domain")
@click.argument("query")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 50))
@json_option
def search(domain: str, query: str, limit: int, as_json: bool) -> None:
    """Searches DOMAIN's knowledge for QUERY."""
    from metier.app import Metier

    async def work() -> list[Passage]:
        async with Metier.open() as app:
            return await app.search(Actor(app.settings.tenant, "me"), domain, query, limit)

    found = run(work)
    if as_json:
        emit_json(found)
        return
    if not found:
        click.echo("Nothing relevant was found.")
    for number, passage in enumerate(found, 1):
        click.echo(
            f"[{number}] {passage.title} ({passage.source}; {passage.locator}) {passage.score:.2f}"
        )
        click.echo(f"    {' '.join(passage.text.split())[:300]}")
