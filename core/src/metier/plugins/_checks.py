"""Checking one plugin: its manifest, its hooks, the names of its tools."""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pluggy

from metier import hookspecs
from metier.hookspecs import FAILS_CLOSED, HookOptions
from metier.model import API_VERSION, FAIRNESS_ATTRIBUTES, Manifest, Turn
from metier.plugins._results import BadToolName, checked, misfit

_NAME = re.compile(r"[a-z][a-z0-9-]*")
MARK = hookspecs.PROJECT + "_impl"
_REVIEW = ("pass", "sentence", "whole")
_NEEDS = ("sentence", "whole")
_ISOLATION = ("none", "process")

COLLECTED = frozenset(
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
    warnings: tuple[str, ...] = ()
    """What it may not have meant, though it works."""
    entry: str = ""
    """The name of its entry point."""
    isolated: bool = False
    """True where it runs in a process of its own; `plugin` then stands for it here."""


class Broken(Exception):
    """Why a plugin can't be used."""


@contextmanager
def guard(doing: str) -> Iterator[None]:
    """Turns whatever a plugin raises into the reason why it is broken. Never its words.

    An interrupt from the keyboard is not the plugin's.
    """
    try:
        yield
    except (Broken, KeyboardInterrupt):
        raise
    except BaseException as error:
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        detail = f" (no module '{missing}')" if missing else ""
        raise Broken(f"{doing} raised {type(error).__name__}{detail}") from None


def check(plugin: object, distribution: str, version: str, name: str = "") -> LoadedPlugin:
    name = name or type(plugin).__name__.lower()
    try:
        with guard("looking at it"):
            manifest = _manifest(plugin)
            name = manifest.name
            _check_hooks(plugin)
            _check_tools(plugin, manifest)
            warnings = _unmarked(plugin)
    except Broken as problem:
        return LoadedPlugin(name, distribution, version, None, "broken", str(problem))
    return LoadedPlugin(
        name, distribution, version, manifest, "ok", plugin=plugin, warnings=warnings
    )


def _manifest(plugin: object) -> Manifest:
    if isinstance(plugin, type):
        raise Broken(f"its entry point names the class {plugin.__name__}; name an object of it")
    domain = getattr(plugin, "domain", None)
    if domain is None or not hasattr(domain, MARK):
        raise Broken("it has no `domain` hook; mark one with @metier.hookimpl")
    if inspect.iscoroutinefunction(domain):
        raise Broken("its `domain` hook is async; it is read once at load, so make it a plain def")
    with guard("its `domain` hook"):
        manifest = domain()
    if not isinstance(manifest, Manifest):
        raise Broken(f"its `domain` hook returned {type(manifest).__name__}, not a Manifest")
    wrong = misfit(manifest)
    if wrong or (manifest.config is not None and not hasattr(manifest.config, "model_validate")):
        kind = Manifest.__annotations__[wrong or "config"]
        raise Broken(f"its manifest's `{wrong or 'config'}` is not of the type {kind}")
    if not _NAME.fullmatch(manifest.name):
        raise Broken(
            "its name may hold small letters, digits and hyphens, and starts with a letter"
        )
    if manifest.api != API_VERSION:
        raise Broken(f"it asks for api {manifest.api}; this metier has api {API_VERSION}")
    if manifest.isolation not in _ISOLATION:
        raise Broken(f"its isolation is none of {', '.join(_ISOLATION)}")
    for attribute, reason in manifest.fairness_exceptions.items():
        if attribute not in FAIRNESS_ATTRIBUTES:
            raise Broken(
                f"its fairness exceptions name an attribute that is none of "
                f"{', '.join(FAIRNESS_ATTRIBUTES)}"
            )
        if not reason.strip():
            raise Broken(f"its fairness exception for {attribute} gives no reason")
    if manifest.review not in _REVIEW:
        raise Broken(f"its review granularity is none of {', '.join(_REVIEW)}")
    return manifest


def hooks_of(plugin: object) -> dict[str, Any]:
    """Every attribute marked as an implementation."""
    return {
        name: attribute
        for name in dir(plugin)
        if not name.startswith("__") and hasattr(attribute := getattr(plugin, name, None), MARK)
    }


_KNOWN = tuple(
    n for n in dir(hookspecs) if hasattr(getattr(hookspecs, n), f"{hookspecs.PROJECT}_spec")
)


def _unmarked(plugin: object) -> tuple[str, ...]:
    """Methods that are named like hooks and are none, so that nothing calls them."""
    return tuple(
        f"`{name}` is not marked, so it is never called; mark it with @metier.hookimpl or rename it"
        for name in sorted(set(_KNOWN) - hooks_of(plugin).keys())
        if inspect.isroutine(getattr(plugin, name, None))
    )


def _check_tools(plugin: object, manifest: Manifest) -> None:
    """The names of the tools that a message without words would be offered.

    They are looked at in every turn too; here the reason can be told. A hook that
    can't work so, or might take long, is left to its turns.
    """
    function = hooks_of(plugin).get("tools")
    options: HookOptions = getattr(function, "__metier_options__", HookOptions())
    if function is None or options.blocking or inspect.iscoroutinefunction(function):
        return
    try:
        settings = manifest.config() if manifest.config else None
        turn = Turn("", "", "", manifest.name, "", "", datetime.now(UTC), config=settings)
        with redirect_stdout(sys.stderr):
            checked("tools", function(**dict.fromkeys(arguments_of(function), turn)))
    except BadToolName as problem:
        raise Broken(str(problem)) from None
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: S110 - it needs a turn; each turn records how it fails there
        pass


def _check_hooks(plugin: object) -> None:
    marked = hooks_of(plugin)
    for name, function in marked.items():
        if name not in _KNOWN:
            near = difflib.get_close_matches(name, _KNOWN, 1)
            hint = f"did you mean `{near[0]}`?" if near else "see metier.hookspecs"
            raise Broken(f"`{name}` is no hook of metier; {hint}")
        _check_hook(name, function)
    for name in sorted(FAILS_CLOSED - marked.keys()):
        # Left out unnoticed, a check of safety would be missing in silence.
        if inspect.isroutine(getattr(plugin, name, None)):
            raise Broken(f"`{name}` is not marked; mark it with @metier.hookimpl or rename it")
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, name="candidate")
        manager.check_pending()
    except (pluggy.PluginValidationError, ValueError) as error:
        raise Broken(str(error).splitlines()[-1].strip()) from None


