"""A home for a suite: the installation's settings and domains, and nobody's data.

Suites that hold thousands of conversations would fill the store, the audit log and
the key store of a real home with people who don't exist.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from metier import config
from metier.app import Metier, make_keys
from metier.encoder import verify
from metier.evaluation._report import Measured
from metier.model import Mark

_Options = TypeVar("_Options")
Measure = Callable[[Metier, _Options], Awaitable[tuple[str, int, dict[str, Mark]]]]

_OF_SERVERS = (
    "store", "root", "keys", "key_days", "escrow", "index", "audit", "actors", "access", "telemetry"
)  # fmt: skip
"""Settings that a scratch home doesn't take: where people's data, their keys and figures are."""


@asynccontextmanager
async def scratch(
    home: Path | None = None,
    settings: config.Settings | None = None,
    plugins: Sequence[object] = (),
    *,
    own_engine: bool = False,
    packs: bool = True,
) -> AsyncIterator[Metier]:
    """An open metier in a home of its own that is deleted afterwards.

    Policies, plugins and their settings, the operator's rules and the embedding model are
    those of the installation; store, keys, index and audit log are new. The knowledge is
    that of the domains' packs. What a plugin reaches outside the home, such as a database
    that its settings name, is the real one.

    Args:
        home: whose settings and embedding model are taken; `metier.config.home()` where None.
        settings: instead of those in the home's `metier.toml`.
        plugins: plugin objects besides the installed ones.
        own_engine: answer with the installation's engine, and not with the grounded one.
        packs: index the packs of all domains at once.

    Raises:
        MetierError: the configuration, a policy or a pack can't be used, or the embedding
            model is wanted and not there.
    """
    home = home or config.home()
    fresh = config.Settings()
    new = _OF_SERVERS if own_engine else (*_OF_SERVERS, "engine")
    wanted = (settings or config.load(home)).model_copy(
        update={name: getattr(fresh, name) for name in new}
    )
    with tempfile.TemporaryDirectory(prefix="metier-eval-") as name:
        folder = Path(name)
        if wanted.embeddings == "minilm":
            verify(home / "model")
            shutil.copytree(home / "model", folder / "model")
        if (home / "rules").is_dir():
            shutil.copytree(home / "rules", folder / "rules")
        make_keys(folder, wanted)
        with _as_home(folder):
            async with Metier.open(folder, wanted, plugins=plugins) as app:
                if packs:
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
