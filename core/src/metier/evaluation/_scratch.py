"""A home for a suite: the installation's settings and domains, and nobody's data.

Suites that hold thousands of conversations would fill the store, the audit log and
the key store of a real home with people who don't exist.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from metier import config
from metier.app import Metier, make_keys
from metier.model import Mark

_Options = TypeVar("_Options")
Measured = tuple[str, int, Mapping[str, Mark]]
"""The data set's name, the number of cases and the marks."""
Measure = Callable[[Metier, _Options], Awaitable[tuple[str, int, dict[str, Mark]]]]


@asynccontextmanager
async def scratch(
    home: Path | None = None,
    settings: config.Settings | None = None,
    plugins: Sequence[object] = (),
) -> AsyncIterator[Metier]:
    """An open metier in a home of its own that is deleted afterwards.

    Policies, plugins and their settings are those of the installation; the engine is the
    grounded one; store, keys and audit log are new. The knowledge is that of the domains'
    packs.

    Args:
        home: whose settings and embedding model are taken; `metier.config.home()` where None.
        settings: instead of those in the home's `metier.toml`.
        plugins: plugin objects besides the installed ones.

    Raises:
        MetierError: the configuration, a policy or a pack can't be used, or the embedding
            model is wanted and not there.
    """
    home = home or config.home()
    fresh = config.Settings()
    wanted = (settings or config.load(home)).model_copy(
        update={
            name: getattr(fresh, name)
            for name in (
                "engine",
                "store",
                "root",
                "key_days",
                "escrow",
                "audit",
                "actors",
                "access",
            )
        }
    )
    with tempfile.TemporaryDirectory(prefix="metier-eval-") as name:
        folder = Path(name)
        if wanted.embeddings == "minilm" and (home / "model").is_dir():
            shutil.copytree(home / "model", folder / "model")
        make_keys(folder, wanted)
        with _as_home(folder):
            async with Metier.open(folder, wanted, plugins=plugins) as app:
                app.index_packs(app.changed_packs())
                yield app


def in_scratch(measure: Measure[_Options], options: _Options) -> Measured:
    """Runs a suite that needs an app in a home of its own, from outside any event loop.

    Raises:
        MetierError: see `scratch`; and whatever the suite raises.
    """

    async def work() -> Measured:
        async with scratch() as app:
            return await measure(app, options)

    return asyncio.run(work())


class _as_home:
    """Plugins that keep files of their own look for the home in the environment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before: str | None = None

    def __enter__(self) -> None:
        self._before = os.environ.get("METIER_HOME")
        os.environ["METIER_HOME"] = str(self._folder)

    def __exit__(self, *error: object) -> None:
        if self._before is None:
            del os.environ["METIER_HOME"]
        else:
            os.environ["METIER_HOME"] = self._before
