"""eval."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from metier.cli._main import run
from metier.cli._output import emit_json, json_option


@click.command("eval")
@click.argument("suite", required=False)
@click.option(
    "--data", type=click.Path(exists=True, path_type=Path), help="Where public data lies."
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many texts of each set.")
@click.option(
    "--compare/--no-compare",
    default=True,
    show_default=True,
    help="Run Presidio beside, where spaCy is installed (privacy).",
)
@json_option
def eval(
    suite: str | None, data: Path | None, limit: int | None, compare: bool, as_json: bool
) -> None:
    """Runs SUITE and prints its marks; without SUITE, lists the suites."""
    from metier.app import Metier
    from metier.evaluation import Options, core_suites, run_core_suite, run_suite, suites

    if suite is None:
        told = [(own.name, own.description) for own in core_suites().values()]
        told += [(found.name, found.description) for found in suites(Metier.open()).values()]
        for name, description in told:
            click.echo(f"{name:16} {description}")
        return

    if suite in core_suites():
        report = run_core_suite(suite, Options(data, limit, compare))
    else:
        if limit is not None:
            raise click.UsageError(f"--limit is for {', '.join(core_suites())}.")

        async def work() -> dict[str, Any]:
            async with Metier.open() as app:
                return await run_suite(app, suite, data)

        report = run(work)
    if as_json:
        emit_json(report)
    else:
        _table(report)


def _table(report: dict[str, Any]) -> None:
    click.echo(
        f"{report['suite']}: {report['n']} cases from {report['dataset']} in {report['seconds']} s"
    )
    width = max((len(name) for name in report["metrics"]), default=0)
    # What has a target comes first: a suite may report hundreds of marks.
    for name, mark in sorted(report["metrics"].items(), key=lambda item: item[1]["target"] is None):
        interval = "" if mark["low"] is None else f"  [{mark['low']:.3f}, {mark['high']:.3f}]"
        target = "" if mark["target"] is None else f"  target {mark['target']}"
        click.echo(f"  {name:{max(32, width)}} {mark['value']:.3f}{interval}{target}")
