"""What scrub reads and writes: files and pipes in, whole files or standard output out."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO

from metier.model import BadRequest, MetierError

_BAR_AFTER = 1.0


class Source:
    """A file, or what came through a pipe.

    Args:
        path: a file; None for standard input.
        live: read standard input as it comes, once, and not as a whole first.
    """

    def __init__(self, path: Path | None, live: bool) -> None:
        self.name = path.name if path else "standard input"
        self.again = path is not None or not live
        """Whether it can be read twice."""
        self._path = path
        self._data: bytes | None = None
        if path is not None and path.is_file():
            self.size = path.stat().st_size
        elif self.again:
            self._data = path.read_bytes() if path else sys.stdin.buffer.read()
            self.size = len(self._data)
        else:
            self.size = 0

    @property
    def first_line(self) -> str:
        """Of a source that can be read twice; it tells a table's delimiter."""
        return next(self.lines(), "")

    def lines(self) -> Iterator[str]:
        """The lines with their ends.

        Raises:
            BadRequest: where a line is not UTF-8, or the file is no text.
        """
        with ExitStack() as stack:
            opened: IO[bytes]
            if self._data is not None:
                opened = BytesIO(self._data)
            elif self._path is not None:
                opened = stack.enter_context(self._path.open("rb"))
            else:
                opened = sys.stdin.buffer
            for number, line in enumerate(opened, 1):
                yield _decoded(line, number)


def _decoded(line: bytes, number: int) -> str:
    if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadRequest("it is UTF-16. Convert it first: `iconv -f UTF-16 -t UTF-8`")
    if b"\0" in line:
        raise BadRequest(f"line {number}: this is no text. Export it as text, CSV or JSON first")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise BadRequest(
            f"line {number}: this is not UTF-8. Convert it first, as with "
            "`iconv -f GB18030 -t UTF-8`"
        ) from None


def source_of(argument: str, live: bool) -> Source:
    """The file of an argument, or standard input where it is `-`.

    Raises:
        MetierError: there is no such file. What was typed may be a text, so it isn't repeated.
    """
    if argument == "-":
        return Source(None, live)
    path = Path(argument)
    try:
        if path.is_dir():
            raise MetierError("That is a folder; give a file of it.", code="not_a_file")
        found = path.exists()
    except OSError:  # a text too long for a name
        found = False
    if not found:
        raise MetierError(
            "There is no file of that name. To scrub a text, pipe it in and write `-`: "
            "`printf %s TEXT | metier scrub -`.",
            code="not_a_file",
        )
    return Source(path, live=False)


class NewFile:
    """A file for its owner alone (0600) that appears whole or not at all.

    Args:
        path: where it will be.
        force: whether a file that is there is replaced.

    Raises:
        MetierError: a file is there, or none can be made.
    """

    def __init__(self, path: Path, force: bool) -> None:
        self._path = path
        self._force = force
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        if not force and path.exists():
            raise self._taken()
        descriptor = os.open(self._temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def keep(self) -> None:
        """Puts it in its place; without this it vanishes."""
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._force:
            self._temporary.replace(self._path)
            return
        try:
            os.link(self._temporary, self._path)  # never replaces what came there meanwhile
        except FileExistsError:
            raise self._taken() from None

    def close(self) -> None:
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _taken(self) -> MetierError:
        return MetierError(
            f"{self._path} exists already. Write to another file, or add --force.",
            code="file_exists",
        )


@contextmanager
def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, for work of more than a second: call it with the bytes done."""
    from metier.cli._output import progress

    shown = sys.stderr.isatty()
    begun = time.monotonic()
    done = 0
    with progress(title) as step:

        def add(size: int) -> None:
            nonlocal done
            done += size
            if shown and done < total and time.monotonic() - begun > _BAR_AFTER:
                step(done, total)

        yield add


@contextmanager
def naming(source: Source) -> Iterator[None]:
    """Says in which file the problem is."""
    try:
        yield
    except BadRequest as error:
        joint = ", " if error.message.startswith("line ") else ": "
        text = f"{source.name}{joint}{error.message}".rstrip(".")
        raise BadRequest(f"{text}.", code=error.code) from None


def print_out(text: str) -> None:
    """Writes to standard output at once, characters and line ends as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
