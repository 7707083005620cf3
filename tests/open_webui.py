"""A real Open WebUI in a process of its own, for tests of metier as its model.

`tests/provision_open_webui.sh` makes its environment. The variables below are those that
docs/open-webui.md tells, and what keeps it from looking for anything outside this machine.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

VARIABLE: Final = "METIER_OPEN_WEBUI"
_UP_WITHIN: Final = 180.0
_QUIET: Final = {
    "OFFLINE_MODE": "true",
    "HF_HUB_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "false",
    "DO_NOT_TRACK": "true",
    "SCARF_NO_ANALYTICS": "true",
    "ENABLE_VERSION_UPDATE_CHECK": "false",
    "ENABLE_OLLAMA_API": "false",
    "ENABLE_COMMUNITY_SHARING": "false",
    # No model of its own runs beside it: texts would be embedded by the server it is given.
    "RAG_EMBEDDING_ENGINE": "openai",
    "BYPASS_EMBEDDING_AND_RETRIEVAL": "true",
    "AUDIO_STT_ENGINE": "openai",
}


def place() -> Path:
    """The folder of its environment."""
    return Path(os.environ.get(VARIABLE) or "~/.cache/metier-open-webui").expanduser()


def require() -> None:
    """Skips where its environment is not made."""
    if not (place() / "bin" / "open-webui").exists():
        pytest.skip("Open WebUI is not installed; tests/provision_open_webui.sh does it.")


@contextmanager
def open_webui(folder: Path, base_url: str, key: str, secret: str) -> Iterator[str]:
    """The address of a fresh Open WebUI whose model server is metier.

    Args:
        folder: an empty folder for all that it writes.
        base_url: of metier, ending in "/v1".
        key: the API key it presents.
        secret: what it signs its users with.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "STATIC_DIR": str(folder / "static"),
        "WEBUI_SECRET_KEY": "w" * 32,
        "DEFAULT_USER_ROLE": "user",
        "OPENAI_API_BASE_URL": base_url,
        "OPENAI_API_KEY": key,
        "ENABLE_FORWARD_USER_INFO_HEADERS": "true",
        "FORWARD_USER_INFO_HEADER_JWT_SECRET": secret,
        "BYPASS_MODEL_ACCESS_CONTROL": "true",
        **_QUIET,
    }
    command = [place() / "bin" / "open-webui", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(process, address, folder / "log")
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    ends = time.monotonic() + _UP_WITHIN
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise AssertionError(f"Open WebUI did not start:\n{log.read_text('utf-8')[-4000:]}")


class Person:
    """Somebody who is logged in.

    Args:
        address: of Open WebUI.
        name: of the account that is made for them.
        added_by: the administrator who makes it; the first one signs up, and is it.
    """

    def __init__(self, address: str, name: str, added_by: Person | None = None) -> None:
        self.client = httpx.Client(base_url=address, timeout=60)
        account = {"name": name, "email": f"{name}@mail.example", "password": "correct horse 7"}
        if added_by is not None:
            added_by.post("/api/v1/auths/add", {**account, "role": "user"})
        made = self.post("/api/v1/auths/signin" if added_by else "/api/v1/auths/signup", account)
        self.id: str = made["id"]
        self.token: str = made["token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    def get(self, path: str) -> Any:
        """What a route answers."""
        answer = self.client.get(path)
        answer.raise_for_status()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        """What a route answers to a body."""
        answer = self.client.post(path, json=body)
        answer.raise_for_status()
        return answer.json()
