"""LiteLLM's proxy, one worker, passing on as it is: one key, no database, no guardrails."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from benchmarks.peers import home

NAME = "litellm"
VERSION = "1.108.7"
REQUIREMENT = f"litellm[proxy]=={VERSION}"

_CONFIG = """
model_list:
  - model_name: m
    litellm_params: {{model: openai/m, api_base: "{direct}", api_key: none}}
litellm_settings: {{telemetry: false, drop_params: false, num_retries: 0}}
general_settings: {{master_key: "{key}"}}
"""


def installed() -> bool:
    """Whether its environment has been made."""
    return (home(NAME) / "bin" / "litellm").exists()


@contextmanager
def started(direct: str, folder: Path, core: int, key: str) -> Iterator[tuple[int, psutil.Process]]:
    """The proxy on one core, in front of the model at `direct`; its port and process.

    Args:
        key: what it lets in; without one it doesn't start.
    """
    config = folder / "litellm.yaml"
    config.write_text(_CONFIG.format(direct=direct, key=key), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    process = subprocess.Popen(
        ["taskset", "-c", str(core), home(NAME) / "bin" / "litellm", "--config", config,
         "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env,
    )  # fmt: skip
    try:
        yield port, psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()
