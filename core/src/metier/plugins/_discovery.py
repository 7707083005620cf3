"""Finding plugins, checking each in its own guard, and building hosts."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import pluggy

from metier import hookspecs
from metier.hookspecs import FAILS_CLOSED, HookOptions
from metier.model import API_VERSION, Manifest, MetierError, Turn
from metier.plugins._breaker import Breaker, BreakerState
from metier.plugins._host import Contribution, Host, Implementation, ordered
from metier.plugins._order import circles, order
from metier.plugins._results import BadToolName, WrongType, checked, misfit

GROUP = "metier.plugins"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MARK = hookspecs.PROJECT + "_impl"
_REVIEW = ("pass", "sentence", "whole")
_NEEDS = ("sentence", "whole")

_COLLECTED = frozenset(
    {"domain", "strategies", "views", "importers", "evaluation_suites", "recognizers", "policies",
     "knowledge_packs", "commands", "routes"}
)  # fmt: skip
"""Hooks that are read once, without arguments; they can't be coroutines."""

Judge = Callable[[Sequence[object]], Sequence[str]]
"""Why recognizers must not be used; empty where they may."""


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
    warnings: tuple[str, ...] = ()
    """What it may not have meant, though it works."""


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
            MetierError: where the domain or an extension is not there, is broken, or
                is not of that kind.
        """
        key = (domain, frozenset(extensions) - self._defaults)
        if key not in self._hosts:
            joined = [self._plugin(domain, domain=True)]
            joined += [self._plugin(name, domain=False) for name in sorted(key[1])]
            core = [self._ok[name] for name in sorted(self._defaults)]
            self._hosts[key] = _build_host(domain, [*core, *joined], self._breaker)
        return self._hosts[key]

    def _plugin(self, name: str, *, domain: bool) -> LoadedPlugin:
        """A plugin that works and is of the kind that is asked for."""
        found = self._ok.get(name)
        if found is None or found.manifest is None:
            broken = next((p for p in self.plugins if p.name == name), None)
            if broken is None:
                known = ", ".join(self.domains) or "none is installed"
                reason = f"There is no plugin '{name}'. Known domains: {known}."
            else:
                reason = f"The plugin '{name}' does not work: {broken.reason}. Mend or remove it."
            raise MetierError(reason, code="plugin_not_usable")
        if found.manifest.domain != domain:
            what, asked = (
                ("a domain", "an extension") if not domain else ("an extension", "a domain")
            )
            raise MetierError(
                f"The plugin '{name}' is {what} and can't be used as {asked}. "
                "See `extensions` in metier.toml.",
                code="plugin_not_usable",
            )
        return found


def discover(
    extra: Sequence[object] = (), defaults: Sequence[object] = (), judge: Judge | None = None
) -> Registry:
    """Loads every installed plugin, each in its own guard.

    Args:
        extra: plugin objects besides the installed ones.
        defaults: the core's own plugins, which join every host.
        judge: looks at the recognizers of each plugin. One whose recognizers it
            refuses is broken: its domain is not served without them. None where
            no turn will be run.

    One that can't be loaded is listed as broken with the reason; the rest work.

    Raises:
        MetierError: where one of `defaults` is broken: they hold what privacy rests on.
    """
    core = [_check(plugin, "metier", _version("metier")) for plugin in defaults]
    found = [*core, *_installed()]
    found.extend(_check(plugin, _module_of(plugin), "0") for plugin in extra)
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
    return Registry(found, frozenset(p.name for p in core))


def _version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "0"


def _module_of(plugin: object) -> str:
    return plugin.__name__ if inspect.ismodule(plugin) else type(plugin).__module__


@contextmanager
def _guard(doing: str) -> Iterator[None]:
    """Turns whatever a plugin raises into the reason why it is broken. Never its words.

    An interrupt from the keyboard is not the plugin's.
    """
    try:
        yield
    except (_Broken, KeyboardInterrupt):
        raise
    except BaseException as error:
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        detail = f" (no module '{missing}')" if missing else ""
        raise _Broken(f"{doing} raised {type(error).__name__}{detail}") from None


# --- installed plugins -----------------------------------------------------------


def _installed() -> list[LoadedPlugin]:
    """The plugins of every distribution with an entry point, by distribution and name.

    Distributions are read one by one: `metadata.entry_points` stops at the first
    whose files are damaged.
    """
    found: list[LoadedPlugin] = []
    seen: set[str] = set()
    for distribution in metadata.distributions():
        name, version = "unknown", "0"
        try:
            with _guard("reading its entry_points.txt"):
                if GROUP not in (distribution.read_text("entry_points.txt") or ""):
                    continue
                # Two copies on the path are one plugin: the first is what gets imported.
                name, version = _named(distribution)
                if name in seen:
                    continue
                seen.add(name)
                entries = sorted(distribution.entry_points.select(group=GROUP))
        except _Broken as problem:
            found.append(LoadedPlugin(name, name, version, None, "broken", str(problem)))
            continue
        found += [_load(entry, name, version) for entry in entries]
    return sorted(found, key=lambda p: (p.distribution, p.name))


def _named(distribution: metadata.Distribution) -> tuple[str, str]:
    """Name and version; what lacks its METADATA has neither."""
    about: Any = distribution.metadata
    if about is None or not about["Name"]:
        return "unknown", "0"
    return str(about["Name"]), str(about["Version"] or "0")


def _load(entry: metadata.EntryPoint, distribution: str, version: str) -> LoadedPlugin:
    try:
        # What a module prints when imported must not get into a command's output.
        with _guard(f"importing {entry.value}"), redirect_stdout(sys.stderr):
            plugin = entry.load()
    except _Broken as problem:
        return LoadedPlugin(entry.name, distribution, version, None, "broken", str(problem))
    return _check(plugin, distribution, version, entry.name)


# --- one plugin ------------------------------------------------------------------


def _check(plugin: object, distribution: str, version: str, name: str = "") -> LoadedPlugin:
    name = name or type(plugin).__name__.lower()
    try:
        with _guard("looking at it"):
            manifest = _manifest(plugin)
            name = manifest.name
            _check_hooks(plugin)
            _check_tools(plugin, manifest)
            warnings = _unmarked(plugin)
    except _Broken as problem:
        return LoadedPlugin(name, distribution, version, None, "broken", str(problem))
    return LoadedPlugin(
        name, distribution, version, manifest, "ok", plugin=plugin, warnings=warnings
    )


def _judged(plugin: LoadedPlugin, judge: Judge) -> LoadedPlugin:
    """The plugin, broken where its recognizers can't be had or must not be used."""
    function = getattr(plugin.plugin, "recognizers", None) if plugin.status == "ok" else None
    if function is None:
        return plugin
    try:
        with _guard("its `recognizers` hook"), redirect_stdout(sys.stderr):
            try:
                given = checked("recognizers", function())
            except WrongType:
                raise _Broken("its `recognizers` hook gave something else than a list") from None
            except MetierError as error:
                if error.code != "recognizer_refused":
                    raise
                raise _Broken(f"its `recognizers` hook: {error.message}") from None
            reasons = judge(given or ())
        if reasons:
            raise _Broken(f"its recognizers must not be used: {'; '.join(reasons)}")
    except _Broken as problem:
        return replace(plugin, status="broken", reason=str(problem), manifest=None, plugin=None)
    return plugin


