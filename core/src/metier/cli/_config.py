"""config: what is in force and where it is from, what is wrong with it, and its schema."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from metier import config as settings_module
from metier._sources import leaves, origin_of
from metier.cli._output import emit_json, json_option
from metier.model import MetierError

HIDDEN = "(hidden)"
_SECRET = re.compile(r"secret|token|passw|credential|api_?key|private_?key|authorization", re.I)
_LOGIN = re.compile(r"(?<=//)[^/@\s]+(?=@)")
_FREE = ("engine.options", "plugins")
"""Tables whose settings are not ours, so that one may be a secret against all advice."""

set_option = click.option(
    "--set", "flags", multiple=True, metavar="NAME=VALUE",
    help="Sets one setting for this run, such as server.port=9000; may be given several times.",
)  # fmt: skip


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def config(context: click.Context, as_json: bool) -> None:
    """The configuration: what is in force, what is wrong with it, and its schema."""
    if context.invoked_subcommand is None:
        _show(settings_module.home(), (), as_json)


@config.command()
@set_option
@click.option("--changed", is_flag=True, help="Leave out what has its default.")
@json_option
def show(flags: Sequence[str], changed: bool, as_json: bool) -> None:
    """Shows every setting and where it is from. No secret is printed: none is a setting."""
    _show(settings_module.home(), flags, as_json, changed)


@config.command()
@set_option
@json_option
def check(flags: Sequence[str], as_json: bool) -> None:
    """Checks the configuration alone; `metier doctor` checks the whole installation.

    The status is 1 where something has to be mended.
    """
    from metier.cli._doctor import report
    from metier.cli._doctor_config import check_config

    sys.exit(report(check_config(settings_module.home(), flags), as_json))


@config.command()
def schema() -> None:
    """Prints the JSON schema of metier.toml, with the tables of the installed plugins."""
    emit_json(json_schema(settings_module.home()))


def _show(home: Path, flags: Sequence[str], as_json: bool, changed: bool = False) -> None:
    loaded = settings_module.read(home, flags)
    values = hidden(loaded.settings.model_dump(mode="json"))
    if as_json and not changed:
        origins = {path: origin_of(path, loaded.origins) or "default" for path in leaves(values)}
        emit_json({"home": str(home), **values, "origins": origins})
        return
    shown = [
        (path, value, origin_of(path, loaded.origins)) for path, value in _lines(values)
    ]  # fmt: skip
    if changed:
        shown = [each for each in shown if each[2] is not None]
    if as_json:
        emit_json([{"name": n, "value": v, "from": o} for n, v, o in shown])
        return
    click.echo(f"home = {home}")
    for path, value, origin in shown:
        click.echo(f"{path} = {value}{_reference(path, value)}  [{origin or 'default'}]")


def _reference(path: str, value: object) -> str:
    """Beside the name of a variable, whether there is something in it."""
    if not path.endswith("_env") or not isinstance(value, str) or not value:
        return ""
    there = os.environ.get(value) or os.environ.get(f"{value}_FILE")
    return " (is set)" if there else " (is not set)"


def _lines(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _lines(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def hidden(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """The values, with what looks like a secret in a free table and in addresses left out."""
    return {name: _hide(f"{before}{name}", value) for name, value in values.items()}


def _hide(path: str, value: Any) -> Any:
    if looks_secret(path, value):
        return HIDDEN
    if isinstance(value, Mapping):
        return hidden(value, f"{path}.")
    if isinstance(value, list):
        return [_hide(path, each) for each in value]
    return _LOGIN.sub(HIDDEN, value) if isinstance(value, str) else value


def looks_secret(path: str, value: object) -> bool:
    """Whether a setting of a free table looks like a secret, which belongs in a variable."""
    free = any(path.startswith(f"{table}.") for table in _FREE)
    name = path.rpartition(".")[2]
    words = isinstance(value, str) and bool(value)
    return free and words and bool(_SECRET.search(name)) and not name.endswith(("_env", "_file"))


def json_schema(home: Path) -> dict[str, Any]:
    """The schema of `metier.toml`; a plugin that doesn't work has no table in it."""
    from metier._building import find_plugins

    found = settings_module.Settings.model_json_schema()
    tables: dict[str, Any] = {}
    registry = find_plugins(home, _whatever(home))
    try:
        for plugin in registry.plugins:
            model = plugin.manifest.config if plugin.manifest and plugin.status == "ok" else None
            if model is not None:
                own = model.model_json_schema(ref_template=f"#/$defs/{plugin.name}.{{model}}")
                for name, each in own.pop("$defs", {}).items():
                    found.setdefault("$defs", {})[f"{plugin.name}.{name}"] = each
                tables[plugin.name] = own
    finally:
        registry.close()
    found["properties"]["plugins"] |= {"properties": tables, "additionalProperties": False}
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": "metier.toml", **found}


def _whatever(home: Path) -> settings_module.Settings:
    """The settings, or the defaults where they can't be used: a schema is for mending them."""
    try:
        return settings_module.load(home)
    except MetierError:
        return settings_module.Settings()
