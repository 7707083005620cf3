"""A real vLLM on the CPU of this machine, with a tiny random model, for tests of the wire.

`tests/provision_vllm.sh` makes its environment. The flags and variables below
are those an operator of metier is advised to use; see FLAGS and QUIET.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
ENVIRONMENT: Final = HERE.parent / ".vllm"
PYTHON: Final = ENVIRONMENT / "bin" / "python"

MODEL: Final = "tiny"
ADAPTER: Final = "rose"
CONTEXT: Final = 8192
"""Tokens the model can read; one byte is one token."""

FLAGS: Final = (
    "--no-enable-log-requests",  # the default, said aloud: no prompt or schema in the log
    "--enable-prompt-tokens-details",  # cached tokens in the usage
    "--enable-auto-tool-choice",  # domains offer tools without forcing one
    "--tool-call-parser=hermes",  # the one that fits the model
    "--tool-strict-level=parameter",  # arguments follow the tool's schema
    "--enable-prefix-caching",
    "--enable-chunked-prefill",  # long prompts don't hold up who is being answered
    "--scheduling-policy=priority",  # what is typed goes before `metier batch`
)
QUIET: Final = {
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
}
LOGGING: Final = HERE.parent / "deploy" / "vllm-logging.json"
"""Keeps out of the log what vLLM would say of a schema that it can't hold an answer to."""
_CPU_FLAGS: Final = ("--dtype=float32", "--enforce-eager", "--max-num-seqs=8")
_CPU: Final = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind"}
_UP_WITHIN: Final = 300.0


def require() -> None:
    """Skips where vLLM's environment is not made; in CI it must be, so there it fails."""
    if (ENVIRONMENT / ".ready").exists():
        return
    reason = "There is no .vllm/ environment; tests/provision_vllm.sh makes it."
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class VllmServer:
    """One server process with its workers, in a folder that takes all it writes.

    Args:
        folder: an empty folder for the model, the log, and its home and caches.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        done = subprocess.run(
            [PYTHON, HERE / "vllm_model.py", folder],
            capture_output=True, text=True, timeout=_UP_WITHIN, env=self._variables(),
        )  # fmt: skip
        assert done.returncode == 0, f"the model could not be written:\n{done.stderr[-4000:]}"

    @property
    def base_url(self) -> str:
        """The base URL for an engine, ending in "/v1"."""
        return f"http://127.0.0.1:{self._port}/v1"

    def start(self) -> None:
        """Starts the server and waits until it serves."""
        self.stop()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        command = [
            PYTHON, "-m", "vllm.entrypoints.openai.api_server", f"--model={self.folder / 'model'}",
            f"--served-model-name={MODEL}",
            f"--max-model-len={CONTEXT}", "--host=127.0.0.1", f"--port={self._port}",
            "--enable-lora", "--max-lora-rank=8",
            "--lora-modules", f"{ADAPTER}={self.folder / 'lora'}",
            *FLAGS, *_CPU_FLAGS,
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env=self._variables(), cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + _UP_WITHIN
        while not self.healthy():
            ended = self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.stop()
                why = "ended" if ended else f"was not up after {_UP_WITHIN:.0f} s"
                pytest.fail(f"vLLM {why}:\n{self.log()[-4000:]}")
            time.sleep(0.2)

    def healthy(self) -> bool:
        """Whether it answers, and the process that computes is alive."""
        if self._process is None or self._process.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"{self.base_url.removesuffix('/v1')}/health", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def kill(self) -> None:
        """Ends the server and its workers at once, as a crash of the machine would."""
        if self._process is not None:
            _signal_all(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def kill_engine(self) -> None:
        """Kills the process that computes; the one that speaks HTTP lives on to notice it."""
        assert self._process is not None
        for process in Path("/proc").glob("[0-9]*"):
            try:
                name = (process / "cmdline").read_bytes()
                session = os.getsid(int(process.name))
            except OSError:  # it ended meanwhile
                continue
            if session == self._process.pid and name.startswith(b"VLLM::EngineCore"):
                os.kill(int(process.name), signal.SIGKILL)
                return
        pytest.fail("vLLM has no process named VLLM::EngineCore")

    def stop(self) -> None:
        """Ends the server in order where it still runs, and whatever it leaves behind."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
        self.kill()
        self._process = None

    def log(self) -> str:
        """All that the server has printed."""
        return (self.folder / "log").read_text("utf-8", "replace")

    def written(self) -> list[Path]:
        """Every file of its home, caches and temporary folder, and the log."""
        folders = [self.folder / "home", self.folder / "temporary"]
        return [
            self.folder / "log",
            *(f for folder in folders for f in folder.rglob("*") if f.is_file()),
        ]

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry `labels`."""
        with urllib.request.urlopen(f"{self.base_url.removesuffix('/v1')}/metrics") as answer:
            text = answer.read().decode()
        samples = re.findall(rf"^{re.escape(name)}\{{(.*)\}} (\S+)$", text, re.M)
        assert samples, f"vLLM reports no metric {name}"
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        return sum(float(v) for found, v in samples if all(w in found for w in wanted))

    def _variables(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VLLM_", "HF_"))}
        home, temporary = self.folder / "home", self.folder / "temporary"
        home.mkdir(exist_ok=True)
        temporary.mkdir(exist_ok=True)
        # Sockets have short paths or none, so they go where they are by default.
        places = {"VLLM_RPC_BASE_PATH": tempfile.gettempdir(), "HOME": str(home),
                  "TMPDIR": str(temporary), "VLLM_LOGGING_CONFIG_PATH": str(LOGGING)}  # fmt: skip
        return kept | QUIET | _CPU | places


def _signal_all(session: int, number: signal.Signals) -> None:
    """Signals the process group that `start_new_session` made."""
    with suppress(ProcessLookupError):
        os.killpg(session, number)