def _manifest(plugin: object) -> Manifest:
    if isinstance(plugin, type):
        raise _Broken(f"its entry point names the class {plugin.__name__}; name an object of it")
    domain = getattr(plugin, "domain", None)
    if domain is None or not hasattr(domain, _MARK):
        raise _Broken("it has no `domain` hook; mark one with @metier.hookimpl")
    if inspect.iscoroutinefunction(domain):
        raise _Broken("its `domain` hook is async; it is read once at load, so make it a plain def")
    with _guard("its `domain` hook"):
        manifest = domain()
    if not isinstance(manifest, Manifest):
        raise _Broken(f"its `domain` hook returned {type(manifest).__name__}, not a Manifest")
    wrong = misfit(manifest)
    if wrong or (manifest.config is not None and not hasattr(manifest.config, "model_validate")):
        kind = Manifest.__annotations__[wrong or "config"]
        raise _Broken(f"its manifest's `{wrong or 'config'}` is not of the type {kind}")
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


_KNOWN = tuple(
    n for n in dir(hookspecs) if hasattr(getattr(hookspecs, n), f"{hookspecs.PROJECT}_spec")
)


def _unmarked(plugin: object) -> tuple[str, ...]:
    """Methods that are named like hooks and are none, so that nothing calls them."""
    return tuple(
        f"`{name}` is not marked, so it is never called; mark it with @metier.hookimpl or rename it"
        for name in sorted(set(_KNOWN) - _hooks(plugin).keys())
        if inspect.isroutine(getattr(plugin, name, None))
    )


