"""eval."""

from __future__ import annotations

from pathlib import Path

import click

from metier.cli._main import run
from metier.cli._output import emit_json, json_option


@click.command("eval")
@click.argument("suite", required=False)
@click.option(
    "--data", type=click.Path(exists=True, path_type=Path), help="Where public data lies."
)
@json_option
def eval(suite: str | None, data: Path | None, as_json: bool) -> None:
    """Runs SUITE and prints its marks; without SUITE, lists the suites."""
    from metier.app import Metier
    from metier.evaluation import run_suite, suites

    if suite is None:
        app = Metier.open()
        for found in suites(app).values():
            click.echo(f"{found.name:16} {found.description}")
        return

    async def work() -> dict[str, object]:
        async with Metier.open() as app:
            return await run_suite(app, suite, data)

    report = run(work)
    if as_json:
        emit_json(report)
        return
    click.echo(
        f"{report['suite']}: {report['n']} cases from {report['dataset']} in {report['seconds']} s"
    )
    for name, mark in report["metrics"].items():
        interval = "" if mark["low"] is None else f"  [{mark['low']:.3f}, {mark['high']:.3f}]"
        target = "" if mark["target"] is None else f"  target {mark['target']}"
        click.echo(f"  {name:32} {mark['value']:.3f}{interval}{target}")
