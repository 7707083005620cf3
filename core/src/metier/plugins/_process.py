"""The host's end of an isolated plugin: starts its process, asks, ends it, starts it again."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import itertools
import logging
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from metier.model import BadRequest
from metier.plugins._checks import Broken
from metier.plugins._codec import encode
from metier.plugins._results import WrongType
from metier.plugins._sandbox import CannotIsolate
from metier.plugins._wire import Start, framed, received

_log = logging.getLogger("metier")

START = 30.0
"""Seconds until a started process must have told what it is."""
GRACE = 1.0
"""Seconds in which a process must stop what was given up; else it is ended."""
RESTARTS = 5
"""Starts after an end within `WINDOW` seconds; after that it stays down for the rest of it."""
WINDOW = 60.0
_CONFIGURE = 5.0
_REASON = 400
_SPENT = 0.8
"""The share of its processor seconds after which an idle process is started anew."""

Answer = Mapping[str, Any]


class ProcessEnded(Exception):
    """The process of the plugin ended before it answered."""


class NotRunning(Exception):
    """The process of the plugin can't be started any more, or not for a while."""


class Process:
    """One plugin's process, over all its lives. Thread-safe, and of no event loop.

    Raises:
        Broken: the plugin can't be used; with the reason.
        CannotIsolate: its process can't be locked in here.
    """

    def __init__(self, start: Start, clock: Callable[[], float] = time.monotonic) -> None:
        self._start = start
        self._clock = clock
        self._lock = threading.Lock()
        self._restarts: deque[float] = deque()
        self._at_exit: weakref.finalize[..., Process] | None = None
        self._closed = False
        self._changed = False
        self._life = self._begun(0)
        self._said = self._life.hello
        self.hello: Any = _parsed(self._said)

    async def ask(self, question: Mapping[str, Any]) -> Answer:
        """Asks the process and waits; being cancelled tells it to stop.

        Raises:
            ProcessEnded: it ended meanwhile.
            NotRunning: it can't be started.
            WrongType: the question can't be put into words.
        """
        life = self._life
        if not life.usable:
            life = await asyncio.to_thread(self._running)
        number, future = life.send(question)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            life.give_up(number)
            raise

    def ask_now(self, question: Mapping[str, Any]) -> Answer:
        """The same, waiting in this thread; for what is asked while nothing is served."""
        number, future = self._running().send(question)
        try:
            return future.result(_CONFIGURE)
        except NotYet:
            self._life.give_up(number)
            raise

    def check(self, answer: Answer) -> None:
        """Raises what the plugin raised, by the name of its type alone."""
        error = answer.get("error")
        if error is None:
            return
        if error == "BadRequest":
            message, code, status = (answer.get(key) for key in ("message", "code", "status"))
            if isinstance(message, str) and isinstance(code, str) and isinstance(status, int):
                raise BadRequest(message, code=code, status=status)
        raise _named(error)()

    def close(self) -> None:
        """Ends the process for good."""
        self._closed = True
        self._life.end("closed")

    def _running(self) -> _Life:
        """The running process, started again where it has ended."""
        with self._lock:
            if self._closed or self._changed:
                raise NotRunning
            life = self._life
            if life.usable:
                return life
            if life.spent:
                life.end("spent")
            else:
                self._count_restart()
            again = self._begun(life.generation + 1)
            if again.hello != self._said:
                # What was checked at the first start is what may run, and nothing else.
                self._changed = True
                again.end("changed")
                _log.error(
                    "The plugin '%s' tells something else of itself now that it was started again; "
                    "it is not used any more.",
                    self._start.name,
                )
                raise NotRunning
            self._life = again
            return again

    def _count_restart(self) -> None:
        now = self._clock()
        while self._restarts and now - self._restarts[0] >= WINDOW:
            self._restarts.popleft()
        if len(self._restarts) >= RESTARTS:
            raise NotRunning
        self._restarts.append(now)

    def _begun(self, generation: int) -> _Life:
        life = _Life(replace(self._start, generation=generation))
        if self._at_exit is not None:
            self._at_exit.detach()
        self._at_exit = weakref.finalize(self, life.end, "closed")  # of the interpreter, too
        return life