def _check_tools(plugin: object, manifest: Manifest) -> None:
    """The names of the tools that a message without words would be offered.

    They are looked at in every turn too; here the reason can be told. A hook that
    can't work so, or might take long, is left to its turns.
    """
    function = _hooks(plugin).get("tools")
    options: HookOptions = getattr(function, "__metier_options__", HookOptions())
    if function is None or options.blocking or inspect.iscoroutinefunction(function):
        return
    try:
        settings = manifest.config() if manifest.config else None
        turn = Turn("", "", "", manifest.name, "", "", datetime.now(UTC), config=settings)
        with redirect_stdout(sys.stderr):
            checked("tools", function(**dict.fromkeys(_arguments(function), turn)))
    except BadToolName as problem:
        raise _Broken(str(problem)) from None
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: S110 - it needs a turn; each turn records how it fails there
        pass


def _check_hooks(plugin: object) -> None:
    marked = _hooks(plugin)
    for name, function in marked.items():
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, 1)
            hint = f"did you mean `{near[0]}`?" if near else "see metier.hookspecs"
            raise _Broken(f"`{name}` is no hook of metier; {hint}")
        _check_hook(name, function)
    for name in sorted(FAILS_CLOSED - marked.keys()):
        # Left out unnoticed, a check of safety would be missing in silence.
        if inspect.isroutine(getattr(plugin, name, None)):
            raise _Broken(f"`{name}` is not marked; mark it with @metier.hookimpl or rename it")
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name="candidate")
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise _Broken(str(error).splitlines()[-1].strip()) from None


def _check_hook(name: str, function: Any) -> None:
    marks: Mapping[str, Any] = getattr(function, _MARK)
    options: HookOptions = getattr(function, "__metier_options__", HookOptions())
    if marks.get("wrapper") or marks.get("hookwrapper"):
        raise _Broken(f"`{name}` is a wrapper; wrappers are not supported")
    if marks.get("tryfirst") and marks.get("trylast"):
        raise _Broken(f"`{name}` is marked both tryfirst and trylast; choose one")
    spec = set(inspect.signature(getattr(hookspecs, name)).parameters)
    parameters = inspect.signature(function).parameters
    unknown = [a for a in parameters if a not in spec]
    if unknown:
        takes = ", ".join(sorted(spec)) or "none"
        raise _Broken(f"`{name}` asks for {', '.join(unknown)}; the hook's arguments: {takes}")
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if any(p.kind not in plain for p in parameters.values()):
        raise _Broken(f"`{name}` must take its arguments by name")
    asynchronous = inspect.iscoroutinefunction(function)
    if name in _COLLECTED and asynchronous:
        raise _Broken(f"`{name}` is read once at load and can't be a coroutine")
    if asynchronous and options.blocking:
        raise _Broken(f"`{name}` is async, so it can't be blocking; make it a plain def")
    if options.needs not in _NEEDS:
        raise _Broken(f"`{name}` needs '{options.needs}', which is none of {', '.join(_NEEDS)}")
    deadline = options.deadline
    if deadline is not None and not (isinstance(deadline, int | float) and deadline > 0):
        raise _Broken(f"the deadline of `{name}` is no number of seconds above 0")


def _arguments(function: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)


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


def _build_host(domain: str, plugins: Sequence[LoadedPlugin], breaker: Breaker) -> Host:
    manifests = {p.name: p.manifest for p in plugins if p.manifest is not None}
    places = order(list(manifests.values()))
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
    calls = {hook: ordered(each, tries[hook], places) for hook, each in found.items()}
    return Host(domain, calls, manifests, breaker)
