"""Plugins and hosts for the tests of the dispatcher."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metier.hookspecs import hookimpl
from metier.model import (
    Manifest,
)
from metier.plugins import Host, LoadedPlugin, Registry, discover

_, _, HOSTILE = (Path(__file__).parent / "hostile.py").read_text("utf-8").partition("annotations\n")
"""The code of the hostile plugin, to come after `HEAD`."""

Isolate = Callable[..., tuple[LoadedPlugin, Registry]]
"""The fixture `isolate`: code, further plugin objects and options of `Isolation`."""

_numbers = itertools.count()
HEAD = """
import asyncio
import pluggy
from metier import hookimpl
from metier.model import Composition, Manifest, PolicyFile

def manifest(name="toy", **more):
    return Manifest(**{"name": name, "title": "Toy", "description": "Echoes.", **more})
"""
SECRET = "Anna Smith, +44 20 7946 0958"


def plugin(name: str = "garden", **hooks: Callable[..., Any]) -> Any:
    """A plugin whose hooks are plain functions without `self`."""
    manifest = Manifest(name, name.title(), "A plugin of the tests.", writes=("preference",))

    @hookimpl
    def domain() -> Manifest:
        return manifest

    members: dict[str, Any] = {"domain": domain, **hooks}
    return type(name, (), {key: staticmethod(value) for key, value in members.items()})()


def extension(name: str, *, before: Any = (), after: Any = (), **hooks: Callable[..., Any]) -> Any:
    manifest = Manifest(name, name.title(), "Joins.", domain=False, before=before, after=after)

    @hookimpl
    def domain() -> Manifest:
        return manifest

    members: dict[str, Any] = {"domain": domain, **hooks}
    return type(name, (), {key: staticmethod(value) for key, value in members.items()})()


def registry(*plugins: object) -> Registry:
    found = discover(plugins)
    broken = {p.name: p.reason for p in found.plugins if p.status != "ok"}
    assert not broken
    return found


def host(*plugins: Any) -> Host:
    found = registry(*plugins)
    manifests = [p.domain() for p in plugins]
    first = next(m.name for m in manifests if m.domain)
    return found.host(first, [m.name for m in manifests if not m.domain])


def narrow(manifest: Manifest) -> None:
    return None


def told(text: str) -> Callable[..., Any]:
    """A `rewrite_query` that says `text`."""

    @hookimpl
    def rewrite_query() -> list[str]:
        return [text]

    return rewrite_query


def install(
    site: Path, code: str, *, name: str = "", entry: str = "toy", attribute: str = "plugin"
) -> str:
    """Puts a distribution of one module with one entry point into `site`, as installers do."""
    number = next(_numbers)
    name = name or f"metier-toy-{number}"
    module = f"toy_module_{number}"
    (site / f"{module}.py").write_text(HEAD + code, "utf-8")
    about = site / f"{name.replace('-', '_')}-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (about / "entry_points.txt").write_text(f"[metier.plugins]\n{entry} = {module}:{attribute}\n")
    return name
