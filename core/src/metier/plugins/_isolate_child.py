"""The process an isolated plugin runs in: `python -m metier.plugins._isolate_child FD ENTRY`.

It locks itself in, then imports the plugin, then answers. It holds no key and opens nothing.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import select
import socket
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from metier import hookspecs
from metier.hookspecs import HookOptions
from metier.model import BadRequest, Turn
from metier.plugins._checks import MARK, Broken, arguments_of, check, guard, hooks_of
from metier.plugins._codec import Codec, encode, hints_of
from metier.plugins._results import WrongType, checked
from metier.plugins._sandbox import CannotIsolate, limit, lock_in, missing
from metier.plugins._wire import (
    CALLS,
    CANNOT_CROSS,
    READ_ONCE,
    Hello,
    HookMark,
    Start,
    framed,
    received,
)

KEPT = 4096
"""Callables of tools that can still be called by name; older ones are forgotten."""

_THREADED = ("View.render", "Route.handle")
"""Plain functions that the host, too, runs in a thread."""


def main() -> None:
    """Runs until the host closes its end."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    body = received(channel.recv)
    if body is None:
        return
    start = Codec().decode(Start, orjson.loads(body))
    # Made before the door is shut: a loop needs a pair of sockets to wake itself.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        _shut_the_door(start)
        server = _Server(channel, loop, start)
        hello = server.load(start)
    except (Broken, CannotIsolate) as problem:
        cannot = isinstance(problem, CannotIsolate)
        channel.sendall(framed(orjson.dumps({"broken": str(problem), "cannot": cannot})))
        return
    threading.Thread(target=_end_with_host, args=(channel.fileno(),), daemon=True).start()
    channel.sendall(framed(hello))
    loop.add_reader(channel.fileno(), server.read)
    loop.run_forever()


def _shut_the_door(start: Start) -> None:
    sys.path.extend(folder for folder in start.search if folder not in sys.path)
    if lacking := missing():
        raise CannotIsolate(lacking)
    limit(start.memory, start.cpu)
    lock_in(map(Path, start.readable), map(Path, start.search), Path(start.forbidden))


def _end_with_host(channel: int) -> None:
    """Ends the process when the host is gone, also where a hook holds up the loop."""
    waiting = select.poll()
    waiting.register(channel, 0)
    waiting.poll()
    os._exit(0)


