"""A metier to be measured, in a process of its own: `python -m benchmarks._serving.served …`."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from metier import config, hookimpl
from metier.app import Metier, make_keys
from metier.encoder import build_model
from metier.model import Actor, Manifest
from metier.server import Limits, create_app, listen, serve

KEY = "bench"


class Plain:
    """A domain that adds nothing, so that what is measured is the way through."""

    @hookimpl
    def domain(self) -> Manifest:
        return Manifest("plain", "Plain", "Passes on.", languages=("en", "zh"))


STORE, KEYS, OWNER = "BENCHMARK_STORE_URL", "BENCHMARK_KEYS_URL", "BENCHMARK_OWNER_URL"
"""Variables with the URLs of the databases that several processes share, where they do."""


def _shared() -> dict[str, Any]:
    """The settings of a store that several processes share; none where each has its own."""
    if STORE not in os.environ:
        return {}
    store = config.StoreSettings(url_env=STORE, owner_url_env=OWNER if OWNER in os.environ else "")
    return {"store": store, "keys": config.KeysSettings(url_env=KEYS)}


def main(home: Path, kind: str, upstream: str, model: str) -> None:
    """Serves until it is killed; prints its port.

    Args:
        kind: "rules" hides what rules find, "names" also names; "all" is a whole domain.
        upstream: the base URL of the model.
    """
    home.mkdir(mode=0o700, exist_ok=True)
    shared = _shared()
    make_keys(home, config.Settings(**shared))
    if kind == "all":
        build_model(home / "model")
    engine = config.EngineSettings(kind="openai", model=model, base_url=upstream)
    names = "rules" if kind == "rules" else "model"
    settings = config.Settings(
        embeddings="minilm" if kind == "all" else "none",
        engine=engine,
        privacy=config.PrivacySettings(names=names),
        **shared,
    )
    app = Metier.open(home, settings, plugins=[Plain()])
    if kind == "all":
        app.index_packs(app.changed_packs())
    platform = Actor("default", "platform", may_act_for=frozenset({"*"}))
    keys = {hashlib.sha256(KEY.encode()).hexdigest(): platform}
    served = create_app(app, keys=keys, limits=Limits())
    listener = listen("127.0.0.1", 0)
    print(listener.getsockname()[1], flush=True)
    serve(served, listener)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:5])
