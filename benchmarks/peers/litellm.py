"""LiteLLM's proxy, one worker, one key, no database: passing on as it is, or with Presidio.

With Presidio it hides what patterns find before the model is asked, and puts it back after, as
its guardrail does it (`output_parse_pii`); the analyzer and the anonymizer are on the same core.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks.peers import home

NAME = "litellm"
VERSION = "1.108.7"
REQUIREMENTS = (
    f"litellm[proxy]=={VERSION}", "presidio-analyzer==2.2.366", "presidio-anonymizer==2.2.366",
)  # fmt: skip

_CONFIG = """
model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "{direct}", api_key: none}}
litellm_settings: {{telemetry: false, drop_params: false, num_retries: 0}}
general_settings: {{master_key: "{key}"}}
"""


_GUARDRAIL = """
guardrails:
  - guardrail_name: presidio
    litellm_params:
      guardrail: presidio
      mode: pre_call
      default_on: true
      output_parse_pii: true
      presidio_analyzer_api_base: "http://127.0.0.1:{port}"
      presidio_anonymizer_api_base: "http://127.0.0.1:{port}"
"""


def installed() -> bool:
    """Whether its environment has been made."""
    return (home(NAME) / "bin" / "litellm").exists()


@contextmanager
def started(
    direct: str, folder: Path, core: int, key: str, presidio: bool
) -> Iterator[tuple[int, psutil.Process, tuple[psutil.Process, ...]]]:
    """The proxy on one core, in front of the model at `direct`.

    Args:
        key: what it lets in; without one it doesn't start.
        presidio: whether it hides what Presidio's patterns find.

    Yields: its port, its process, and those that it asks.
    """
    config = folder / "litellm.yaml"
    text = _CONFIG.format(direct=direct, key=key)
    with ExitStack() as stack:
        beside: tuple[psutil.Process, ...] = ()
        if presidio:
            port = _free_port()
            text += _GUARDRAIL.format(port=port)
            served = Path(__file__).with_name("_presidio.py")
            asked: list[str | Path] = [home(NAME) / "bin" / "python", served, str(port)]
            beside = (stack.enter_context(_running(core, asked)),)
        config.write_text(text, "utf-8")
        port = _free_port()
        command: list[str | Path] = [home(NAME) / "bin" / "litellm", "--config", config,
                   "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]  # fmt: skip
        yield port, stack.enter_context(_running(core, command)), beside


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _running(core: int, command: Sequence[str | Path]) -> Iterator[psutil.Process]:
    env = {**os.environ, "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *command],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
    )  # fmt: skip
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()
