"""An index that can't be written or read says so, and serves again when it can."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metier.knowledge import Index
from metier.knowledge._shard import Shard
from metier.model import Document, MetierError

SECRET = "Zebulon Quartermain"
DOCUMENTS = [
    Document(f"{n}.md", f"# Roses {n}\n\nPrune roses when the frost is over, {SECRET}.", "R", "S")
    for n in range(3)
]
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class PanicException(BaseException):
    """As the binding raises where its own code panics."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    found = Index.open(tmp_path / "index", None)
    yield found
    found.close()


def refusal(call: Any) -> str:
    with pytest.raises(MetierError) as error:
        call()
    assert error.value.code == "index_broken" and error.value.status == 503
    assert SECRET not in error.value.message and error.value.__cause__ is None
    return error.value.message


@pytest.mark.parametrize("error", [Exception(SECRET), FULL, PanicException(SECRET)])
@pytest.mark.parametrize("step", ["upsert", "remove", "flush"])
def test_a_write_that_fails_says_so_and_the_next_one_mends_it(
    index: Index, step: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("t", "d", DOCUMENTS[:1])

    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Shard, step, fail)
        message = refusal(lambda: index.add("t", "d", DOCUMENTS))
    assert "If the disk is full, make room and ingest again" in message
    assert index.search("t", "d", ["prune roses"], 5)
    assert index.add("t", "d", DOCUMENTS) == 3 and index.count("t", "d") == 3


@pytest.mark.parametrize("error", [Exception(SECRET), FULL, PanicException(SECRET)])
def test_a_read_that_fails_says_so(
    index: Index, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("t", "d", DOCUMENTS)

    def fail(*_: object, **__: object) -> None:
        raise error

    reads = {
        "rank": lambda: index.search("t", "d", ["roses"], 5),
        "payloads": lambda: index.search("t", "d", ["roses"], 5),
        "documents": lambda: index.documents("t", "d"),
        "count": lambda: index.count("t", "d"),
        "known": lambda: index.add("t", "d", DOCUMENTS),
    }
    for step, call in reads.items():
        with monkeypatch.context() as patch:
            patch.setattr(Shard, step, fail)
            assert "can't be read. If its files are damaged" in refusal(call)
    assert len(index.search("t", "d", ["roses"], 5)) == 3


def test_without_room_on_the_disk_nothing_is_written_since_that_would_end_the_process(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The binding writes through mapped memory: where the disk is full, that is SIGBUS."""
    index.add("t", "d", DOCUMENTS[:1])
    writes = {
        "new documents": lambda: index.add("t", "d", DOCUMENTS),
        "a removal": lambda: index.remove("t", "d", "0.md"),
        "a new tenant": lambda: index.add("another", "d", DOCUMENTS),
    }
    with monkeypatch.context() as patch:
        little = shutil.disk_usage("/")._replace(free=10_000_000)
        patch.setattr(shutil, "disk_usage", lambda _: little)
        for write in writes.values():
            assert "If the disk is full, make room" in refusal(write)
        assert len(index.search("t", "d", ["prune roses"], 5)) == 1
    assert index.add("t", "d", DOCUMENTS) == 3 and index.count("t", "d") == 3
    assert index.add("another", "d", DOCUMENTS) == 3


def test_an_error_of_our_own_is_not_taken_for_the_binding_s(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(Shard, "upsert", fail)
    with pytest.raises(KeyError):
        index.add("t", "d", DOCUMENTS)


LIMITED = """
import resource, sys
from pathlib import Path
from metier.knowledge import Index
from metier.model import Document, MetierError

index = Index.open(Path(sys.argv[1]), None)
article = [Document("a.md", "Prune roses when the frost is over.", "Roses", "Almanac")]
index.add("first", "d", article)
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, unlimited[1]))  # as a disk that is full
try:
    index.add("second", "d", article)
except MetierError as error:
    print(error.message)
print(len(index.search("first", "d", ["prune roses"], 5)))
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
index.add("second", "d", article)
print(len(index.search("second", "d", ["prune roses"], 5)))
index.close()
"""


def test_a_disk_that_is_full_says_so_and_the_index_serves_on(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "index")],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    message, first, second = done.stdout.splitlines()
    assert "If the disk is full, make room" in message and (first, second) == ("1", "1")


@pytest.mark.parametrize("how", ["noise", "format", "a file"])
def test_an_index_that_is_none_is_not_opened_and_lets_go_of_its_lock(
    tmp_path: Path, how: str
) -> None:
    path = tmp_path / "index"
    first = Index.open(path, None)
    first.add("t", "d", DOCUMENTS)
    first.close()
    match how:
        case "noise":
            (path / "index.json").write_bytes(b"\xff\xfe")
        case "format":
            (path / "index.json").write_text('{"format": 99}')
        case "a file":
            path = tmp_path / "file"
            path.write_text("x")
    for _ in range(2):  # a lock that stayed would make the second one say "in use"
        message = refusal(lambda: Index.open(path, None))
        assert "Check the folder" in message if how == "a file" else "metier setup" in message


def test_a_damaged_shard_says_how_to_build_it_again(tmp_path: Path) -> None:
    path = tmp_path / "index"
    first = Index.open(path, None)
    first.add("t", "d", DOCUMENTS)
    first.close()
    for file in path.rglob("segment.json"):
        file.write_bytes(b"noise")
    index = Index.open(path, None)
    assert "metier setup" in refusal(lambda: index.search("t", "d", ["roses"], 5))
    index.close()
