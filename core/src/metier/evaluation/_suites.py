"""Running a suite that a plugin brings."""

from __future__ import annotations

import secrets
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from metier.app import Metier
from metier.evaluation._core import core_suites
from metier.evaluation._report import report
from metier.evaluation._scratch import scratch
from metier.model import Answer, BadRequest, EvaluationSuite, MetierError
from metier.plugins import Registry

_HOOK = "evaluation_suites"


def suites(registry: Registry) -> dict[str, EvaluationSuite]:
    """Every suite that an installed plugin brings, by name."""
    return {name: suite for name, (suite, _) in _brought(registry).items()}


def failed_suites(registry: Registry) -> list[str]:
    """Which plugins failed to give the suites that `suites` asked them for, in words."""
    return [
        f"The plugin '{state.plugin}' failed to give its suites ({state.error})."
        for state in registry.breakers()
        if state.hook == _HOOK
    ]


def _brought(registry: Registry) -> dict[str, tuple[EvaluationSuite, str]]:
    """The suites by name, each with its plugin."""
    return {
        suite.name: (suite, contribution.plugin)
        for domain in sorted(registry.domains)
        for contribution in registry.host(domain).collect(_HOOK)
        for suite in contribution.value
    }


async def run_plugin_suite(name: str, data: Path | None = None) -> dict[str, Any]:
    """Runs one suite in a scratch home, with the engine of the installation.

    Returns: see `report`.

    Raises:
        MetierError: see `scratch` and `run_suite`.
    """
    async with scratch(own_engine=True, packs=False) as app:
        return await run_suite(app, name, data)


async def run_suite(app: Metier, name: str, data: Path | None = None) -> dict[str, Any]:
    """Runs one suite on fresh subjects and conversations, which stay in the app's home.

    The packs of a domain are indexed when it is first asked.

    Returns: see `report`.

    Raises:
        BadRequest: where there is no such suite, naming those there are.
        MetierError: the suite fails; named with the place, never with the words of its error.
    """
    suite, plugin = known_suite(app.parts.registry, name)

    packs = app.changed_packs()

    async def ask(domain: str, messages: Sequence[str]) -> Sequence[Answer]:
        if domain in packs:
            app.index_packs({domain: packs.pop(domain)})
        conversation, subject = secrets.token_hex(8), f"eval-{secrets.token_hex(8)}"
        return [
            await app.respond(
                app.request(domain, message, subject=subject, conversation=conversation)
            )
            for message in messages
        ]

    started = time.perf_counter()
    try:
        count, marks = await suite.run(ask, data)
    except MetierError:
        raise
    except Exception as error:
        raise MetierError(
            f"The suite '{name}' of the plugin '{plugin}' failed: {_where(error)}. "
            "METIER_TRACEBACK=1 shows more, which may hold personal data.",
            code="plugin_failed",
        ) from error
    dataset = data.name if data else "sample"
    return report(name, (dataset, count, marks), started, app.settings.embeddings != "none")


def known_suite(registry: Registry, name: str) -> tuple[EvaluationSuite, str]:
    """A suite and the plugin that brings it.

    Raises:
        BadRequest: where there is no such suite, naming those there are, and the plugins
            that failed to give theirs.
    """
    brought = _brought(registry)
    if name not in brought:
        there = ", ".join(sorted({*brought, *core_suites()}))
        said = ("There is no suite of that name.", *failed_suites(registry), f"Known: {there}.")
        raise BadRequest(" ".join(said), status=404)
    return brought[name]


def _where(error: Exception) -> str:
    """The error's type, the place in what was read, and the suite's own line that led there."""
    told = type(error).__name__
    if place := _place(error):
        told += f" at {place} of what it read"
    below = list(traceback.walk_tb(error.__traceback__))[1:]
    modules = [str(frame.f_globals.get("__name__", "?")) for frame, _ in below]
    package = modules[0].partition(".")[0] if modules else "metier"
    if package == "metier":  # an isolated plugin's: its lines are in another process
        return told
    last = max(n for n, module in enumerate(modules) if module.partition(".")[0] == package)
    return f"{told}, in {modules[last]}, line {below[last][1]}"


def _place(error: Exception) -> str:
    """Line and column that a parser of YAML or JSON gives."""
    mark: Any = getattr(error, "problem_mark", None)
    if mark is not None:
        return f"line {mark.line + 1}, column {mark.column + 1}"
    line, column = getattr(error, "lineno", None), getattr(error, "colno", None)
    return f"line {line}, column {column}" if line and column else ""