def _check_hook(name: str, function: Any) -> None:
    marks: Mapping[str, Any] = getattr(function, MARK)
    options: HookOptions = getattr(function, "__metier_options__", HookOptions())
    if marks.get("wrapper") or marks.get("hookwrapper"):
        raise Broken(f"`{name}` is a wrapper; wrappers are not supported")
    if marks.get("tryfirst") and marks.get("trylast"):
        raise Broken(f"`{name}` is marked both tryfirst and trylast; choose one")
    spec = set(inspect.signature(getattr(hookspecs, name)).parameters)
    parameters = inspect.signature(function).parameters
    unknown = [a for a in parameters if a not in spec]
    if unknown:
        takes = ", ".join(sorted(spec)) or "none"
        raise Broken(f"`{name}` asks for {', '.join(unknown)}; the hook's arguments: {takes}")
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    if any(p.kind not in plain for p in parameters.values()):
        raise Broken(f"`{name}` must take its arguments by name")
    asynchronous = inspect.iscoroutinefunction(function)
    if name in COLLECTED and asynchronous:
        raise Broken(f"`{name}` is read once at load and can't be a coroutine")
    if asynchronous and options.blocking:
        raise Broken(f"`{name}` is async, so it can't be blocking; make it a plain def")
    if options.needs not in _NEEDS:
        raise Broken(f"`{name}` needs '{options.needs}', which is none of {', '.join(_NEEDS)}")
    deadline = options.deadline
    if deadline is not None and not (isinstance(deadline, int | float) and deadline > 0):
        raise Broken(f"the deadline of `{name}` is no number of seconds above 0")


def arguments_of(function: Any) -> tuple[str, ...]:
    return tuple(inspect.signature(function).parameters)