class _Life:
    """One process, from its start to its end."""

    def __init__(self, start: Start) -> None:
        self.generation = start.generation
        self._name = start.name
        self._cpu, self._most_cpu = 0.0, start.cpu
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._pending: dict[int, Future[Answer]] = {}
        self._given_up: set[int] = set()
        self._backlog: deque[bytes] = deque()
        self._ended = ""
        self._folder = Path(tempfile.mkdtemp(prefix="metier-plugin-"))
        (self._folder / "empty").mkdir()
        (self._folder / "forbidden").write_text("An isolated plugin can't read this.\n", "utf-8")
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:  # closed here, so that the end of the process is the end of the channel
                self._process = self._spawned(start, theirs)
            self.hello = self._greeted(start)
        except BaseException:
            self.end("not started")
            raise
        threading.Thread(
            target=self._read, name=f"metier-isolated-{start.name}", daemon=True
        ).start()

    @property
    def usable(self) -> bool:
        return not self._ended and not self.spent

    @property
    def spent(self) -> bool:
        """Whether it nears the end of its processor seconds, and nothing is asked of it."""
        return not self._ended and not self._pending and self._cpu > _SPENT * self._most_cpu

    def _spawned(self, start: Start, theirs: socket.socket) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-I", "-B", "-X", "utf8", "-m", "metier.plugins._isolate_child"]
        return subprocess.Popen(  # noqa: S603 - this Python, told which module to run
            [*command, str(theirs.fileno()), start.entry],
            env={},
            cwd=self._folder / "empty",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # what a plugin prints may be content
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )

    def _greeted(self, start: Start) -> bytes:
        self._channel.settimeout(START)
        try:
            told = replace(start, forbidden=str(self._folder / "forbidden"))
            self._channel.sendall(framed(encode(told)))
            body = received(self._channel.recv)
        except TimeoutError:
            raise Broken(f"its process told nothing for {START:.0f} seconds") from None
        except OSError:
            body = None
        if body is None:
            raise Broken("its process ended before it told what it is")
        self._channel.settimeout(None)
        said = _parsed(body)
        if isinstance(said, dict) and isinstance(said.get("broken"), str):
            reason = "".join(c for c in said["broken"][:_REASON] if c.isprintable())
            if said.get("cannot"):
                raise CannotIsolate(reason)
            raise Broken(reason)
        return body

    def send(self, question: Mapping[str, Any]) -> tuple[int, Future[Answer]]:
        """Sends a question; its number and where the answer will be."""
        number = next(self._numbers)
        message = framed(encode({"id": number, **question}))
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()  # from here on nobody but the reader settles it
        with self._lock:
            if self._ended:
                raise ProcessEnded
            self._pending[number] = future
        self._write(message)
        return number, future

    def _write(self, message: bytes) -> None:
        """Writes without waiting; what doesn't fit goes in a thread."""
        with self._lock:
            if not self._backlog:
                try:
                    message = message[self._channel.send(message, socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    pass
                except OSError:
                    return  # the reader sees the end and says so
                if not message:
                    return
                threading.Thread(target=self._drain, daemon=True).start()
            self._backlog.append(message)

    def _drain(self) -> None:
        while True:
            with self._lock:
                if not self._backlog:
                    return
                message = self._backlog[0]
            try:
                self._channel.sendall(message)
            except OSError:
                return
            with self._lock:
                self._backlog.popleft()

    def give_up(self, number: int) -> None:
        """Tells the process to stop, and ends it where it doesn't."""
        with self._lock:
            if self._pending.pop(number, None) is None:
                return
            self._given_up.add(number)
        self._write(framed(encode({"id": number, "cancel": True})))
        timer = threading.Timer(GRACE, self._insist, (number,))
        timer.daemon = True
        timer.start()

    def _insist(self, number: int) -> None:
        if number in self._given_up:
            self.end("did not stop")

    def _read(self) -> None:
        why = "ended"
        try:
            while (body := received(self._channel.recv)) is not None:
                self._settle(_parsed(body))
        except WrongType:
            why = "sent garbage"
        except OSError:
            pass
        self.end(why)

    def _settle(self, answer: Any) -> None:
        if not isinstance(answer, dict) or type(answer.get("id")) is not int:
            raise WrongType
        lists = {name: answer.get(name, []) for name in ("reached", "asked")}
        for told in lists.values():
            if not isinstance(told, list) or not all(isinstance(c, str) for c in told):
                raise WrongType
        if not isinstance(answer.get("error", ""), str) or ("error" in answer) == (
            "result" in answer
        ):
            raise WrongType
        spent = answer.get("cpu", 0.0)
        if isinstance(spent, float):
            self._cpu = spent
        with self._lock:
            future = self._pending.pop(answer["id"], None)
            if future is None and answer["id"] not in self._given_up:
                raise WrongType  # nobody has asked
            self._given_up.discard(answer["id"])
        if future is not None:
            future.set_result({**answer, **lists})

    def end(self, why: str) -> None:
        """Kills the process, if it runs, and fails what still waits for it."""
        with self._lock:
            if self._ended:
                return
            self._ended = why
            waiting = list(self._pending.values())
            self._pending.clear()
            self._given_up.clear()
        process = getattr(self, "_process", None)
        code = None
        if process is not None:
            process.kill()
            code = process.wait()
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)
        self._channel.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        if why not in ("closed", "spent", "not started"):
            _log.warning(
                "The process of the plugin '%s' %s (%s); %d calls failed with it.",
                self._name, why, _how(code), len(waiting),
            )  # fmt: skip
        for future in waiting:
            future.set_exception(ProcessEnded())


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit {code}"
    with contextlib.suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise WrongType from None


def _named(name: str) -> type[Exception]:
    """A type of this name, where it is Python's or metier's; the plugin's own could be content."""
    known = isinstance(getattr(builtins, name, None), type) or name in _OURS
    return type(name if known else "PluginError", (Exception,), {})


_OURS = ("PurposeRefused", "WrongType", "BadToolName", "MetierError", "BadRequest",
         "CancelledError", "ValidationError")  # fmt: skip
