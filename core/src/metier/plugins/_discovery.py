"""Finding plugins, checking each in its own guard, and building hosts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from importlib import metadata
from typing import Any

import pluggy

from metier import hookspecs
from metier.hookspecs import HookOptions
from metier.model import API_VERSION, Manifest
from metier.plugins._breaker import Breaker, BreakerState
from metier.plugins._host import Contribution, Host, Implementation, ordered

GROUP = "metier.plugins"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MARK = hookspecs.PROJECT + "_impl"
_REVIEW = ("pass", "sentence", "whole")

_COLLECTED = frozenset(
    {"domain", "strategies", "views", "importers", "evaluation_suites", "recognizers", "policies",
     "knowledge_packs", "commands", "routes"}
)  # fmt: skip
"""Hooks that are read once, without arguments; they can't be coroutines."""


@dataclass(frozen=True, slots=True)
class LoadedPlugin:
    """One installed plugin: whether it works, and if not, why."""

    name: str
    distribution: str
    version: str
    manifest: Manifest | None
    status: str
    """"ok" or "broken"."""
    reason: str = ""
    plugin: object | None = None


class _Broken(Exception):
    """Why a plugin can't be used."""


class Registry:
    """The plugins found, and the hosts built from those that work."""

    def __init__(self, plugins: Sequence[LoadedPlugin], defaults: frozenset[str]) -> None:
        self.plugins = list(plugins)
        self._ok = {p.name: p for p in plugins if p.status == "ok"}
        self._defaults = defaults
        self._hosts: dict[tuple[str, frozenset[str]], Host] = {}
        self._breaker = Breaker()

    @property
    def domains(self) -> dict[str, Manifest]:
        """Manifests of the domains that work, by name."""
        return {
            name: p.manifest
            for name, p in sorted(self._ok.items())
            if p.manifest is not None and p.manifest.domain
        }

    def collect(self, hook: str) -> tuple[Contribution, ...]:
        """Reads a contribution hook of every plugin that works, whatever host it joins."""
        return _build_host("", list(self._ok.values()), self._breaker).collect(hook)

    def breakers(self) -> list[BreakerState]:
        """Hooks that have failed lately; open ones are switched off for a while."""
        return self._breaker.states()

    def host(self, domain: str, extensions: Iterable[str] = ()) -> Host:
        """The host of a domain with these extensions; built once.

        Raises:
            KeyError: where the domain or an extension is not there or is broken.
        """
        key = (domain, frozenset(extensions))
        if key not in self._hosts:
            names = [*sorted(self._defaults & self._ok.keys()), domain, *sorted(key[1])]
            self._hosts[key] = _build_host(domain, [self._ok[n] for n in names], self._breaker)
        return self._hosts[key]


def discover(extra: Sequence[object] = (), defaults: Sequence[object] = ()) -> Registry:
    """Loads every installed plugin, each in its own guard.

    Args:
        extra: plugin objects besides the installed ones.
        defaults: the core's own plugins, which join every host.

    One that can't be loaded is listed as broken with the reason; the rest work.
    """
    found = [_check(plugin, "metier", _version("metier")) for plugin in defaults]
    names = frozenset(p.name for p in found)
    entries = sorted(
        metadata.entry_points(group=GROUP), key=lambda e: (e.dist.name if e.dist else "", e.name)
    )
    for entry in entries:
        distribution = entry.dist.name if entry.dist else "unknown"
        version = entry.dist.version if entry.dist else "0"
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:  # a module may raise anything when imported
            reason = f"importing {entry.value} raised {type(error).__name__}"
            found.append(LoadedPlugin(entry.name, distribution, version, None, "broken", reason))
            continue
        found.append(_check(plugin, distribution, version, entry.name))
    found.extend(_check(plugin, type(plugin).__module__, "0") for plugin in extra)
    return Registry(_without_clashes(_without_cycles(found)), names)


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "0"


def _check(plugin: object, distribution: str, version: str, name: str = "") -> LoadedPlugin:
    try:
        manifest = _manifest(plugin)
        name = manifest.name
        _check_hooks(plugin)
    except _Broken as problem:
        name = name or type(plugin).__name__.lower()
        return LoadedPlugin(name, distribution, version, None, "broken", str(problem))
    return LoadedPlugin(name, distribution, version, manifest, "ok", plugin=plugin)


