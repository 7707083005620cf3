"""profile import | imports | undo-import."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metier.cli._main import run
from metier.cli._output import as_option, emit_json, json_option, progress
from metier.model import Actor, BadRequest
from metier.profile.importing import FORMATS

if TYPE_CHECKING:
    from metier.pipeline._imports import ImportState, Preview, Undone
    from metier.profile.importing import Options

_FACTS = 40
"""Facts that a preview shows in full."""


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@as_option
@click.option("--domain", default="", help="Learn as this domain would; else for all domains.")
@click.option("--me", default="", help="How the person is named in the file.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="Where it can't be found out.")
@click.option("--zone", default="", help="Time zone of times without one, such as Europe/London.")
@click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="The order of dates.")
@click.option("--encoding", default="", help="Of text that is not UTF-8, such as gb18030.")
@click.option("--column", "columns", multiple=True, metavar="NAME=TITLE",
              help="Which column of a table is date, author, text, slot, value …")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
def import_(
    file: Path,
    subject: str,
    domain: str,
    me: str,
    kind: str | None,
    zone: str,
    dates: str | None,
    encoding: str,
    columns: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Imports a person's chats, tables or card into their profile.

    FILE is an export of ChatGPT, Claude, WhatsApp or Slack (the archive or what is in it), a
    CSV table, a vCard, or JSON. What would be learnt is shown first.
    """
    from metier.app import Metier
    from metier.pipeline import _imports as importing
    from metier.profile.importing import open_source

    options = _options(me, kind, zone, dates, encoding, columns)

    async def work() -> Preview | ImportState | None:
        source = open_source(file, options)
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            found = await importing.preview(app.parts, actor, subject, source, domain=domain)
            if dry_run:
                return found
            if not as_json:
                _show(found)
            if not yes:
                click.confirm("Import this?", abort=True, err=True)
            with progress("importing") as step:
                return await importing.run_import(
                    app.parts, actor, subject, source, domain=domain, name=file.name, progress=step,
                    memories=importing.import_memories(app.parts, domain),
                )  # fmt: skip

    done = run(work)
    if as_json:
        emit_json(done)
    elif dry_run:
        _show(done)
        click.echo("Nothing was imported.")
    else:
        _told(done)


@click.command("imports")
@as_option
@json_option
def imports_(subject: str, as_json: bool) -> None:
    """Lists what was imported, each with its id."""
    from metier.app import Metier
    from metier.pipeline import _imports as importing

    async def work() -> list[ImportState]:
        async with Metier.open() as app:
            return await importing.imports(app.parts, Actor(app.settings.tenant, subject), subject)

    found: list[ImportState] = run(work)
    if as_json:
        emit_json(found)
        return
    if not found:
        click.echo("Nothing was imported.")
    for each in found:
        state = "" if each.finished else f"  stopped at {each.done:,} of {each.total:,}"
        click.echo(
            f"{each.id}  {each.updated:%Y-%m-%d}  {each.format:8}  {each.total:,} items, "
            f"{each.learned:,} facts  {each.name}{state}"
        )


@click.command("undo-import")
@click.argument("import_id", metavar="ID")
@as_option
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
def undo_import_(import_id: str, subject: str, yes: bool, as_json: bool) -> None:
    """Takes an import back: what came from it alone goes, the rest falls back."""
    from metier.app import Metier
    from metier.pipeline import _imports as importing

    if not yes:
        click.confirm("Take this import back?", abort=True, err=True)

    async def work() -> Undone:
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            memories = importing.import_memories(app.parts)
            return await importing.undo_import(
                app.parts, actor, subject, import_id, memories=memories
            )

    done: Undone = run(work)
    if as_json:
        emit_json(done)
        return
    click.echo(
        f"Taken back: {done.removed:,} facts are gone, {done.fallen_back:,} are as sure as "
        f"before, {done.restored:,} are held again."
    )


def _options(
    me: str, kind: str | None, zone: str, dates: str | None, encoding: str, columns: tuple[str, ...]
) -> Options:
    from metier.profile.importing import Options

    named: dict[str, str] = {}
    for each in columns:
        ours, sign, theirs = each.partition("=")
        if not sign or not theirs:
            raise click.BadParameter("give NAME=TITLE, such as text=Message", param_hint="--column")
        named[ours.strip()] = theirs
    return Options(
        format=kind, me=me, zone=_zone(zone), dates=dates or "",  # type: ignore[arg-type]
        encoding=encoding, columns=named,
    )  # fmt: skip


def _zone(name: str) -> tzinfo:
    """The zone of that name; that of this machine where none is given."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    wanted = name or os.environ.get("TZ", "") or _linked()
    try:
        if wanted:
            return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if name:
            raise BadRequest(
                "There is no time zone of that name. Give one such as Europe/London.", param="zone"
            ) from None
    local = datetime.now().astimezone().tzinfo
    assert local is not None
    return local


def _linked() -> str:
    """The machine's zone by its name, which knows of summer times, unlike its offset now."""
    target = os.path.realpath("/etc/localtime")
    _, found, name = target.partition("/zoneinfo/")
    return name if found else ""


def _show(found: Preview) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(stderr=True, highlight=False)
    period = f", {found.first:%Y-%m-%d} to {found.last:%Y-%m-%d}" if found.first else ""
    console.print(f"{found.format}: {found.items:,} items, {found.own:,} yours{period}")
    for note in found.notes:
        console.print(f"Note: {note}")
    if found.done:
        console.print(f"{found.done:,} are done already; the rest follows.")
    if found.duplicates:
        console.print(f"{found.duplicates:,} messages were in an earlier import already.")
    if found.needs_me:
        console.print("Who of these are you? Say so with --me.")
        for name, count in list(found.speakers.items())[:30]:
            console.print(f"  {escape(name)}: {count:,}")
        return
    if found.facts:
        table = Table("slot", "value", "category", "sure", box=None, title="would be learnt")
        for fact in found.facts[:_FACTS]:
            about = f"{fact.about}: " if fact.about else ""
            table.add_row(
                escape(fact.slot), escape(about + fact.value), escape(fact.category),
                f"{fact.confidence:.2f}",
            )  # fmt: skip
        console.print(table)
        if len(found.facts) > _FACTS:
            console.print(f"... and {len(found.facts) - _FACTS:,} more; --json lists all.")
    else:
        console.print("No fact would be learnt.")
    if found.strengthened:
        console.print(f"{found.strengthened:,} known facts would be confirmed.")
    for fact in found.ended:
        console.print(f"No longer held: {escape(fact.slot)}: {escape(fact.value)}")
    if found.questions:
        console.print(f"{found.questions:,} contradict what is known; the old ones stay.")
    _dropped(found.dropped, console.print)


def _told(done: ImportState) -> None:
    click.echo(
        f"{done.id}: {done.done:,} items; {done.learned:,} facts learnt, {done.strengthened:,} "
        f"confirmed, {done.ended:,} ended; {done.memories:,} messages remembered."
    )
    _dropped(done.dropped, click.echo)
    click.echo(f"`metier profile undo-import {done.id}` takes it back.")


def _dropped(dropped: Mapping[str, int], say: Any) -> None:
    for rule, count in dropped.items():
        say(f"Not kept, {count:,}: {rule}")
