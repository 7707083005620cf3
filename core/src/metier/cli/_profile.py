"""profile show | set | forget | history | why | undo | export, and what imports."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier.cli._input import given_line
from metier.cli._main import run
from metier.cli._output import as_option, emit_json, json_option
from metier.cli._profile_import import import_, imports_, undo_import_
from metier.cli._profile_text import exported, history_lines, origin_lines, profile_lines
from metier.model import Actor, Fact

if TYPE_CHECKING:
    from metier.pipeline import Known, Origin, Undo


@click.group()
def profile() -> None:
    """What is known of a person."""


profile.add_command(import_)
profile.add_command(imports_)
profile.add_command(undo_import_)


def moment(value: str) -> datetime:
    """A date or a time; UTC where it names no zone.

    Raises:
        ValueError: it is none, or none that a calendar of four digits has.
    """
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError from None


@profile.command("show")
@as_option
@click.option("--view", help="A plugin's page instead, as DOMAIN:NAME.")
@json_option
def show(subject: str, view: str | None, as_json: bool) -> None:
    """Lists the facts: what always holds first, each with its id and where it is from."""
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
    else:
        _say(profile_lines(found) or ["Nothing is known."])


@profile.command("set")
@click.argument("slot")
@click.argument("value")
@click.option("--category", default="", help="[default: that of the slot, else preference]")
@as_option
@json_option
def set_(slot: str, value: str, category: str, subject: str, as_json: bool) -> None:
    """States a fact; it beats what was inferred. `-` reads VALUE from standard input."""
    from metier.app import Metier
    from metier.profile import SLOTS

    stated = given_line(value)

    async def work() -> Fact:
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            kind = category or SLOTS.get(slot, "preference")
            return await app.set_fact(actor, subject, slot, stated, kind)

    fact = run(work)
    if as_json:
        emit_json(fact)
    else:
        click.echo(f"{fact.id}  {fact.slot}: {fact.value}")


@profile.command("forget")
@click.argument("fact_id")
@as_option
@json_option
def forget(fact_id: str, subject: str, as_json: bool) -> None:
    """Forgets a fact as if it had never been said."""
    from metier.app import Metier

    async def work() -> str:
        async with Metier.open() as app:
            return await app.forget_fact(Actor(app.settings.tenant, subject), subject, fact_id)

    undo_id = run(work)
    if as_json:
        emit_json({"id": fact_id, "undo": undo_id})
    else:
        click.echo(f"Forgotten. `metier profile undo {undo_id}` takes it back, for 30 days.")


@profile.command("history")
@click.option(
    "--valid", type=moment, metavar="DATE", help="What held on that date, by what is known today."
)
@click.option("--believed", type=moment, metavar="DATE", help="What was believed on that date.")
@as_option
@json_option
def history(valid: datetime | None, believed: datetime | None, subject: str, as_json: bool) -> None:
    """Lists what was ever known, oldest first; or what held or was believed on a date."""
    from metier.app import Metier

    async def work() -> list[Fact]:
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            return await app.profile_history(actor, subject, valid=valid, believed=believed)

    found = run(work)
    if as_json:
        emit_json(found)
    else:
        _say(history_lines(found) or ["Nothing is known of that."])


@profile.command("why")
@click.argument("fact_id")
@as_option
@json_option
def why(fact_id: str, subject: str, as_json: bool) -> None:
    """Tells where a fact is from: the words, the rule, what it replaced."""
    from metier.app import Metier

    async def work() -> Origin:
        async with Metier.open() as app:
            return await app.fact_origin(Actor(app.settings.tenant, subject), subject, fact_id)

    found: Origin = run(work)
    if as_json:
        emit_json(found)
    else:
        _say(origin_lines(found))


@profile.command("undo")
@click.argument("undo_id", required=False)
@as_option
@json_option
def undo(undo_id: str | None, subject: str, as_json: bool) -> None:
    """Takes a change back; lists what can be, where no id is given."""
    from metier.app import Metier

    async def listed() -> list[Undo]:
        async with Metier.open() as app:
            return await app.undoable(Actor(app.settings.tenant, subject), subject)

    async def taken() -> Known:
        async with Metier.open() as app:
            return await app.undo(Actor(app.settings.tenant, subject), subject, undo_id or "")

    if undo_id is not None:
        known = run(taken)
        if as_json:
            emit_json(known)
        else:
            click.echo("Taken back.")
            if known.not_restored:
                click.echo("Not all is there again of what these plugins kept: "
                           f"{', '.join(known.not_restored)}. They have changed since, or are of "
                           "another version.")  # fmt: skip
        return
    found = run(listed)
    if as_json:
        emit_json([{"id": u.id, "kind": u.kind, "at": u.at, "facts": u.facts, "added": u.added}
                   for u in found])  # fmt: skip
        return
    for each in found:
        what = ", ".join(f"{f.slot}: {f.value}" for f in each.facts) or f"{len(each.added)} new"
        click.echo(f"{each.id}  {datetime.fromtimestamp(each.at, UTC):%Y-%m-%d %H:%M}  "
                   f"{each.kind:6}  {what}")  # fmt: skip
    if not found:
        click.echo("Nothing can be taken back.")


@profile.command("export")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file, for you.")
@as_option
@click.option("--json", "as_json", is_flag=True, help="JSON, as always.")
def export(out: Path | None, subject: str, as_json: bool) -> None:
    """Writes the facts as JSON that `metier profile import` reads."""
    import orjson

    from metier.app import Metier

    async def work() -> list[Fact]:
        async with Metier.open() as app:
            return await app.profile_history(Actor(app.settings.tenant, subject), subject)

    text = orjson.dumps(exported(run(work)), option=orjson.OPT_INDENT_2)
    if out is None:
        click.echo(text.decode())
        return
    import os

    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)


def _say(lines: list[str]) -> None:
    for each in lines:
        click.echo(each)