def _manifest(plugin: object) -> Manifest:
    domain = getattr(plugin, "domain", None)
    if domain is None or not hasattr(domain, _MARK):
        raise _Broken("it has no `domain` hook; mark one with @metier.hookimpl")
    try:
        manifest = domain()
    except Exception as error:
        raise _Broken(f"its `domain` hook raised {type(error).__name__}") from None
    if not isinstance(manifest, Manifest):
        raise _Broken(f"its `domain` hook returned {type(manifest).__name__}, not a Manifest")
    if not _NAME.fullmatch(manifest.name):
        raise _Broken(
            "its name may hold small letters, digits and hyphens, and starts with a letter"
        )
    if manifest.api != API_VERSION:
        raise _Broken(f"it asks for api {manifest.api}; this metier has api {API_VERSION}")
    if manifest.review not in _REVIEW:
        raise _Broken(f"its review granularity is none of {', '.join(_REVIEW)}")
    return manifest


def _hooks(plugin: object) -> dict[str, Any]:
    """Every attribute marked as an implementation."""
    return {
        name: attribute
        for name in dir(plugin)
        if not name.startswith("__") and hasattr(attribute := getattr(plugin, name, None), _MARK)
    }


def _check_hooks(plugin: object) -> None:
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for name, function in _hooks(plugin).items():
        options = getattr(function, _MARK)
        if options.get("wrapper") or options.get("hookwrapper"):
            raise _Broken(f"`{name}` is a wrapper; wrappers are not supported")
        if not hasattr(hookspecs, name) or not hasattr(
            getattr(hookspecs, name), hookspecs.PROJECT + "_spec"
        ):
            raise _Broken(f"`{name}` is no hook of metier; see metier.hookspecs")
        spec = set(inspect.signature(getattr(hookspecs, name)).parameters)
        unknown = [a for a in _arguments(function) if a not in spec]
        if unknown:
            takes = ", ".join(sorted(spec)) or "none"
            raise _Broken(f"`{name}` asks for {', '.join(unknown)}; the hook's arguments: {takes}")
        if name in _COLLECTED and inspect.iscoroutinefunction(function):
            raise _Broken(f"`{name}` is read once at load and can't be a coroutine")
    try:
        manager.register(plugin, name="candidate")
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise _Broken(str(error).splitlines()[-1].strip()) from None


def _arguments(function: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


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


def _without_cycles(found: Sequence[LoadedPlugin]) -> list[LoadedPlugin]:
    try:
        _order([p.manifest for p in found if p.manifest])
    except CycleError as error:
        circle = set(error.args[1])
        reason = "before and after form a circle: " + ", ".join(sorted(circle))
        return [
            replace(p, status="broken", reason=reason) if p.name in circle else p for p in found
        ]
    return list(found)


def _order(manifests: Sequence[Manifest]) -> list[str]:
    """Plugin names in calling order: by before and after, then by name."""
    names = {m.name for m in manifests}
    graph: dict[str, set[str]] = {name: set() for name in sorted(names)}
    for manifest in manifests:
        graph[manifest.name].update(n for n in manifest.after if n in names)
        for later in manifest.before:
            if later in names:
                graph[later].add(manifest.name)
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order.extend(ready)
        sorter.done(*ready)
    return order


def _build_host(domain: str, plugins: Sequence[LoadedPlugin], breaker: Breaker) -> Host:
    manifests = {p.name: p.manifest for p in plugins if p.manifest is not None}
    order = _order(list(manifests.values()))
    found: dict[str, list[Implementation]] = {}
    tries: dict[str, dict[str, int]] = {}
    for plugin in plugins:
        for hook, function in _hooks(plugin.plugin).items():
            marks = getattr(function, _MARK)
            options = getattr(function, "__metier_options__", HookOptions())
            found.setdefault(hook, []).append(
                Implementation(
                    plugin.name,
                    plugin.distribution,
                    hook,
                    manifests[plugin.name],
                    function,
                    _arguments(function),
                    options,
                )
            )
            tried = -1 if marks.get("tryfirst") else 1 if marks.get("trylast") else 0
            tries.setdefault(hook, {})[plugin.name] = tried
    calls = {hook: ordered(each, tries[hook], order) for hook, each in found.items()}
    return Host(domain, calls, manifests, breaker)