class _Server:
    """Answers the host's questions with one plugin's hooks."""

    def __init__(self, channel: socket.socket, loop: asyncio.AbstractEventLoop, start: Start):
        self._channel = channel
        self._loop = loop
        self._generation = start.generation
        self._buffer = bytearray()
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._pinned: dict[str, Callable[..., Any]] = {}
        self._passing: OrderedDict[str, Callable[..., Any]] = OrderedDict()
        self._numbered = 0

    def load(self, start: Start) -> bytes:
        """Imports the plugin and reads what it contributes; the hello to send."""
        with guard(f"importing {start.entry}"):
            module, _, attributes = start.entry.partition(":")
            plugin: Any = importlib.import_module(module)
            for attribute in filter(None, attributes.split(".")):
                plugin = getattr(plugin, attribute)
        loaded = check(plugin, start.distribution, start.version, start.name)
        if loaded.manifest is None:
            raise Broken(loaded.reason)
        self._hooks = hooks_of(plugin)
        for hook, reason in CANNOT_CROSS.items():
            if hook in self._hooks:
                raise Broken(
                    f"its hook `{hook}` can't run in a process of its own: {reason}. Trust the "
                    "plugin and don't isolate it, or use one without this hook"
                )
        given = {}
        for hook in READ_ONCE:
            with guard(f"its `{hook}` hook"):
                given[hook] = checked(hook, self._hooks[hook]()) if hook in self._hooks else None
        manifest = loaded.manifest
        model = manifest.config
        self._settings = model
        self._codec = Codec(config=model.model_validate if model is not None else None)
        hello = Hello(
            manifest=manifest,
            hooks={name: _mark(function) for name, function in sorted(self._hooks.items())},
            warnings=loaded.warnings,
            **given,
        )
        with guard("telling what it is"):
            return encode(hello, self._pin)

    def _pin(self, function: Callable[..., Any]) -> str:
        name = f"p{len(self._pinned)}"
        self._pinned[name] = function
        return name

    def _pass(self, function: Callable[..., Any]) -> str:
        self._numbered += 1
        name = f"t{self._generation}-{self._numbered}"
        self._passing[name] = function
        while len(self._passing) > KEPT:
            self._passing.popitem(last=False)
        return name

    def read(self) -> None:
        """Takes what has come, and starts on every whole message of it."""
        part = self._channel.recv(1 << 16)
        if not part:
            os._exit(0)
        self._buffer += part
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[:4], "big")
            if len(self._buffer) < end:
                return
            message = orjson.loads(bytes(self._buffer[4:end]))
            del self._buffer[:end]
            self._take(message)

    def _take(self, message: Mapping[str, Any]) -> None:
        number = message["id"]
        if "cancel" in message:
            if number in self._tasks:
                self._tasks[number].cancel()
            return
        task = self._tasks[number] = self._loop.create_task(self._answer(number, message))
        task.add_done_callback(lambda _: self._tasks.pop(number, None))

    async def _answer(self, number: int, message: Mapping[str, Any]) -> None:
        turns: list[Turn] = []
        answer: dict[str, Any] = {"id": number}
        try:
            result = await self._asked(message, turns)
            result = orjson.Fragment(encode(result, self._pass))
            answer["result"] = result
        except BadRequest as error:  # a route's own word to its caller
            answer |= {
                "error": "BadRequest", "message": error.message, "code": error.code,
                "status": error.status,
            }  # fmt: skip
        except BaseException as error:  # of what it raised, the host hears the type
            answer["error"] = type(error).__name__
        answer["reached"] = [c for t in turns if t.scope is not None for c in t.scope.reached]
        answer["asked"] = sorted({s for t in turns if t.scope is not None for s in t.scope.asked})
        answer["cpu"] = time.process_time()
        try:
            body = framed(orjson.dumps(answer))
        except (TypeError, WrongType):
            body = framed(orjson.dumps({"id": number, "error": "WrongType", "reached": []}))
        self._channel.sendall(body)

    async def _asked(self, message: Mapping[str, Any], turns: list[Turn]) -> Any:
        if "hook" in message:
            hook = message["hook"]
            hints, given = hints_of(getattr(hookspecs, hook)), message["arguments"]
            arguments = {n: self._codec.decode(hints[n], given[n]) for n in given}
            turns += [a for a in arguments.values() if isinstance(a, Turn)]
            return await self._hook(hook, arguments)
        if "call" in message:
            kind, name = message["call"], message["name"]
            function = self._pinned.get(name) or self._passing[name]
            takes, _ = CALLS[kind]
            given = [
                self._codec.decode(h, a) for h, a in zip(takes, message["arguments"], strict=True)
            ]
            turns += [a for a in given if isinstance(a, Turn)]
            if kind in _THREADED and not inspect.iscoroutinefunction(function):
                value = await self._in_thread(lambda: function(*given))
            else:
                value = function(*given)
            return await value if inspect.isawaitable(value) else value
        return self._configured(message["config"])

    async def _hook(self, hook: str, arguments: Mapping[str, Any]) -> Any:
        function = self._hooks[hook]
        options: HookOptions = getattr(function, "__metier_options__", HookOptions())
        if options.blocking:
            return await self._in_thread(lambda: checked(hook, function(**arguments)))
        value = function(**arguments)
        return checked(hook, await value if inspect.isawaitable(value) else value)

    async def _in_thread(self, call: Callable[[], Any]) -> Any:
        """The result of a thread. It can't be stopped, so being cancelled waits for it.

        The host waits a little, then ends the process.
        """
        running = self._loop.run_in_executor(None, call)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            with suppress(BaseException):
                await running
            raise

    def _configured(self, table: Any) -> Mapping[str, Any]:
        """The plugin's settings as it reads them, or what is wrong with them."""
        from pydantic import ValidationError

        assert self._settings is not None
        try:
            return {"settings": self._settings.model_validate(table)}
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return {"problem": f"`{where}`: {first['msg']}"}


def _mark(function: Any) -> HookMark:
    marks: Mapping[str, Any] = getattr(function, MARK)
    options: HookOptions = getattr(function, "__metier_options__", HookOptions())
    return HookMark(
        bool(marks.get("tryfirst")),
        bool(marks.get("trylast")),
        options.deadline,
        options.needs,
        arguments_of(function),
    )


if __name__ == "__main__":
    main()
