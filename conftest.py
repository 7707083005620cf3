"""What holds for the tests of every package."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# Tests don't assert on time, and the machine may have other work.
settings.register_profile("metier", deadline=None)
settings.load_profile("metier")

LONGEST_FIRST = (
    "tests/test_vllm.py",
    "tests/test_open_webui.py",
    "tests/test_wheels.py",
    "tests/test_schemathesis.py",
    "tests/test_rotation.py",
    "tests/test_profile_killed.py",
    "core/tests/test_importing_killed.py",
    "core/tests/test_rolling.py",
    "core/tests/test_ray_serve.py",
    "tests/test_leaks_generated.py",
    "core/tests/test_evaluation_privacy.py",
)
"""Files with few tests that take long. A file stays on one worker, so a long one that came last
would keep one core busy while the others are idle."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those with the most tests."""
    ranks = {name: rank for rank, name in enumerate(LONGEST_FIRST)}
    files = [item.nodeid.partition("::")[0] for item in items]
    tests = Counter(files)
    order = {f: (ranks.get(f, len(ranks)), -tests[f], f) for f in tests}
    items.sort(key=lambda item: order[item.nodeid.partition("::")[0]])


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """A command that serves takes over the process's logs; the next test gets them back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = threading.excepthook, sys.unraisablehook
    yield
    if any(handler not in handlers for handler in root.handlers):
        root.handlers[:], root.level = handlers, level
        logging.captureWarnings(False)
    threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture(scope="session", autouse=True)
def one_dictionary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Any]]:
    """Jieba's dictionary is read once a process; it takes a second for each home otherwise.

    Returns: what reads it anew into a folder, for the test of that.
    """
    from metier.encoder import _terms

    folder = tmp_path_factory.mktemp("jieba")
    original = _terms._load

    @cache
    def shared() -> Any:
        return original(folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_terms, "_load", lambda _: shared())
        yield original
