"""An application of the OpenAI wire on a port of this machine, for clients that need one."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from metier import config
from metier.app import Metier, make_keys
from metier.model import Actor
from metier.server import Limits, create_app, listen


@contextmanager
def served_domains(home: Path, actors: Mapping[str, Actor]) -> Iterator[str]:
    """The base URL of every installed domain, served from a fresh home.

    Args:
        home: an empty folder.
        actors: who is known, by API key. The example orders are "anna"'s.
    """
    home.chmod(0o700)
    make_keys(home)
    settings = config.Settings(
        embeddings="none",
        plugins={"support": {"database": str(home / "orders.db"), "example_owner": "anna"}},
    )
    app = Metier.open(home, settings)
    app.index_packs(app.changed_packs())
    keys = {hashlib.sha256(key.encode()).hexdigest(): actor for key, actor in actors.items()}
    with serving(create_app(app, keys=keys, limits=Limits(200_000))) as url:
        yield url


@contextmanager
def serving(asgi: Any) -> Iterator[str]:
    """The base URL of an application that is served on a port of this machine."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(asgi, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        thread.join(10)
