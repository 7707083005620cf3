"""A served metier in operation: figures, readiness, a drain on SIGTERM, a reload on SIGHUP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from metier_testing.upstream import RecordingUpstream

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-c", "from metier.cli import main; main()", "serve", "--port", "0"]
SECRET = "Zebulon Quartermain"
POLICY = 'name: own\nversion: "1"\ndescription: Ours.\n'


@dataclass
class Served:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    client: httpx.AsyncClient
    metrics: str
    home: Path

    async def ask(self, **fields: Any) -> httpx.Response:
        return await self.client.post("/v1/chat/completions", json=said(**fields))

    async def page(self) -> str:
        async with httpx.AsyncClient() as client:
            return (await client.get(self.metrics)).text

    async def until(self, path: str, status: int) -> httpx.Response:
        """The answer, once it has that status."""
        while True:
            found = await self.client.get(path)
            if found.status_code == status:
                return found
            await asyncio.sleep(0.02)

    async def until_page(self, line: str) -> None:
        while line not in await self.page():  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    def end(self) -> tuple[int, str]:
        """The status and what was logged."""
        _, logged = self.process.communicate(timeout=60)
        return self.process.returncode, logged


def said(**fields: Any) -> dict[str, Any]:
    words = f"My name is {SECRET}. Please mend: its a nice day."
    return {"model": "writing", "messages": [{"role": "user", "content": words}], **fields}


@asynccontextmanager
async def served(home: Path, upstream: RecordingUpstream, **more: str) -> AsyncIterator[Served]:
    """A server in front of `upstream`, with further settings by their paths."""
    (home / "api-key").write_text("metier-key\n")
    (home / "metier.toml").write_text('embeddings = "none"\npolicies = ["own.yaml"]\n')
    (home / "own.yaml").write_text(POLICY)
    settings = {
        "engine.kind": "openai",
        "engine.model": "tiny",
        "engine.base_url": upstream.base_url,
        "telemetry.metrics_port": str(_free_port()),
        "telemetry.logs": "json",
        "privacy.names": "rules",  # loads in no time
        **more,
    }
    flags = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    process = subprocess.Popen(  # noqa: ASYNC220
        [*COMMAND, *flags], env={**os.environ, "METIER_HOME": str(home)}, text=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    address = ""
    while "API key" not in (line := await asyncio.to_thread(process.stderr.readline)):
        assert line, "the server ended"
        told = json.loads(line)["message"] if settings["telemetry.logs"] == "json" else line
        address = told.split()[-1] if "base URL" in told else address
    url = address.removesuffix("/v1")
    headers = {"Authorization": "Bearer metier-key"}
    metrics = f"http://127.0.0.1:{settings['telemetry.metrics_port']}/metrics"
    try:
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            await client.get("/healthz")
            yield Served(process, client, metrics, home)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def kinds(home: Path) -> list[str]:
    with sqlite3.connect(home / "store.db") as raw:
        return [row[0] for row in raw.execute("select kind from audit_event order by seq")]


async def test_figures_are_on_a_port_of_their_own_and_readiness_tells_what_is_not(
    home: Path,
) -> None:
    async with RecordingUpstream() as upstream, served(home, upstream) as server:
        assert (await server.ask()).status_code == 200
        await server.until_page('metier_turns_total{domain="writing",outcome="answered"} 1.0')
        page = await server.page()
        assert 'route="/v1/chat/completions",status="200"} 1.0' in page
        assert re.search(r'metier_tokens_total\{engine="openai",kind="input"\} [1-9]', page)
        assert (await server.client.get("/metrics")).status_code == 404
        other = server.metrics.replace("/metrics", "/")
        async with httpx.AsyncClient() as client:
            assert (await client.get(other)).status_code == 404
            assert (await client.post(server.metrics)).status_code == 405
        ready = (await server.client.get("/readyz")).json()
        assert ready == {
            "ready": True,
            "parts": dict.fromkeys(("store", "keys", "index", "domains", "engine"), True),
            "reasons": {},
        }
        server.process.send_signal(signal.SIGTERM)
        status, logged = server.end()
    assert status == 143
    lines = [json.loads(line) for line in logged.splitlines()]
    assert any(x["message"] == "request" and x["status"] == 200 for x in lines)
    assert SECRET not in logged + page


async def test_a_request_that_failed_is_found_in_the_log_by_its_id_with_its_code(
    home: Path,
) -> None:
    async with RecordingUpstream() as upstream, served(home, upstream) as server:
        well = await server.ask()
        upstream.fail(500, times=9)
        ill = await server.ask()
        upstream.fail(500, times=0)
        upstream.cut_after(1)
        cut = await server.ask(stream=True)
        unknown = await server.client.get("/v1/profile", headers={"Authorization": "Bearer no"})
        nothing = await server.client.get("/v1/nothing")
        answers = (well, ill, cut, unknown, nothing)
        server.process.send_signal(signal.SIGTERM)
        _, logged = server.end()
    lines = [json.loads(line) for line in logged.splitlines()]
    found = {line["request"]: line for line in lines if line["message"] == "request"}
    told = [found[each.headers["x-request-id"]] for each in answers]
    assert [each["status"] for each in told] == [each.status_code for each in answers]
    codes = [each.get("code") for each in told]
    assert codes[0] is None and codes[3] == "invalid_api_key"
    assert codes[1] == ill.json()["error"]["code"]
    assert codes[2] and codes[2] in cut.text
    assert codes[4] == nothing.json()["error"]["code"]


async def test_the_text_log_leaves_the_words_of_other_libraries_out(home: Path) -> None:
    text = {"telemetry.logs": "text"}
    async with RecordingUpstream() as upstream, served(home, upstream, **text) as server:
        url = server.client.base_url
        _, broken = await asyncio.open_connection(url.host, url.port)
        broken.write(f"GET {SECRET}\r\n\r\n".encode())  # uvicorn warns of it
        await broken.drain()
        assert (await server.ask()).status_code == 200
        server.process.send_signal(signal.SIGHUP)
        await server.until_page('metier_reloads_total{result="same"} 1.0')
        server.process.terminate()
        _, logged = server.end()
        broken.close()
    assert "WARNING of uvicorn.error at " in logged and "Reloaded: " in logged
    assert "Invalid HTTP" not in logged and SECRET not in logged


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another process's limits")
async def test_a_server_that_crashes_leaves_no_core_with_what_was_in_its_memory(home: Path) -> None:
    import resource

    async with RecordingUpstream() as upstream, served(home, upstream) as server:
        soft, _ = resource.prlimit(server.process.pid, resource.RLIMIT_CORE)
    assert soft == 0


async def test_a_model_server_that_is_gone_is_told_and_does_not_take_the_replica_out(
    home: Path,
) -> None:
    async with RecordingUpstream() as upstream:
        gone = upstream.base_url
    for needed, status in (("false", 200), ("true", 503)):
        async with served(
            home, upstream, **{"engine.base_url": gone, "server.ready_needs_engine": needed}
        ) as server:
            answer = await server.client.get("/readyz")
            assert answer.status_code == status
            assert answer.json()["parts"]["engine"] is False
            assert answer.json()["reasons"] == {"engine": "engine_unavailable"}


async def test_on_sigterm_a_stream_finishes_and_what_is_new_is_sent_elsewhere(home: Path) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(["It ", "is ", "a ", "nice ", "day."])
        upstream.delay(0.0, 0.4)
        async with served(home, upstream) as server:
            asked = server.client.stream("POST", "/v1/chat/completions", json=said(stream=True))
            async with asked as stream:
                lines = stream.aiter_lines()
                await anext(lines)
                server.process.send_signal(signal.SIGTERM)
                not_ready = await server.until("/readyz", 503)
                assert not_ready.json()["reasons"] == {"server": "draining"}
                refused = await server.ask()
                assert refused.status_code == 503
                assert refused.json()["error"]["code"] == "server_draining"
                assert refused.headers["connection"] == "close"
                assert refused.headers["retry-after"] == "1"
                rest = [line async for line in lines]
            status, _ = server.end()
    assert "data: [DONE]" in rest and status == 143
    assert kinds(home).count("turn") == 1 and "turn-aborted" not in kinds(home)


async def test_a_stream_that_does_not_end_is_cut_in_time_and_its_answer_is_not_kept(
    home: Path,
) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(["It ", "is"])
        upstream.delay(0.0, 300.0)
        async with served(home, upstream, **{"server.drain_seconds": "0.2"}) as server:
            asked = server.client.stream("POST", "/v1/chat/completions", json=said(stream=True))
            got: list[str] = []
            with pytest.raises(httpx.RemoteProtocolError):
                async with asked as stream:
                    async for line in stream.aiter_lines():
                        got.append(line)
                        if len(got) == 1:
                            server.process.send_signal(signal.SIGTERM)
            status, _ = server.end()
            await upstream.until_aborted()
    assert status == 143 and "data: [DONE]" not in got
    assert "turn-aborted" in kinds(home) and "turn" not in kinds(home)


async def test_a_server_that_is_killed_breaks_off_and_keeps_every_answered_turn(
    home: Path,
) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(["It ", "is"])
        async with served(home, upstream) as server:
            answered = (await server.ask()).json()["id"]
            upstream.delay(0.0, 300.0)
            got: list[str] = []
            with pytest.raises(httpx.RemoteProtocolError):
                asked = server.client.stream("POST", "/v1/chat/completions", json=said(stream=True))
                async with asked as stream:
                    async for line in stream.aiter_lines():
                        got.append(line)
                        server.process.kill()
            server.end()
            await upstream.until_aborted()
        assert got and "data: [DONE]" not in got
        async with served(home, upstream) as server:
            again = await server.client.get(f"/v1/chat/completions/{answered}")
            assert again.json()["choices"][0]["message"]["content"] == "It is"
    assert kinds(home).count("turn") == 1
    with sqlite3.connect(home / "store.db") as raw:
        assert raw.execute("select count(*) from turn_record").fetchone() == (1,)


async def test_on_sighup_a_good_file_is_in_force_and_a_bad_one_changes_nothing(home: Path) -> None:
    async with RecordingUpstream() as upstream, served(home, upstream) as server:
        policy = home / "own.yaml"
        policy.write_text("name: own\nnope: 1\n")
        server.process.send_signal(signal.SIGHUP)
        await server.until_page('metier_reloads_total{result="refused"} 1.0')
        assert (await server.ask()).status_code == 200
        policy.write_text(POLICY.replace("Ours.", "Ours, changed."))
        file = home / "metier.toml"
        file.write_text(file.read_text() + "durability = 'wal'\n[plugins.support]\n"
                        "example_owner = 'anna'\n")  # fmt: skip
        server.process.send_signal(signal.SIGHUP)
        await server.until_page('metier_reloads_total{result="changed"} 1.0')
        assert (await server.ask()).status_code == 200
        file.write_text(file.read_text() + "nope = 1\n")
        server.process.send_signal(signal.SIGHUP)
        await server.until_page('metier_reloads_total{result="refused"} 2.0')
        server.process.send_signal(signal.SIGTERM)
        status, logged = server.end()
    assert status == 143
    said_ = [json.loads(line).get("message", "") for line in logged.splitlines()]
    assert any("Nothing was reloaded" in m and "nope" in m for m in said_)
    (changed,) = [m for m in said_ if m.startswith("Reloaded")]
    assert "plugins" in changed and "needs a restart: durability" in changed
    assert "engine" not in changed  # what a flag set is not undone by the file
    assert {"policy-refused", "policy-changed"} <= set(kinds(home))


async def test_more_than_is_allowed_at_once_is_429_and_the_rest_goes_on(home: Path) -> None:
    async with RecordingUpstream() as upstream:
        upstream.reply_with(["It ", "is ", "nice."])
        upstream.delay(1.0)
        async with served(home, upstream, **{"limits.requests": "2"}) as server:
            answers = await asyncio.gather(*(server.ask() for _ in range(6)))
            codes = sorted(a.status_code for a in answers)
            assert codes.count(200) == 2 and codes.count(429) == 4
            assert all(a.headers["retry-after"] for a in answers if a.status_code == 429)
            await server.until_page('metier_http_refused_total{reason="server_busy"} 4.0')
