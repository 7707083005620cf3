"""What the tests of every client stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live_server import served_domains
from served import KEY

from metier.model import Actor

from . import installed
from .model_server import Served, served_model
from .process import Client, running


@pytest.fixture(scope="package")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A domain before a model server that tests script."""
    with served_model(tmp_path_factory.mktemp("model")) as served:
        yield served


@pytest.fixture
def scripted(model: Served) -> Served:
    """The same, as if nothing had been scripted or sent."""
    model.begin_anew()
    return model


@pytest.fixture(scope="package")
def grounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of every installed domain, which answer without a model."""
    with served_domains(
        tmp_path_factory.mktemp("grounded"), {KEY: Actor("default", "anna")}
    ) as url:
        yield url


@pytest.fixture(scope="module")
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """The client that a module names in `CLIENT`: its folder, and its script."""
    name, script = request.module.CLIENT
    if not installed(name):
        pytest.skip(f"{name} is not installed; run: python -m tests.clients.install")
    with running(name, script, tmp_path_factory.mktemp(name)) as found:
        yield found
