"""compliance: the report, the bill of materials, the control map, the impact assessment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from metier.cli._main import run
from metier.cli._output import emit_json, json_option
from metier.model import MetierError

if TYPE_CHECKING:
    from metier.compliance import Findings

_lock = click.option(
    "--lock",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A requirements file with hashes, such as requirements.lock.",
)
_out = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead of standard output.",
)
_force = click.option("--force", is_flag=True, help="Replace files that are there.")


@click.group()
def compliance() -> None:
    """What a reviewer signs: made from the running configuration, without personal data."""


@compliance.command()
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the current folder",
    help="The folder to write to.",
)
@_lock
@_force
@json_option
def report(folder: Path, lock: Path | None, force: bool, as_json: bool) -> None:
    """Writes compliance-report.html and compliance-report.json.

    With --json the document goes to standard output and no file is written.
    """
    from metier.compliance import to_html, to_json

    findings = _findings(lock)
    if as_json:
        click.echo(to_json(findings), nl=False)
        return
    _write(folder / "compliance-report.html", to_html(findings), force)
    _write(folder / "compliance-report.json", to_json(findings), force)
    click.echo(
        f"Controls: {findings.count('covered')} covered, {findings.count('partly')} partly, "
        f"{findings.count('not covered')} not covered. Wrote compliance-report.html and "
        f"compliance-report.json to {folder}."
    )


@compliance.command()
@_lock
@_out
@_force
def sbom(lock: Path | None, out: Path | None, force: bool) -> None:
    """The installed distributions with licences: CycloneDX 1.6, JSON."""
    from metier.compliance import to_sbom

    _give(to_sbom(_findings(lock)), out, force)


@compliance.command()
@_out
@_force
def dpia(out: Path | None, force: bool) -> None:
    """A data protection impact assessment to fill in (GDPR, Article 35), in Markdown."""
    from metier.compliance import to_dpia

    _give(to_dpia(_findings(None)), out, force)


@compliance.command()
@click.option("--framework", help="One of them only, such as gdpr.")
@json_option
def controls(framework: str | None, as_json: bool) -> None:
    """The control map: each requirement, how far it is met, and what shows it."""
    from dataclasses import asdict

    from metier.compliance import controls as control_map

    every = control_map()
    chosen = [f for f in every if framework in (None, f.id)]
    if not chosen:
        known = ", ".join(f.id for f in every)
        raise MetierError(f"There is no framework '{framework}'; there are: {known}.")
    if as_json:
        emit_json([asdict(f) for f in chosen])
        return
    for found in chosen:
        click.echo(f"{found.name} ({found.id})")
        for control in found.controls:
            click.echo(f"  {control.status:11} {control.id}  {control.title}")
            if control.missing:
                click.echo(f"              missing: {control.missing}")
            for evidence in control.evidence:
                click.echo(f"              {evidence.kind}: {evidence.name}")


def _findings(lock: Path | None) -> Findings:
    from metier.app import Metier
    from metier.compliance import gather

    async def work() -> Findings:
        async with Metier.open() as app:
            return await gather(app, lock)

    found: Findings = run(work)
    return found


def _give(text: str, out: Path | None, force: bool) -> None:
    if out is None:
        click.echo(text.rstrip("\n"))
    else:
        _write(out, text, force)


def _write(path: Path, text: str, force: bool) -> None:
    """Writes a file whole or not at all.

    Raises:
        MetierError: it is there and is not to be replaced.
    """
    if path.exists() and not force:
        raise MetierError(f"{path} is there already. Give another place, or --force.")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
