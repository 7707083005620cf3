"""No socket opens but by `egress/`: watched from inside the interpreter, and read in the source."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import metier

WATCH = """
import sys
connects, looked_up = [], []
def hook(event, args):
    if event == "socket.connect":
        address = args[1]
        if isinstance(address, tuple):
            connects.append(address[:2])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        looked_up.append((event, str(args[:2])))
sys.addaudithook(hook)
"""
TURNS = """
import asyncio, importlib, pkgutil, tempfile
from pathlib import Path
from langchain_core.language_models import FakeListChatModel
from metier import config
from metier.app import Metier
from metier.app import make_keys
from metier.egress import EgressClient, TargetRule
from metier.inference import LangChainEngine, OpenAIEngine
from metier_testing.upstream import RecordingUpstream

SAID = {"education": "Solve 2x + 3 = 7", "healthcare": "What helps against hay fever?",
        "support": "How do I return a parcel?", "writing": "Please correct: Its a day."}

class Fake(FakeListChatModel):
    def bind_tools(self, tools, **options):
        return self

async def turns(engine):
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        make_keys(home)
        settings = config.Settings(embeddings="none")
        async with Metier.open(home, settings, engine=engine) as app:
            for domain, said in SAID.items():
                answer = await app.respond(app.request(domain, "I am Anna Smith. " + said))
                assert answer.text, domain
    return len(SAID)

async def main():
    await turns(None)
    assert connects == [] and looked_up == [], (connects, looked_up)
    model = Fake(responses=["Fine."] * 20)
    await turns(LangChainEngine(model, "local"))
    assert connects == [] and looked_up == [], (connects, looked_up)
    async with RecordingUpstream() as upstream:
        port = int(upstream.base_url.split(":")[2].split("/")[0])
        looked_up.clear()
        rule = TargetRule(upstream.base_url, private=True)
        await turns(OpenAIEngine(EgressClient({"local": rule}), "local", "tiny"))
        assert upstream.requests
    assert set(connects) == {("127.0.0.1", port)}, connects
    print("connects", len(connects))

asyncio.run(main())
"""
IMPORTS = """
import importlib, pkgutil
import metier
seen = 0
for package in ("metier", "metier_education", "metier_healthcare", "metier_support",
                "metier_writing", "metier_policies"):
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, package + "."):
        if found.name.endswith("__main__") or ".migrations.env" in found.name:
            continue
        importlib.import_module(found.name)
        seen += 1
assert connects == [] and looked_up == [], (connects, looked_up)
assert seen > 150, seen
"""
TELEMETRY = """
import os
import metier
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
from opentelemetry import trace
assert type(trace.get_tracer_provider()).__name__ == "ProxyTracerProvider"  # exports nowhere
"""
REPORTING = {
    "LANGSMITH_TRACING": "true", "LANGSMITH_TRACING_V2": "true", "LANGCHAIN_TRACING_V2": "true",
    "LANGSMITH_API_KEY": "lsv2_invented", "LANGCHAIN_API_KEY": "lsv2_invented",
    "LANGSMITH_ENDPOINT": "https://tracing.example",
    "HTTPS_PROXY": "http://proxy.example:3128", "HTTP_PROXY": "http://proxy.example:3128",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318",
}  # fmt: skip


def run(code: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", WATCH + code],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_watch_sees_a_connection() -> None:
    code = """
import socket
try:
    socket.create_connection(("127.0.0.1", 9), timeout=1)
except OSError:
    pass
assert connects == [("127.0.0.1", 9)] and looked_up
"""
    run(code)


@pytest.mark.timeout(400)
def test_turns_of_every_domain_connect_to_the_configured_target_and_nowhere_else() -> None:
    assert "connects" in run(TURNS)


@pytest.mark.timeout(400)
def test_tracing_and_proxies_of_the_environment_open_no_connection() -> None:
    assert "connects" in run(TURNS, **REPORTING)


@pytest.mark.timeout(400)
def test_importing_every_module_opens_no_connection() -> None:
    run(IMPORTS, **REPORTING)


def test_reporting_of_the_libraries_used_is_off() -> None:
    run(TELEMETRY, **REPORTING)


# --- in the source ----------------------------------------------------------------

NETWORK = {
    "aiohttp", "httpx", "requests", "urllib3", "socket", "http.client", "urllib.request",
    "websockets", "ftplib", "smtplib", "telnetlib", "grpc", "asyncio.open_connection",
}  # fmt: skip
ROOT = Path(metier.__file__).parent
ALLOWED = {
    ("egress", "_client.py"): "the one client",
    ("egress", "_httpx.py"): "gives it to libraries that speak httpx",
    ("server", "_asgi.py"): "listens",
    ("audit", "_sinks.py"): "syslog, where the operator asks for it",
    ("plugins", "_process.py"): "a pair of sockets to the process of an isolated plugin",
    ("plugins", "_isolate_child.py"): "the other end of it",
    ("plugins", "_sandbox.py"): "names the kinds of sockets that it forbids",
    ("crypto", "roots", "_vault.py"): "asks the key service that wraps the tenants' keys",
    ("cli", "_remote.py"): "a command that speaks with the server of its own home",
    ("cli", "_vllm_local.py"): "asks the vLLM that it has started on this machine",
}
"""Who may, and what for."""


def network_imports(path: Path) -> set[str]:
    """The modules of the network that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Attribute) and node.attr == "open_connection":
            names = ["asyncio.open_connection"]
        else:
            continue
        found |= {n for name in names for n in NETWORK if name == n or name.startswith(n + ".")}
    return found


def sources() -> list[Path]:
    roots = [ROOT, *(Path(__file__).parent.parent / "plugins").glob("*/src")]
    return [path for root in roots for path in sorted(root.rglob("*.py"))]


def test_no_module_but_egress_imports_a_network_library() -> None:
    found = {path: names for path in sources() if (names := network_imports(path))}
    allowed = {ROOT.joinpath(*parts) for parts in ALLOWED}
    assert {str(path): names for path, names in found.items() if path not in allowed} == {}
    assert allowed == set(found)  # no entry outlives its reason
