"""profile show | set | forget."""

from __future__ import annotations

import click

from metier.cli._main import run
from metier.cli._output import as_option, emit_json, json_option
from metier.model import Actor, Fact


@click.group()
def profile() -> None:
    """What is known of a person."""


@profile.command("show")
@as_option
@click.option("--view", help="A plugin's page instead, as DOMAIN:NAME.")
@json_option
def show(subject: str, view: str | None, as_json: bool) -> None:
    """Lists the facts, each with its id and where it comes from."""
    from metier.app import Metier

    async def work() -> list[Fact] | str:
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            if view is None:
                return await app.profile(actor)
            domain, _, name = view.partition(":")
            return await app.view(actor, subject, domain, name)

    found = run(work)
    if as_json:
        emit_json(found)
    elif isinstance(found, str):
        click.echo(found)
    elif not found:
        click.echo("Nothing is known.")
    else:
        for fact in found:
            mark = " (constraint)" if fact.constraint else ""
            click.echo(f"{fact.id}  {fact.slot}: {fact.value}{mark}  [{fact.provenance.extractor}]")


@profile.command("set")
@click.argument("slot")
@click.argument("value")
@click.option("--category", default="preference", show_default=True)
@as_option
def set_(slot: str, value: str, category: str, subject: str) -> None:
    """States a fact; it beats what was inferred."""
    from metier.app import Metier

    async def work() -> Fact:
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            return await app.set_fact(actor, subject, slot, value, category)

    fact = run(work)
    click.echo(f"{fact.id}  {fact.slot}: {fact.value}")


@profile.command("forget")
@click.argument("fact_id")
@as_option
def forget(fact_id: str, subject: str) -> None:
    """Deletes one fact."""
    from metier.app import Metier

    async def work() -> None:
        async with Metier.open() as app:
            await app.forget_fact(Actor(app.settings.tenant, subject), subject, fact_id)

    run(work)
    click.echo("Forgotten.")
