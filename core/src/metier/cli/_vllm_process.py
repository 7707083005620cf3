"""A vLLM under supervision: started, waited for, started anew, drained."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Final

from metier.cli._vllm_command import Launch
from metier.cli._vllm_local import read_local
from metier.model import MetierError

_LOOK: Final = 2.0
"""Seconds between two looks at a server that is up."""
_PATIENCE: Final = 5
"""Looks in a row that may fail before a server counts as hung."""
_LONGEST: Final = 60.0
_PARENT_DEATH_SIGNAL: Final = 1
"""PR_SET_PDEATHSIG of <linux/prctl.h>."""
_SOUND: Final = 600.0
"""Seconds of service after which what failed before is forgotten."""


@dataclass(slots=True)
class Supervisor:
    """Keeps one vLLM running until it is told to stop.

    Args:
        within: seconds until it must be up; loading a large model takes minutes.
        drain: seconds that answers under way may take after SIGTERM; vLLM keeps to it.
        say: gets a line for the operator.
        wait: seconds to wait, in short pieces.
        most: failures in a row after which it is given up.
    """

    launch: Launch
    environment: Mapping[str, str]
    within: float
    drain: float
    say: Callable[[str], None]
    most: int = 5
    wait: Callable[[float], None] = time.sleep
    _process: subprocess.Popen[bytes] | None = None
    _stopping: bool = False

    def run(self) -> None:
        """Runs until SIGTERM or SIGINT has drained it.

        Raises:
            MetierError: it did not come up the first time, or fails again and again.
        """
        signals = (signal.SIGTERM, signal.SIGINT)
        before = [(each, signal.signal(each, self._stop)) for each in signals]
        try:
            self._keep()
        finally:
            self._end()
            for each, handler in before:
                signal.signal(each, handler)

    def _keep(self) -> None:
        failures, served = 0, False
        while True:
            begun = time.monotonic()
            if self._start():
                served = True
                self.say(f"vLLM serves at {self.launch.url}/v1")
                self._watch()
            if self._stopping:  # a signal says so at any moment
                return
            if time.monotonic() - begun > _SOUND:
                failures = 0
            failures += 1
            self._end()
            if not served or failures > self.most:
                raise MetierError(
                    "vLLM did not come up; its log above has the reason."
                    if not served
                    else f"vLLM failed {failures} times in a row; its log above has the reason.",
                    code="vllm_failed",
                )
            pause = min(_LONGEST, 2.0 ** (failures - 1))
            self.say(f"vLLM has ended or hangs; it is started again in {pause:.0f} s")
            if not self._pause(pause):
                return

    def _start(self) -> bool:
        """Starts it and waits until it serves; False where it ended or took too long."""
        self._process = subprocess.Popen(  # noqa: S603 - the operator's own vLLM
            self.launch.command, env=dict(self.environment), stdin=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=_ends_with_us(),
        )  # fmt: skip
        begun = said = time.monotonic()
        while not self._stopping and self._process.poll() is None:
            if self._is_healthy():
                return True
            now = time.monotonic()
            if now - begun > self.within:
                self.say(f"vLLM was not up after {self.within:.0f} s")
                return False
            if now - said >= 10:
                said = now
                self.say(f"vLLM is loading, {now - begun:.0f} s so far")
            self.wait(0.2)
        return False

    def _watch(self) -> None:
        """Returns when it has ended, hangs, or is to stop."""
        missed = 0
        while not self._stopping and missed < _PATIENCE:
            self._pause(_LOOK)
            if self._process is None or self._process.poll() is not None:
                return
            missed = 0 if self._is_healthy() else missed + 1

    def _is_healthy(self) -> bool:
        """Whether the server answers and what computes there is alive."""
        return read_local(f"{self.launch.url}/health") is not None

    def _pause(self, seconds: float) -> bool:
        """Waits, but not longer than until it is to stop; then it is False."""
        end = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < end:
            self.wait(min(0.2, seconds))
        return not self._stopping

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        """Ends it in order: no new requests, those under way finish; and what it leaves behind."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            if self._stopping:
                self.say(f"vLLM finishes what is under way, for {self.drain:.0f} s at most")
            process.terminate()
            try:
                process.wait(self.drain + 15)
            except subprocess.TimeoutExpired:
                self.say("vLLM did not end in time and is killed")
        _kill_group(process.pid)
        process.wait()


def _ends_with_us() -> Callable[[], object] | None:
    """Has a child drain and end where we are killed; else it would keep the port and the memory."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec little may be done
    return lambda: prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def _kill_group(leader: int) -> None:
    """Its workers are of its session, which `start_new_session` made."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
