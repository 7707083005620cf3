"""Where settings come from: a file, the environment, flags; and which gave each of them.

Environment and flags name a setting by its path, `METIER__SERVER__PORT=9000` and
`--set server.port=9000`. Both are read by pydantic-settings in the same way: what is
no single value is JSON. A variable that begins so and names no setting is an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from pydantic import BaseModel

from metier._setting_faults import no_such
from metier.model import MetierError

PREFIX = "METIER__"
_IN_FILE = "_FILE"

Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """What one place says.

    Args:
        values: nested tables, as TOML has them.
        names: what to call each setting there, by its dotted path; `name` for the rest.
        name: of the place itself.
    """

    name: str
    values: Table
    names: Mapping[str, str]


def from_environment(model: type[BaseModel], environment: Mapping[str, str]) -> Source:
    """The settings that variables give.

    Raises:
        MetierError: naming the variable that is no setting or no JSON, never its value.
    """
    given = {name: text for name, text in environment.items() if name.upper().startswith(PREFIX)}
    names = {_path(name): name for name in given}
    return Source("the environment", _read(model, given, names), names)


def from_flags(model: type[BaseModel], flags: Sequence[str]) -> Source:
    """The settings that `--set NAME=VALUE` gives.

    Raises:
        MetierError: as `from_environment`, and for a flag without "=".
    """
    given: dict[str, str] = {}
    names: dict[str, str] = {}
    for flag in flags:
        name, equals, value = flag.partition("=")
        if not equals or not name:
            raise MetierError(
                "`--set` takes NAME=VALUE, such as server.port=9000.", code="bad_config"
            )
        path = name.strip().lower()
        given[PREFIX + path.replace(".", "__").upper()] = value
        names[path] = f"--set {path}"
    return Source("the command line", _read(model, given, names), names)


def joined(sources: Sequence[Source]) -> tuple[dict[str, Any], dict[str, str]]:
    """All settings, a later source before an earlier one, and which place gave each.

    Returns:
        Nested tables, and by the dotted path of each setting the name of its place.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for source in sources:
        _merge(values, source.values)
        for path in leaves(source.values):
            origins[path] = _nearest(path, source.names) or source.name
    return values, origins


def leaves(table: Table, before: str = "") -> Iterator[str]:
    """Dotted paths of everything that is no table itself."""
    for name, value in table.items():
        path = f"{before}{name}"
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{path}.")
        else:
            yield path


def origin_of(path: str, origins: Mapping[str, str]) -> str | None:
    """The place that gave a setting, or something within it; None for a default."""
    within = (place for other, place in origins.items() if other.startswith(f"{path}."))
    return _nearest(path, origins) or next(within, None)


def secret_and_age(variable: str) -> tuple[str | None, datetime | None]:
    """A secret as `secret` reads it, and when its file was written; None where it has none."""
    file = os.environ.get(variable + _IN_FILE)
    found = secret(variable)
    return found, datetime.fromtimestamp(os.stat(file).st_mtime, UTC) if file else None


def secret(variable: str) -> str | None:
    """A secret by reference: of the variable, or of the file that `VARIABLE_FILE` names.

    A file is how containers get theirs, and what changes in it is read at the next start.

    Raises:
        MetierError: the file can't be read, or both are set.
    """
    value = os.environ.get(variable)
    file = os.environ.get(variable + _IN_FILE)
    if value and file:
        raise MetierError(
            f"Both {variable} and {variable}{_IN_FILE} are set. Leave one of them out.",
            code="bad_config",
        )
    if not file:
        return value or None
    try:
        with open(file, encoding="utf-8") as opened:
            return opened.read().strip() or None
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise MetierError(
            f"{variable}{_IN_FILE} names a file that can't be read: {why}.", code="bad_config"
        ) from None


def _read(
    model: type[BaseModel], given: Mapping[str, str], names: Mapping[str, str]
) -> dict[str, Any]:
    for path, name in names.items():
        first = path.partition(".")[0]
        if first not in model.model_fields:
            said = no_such(first, list(model.model_fields))
            end = "" if said.endswith("?") else "."
            raise MetierError(f"{name}: {said}{end} See docs/configuration.md.", code="bad_config")
    if not given:
        return {}
    from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

    class Given(EnvSettingsSource):
        """Reads the variables that are given, whatever the process has."""

        def _load_env_vars(self) -> Mapping[str, str | None]:
            return {name.lower(): value for name, value in given.items()}

    # It reads fields only; a `BaseSettings` would read the environment wherever one is made.
    source = Given(cast("type[BaseSettings]", model), env_prefix=PREFIX, env_nested_delimiter="__")
    try:
        return source()
    except SettingsError:
        if len(given) > 1:  # which of them it is, it doesn't say
            for name, text in given.items():
                path = _path(name)
                _read(model, {name: text}, {path: names[path]})
        which = ", ".join(sorted(names.values()))
        raise MetierError(
            f"{which}: it is no JSON, as a list or a table has to be, such as '[\"a\"]'. "
            "See docs/configuration.md.",
            code="bad_config",
        ) from None


def _path(name: str) -> str:
    return name[len(PREFIX) :].lower().replace("__", ".")


def _nearest(path: str, names: Mapping[str, str]) -> str | None:
    """The name of a path, or of the nearest one above it that has one."""
    while path and path not in names:
        path = path.rpartition(".")[0]
    return names.get(path)


def _merge(into: dict[str, Any], more: Table) -> None:
    for name, value in more.items():
        before = into.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            together = dict(before)
            _merge(together, value)
            into[name] = together
        else:
            into[name] = value
