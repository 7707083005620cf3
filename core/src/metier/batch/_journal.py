"""What an unfinished run has: each answer on the disk before it counts; and the file at the end.

The answers lie in `OUT.part` beside the file they are for, in the order they came. A line that
was cut off by a kill or a power cut is the last one and has no line end, so it is known and
dropped. When every request has its answer, the file itself appears, whole and in the order of
the requests, and the part goes away. Both are for their owner alone: they hold what was answered.
"""

from __future__ import annotations

import fcntl
import filecmp
import os
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from metier.batch._file import Batch
from metier.model import MetierError

_FORM = 1


class Journal:
    """The answers of a run, safe against its end at any moment. Use `Journal.open`.

    Only one process has it open.
    """

    def __init__(self, out: Path, part: Path, file: BinaryIO, force: bool) -> None:
        self._out, self._part, self._file, self._force = out, part, file, force
        self._lock = threading.Lock()
        self._places: dict[str, tuple[int, int]] = {}
        """Where the answer of a request is, by its `custom_id`: start and size."""
        self._end = 0
        self.failed = 0
        """How many of the answers are errors."""

    @classmethod
    def open(cls, out: Path, batch: Batch, about: Mapping[str, Any], force: bool) -> Self:
        """Begins a run, or goes on with one that was stopped.

        Args:
            out: the file that there will be.
            about: with which settings the batch is run; a run goes on with the same only.
            force: whether `out` may be there already, and be replaced at the end.

        Raises:
            MetierError: `out` is there, another process is at it, or what was begun is of
                another file or other settings.
        """
        part = out.with_name(f"{out.name}.part")
        if out.exists() and not force and not part.exists():
            raise _taken(out)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        file = os.fdopen(descriptor, "r+b")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise MetierError(
                f"Another process writes to {part}. Wait until it has ended.", code="batch_busy"
            ) from None
        journal = cls(out, part, file, force)
        try:
            os.fchmod(descriptor, 0o600)
            header = {"metier_batch": _FORM, "input_sha256": batch.digest, "about": dict(about)}
            journal._read(batch, header)
        except BaseException:
            file.close()
            raise
        return journal

    def __contains__(self, custom_id: object) -> bool:
        return custom_id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def add(self, custom_id: str, record: bytes, failed: bool) -> None:
        """Keeps the answer of a request; it is on the disk when this returns.

        Raises:
            MetierError: it can't be written. Then the run can only end; it can go on later.
        """
        with self._lock, self._written(self._part):
            if self._file.closed or custom_id in self._places:
                return
            self._append(record)
            self._places[custom_id] = (self._end - len(record) - 1, len(record) + 1)
            self.failed += failed

    def finish(self, batch: Batch) -> None:
        """Puts the answers in their file, in the order of the requests.

        Raises:
            MetierError: it can't be written, or a file of that name has come meanwhile; the
                answers stay in the part.
        """
        with self._written(self._out):
            self._finish(batch)

    def _finish(self, batch: Batch) -> None:
        temporary = self._out.with_name(f".{self._out.name}.{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with self._lock, os.fdopen(descriptor, "wb") as file:
                for line in batch.lines:
                    start, size = self._places[line.custom_id]
                    self._file.seek(start)
                    file.write(self._file.read(size))
                file.flush()
                os.fsync(file.fileno())
            self._place(temporary)
            self._part.unlink(missing_ok=True)
        finally:
            temporary.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the file. What is kept stays."""
        with self._lock, suppress(OSError):  # what could not be written was told already
            self._file.close()

    @contextmanager
    def _written(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MetierError(
                f"{path} can't be written: {error.strerror or type(error).__name__}. What was "
                "answered is kept: mend that, such as a full disk, and give the same command "
                "again.",
                code="batch_unwritable",
            ) from None

    def _place(self, temporary: Path) -> None:
        if self._force:
            temporary.replace(self._out)
            return
        try:
            os.link(temporary, self._out)  # never replaces what came there meanwhile
        except FileExistsError:
            # The same is there where a run was ended between this and the removal of the part.
            if not filecmp.cmp(temporary, self._out, shallow=False):
                raise _taken(self._out) from None

    def _read(self, batch: Batch, header: Mapping[str, Any]) -> None:
        """Takes in what an earlier run kept, and drops a line that was cut off."""
        first = self._file.readline()
        if not first.endswith(b"\n"):
            self._cut(0)
            self._append(orjson.dumps(header))
            return
        if _object(first) != header:
            raise MetierError(
                f"{self._part} is of a run over another file, or with other settings. Go on with "
                "those, delete it to begin anew, or write to another file.",
                code="batch_differs",
            )
        known = {line.custom_id for line in batch.lines}
        self._end = len(first)
        for record in self._file:
            if not record.endswith(b"\n"):
                break
            custom_id, status = _told(record)
            if custom_id not in known or custom_id in self._places or status is None:
                raise MetierError(
                    f"{self._part} was changed by something else than metier. Delete it to begin "
                    "anew.",
                    code="batch_damaged",
                )
            self._places[custom_id] = (self._end, len(record))
            self._end += len(record)
            self.failed += status >= 400
        self._cut(self._end)

    def _cut(self, end: int) -> None:
        self._file.truncate(end)
        self._end = end

    def _append(self, record: bytes) -> None:
        self._file.seek(self._end)
        self._file.write(record + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._end += len(record) + 1


def _told(record: bytes) -> tuple[Any, int | None]:
    """The `custom_id` of an answer, and its status; None where it holds none."""
    found = _object(record)
    response = found.get("response")
    status = response.get("status_code") if isinstance(response, dict) else None
    return found.get("custom_id"), status if isinstance(status, int) else None


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _taken(out: Path) -> MetierError:
    return MetierError(
        f"{out} exists already. Write to another file, or add --force.", code="file_exists"
    )
