"""Lets the tests of this folder import the modules beside them, and gives plugins a place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

if TYPE_CHECKING:
    from plugin_kit import Isolate
    from store_kit import Places

    from metier.plugins import LoadedPlugin, Registry


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, as site-packages is, where distributions can be put."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def isolate(site: Path) -> Iterator[Isolate]:
    """Installs code as a plugin and finds it isolated; its processes end with the test."""
    from plugin_kit import install

    from metier.plugins import Isolation, discover

    opened: list[Registry] = []

    def build(code: str, *extra: object, **options: Any) -> tuple[LoadedPlugin, Registry]:
        name = install(site, code, entry="hostile")
        wanted = Isolation(**{"plugins": frozenset({name}), **options})
        found = discover(extra, isolation=wanted)
        opened.append(found)
        return next(p for p in found.plugins if p.distribution == name), found

    yield build
    for registry in opened:
        registry.close()


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    """Where tests of the store get databases."""
    from store_kit import Places

    places = Places()
    yield places
    places.close()
