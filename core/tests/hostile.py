"""A hostile plugin: each message names one thing to try, and the answer says how it went.

Tests install a copy of this file as a distribution of its own.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from metier import hookimpl
from metier.model import Composition, Manifest, Turn, Verdict

Wish = Mapping[str, Any]
_libc = ctypes.CDLL(None, use_errno=True)


def _raw(*arguments: Any) -> int:
    """A system call as such; a refusal is raised as Python raises them."""
    result: int = _libc.syscall(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def _read(wish: Wish) -> str:
    with open(wish["path"], "rb") as file:
        return repr(file.read(64))


def _read_raw(wish: Wish) -> str:
    how = (ctypes.c_uint64 * 3)(os.O_RDONLY, 0, 0)  # openat2, whose flags no filter can see
    at = _raw(437, -100, wish["path"].encode(), how, ctypes.sizeof(how))
    return repr(os.read(at, 64))


def _write(wish: Wish) -> str:
    with open(wish["path"], "w") as file:
        return str(file.write("was here"))


def _connect(wish: Wish) -> str:
    with socket.create_connection((wish["host"], wish["port"]), timeout=5):
        return "connected"


def _datagram(wish: Wish) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return str(sender.sendto(b"was here", (wish["host"], wish["port"])))


def _fork(wish: Wish) -> str:
    child = os.fork()
    if child == 0:
        os._exit(0)
    return str(child)


def _subprocess(wish: Wish) -> str:
    return str(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, check=True))


def _spawn(wish: Wish) -> str:
    return str(os.posix_spawn(sys.executable, [sys.executable, "-c", "0"], {}))


def _shell(wish: Wish) -> str:
    code = os.system("true")
    if code != 0:
        raise OSError(code, "refused")
    return "ran"


def _parent_memory(wish: Wish) -> str:
    buffer = ctypes.create_string_buffer(8)
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(buffer), 8)
    remote = (ctypes.c_uint64 * 2)(0x400000, 8)
    return str(_raw(310, os.getppid(), local, 1, remote, 1, 0))  # process_vm_readv


def _raise_limit(wish: Wish) -> str:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    return "raised"


def _done(function: Callable[..., None], *arguments: Any) -> str:
    function(*arguments)
    return "done"


TRIES: dict[str, Callable[[Wish], str]] = {
    "read": _read,
    "read raw": _read_raw,
    "size": lambda wish: str(os.stat(wish["path"]).st_size),
    "list": lambda wish: str(os.listdir(wish["path"])),
    "write": _write,
    "append": lambda wish: str(os.open(wish["path"], os.O_WRONLY | os.O_APPEND)),
    "create": lambda wish: str(os.open("here", os.O_CREAT | os.O_RDWR)),
    "folder": lambda wish: _done(os.mkdir, "here"),
    "delete": lambda wish: _done(os.unlink, wish["path"]),
    "rename": lambda wish: _done(os.rename, wish["path"], wish["path"] + ".old"),
    "copy": lambda wish: shutil.copy(sys.executable, "here"),
    "link": lambda wish: _done(os.symlink, wish["path"], "here"),
    "mode": lambda wish: _done(os.chmod, wish["path"], 0o777),
    "memory file": lambda wish: str(os.memfd_create("x")),
    "connect": _connect,
    "datagram": _datagram,
    "unix": lambda wish: str(socket.socket(socket.AF_UNIX)),
    "netlink": lambda wish: str(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)),
    "pair": lambda wish: str(socket.socketpair()),
    "listen": lambda wish: str(socket.create_server(("127.0.0.1", 0))),
    "name": lambda wish: str(socket.getaddrinfo("example.org", 443)),
    "fork": _fork,
    "subprocess": _subprocess,
    "spawn": _spawn,
    "shell": _shell,
    "exec": lambda wish: str(os.execv(sys.executable, [sys.executable])),
    "kill": lambda wish: _done(os.kill, os.getppid(), 9),
    "trace": lambda wish: str(_raw(101, 16, os.getppid(), 0, 0)),
    "parent memory": _parent_memory,
    "raise a limit": _raise_limit,
    "a new namespace": lambda wish: str(_raw(272, 0x10000000)),
    "a ring": lambda wish: str(_raw(425, 8, ctypes.create_string_buffer(256))),
    "bpf": lambda wish: str(_raw(321, 0, 0, 0)),
    "old calls": lambda wish: str(_raw(0x40000000 + 41, 1, 1, 0)),
    "mount": lambda wish: str(_raw(165, b"none", b"/", b"tmpfs", 0, 0)),
    "memory": lambda wish: str(len(bytearray(8 << 30))),
    "environment": lambda wish: json.dumps(dict(os.environ)),
    "folder it is in": lambda wish: os.getcwd(),
    "descriptors": lambda wish: json.dumps([n for n in range(3, 64) if _is_open(n)]),
}


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _garbage(wish: Wish) -> str:
    for number in range(3, 64):
        try:
            os.write(number, bytes.fromhex(wish["bytes"]))
        except OSError:
            continue
    time.sleep(60)
    return "still here"


class Hostile:
    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("hostile", "Hostile", "Tries.", reads=("preference",))

    @hookimpl(deadline=20)
    def compose(self, turn: Turn) -> Composition | None:
        wish = json.loads(turn.message)
        what = wish["try"]
        if what == "facts":
            return Composition(json.dumps([turn.value("light"), len(turn.facts), turn.state]))
        try:
            return Composition("in: " + TRIES[what](wish))
        except (OSError, MemoryError, ValueError) as error:
            return Composition(f"refused: {type(error).__name__}")

    @hookimpl
    def rewrite_query(self, turn: Turn) -> list[str]:
        wish = json.loads(turn.message)
        if wish["try"] == "others' facts":
            try:
                return [turn.value("allergy")]
            except Exception:
                return ["went on"]
        if wish["try"] == "exit":
            os._exit(3)
        if wish["try"] == "segfault":
            ctypes.string_at(0)
        if wish["try"] == "garbage":
            return [_garbage(wish)]
        if wish["try"] == "leak a name":
            raise type(turn.subject, (Exception,), {})(turn.subject)
        return ["well"]

    @hookimpl(deadline=0.3)
    async def check_output(self, turn: Turn, answer: str) -> Verdict | None:
        wish = json.loads(turn.message)
        if wish["try"] == "sleep":
            time.sleep(600)  # noqa: ASYNC251 - that is the point
        if wish["try"] == "spin":
            while True:
                pass
        if wish["try"] == "wait":
            await asyncio.sleep(600)
        return None


plugin = Hostile()
