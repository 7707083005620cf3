"""Finding plugins, each loaded and checked in its own guard or in its own process."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from importlib import metadata
from typing import Any

from metier.model import MetierError
from metier.plugins._checks import Broken, LoadedPlugin, check, guard
from metier.plugins._isolate import Isolation, RemotePlugin, isolated, manifest_asks
from metier.plugins._order import circles
from metier.plugins._registry import Registry
from metier.plugins._results import WrongType, checked

GROUP = "metier.plugins"

Judge = Callable[[Sequence[object]], Sequence[str]]
"""Why recognizers must not be used; empty where they may."""


def discover(
    extra: Sequence[object] = (),
    defaults: Sequence[object] = (),
    judge: Judge | None = None,
    isolation: Isolation | None = None,
) -> Registry:
    """Loads every installed plugin, each in its own guard.

    Args:
        extra: plugin objects besides the installed ones; one that is installed counts once.
        defaults: the core's own plugins, which join every host.
        judge: looks at the recognizers of each plugin. One whose recognizers it
            refuses is broken: its domain is not served without them. None where
            no turn will be run.
        isolation: which plugins run in a process of their own; close the registry then.

    One that can't be loaded is listed as broken with the reason; the rest work.

    Raises:
        MetierError: where one of `defaults` is broken: they hold what privacy rests on; or
            where a plugin that is to be isolated isn't there.
    """
    isolation = isolation or Isolation()
    core = [check(plugin, "metier", _version("metier")) for plugin in defaults]
    found = [*core, *_installed(isolation)]
    installed = {id(p.plugin) for p in found}
    found.extend(_handed(plugin, isolation) for plugin in extra if id(plugin) not in installed)
    _check_isolated(found, isolation)
    if judge is not None:
        # The core's own are judged by its tests; reading them here would slow every command.
        found = [*core, *(_judged(plugin, judge) for plugin in found[len(core) :])]
    found = _without_circles(_without_clashes(found))
    for plugin in found[: len(core)]:
        if plugin.status != "ok":
            raise MetierError(
                f"The core's own plugin '{plugin.name}' does not work: {plugin.reason}. "
                "Install metier again.",
                code="plugin_failed",
            )
    names = frozenset(p.name for p in core)
    return Registry(_reading_all(found, names), names)


def _reading_all(found: Sequence[LoadedPlugin], core: frozenset[str]) -> list[LoadedPlugin]:
    """With the core's own plugins reading each category that a plugin that works reads.

    They tell a person what a domain knows of them, and check its constraints in every answer.
    A turn holds no more than its domain reads, whoever looks at it.
    """
    works = (p.manifest for p in found if p.manifest and p.status == "ok")
    every = dict.fromkeys(category for manifest in works for category in manifest.reads)
    return [
        replace(p, manifest=replace(p.manifest, reads=tuple(every)))
        if p.name in core and p.manifest
        else p
        for p in found
    ]


def _handed(plugin: object, isolation: Isolation) -> LoadedPlugin:
    """A plugin object of the caller's; it runs here already, so it can't be isolated."""
    found = check(plugin, _module_of(plugin), "0")
    if manifest_asks(found.manifest) or found.name in isolation.plugins:
        reason = "it is to be isolated, and was handed over as an object; install it"
        return replace(found, status="broken", reason=reason, manifest=None, plugin=None)
    return found


def _check_isolated(found: Sequence[LoadedPlugin], isolation: Isolation) -> None:
    """Refuses names of plugins to isolate that aren't there: a slip must not go unnoticed."""
    unknown = isolation.unknown([n for p in found for n in (p.name, p.distribution, p.entry)])
    if unknown:
        for plugin in found:
            if isinstance(plugin.plugin, RemotePlugin):
                plugin.plugin.process.close()
        raise MetierError(
            f"There is no plugin '{unknown[0]}' to isolate. `metier plugins` lists what is "
            "installed; see `isolation` in metier.toml.",
            code="bad_config",
        )


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "0"


def _module_of(plugin: object) -> str:
    return plugin.__name__ if inspect.ismodule(plugin) else type(plugin).__module__


