"""Locking a process in: no network, no new process, no writing, few files to read.

Linux alone has the means that need no privilege: Landlock limits which files can be opened,
a seccomp filter which system calls are made. Both are needed, since a filter can't look at
paths and Landlock knows nothing of processes. Where one is missing, `lock_in` raises.

Sources: kernel.org, The Linux Kernel documentation, "Landlock: unprivileged access control"
and "Seccomp BPF"; numbers from the kernel's unistd.h, landlock.h, seccomp.h and audit.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import sys
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

OPEN_FILES = 64
"""File descriptors that an isolated process may hold."""


class CannotIsolate(Exception):
    """This machine can't lock a process in; the message says what is missing."""


# --- which files -----------------------------------------------------------------------

_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
    "/etc/localtime", "/usr/share/zoneinfo", "/dev/null", "/dev/urandom",
)  # fmt: skip
"""Shared libraries, the time zones, and two devices."""


def python_files() -> list[Path]:
    """Where this Python's own libraries and its installed distributions are."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = [sysconfig.get_path(name) for name in names]
    base = {"base": sys.base_prefix, "platbase": sys.base_exec_prefix}
    base |= {"installed_base": sys.base_prefix, "installed_platbase": sys.base_exec_prefix}
    found += [sysconfig.get_path(name, vars=base) for name in names]
    found += [sysconfig.get_config_var("LIBDIR") or "", *_SYSTEM]
    return [Path(p) for p in dict.fromkeys(found) if p and os.path.exists(p)]


# --- limits ------------------------------------------------------------------------------


def limit(memory: int, cpu: int) -> None:
    """Limits memory in bytes, processor seconds, open files; no core dump, no file grows."""
    import resource  # not on every system; this runs after `missing` has said that nothing is

    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


# --- Landlock ------------------------------------------------------------------------------

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FS_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights over files an ABI knows; 16 from 5 on


def _abi(libc: ctypes.CDLL) -> int:
    """The version of the kernel's Landlock; below 1 where there is none."""
    abi: int = libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    return abi


def _landlock(libc: ctypes.CDLL, readable: Iterable[Path], listable: Iterable[Path]) -> None:
    abi = _abi(libc)
    attributes = [(1 << _FS_RIGHTS.get(abi, 16)) - 1]
    if abi >= 4:
        attributes.append(0b11)  # TCP: bind and connect
    if abi >= 6:
        attributes.append(0b11)  # abstract unix sockets, signals to others
    packed = struct.pack(f"={len(attributes)}Q", *attributes)
    rules = libc.syscall(_CREATE, packed, ctypes.c_size_t(len(packed)), ctypes.c_uint(0))
    _worked(rules >= 0, "Landlock takes no rules")
    for path in readable:
        rights = _READ_FILE | _READ_DIR if path.is_dir() else _READ_FILE
        _allow(libc, rules, path, rights)
    for path in listable:
        _allow(libc, rules, path, _READ_DIR)
    _worked(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "privileges can't be given up")
    done = libc.syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint(0))
    _worked(done == 0, "Landlock can't be put in force")
    os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    try:
        at = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    rule = struct.pack("=Qi", rights, at)
    done = libc.syscall(_ADD, ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint(0))
    os.close(at)
    _worked(done == 0, "Landlock refuses a rule")


def _worked(condition: bool, problem: str) -> None:
    if not condition:
        raise CannotIsolate(f"{problem} ({os.strerror(ctypes.get_errno())})")


# --- seccomp -------------------------------------------------------------------------------

_NO_NEW_PRIVS = 38
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS
"""Says that a call isn't there, so that the C library takes an older one that can be judged."""
_LOAD, _EQUAL, _AND, _RETURN = 0x20, 0x15, 0x54, 0x06  # instructions of classic BPF
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in what a filter is shown
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND | 0o20000000
_CLONE_THREAD = 0x10000

_COMMON = (
    "read", "write", "readv", "writev", "pread64", "close", "fstat", "newfstatat", "statx", "lseek",
    "mmap", "mprotect", "munmap", "mremap", "madvise", "brk", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigaltstack", "restart_syscall", "ppoll", "pselect6", "sched_yield",
    "sched_getaffinity", "dup", "dup3", "nanosleep", "clock_nanosleep", "clock_gettime",
    "clock_getres", "gettimeofday", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid",
    "getegid", "uname", "getcwd", "readlinkat", "getdents64", "faccessat", "faccessat2", "futex",
    "set_robust_list", "rseq", "exit", "exit_group", "getrandom", "getrusage", "times", "sysinfo",
    "getrlimit", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "eventfd2", "pipe2",
    "recvfrom", "membarrier", "getcpu", "fadvise64",
)  # fmt: skip
_OLD = (
    "stat", "lstat", "access", "poll", "select", "pipe", "dup2", "readlink", "getdents",
    "epoll_wait", "time",
)  # fmt: skip
"""Calls that only the older architecture has."""

