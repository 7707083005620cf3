"""eval."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from metier import config
from metier.cli._main import run
from metier.cli._output import emit_json, json_option

if TYPE_CHECKING:
    from metier.plugins import Registry


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
    """Runs SUITE and prints its marks; without SUITE, lists the suites.

    A plugin's suite runs in a home of its own, which is deleted afterwards.
    """
    from metier.evaluation import Options, core_suites, run_core_suite, run_plugin_suite

    core = core_suites()
    if suite is None:
        _list()
        return
    if suite in core:
        report = run_core_suite(suite, Options(data, limit, compare))
        if lacking := core[suite].lacks():
            click.echo(f"metier: measured without the embedding model. {lacking}", err=True)
    else:
        _check(suite)
        if limit is not None:
            raise click.UsageError(f"--limit is for {', '.join(core)}.")
        report = run(lambda: run_plugin_suite(suite, data))
    if as_json:
        emit_json(report)
    else:
        _table(report)


def _list() -> None:
    from metier.evaluation import core_suites, failed_suites, suites

    with _plugins() as registry:
        told = [(own.name, own.description) for own in core_suites().values()]
        told += [(found.name, found.description) for found in suites(registry).values()]
        for name, description in told:
            click.echo(f"{name:16} {description}")
        for failed in failed_suites(registry):
            click.echo(f"metier: {failed}", err=True)


def _check(suite: str) -> None:
    """Says that there is no such suite before a home is made for it."""
    from metier.evaluation import known_suite

    with _plugins() as registry:
        known_suite(registry, suite)


@contextmanager
def _plugins() -> Iterator[Registry]:
    from metier._building import find_plugins

    home = config.home()
    registry = find_plugins(home, config.load(home))
    try:
        yield registry
    finally:
        registry.close()


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
