"""`metier vllm`: what is started, that it is watched over, and how it ends.

The server here is a stand-in that takes vLLM's arguments and answers /health.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from vllm_server import FLAGS, LOGGING, QUIET

from metier.cli import _vllm_command
from metier.cli._main import cli
from metier.inference import read_metrics

STAND_IN = """
import http.server, os, pathlib, signal, sys
port = next(int(a.split("=")[1]) for a in sys.argv if a.startswith("--port="))
folder = pathlib.Path(os.environ["STAND_IN"])
starts = folder / "starts"
starts.write_text((starts.read_text() if starts.exists() else "") + f"{os.getpid()}\\n")
(folder / "environment").write_text(
    "\\n".join(k for k in os.environ if k.startswith(("VLLM", "METIER", "DO_NOT", "HF_"))))
if (folder / "broken").exists():
    sys.exit("no weights")
def stop(*_):
    (folder / "drained").write_text("yes")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a home, and with a package `vllm` that every Python finds."""
    package = tmp_path / "packages" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    for folder in (package, package.parent, package.parent.parent):
        (folder / "__init__.py").write_text("")
    (package / "api_server.py").write_text(STAND_IN)
    model(tmp_path / "model")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    monkeypatch.setenv("STAND_IN", str(tmp_path))
    monkeypatch.setenv("METIER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("METIER_PASSPHRASE", "not vLLM's business")
    return tmp_path


def model(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}")
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def running(place: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, in a process of its own; its lines come out of `stderr`."""
    process = subprocess.Popen(
        [Path(sys.executable).with_name("metier"), "vllm", "serve", place / "model",
         f"--port={free_port()}", "--drain=5"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    yield process
    process.kill()
    process.wait()


def until(process: subprocess.Popen[str], words: str) -> list[str]:
    """Reads lines until one holds `words`."""
    assert process.stderr is not None
    lines: list[str] = []
    while not lines or words not in lines[-1]:
        line = process.stderr.readline()
        assert line, f"it ended without '{words}': {lines}"
        lines.append(line)
    return lines


def starts(place: Path) -> list[int]:
    return [int(pid) for pid in (place / "starts").read_text().split()]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def printed(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ("vllm", "serve", "/models/tiny", "--print", *arguments))
    if done.exception is not None:
        raise done.exception
    return done.output


# --- what is started --------------------------------------------------------------


def test_the_flags_and_variables_are_those_that_are_tested_and_advised() -> None:
    assert FLAGS == _vllm_command.ADVISED
    assert _vllm_command.QUIET == QUIET
    assert json.loads(LOGGING.read_text("utf-8")) == _vllm_command.LOGGING


def test_print_shows_all_of_it_and_starts_and_writes_nothing(place: Path) -> None:
    shown = printed("--port=8123", "--", "--max-model-len=99")
    command = shown.splitlines()[-1]
    for flag in (*_vllm_command.ADVISED, "--host=127.0.0.1", "--port=8123", "--max-model-len=99"):
        assert flag in command.split()
    assert "export VLLM_NO_USAGE_STATS=1" in shown and "HF_HUB_OFFLINE=1" in shown
    assert "HF_HUB_OFFLINE" not in printed("--download")
    assert not (place / "home").exists() and not (place / "starts").exists()


@pytest.mark.parametrize(
    "flag",
    [
        "--host=0.0.0.0",
        "--api-key=x",
        "--enable-log-requests",
        "--enable_log_requests",
        "--no-enable-prefix-caching",
        "--uds=/tmp/socket",
        "--log-config-file=own.json",
        "--logging-config.pylogging_config_file=own.json",
        # vLLM takes the beginning of a name for all of it.
        "--hos=0.0.0.0",
        "--enable-log-req",
        "--no-enable-prefix-cach",
    ],
)
def test_what_would_undo_it_is_refused(place: Path, flag: str) -> None:
    with pytest.raises(Exception, match="is set by `metier vllm serve` itself"):
        printed("--", flag)


def adapter(folder: Path, weights: bytes, rank: object = 8) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps({"r": rank}))
    (folder / "adapter_model.safetensors").write_bytes(weights)
    return folder


def test_an_adapter_is_named_by_what_it_is(place: Path) -> None:
    one = _vllm_command.adapter(f"rose={adapter(place / 'one', b'1')}")
    same = _vllm_command.adapter(f"rose={adapter(place / 'same', b'1')}")
    other = _vllm_command.adapter(f"rose={adapter(place / 'other', b'2', 12)}")
    assert one.name == same.name != other.name and one.name.startswith("rose-")
    shown = printed("--lora", f"rose={one.path}", "--lora", f"rose={other.path}")
    assert f"--max-lora-rank=16 --lora-modules {one.name}={one.path}" in shown
    for broken in ("rose", f"ro se={one.path}", f"rose={place}",
                   f"rose={adapter(place / 'bad', b'', 'many')}"):  # fmt: skip
        with pytest.raises(Exception, match="--lora"):
            _vllm_command.adapter(broken)


# --- how it runs ------------------------------------------------------------------


def test_it_is_waited_for_and_drained_and_knows_no_secret_of_metier(
    place: Path, running: subprocess.Popen[str]
) -> None:
    lines = until(running, "vLLM serves at")
    assert any('kind = "vllm"' in line for line in lines)
    key = place / "home" / "vllm" / "api-key"
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_text()) > 30
    names = (place / "environment").read_text().split()
    assert "VLLM_API_KEY" in names and not [n for n in names if n.startswith("METIER")]
    running.send_signal(signal.SIGTERM)
    until(running, "finishes what is under way")
    assert running.wait(30) == 0 and (place / "drained").exists()
    assert all(gone(pid) for pid in starts(place))


