"""subject: what is held about a person, and what they may ask of it."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from metier.cli._input import given_line
from metier.cli._main import run
from metier.cli._output import emit_json, json_option
from metier.model import Actor, MetierError

if TYPE_CHECKING:
    from metier.app import Metier
    from metier.rights import Standing

T = TypeVar("T")
_reason = click.option(
    "--reason",
    required=True,
    callback=lambda _context, _option, value: given_line(value),
    help="Why; it is kept, sealed, with the person. `-` reads it from standard input.",
)
_purpose = click.option(
    "--purpose", type=click.Choice(["remember", "share"]), default="remember", show_default=True
)
_language = click.option(
    "--language", type=click.Choice(["en", "zh"]), default="en", show_default=True
)


@click.group()
def subject() -> None:
    """What is held about a person, and what they may ask of it.

    Each command acts as the user of this machine who runs it, in the role of a
    privacy officer, and is written to the audit log under that name.
    """


def _with(work: Callable[[Metier, Actor], Awaitable[T]]) -> T:
    """Runs work on the home of this machine, as who can open it."""
    from metier.app import Metier

    async def call() -> T:
        async with Metier.open() as app:
            roles = frozenset({"privacy_officer", "auditor"})
            return await work(
                app, Actor(app.settings.tenant, f"local:{getpass.getuser()}", roles=roles)
            )

    found: T = run(call)
    return found


@subject.command()
@click.argument("person", metavar="ID")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file, 0600.")
def export(person: str, out: Path | None) -> None:
    """Everything that is held about a person, as JSON."""
    from metier import rights

    found = _with(lambda app, actor: rights.export(app.parts, actor, person))
    if out is None:
        emit_json(found)
        return
    _write_new(out, json.dumps(found, ensure_ascii=False, indent=2))
    click.echo(f"Written to {out}. It holds personal data in clear.", err=True)


@subject.command()
@click.argument("person", metavar="ID")
@click.option("--yes", is_flag=True, help="Don't ask; there is no way back.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path),
              help="A new file for the certificate.")  # fmt: skip
def erase(person: str, yes: bool, out: Path | None) -> None:
    """Erases everything about a person, and gives a signed certificate."""
    from metier import rights

    if not yes:
        click.confirm("This can't be undone, from no backup either. Erase?", abort=True, err=True)
    if out is not None and out.exists():
        raise MetierError(f"{out} exists already; nothing was erased.", code="file_exists")
    certificate = _with(lambda app, actor: rights.erase(app.parts, actor, person))
    if out is None:
        emit_json(certificate)
        return
    from dataclasses import asdict

    _write_new(out, json.dumps(asdict(certificate), indent=2))
    rows = sum(certificate.rows.values())
    click.echo(f"Erased: {len(certificate.keys)} keys and {rows} rows. Certificate in {out}.")


@subject.command("certificate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--of", "person", help="Whose it should be.")
@json_option
def certificate_(file: Path, person: str | None, as_json: bool) -> None:
    """Checks a certificate: that it is genuine, and still true."""
    from metier import rights

    try:
        raw = json.loads(file.read_text("utf-8"))
    except ValueError:
        raise MetierError(f"{file} is not JSON.", code="bad_certificate") from None
    found = _with(
        lambda app, actor: rights.check(app.parts, actor, person, rights.read_certificate(raw))
    )
    if as_json:
        emit_json(found)
    else:
        for what, holds in found.items():
            click.echo(f"{'yes' if holds else 'NO':4} {what}")
    if not all(found.values()):
        sys.exit(1)


@subject.command()
@click.argument("person", metavar="ID")
@click.argument("fact_id")
@click.argument("value")
def correct(person: str, fact_id: str, value: str) -> None:
    """Puts another value in the place of a fact's. `-` reads VALUE from standard input."""
    from metier import rights

    told = given_line(value)
    fact = _with(lambda app, actor: rights.correct(app.parts, actor, person, fact_id, told))
    click.echo(f"{fact.id}  {fact.slot}: {fact.value}")


