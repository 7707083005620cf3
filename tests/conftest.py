"""A prepared home and an open metier for tests that cross packages."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from served import Client, client_of, engine
from toy import Gardening

from metier import config
from metier.app import Metier, make_keys
from metier_testing.upstream import RecordingUpstream


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    make_keys(folder)
    return folder


@pytest.fixture
async def open_metier(home: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await open_metier(plugin, …, engine=…)`: an app in a fresh home, closed afterwards."""
    async with AsyncExitStack() as stack:

        async def build(*plugins: object, engine: Any = None, **settings: Any) -> Metier:
            wanted = config.Settings(**{"embeddings": "none", **settings})
            app = Metier.open(home, wanted, plugins=plugins, engine=engine)
            return await stack.enter_async_context(app)

        yield build


@pytest.fixture
async def upstream() -> AsyncIterator[RecordingUpstream]:
    """A model server that keeps the bytes it gets, and answers in one piece."""
    async with RecordingUpstream(split="whole") as server:
        yield server


@pytest.fixture
async def client(open_metier: Any, upstream: RecordingUpstream) -> AsyncIterator[Client]:
    """A client of a served toy domain that asks `upstream`."""
    app = await open_metier(Gardening(), engine=engine(upstream.base_url))
    async with client_of(app) as found:
        yield found
