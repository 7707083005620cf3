"""A client in a process of its own, which does one thing after another as a test asks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from . import HERE, home


class ClientError(Exception):
    """What the client raised.

    Args:
        kind: the name of its type.
        fields: its status, code and the like, as the client has them.
    """

    def __init__(self, kind: str, message: str, fields: dict[str, Any]) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message, self.fields = kind, message, fields


@dataclass(frozen=True)
class Client:
    """A running script of `scripts/`; it reads a line for each thing to do, and writes one."""

    to: IO[str]
    back: IO[str]

    def ask(self, case: str, **arguments: Any) -> Any:
        """What a case of the script gives back.

        Raises:
            ClientError: the client raised.
        """
        self.begin(case, **arguments)
        return self.end()

    def begin(self, case: str, **arguments: Any) -> None:
        """Begins a case; `end` waits for it."""
        self.to.write(json.dumps({"case": case, **arguments}) + "\n")
        self.to.flush()

    def end(self) -> Any:
        """What the case that was begun gives back, or raises."""
        line = self.back.readline()
        assert line, "the client's process ended; what it said is above"
        answer = json.loads(line)
        if (error := answer.get("error")) is not None:
            raise ClientError(error.pop("kind"), error.pop("message"), error)
        return answer["ok"]


@contextmanager
def running(name: str, script: str, folder: Path) -> Iterator[Client]:
    """A script of `scripts/`, run by the folder of a client.

    Args:
        folder: where the script is put, beside the modules it imports; empty.
    """
    for file in (HERE / "scripts").iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    if name == "node":
        (folder / "node_modules").symlink_to(home(name) / "node_modules")
    program = home(name) / "bin" / ("node" if name == "node" else "python")
    # Nothing of ours or of the person's own is imported or asked, and nothing is reported.
    env = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", "NO_PROXY": "*"}
    with subprocess.Popen(
        [program, folder / script], cwd=folder, env=env | quiet, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin and process.stdout
        try:
            yield Client(process.stdin, process.stdout)
        finally:
            process.kill()
