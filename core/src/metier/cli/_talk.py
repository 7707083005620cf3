"""ask, chat, recommend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import click

from metier.cli._input import given
from metier.cli._main import run
from metier.cli._output import as_option, emit_json, json_option
from metier.model import Actor, Answer, MetierError, TextDelta

if TYPE_CHECKING:
    from metier.pipeline import Explanation


@click.command()
@click.argument("domain")
@click.argument("message")
@as_option
@click.option("--conversation", help="Continue the conversation of this id.")
@click.option("--explain", is_flag=True, help="Show what was learned, used, hidden, and why.")
@click.option(
    "--without",
    multiple=True,
    metavar="CAUSE",
    help="With --explain: what would change without fact:ID, memory:ID, cohort:NAME, passage:ID, "
    "feedback:strategy:NAME or vector:style; every cause by itself if left out.",
)
@json_option
def ask(
    domain: str,
    message: str,
    subject: str,
    conversation: str | None,
    explain: bool,
    without: tuple[str, ...],
    as_json: bool,
) -> None:
    """Asks DOMAIN one MESSAGE; `-` reads it from standard input."""
    from metier.cli import _remote

    text = given(message)
    if without and not explain:
        raise click.UsageError("--without goes with --explain.")

    async def work() -> tuple[Answer, Explanation | None]:
        if door := _remote.running():
            answer = await _remote.ask(door, domain, text, subject, conversation)
            return answer, await _kept(_remote.why(door, answer.id, subject, without), explain)
        from metier.app import Metier

        async with Metier.open() as app:
            await _remote.own_index(app)
            answer = await app.respond(
                app.request(domain, text, subject=subject, conversation=conversation)
            )
            actor = Actor(app.settings.tenant, subject)
            looked = app.why(actor, answer.id, without=without, each=not without)
            return answer, await _kept(looked, explain)

    answer, found = run(work)
    if as_json:
        told = answer if explain else replace(answer, why=type(answer.why)())
        parts = {field.name: getattr(told, field.name) for field in fields(told)}
        emit_json({**parts, "explanation": found} if explain else told)
        return
    show(answer)
    if found is not None:
        click.echo("\n" + found.text())
    if explain:
        explain_answer(answer)


async def _kept(explained: Coroutine[None, None, Explanation], wanted: bool) -> Explanation | None:
    """What explains an answer; None where that isn't wanted, or nothing of the turn is kept."""
    if not wanted:
        explained.close()
        return None
    try:
        return await explained
    except MetierError as error:
        if error.code != "answer_not_found":
            raise
        return None


def show(answer: Answer) -> None:
    """Prints an answer and its sources."""
    click.echo(answer.text)
    show_sources(answer)


def show_sources(answer: Answer) -> None:
    if answer.citations:
        click.echo("")
    for c in answer.citations:
        where = " · ".join(part for part in (c.source, c.locator, c.date, c.url) if part)
        click.echo(f"[{c.number}] {c.title} ({where})")


def explain_answer(answer: Answer) -> None:
    """Prints what shaped the answer, in plain words."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    why = answer.why
    console = Console(highlight=False)

    def rows(title: str, pairs: list[tuple[str, str]]) -> None:
        console.print(f"\n[bold]{title}[/bold]" + ("" if pairs else ": nothing"))
        table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
        for left, right in pairs:
            table.add_row(escape(left), escape(right))
        if pairs:
            console.print(table)

    rows("Learned", [(f.slot, f"{f.value} ({f.provenance.extractor})") for f in why.learned])
    rows(
        "In this conversation only",
        [(f.slot, f"{f.value} ({f.provenance.extractor})") for f in why.passing],
    )
    rows("Used", [(f.slot, f.value + (" (constraint)" if f.constraint else "")) for f in why.used])
    rows("Withheld", [(slot, rule) for slot, rule in why.withheld])
    rows(
        "Retrieved",
        [
            (f"[{n}] {p.title}", f"{p.source}, score {p.score:.2f}")
            for n, p in enumerate(why.passages, 1)
        ],
    )
    rows("Left out of the plan", list(why.left_out))
    rows("Said before", [(m.date, f"{m.text} ({m.source}, {m.title})") for m in why.memories])
    rows("Groups", [(name, "") for name in why.cohorts])
    rows(
        "Fitted to the person",
        [(i.words, f"{i.by}, {', '.join(i.because)}") for i in why.influences],
    )
    rows("Strategy", [(why.strategy, "")] if why.strategy else [])
    rows(
        "Hidden from the model",
        [(h.shown or "(dropped)", f"{h.entity}, {h.action} by {h.rule}") for h in why.hidden],
    )
    rows("Verdicts", [(f"{v.decision}: {v.reason}", v.check) for v in answer.verdicts])
    rows("Stages", [(s.stage, f"{s.seconds * 1000:.1f} ms") for s in answer.trace.stages])
    if answer.trace.failures:
        rows("Failed hooks", [(f"{f.plugin}.{f.hook}", f.error) for f in answer.trace.failures])
    if why.outgoing:
        console.print(
            f"\n[bold]Given to the engine '{escape(why.engine)}' (target {escape(why.target)}), "
            "word for word; a model outside would see exactly this[/bold]"
        )
        click.echo(why.outgoing)


@click.command()
@click.argument("domain")
@as_option
def chat(domain: str, subject: str) -> None:
    """Talks with DOMAIN; an empty line or Ctrl-D ends it."""
    import secrets

    from metier.cli import _remote

    conversation = secrets.token_hex(8)

    async def converse(answer: Callable[[str], Awaitable[None]]) -> None:
        while message := _prompted():
            try:
                await answer(message)
            except MetierError as error:  # the next message may go well
                click.echo(f"metier: {error.message}", err=True)

    async def work() -> None:
        if door := _remote.running():

            async def ask(message: str) -> None:
                show(await _remote.ask(door, domain, message, subject, conversation))

            await converse(ask)
            return
        from metier.app import Metier

        async with Metier.open() as app:
            app.parts.registry.host(domain, app.parts.extensions)  # unknown ones are named first
            await _remote.own_index(app)

            async def stream(message: str) -> None:
                request = app.request(domain, message, subject=subject, conversation=conversation)
                async for item in app.stream(request):
                    if isinstance(item, TextDelta):
                        click.echo(item.text, nl=False)
                    elif isinstance(item, Answer):
                        click.echo("")
                        show_sources(item)

            await converse(stream)

    run(work)


def _prompted() -> str:
    """The next message; empty at the end of the conversation."""
    try:
        message: str = click.prompt("you", prompt_suffix="> ", default="", show_default=False)
    except click.Abort:
        return ""
    return message.strip()


@click.command()
@click.argument("domain")
@as_option
@json_option
def recommend(domain: str, subject: str, as_json: bool) -> None:
    """What DOMAIN suggests to do next."""
    from metier.app import Metier

    async def work() -> list[object]:
        async with Metier.open() as app:
            actor = Actor(app.settings.tenant, subject)
            return list(await app.recommend(actor, subject, domain))

    found = run(work)
    if as_json:
        emit_json(found)
        return
    if not found:
        click.echo("Nothing to suggest yet.")
    for item in found:
        click.echo(f"{item.title}: {item.reason}")
