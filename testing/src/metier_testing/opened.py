"""An open metier for the tests of a plugin."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from metier import Metier, config
from metier.app import make_keys
from metier_testing.upstream import RecordingUpstream


@asynccontextmanager
async def opened(
    *plugins: object, upstream: RecordingUpstream | None = None, **settings: Any
) -> AsyncIterator[Metier]:
    """An open metier in a home of its own, which is deleted afterwards.

    The installed plugins are there, too; the articles of `plugins` alone are indexed. Without
    the embedding model, words alone find an article, so that a test needs no set-up.

    Args:
        plugins: the objects under test, whether or not they are installed.
        upstream: a model server that answers instead of the grounded engine, and keeps what it is
            sent.
        settings: of `metier.toml`, such as `plugins={"gardening": {...}}`.

    Raises:
        MetierError: where a plugin does not work, with the reason.

    Example:
        >>> async with opened(plugin) as app:
        ...     answer = await app.respond(app.request("gardening", "When do I prune roses?"))
        ...     assert answer.citations and not answer.trace.failures
    """
    with tempfile.TemporaryDirectory(prefix="metier-test-") as name:
        home = Path(name)
        make_keys(home)
        given = {"embeddings": "none", **settings}
        if upstream is not None:
            given["engine"] = {
                "kind": "openai",
                "base_url": upstream.base_url,
                "model": "test-model",
            }
        wanted = config.Settings(**given)
        async with Metier.open(home, wanted, plugins=plugins) as app:
            own = {p.name for p in app.parts.registry.plugins if p.plugin in plugins}
            app.index_packs({d: packs for d, packs in app.changed_packs().items() if d in own})
            yield app