_X86_64: Mapping[str, int] = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7,
    "lseek": 8, "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13,
    "rt_sigprocmask": 14, "rt_sigreturn": 15, "ioctl": 16, "pread64": 17, "readv": 19,
    "writev": 20, "access": 21, "pipe": 22, "select": 23, "sched_yield": 24, "mremap": 25,
    "madvise": 28, "dup": 32, "dup2": 33, "nanosleep": 35, "getpid": 39, "sendto": 44,
    "recvfrom": 45, "clone": 56, "exit": 60, "uname": 63, "fcntl": 72, "getdents": 78,
    "getcwd": 79, "readlink": 89, "gettimeofday": 96, "getrlimit": 97, "getrusage": 98,
    "sysinfo": 99, "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108,
    "getppid": 110, "sigaltstack": 131, "prctl": 157, "gettid": 186, "time": 201, "futex": 202,
    "sched_getaffinity": 204, "getdents64": 217, "restart_syscall": 219, "fadvise64": 221,
    "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "exit_group": 231,
    "epoll_wait": 232, "epoll_ctl": 233, "openat": 257, "newfstatat": 262, "readlinkat": 267,
    "faccessat": 269, "pselect6": 270, "ppoll": 271, "set_robust_list": 273, "epoll_pwait": 281,
    "eventfd2": 290, "epoll_create1": 291, "dup3": 292, "pipe2": 293, "prlimit64": 302,
    "getcpu": 309, "getrandom": 318, "membarrier": 324, "statx": 332, "rseq": 334,
    "clone3": 435, "faccessat2": 439, "epoll_pwait2": 441,
}  # fmt: skip
_AARCH64: Mapping[str, int] = {
    "getcwd": 17, "eventfd2": 19, "epoll_create1": 20, "epoll_ctl": 21, "epoll_pwait": 22,
    "dup": 23, "dup3": 24, "fcntl": 25, "ioctl": 29, "faccessat": 48, "openat": 56, "close": 57,
    "pipe2": 59, "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "readv": 65,
    "writev": 66, "pread64": 67, "pselect6": 72, "ppoll": 73, "readlinkat": 78,
    "newfstatat": 79, "fstat": 80, "exit": 93, "exit_group": 94, "futex": 98,
    "set_robust_list": 99, "nanosleep": 101, "clock_gettime": 113, "clock_getres": 114,
    "clock_nanosleep": 115, "sched_getaffinity": 123, "sched_yield": 124, "restart_syscall": 128,
    "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
    "times": 153, "uname": 160, "getrlimit": 163, "getrusage": 165, "prctl": 167, "getcpu": 168,
    "gettimeofday": 169, "getpid": 172, "getppid": 173, "getuid": 174, "geteuid": 175,
    "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "sendto": 206, "recvfrom": 207,
    "brk": 214, "munmap": 215, "mremap": 216, "clone": 220, "mmap": 222, "fadvise64": 223,
    "mprotect": 226, "madvise": 233, "prlimit64": 261, "getrandom": 278, "membarrier": 283,
    "statx": 291, "rseq": 293, "clone3": 435, "faccessat2": 439, "epoll_pwait2": 441,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}

_FCNTL = (0, 1, 2, 3, 4, 1030)  # copies and flags of descriptors; no owner that gets signals
_IOCTL = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, how much waits, flags
_SET_NAME = 15
_Code = list[tuple[int, int, int, int]]


