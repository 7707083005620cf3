"""The server against schemathesis: whatever fits its description, or nearly, gets a proper answer.

What is sent is made from `/openapi.json`: bodies and parameters that fit their schemas, that are
at their edges, and that break them. No answer may be of a status that isn't described, hold what
its schema doesn't allow, be a failure of the server, or not come at all.

A few hundred requests, unless `METIER_FUZZ` says how many at the least. schemathesis lives in an
environment of its own (`tests/provision_schemathesis.sh`).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from metier_testing.upstream import RecordingUpstream

ROOT = Path(__file__).parents[1]
PLACE = ROOT / ".schemathesis" / "bin"
WANTED = int(os.environ.get("METIER_FUZZ", "300"))
KEY = "metier-key"
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance",
)  # fmt: skip
COMMAND = [sys.executable, "-c", "from metier.cli import main; main()", "serve", "--port", "0"]
_PATIENCE = 60
"""Seconds after which an answer that hasn't come counts as none. A test machine can be slow."""
_OPERATIONS = 40
"""About so many are described; each gets its share of the requests."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + WANTED)]


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    made = subprocess.run(
        ["bash", str(ROOT / "tests" / "provision_schemathesis.sh")],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHON": sys.executable},
    )  # fmt: skip
    if made.returncode:
        pytest.skip(made.stderr.strip())


@dataclass(frozen=True)
class Served:
    """A server in a process of its own, and what it has written."""

    url: str
    log: Path
    process: subprocess.Popen[bytes]


@asynccontextmanager
async def served(home: Path, **settings: str) -> AsyncIterator[Served]:
    """`metier serve` in a fresh home."""
    (home / "api-key").write_text(f"{KEY}\n")
    log = home / "log.txt"
    every = {"embeddings": "none", "privacy.names": "rules", **settings}
    flags = [part for name, value in every.items() for part in ("--set", f"{name}={value}")]
    with log.open("wb") as file:  # a pipe that nobody reads would stop the server
        process = subprocess.Popen(  # noqa: ASYNC220
            [*COMMAND, *flags], env={**os.environ, "METIER_HOME": str(home)},
            stdout=subprocess.DEVNULL, stderr=file,
        )  # fmt: skip
    try:
        while not (found := re.search(r"(http://\S+)/v1\b", log.read_text())):
            assert process.poll() is None, log.read_text()
            await asyncio.sleep(0.05)
        async with httpx.AsyncClient(base_url=found[1], timeout=_PATIENCE) as client:
            await client.get("/healthz")
        yield Served(found[1], log, process)
    finally:
        process.kill()
        process.wait()


async def described(url: str) -> dict[str, Any]:
    """The server's description, told which domains there are and which answer is kept.

    Otherwise hardly a request would get past the first question.
    """
    headers = {"Authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=_PATIENCE) as client:
        document: dict[str, Any] = (await client.get("/openapi.json")).json()
        domains = [each["id"] for each in (await client.get("/v1/models")).json()["data"]]
        body = {"model": "writing", "input": "I live in Leeds. Please mend: its a nice day."}
        kept = (await client.post("/v1/responses", json=body)).json()["id"]
    ids = {"response_id": kept, "completion_id": kept.replace("resp_", "chatcmpl-")}
    for place in _objects(document["paths"]):
        if place.get("in") == "path" and place["name"] in ids:
            place["schema"] = {"anyOf": [{"const": ids[place["name"]]}, place["schema"]]}
        fields = place.get("properties", {})
        for name in {"model", "domain"} & fields.keys():
            fields[name] = {"enum": domains}
    return document


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)


@dataclass(frozen=True)
class Run:
    """What schemathesis did: how many requests, and what it found."""

    requests: int
    said: str
    passed: bool


async def fuzzed(url: str, folder: Path, examples: int, seed: int, *more: str) -> Run:
    """Sends at most so many generated requests for each operation."""
    schema = folder / "openapi.json"
    schema.write_text(json.dumps(await described(url)))
    process = await asyncio.create_subprocess_exec(
        PLACE / "st", "run", schema, "--url", url, "-H", f"Authorization: Bearer {KEY}",
        "--checks", ",".join(CHECKS), "--max-examples", str(examples), "--seed", str(seed),
        "--request-timeout", str(_PATIENCE), "--continue-on-failure", "--no-color",
        "--warnings", "off", "--workers", "1", *more,
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    said = out.decode(errors="replace")
    told = re.search(r"(\d[\d,]*) generated", said)
    return Run(int(told[1].replace(",", "")) if told else 0, said, process.returncode == 0)


async def until_wanted(served: Served, folder: Path, phases: Sequence[str]) -> None:
    """Runs with one seed after the other, until there were as many requests as are wanted."""
    done, seed = 0, int(os.environ.get("METIER_SEED", str(secrets.randbelow(10**6))))
    while done < WANTED:
        examples = min(50, max(1, (WANTED - done) // _OPERATIONS))
        run = await fuzzed(served.url, folder, examples, seed, "--phases", ",".join(phases))
        assert run.passed, f"seed {seed}, after {done} requests\n{run.said}"
        assert run.requests, run.said
        assert served.process.poll() is None, served.log.read_text()
        done, seed = done + run.requests, seed + 1
    print(f"{done} requests")
    assert "Traceback" not in served.log.read_text()


@pytest.fixture
def phases() -> tuple[str, ...]:
    """The edges of every schema are some two thousand requests; a short run leaves them out."""
    return ("fuzzing",) if WANTED <= 1000 else ("coverage", "fuzzing")


async def test_the_grounded_engine(home: Path, tmp_path: Path, phases: Sequence[str]) -> None:
    async with served(home, **{"engine.kind": "grounded"}) as server:
        await until_wanted(server, tmp_path, phases)


async def test_a_model_server(home: Path, tmp_path: Path, phases: Sequence[str]) -> None:
    async with RecordingUpstream() as upstream:
        settings = {
            "engine.kind": "openai", "engine.model": "tiny", "engine.base_url": upstream.base_url,
        }  # fmt: skip
        async with served(home, **settings) as server:
            await until_wanted(server, tmp_path, phases)
        assert upstream.requests
