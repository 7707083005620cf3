"""Workers that are killed at any moment, as a power cut or the operator would.

One process loads what the work needs and forks for each try, so that hundreds of
tries cost little more than the work itself.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LOOP = """
import os, sys
{work}
for line in sys.stdin:
    if (pid := os.fork()) == 0:
        try:
            work(line.strip())
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            os._exit(0)
    print("pid", pid, flush=True)
    os.waitpid(pid, 0)
    print("over", flush=True)
"""


class Workers:
    """Runs `work(argument)` again and again, and kills it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def kill_within(self, seconds: float, argument: str) -> bool:
        """Starts the work and kills it after a random time; True where it was still at it.

        The time counts from when the work has printed "begun".
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(argument + "\n")
        self._process.stdin.flush()
        pid, begun = 0, False
        while not (pid and begun):
            words = self._process.stdout.readline().split()
            assert words, "the process that forks has ended"
            pid, begun = (int(words[1]) if words[0] == "pid" else pid), begun or words[0] == "begun"
            assert words[0] != "over", "the work failed before it began"
        time.sleep(random.uniform(0, seconds))
        subprocess.run(["kill", "-9", str(pid)], capture_output=True, check=False)
        rest = []
        while (line := self._process.stdout.readline().strip()) != "over":
            rest.append(line)
        return "done" not in rest


@contextmanager
def workers(work: str) -> Iterator[Workers]:
    """`work` is Python that defines `work(argument)`, which prints "begun" and, last, "done"."""
    here = Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, "-c", _LOOP.format(work=work)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=here,
    )  # fmt: skip
    try:
        yield Workers(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)