def _filter(arch: int, numbers: Mapping[str, int]) -> bytes:
    """The program: what is listed is allowed, some of it for some arguments; else refused."""
    code: _Code = [
        (_LOAD, 0, 0, _ARCH), (_EQUAL, 1, 0, arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, _NUMBER),
    ]  # fmt: skip
    for name in (*_COMMON, *(n for n in _OLD if n in numbers)):
        code += [(_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, _ALLOW)]
    judged: list[tuple[str, _Code]] = [
        ("openat", _without(2, _WRITES)),
        ("clone", _having(0, _CLONE_THREAD)),
        ("sendto", [*_is_null(4, 0), *_is_null(4, 1)]),
        ("prlimit64", [*_is_null(0, 0), *_is_null(2, 0), *_is_null(2, 1)]),
        ("fcntl", _one_of(1, _FCNTL)),
        ("ioctl", _one_of(1, _IOCTL)),
        ("prctl", _one_of(0, (_SET_NAME,))),
    ]
    if "open" in numbers:
        judged.append(("open", _without(1, _WRITES)))
    for name, conditions in judged:
        # A condition that doesn't hold returns; what comes through all of them is allowed.
        body = [*conditions, (_RETURN, 0, 0, _ALLOW)]
        code += [(_EQUAL, 0, len(body), numbers[name]), *body]
    code += [(_EQUAL, 0, 1, numbers["clone3"]), (_RETURN, 0, 0, _UNKNOWN)]
    code.append((_RETURN, 0, 0, _REFUSE))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def _word(argument: int, half: int = 0) -> int:
    return _ARGUMENTS + 8 * argument + 4 * half


def _is_null(argument: int, half: int) -> _Code:
    return [(_LOAD, 0, 0, _word(argument, half)), (_EQUAL, 1, 0, 0), (_RETURN, 0, 0, _REFUSE)]


def _without(argument: int, flags: int) -> _Code:
    return [
        (_LOAD, 0, 0, _word(argument)), (_AND, 0, 0, flags), (_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, _REFUSE),
    ]  # fmt: skip


def _having(argument: int, flags: int) -> _Code:
    return [
        (_LOAD, 0, 0, _word(argument)), (_AND, 0, 0, flags), (_EQUAL, 1, 0, flags),
        (_RETURN, 0, 0, _REFUSE),
    ]  # fmt: skip


def _one_of(argument: int, values: Sequence[int]) -> _Code:
    code: _Code = [(_LOAD, 0, 0, _word(argument))]
    for place, value in enumerate(values):
        code.append((_EQUAL, len(values) - place, 0, value))
    return [*code, (_RETURN, 0, 0, _REFUSE)]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _seccomp(libc: ctypes.CDLL) -> None:
    arch, numbers = _MACHINES[platform.machine()]
    packed = _filter(arch, numbers)
    code = ctypes.create_string_buffer(packed, len(packed))
    program = _Program(len(packed) // 8, ctypes.addressof(code))
    # prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER); threads that start later inherit it.
    done = libc.prctl(22, 2, ctypes.byref(program), 0, 0)
    _worked(done == 0, "the kernel takes no seccomp filter")


# --- both, and the proof ----------------------------------------------------------------------


def missing() -> str:
    """What keeps this machine from locking a process in; empty where nothing does."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        here = f"{sys.platform} on {platform.machine()}"
        return f"it needs Linux on x86_64 or aarch64, and this is {here}"
    if _abi(ctypes.CDLL(None, use_errno=True)) < 1:
        return "the kernel has no Landlock, or it is switched off"
    return ""


def lock_in(readable: Iterable[Path], listable: Iterable[Path], forbidden: Path) -> None:
    """Locks this process in for good. Call it before any thread starts.

    Args:
        readable: files and folders that may be read.
        listable: folders of which names may be listed.
        forbidden: a file that is there and must not be readable afterwards.

    Raises:
        CannotIsolate: where a means is missing, or something forbidden still works.
    """
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        _landlock(libc, readable, listable)
        _seccomp(libc)
    except OSError as error:
        raise CannotIsolate(f"a rule can't be made ({error.strerror})") from None
    _prove(forbidden)


def _prove(forbidden: Path) -> None:
    """Tries what must not work any more: rules that don't hold are worse than none."""
    tries: dict[str, Callable[[], object]] = {
        "opening a socket": lambda: socket.socket().close(),
        "reading a file": lambda: os.close(os.open(forbidden, os.O_RDONLY)),
        "writing a file": lambda: os.close(os.open(forbidden, os.O_WRONLY)),
        "running a program": lambda: os.execv("/nothing/of/that/name", ["nothing"]),  # noqa: S606
        "starting a process": _fork,
        "signalling a process": lambda: os.kill(os.getppid(), 0),
    }
    for what, attempt in tries.items():
        try:
            attempt()
        except PermissionError:
            continue
        except OSError as error:
            raise CannotIsolate(f"{what} failed with {error.strerror}, not by a rule") from None
        raise CannotIsolate(f"{what} still works")


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)
