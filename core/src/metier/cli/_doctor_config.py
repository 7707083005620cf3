"""What is wrong with the configuration, all of it at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from metier import config
from metier._sources import leaves, secret
from metier.cli._findings import Finding, failed, fine, guarded

PAGE = "docs/configuration.md"


def check_config(home: Path, flags: Sequence[str] = ()) -> list[Finding]:
    """Checks metier.toml, the environment and flags, and what they name."""
    wrong = config.faults(home, flags)
    if wrong:
        return [failed("configuration", error, PAGE) for error in wrong]
    loaded = config.read(home, flags)
    values = loaded.settings.model_dump(mode="json")
    said = len(loaded.origins)
    found = [fine("configuration", f"It can be used; {said} settings differ from the defaults.")]
    found += [each for path, value in _named(values) for each in _variable(path, value)]
    found += _secrets(values)
    found += guarded("configuration", PAGE, lambda: _files(loaded.settings))
    found += guarded("plugins", PAGE, lambda: _tables(home, loaded.settings))
    return found


def _named(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Settings that name a variable, those in lists of tables among them."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _named(value, f"{before}{name}.")
        elif isinstance(value, list):
            tables = {str(place): each for place, each in enumerate(value)}
            inner = {place: each for place, each in tables.items() if isinstance(each, Mapping)}
            yield from _named(inner, f"{before}{name}.")
        elif name.endswith("_env") and isinstance(value, str) and value:
            yield f"{before}{name}", value


def _variable(path: str, variable: str) -> list[Finding]:
    def look() -> list[Finding]:
        if secret(variable):
            return [fine("configuration", f"`{path}` names {variable}, which is set.")]
        file = f"{variable}_FILE"
        if os.environ.get(file):
            says = f"`{path}` names {variable}, and the file that {file} names is empty."
            return [Finding("configuration", "failed", says, "Write the secret into the file.")]
        return [
            Finding(
                "configuration", "failed", f"`{path}` names {variable}, which is not set.",
                f"Set {variable}, or {variable}_FILE to a file that holds it.",
            )
        ]  # fmt: skip

    return guarded("configuration", PAGE, look)


def _secrets(values: Mapping[str, Any]) -> list[Finding]:
    from metier.cli._config import looks_secret

    found = []
    for path in leaves(values):
        value: Any = values
        for part in path.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if looks_secret(path, value):
            found.append(
                Finding(
                    "configuration", "warning", f"`{path}` looks like a secret in the file.",
                    "Where its plugin or model takes the name of a variable, give that instead.",
                )
            )  # fmt: skip
    return found


def _files(settings: config.Settings) -> list[Finding]:
    named = [("policies", path) for path in settings.policies]
    named += [("policy_keys", path) for path in settings.policy_keys]
    return [
        Finding("configuration", "failed", f"`{name}` names {path}, which can't be read.",
                "Put the file there, or take it out of the list.")
        for name, path in named
        if not os.access(path, os.R_OK)
    ]  # fmt: skip


def _tables(home: Path, settings: config.Settings) -> list[Finding]:
    from metier._building import find_plugins, plugin_configs

    registry = find_plugins(home, settings)
    try:
        read = plugin_configs(registry, settings)
    finally:
        registry.close()
    return [fine("plugins", f"The settings of {len(read)} plugins fit their models.")]