def _judged(plugin: LoadedPlugin, judge: Judge) -> LoadedPlugin:
    """The plugin, broken where its recognizers can't be had or must not be used."""
    function = getattr(plugin.plugin, "recognizers", None) if plugin.status == "ok" else None
    if function is None:
        return plugin
    try:
        with guard("its `recognizers` hook"), redirect_stdout(sys.stderr):
            try:
                given = checked("recognizers", function())
            except WrongType:
                raise Broken("its `recognizers` hook gave something else than a list") from None
            except MetierError as error:
                if error.code != "recognizer_refused":
                    raise
                raise Broken(f"its `recognizers` hook: {error.message}") from None
            reasons = judge(given or ())
        if reasons:
            raise Broken(f"its recognizers must not be used: {'; '.join(reasons)}")
    except Broken as problem:
        return replace(plugin, status="broken", reason=str(problem), manifest=None, plugin=None)
    return plugin


# --- installed plugins -----------------------------------------------------------


def _installed(isolation: Isolation) -> list[LoadedPlugin]:
    """The plugins of every distribution with an entry point, by distribution and name.

    Distributions are read one by one: `metadata.entry_points` stops at the first
    whose files are damaged.
    """
    found: list[LoadedPlugin] = []
    seen: set[str] = set()
    for distribution in metadata.distributions():
        name, version = "unknown", "0"
        try:
            with guard("reading its entry_points.txt"):
                if GROUP not in (distribution.read_text("entry_points.txt") or ""):
                    continue
                # Two copies on the path are one plugin: the first is what gets imported.
                name, version = _named(distribution)
                if name in seen:
                    continue
                seen.add(name)
                entries = sorted(distribution.entry_points.select(group=GROUP))
        except Broken as problem:
            found.append(LoadedPlugin(name, name, version, None, "broken", str(problem)))
            continue
        found += [
            replace(_load(entry, name, version, isolation), entry=entry.name) for entry in entries
        ]
    return sorted(found, key=lambda p: (p.distribution, p.name))


def _named(distribution: metadata.Distribution) -> tuple[str, str]:
    """Name and version; what lacks its METADATA has neither."""
    about: Any = distribution.metadata
    if about is None or not about["Name"]:
        return "unknown", "0"
    return str(about["Name"]), str(about["Version"] or "0")


def _load(
    entry: metadata.EntryPoint, distribution: str, version: str, isolation: Isolation
) -> LoadedPlugin:
    if isolation.wants(entry.name, distribution):
        return isolated(entry, distribution, version, isolation)
    try:
        # What a module prints when imported must not get into a command's output.
        with guard(f"importing {entry.value}"), redirect_stdout(sys.stderr):
            plugin = entry.load()
    except Broken as problem:
        return LoadedPlugin(entry.name, distribution, version, None, "broken", str(problem))
    found = check(plugin, distribution, version, entry.name)
    if manifest_asks(found.manifest) or isolation.wants(found.name, distribution):
        # Its module has been imported here, to learn that; nothing else of it runs here.
        return isolated(entry, distribution, version, isolation)
    return found


# --- plugins beside each other -----------------------------------------------------


def _without_clashes(found: Sequence[LoadedPlugin]) -> list[LoadedPlugin]:
    """The first of two plugins with one name stays; the conflict names both distributions."""
    owners: dict[str, LoadedPlugin] = {}
    result: list[LoadedPlugin] = []
    for plugin in found:
        owner = owners.get(plugin.name) if plugin.status == "ok" else None
        if owner is not None:
            reason = (
                f"its name is taken: {owner.distribution} and {plugin.distribution} both bring "
                f"'{plugin.name}'; uninstall one"
            )
            plugin = replace(plugin, status="broken", reason=reason)
        elif plugin.status == "ok":
            owners[plugin.name] = plugin
        result.append(plugin)
    return result


def _without_circles(found: Sequence[LoadedPlugin]) -> list[LoadedPlugin]:
    """Without those whose own before and after close a circle; who is only named stays."""
    working = [p.manifest for p in found if p.status == "ok" and p.manifest]
    reasons = {
        name: "before and after form a circle: " + ", ".join(circle)
        for name, circle in circles(working).items()
    }
    return [
        replace(p, status="broken", reason=reasons[p.name])
        if p.status == "ok" and p.name in reasons
        else p
        for p in found
    ]
