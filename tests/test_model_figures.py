"""What the vLLMs behind metier tell of their work stands on metier's own page of metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from toy import Gardening

from metier import config
from metier.app import Metier
from metier.server import Operated, _operate

PAGE = """# HELP vllm:num_requests_waiting Number of requests waiting.
vllm:num_requests_waiting{engine="0",model_name="a"} 3.0
vllm:num_requests_waiting{engine="1",model_name="a"} 1.0
vllm:prompt_tokens_total{engine="0"} 1200.0
vllm:request_success_total{engine="0"} 9.0
"""
POLICY = """
name: two
version: "1"
description: Two servers.
allow_targets: [own]
targets:
  own: {{operator: us, region: here, base_url: "{0}", base_urls: ["{1}"], private: true}}
"""


class Server:
    """A model server of which only the page of metrics is asked."""

    def __init__(self) -> None:
        self.page: str | None = PAGE
        self.asked: list[str] = []
        self.runner = web.AppRunner(web.Application(), shutdown_timeout=0.1)
        self.runner.app.router.add_get("/{path:.*}", self.answer)

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self.page is None:
            return web.Response(status=404)
        return web.Response(text=self.page)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.runner.addresses[0][1]}/v1"


@pytest.fixture
async def servers() -> AsyncIterator[list[Server]]:
    found = [Server(), Server()]
    for each in found:
        await each.runner.setup()
        await web.TCPSite(each.runner, "127.0.0.1", 0).start()
    yield found
    for each in found:
        await each.runner.cleanup()


def opened(home: Path, servers: list[Server], kind: str) -> Metier:
    urls = [each.base_url for each in servers]
    (home / "two.yaml").write_text(POLICY.format(*urls))
    backends = [{"name": name, "base_url": url} for name, url in zip("ab", urls, strict=True)]
    wanted = {"kind": kind, "target": "own", "model": "m", "backends": backends}
    settings = config.Settings(
        embeddings="none", policies=(home / "two.yaml",),
        engine=config.EngineSettings.model_validate(wanted),
        telemetry={"metrics_port": 0},
    )  # fmt: skip
    return Metier.open(home, settings, plugins=(Gardening(),))


async def looked(operated: Operated) -> list[str]:
    """The lines of the page about model servers, after one more look."""
    looking = asyncio.create_task(operated._look())
    try:
        await asyncio.sleep(0)
        told = asyncio.Event()
        note = operated.meters.model_servers

        def noted(found: object) -> None:
            note(found)  # type: ignore[arg-type]
            told.set()

        operated.meters.model_servers = noted  # type: ignore[method-assign]
        await asyncio.wait_for(told.wait(), 30)
        operated.meters.model_servers = note  # type: ignore[method-assign]
    finally:
        looking.cancel()
    lines = operated.meters.page().decode().splitlines()
    return [line for line in lines if line.startswith("metier_vllm_")]


async def test_figures_of_each_server_are_on_the_page_as_long_as_it_tells_them(
    home: Path, servers: list[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_operate, "_LOOK_SECONDS", 0.01)
    servers[1].page = None  # a proxy that shows the API alone
    async with opened(home, servers, "vllm") as app:
        operated = Operated(app, app)  # type: ignore[arg-type]
        assert await looked(operated) == [
            'metier_vllm_waiting{server="a"} 4.0', 'metier_vllm_prompt_tokens{server="a"} 1200.0',
        ]  # fmt: skip
        assert "/metrics" in servers[0].asked and "/v1/metrics" not in servers[0].asked
        servers[0].page = "not figures"
        assert await looked(operated) == []


async def test_a_server_that_is_no_vllm_is_not_asked_for_figures(
    home: Path, servers: list[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_operate, "_LOOK_SECONDS", 0.01)
    async with opened(home, servers, "openai") as app:
        assert await looked(Operated(app, app)) == []  # type: ignore[arg-type]
    assert "/metrics" not in servers[0].asked