def test_it_is_started_again_when_it_dies(place: Path, running: subprocess.Popen[str]) -> None:
    until(running, "vLLM serves at")
    os.kill(starts(place)[0], signal.SIGKILL)
    until(running, "it is started again in 1 s")
    until(running, "vLLM serves at")
    first, second = starts(place)
    running.terminate()
    running.wait(30)
    assert gone(first) and gone(second)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_it_ends_with_the_command_that_watches_over_it(
    place: Path, running: subprocess.Popen[str]
) -> None:
    """Nobody would be left to end it, and the port and the memory stay taken."""
    until(running, "vLLM serves at")
    (child,) = starts(place)
    running.kill()
    running.wait(30)
    deadline = time.monotonic() + 30
    while not gone(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert gone(child) and (place / "drained").exists()


def test_one_that_never_comes_up_is_given_up_at_once(
    place: Path, running: subprocess.Popen[str]
) -> None:
    (place / "broken").write_text("")
    until(running, "vLLM did not come up")
    assert running.wait(30) == 1 and len(starts(place)) == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("{place}/nowhere", "no folder of this machine"),
        ("./nowhere", "no folder of this machine"),
        ("{place}/empty", "has no config.json"),
        ("hub/model", "--download"),
        ("model-of-the-hub", "--download"),
    ],
)
def test_a_model_that_is_not_there_is_said_before_anything_starts(
    place: Path, monkeypatch: pytest.MonkeyPatch, asked: str, said: str
) -> None:
    monkeypatch.setenv("HF_HOME", str(place / "hub"))
    (place / "empty").mkdir()
    port = f"--port={free_port()}"
    done = CliRunner().invoke(cli, ("vllm", "serve", asked.format(place=place), port))
    assert said in str(done.exception) and not (place / "starts").exists()


def test_a_model_is_a_folder_or_a_file_or_of_the_hub_where_it_may_be(place: Path) -> None:
    (place / "m.gguf").write_text("")
    cached = place / "hub" / "hub" / "models--org--fetched"
    cached.mkdir(parents=True)
    hub = {"HF_HOME": str(place / "hub")}
    for name in (str(place / "model"), str(place / "m.gguf"), "org/fetched", "org/fetched:Q4_K_M",
                 "s3://bucket/model"):  # fmt: skip
        _vllm_command.check_model(name, (), False, hub)
    _vllm_command.check_model("org/other", (), True, hub)
    _vllm_command.check_model("org/other", ("--download-dir=/srv",), False, hub)


def test_without_vllm_it_is_said_how_to_install_it(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONPATH")
    done = CliRunner().invoke(cli, ("vllm", "serve", "/models/tiny"))
    assert "pip install 'metier[vllm]'" in str(done.exception)
    done = CliRunner().invoke(cli, ("vllm", "serve", "/models/tiny", "--python=/nowhere"))
    assert "is no Python that runs" in str(done.exception)


def test_a_port_that_is_taken_is_said_before_anything_starts(place: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = CliRunner().invoke(cli, ("vllm", "serve", "/m", f"--port={port}"))
    assert f"port {port}" in str(done.exception) and not (place / "starts").exists()


# --- what it says -----------------------------------------------------------------


PAGE = (
    'vllm:num_requests_running{engine="0",model_name="a"} 2.0\n'
    'vllm:num_requests_running{engine="1",model_name="a"} 1.0\n'
    'vllm:prefix_cache_queries_total{engine="0"} 200.0\n'
    'vllm:prefix_cache_hits_total{engine="0"} 50.0\n'
    'vllm:num_requests_running_other{engine="0"} 9.0\n'
)


def test_figures_are_read_out_of_the_metrics() -> None:
    assert read_metrics(PAGE) == {
        "running": 3.0, "prefix_queries": 200.0, "prefix_hits": 50.0,
    }  # fmt: skip
    done = CliRunner().invoke(cli, ("vllm", "status", f"--port={free_port()}"))
    assert "No vLLM answers" in str(done.exception)


def test_status_tells_the_share_that_the_cache_served() -> None:
    told = f"HTTP/1.0 200 OK\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE}"
    assert json.loads(status_of(told, "--json").stdout)["prefix_share"] == 0.25
    assert "share of prompt tokens the cache served" in status_of(told).stdout


def status_of(answer: str, *more: str) -> Result:
    """What `metier vllm status` says of a server that answers so."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def serve() -> None:
            client, _ = other.accept()
            with client:
                client.recv(65_536)
                client.sendall(answer.encode())

        thread = threading.Thread(target=serve)
        thread.start()
        port = other.getsockname()[1]
        done = CliRunner().invoke(cli, ("vllm", "status", f"--port={port}", *more))
        thread.join()
    return done


def test_a_server_that_speaks_no_http_is_no_vllm() -> None:
    assert "No vLLM answers" in str(status_of("SSH-2.0-other\r\n\r\n").exception)