@subject.command()
@click.argument("person", metavar="ID")
@click.option("--off", is_flag=True, help="Use it again.")
@_reason
@json_option
def restrict(person: str, off: bool, reason: str, as_json: bool) -> None:
    """Stops the use of what is stored; nothing is deleted."""
    from metier import rights

    _show(
        _with(lambda app, actor: rights.restrict(app.parts, actor, person, not off, reason)),
        as_json,
    )


@subject.command()
@click.argument("person", metavar="ID")
@click.option("--off", is_flag=True, help="Release it.")
@_reason
@json_option
def hold(person: str, off: bool, reason: str, as_json: bool) -> None:
    """Keeps a person's data from being erased and from expiring."""
    from metier import rights

    change = rights.release if off else rights.hold
    _show(_with(lambda app, actor: change(app.parts, actor, person, reason)), as_json)


@subject.command()
@click.argument("person", metavar="ID")
@json_option
def standing(person: str, as_json: bool) -> None:
    """Whether a person's data is restricted or held, by whom and why."""
    from metier import rights

    _show(_with(lambda app, actor: rights.standing(app.parts, actor, person)), as_json)


@subject.command()
@click.argument("person", metavar="ID")
@click.argument("category")
@_purpose
@_language
@click.option("--yes", is_flag=True, help="The person was shown the text and has agreed.")
def consent(person: str, category: str, purpose: str, language: str, yes: bool) -> None:
    """Shows what a person agrees to, and records that they have.

    CATEGORY is one of facts, such as health, or cross-domain.
    """
    from metier import rights
    from metier.pipeline import consent_text

    text = _with(lambda app, actor: _ready(consent_text(app.parts, category)))
    click.echo(text.text(language).strip(), err=True)
    if not yes:
        click.confirm("\nHas the person agreed to this text?", abort=True, err=True)
    given = _with(
        lambda app, actor: rights.consent(
            app.parts, actor, person, category, text.version,
            purpose=purpose, channel="cli", language=language,  # type: ignore[arg-type]
        )
    )  # fmt: skip
    click.echo(f"Recorded: {given.category}, to {given.purpose}, version {given.version}.")


@subject.command()
@click.argument("person", metavar="ID")
@click.argument("category")
@_purpose
def withdraw(person: str, category: str, purpose: str) -> None:
    """Takes consent back; what was kept because of it is deleted."""
    from metier import rights

    gone = _with(
        lambda app, actor: rights.withdraw(
            app.parts, actor, person, category,
            purpose=purpose, channel="cli",  # type: ignore[arg-type]
        )
    )  # fmt: skip
    click.echo(f"Withdrawn; {gone} facts are deleted.")


@subject.command()
@click.argument("person", metavar="ID")
@json_option
def consents(person: str, as_json: bool) -> None:
    """Every statement of a person, oldest first."""
    from metier import rights

    found = _with(lambda app, actor: rights.consents_of(app.parts, actor, person))
    if as_json:
        emit_json(found)
        return
    if not found:
        click.echo("Nothing was stated.")
    for each in found:
        said = "agreed" if each.given else "withdrew"
        version = f", version {each.version}" if each.version else ""
        click.echo(
            f"{each.at}  {said}: {each.category} to {each.purpose}{version}, by {each.channel}"
        )


async def _ready(value: T) -> T:
    return value


def _show(standing: Standing, as_json: bool) -> None:
    if as_json:
        emit_json(standing)
        return
    click.echo(f"restricted: {'yes' if standing.restricted else 'no'}")
    click.echo(f"held:       {'yes' if standing.held else 'no'}")
    for line in standing.statements:
        state = "on" if line["on"] else "off"
        click.echo(f"{line['at']}  {line['kind']} {state}, by {line['by']}: {line['reason']}")


def _write_new(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise MetierError(
            f"{path} can't be written: {error.strerror}. What was done stays done; take another "
            "name, or leave --out away.",
            code="file_not_writable",
        ) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
